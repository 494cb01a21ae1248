"""Inside a replay's fresh process: rebuild the surroundings, restore, run, compare, tell.

What it tells goes to a file as pickled tuples, one after the other: whoever reads along
has everything that was done before the process was stopped.
"""

from __future__ import annotations

import ast
import builtins
import gc
import importlib
import io
import itertools
import json
import linecache
import os
import pickle
import sys
import time
import traceback
import types
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from jupyter_slicer.errors import CannotReplay, DamagedCheckpoint
from jupyter_slicer.hindsight.apart import apart_from_others
from jupyter_slicer.hindsight.blobs import Blobs
from jupyter_slicer.hindsight.frames import (
    can_be_watched,
    is_at_head,
    is_module_level,
    leaves,
    read_locals,
    shared_cells,
    write_locals,
)
from jupyter_slicer.hindsight.generators import (
    ambient_state,
    arithmetic_options,
    restore_ambient,
    restore_named,
    set_arithmetic_options,
)
from jupyter_slicer.hindsight.held_by_text import held_by_text, put_back
from jupyter_slicer.hindsight.leading import leads_to
from jupyter_slicer.hindsight.logs import listen, log, loop, param
from jupyter_slicer.hindsight.loops import NAME, Loop, loops_of, with_calls
from jupyter_slicer.hindsight.lost import Lost, LostPart, found_again, whole
from jupyter_slicer.hindsight.pickling import load
from jupyter_slicer.hindsight.rewritten import RewrittenFiles
from jupyter_slicer.hindsight.runs import AFTER, files_of_turn
from jupyter_slicer.values import value_digest

_ROOM = 64 << 20
"""Bytes of states that may lie about."""

_clock, _frame, _exit = time.perf_counter, sys._getframe, os._exit


def main(request: str) -> None:
    """The program of the process; never returns."""
    replay = Replay(json.loads(request), vars(sys.modules["__main__"]))
    try:
        replay.run()
    except BaseException as error:
        replay.tell("failed", None, _explain(error))
    replay.tell("done")
    _exit(0)


