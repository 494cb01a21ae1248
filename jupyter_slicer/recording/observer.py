"""One statement at a time: what it could read before it ran, what it changed after.

Before a statement runs, its text says which names it uses; the heap says which earlier
statements their values go back to. After it ran, everything it could have touched is
looked at again, and what differs is its doing.
"""

from __future__ import annotations

import ast
import fnmatch
import itertools
import os
import re
import time
import types
from collections import deque
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jupyter_slicer.analysis.facts import SEEDING, Access, StatementFacts
from jupyter_slicer.domain.dependence import Voucher
from jupyter_slicer.domain.location import CURRENT_FIGURE
from jupyter_slicer.domain.step import Step
from jupyter_slicer.recording.ambient import AmbientWatch, StatementUse
from jupyter_slicer.recording.budget import Budget
from jupyter_slicer.recording.counters import Counters
from jupyter_slicer.recording.describe import (
    IDENTIFIERS,
    MANY,
    Key,
    Looker,
    atom_token,
    is_library_module_name,
    is_value,
    module_name,
)
from jupyter_slicer.recording.environment import EnvironmentLog
from jupyter_slicer.recording.files import FileEvents, FileWatch, existing_files
from jupyter_slicer.recording.heap import NOBODY, ORIGIN, Change, Heap, Source, ref_key
from jupyter_slicer.recording.hidden import CALLBACKS, HiddenState, Submodules, root_module
from jupyter_slicer.recording.identity import Bindings
from jupyter_slicer.recording.installed import is_installed
from jupyter_slicer.recording.patches import PatchWatch
from jupyter_slicer.recording.pyplot import PyplotWatch, is_pyplot
from jupyter_slicer.values.look import Kinds, address

_perf_counter = time.perf_counter
_getcwd, _isfile = os.getcwd, os.path.isfile
# Users patch ``os`` and ``time``: these are ours.

PATIENCE = 60.0
"""Seconds for which somebody who asks for a slice may wait until everything is looked at."""
A_PIECE = 0.05
"""Seconds that may be spent on what one name leads to while nobody waits."""
LOOK_AT_ALL = 1500
"""Up to so many known objects, every statement is followed by a look at all of them."""
REST = 0.0003
"""Seconds that such a look may take after any statement."""

_IMPLIED = {
    "parse_args": ("argv",), "parse_known_args": ("argv",), "copy": ("copyreg",),
    "deepcopy": ("copyreg",), "dumps": ("copyreg",), "dump": ("copyreg",),
    "encode": ("codecs",), "decode": ("codecs",), "raise_signal": ("signal",),
    "kill": ("signal",), "localtime": ("tzset",), "strftime": ("tzset",),
    "print": ("stdout",),
}  # fmt: skip
"""Functions that read what their own text does not name."""

_TEXT_WORDS = frozenset(
    "repr str print format display to_string to_html to_markdown info join write array2string "
    "array_repr array_str ascii dumps substitute safe_substitute pformat".split()
)
_CODE_WORDS = frozenset(
    "eval exec globals locals vars dir timeit __main__ f_globals f_locals".split()
)
_DRAWING = frozenset(
    "random randint rand randn randrange choice choices sample uniform normal gauss integers "
    "random_sample standard_normal getrandbits permutation".split()
)
"""Calls that draw: ``seed(random())`` depends on what was there before."""
_ALL_OF = frozenset("items values keys copy".split())
_MARKED = re.compile(r"@([^\W\d]\w*)")
_NUMBERS_AND_TEXT = Kinds(int, float, complex, str, bytes)
_FILE_WORDS = frozenset(
    "exists isfile isdir is_file is_dir stat getsize getmtime lexists access glob iglob rglob "
    "iterdir walk readlink islink is_symlink samefile".split()
)

_GLOBBING = frozenset("glob iglob rglob".split())
_LISTING = frozenset("iterdir walk listdir scandir".split())
_WILD = re.compile(r"[*?\[]")


@dataclass(slots=True)
class Observation:
    """Everything found out about one statement instance."""

    step: Step
    facts: StatementFacts
    sources: set[Source] = field(default_factory=set)
    defined: set[str] = field(default_factory=set)
    """Names bound to another object than before."""
    deleted: set[str] = field(default_factory=set)
    groups: list[tuple[str, ...]] = field(default_factory=list)
    """For each object that was there before and changed, the names that lead to it."""
    changed: list[Change] = field(default_factory=list)
    ambient: dict[str, set[str]] = field(default_factory=dict)
    seeded: set[str] = field(default_factory=set)
    files: FileEvents = field(default_factory=FileEvents)
    inputs: set[str] = field(default_factory=set)
    mentioned: dict[str, set[Source]] = field(default_factory=dict)
    """Files that its text names, and who wrote them before it."""
    outside: dict[str, None] = field(default_factory=dict)
    """Named sources of nondeterminism: network, an unseeded generator."""
    displays: dict[str, str] = field(default_factory=dict)
    """``_`` and its like, as the ``_3`` that they stood for when it ran."""
    reach: dict[Hashable, str] = field(default_factory=dict)
    hands_on: set[Hashable] = field(default_factory=set)
    """Objects that it may have changed, by the text."""
    names: set[str] = field(default_factory=set)
    """All names of the notebook that it uses, those inside called functions included."""
    libraries: set[str] = field(default_factory=set)
    mentions: set[str] = field(default_factory=set)
    resolved: list[tuple[str, tuple[str | int, ...], Access]] = field(default_factory=list)
    """Variables that were taken as keys, what they held, and what they are keys of."""
    draws: bool = False
    """Whether it may have drawn on the current figure."""
    started: float = 0.0


