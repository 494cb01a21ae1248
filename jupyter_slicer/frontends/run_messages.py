"""What front ends are told of recorded training runs and their replays."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from jupyter_slicer.frontends.wire import plain


@dataclass(frozen=True, slots=True)
class RunMessage:
    """One time that a recorded loop ran."""

    run: int
    here: bool
    """Whether this kernel ran it."""
    cell_id: str | None
    count: int | None
    """The number in ``In[count]``."""
    notebook: str | None
    """Path of the notebook, as the kernel knew it."""
    loop: str
    """The loop's head: ``for epoch in range(20)``."""
    parameters: tuple[tuple[str, str], ...]
    """Hyper-parameters, by name and as short texts."""
    names: tuple[str, ...]
    """What was logged, in the run or by a replay."""
    iterations: int
    checkpoints: int
    written: int
    """Bytes that its checkpoints have added to the store."""
    seconds: float
    cost: float
    """Seconds of those that recording took."""
    started: float
    """Seconds since the epoch."""
    state: str
    """``running``, ``done``, ``left`` for a loop that was broken off, ``lost`` for one whose
    kernel died."""
    divergent: str
    """Iterations that a replay could not repeat as they were, as ``3, 7-12``."""
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunsMessage:
    """Recorded runs, the newest first."""

    runs: tuple[RunMessage, ...]
    left_out: int
    """Older runs that are too many to list."""
    settled: bool
    """False while something of a run of this kernel is still being written."""
    replay: int | None
    """The run whose replay this kernel makes or has made last; ``follow`` gives it."""

    def to_json(self) -> dict[str, Any]:
        return {"kind": "runs", **plain(asdict(self))}


@dataclass(frozen=True, slots=True)
class SeriesMessage:
    """A name's numbers over the iterations."""

    name: str
    points: tuple[tuple[float, float | None], ...]
    """Iteration, with the part of it that had gone by, and number; null for what is none."""
    total: int
    """How many numbers the points stand for."""


@dataclass(frozen=True, slots=True)
class CurvesMessage:
    """All numbers that are known of a run."""

    run: int
    series: tuple[SeriesMessage, ...]

    def to_json(self) -> dict[str, Any]:
        return {"kind": "curves", **plain(asdict(self))}


@dataclass(frozen=True, slots=True)
class LineMessage:
    """A line of an edited cell that does more than log, or might."""

    cell_id: str | None
    line: int
    """In the cell, from 1."""
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class CarriedMessage:
    """Another run, and what the added lines are in its own version of the cell."""

    run: int
    diff: str
    """As a unified diff; empty where it ran the same version."""
    lines: tuple[str, ...]
    """The plan in words; empty where it will not be replayed."""
    why: str
    """Why it will not; empty where it will."""


@dataclass(frozen=True, slots=True)
class PlanMessage:
    """What a replay would do; nothing runs yet."""

    run: int
    lines: tuple[str, ...]
    """The plan in words; empty where the edit is refused."""
    refused: tuple[LineMessage, ...]
    """What makes the edited cell do more than log."""
    watched: tuple[LineMessage, ...]
    """What might."""
    names: tuple[str, ...]
    """What the added lines log."""
    seconds: float
    """That it is expected to take."""
    carried: tuple[CarriedMessage, ...]
    """Where the lines are carried to all runs, each of them; the newest first."""
    left_out: int
    """Older runs that are too many for one replay."""

    def to_json(self) -> dict[str, Any]:
        return {"kind": "plan", **plain(asdict(self))}


@dataclass(frozen=True, slots=True)
class WorkerMessage:
    """How far a replay's worker has come."""

    number: int
    """From 1."""
    iterations: int
    of: int
    state: str
    """``running``, ``done``, or ``ended`` before it was done."""


@dataclass(frozen=True, slots=True)
class DivergenceMessage:
    """What was not as it had been."""

    run: int
    iterations: str
    """After which, as ``3, 7-12``; empty for outside the loop."""
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FailedMessage:
    """What raised."""

    run: int
    iterations: str
    """In which, as ``3, 7-12``; empty where that is not known."""
    why: str


@dataclass(frozen=True, slots=True)
class ColumnMessage:
    """A column of the table of logs."""

    name: str
    cells: tuple[str, ...]
    """As short texts; empty for what is not known."""
    numeric: bool


@dataclass(frozen=True, slots=True)
class ReplayedMessage:
    """What a replay has given."""

    run: int
    """For which it was asked."""
    runs: tuple[int, ...]
    """That were replayed: others too where lines were carried to them."""
    names: tuple[str, ...]
    """What the added lines log."""
    stopped: bool
    """Whether it was stopped; what was done by then is kept."""
    divergences: tuple[DivergenceMessage, ...]
    failures: tuple[FailedMessage, ...]
    restored: int
    """States that were put back as recorded, without running an iteration."""
    compared: int
    """Iterations after which the state was compared with the record."""
    seconds: float
    notes: tuple[str, ...]
    printed: tuple[str, ...]
    """Lines, each with the iteration that printed it."""
    columns: tuple[ColumnMessage, ...]
    left_out: int
    """Rows that are too many to show; ``logs`` has them all."""
    series: tuple[SeriesMessage, ...]

    def to_json(self) -> dict[str, Any]:
        return {"kind": "replayed", **plain(asdict(self))}
