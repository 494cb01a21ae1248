"""Who wrote which part of which object last.

The heap keeps a record for every object that the user's names lead to: tokens of its
parts as they were at the last look, and the steps that wrote them. It holds no reference
to the objects themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field

from jupyter_slicer.domain.dependence import Voucher
from jupyter_slicer.domain.location import root_name
from jupyter_slicer.domain.step import Step
from jupyter_slicer.recording.describe import (
    SUBCLASSES,
    Description,
    Key,
    Looker,
    Memory,
    Ref,
    TooCostly,
)
from jupyter_slicer.recording.glance import (
    Contents,
    Glance,
    children_if_unchanged,
    reader_of,
    take_glance,
)
from jupyter_slicer.values.look import address

ORIGIN = Step(-1)
"""The writer of everything that was there before recording began."""
NOBODY = Step(-2)
"""The writer of what IPython itself keeps among the user's names: no program needs it."""


@dataclass(slots=True)
class Suspicion:
    """Statements that may have changed an object that was too costly to look at.

    Settled by a later look: unchanged since the last one clears them all.
    """

    serial: int
    steps: list[Step] = field(default_factory=list)


@dataclass(slots=True)
class ObjectRecord:
    """What is known of one object."""

    kind: type
    parts: dict[Key, Hashable]
    created: Step
    writers: dict[Key, tuple[Step, ...]] = field(default_factory=dict)
    children: tuple[Hashable, ...] = ()
    cached: tuple[Hashable, ...] = ()
    """Those to which only a library's cache leads."""
    globals: frozenset[str] = frozenset()
    mentions: frozenset[str] = frozenset()
    opaque: str | None = None
    labels: dict[Step, tuple[str, ...]] = field(default_factory=dict)
    """What the object was called by the statements that changed it."""
    suspicion: Suspicion | None = None
    unseen: bool = False
    """Content has never been read: it cost too much."""
    glance: Glance | None = None
    """Tells at a low price that nothing has changed since ``parts`` were taken."""
    read: Contents | None = None
    """How what the object holds is compared with it."""

    @property
    def is_as_created(self) -> bool:
        """Nothing is known to have written it since, and nothing may have."""
        return not (self.writers or self.opaque or self.unseen or self.suspicion)

    def writers_of(self, key: Key) -> tuple[Step, ...]:
        return self.writers.get(key) or (self.created,)

    def all_writers(self, subclasses: bool = False) -> Iterator[Step]:
        yield self.created
        for part, steps in self.writers.items():
            if part != SUBCLASSES or subclasses:
                yield from steps