class Observer:
    """Follows one namespace."""

    def __init__(self, user_ns: dict[str, object], ignored: Iterable[str]) -> None:
        self.ns = user_ns
        self.ignored = frozenset(ignored)
        self.budget = Budget()
        self.looker = Looker(user_ns, self.budget.afford)
        self.heap = Heap(self.looker)
        self.ambient = AmbientWatch()
        self.environment = EnvironmentLog()
        self.files = FileWatch()
        self.patches = PatchWatch(user_ns)
        self.counters = Counters()
        self.pyplot = PyplotWatch()
        self.bindings: set[str] = set()
        """The user's names as of the last boundary."""
        self.born: dict[str, Step] = {}
        """Where each name was first bound since it was last unbound."""
        self.taken: set[str] = set()
        """Names of IPython's that the user's own text has bound, as in ``for _ in x``."""
        self._held = Bindings()
        self._values: dict[str, Hashable] = {}
        self.variables: dict[str, tuple[Step, ...]] = {}
        self.ambient_writers: dict[tuple[str, str], tuple[Step, ...]] = {}
        self.file_writers: dict[str, tuple[Step, ...]] = {}
        self.current: Observation | None = None
        self.hidden = HiddenState()
        self.submodules = Submodules()
        self._outside: list[Any] = []
        """Identities of what patches have put into libraries."""
        self._overlooked: deque[Step] = deque(maxlen=200)
        """Statements since the last look at everything."""
        self._looked: dict[str, Step] = {}
        """After which of them each name's value was looked at, if after any."""
        self._rest_cost = 0.0
        """Seconds that the last look at everything else took."""
        self._since_rest = 0.0
        """Seconds that the user's statements have taken since then."""

    # -- on and off ----------------------------------------------------------------

    def start(self) -> None:
        """Take everything that is there as coming from before."""
        self.files.start()
        self.environment.start()
        self.ambient.start()
        for name in self.rebound()[0]:
            self.variables[name] = (ORIGIN,)
        if any(not n.startswith("__") for n in self.bindings):  # some may run by themselves
            self.files.listen()
        with self.budget.generous(2.0):
            self.heap.look([self.ns[n] for n in self.bindings], ORIGIN)
            self.heap.look(list(self.ns.values()), NOBODY)
        self.pyplot.active()

    def stop(self) -> None:
        self.files.stop()
        self.environment.stop()

    def rebound(self, by_text: Collection[str] = ()) -> tuple[set[str], set[str]]:
        """Names bound to another object than at the last call, and names gone.

        ``by_text``: what the user's text binds, whosever name it was.
        """
        before = self._held.rebound(self.ns)
        mine = {n for n in before if self._is_the_users(n, by_text)}
        bound = mine & self.ns.keys()
        for name in mine - bound:
            self.bindings.discard(name)
        self.bindings |= bound
        self.heap.let_go(before[name] for name in mine)
        for name in mine:
            self._note_value(name)
        return bound, mine - bound

    def _is_the_users(self, name: str, by_text: Collection[str]) -> bool:
        if name not in self.ignored and not _is_history(name):
            return True
        if name in by_text:
            self.taken.add(name)
            return True
        if name in self.taken:  # IPython has it back
            self.taken.discard(name)
            self.bindings.discard(name)
            del self.variables[name]
        return False

    def _note_value(self, name: str) -> None:
        """A number's address may be taken by the next one: numbers are told by value."""
        value = self.ns.get(name)
        if type(value) in _NUMBERS_AND_TEXT or is_value(type(value)):
            self._values[name] = atom_token(value)
        else:
            self._values.pop(name, None)

    def _same_address(self, seen: Observation) -> set[str]:
        """Names whose value is another one at the address of the one before."""
        could = (seen.facts.defines | seen.names | seen.mentions) & self._values.keys()
        found = {
            name
            for name in could
            if name in self.ns and atom_token(self.ns[name]) != self._values[name]
        }
        for name in found:
            self._note_value(name)
        return found

    # -- before a statement --------------------------------------------------------

    def open(self, step: Step, facts: StatementFacts) -> None:
        """The statement is about to run: resolve what it reads, as things stand."""
        if not self.files.listens and not _touches_no_files(facts):
            self.files.listen()
        seen = self.current = Observation(step, facts, mentions=set(facts.mentions))
        self._read_text(facts, seen)
        if self._caught_up(seen.names):
            seen = self.current = Observation(step, facts, mentions=set(facts.mentions))
            self._read_text(facts, seen)
        for access in facts.stores:
            self._read_target(access, seen)
        for name in facts.deletes:
            self._variable_sources(name, seen)
        self._read_ambient(seen)
        self.submodules.named(facts, seen.sources)
        self._read_mentioned_files(seen)
        self.patches.before(facts, seen.mentions, seen.libraries)
        self._read_patches(seen)
        self.pyplot.before(self._pyplot_within(seen))
        self.environment.take()
        seen.started = _perf_counter()

    def _read_text(self, facts: StatementFacts, seen: Observation) -> None:
        """What the text reads, and names that its strings may turn into."""
        for access in facts.reads:
            self._read(access, seen)
        done = {access.name for access in facts.reads}
        while found := self._names_in_strings(facts, seen) - done:
            for name in found:
                self._read(Access(name), seen)
            done |= found

    def _caught_up(
        self, names: Iterable[str], visited: set[Hashable] | None = None, suspect: bool = False
    ) -> bool:
        """Look at what is about to be read, if it may have changed since the last look.

        Then statements that were not followed by a look at everything are behind it, and
        those that started what runs by itself.
        """
        by_themselves = tuple(self.hidden.steps(CALLBACKS))
        behind: dict[Step, list[object]] = {}
        for name in names:
            if name in self.ns:
                behind.setdefault(self._looked.get(name, ORIGIN), []).append(self.ns[name])
        visited = set() if visited is None else visited
        found = False
        for last, roots in sorted(behind.items(), key=lambda item: -item[0]):
            missed = (s for s in self._overlooked if s > last)
            steps = tuple(dict.fromkeys((*missed, *by_themselves)))
            if steps:
                changes = self.heap.look(roots, steps[-1], lambda k: False, visited, suspect)
                found |= self._blame(changes, steps)
        return found

    def _blame(self, changes: list[Change], steps: tuple[Step, ...]) -> bool:
        """All of some statements may have made each change to what was there before."""
        known = [change for change in changes if change.known]
        for change in known:
            record = self.heap.records[change.key]
            writers = (*record.writers_of(change.part), *steps)
            record.writers[change.part] = tuple(dict.fromkeys(writers))
        return bool(known)

    def _names_in_strings(self, facts: StatementFacts, seen: Observation) -> set[str]:
        """Variables that a string is likely to name: ``eval("a")``, ``df.query("@a")``."""
        code = bool(seen.mentions & _CODE_WORDS)
        texts = list(facts.strings)
        for name in seen.names:
            texts += _texts_in(self.ns.get(name))
        if code:
            texts += seen.mentions
        if seen.mentions & {"exec", "eval"}:
            texts += self._scripts(facts.strings)
        found = {n for t in texts if code or "@" in t for n in _names_in(t, code)}
        # Other functions would be given names of their own module by it:
        #     opt = torch.optim.Adam(...)    # leads to code that torch makes, with globals()
        asks = "globals" in facts.mentions or "globals" in seen.names
        if asks:  # ``globals()["do_" + key]``
            begun = tuple(t for t in facts.strings if t.endswith("_") and t.isidentifier())
            found |= {n for n in self.bindings if n.startswith(begun)}
        if facts.takes_namespace or (asks and seen.mentions & _ALL_OF):
            # Their order is that in which they came first.
            seen.sources |= {Source(s, n) for n, s in self.born.items() if n in self.bindings}
            found |= self.bindings
        # Those that were deleted, too: ``"a" in globals()``.
        known = {n for n in found if n in self.ns or n in self.variables}
        return {n for n in known if not n.startswith("__")}

    def _scripts(self, strings: tuple[str, ...]) -> list[str]:
        """The text of Python files that a statement runs among the notebook's names."""
        self.files.muted = True
        try:
            paths = [p for p in existing_files(strings) if p.endswith((".py", ".ipy"))]
            return [text for p in paths if (text := _small_text(p)) is not None]
        finally:
            self.files.muted = False

    def _read(self, access: Access, seen: Observation) -> None:
        if access.path and access.path[-1][0] == "[n]":
            for resolved in self._resolved(access, seen):
                self._read(resolved, seen)
            return
        access = self._display_access(access, seen)
        self._read_displays(access, seen)
        name = access.name
        if name not in self.ns:
            # A deletion is a definition too: it is why the name is not there.
            self._variable_sources(name, seen)
            return
        self._variable_sources(name, seen)
        value = self.ns[name]
        seen.libraries.add(root_module(value))
        if self.looker.is_atom(value):
            self._follow_module(value, access, seen)
            return
        if access.path == () and not access.deep:
            return
        key = self._walk(address(value), access, seen)
        if key is not None:
            self._read_whole(key, str(access), seen, pure=access.pure)

    def _resolved(self, access: Access, seen: Observation) -> list[Access]:
        """``d[k]`` and ``df[names]`` with what ``k`` and ``names`` hold now."""
        path, by = access.path[:-1], str(access.path[-1][1])
        whole = Access(access.name, path, True, access.pure)
        keys = self._keys(by) if by not in seen.facts.defines else ()
        frame = module_name(type(self.ns.get(access.name))).startswith("pandas")
        if not keys or (frame and not all(type(key) is str for key in keys)):
            return [whole]
        if not frame and type(self.ns[by]) is list:
            return [whole]
        seen.resolved.append((by, keys, whole))
        return [Access(access.name, (*path, ("[]", k)), True, access.pure) for k in keys]

    def _keys(self, name: str) -> tuple[str | int, ...]:
        """The key that a variable is, or the keys that it lists."""
        held = self.ns.get(name)
        listed = list(held) if type(held) is list and len(held) <= MANY else [held]
        keys = tuple(key for key in listed if type(key) is str or type(key) is int)
        return keys if len(keys) == len(listed) else ()

    def _walk(self, key: Hashable, access: Access, seen: Observation) -> Hashable | None:
        """Follow a constant path; gives the object that is read as a whole, if any."""
        label = access.name
        for op, item in access.path:
            record = self.heap.records.get(key)
            if record is None:
                return None
            part: Key | None = (op, item)
            if op == "[]" and isinstance(item, int) and item < 0 and ("[]", 0) in record.parts:
                part = (
                    "[]",
                    sum(type(p) is tuple and p[0] == "[]" for p in record.parts) + item,
                )
            if op == "." and part not in record.parts:
                part = _frame_part(record.kind, str(item), record.parts)
            if part is None or (op == "[]" and _overrides_items(record.kind)):
                return key
            where = f"{label}.{item}" if op == "." else f"{label}[{item!r}]"
            token = self.heap.read_part(key, part, where, seen.sources)
            if token is None:
                return key
            seen.hands_on.add(key)
            label = where
            inner = ref_key(token)
            if inner is None:
                return None
            key = inner
        return key if access.deep else None

    def _read_whole(self, key: Hashable, where: str, seen: Observation, pure: bool) -> None:
        before = len(seen.reach)
        names, mentions = self.heap.read_all(
            key, where, seen.reach, seen.sources, "__subclasses__" in seen.mentions
        )
        found = [*itertools.islice(seen.reach, before, None)]
        if not pure:
            seen.hands_on.update(found or [key])
        seen.mentions |= mentions
        kinds = {address(kind): kind for k in found for kind in (self.heap.records[k].kind,)}
        seen.libraries |= {module_name(k).partition(".")[0] for k in kinds.values()}
        for name in names:
            if name not in seen.names:
                seen.names.add(name)
                self._read(Access(name), seen)

    def _variable_sources(self, name: str, seen: Observation) -> None:
        seen.names.add(name)
        for step in self.variables.get(name, ()):
            seen.sources.add(Source(step, name))

    def _display_access(self, access: Access, seen: Observation) -> Access:
        """``_``, ``__`` and ``Out[3]`` are read as the ``_3`` that they stand for."""
        name = access.name
        if name in self.taken:
            return access
        if name in ("_", "__", "___") and name in self.ns:
            out = self.ns.get("Out")
            if isinstance(out, dict):
                for count in sorted((k for k in out if isinstance(k, int)), reverse=True)[:3]:
                    if self.ns[name] is out[count] and f"_{count}" in self.ns:
                        seen.displays[name] = f"_{count}"
                        return Access(f"_{count}", access.path, access.deep, access.pure)
        if name in ("Out", "_oh") and access.path and access.path[0][0] == "[]":
            alias = f"_{access.path[0][1]}"
            if alias in self.ns:
                return Access(alias, access.path[1:], access.deep, access.pure)
        return access

    def _read_displays(self, access: Access, seen: Observation) -> None:
        """``Out`` as a whole is all that has been displayed."""
        out = self.ns.get("Out")
        if (
            access.name in ("Out", "_oh")
            and type(out) is dict
            and access.name not in self.taken
        ):
            for count in out:
                self._read(Access(f"_{count}", (), access.deep, access.pure), seen)

    def _follow_module(self, value: object, access: Access, seen: Observation) -> None:
        """A path through library modules may end at state that has a record."""
        self.submodules.read(access, value, seen.sources)
        for op, item in access.path:
            if op != "." or type(value) is not types.ModuleType:
                return
            seen.libraries.add(value.__name__.partition(".")[0])
            value = vars(value).get(str(item))
            seen.libraries.add(root_module(value))
            if address(value) in self.heap.records:
                self._read_whole(address(value), str(access), seen, access.pure)
                return

    def _read_target(self, access: Access, seen: Observation) -> None:
        """The object that an item or attribute is stored in, read as far as that needs."""
        if access.name not in self.ns:
            return
        value = self.ns[access.name]
        seen.libraries.add(root_module(value))
        if self.looker.is_atom(value):
            return
        path = access.path if access.deep else access.path[:-1]
        key = self._walk(address(value), Access(access.name, path, deep=True), seen)
        record = self.heap.records.get(key) if key is not None else None
        if record is None or key is None:
            return
        seen.hands_on.add(key)
        last = None if access.deep else access.path[-1]
        if module_name(record.kind) == "numpy":  # ``a[0, 1] = 2`` needs its shape, and leave
            self.heap.read_part(key, "#", str(access), seen.sources)
        if not _stores_simply(record.kind, last, access.deletes):
            self._read_whole(key, str(access), seen, pure=False)

    def _read_ambient(self, seen: Observation) -> None:
        if not self.ambient_writers:
            return
        use = self._use(seen)
        for (name, part), steps in self.ambient_writers.items():
            probe = self.ambient.probes.get(name)
            if probe is None:
                continue
            wanted = probe.reads(use)
            if wanted is True or (wanted is not False and _matches(part, wanted)):
                for step in steps:
                    seen.sources.add(Source(step, state_of(name), Voucher.STATIC))

    def _use(self, seen: Observation) -> StatementUse:
        facts = seen.facts
        return StatementUse(
            mentions=frozenset(seen.mentions),
            libraries=frozenset(seen.libraries),
            makes_text=bool(seen.mentions & _TEXT_WORDS) or "JoinedStr" in seen.mentions,
            imports=bool(facts.imports) or "import_module" in seen.mentions,
            starts_process=bool(seen.mentions & {"subprocess", "system", "Popen", "tzset"}),
        )

    def _read_patches(self, seen: Observation) -> None:
        words = seen.mentions | set(seen.facts.strings)
        words |= {w for m in seen.mentions for w in _IMPLIED.get(m, ())}
        used = self.patches.read(words, seen.libraries, seen.sources)
        used += [v for part, v in self._held_elsewhere() if part in seen.mentions]
        for value in used:
            if value is not None and address(value) in self.heap.records:
                self._read_whole(address(value), "a patch", seen, pure=False)
        known = seen.libraries | words | seen.facts.imports
        if seen.facts.compound:
            known.add("__future__")  # how functions and classes are compiled
        if "logging" not in seen.facts.mentions:
            known.discard("logging")  # functions that log do not compute with the log
        self.hidden.read(known, seen.sources)

    def _read_mentioned_files(self, seen: Observation) -> None:
        """Files that C libraries would open: those that the text or a value names."""
        texts = [*seen.facts.strings]
        for access in seen.facts.reads:
            value = self.ns.get(access.name)
            if type(value) is str:
                texts.append(value)
            elif module_name(type(value)) == "pathlib":
                texts.append(str(value))
        asks = bool(seen.mentions & _FILE_WORDS)
        self.files.muted = True
        try:
            for path in existing_files(texts[:20]):
                if path in self.file_writers and seen.facts.called:
                    seen.mentioned[path] = self._writers_of_file(path, Voucher.STATIC)
        finally:
            self.files.muted = False
        if asks:
            for path in self.file_writers:
                if self._asked_about(path, texts, seen):
                    self._file_sources(path, seen, Voucher.STATIC)

    def _asked_about(self, path: str, texts: list[str], seen: Observation) -> bool:
        """Whether a question about the file system may concern a path."""
        name = os.path.basename(path)
        if seen.mentions & (_GLOBBING | _LISTING):
            return _may_match(name, _patterns(seen, texts))
        return any(name and name in text for text in texts)

    def _file_sources(self, path: str, seen: Observation, voucher: Voucher) -> None:
        seen.sources |= self._writers_of_file(path, voucher)

    def _writers_of_file(self, path: str, voucher: Voucher) -> set[Source]:
        found = {Source(s, f"file {path}", voucher) for s in self.file_writers.get(path, ())}
        folder = os.path.dirname(path)
        while folder and folder != os.path.dirname(folder):
            for step in self.file_writers.get(folder, ()):
                found.add(Source(step, f"file {folder}", voucher))
            folder = os.path.dirname(folder)
        return found

    # -- after a statement ---------------------------------------------------------

    def close(self) -> Observation | None:
        """The statement has run, perhaps not to its end: find out what it did."""
        seen, self.current = self.current, None
        if seen is None:
            return None
        took = _perf_counter() - seen.started
        self.budget.earn(took)
        self._since_rest += took
        for name, keys, whole in seen.resolved:
            if self._keys(name) != keys:  # it was another key by the time it was used
                self._read(whole, seen)
        self._take_bindings(seen)
        self._take_objects(seen)
        self._take_ambient(seen)
        self._take_counters(seen)
        self._take_files(seen)
        self.patches.after(seen.step, seen.sources)
        self._look_at_patches(seen)
        self.files.muted = True  # the text of what was imported may be read
        self.hidden.after(seen, self.ns)
        self.files.muted = False
        self.submodules.after(seen.step, seen.facts)
        if self.heap.stale:
            self._forget()
        seen.sources = {s for s in seen.sources if s.step not in (seen.step, NOBODY)}
        return seen

    def _take_bindings(self, seen: Observation) -> None:
        seen.defined, seen.deleted = self.rebound(seen.facts.defines | seen.facts.deletes)
        seen.defined |= self._same_address(seen)
        for name in seen.deleted:  # what is not there cannot be deleted
            self._variable_sources(name, seen)
        for name in seen.defined | seen.deleted:
            self.variables[name] = (seen.step,)
        for name in seen.defined:
            self.born.setdefault(name, seen.step)
        for name in seen.deleted:
            self.born.pop(name, None)
        self._take_blind_definitions(seen)

    def _take_blind_definitions(self, seen: Observation) -> None:
        """A name bound again to an object that cannot be looked into counts as new; so does
        one of which nothing is known, as ``x = 1`` and imports that ran before recording."""
        for name in seen.facts.definite - seen.defined:
            value = self.ns.get(name)
            if self.variables.get(name) == (ORIGIN,):
                # Run once more since recording began: now it is known what makes it.
                self.variables[name] = (seen.step,)
                seen.defined.add(name)
                continue
            record = self.heap.records.get(address(value))
            if record is not None and (record.opaque or record.unseen or record.suspicion):
                self.variables[name] = (*self.variables.get(name, ()), seen.step)
                seen.defined.add(name)

    def _take_objects(self, seen: Observation) -> None:
        facts = seen.facts
        pyplot_used = self.pyplot.used(seen.facts, seen.libraries, self.ns)
        pyplot_used = seen.draws = pyplot_used or self.pyplot.changed()
        names = seen.names | seen.defined | {a.name for a in facts.stores}
        roots = [self.ns[n] for n in names if n in self.ns]
        roots += self.pyplot.figures() if pyplot_used else []
        visited: set[Hashable] = set()
        reach = seen.reach
        seen.changed = self.heap.look(roots, seen.step, lambda k: k in reach, visited)
        if len(self.heap.records) <= LOOK_AT_ALL and self._is_time_for_the_rest():
            began = _perf_counter()
            rest = [self.ns[n] for n in self.bindings if n in self.ns and n not in names]
            seen.changed += self.heap.look(
                rest, seen.step, lambda k: k in reach, visited, suspect=False
            )
            self._rest_cost, self._since_rest = _perf_counter() - began, 0.0
            self._overlooked.clear()
            self._looked.clear()
        else:
            self._overlooked.append(seen.step)
            self._looked.update(dict.fromkeys(names, seen.step))
        if pyplot_used:
            self._take_pyplot(seen)
        self._take_unexplained(seen)
        changed = self.heap.assume_written(seen.hands_on, seen.step)
        seen.changed += changed
        self._streams_written(changed, seen)
        self._name_changes(seen)

    def _is_time_for_the_rest(self) -> bool:
        """What a statement does not lead to, it seldom changes; and before that is read, it
        is looked at. So this look may cost less than the others."""
        share = self.budget.share * self._since_rest
        return self._rest_cost <= max(REST, share) and self.budget.afford(self._rest_cost)

    def _pyplot_within(self, seen: Observation) -> bool:
        """Whether functions that may be called draw with pyplot."""
        return any(is_pyplot(self.ns.get(n)) for n in seen.names - seen.facts.callers)

    def _take_unexplained(self, seen: Observation) -> None:
        """Objects that it did not lead to have changed: a thread, a finalizer did it."""
        known = [c.key for c in seen.changed if c.known]
        if any(key not in seen.reach and key not in seen.hands_on for key in known):
            self.hidden.read({CALLBACKS}, seen.sources)

    def _take_pyplot(self, seen: Observation) -> None:
        """pyplot draws on the current figure without naming it."""
        before, after = self.pyplot.before_key, self.pyplot.active()
        record = self.heap.records.get(after)
        if after is not None and (record is None or record.created == seen.step):
            return
        if before is not None and before in self.heap.records:
            self.heap.read_all(before, CURRENT_FIGURE, seen.reach, seen.sources)
            seen.hands_on.add(before)

    def _name_changes(self, seen: Observation) -> None:
        """By which of its own names a statement reached what it changed."""
        altered = {c.key for c in seen.changed if c.known}
        names_of: dict[Hashable, list[str]] = {}
        for name in sorted(seen.names | {a.name for a in seen.facts.stores}):
            if altered and name in self.ns:
                for key in self._led_to(address(self.ns[name]), altered):
                    names_of.setdefault(key, []).append(name)
        for key, names in names_of.items():
            self.heap.records[key].labels[seen.step] = tuple(names)
        seen.groups = list(dict.fromkeys(tuple(names) for names in names_of.values()))

    def _led_to(self, key: Hashable, wanted: set[Hashable]) -> set[Hashable]:
        """Those of some objects that another leads to."""
        stack, met = [key], set()
        while stack:
            at = stack.pop()
            record = self.heap.records.get(at)
            if at in met or record is None:
                continue
            met.add(at)
            stack += record.children + record.cached
        return met & wanted

    def _streams_written(self, changed: list[Change], seen: Observation) -> None:
        """Writing through an open file changes the file that it was opened on."""
        for change in changed:
            record = self.heap.records[change.key]
            path = record.parts.get("path")
            if isinstance(path, str) and path not in seen.files.written:
                seen.files.written[path] = False

    def _take_ambient(self, seen: Observation) -> None:
        for variable in self.environment.take():
            for (name, part), steps in self.ambient_writers.items():
                if name == "os.environ" and (variable is None or part == variable):
                    seen.sources.update(Source(s, f"os.environ[{part!r}]") for s in steps)
        libraries = frozenset(seen.libraries)
        everything = bool(seen.facts.imports) or bool(seen.names)
        seeding = bool(seen.mentions & SEEDING)
        for name, parts in self.ambient.changes(
            libraries, everything, seeding, seen.facts.is_import
        ).items():
            seen.ambient[name] = parts
            probe = self.ambient.probes[name]
            seeded = probe.fresh is not None and probe.fresh(self.ambient.last[name])
            seeded = (seeded or name.startswith("torch")) and seeding
            if seeded:
                seen.seeded.add(name)
            for part in parts:
                place = (name, part)
                earlier = self.ambient_writers.get(place, ())
                if name == "os.environ" and part not in os.environ:
                    seen.sources.update(Source(s, state_of(name)) for s in earlier)  # deleted
                if probe.chained and (not seeded or seen.facts.called & _DRAWING):
                    seen.sources.update(Source(s, state_of(name)) for s in earlier or (ORIGIN,))
                    if not earlier and "random" in name:
                        seen.outside[f"{name} was not seeded"] = None
                self.ambient_writers[place] = (seen.step,)

    def _take_counters(self, seen: Observation) -> None:
        made = [self.heap.records.get(c.key) for c in seen.changed if not c.known]
        self.counters.after(seen.step, [r.kind for r in made if r is not None], seen.sources)

    def _take_files(self, seen: Observation) -> None:
        events = self.files.take()
        events.written = {**seen.files.written, **events.written}
        seen.files = events
        for path, sources in seen.mentioned.items():
            if not events.written.get(path, False):
                seen.sources |= sources
        if events.network:
            seen.outside["it uses the network"] = None
        if events.relative or events.process:
            for (name, _), steps in self.ambient_writers.items():
                if name == "working folder":
                    seen.sources.update(
                        Source(s, state_of(name)) for s in steps if s != seen.step
                    )
        for path in events.read:
            for name in {path, os.path.realpath(path)}:
                self._file_sources(name, seen, Voucher.OBSERVED)
            if path in events.written and not os.path.isfile(path):
                for known in self.file_writers:  # what is in a folder moves with it
                    if known.startswith(path + os.sep):
                        self._file_sources(known, seen, Voucher.OBSERVED)
            if (
                os.path.realpath(path) not in self.file_writers
                and path not in self.file_writers
                and os.path.isfile(path)
            ):
                seen.inputs.add(path)
        patterns = _patterns(seen, seen.facts.strings)
        for folder in events.listed:
            for path in self.file_writers:
                if path.startswith(folder + os.sep) and (
                    not os.path.isfile(path) or _may_match(os.path.basename(path), patterns)
                ):
                    self._file_sources(path, seen, Voucher.OBSERVED)
        if events.process:
            for path in self.file_writers:
                self._file_sources(path, seen, Voucher.ASSUMED)
        for path, lost in events.written.items():
            self._file_sources(os.path.dirname(path), seen, Voucher.OBSERVED)
            if os.path.islink(path):
                self._file_sources(path, seen, Voucher.OBSERVED)
            for name in {path, os.path.realpath(path)}:
                earlier = () if lost else self.file_writers.get(name, ())
                self.file_writers[name] = (*earlier, seen.step)

    def _look_at_patches(self, seen: Observation) -> None:
        """What is put into libraries is the user's, though no name leads to it."""
        self._outside = self.patches.values() if self.patches.patches else []
        self._outside += [value for _, value in self._held_elsewhere()]
        if self._outside:
            self.heap.look(self._outside, seen.step, suspect=False)
        self._outside = [address(v) for v in self._outside]

    def _held_elsewhere(self) -> list[tuple[str, object]]:
        """What statements have put among the builtins, or registered as magics."""
        found = []
        for name, part in self.ambient_writers:
            probe = self.ambient.probes.get(name)
            value = probe.holds(part) if probe is not None and probe.holds is not None else None
            if value is not None:
                found.append((part, value))
        return found

    def _forget(self) -> None:
        roots = [address(value) for value in self.ns.values()]  # IPython's own names too
        roots += self._outside
        roots += [address(f) for f in self.pyplot.figures()]
        if len(self.heap.records) < 4000 or self.budget.afford(len(self.heap.records) * 3e-7):
            self.heap.sweep(roots)

    # -- questions -----------------------------------------------------------------

    def settle(self, last: Step, seconds: float = PATIENCE) -> None:
        """Look at everything that was put off; what did not change clears its suspects."""
        with self.budget.generous(seconds):
            visited: set[Hashable] = set()
            self._caught_up(self.bindings, visited, suspect=True)
            everything = [self.ns[n] for n in self.bindings if n in self.ns]
            self.heap.look(everything, last, lambda k: False, visited, suspect=False)
        if seconds >= PATIENCE:  # less may not have been enough to look at everything
            self._overlooked.clear()
            self._looked.clear()

    def has_put_off(self) -> bool:
        """Whether something was too costly to look at when it should have been."""
        records = self.heap.records.values()
        return bool(self._overlooked) or any(r.suspicion or r.unseen for r in records)

    def settling(self, last: Step) -> Iterator[None]:
        """As ``settle``, in pieces and without hurry.

        What one piece cannot pay for stays as it was; memory is then read bit by bit.
        Nothing of the user's may run before the end, or the next piece begins anew.
        """
        looker = self.looker
        looker.refused = []
        yield from self._settling_by_name(last)
        refused, looker.refused = looker.refused or [], None
        while refused:
            yield from looker.read_in_pieces(refused.pop())
            if not refused:
                yield from self._settling_by_name(last)

    def _settling_by_name(self, last: Step) -> Iterator[None]:
        visited: set[Hashable] = set()
        refusals = self.looker.refusals
        names = sorted(self.bindings, key=lambda n: -self._looked.get(n, ORIGIN))
        by_themselves = tuple(self.hidden.steps(CALLBACKS))
        for catch_up in (True, False):
            for name in names:
                with self.budget.generous(A_PIECE):
                    if catch_up:
                        self._caught_up([name], visited)
                    elif name in self.ns:
                        changes = self.heap.look(
                            [self.ns[name]], last, lambda k: False, visited, suspect=False
                        )
                        self._blame(changes, by_themselves)
                yield
        if self.looker.refusals == refusals and len(visited) <= self.heap.node_limit:
            self._overlooked.clear()
            self._looked.clear()

    def sources_of(self, facts: StatementFacts) -> Observation:
        """What an expression would go back to if it ran now."""
        seen = Observation(ORIGIN, facts, mentions=set(facts.mentions))
        self._read_text(facts, seen)
        self._read_ambient(seen)
        seen.sources = {s for s in seen.sources if s.step != NOBODY}
        return seen