class Replay:
    """One worker's share of a plan; ``L`` of ``loops.py`` while it runs."""

    def __init__(self, request: dict[str, Any], namespace: dict[str, Any]) -> None:
        self.request, self.namespace = request, namespace
        self.blobs = Blobs(request["blobs"])
        self.waiting: list[dict[str, Any]] = list(request["segments"])
        self.checkpoints = {(c["number"], c["ending"]): c for c in request["checkpoints"]}
        self.sites: list[tuple[str, int, Loop]] = []
        self.iter, self.turns = builtins.iter, itertools.repeat(())
        self.entered = self.position = 0
        """How often the loop was come to; how many of its items have been taken."""
        self.target: Loop | None = None
        self.turn_states, self.turns_known = self._turns_around()
        """What each turn around the loop began with, and whether that is known of all; the first
        may begin with what the program makes."""
        self.levels: list[int] = []
        """Positions in the loops that run inside the recorded one."""
        self.iteration: int | None = None
        # What stands before the loop is right only where all of it is computed again.
        before = request["segments"][0]["last"] < 0
        self.wanted: frozenset[int | None] = frozenset((None,) if before else ())
        self.in_loop = self.after = False
        self.numbers: dict[Any, int] = {}
        self.named: set[str] = set()
        """Parameters that the run did not know."""
        store = os.path.dirname(request["blobs"]) + os.sep  # it may lie in the user's folder
        written = [p for p in request["program"]["written"] if not p.startswith(store)]
        self.files = RewrittenFiles(written, request["folder"], self._doubt)
        self.printed = io.StringIO()
        self.edited: dict[Any, types.CodeType] = {}
        """For functions of which the text was added to, what it says now."""
        self._loaded = 0
        """Bytes of states since all that was done with has gone."""
        # The program's own folder for temporary files is the one place to write to.
        path = os.path.join(os.environ["TMPDIR"], "replayed")
        self._out = open(path, "ab", buffering=0)  # noqa: SIM115

    def _doubt(self, file: str) -> None:
        if self.iteration in self.wanted:
            self.tell("doubt", "after" if self.after else self.iteration, file)

    def _turns_around(self) -> tuple[dict[Any, dict[str, Any]], bool]:
        around = self.request["around"]
        found = {}
        for (*place, _, _), state in zip(around, self.request["turns"], strict=False):
            if state and all(self.blobs.has(*file) for file in files_of_turn(state)):
                found[tuple(place)] = state
        known = all(tuple(place) in found for *place, index, _ in around if index)
        return (found, True) if known else ({}, False)

    def tell(self, *words: Any) -> None:
        self._out.write(pickle.dumps(words, protocol=5))

    # -- the whole ---------------------------------------------------------------------

    def run(self) -> None:
        began = _clock()
        self._set_threads()
        sys.argv[:] = self.request["argv"] or sys.argv
        setattr(builtins, NAME, self)
        self.namespace[NAME] = self
        listen(self)
        # Who adds a line afterwards need not add the import that it lacks.
        for function in (log, param, loop):
            setattr(builtins, function.__name__, function)
        program = self.request["program"]
        units = [self._unit(n, text) for n, text in enumerate(program["texts"])]
        self.edited = {key: code for unit in units for key, code in unit.edited()}
        sys.stdout = _Tee(self)  # type: ignore[assignment]
        # What was added before the loop is run, but not what the other cells say.
        for piece in program["pieces"][: program["own"]]:
            self._execute(units, piece)
        # What was added above the loop may read them; what they refer to may come later.
        with suppress(Exception):
            self._take_given()
        self._begin_cell()
        for piece in program["pieces"][program["own"] :]:
            self._execute(units, piece)
        self._take_given()
        for piece in program["remade"]:
            self._execute(units, piece)
        self.tell("ready", _clock() - began)
        for unit in units:
            self._exec(unit.definitions, self.namespace)
        self.skips = [s for s in self.waiting if s["skips"]]
        self.waiting = [s for s in self.waiting if not s["skips"]]
        # States that are put back would be the beginning's: that one comes before them.
        if all(segment["start"] is not None for segment in self.waiting):
            self._skip_all()
        while self.waiting:
            self._enter_target(units, program["target"])
        self._skip_all()

    def _begin_cell(self) -> None:
        """As the cell with the loop found it: generators, and variables that it had not
        changed when it came to the loop."""
        segment = self.waiting[0]
        if self.request["kept"] and self.checkpoints and segment["start"] is None:
            # Where it cannot be read, all is computed.
            with suppress(Exception):
                found = whole(self._state(*min(self.checkpoints))["globals"])
                names = apart_from_others(found, self.request["kept"])
                self.namespace.update({name: found[name] for name in names})
        if segment["start"] is None and self.request["cell"]:
            digest, size = self.request["cell"]
            state = pickle.loads(self.blobs.get(digest, size))
            restore_ambient(state)
            restore_named(state, self.namespace)

    def _take_given(self) -> None:
        """Values of the kernel's that the added lines read, and the loop did not."""
        given = self.request["given"]
        if given is not None:
            data = self.blobs.get(given["stream"], given["size"])
            buffers = [self.blobs.get(digest, size) for digest, size in given["buffers"]]
            self.namespace.update(load(bytes(data), buffers, self.namespace))

    def _set_threads(self) -> None:
        threads = self.request["threads"].get("torch")
        if threads:
            torch: Any = importlib.import_module("torch")

            torch.set_num_threads(threads)

    def _unit(self, number: int, text: dict[str, Any]) -> _Unit:
        unit = _Unit(text, f"<replayed {number}>", len(self.sites))
        self.sites += [(text["digest"], n, loop) for n, loop in enumerate(unit.loops)]
        return unit

    def _execute(self, units: list[_Unit], piece: dict[str, Any]) -> None:
        unit = units[piece["text"]]
        for code in unit.codes(piece["position"]):
            try:
                self._exec(code, self.namespace)
            except BaseException:
                if not piece["may_raise"]:
                    raise

    def _exec(self, code: types.CodeType, namespace: dict[str, Any]) -> None:
        if code.co_flags & 0x80:  # it awaits
            import asyncio

            asyncio.run(eval(code, namespace))
        else:
            exec(code, namespace)

    def _enter_target(self, units: list[_Unit], target: dict[str, Any]) -> None:
        """Run the statement with the loop; at its head the checkpoints take over."""
        segment = self.waiting[0]
        self.entered = self.position = 0
        start = segment["start"]
        options = arithmetic_options()
        if start is not None:
            at_first = segment["ending"] or not self.request["iterator"]
            if at_first and (0, False) in self.checkpoints:
                start = 0  # what the items are asked of must be as it was then
            ending = segment["ending"] and start == segment["start"]
            self._give(self._whole_state(start, None, ending)[1], None)
        elif not self.turns_known:
            # What the turns before have left; whether this one makes the same is compared.
            self._give(self._whole_state(0, None)[1], None)
        # Those are of a moment in the loop: a block around it begins with what is outside.
        set_arithmetic_options(options)
        left = len(self.waiting)
        try:
            self._execute(units, target)
            if self.after:
                self._exec(units[target["text"]].following(), self.namespace)
        except BaseException as error:
            self.tell("failed", self.iteration, _explain(error))
            if self.in_loop:
                self.tell("iteration", self.iteration, 0.0, self.printed.getvalue())
        if len(self.waiting) == left:
            self.tell("failed", None, "the loop was not reached again")
            self.waiting.clear()
        if self.after:
            self.tell("printed", "after", self.printed.getvalue())

    # -- what was added at the end of an iteration ---------------------------------------

    def _skip_all(self) -> None:
        while self.skips:
            self._skip(self.skips.pop(0))

    def _skip(self, segment: dict[str, Any]) -> None:
        """Run only what was added, in the state after the iteration."""
        began = _clock()
        options = arithmetic_options()
        self._begin(segment["last"], frozenset(segment["wanted"]))
        state = self._state(segment["start"], segment["ending"])
        self._give(state, None)
        self.files.forget()
        where = self.namespace
        if state["locals"]:
            where = {**self.namespace, **state["locals"]}
        if self._is_changed_below(where):
            self._run_instead(segment)
            return
        try:
            for text in self.request["at_end"]:
                self._exec(_compiled(ast.parse(text), "<added>"), where)
        except BaseException as error:
            self.tell("failed", self.iteration, _explain(error))
        # A block around the loop puts back, when it ends, what it found.
        set_arithmetic_options(options)
        self.tell("iteration", self.iteration, _clock() - began, self.printed.getvalue())
        self.iteration = None

    def _is_changed_below(self, where: dict[str, Any]) -> bool:
        """Whether something that the added lines read is changed below them: under another
        name, or in a function whose text nobody had."""
        below = set(self.request["below"])
        if not below:
            return False
        changed = {id(where[n]) for n in self.request["gathers"] if n in where}
        tree = ast.parse("\n".join(self.request["at_end"]))
        names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        return leads_to([where[n] for n in names if n in where], changed, below, where)

    def _run_instead(self, segment: dict[str, Any]) -> None:
        """The iteration runs, from the nearest checkpoint before it."""
        k = segment["last"]
        starts = [n for n, ending in self.checkpoints if not ending and n <= k]
        if self.entered or not starts:
            why = "what the added line reads is changed below it: run this iteration alone"
            self.tell("failed", k, why)
            return
        self.tell("again", k)
        start = max(starts)
        self.waiting.append(
            {**segment, "start": start, "first": start, "skips": False, "ending": False}
        )

    # -- called from loops ---------------------------------------------------------------

    def at(self, number: int) -> Callable[[int, Iterator[Any]], Iterator[Any]]:
        if not self._is_counted and self._is_target(number):
            self._restore_generators()
        return self.enter

    @property
    def _is_counted(self) -> bool:
        """Whether loops that are come to now are others than the recorded one."""
        return self.in_loop or self.after

    def _is_target(self, number: int) -> bool:
        digest, ordinal, _ = self.sites[number]
        return (digest, ordinal) == (self.request["digest"], self.request["ordinal"])

    def enter(self, number: int, items: Iterator[Any]) -> Iterator[Any]:
        if self._is_counted:
            # A generator that waits would leave its loops in the path.
            return self._counted(items) if can_be_watched(_frame(1)) else items
        turn = self._turn_of(number)
        if turn is not None:
            state = self.turn_states.get(self.sites[number][:2])
            return self._one_turn(items, turn, state, _frame(1))
        if not self._is_target(number):
            return items
        self.target = self.sites[number][2]
        self.entered += 1
        if self.entered <= self.request["entry"]:
            # An earlier run of the same loop: its doings are in the checkpoint.
            return iter(())
        if self.waiting[0]["last"] < 0 and not self.waiting[0]["after"]:
            # Only what stands before the loop was asked for.
            self.tell("printed", "before", self.printed.getvalue())
            if (0, False) in self.checkpoints:
                self.tell(
                    "compared",
                    None,
                    self._differing(self._state(0, False, _frame(1), shares=False), _frame(1)),
                )
            self._all_done()
        return self._turns(items, _frame(1))

    def _turn_of(self, number: int) -> int | None:
        """For a loop around the recorded one: which of its turns is asked for."""
        digest, ordinal, _ = self.sites[number]
        known = {(d, n): index for d, n, index, _ in self.request["around"]}
        return known.get((digest, ordinal))

    def _one_turn(
        self,
        items: Iterator[Any],
        turn: int,
        state: dict[str, Any] | None,
        frame: types.FrameType,
    ) -> Iterator[Any]:
        if state is None or not state["iterator"]:
            for _ in range(turn):
                next(items, None)
        if state is not None:
            found = self._loaded_state(state["stream"], state["size"], state, frame)
            items = found["iterator"] if state["iterator"] else items
            self._give(found, frame)
            del found
        for item in itertools.islice(items, 1):
            if self.request["turn"]:
                digest, size = self.request["turn"]
                restore_ambient(pickle.loads(self.blobs.get(digest, size)))
            yield item
        if self.after:
            # The other turns are other runs.
            self.tell("printed", "after", self.printed.getvalue())
            self._all_done()

    def rest(self) -> Iterable[Any]:
        return ()

    def _counted(self, items: Iterator[Any]) -> Iterator[Any]:
        self.levels.append(-1)
        depth = len(self.levels)
        try:
            for item in items:
                del self.levels[depth:]
                self.levels[depth - 1] += 1
                yield item
        finally:
            del self.levels[depth - 1 :]

    def _turns(self, items: Iterator[Any], frame: types.FrameType) -> Iterator[Any]:
        """The iterations of all segments, each from its checkpoint."""
        while self.waiting:
            segment = self.waiting.pop(0)
            index = segment["first"]
            fresh = items
            if segment["start"] is not None:
                index, state = self._whole_state(segment["start"], frame, segment["ending"])
                if self.request["iterator"]:
                    fresh = state["iterator"]
                else:
                    self._lead(items, index)
                if index != self.position or segment["ending"]:
                    self.files.forget()
                self._give(state, frame)
                # What the iterations replace is not held here.
                del state
            wanted: frozenset[int | None] = frozenset(segment["wanted"])
            while index <= segment["last"]:
                item = next(fresh, _END)
                self.position = index + 1
                if item is _END:
                    self.tell("failed", index, "the loop ended before this iteration")
                    break
                self._begin(index, wanted)
                self.in_loop = True
                began = _clock()
                left = True
                try:
                    yield item
                    left = False
                finally:
                    self.in_loop = False
                    seconds = _clock() - began
                    if left and self.target is not None and is_at_head(frame, self.target):
                        self.tell("failed", index, "the loop ended before this iteration")
                        self._all_done()
                    if left and leaves(frame):
                        self._ended(index, seconds, frame, left)
                        if segment["after"]:
                            self._go_on()
                        elif not self.waiting:
                            self._all_done()
                self._ended(index, seconds, frame, left)
                index += 1
            if segment["after"]:
                # It comes last: what follows the loop ends the process, too.
                self._go_on()
                if segment["first"] <= segment["last"]:
                    yield from self._way_out(fresh, index)
                return
        self._all_done()

    def _way_out(self, items: Iterator[Any], index: int) -> Iterator[Any]:
        """A loop ends by itself: by its test, or because there are no more items."""
        if isinstance(self.target, ast.While):
            yield ()
        elif next(items, _END) is _END:
            return
        self.tell("failed", index, "the loop did not end where it did in the run")
        self._all_done()

    def _go_on(self) -> None:
        """What is logged and printed from here on follows the loop."""
        self._begin(None, frozenset((None,)))
        self.after = True

    def _all_done(self) -> None:
        """Nothing after the loop runs."""
        self._skip_all()
        self.tell("done")
        _exit(0)

    def _lead(self, items: Iterator[Any], index: int) -> None:
        """An iterator that could not be kept is begun again and led to where it was.

        What it draws from generators on the way it drew in the run too, so this comes
        before the state is put back.
        """
        for _ in range(index - self.position):
            next(items, None)
        self.position = max(index, self.position)

    def _begin(self, index: int | None, wanted: frozenset[int | None]) -> None:
        self.iteration, self.wanted = index, wanted
        self.levels.clear()
        self.numbers.clear()
        self.printed = io.StringIO()

    def _ended(self, index: int, seconds: float, frame: types.FrameType, left: bool) -> None:
        """An iteration is over: is the state what it was?"""
        if index in self.wanted:
            self.tell("iteration", index, seconds, self.printed.getvalue())
        boundary = (index + 1, left)
        if boundary not in self.checkpoints:
            boundary = (index + 1, True)
        if boundary not in self.checkpoints:
            return
        try:
            kept = self._state(*boundary, frame, shares=False)
        except DamagedCheckpoint as error:
            self.tell("note", f"iteration {index} was not compared: {error}")
            return
        self.tell("compared", index, self._differing(kept, frame))

    def _differing(self, state: dict[str, Any], frame: types.FrameType) -> list[str]:
        """Names whose values are not those of the record."""
        found = []
        live = read_locals(frame)
        for part, values in (("globals", frame.f_globals), ("locals", live)):
            for name, kept in state[part].items():
                if not self._same(kept, values.get(name, _END)):
                    found.append(name)
        was = state.get("held", {})
        held = held_by_text(was, frame.f_globals)
        for name, kept in was.items():
            if not self._same(kept, held.get(name, _END)) and name not in found:
                found.append(f"what {name} holds")
        now = ambient_state()
        for name, kept in state["ambient"].items():
            if name in now and not self._same(kept, now[name]):
                found.append(f"the state of {name}")
        return found

    def _same(self, kept: object, now: object) -> bool:
        if kept is now or isinstance(kept, Lost) or _holds_the_clock(now):
            return True
        a, b = value_digest(kept), value_digest(now)
        return a.digest == b.digest

    # -- states --------------------------------------------------------------------------

    def _state(
        self,
        number: int,
        ending: bool,
        frame: types.FrameType | None = None,
        shares: bool = True,
    ) -> dict[str, Any]:
        """``shares``: it goes into the frame, and its functions see the frame's variables."""
        found = self.checkpoints[number, ending]
        return self._loaded_state(found["stream"], found["stream_size"], found, frame, shares)

    def _loaded_state(
        self,
        stream: str,
        size: int,
        found: dict[str, Any],
        frame: types.FrameType | None,
        shares: bool = True,
    ) -> dict[str, Any]:
        self._make_room(size + sum(size for _, size in found["buffers"]))
        data = self.blobs.get(stream, size)
        buffers = [self.blobs.get(digest, size) for digest, size in found["buffers"]]
        cells = shared_cells(frame) if frame is not None and shares else {}
        scopes = {"globals": self.namespace}
        if frame is not None and not is_module_level(frame):
            scopes["locals"] = read_locals(frame)
        lost = found_again(map(LostPart.from_json, found["lost"]), scopes)
        state: dict[str, Any] = load(
            bytes(data), buffers, self.namespace, cells, lost, self._edited
        )
        return state

    def _edited(self, recorded: types.CodeType) -> types.CodeType:
        """The code that a function has now.

        def make():
            def step(x):
                log("x", x)         # what was recorded holds a ``step`` without this
            return step
        """
        now = self.edited.get(_key(recorded, recorded.co_firstlineno))
        # Another cell may have a function of that name in the same line.
        if now is None or not set(recorded.co_names) - {NAME} <= {*now.co_names, *_CALLS}:
            return recorded
        return now

    def _make_room(self, size: int) -> None:
        """States that are done with go, also those whose objects lead to each other.

        Python looks for such by the number of new objects, and a state of a gigabyte has few:
            model.head.owner = model    # each comparison would leave a gigabyte behind
        """
        if self._loaded + size > max(_ROOM, 2 * size):
            gc.collect()
            self._loaded = 0
        self._loaded += size

    def _whole_state(
        self, number: int, frame: types.FrameType | None, ending: bool = False
    ) -> tuple[int, dict[str, Any]]:
        """The checkpoint, or the last one before it that can be read."""
        if ending:
            return number, self._state(number, True, frame)
        known = sorted(n for n, ending in self.checkpoints if not ending and n <= number)
        for n in reversed(known):
            try:
                return n, self._state(n, False, frame)
            except DamagedCheckpoint as error:
                del self.checkpoints[n, False]
                self.tell("note", f"checkpoint {n} was left out: {error}")
        raise CannotReplay(f"No checkpoint before iteration {number} can be read.")

    def _give(self, state: dict[str, Any], frame: types.FrameType | None) -> None:
        self.namespace.update(whole(state["globals"]))
        if frame is not None and not is_module_level(frame):
            write_locals(frame, whole(state["locals"]))
        put_back(state.get("held", {}), self.namespace)
        restore_ambient(state["ambient"])

    def _restore_generators(self) -> None:
        """Global generators stood so at the head of the loop; no text tells how."""
        if self.request["generators"]:
            digest, size = self.request["generators"]
            restore_ambient(pickle.loads(self.blobs.get(digest, size)))

    # -- called from logs ----------------------------------------------------------------

    def log(self, name: str, value: Any) -> None:
        if self.iteration not in self.wanted:
            return
        path = (*(AFTER if self.after else ()), *self.levels)
        place = (self.iteration, path, name)
        number = self.numbers[place] = self.numbers.get(place, -1) + 1
        self.tell("logged", self.iteration, path, number, name, value)

    def param(self, name: str, default: Any) -> Any:
        known = self.request["parameters"]
        if name not in known and name not in self.named:
            self.named.add(name)
            self.tell("parameter", name, json.loads(json.dumps(default, default=repr)))
        return known.get(name, default)

    def loop(self, name: str, items: Iterable[Any]) -> Iterator[Any]:
        return iter(items)


