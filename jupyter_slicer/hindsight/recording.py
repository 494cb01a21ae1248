"""One loop that is recorded: from its first boundary to its end."""

from __future__ import annotations

import ast
import errno
import os
import pickle
import platform
import shutil
import sys
import time
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from jupyter_slicer.hindsight.background import Background
from jupyter_slicer.hindsight.buffers import Buffers, Taken
from jupyter_slicer.hindsight.frames import shared_cells
from jupyter_slicer.hindsight.generators import ambient_state, threads
from jupyter_slicer.hindsight.held_by_text import (
    MODULE,
    Held,
    held_by_text,
    left_out,
    own_modules,
)
from jupyter_slicer.hindsight.lost import LostPart, lost_parts
from jupyter_slicer.hindsight.pickling import CONSTANT, Mark, Stream, dump
from jupyter_slicer.hindsight.policy import Account, Policy, is_due, reserved
from jupyter_slicer.hindsight.prints import Prints
from jupyter_slicer.hindsight.roots import (
    Roots,
    changing_names,
    estimate,
    likely_long,
    looks_constant,
    roots_of,
)
from jupyter_slicer.hindsight.runs import Checkpoint, Logged, Path, Run, RunStore
from jupyter_slicer.hindsight.situation import Situation
from jupyter_slicer.hindsight.sweeping import sweep, sweep_plan
from jupyter_slicer.values.hashing import hash_parts

if TYPE_CHECKING:
    from jupyter_slicer.hindsight.watch import Site

HEAVY = 4 << 20
"""Bytes from which on writing a checkpoint keeps a disk busy."""
FREE = 1 << 30
"""Bytes of a disk that stay free."""
EARLY = 4
"""The first so many times that a loop is come to, its beginning may be kept."""
OF_ITERATOR = "iterator: "
_COMPUTE = ("numpy", "torch", "sklearn", "scipy", "pandas", "xgboost", "lightgbm")

_clock, _processor = time.perf_counter, time.thread_time


@dataclass
class Keeper:
    """What all recordings of a kernel share."""

    store: RunStore
    background: Background
    tell: Callable[[str], None]
    policy: Policy = field(default_factory=Policy)
    parameters: dict[str, Any] = field(default_factory=dict)
    """What ``param`` was asked for in the running cell."""
    at_cell: dict[str, Any] | None = None
    """Generators as they were when the running cell began."""
    begun: Callable[[int, Situation], None] = lambda run, situation: None
    """Called in the background when a run has got its number."""
    spent: float = 0.0
    behind: float = 0.0
    """The same of the other thread."""
    guessed: float = 0.0
    """Seconds of those that went into loops not worth keeping."""
    began: float = field(default_factory=lambda: _clock())
    limit: int = 10 << 30
    """Bytes that all checkpoints together may take."""
    written: int = 0
    """Bytes since it was last looked whether that holds."""

    def has_room(self) -> str | None:
        """Make room for more where that is needed; None, or why there is none.

        Checkpoints of old runs go first; a disk is never filled.
        """
        folder = self.store.blobs.folder
        free = shutil.disk_usage(folder if os.path.isdir(folder) else self.store.folder).free
        if free < FREE:
            return f"only {free / 1e9:.1f} GB are free on the disk"
        if self.written * 20 < self.limit:
            return None
        self.written = 0
        runs = [(run, self.store.checkpoints(run.id)) for run in self.store.runs()]
        plan = sweep_plan(runs, None, self.limit)
        sweep(self.store, plan)
        for run, gone in plan.thinned:
            self.tell(
                f"checkpoints take {self.limit / 1e9:.1f} GB: {len(gone)} of run {run} go, and "
                "those that are left lie further apart (%hindsight gc)"
            )
        if plan.left > self.limit:
            return f"checkpoints take more than {self.limit / 1e9:.1f} GB"
        return None

    def may_guess(self) -> bool:
        """Whether states taken in vain have cost less than their share since the session
        began, whose first second counts for two."""
        since = _clock() - self.began
        return self.guessed <= self.policy.share * (since + min(since, 1.0))

    def fail(self, error: Exception) -> None:
        self.tell(f"a loop is not recorded ({type(error).__name__}: {error})")