def _touches_no_files(facts: StatementFacts) -> bool:
    """Whether a statement runs no code but that of installed packages as they are imported."""
    if facts.is_import:
        return all(map(is_installed, facts.modules))
    if facts.called or facts.reads or facts.stores or facts.deletes:
        return False
    # Of a line magic that is no Python, the words are left.
    return bool(facts.defines) or facts.discards or facts.strings[:1] in _SETTINGS


_SETTINGS = (("matplotlib",), ("config",))
"""Line magics that set up a library, and read nothing of the user's."""


def _is_history(name: str) -> bool:
    """``_i12`` and the like, IPython's own."""
    return name.startswith("_i") and (name[2:].isdigit() or not name[2:].strip("i"))


def _patterns(seen: Observation, texts: Iterable[str]) -> list[str]:
    """Of what is a folder asked: ``glob("*.csv")``; nothing where it may be of all there is."""
    in_functions = seen.mentions - seen.facts.mentions
    if in_functions or seen.mentions & _LISTING or not seen.mentions & _GLOBBING:
        return []
    # A part of a pattern that is put together may have more on either side.
    found = [text.rpartition("/")[2] for text in texts if _WILD.search(text)]
    return [f"*{pattern}*" for pattern in found]


def _may_match(name: str, patterns: list[str]) -> bool:
    return not patterns or any(fnmatch.fnmatch(name, p) for p in patterns)


