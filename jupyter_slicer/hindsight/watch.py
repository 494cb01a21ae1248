"""Loops as they run: which are slow enough to be recorded, and when their state is taken.

Everything here runs in the user's thread, between two iterations of his loop: it looks,
and it never raises.
"""

from __future__ import annotations

import ast
import builtins
import itertools
import os
import sys
import threading
import time
import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_slicer.analysis.facts import statement_facts
from jupyter_slicer.hindsight.frames import can_be_watched, is_at_head, is_module_level
from jupyter_slicer.hindsight.generators import ambient_state, states_at_cell
from jupyter_slicer.hindsight.held_by_text import look_at_modules
from jupyter_slicer.hindsight.logs import listen
from jupyter_slicer.hindsight.loops import (
    NAME,
    Loop,
    head_of,
    loops_of,
    may_be_copied,
    watched_loops,
    with_calls,
)
from jupyter_slicer.hindsight.recording import (
    EARLY,
    Keeper,
    Recording,
    Turn,
    TurnState,
    digest_of_text,
)
from jupyter_slicer.hindsight.runs import AFTER
from jupyter_slicer.hindsight.situation import Situation
from jupyter_slicer.hindsight.sweeps import (
    carries_nothing,
    is_sweep,
    loop_variables,
    made_anew,
)

if TYPE_CHECKING:
    from jupyter_slicer.hindsight.resuming import Resume

T = TypeVar("T")
FAST = 20e-6
"""Seconds: a loop whose iterations take less is left alone."""
LOOKED = 64
"""Iterations that are looked at before that is said."""
BRIEF = 0.005
"""Seconds: a loop that came and went so often in less is left alone too."""

_clock, _frame, _getpid, _get_ident = (
    time.perf_counter, sys._getframe, os.getpid, threading.get_ident,
)  # fmt: skip
_second: Callable[..., Any] = {}.get
_NOTHING: Iterator[Any] = iter(())


@dataclass(slots=True)
class Site:
    """A loop of a text, and how it has behaved so far."""

    tree: ast.Module
    """The whole text, as it was before calls were put in."""
    ordinal: int
    loop: Loop
    copied: bool
    fast: bool = False
    iterations: int = 0
    seconds: float = 0.0
    entries: int = 0
    long: bool = False
    """Whether it was recorded once."""
    sweeps: dict[int, bool] = field(default_factory=dict)
    """For the sites of loops around it, as a hash: whether it is a training that they repeat."""

    @property
    def head(self) -> str:
        return head_of(self.loop)


class _Numbers:
    """Functions keep the numbers of their loops when the extension is loaded again."""

    next = 0


class Level:
    """A loop that runs now."""

    __slots__ = ("began", "frame", "index", "items", "limit", "recording", "site", "start")

    def __init__(self, site: Site, items: Iterator[Any], frame: int, index: int) -> None:
        self.site = site
        self.items = items
        self.frame = frame
        """Id of the frame in which it runs."""
        self.index = index
        self.start = index
        self.limit = index + LOOKED
        self.recording: Recording | Sweep | None = None
        self.began = _clock()

    def matters(self) -> bool:
        """Whether something of it is kept already."""
        return self.recording is not None and self.recording.promoted


class Sweep:
    """Stands where a recording would: each turn has one of its own inside."""

    promoted = True
    look_at = 0.0

    def __init__(self, watch: Watch, recording: Recording | None, anew: Iterable[str]) -> None:
        self._watch = watch
        self._recording = recording
        """Of the loop itself, which is not kept but still takes states."""
        self.generators: dict[str, Any] | None = None
        """As they were when the turn began."""
        self.state: TurnState | None = None
        """All else, as it was then."""
        if recording is not None:
            self.generators, self.state = recording.give_up(anew)

    def boundary(self, index: int, frame: types.FrameType) -> None:
        """What was logged in the turn before belongs to its run."""
        self._watch.turn_begins()
        self.state = None
        try:
            self.generators = ambient_state()
            if self._recording is not None:
                self.state = self._recording.turn_state(index, frame)
        except Exception as error:
            self._watch.keeper.fail(error)

    def finish(self, index: int, frame: types.FrameType | None, exhausted: bool) -> None:
        return None