def digest_of_text(tree: ast.Module) -> str:
    """Of what a text does: comments and spaces do not matter."""
    return hash_parts([ast.dump(tree).encode("utf-8", "surrogatepass")]).hex()


@dataclass
class TurnState:
    """What a turn of a sweep began with; written when a training in it is kept."""

    owner: Recording
    stream: Stream
    taken: list[Taken]
    lost: tuple[LostPart, ...]
    number: int
    """Which turn."""
    keeps_iterator: bool
    _written: dict[str, Any] | None = None

    def reserve(self) -> None:
        """Its copies must not be touched until they are written."""
        self.owner._in_flight = self._written is None

    def written(self) -> dict[str, Any]:
        """Where it lies in the store; empty where it cannot be told any more."""
        if self._written is None:
            try:
                self._written = self._write()
            except OSError:
                self._written = {}
            finally:
                self.owner._in_flight = False
        return self._written

    def _write(self) -> dict[str, Any]:
        if self.owner._put_live(self.taken) is None:
            return {}
        files = self.owner._put(self.stream, self.taken)
        self.owner._buffers.learn(self.taken, self.number)
        return {
            "stream": files.stream,
            "size": len(self.stream.data),
            "buffers": files.buffers,
            "lost": [part.to_json() for part in self.lost],
            "iterator": self.keeps_iterator,
        }


@dataclass(frozen=True, slots=True)
class Files:
    """A state that was written."""

    stream: str
    buffers: tuple[tuple[str, int], ...]
    new: int
    """Bytes that were not there before."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A loop around a recorded one, and which of its turns this was."""

    site: Site
    index: int
    variables: Mapping[str, Any] = field(default_factory=dict)
    """Its loop variables."""
    kept: bool = True
    """Whether a state holds all that its other turns need."""
    state: TurnState | None = None