class _Unit:
    """A text of the program, with what was added to it since it was recorded."""

    def __init__(self, text: dict[str, Any], name: str, first: int) -> None:
        self.name = name
        lines = [line + "\n" for line in text["text"].splitlines()]
        linecache.cache[name] = (len(text["text"]), None, lines, name)
        tree = ast.parse(text["text"])
        self._functions = text["functions"]
        starts = {tuple(start) for start in text["added"]}
        added = {
            id(node)
            for node in ast.walk(tree)
            if isinstance(node, ast.stmt) and (node.lineno, node.col_offset) in starts
        }
        self.loops = [loop for loop, _ in loops_of(tree, added)]
        self.recorded = [n for n, s in enumerate(tree.body) if id(s) not in added]
        """Where the statements of the recorded text stand."""
        self.tree = with_calls(tree, first, added, copies=False)
        self.future = [
            s for s in tree.body if isinstance(s, ast.ImportFrom) and s.module == "__future__"
        ]
        kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
        made: list[ast.stmt] = [s for s in tree.body if id(s) in added and isinstance(s, kinds)]
        new = max((*starts, *map(tuple, text["marked"])), default=(0, 0))
        # Up to the statement in which stands what was added last.
        self._end = sum((s.lineno, s.col_offset) <= new for s in tree.body)
        self.definitions = _compiled(ast.Module(made, []), name)
        """Imports, functions and classes that were added."""
        self.done = 0
        """Statements before this one have had their turn; added ones go along."""

    def following(self) -> types.CodeType:
        """What comes after the statement that ran last, to the last one that was added."""
        body = self.tree.body[self.done : self._end]
        return _compiled(ast.Module([*self.future, *body], []), self.name)

    def codes(self, position: int | None) -> Iterator[types.CodeType]:
        """A recorded statement, and those that were added before it."""
        if position is None:
            self.done = len(self.tree.body)
            yield _compiled(self.tree, self.name)
            return
        at = self.recorded[position]
        known = set(self.recorded)
        chosen = [n for n in range(self.done, at) if n not in known] + [at]
        self.done = max(self.done, at + 1)
        body = [self.tree.body[n] for n in chosen]
        yield _compiled(ast.Module([*self.future, *body], []), self.name)

    def edited(self) -> Iterator[tuple[Any, types.CodeType]]:
        """Code of the functions that say something else now."""
        changed = {(name, now): was for name, was, now in self._functions}
        waiting = [_compiled(self.tree, self.name)] if changed else []
        while waiting:
            code = waiting.pop()
            waiting += (c for c in code.co_consts if isinstance(c, types.CodeType))
            was = changed.get((code.co_name, code.co_firstlineno))
            if was is not None:
                yield _key(code, was), code