class Gate:
    """Stands at the boundaries of one loop; ``map`` asks it before each item.

    Not a generator: its frame would show in tracebacks, and ``map(next, gate, items)``
    gives the items as they are, without a frame of ours when they raise. Nobody but the
    running loop holds it: when the loop is left, it goes.
    """

    __slots__ = ("_level", "_watch")

    def __init__(self, watch: Watch, level: Level) -> None:
        self._watch = watch
        self._level = level

    def __iter__(self) -> Gate:
        return self

    def __next__(self) -> Iterator[Any]:
        level = self._level
        level.index = index = level.index + 1
        if index >= level.limit and self._watch.lets_go(level):
            raise StopIteration
        recording = level.recording
        if recording is not None and _clock() >= recording.look_at:
            recording.boundary(index, _frame(1))
        return _NOTHING

    def __del__(self) -> None:
        self._watch.left(self._level, _frame(1))


@dataclass
class Watch:
    """All loops of one kernel; ``L`` of ``loops.py``."""

    namespace: dict[str, Any]
    situation: Callable[[], Situation | None]
    keeper: Keeper
    sites: dict[int, Site] = field(default_factory=dict)
    paused: bool = False
    resume: Resume | None = None
    """A run to go on with, when its loop is come to."""
    levels: list[Level] = field(default_factory=list)
    """Loops that run now, outer ones first."""

    def __post_init__(self) -> None:
        self.iter = builtins.iter
        self.turns = itertools.repeat(())
        self._rests: dict[int, Iterator[Any]] = {}
        self._pid, self._thread = _getpid(), _get_ident()
        self._forced = ""
        self._generators: dict[str, Any] | None = None
        self._entries: dict[tuple[int, ...], int] = {}
        self._outside: list[tuple[str, Any]] = []
        self._ended: Recording | None = None
        """The last loop of the running cell that was kept."""

    def __reduce__(self) -> tuple[Any, ...]:
        """In another process, where functions of the notebook may be sent, it is nothing."""
        return eval, (_INERT,)

    # -- installing --------------------------------------------------------------------

    def install(self) -> None:
        setattr(builtins, NAME, self)
        self._before = listen(self)

    def remove(self) -> None:
        """Functions of the notebook keep their calls: from now on those do nothing."""
        self.paused = True
        listen(self._before)
        if self.namespace.get(NAME) is self:
            if self.sites:
                self.namespace[NAME] = inert()
            else:
                del self.namespace[NAME]
        if getattr(builtins, NAME, None) is self:
            delattr(builtins, NAME)

    def instrumented(self, tree: ast.Module, plain: ast.Module) -> ast.Module:
        """The tree with calls in it; ``plain`` is the user's text, without anybody's."""
        first = _Numbers.next
        found = with_calls(tree, first, innermost=False)
        count = 0
        # Among the builtins it is found too; here it goes along when a function is sent
        # to another process.
        self.namespace[NAME] = self
        watched = watched_loops(plain, innermost=False)
        for ordinal, (loop, _) in enumerate(loops_of(plain)):
            count = ordinal + 1
            self.sites[first + ordinal] = Site(
                plain, ordinal, loop, may_be_copied(loop, watched)
            )
        _Numbers.next = first + count
        return found

    # -- called from loops -------------------------------------------------------------

    def at(self, number: int) -> Callable[[int, Iterator[T]], Iterator[T]]:
        """The loop's items are about to be asked for, which may draw from generators."""
        if self._rests:  # an interrupt came before they were asked for
            self._rests.pop(id(_frame(1)), None)
        site = self.sites.get(number)
        if site is None or site.fast or self.paused:
            return _second
        if self.resume is not None and self.resume.is_for(site.loop):
            self.resume.before_items()
        self._generators = None
        if self._may_be_recorded() and (site.entries < EARLY or site.long):
            try:
                self._generators = ambient_state()
            except Exception as error:
                self.keeper.fail(error)
        return self.enter

    def enter(self, number: int, items: Iterator[T]) -> Iterator[T]:
        site = self.sites[number]
        if _getpid() != self._pid or _get_ident() != self._thread:
            return items
        frame = _frame(1)
        if not can_be_watched(frame):
            return items
        site.entries += 1
        index = -1
        if self.resume is not None and not self.resume.is_for(site.loop):
            turn = self.resume.turns.get((digest_of_text(site.tree), site.ordinal), 0)
            for _ in range(turn if isinstance(site.loop, ast.For) else 0):
                next(items, None)
            index = turn - 1
        elif self.resume is not None:
            resume, self.resume = self.resume, None
            items, index = (
                resume.take_over(frame, items, site.loop),
                resume.checkpoint.number - 1,
            )
        level = Level(site, items, id(frame), index)
        if self._may_be_recorded():
            self._consider(level, number, frame)
        self.levels.append(level)
        watched = map(next, Gate(self, level), items)
        return watched if site.copied else itertools.chain(watched, items)

    def rest(self) -> Iterable[Any]:
        """What is left of a loop that was let go."""
        return self._rests.pop(id(_frame(1)), ()) if self._rests else ()

    def _may_be_recorded(self) -> bool:
        """An outermost loop, or one in loops of which nothing is kept, which may be a sweep."""
        return not any(self._keeps(level) for level in self.levels)

    def _keeps(self, level: Level) -> bool:
        return level.matters() and not isinstance(level.recording, Sweep)

    def _consider(self, level: Level, number: int, frame: types.FrameType) -> None:
        """Perhaps one to record."""
        try:
            around: tuple[Turn, ...] = ()
            if self.levels:
                if level.site.sweeps.get(self._place_in_levels()) is False:
                    return
                frames = self._frames_around(frame)
                if not frames or not self._is_member(level.site, frame, frames):
                    return
                for outer, where in zip(self.levels, frames, strict=True):
                    self._give_to_turns(outer, where)
                around = tuple(
                    Turn(
                        outer.site, outer.index, loop_variables(outer.site.loop, where),
                        where is frame or is_module_level(where),
                        getattr(outer.recording, "state", None),
                    )
                    for outer, where in zip(self.levels, frames, strict=True)
                )  # fmt: skip
            forced, self._forced = self._forced, ""
            situation = self.situation()
            if situation is None:
                return
            place = (situation.step, number, *(turn.index for turn in around))
            entry = self._entries.get(place, 0)
            self._entries = {place: entry + 1}
            level.recording = self._recording(
                level, situation, entry, frame, bool(forced), around
            )
        except Exception as error:
            self.keeper.fail(error)

    def _recording(
        self,
        level: Level,
        situation: Situation,
        entry: int,
        frame: types.FrameType,
        forced: bool = False,
        around: tuple[Turn, ...] = (),
    ) -> Recording:
        return Recording(
            self.keeper, situation, level.site, level.items, entry, frame,
            forced=forced, outside=self._outside, generators=self._generators,
            iteration=lambda: level.index, around=around, turn=self._turn_generators(),
        )  # fmt: skip

    def _frames_around(self, frame: types.FrameType) -> list[types.FrameType]:
        """Those of the loops that run, outer ones first; empty where one is not found."""
        found, at = [], frame
        for level in reversed(self.levels):
            step: types.FrameType | None = at
            while step is not None and id(step) != level.frame:
                step = step.f_back
            if step is None:
                return []
            at = step
            found.append(step)
        return found[::-1]

    def _is_member(
        self, site: Site, frame: types.FrameType, frames: list[types.FrameType]
    ) -> bool:
        """Whether a loop is a training that all loops around it repeat."""
        key = self._place_in_levels()
        if key not in site.sweeps:
            *others, outer = self.levels
            site.sweeps[key] = is_sweep(outer.site.loop, frames[-1], site.loop, frame) and all(
                carries_nothing(o.site.loop, where, statement_facts(o.site.loop).defines)
                for o, where in zip(others, frames, strict=False)
            )
        return site.sweeps[key]

    def _place_in_levels(self) -> int:
        return hash(tuple(id(level.site) for level in self.levels))

    def _give_to_turns(self, outer: Level, frame: types.FrameType) -> None:
        known = outer.recording
        if isinstance(known, Sweep):
            return
        situation = self.situation() if known is None else None
        if situation is not None:
            # Nobody took it for one to keep; its next turns begin with a state all the same.
            known = self._recording(outer, situation, 0, frame)
        outer.recording = Sweep(self, known, made_anew(outer.site.loop))

    def _turn_generators(self) -> dict[str, Any] | None:
        sweep = self.levels[-1].recording if self.levels else None
        return sweep.generators if isinstance(sweep, Sweep) else None

    def turn_begins(self) -> None:
        self._outside.clear()
        self._ended = None

    def lets_go(self, level: Level) -> bool:
        """Whether a loop has proved fast; what is left of it then runs bare.

        Asked again later and later: other programs may have held up its first iterations.
        """
        turns = level.index - level.start
        level.limit = level.start + turns * 16
        if (_clock() - level.began) / turns >= FAST or level.matters():
            return False
        level.site.fast = True
        # A ``while`` goes on by its own test, and would leave them to the next ``for``.
        if level.site.copied and isinstance(level.site.loop, ast.For):
            self._rests[level.frame] = level.items
        return True

    def left(self, level: Level, frame: types.FrameType) -> None:
        """The loop has ended, in whatever way."""
        try:
            if level in self.levels:
                self.levels.remove(level)
            site = level.site
            site.iterations += max(level.index, 0)
            site.seconds += _clock() - level.began
            if site.entries >= 8 and not site.long:
                brief = site.seconds / site.entries < BRIEF
                fast = site.iterations >= LOOKED and site.seconds / site.iterations < FAST
                site.fast = site.fast or brief or fast
            if level.recording is not None:
                inside = frame if id(frame) == level.frame else None
                exhausted = inside is not None and is_at_head(inside, level.site.loop)
                level.recording.finish(level.index, inside, exhausted)
                if isinstance(level.recording, Recording) and level.recording.promoted:
                    self._ended = level.recording
            level.items = _NOTHING  # a generator is closed at once, as without us
        except Exception as error:
            self.keeper.fail(error)

    # -- called from logs --------------------------------------------------------------

    def log(self, name: str, value: Any) -> None:
        found = self._recorded_level()
        if found is None:
            self._outside.append((name, value))
            if self._ended is not None:
                self._ended.log(None, AFTER, name, value)
            return
        depth, index, recording = found
        path = tuple(level.index for level in self.levels[depth + 1 :])
        recording.log(index, path, name, value)

    def param(self, name: str, default: Any) -> Any:
        self.keeper.parameters[name] = default
        return default

    def loop(self, name: str, items: Iterable[T]) -> Iterator[T]:
        self._forced = name
        return iter(items)

    def _recorded_level(self) -> tuple[int, int, Recording] | None:
        for depth, level in enumerate(self.levels):
            if isinstance(level.recording, Recording):
                return depth, level.index, level.recording
        return None

    def cell_begins(self) -> None:
        """What was logged outside loops belongs to the runs of the same cell."""
        self._outside.clear()
        self.keeper.at_cell = None
        if not self.paused:
            try:
                self.keeper.at_cell = states_at_cell(self.namespace)
                look_at_modules()
            except Exception as error:
                self.keeper.fail(error)
        self.keeper.parameters = {}
        self._forced, self._ended = "", None


def inert() -> Any:
    """What ``L`` is where nobody watches."""
    return eval(_INERT)


_INERT = (
    "__import__('types').SimpleNamespace(iter=iter, at=lambda n: {}.get, rest=tuple, "
    "turns=__import__('itertools').repeat(()))"
)
