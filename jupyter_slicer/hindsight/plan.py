"""What a replay will do: pure, and printed before anything runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from jupyter_slicer.errors import CannotReplay, UnknownRun
from jupyter_slicer.hindsight.runs import Checkpoint, Run

STARTING = 2.0
"""Seconds that a worker needs before its first iteration, by experience."""


PROVING = 3.0
"""Seconds that iterations may take which only lead to the next saved state."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Iterations that one worker runs in a row."""

    start: int | None
    """The checkpoint that is restored; None runs the program from its beginning."""
    first: int
    """The first iteration that runs."""
    last: int
    wanted: tuple[int, ...]
    """Iterations whose logs are asked for; the others only lead there."""
    skips: bool = False
    """Only what was added runs, in the state after iteration ``last``."""
    ending: bool = False
    """``start`` is the checkpoint that was taken when the loop was left."""
    after: bool = False
    """What follows the loop runs too, to the last line that was added there."""

    @property
    def runs(self) -> int:
        """Iterations that run again."""
        return 0 if self.skips else self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """Which checkpoints are restored, which iterations run again, and on how many workers."""

    run: Run
    workers: tuple[tuple[Segment, ...], ...]
    """The segments of each."""
    iterations: tuple[int, ...]
    """Those asked for."""
    seconds: float
    """That it is expected to take, starting included."""
    before: bool = False
    """Whether something was added before the loop."""
    unchecked: tuple[int, ...] = ()
    """Iterations after which no checkpoint follows that could show a difference."""
    notes: tuple[str, ...] = field(default=())

    @property
    def segments(self) -> tuple[Segment, ...]:
        return tuple(s for worker in self.workers for s in worker)

    def lines(self) -> list[str]:
        """The plan in words."""
        run, segments = self.run, self.segments
        again = sum(s.runs for s in segments)
        skipped = sum(s.skips for s in segments)
        starts = sum(s.start is not None for s in segments if s.runs)
        found = [f"run {run.id}: {run.head}, {run.iterations} iterations"]
        if skipped:
            found.append(
                f"  restores the state after {_many(skipped, 'iteration')} that need not run"
            )
        if again:
            extra = again - sum(len(s.wanted) for s in segments if not s.skips)
            lead = f" ({extra} only to get there or to compare)" if extra else ""
            where = f", from {_many(starts, 'checkpoint')}" if starts else ""
            found.append(f"  runs {_many(again, 'iteration')} again{lead}{where}")
        if any(s.start is None and s.last >= 0 for s in segments):
            found.append("  computes the beginning again: no checkpoint leads there")
        elif self.before:
            found.append("  computes again what comes before the loop")
        for s in segments:
            if s.after:
                where = "" if s.runs else " from the state at its end"
                found.append(f"  runs what follows the loop{where}, to the last added line")
        found.append(
            f"  {_many(len(self.workers), 'worker')}, about {_time(self.seconds)}"
            f" ({_time(STARTING)} of it to start)"
        )
        if self.unchecked:
            found.append(f"  not checked, as no checkpoint follows: {ranges(self.unchecked)}")
        return found + [f"  note: {note}" for note in self.notes]

    def __str__(self) -> str:
        return "\n".join(self.lines())


def replay_plan(
    run: Run,
    checkpoints: Sequence[Checkpoint],
    iterations: Collection[int] | None,
    *,
    at_end: bool,
    inside: bool = True,
    before: bool = False,
    after: bool = False,
    from_start: bool = False,
    workers: int = 1,
    damaged: Collection[int] = (),
) -> ReplayPlan:
    """Plan the replay of some iterations; None is all of them.

    ``at_end``: what was added stands at the end of an iteration and reads only its state;
    then none has to run where a checkpoint follows. ``inside=False``: nothing was added in
    the loop; ``before``, ``after``: something was added there.
    ``from_start``: checkpoints are only compared with. Raises ``UnknownRun`` for
    iterations that there are not.
    """
    wanted = _wanted(run, iterations) if inside else ()
    usable = [c for c in checkpoints if c.number not in damaged]
    before_loop = {c.number: c for c in usable if not c.ending}
    saved = {c.number: c for c in usable}
    segments: list[Segment] = []
    running: list[int] = []
    for k in wanted:
        ending = k + 1 not in before_loop
        # An iteration that was left half-way may not have come to its end.
        if (
            at_end
            and not from_start
            and k + 1 in saved
            and not (ending and run.outcome != "done")
        ):
            segments.append(Segment(k + 1, k + 1, k, (k,), skips=True, ending=ending))
        else:
            running.append(k)
    stuck = _half_way(list(before_loop.values()))
    starts = sorted(before_loop.keys() - stuck.keys()) if not from_start else []
    # The iteration in which the loop was left may have raised, and would again.
    ends = sorted(n for n in saved if run.outcome == "done" or n < run.iterations)
    segments += [_checked(s, ends, run) for s in _runs(running, starts)]
    if after:
        segments = _with_end(segments, run, saved, starts, from_start)
    early = [k for s in segments if s.start is None for k in s.wanted]
    if early and run.entry:
        raise CannotReplay(
            f"Iterations {ranges(early)} of run {run.id} come before its first checkpoint, and "
            "its statement had come to the loop before. Ask for later ones with --iterations."
        )
    if not segments and not before:
        raise CannotReplay(f"Nothing of run {run.id} is asked for.")
    shared = _shared(segments, workers, run)
    if before:
        shared = ((Segment(None, 0, -1, ()),), *shared)
    checked = {s.last for s in segments if not s.skips and s.last + 1 in saved}
    notes = tuple(
        dict.fromkeys(f"{c.doubt} (checkpoint {c.number})" for c in usable if c.doubt)
    )
    if stuck and any(s.runs for s in segments):
        what = ", ".join(dict.fromkeys(stuck.values()))
        notes += (f"no iteration begins at checkpoints {ranges(stuck)}: half-way was {what}",)
    return ReplayPlan(
        run,
        shared,
        wanted,
        max(sum(_cost(s, run) for s in worker) for worker in shared) + STARTING,
        before,
        tuple(s.last for s in segments if s.runs and s.last not in checked),
        notes,
    )