def _holds_the_clock(value: object) -> bool:
    """A progress bar holds the times of its last strokes."""
    return type(value).__module__.partition(".")[0] == "tqdm"


def _key(code: types.CodeType, line: int) -> tuple[Any, ...]:
    count = code.co_argcount + code.co_kwonlyargcount
    return code.co_name, line, code.co_varnames[:count]


_CALLS = ("at", "iter", "rest", "turns")
"""What the calls in loops name."""
_END = object()


def _compiled(tree: ast.Module, name: str) -> types.CodeType:
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code: types.CodeType = compile(tree, name, "exec", flags, dont_inherit=True)
    return code


def _explain(error: BaseException) -> str:
    lines = traceback.format_exception_only(type(error), error)
    step, where = error.__traceback__, ""
    while step is not None:
        name = step.tb_frame.f_code.co_filename
        if name.startswith(("<replayed", "<added")):
            line = linecache.getline(name, step.tb_lineno).strip()
            where = f" (line {step.tb_lineno}: {line})" if line else ""
        step = step.tb_next
    return "".join(lines).strip() + where


class _Tee(io.TextIOBase):
    """What an iteration prints is kept with it."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay

    def write(self, text: str) -> int:
        if self._replay.iteration in self._replay.wanted:
            self._replay.printed.write(text)
        return len(text)

    def flush(self) -> None:
        return None

    def writable(self) -> bool:
        return True