class Recording:
    """Decides at each boundary, takes states, hands them to the background."""

    def __init__(
        self,
        keeper: Keeper,
        situation: Situation,
        site: Site,
        items: Iterator[Any],
        entry: int,
        frame: types.FrameType,
        forced: bool,
        outside: list[tuple[str, Any]],
        generators: dict[str, Any] | None = None,
        iteration: Callable[[], int] = lambda: 0,
        around: tuple[Turn, ...] = (),
        turn: dict[str, Any] | None = None,
    ) -> None:
        self._keeper, self._situation, self._site = keeper, situation, site
        self._items, self._entry, self._outside = items, entry, outside
        self._names = situation.names
        self._without: dict[str, str] = {}
        self._buffers = Buffers()
        self._references: set[str] = set()
        self._lost_names: set[str] = set()
        self._left_out: list[LostPart] = []
        """Of modules, in the last state that was taken."""
        self._notes: dict[str, None] = {}
        self._state_names: dict[str, list[str]] = {}
        self._keeps_items = True
        self._iterator_kept = True
        self._logged: list[Logged] = []
        self._numbers: dict[tuple[int | None, Path, str], int] = {}
        self._held: tuple[Checkpoint, Stream, list[Taken]] | None = None
        self._last: tuple[int, float] = (-1, 0.0)
        """The last checkpoint's iteration, and when it was taken."""
        self._writing = 0.0
        self._run = 0
        self._stopped = False
        self._over = False
        """Whether the loop was left: what is done for it now takes nothing from it."""
        self._in_flight = False
        """Whether a checkpoint is being written: its copies must not be touched."""
        self.promoted = False
        self.spent = 0.0
        self.began = _clock()
        self._wall = time.time()
        self.behind = 0.0
        """Seconds that the other thread has worked for this loop: on a busy machine the loop
        waits for them, and for the interpreter's lock on any."""
        self._estimate: float | None = None
        """Seconds that a checkpoint will take; infinite where a look took too long."""
        self._estimate_behind = 0.0
        """Those of the other thread, as the last one took them."""
        self._patience = 0.0
        """Seconds that the last such look was given."""
        self._changing = changing_names(site.loop)
        roots = self._roots(frame)
        self._estimate = None
        # A state is taken before anybody knows whether the loop will be long, unless that
        # was in vain too often: it is paid from the same share of the time.
        guesses = keeper.may_guess()
        self._likely = forced or site.long or likely_long(roots, site.loop, items, guesses)
        self._forced = forced
        self._early = self._likely or (guesses and site.entries < EARLY)
        self.look_at = self.began + (0.0 if self._early else keeper.policy.long)
        self._generators = generators
        self._at_cell = keeper.at_cell
        self._around, self._turn = around, turn
        """The turns of a sweep that it is in, and generators when the last of them began."""
        self._iteration = iteration
        self._prints: Prints | None = None
        self.spent = _clock() - self.began

    # -- in the user's thread ----------------------------------------------------------

    def boundary(self, index: int, frame: types.FrameType) -> None:
        """Between two iterations: ``index`` have ended."""
        try:
            self._boundary(index, frame)
        except Exception as error:
            self._stop(error)

    def _boundary(self, index: int, frame: types.FrameType) -> None:
        now = _clock()
        elapsed = now - self.began
        # Before its first iteration, time that went by says nothing about the loop.
        long = elapsed >= self._keeper.policy.long and (
            index > 0 or not self._keeper.policy.long
        )
        if not self.promoted and (long or self._forced):
            self.promote()
        if self.promoted or (self._early and index == 0):
            self._look(frame, elapsed)
            if is_due(self._account(elapsed), self._keeper.policy) or (
                self._forced and index == 0
            ):
                self._take(index, frame)
        self._plan_next(elapsed)

    def _look(self, frame: types.FrameType, elapsed: float) -> None:
        """Estimate what a checkpoint takes; again, and longer, where that took too long."""
        if self._estimate is None:
            self._patience = max(self._grace() / 4, 0.0005)
        elif self._estimate == float("inf"):
            if self.cost + 4 * self._patience > self._keeper.policy.share * elapsed:
                return
            self._patience *= 4
        else:
            return
        began = _clock()
        roots = self._roots(frame)
        held = self._held_by_text(roots, frame)
        self._estimate = estimate({**roots, "held": held}, self._changing, self._patience)
        self._charge(began)

    def _plan_next(self, elapsed: float) -> None:
        if self._stopped:
            self.look_at = float("inf")
        elif not self.promoted:
            self.look_at = self.began + self._keeper.policy.long
        else:
            policy = self._keeper.policy
            unknown = self._estimate == float("inf")
            needed = 4 * self._patience if unknown else reserved(self._next_cost)
            enough = (self.cost + needed) / max(policy.share, 1e-6)
            self.look_at = self.began + max(enough, elapsed + 0.002)

    def _account(self, elapsed: float) -> Account:
        return Account(
            elapsed=elapsed,
            spent=self.cost,
            estimate=self._next_cost,
            since_last=elapsed - self._last[1],
            writing=self._writing,
            busy=self._in_flight,
            grace=self._grace(),
        )

    @property
    def cost(self) -> float:
        """Seconds that recording has taken, in this thread and the other."""
        return self.spent + self.behind

    @property
    def _next_cost(self) -> float:
        here = self._estimate or 0.0
        if self._last[0] >= 0:
            return here + self._estimate_behind
        # Writing takes about as long as the first copy; of what is let off, only that counts.
        return here if self.spent + here <= self._grace() else 2 * here

    def _grace(self) -> float:
        if self._last[0] >= 0:
            return 0.0
        policy = self._keeper.policy
        return policy.grace if self._likely else policy.little

    def promote(self) -> None:
        """The loop is worth keeping: from here on things are written."""
        if self.promoted or self._stopped:
            return
        self.promoted = self._site.long = True
        self._prints = Prints(self._iteration)
        for name, value in self._outside:
            self._note_logged(None, (), name, value)
        for turn in self._around:
            if turn.state is not None:
                turn.state.reserve()
        self._submit(self._begin_run)
        if self._held is not None:
            held, self._held = self._held, None
            self._submit(lambda: self._write(*held))

    def give_up(
        self, anew: Iterable[str] = ()
    ) -> tuple[dict[str, Any] | None, TurnState | None]:
        """Not this loop is to be kept but those in its turns; gives what its first one began
        with: the state of generators, and all else where that was taken.

        ``anew``: what each turn makes before it reads it.
        """
        held, self._held, self._stopped = self._held, None, True
        self._without.update(dict.fromkeys(anew, "each turn makes it"))
        if held is None:
            return self._generators, None
        found, stream, taken = held
        self._in_flight = False
        return self._generators, TurnState(
            self, stream, taken, found.lost, found.number, self._iterator_kept
        )

    def turn_state(self, number: int, frame: types.FrameType) -> TurnState | None:
        """What a turn of a sweep begins with; None where that would cost too much."""
        elapsed = _clock() - self.began
        self._look(frame, elapsed)
        policy = self._keeper.policy
        # The trainings in it have a share of their own.
        policy = replace(policy, share=policy.share / 4)
        if not is_due(self._account(elapsed), policy):
            return None
        found, stream, taken = self._taken(number, frame)
        return TurnState(self, stream, taken, found.lost, number, self._iterator_kept)

    def _take(self, number: int, frame: types.FrameType, ending: bool = False) -> None:
        found, stream, taken = self._taken(number, frame, ending)
        self._in_flight = True
        self._flush()
        if self.promoted:
            self._submit(lambda: self._write(found, stream, taken))
        else:
            self._held = (found, stream, taken)

    def _taken(
        self, number: int, frame: types.FrameType, ending: bool = False
    ) -> tuple[Checkpoint, Stream, list[Taken]]:
        """The state as it is now, copied."""
        began = _clock()
        stream = self._stream(frame)
        first = self._last[0] < 0
        taken = self._buffers.take(
            stream.buffers,
            number,
            thorough=ending and self._may_be_thorough(),
            constant_from=stream.constant_from if first else 1 << 60,
        )
        self._references |= stream.names
        self._iterator_kept = self._keeps_items and not any(
            x.startswith(OF_ITERATOR) for x in stream.lost
        )
        cost = _clock() - began
        self._charge(began)
        # The first time, memory is new, and nothing is known to be constant.
        self._estimate = 0.3 * cost if first else 0.5 * (self._estimate or cost) + 0.5 * cost
        elapsed = began - self.began
        self._last = (number, elapsed)
        found = Checkpoint(
            self._run, number, "", len(stream.data), (), ending, elapsed, cost,
            lost=self._lost_parts(stream, frame),
        )  # fmt: skip
        named = {part.kind for part in found.lost if part.name}
        for note in (
            *(p for p in found.lost if p.name),
            *(x for x in stream.lost if x not in named),
        ):
            self._notes[str(note)] = None
        self._lost_names |= {p.name for p in found.lost if p.scope == "globals"}
        # Nothing of the user's waits for us to have written.
        return found, replace(stream, lost_objects=()), taken

    def _may_be_thorough(self) -> bool:
        """Whether what looked constant can be read as a whole once more at the end."""
        left = self._keeper.policy.share * (_clock() - self.began) - self.cost
        return self._buffers.steady / 1e9 < left

    def _stream(self, frame: types.FrameType) -> Stream:
        roots = self._roots(frame)
        try:
            found = self._dumped(roots, frame)
            self._leave_out_lost(roots, found)
            return found
        except Exception:
            for part in roots.values():
                for name, value in part.items():
                    why = _cannot_keep(name, value, frame.f_globals)
                    if why is not None:
                        self._without[name] = why
                        self._notes[f"{name}: {why}"] = None
            if _cannot_keep("", self._items, frame.f_globals) is not None:
                self._keeps_items = False
                self._notes[f"{OF_ITERATOR}{type(self._items).__qualname__}"] = None
            return self._dumped(self._roots(frame), frame)

    def _leave_out_lost(self, roots: Roots, found: Stream) -> None:
        """Variables that are lost as a whole come from the surroundings."""
        lost = {id(value) for value in found.lost_objects}
        for part in roots.values() if lost else ():
            for name, value in part.items():
                if id(value) in lost:
                    self._without[name] = f"{type(value).__qualname__} cannot be kept"

    def _lost_parts(self, stream: Stream, frame: types.FrameType) -> tuple[LostPart, ...]:
        """In the order in which the stream met them; then what was left out of it."""
        roots = roots_of(frame, self._names, {})
        left_out = {
            n: v for part in roots.values() for n, v in part.items() if n in self._without
        }
        met = {id(value) for value in stream.lost_objects}
        others = [value for value in left_out.values() if id(value) not in met]
        return (*lost_parts((*stream.lost_objects, *others), roots), *self._left_out)

    def _dumped(self, roots: Roots, frame: types.FrameType) -> Stream:
        self._state_names = {part: sorted(values) for part, values in roots.items()}
        held = self._held_by_text(roots, frame)
        self._left_out = left_out(held)
        changing = [
            value
            for part in roots.values()
            for name, value in part.items()
            if not looks_constant(name, value, self._changing)
        ]
        state = {
            # Met first, so that all that comes after the mark is led to by nothing else.
            # What is large in the user's modules is data, mostly.
            "first": [*changing, *(v for k, v in held.items() if not k.startswith(MODULE))],
            "constant": Mark(CONSTANT),
            **roots,
            "held": held,
            "ambient": ambient_state(),
            "mark": Mark(OF_ITERATOR),
            "iterator": self._items if self._keeps_items else None,
        }
        return dump(state, frame.f_globals, shared_cells(frame))

    def _held_by_text(self, roots: Roots, frame: types.FrameType) -> Held:
        names = self._names - set(self._without)
        text = [frame.f_globals[n] for n in names if n in frame.f_globals]
        values = [v for part in roots.values() for v in part.values()]
        return held_by_text(names | own_modules([*text, *values]), frame.f_globals)

    def _roots(self, frame: types.FrameType) -> Roots:
        return roots_of(frame, self._names, self._without)

    def log(self, index: int | None, path: Path, name: str, value: Any) -> None:
        # Who logs wants to find it again, however short the loop is.
        self.promote()
        self._note_logged(index, path, name, value)
        if index is None:  # the loop is over: nobody else will do it
            self._flush_logged()

    def _note_logged(self, index: int | None, path: Path, name: str, value: Any) -> None:
        place = (index, path, name)
        number = self._numbers[place] = self._numbers.get(place, -1) + 1
        self._logged.append(Logged(0, index, path, name, value, number))
        if len(self._logged) >= 1000:
            self._flush()

    def finish(self, index: int, frame: types.FrameType | None, exhausted: bool) -> None:
        """The loop was left: ``index`` is the iteration that was running or asked for."""
        try:
            self._finish(index, frame, exhausted)
        finally:
            if self._prints is not None:
                self._prints.stop()
            # Nothing of the user's lives longer than without us.
            self._items, self._held = iter(()), None

    def _finish(self, index: int, frame: types.FrameType | None, exhausted: bool) -> None:
        elapsed = _clock() - self.began
        if not self.promoted and elapsed >= self._keeper.policy.long:
            self.promote()
        if not self.promoted:
            return
        iterations = index if exhausted else index + 1
        self._over = True
        try:
            if frame is not None and not self._stopped and self._last[0] != iterations:
                self._take_the_end(iterations, frame, elapsed)
        except Exception as error:
            self._stop(error)
        self._flush(whole=True)
        outcome = "done" if exhausted else "left"
        self._submit(lambda: self._end_run(iterations, elapsed, outcome))

    def _take_the_end(self, iterations: int, frame: types.FrameType, elapsed: float) -> None:
        policy = self._keeper.policy
        self._look(frame, elapsed)
        assert self._estimate is not None
        # The other thread writes it when the loop is over, and takes nothing from it.
        share = policy.share * elapsed + policy.grace - self.spent - self._estimate
        if share < 0:
            return
        began = _clock()
        free = not self._in_flight or self._keeper.background.wait(share)
        self._charge(began)
        if free:
            self._take(iterations, frame, ending=True)

    def _charge(self, began: float) -> None:
        seconds = _clock() - began
        self.spent += seconds
        self._keeper.spent += seconds
        if not self.promoted:
            self._keeper.guessed += seconds

    def _flush(self, whole: bool = False) -> None:
        if self._prints is not None:
            texts = self._prints.texts if whole else self._prints.take()
            if texts:
                self._submit(lambda: self._write_printed(texts))
        self._flush_logged()

    def _flush_logged(self) -> None:
        values, self._logged = self._logged, []
        if values:
            self._submit(lambda: self._write_logged(values))

    def _submit(self, job: Callable[[], None]) -> None:
        def counted() -> None:
            began = _processor()
            try:
                job()
            finally:
                seconds = (_processor() - began) * crowding()
                if not self._over:
                    self.behind += seconds
                self._keeper.behind += seconds

        self._keeper.background.submit(counted)

    def _stop(self, error: Exception) -> None:
        self._stopped = True
        self.look_at = float("inf")
        self._keeper.fail(error)

    # -- in the background -------------------------------------------------------------

    def _begin_run(self) -> None:
        here = self._situation
        self._keeper.store.hold()
        self._run = self._keeper.store.begin(
            Run(
                kernel=here.kernel,
                execution=here.execution,
                step=here.step,
                position=here.position,
                source=here.source,
                loop_source=digest_of_text(self._site.tree),
                ordinal=self._site.ordinal,
                head=self._site.head,
                folder=here.folder,
                entry=self._entry,
                cell_id=here.cell_id,
                count=here.count,
                notebook=here.notebook,
                surroundings={
                    "sources": here.sources,
                    "late": sorted(here.late),
                    "settings": here.settings,
                    "writers": here.writers,
                    "generators": self._kept_generators(self._generators),
                    "turn": self._kept_generators(self._turn),
                    "cell": self._kept_generators(self._at_cell),
                    "around": [
                        [digest_of_text(t.site.tree), t.site.ordinal, t.index, t.kept]
                        for t in self._around
                    ],
                    "turns": [t.state.written() if t.state else {} for t in self._around],
                    "argv": [str(word) for word in sys.argv],
                },
                threads=threads(),
                python=platform.python_version(),
                packages=_versions(),
                started=self._wall,
            )
        )
        swept = {name: v for turn in self._around for name, v in turn.variables.items()}
        for name, value in {**swept, **self._keeper.parameters}.items():
            self._keeper.store.add_parameter(self._run, name, value)
        self._keeper.begun(self._run, here)

    def _kept_generators(self, state: dict[str, Any] | None) -> list[Any]:
        if state is not None:
            data = pickle.dumps(state, protocol=5)
            with suppress(OSError):
                return [self._keeper.store.blobs.put(data)[0], len(data)]
        return []

    def _write(self, found: Checkpoint, stream: Stream, taken: list[Taken]) -> None:
        try:
            self._write_whole(found, stream, taken)
        finally:
            self._in_flight = False

    def _write_whole(self, found: Checkpoint, stream: Stream, taken: list[Taken]) -> None:
        if self._stopped or not self._run:
            return
        began = _clock()
        store = self._keeper.store
        try:
            full = self._keeper.has_room()
            if full is not None:
                self._end_checkpoints(full)
                return
            first = self._put_live(taken)
            if first is None:
                return
            worked = _processor()  # what came before is done once
            files = self._put(stream, taken)
            kept = Checkpoint(
                self._run, found.number, files.stream, len(stream.data), files.buffers,
                found.ending, found.elapsed, found.cost, first + files.new, lost=found.lost,
            )  # fmt: skip
            store.add_checkpoint(kept, **self._progress(found.number, found.elapsed))
        except OSError as error:
            full_disk = error.errno in (errno.ENOSPC, errno.EDQUOT)
            self._end_checkpoints("the disk is full" if full_disk else str(error))
            return
        written = first + files.new
        self._keeper.written += written
        self._buffers.learn(taken, found.number)
        for digest, since in self._buffers.doubtful:
            why = "a large array that looked constant had changed"
            store.doubt(self._run, digest, since, why)
        self._buffers.doubtful.clear()
        self._estimate_behind = (_processor() - worked) * crowding()
        # A small one takes the disk's time to answer, not its breadth.
        self._writing = _clock() - began if written > HEAVY else 0.0

    def _put_live(self, taken: list[Taken]) -> int | None:
        """Buffers that nobody has copied, as they looked constant: bytes that are new, or None
        where one was no constant, and this state cannot be told any more."""
        new = 0
        for one in taken:
            if one.live is not None:
                one.digest, size = self._keeper.store.blobs.put_live(one.live)
                new += size
                if not self._buffers.confirm(one):
                    return None
        return new

    def _put(self, stream: Stream, taken: list[Taken]) -> Files:
        blobs = self._keeper.store.blobs
        new = 0
        for one in taken:
            if one.digest is None and one.copy is not None:
                one.digest, size = blobs.put(one.copy)
                new += size
        digest, size = blobs.put(stream.data)
        return Files(digest, tuple((str(t.digest), t.size) for t in taken), new + size)

    def _end_checkpoints(self, why: str) -> None:
        """What is there stays and can be replayed."""
        self._stopped = True
        self._notes[f"checkpoints end early: {why}"] = None
        self._keeper.tell(f"checkpoints of run {self._run} end here: {why}")

    def _progress(self, iterations: int, elapsed: float) -> dict[str, Any]:
        return {
            "iterations": iterations,
            "seconds": elapsed,
            "cost": self.cost,
            "notes": list(self._notes),
            "names": {
                **self._state_names,
                "used": sorted(self._names),
                "without": self._without,
                "lost": sorted(self._lost_names),
                "references": sorted(self._references),
                "iterator": self._iterator_kept,
            },
        }

    def _write_logged(self, values: list[Logged]) -> None:
        if self._run:
            kept = (
                Logged(self._run, v.iteration, v.path, v.name, v.value, v.number)
                for v in values
            )
            self._keeper.store.add_logged(kept, replayed=False)

    def _write_printed(self, texts: dict[int, str]) -> None:
        if self._run:
            self._keeper.store.add_printed(self._run, texts)

    def _end_run(self, iterations: int, elapsed: float, outcome: str) -> None:
        if self._run:
            progress = self._progress(iterations, elapsed)
            self._keeper.store.update(self._run, outcome=outcome, **progress)
            self._keeper.store.let_go()


def crowding() -> float:
    """How many seconds by the clock one of a processor takes, as far as others crowd it."""
    try:
        return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    except (AttributeError, OSError):
        return 1.0


def _cannot_keep(name: str, value: object, namespace: Mapping[str, Any]) -> str | None:
    try:
        dump(value, namespace)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def _versions() -> dict[str, str]:
    found = {}
    for name in _COMPUTE:
        version = getattr(sys.modules.get(name), "__version__", None)
        if isinstance(version, str):
            found[name] = version
    return found