def _with_end(
    segments: Sequence[Segment],
    run: Run,
    saved: Mapping[int, Checkpoint],
    starts: Collection[int],
    from_start: bool,
) -> list[Segment]:
    """Something leads to the end of the loop, and goes on from there."""
    if run.outcome == "running":
        raise CannotReplay(f"Run {run.id} never came to the end of its loop.")
    end = run.iterations
    # Where the loop was broken off, the way out is part of its last iteration.
    if run.outcome == "done" and end in saved and not from_start:
        state = Segment(end, end, end - 1, (), ending=saved[end].ending, after=True)
        return [*segments, state]
    for s in segments:
        if not s.skips and s.last == end - 1:
            return [replace(s, after=True) if other is s else other for other in segments]
    start = max((n for n in starts if n < end), default=None)
    return [*segments, Segment(start, start or 0, end - 1, (), after=True)]


def _half_way(found: Sequence[Checkpoint]) -> dict[int, str]:
    """Checkpoints that no iteration can begin at, and what they lack.

    What was lost at the beginning already is made by the surroundings, as it was then.
    """
    first = min(found, key=lambda c: c.number, default=None)
    if first is None:
        return {}
    made = {part.place for part in first.lost}
    stuck = {}
    for checkpoint in found:
        if checkpoint is first and first.number == 0:
            continue
        parts = (p for p in checkpoint.lost if p.moving or (p.place not in made and p.name))
        part = next(parts, None)
        if part is not None:
            stuck[checkpoint.number] = str(part)
    return stuck


def _wanted(run: Run, iterations: Collection[int] | None) -> tuple[int, ...]:
    if iterations is None:
        return tuple(range(run.iterations))
    beyond = sorted(k for k in iterations if not 0 <= k < run.iterations)
    if beyond:
        raise UnknownRun(
            f"Run {run.id} has iterations 0 to {run.iterations - 1}, not {ranges(beyond)}."
        )
    return tuple(sorted(set(iterations)))


def _runs(wanted: Sequence[int], starts: Sequence[int]) -> list[Segment]:
    """Each iteration from the nearest checkpoint before it."""
    by_start: dict[int | None, list[int]] = {}
    for k in wanted:
        before = [n for n in starts if n <= k]
        by_start.setdefault(before[-1] if before else None, []).append(k)
    found = []
    for start, group in by_start.items():
        first = start if start is not None else 0
        found.append(Segment(start, first, group[-1], tuple(group)))
    return found


def _checked(segment: Segment, ends: Sequence[int], run: Run) -> Segment:
    """Go on to the next saved state, which shows whether all is right, where that takes
    little; what is computed from the beginning goes on to it in any case."""
    later = [n for n in ends if n > segment.last]
    if not later:
        return segment
    more = later[0] - 1 - segment.last
    if segment.start is None or more <= 1 or more * run.per_iteration <= PROVING:
        return replace(segment, last=later[0] - 1)
    return segment


def _shared(
    segments: Sequence[Segment], workers: int, run: Run
) -> tuple[tuple[Segment, ...], ...]:
    """Among workers, the longest first; each takes its own in the order of the loop."""
    count = max(1, min(workers, len(segments)))
    loads: list[tuple[float, list[Segment]]] = [(0.0, []) for _ in range(count)]
    for segment in sorted(segments, key=lambda s: -_cost(s, run)):
        index = min(range(count), key=lambda i: loads[i][0])
        load, taken = loads[index]
        loads[index] = (load + _cost(segment, run), [*taken, segment])
    return tuple(
        tuple(sorted(taken, key=lambda s: (s.after, s.first, s.last)))
        for _, taken in loads
        if taken
    )


def _cost(segment: Segment, run: Run) -> float:
    return segment.runs * run.per_iteration + 0.02


def _many(count: int, word: str) -> str:
    return f"{count} {word}" + ("" if count == 1 else "s")


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def ranges(numbers: Collection[int]) -> str:
    """``3, 7-12``"""
    found: list[list[int]] = []
    for n in sorted(numbers):
        if found and n == found[-1][1] + 1:
            found[-1][1] = n
        else:
            found.append([n, n])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in found)