def _small_text(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read(100_000)
    except (OSError, ValueError):
        return None


def state_of(name: str) -> str:
    """How ambient state is called among sources: ``random`` may be a variable too."""
    return f"{name} (state)"


def _matches(part: str, wanted: Iterable[str]) -> bool:
    return any(part == w or (w.endswith(".") and part.startswith(w)) for w in wanted)


def _texts_in(value: object) -> list[str]:
    """Texts that a value is, or holds if it is a small container of Python's own."""
    kind = type(value)
    if kind is types.CodeType:
        return [*value.co_names]  # type: ignore[attr-defined]
    if issubclass(kind, ast.AST):  # to be compiled and run
        return [n.id for n in ast.walk(value) if type(n) is ast.Name]  # type: ignore
    if kind is dict:
        items = [*value.keys(), *value.values()] if len(value) < 100 else []  # type: ignore
    elif kind is list or kind is tuple:
        items = list(value) if len(value) < 100 else []  # type: ignore
    else:
        items = [value]
    return [item for item in items if type(item) is str and len(item) < 10_000]


def _names_in(text: str, code: bool) -> set[str]:
    """Identifiers in a string that may be run, or marked with ``@`` as pandas does."""
    return set(IDENTIFIERS.findall(text) if code else _MARKED.findall(text))


def _overrides_items(kind: type) -> bool:
    """Whether the user's own code answers ``o[k]``."""
    return not is_library_module_name(module_name(kind))


_FRAME_PARTS = {"columns": "#", "index": "index"}


def _frame_part(kind: type, attribute: str, parts: Mapping[Key, Hashable]) -> Key | None:
    """``df.age`` is ``df["age"]``; ``df.index`` is the index alone."""
    if module_name(kind).partition(".")[0] == "pandas" and kind.__name__ == "DataFrame":
        if ("[]", attribute) in parts:
            return ("[]", attribute)
        return _FRAME_PARTS.get(attribute)
    return None


def _stores_simply(kind: type, last: tuple[str, str | int] | None, deletes: bool) -> bool:
    """Whether storing writes one part and reads no other."""
    module = module_name(kind).partition(".")[0]
    if kind is dict:
        return True
    if kind is list:
        return not deletes and last is not None and isinstance(last[1], int) and last[1] >= 0
    if module == "numpy":
        return last is None or last[0] == "[]"
    if module == "pandas":
        return kind.__name__ == "DataFrame" and last is not None and last[0] == "[]"
    if last is None or last[0] != ".":
        return False
    for base in type.__dict__["__mro__"].__get__(kind):
        members = type.__dict__["__dict__"].__get__(base)
        descriptor = members.get(str(last[1]))
        if base is not object and ("__setattr__" in members or hasattr(descriptor, "__set__")):
            return isinstance(descriptor, types.MemberDescriptorType)
    return True