@dataclass(frozen=True, slots=True)
class Source:
    """A statement that a read goes back to."""

    step: Step
    where: str
    voucher: Voucher = Voucher.OBSERVED
    suspicion: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A part of an object was seen to differ from the last look."""

    key: Hashable
    part: Key
    known: bool
    """False for an object that was not there before."""


class Heap:
    """Records by identity, kept up to date by looking."""

    def __init__(self, looker: Looker) -> None:
        self.looker = looker
        self.records: dict[Hashable, ObjectRecord] = {}
        looker.known = self.records
        self.settled: set[int] = set()
        """Serials of suspicions that turned out to be unfounded."""
        self.stale = False
        """Whether an object may have gone since the last sweep, and its address with it."""
        self._serial = 0
        self.node_limit = 20_000

    # -- looking -------------------------------------------------------------------

    def look(
        self,
        roots: Iterable[object],
        step: Step,
        reached: Callable[[Hashable], bool] = lambda key: True,
        seen: set[Hashable] | None = None,
        suspect: bool = True,
    ) -> list[Change]:
        """Describe everything that roots lead to and blame ``step`` for what differs.

        ``reached`` says whether the statement read an object as a whole: then earlier
        writers are behind it already, and it replaces them. ``suspect``: what is too
        costly to look at is taken to have been changed, perhaps.
        """
        changes: list[Change] = []
        seen = set() if seen is None else seen
        stack = [r for r in roots if not self.looker.is_atom(r)]
        records, limit = self.records, self.node_limit
        while stack:
            value = stack.pop()
            kind = type(value)
            key = value.key if type(value) is Memory else address(value)
            if key in seen:
                continue
            seen.add(key)
            if len(seen) > limit:
                if suspect:
                    self._suspect_all([value, *stack], step)
                break
            record = records.get(key)
            if record is not None and record.glance is not None and record.kind is kind:
                assert record.read is not None
                children = children_if_unchanged(value, record.glance, record.read)
                if children is not None:
                    stack += children
                    continue
            stack += self._look_at(record, key, value, step, reached, changes, suspect)
        return changes

    def _look_at(
        self,
        record: ObjectRecord | None,
        key: Hashable,
        value: object,
        step: Step,
        reached: Callable[[Hashable], bool],
        changes: list[Change],
        suspect: bool,
    ) -> list[object]:
        if type(value) is Memory:
            found = Description(dict(value.parts), (), value.opaque)
        else:
            try:
                found = self.looker.describe(value)
            except TooCostly:
                if suspect:
                    self._suspect(key, type(value), step)
                return []
            except Exception as error:
                why = f"{type(value).__name__} ({type(error).__name__})"
                found = Description({}, (), why)
        parts = found.parts
        if record is None or record.kind is not type(value):
            record = self.records[key] = ObjectRecord(type(value), parts, step)
            changes.append(Change(key, "*", known=False))
        elif record.unseen:
            record.unseen = False
            record.parts = parts
            if suspect and step != record.created:  # it may have changed it before this look
                record.writers["*"] = tuple(dict.fromkeys((*record.writers_of("*"), step)))
        else:
            if parts != record.parts:
                self._compare(record, key, parts, step, reached(key), changes)
            elif record.suspicion is not None:
                self.settled.add(record.suspicion.serial)
            record.suspicion = None
        record.opaque = found.opaque
        record.globals = found.globals
        record.mentions = found.mentions
        keys = [c.key if type(c) is Memory else address(c) for c in found.children]
        if found.cached:
            record.children = tuple(k for k in keys if k not in found.cached)
            record.cached = tuple(k for k in keys if k in found.cached)
        else:
            record.children, record.cached = tuple(keys), ()
        record.glance = None if type(value) is Memory else take_glance(value, found)
        record.read = reader_of(type(value)) if record.glance is not None else None
        return found.children

    def _compare(
        self,
        record: ObjectRecord,
        key: Hashable,
        parts: dict[Key, Hashable],
        step: Step,
        replaces: bool,
        changes: list[Change],
    ) -> None:
        old = record.parts
        suspects = tuple(record.suspicion.steps) if record.suspicion else ()
        if record.suspicion is not None and step not in suspects and step != ORIGIN:
            suspects = (*suspects, step)
        missing = object()
        for part in [*parts, *(p for p in old if p not in parts)]:
            if old.get(part, missing) == parts.get(part, missing):
                continue
            if suspects:
                record.writers[part] = tuple(
                    dict.fromkeys((*record.writers_of(part), *suspects))
                )
            elif (replaces and part != SUBCLASSES) or (
                isinstance(part, tuple) and part in parts
            ):
                record.writers[part] = (step,)
            else:
                record.writers[part] = (*record.writers_of(part), step)
            changes.append(Change(key, part, known=True))
            self.stale = self.stale or type(old.get(part)) is Ref or part == "*"
        record.parts = parts

    def _suspect(self, key: Hashable, kind: type, step: Step) -> None:
        record = self.records.get(key)
        if record is None or record.kind is not kind:
            self.records[key] = ObjectRecord(kind, {}, step, unseen=True)
            return
        if record.unseen:
            record.writers["*"] = tuple(dict.fromkeys((*record.writers_of("*"), step)))
            return
        if record.suspicion is None:
            self._serial += 1
            record.suspicion = Suspicion(self._serial)
            record.glance = None
        if step not in record.suspicion.steps:
            record.suspicion.steps.append(step)

    def _suspect_all(self, values: list[object], step: Step) -> None:
        """Whatever has not been looked at is behind one of these."""
        for value in values:
            self._suspect(
                value.key if type(value) is Memory else address(value), type(value), step
            )

    def assume_written(self, keys: Iterable[Hashable], step: Step) -> list[Change]:
        """A statement had its hands on objects that cannot be looked into."""
        changes = []
        for key in keys:
            record = self.records.get(key)
            if record is not None and record.opaque is not None and record.created != step:
                record.writers["*"] = (step,)
                changes.append(Change(key, "*", known=True))
        return changes

    # -- reading -------------------------------------------------------------------

    def read_all(
        self,
        key: Hashable,
        where: str,
        reach: dict[Hashable, str],
        sources: set[Source],
        subclasses: bool = False,
    ) -> tuple[set[str], set[str]]:
        """Everything that an object's whole content goes back to.

        What a library has computed and kept is computed again from the rest, so nothing
        is needed for its being there; but what was changed within it since, is.
        Objects met are added to ``reach``. Gives the global names that functions among
        them would load, and all names that their code mentions.
        """
        names: set[str] = set()
        mentions: set[str] = set()
        untouched: set[Step] = set()
        records = self.records
        stack: list[Hashable] = [key]
        cached: list[Hashable] = []
        while stack or cached:
            computed = not stack  # whatever led to caches has been met before
            at = cached.pop() if computed else stack.pop()
            if at in reach:
                continue
            record = records.get(at)
            if record is None:
                continue
            reach[at] = where
            (cached if computed else stack).extend(record.children)
            cached += record.cached
            if record.is_as_created:
                if not computed:
                    untouched.add(record.created)
            else:
                for step in set(record.all_writers(subclasses)):
                    sources.add(self._source(record, step, where))
                self._add_suspects(record, where, sources)
            if record.mentions or record.globals:
                names |= record.globals
                mentions |= record.mentions
        sources.update(Source(step, where) for step in untouched)
        return names, mentions

    def read_part(
        self, key: Hashable, part: Key, where: str, sources: set[Source]
    ) -> Hashable | None:
        """The writers of one part; gives its token, None where there is no such part."""
        record = self.records.get(key)
        if record is None or part not in record.parts:
            return None
        needed = [part, "index"] if "index" in record.parts else [part]
        for each in needed:
            for step in record.writers_of(each):
                sources.add(self._source(record, step, where))
        self._add_suspects(record, where, sources)
        return record.parts[part]

    def _source(self, record: ObjectRecord, step: Step, where: str) -> Source:
        names = record.labels.get(step)
        if names is not None and root_name(where) not in names:
            where = names[0]
        assumed = (record.opaque is not None and step != record.created) or record.unseen
        return Source(step, where, Voucher.ASSUMED if assumed else Voucher.OBSERVED)

    def _add_suspects(self, record: ObjectRecord, where: str, sources: set[Source]) -> None:
        if record.suspicion is not None:
            for step in record.suspicion.steps:
                sources.add(Source(step, where, Voucher.ASSUMED, record.suspicion.serial))

    # -- forgetting ----------------------------------------------------------------

    def let_go(self, keys: Iterable[Hashable]) -> None:
        """Names no longer lead to these objects."""
        self.stale = self.stale or any(key in self.records for key in keys)

    def sweep(self, roots: Iterable[Hashable]) -> None:
        """Forget the records of objects that no name leads to any more."""
        self.stale = False
        live: set[Hashable] = set()
        stack = [key for key in roots if key in self.records]
        while stack:
            key = stack.pop()
            if key in live:
                continue
            live.add(key)
            record = self.records.get(key)
            if record is not None:
                stack += record.children + record.cached
        for key in [key for key in self.records if key not in live]:
            del self.records[key]


def ref_key(token: Hashable | None) -> Hashable | None:
    return int(token.imag) if type(token) is Ref else None
