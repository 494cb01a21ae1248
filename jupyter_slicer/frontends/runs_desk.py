"""Recorded training runs as sidebars are told of them, and the one replay that a kernel makes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_slicer.errors import Cancelled, CannotReplay, SlicerError, UnknownRun, UsageError
from jupyter_slicer.frontends import requests
from jupyter_slicer.frontends import run_messages as messages
from jupyter_slicer.frontends.hindsight_options import iterations_of
from jupyter_slicer.frontends.messages import FailureMessage, ProgressMessage, our_fault
from jupyter_slicer.hindsight.plan import ranges
from jupyter_slicer.values.preview import preview

# What a replay needs is imported when one is asked for: loading the extension is quick.
if TYPE_CHECKING:
    from jupyter_slicer.hindsight.frame import Table
    from jupyter_slicer.hindsight.replaying import Replayed, WorkerState
    from jupyter_slicer.hindsight.replays import Judged, Proposal, Replays
    from jupyter_slicer.hindsight.runs import Extent, Run
    from jupyter_slicer.hindsight.series import Series
    from jupyter_slicer.slicer import Slicer

LISTED = 200
"""Runs that are listed, the newest ones."""
ROWS = 500
"""Rows of a table of logs that are shown."""
LINES = 50
"""Lines of what was printed that are shown, and notes, and divergences."""
OFTEN = 0.2
"""Seconds between two words on how a replay goes on."""

Answer = messages.ReplayedMessage | FailureMessage


@dataclass(frozen=True)
class Proposed:
    """A plan that was shown: what is started is what was seen."""

    proposal: Proposal
    message: messages.PlanMessage


class RunsDesk:
    """All sidebars of a kernel ask here; any thread may."""

    def __init__(self, slicer: Slicer) -> None:
        self.slicer = slicer
        self._lock = threading.Lock()
        self.replay: BackgroundReplay | None = None
        """That is made, or was made last."""

    def close(self) -> None:
        if self.replay is not None:
            self.replay.stop()

    # -- what there is -------------------------------------------------------------

    def runs(self) -> messages.RunsMessage:
        from jupyter_slicer.hindsight.versions import parameters_of

        hindsight = self.slicer.hindsight
        known = hindsight.store.runs()
        listed = known[: -LISTED - 1 : -1]
        extents = hindsight.store.extents() if listed else {}
        parameters = parameters_of(hindsight.store, listed[::-1])
        told = [self._run(run, extents.get(run.id), parameters[run.id]) for run in listed]
        going_on = any(run.state == "running" for run in told)
        return messages.RunsMessage(
            tuple(told),
            len(known) - len(listed),
            not (going_on or hindsight.background.busy),
            None if self.replay is None else self.replay.run,
        )

    def _run(
        self, run: Run, extent: Extent | None, parameters: Mapping[str, Any]
    ) -> messages.RunMessage:
        return messages.RunMessage(
            run=run.id,
            here=run.kernel == self.slicer.kernel.id,
            cell_id=run.cell_id,
            count=run.count,
            notebook=run.notebook,
            loop=_short(run.head),
            parameters=tuple((n, _text(v)) for n, v in list(parameters.items())[:LINES]),
            names=extent.names[:LINES] if extent else (),
            iterations=run.iterations,
            checkpoints=extent.checkpoints if extent else 0,
            written=extent.written if extent else 0,
            seconds=round(run.seconds, 3),
            cost=round(run.cost, 4),
            started=round(run.started, 3),
            state=self._state(run),
            divergent=ranges(extent.divergent) if extent else "",
            notes=run.notes[:LINES],
        )

    def _state(self, run: Run) -> str:
        if run.outcome != "running":
            return run.outcome
        return "running" if self._goes_on(run) else "lost"

    def _goes_on(self, run: Run) -> bool:
        hindsight, recorder = self.slicer.hindsight, self.slicer.recorder
        here = run.outcome == "running" and run.kernel == self.slicer.kernel.id
        return here and (recorder.running or hindsight.background.busy)

    def curves(self, number: int) -> messages.CurvesMessage:
        from jupyter_slicer.hindsight.series import series_of

        store = self.slicer.hindsight.store
        run = store.run(number)
        return messages.CurvesMessage(run.id, _series(series_of(store.numbers(run.id))))

    # -- replays -------------------------------------------------------------------

    def plan(self, request: requests.PlanRequest) -> Proposed:
        """Raises ``CannotReplay``, ``UnknownRun``, ``UsageError``."""
        self.slicer.hindsight.background.wait(0.0 if self.slicer.recorder.running else 10.0)
        replays = self.slicer.replays_aside()
        run = self._run_of(request, replays)
        if self._goes_on(run):
            raise CannotReplay(
                f"Run {run.id} is still going on. Replay it when its cell has ended."
            )
        found = self.slicer.texts_in(run, request.cells, replays)
        probe = replays.probe(run, {recorded: now for recorded, (_, now) in found.items()})
        nothing = all(edit.same for edit in probe.edits.values())
        if nothing and run.source not in found:
            raise CannotReplay(f"The cell of run {run.id} is not in this notebook.")
        if nothing:
            raise UsageError(
                f"Nothing was added to what run {run.id} ran. Add a line to its cell, such "
                'as  log("name", value)  in the loop, and ask again; do not run the cell.'
            )
        wanted = None
        if request.iterations.strip():
            wanted = iterations_of(request.iterations, run.iterations)
        proposal = replays.propose(run, probe, wanted, force=request.force)
        cells = {recorded: cell for recorded, (cell, _) in found.items()}
        return Proposed(proposal, _plan(proposal, cells))

    def _run_of(self, request: requests.PlanRequest, replays: Replays) -> Run:
        store = self.slicer.hindsight.store
        if request.run:
            return store.run(request.run)
        runs = store.runs()
        of_cell = [run for run in runs if run.cell_id == request.cell]
        if of_cell:
            return of_cell[-1]
        text = self.slicer.shell.transform_cell(request.cells.get(request.cell, ""))
        return replays.find(text, runs)[0]

    def start(self, proposed: Proposed) -> BackgroundReplay:
        """Start a replay in the background. Raises ``CannotReplay`` while there is one."""
        with self._lock:
            if self.replay is not None and self.replay.answer is None:
                raise CannotReplay(
                    f"Run {self.replay.run} is being replayed. Wait for it, or stop it first."
                )
            self.replay = BackgroundReplay(self, proposed.proposal)
        self.replay.start()
        return self.replay

    def current(self) -> BackgroundReplay:
        if self.replay is None:
            raise UnknownRun("This kernel has made no replay in the background.")
        return self.replay

    def made(
        self, proposal: Proposal, progress: Callable[[Sequence[WorkerState]], None]
    ) -> messages.ReplayedMessage:
        """What takes the time."""
        plan = proposal.plan
        if plan is None:
            raise CannotReplay("The edit changes more than what is logged.")
        with self.slicer.aside():
            replays = self.slicer.replays_aside()
            begun = replays.begin(plan, proposal.probe)
            return _replayed(replays.follow(begun, progress), proposal.probe.names)


class BackgroundReplay:
    """A replay in a thread: it goes on when the page that asked for it is loaded again."""

    def __init__(self, desk: RunsDesk, proposal: Proposal) -> None:
        self.run = proposal.run.id
        self.answer: Answer | None = None
        self._desk, self._proposal = desk, proposal
        self._states: tuple[WorkerState, ...] = ()
        self._stopped = False
        self._change = threading.Condition()

    def start(self) -> None:
        threading.Thread(target=self._make, name="jupyter_slicer replay", daemon=True).start()

    def stop(self) -> None:
        self._stopped = True

    def _make(self) -> None:
        answer: Answer
        try:
            answer = self._desk.made(self._proposal, self._take)
        except SlicerError as error:
            answer = FailureMessage.of(error)
        except Exception as error:
            answer = FailureMessage.of(our_fault(error))
        with self._change:
            self.answer = answer
            self._change.notify_all()

    def _take(self, states: Sequence[WorkerState]) -> None:
        if self._stopped:
            raise Cancelled
        with self._change:
            self._states = tuple(states)

    def follow(
        self, tell: Callable[[ProgressMessage], None], abandoned: Callable[[], bool]
    ) -> Answer:
        """Wait for the answer; raises ``Cancelled`` when nobody waits for it any more."""
        told: ProgressMessage | None = None
        while True:
            with self._change:
                self._change.wait_for(lambda: self.answer is not None, OFTEN)
                if self.answer is not None:
                    return self.answer
                now = ProgressMessage("", tuple(_worker(state) for state in self._states))
            if abandoned():
                raise Cancelled
            if now != told:
                tell(now)
                told = now


def _worker(state: WorkerState) -> messages.WorkerMessage:
    return messages.WorkerMessage(state.number, state.iterations, state.of, state.state)


def _plan(proposal: Proposal, cells: Mapping[str, str]) -> messages.PlanMessage:
    plan = proposal.plan
    return messages.PlanMessage(
        proposal.run.id,
        () if plan is None else tuple(line.strip() for line in plan.lines()),
        tuple(_lines(proposal.offending, cells)),
        tuple(_lines(proposal.cautions, cells)),
        proposal.probe.names,
        0.0 if plan is None else round(plan.seconds, 1),
    )


def _lines(found: Iterable[Judged], cells: Mapping[str, str]) -> Iterator[messages.LineMessage]:
    for one in found:
        yield messages.LineMessage(cells.get(one.recorded), one.line, _short(one.text), one.why)


def _replayed(found: Replayed, names: Sequence[str]) -> messages.ReplayedMessage:
    from jupyter_slicer.frontends.hindsight_reports import printed_lines
    from jupyter_slicer.hindsight.frame import table_of
    from jupyter_slicer.hindsight.replaying import RESTORED
    from jupyter_slicer.hindsight.series import series_of

    # What was added is what is looked for.
    logged = sorted(found.table, key=lambda v: v.name not in names)
    table = table_of(logged)
    compared = sum(1 for iteration in found.checked if iteration is not None)
    restored = {v.iteration for v in found.logged if v.verdict == RESTORED}
    return messages.ReplayedMessage(
        run=found.run.id,
        stopped=found.interrupted,
        divergences=tuple(
            messages.DivergenceMessage(where, names)
            for where, names in _together((i, tuple(n)) for i, n in found.divergent.items())
        ),
        failures=tuple(messages.FailedMessage(*one) for one in _together(found.failed)),
        restored=len(restored),
        compared=compared,
        seconds=round(found.took, 2),
        notes=tuple(found.notes[:LINES]),
        printed=tuple(printed_lines(found))[:LINES],
        columns=tuple(_columns(table)),
        left_out=max(0, len(table.rows) - ROWS),
        series=_series(series_of(logged)),
    )


T = TypeVar("T")


def _together(found: Iterable[tuple[int | None, T]]) -> list[tuple[str, T]]:
    """Iterations of which the same is said, as ``3, 7-12``; what is outside the loop first."""
    same: dict[T, set[int | None]] = {}
    for iteration, what in sorted(found, key=lambda one: -1 if one[0] is None else one[0]):
        same.setdefault(what, set()).add(iteration)
    return [
        (ranges([i for i in places if i is not None]), what) for what, places in same.items()
    ][:LINES]


def _columns(table: Table) -> Iterator[messages.ColumnMessage]:
    shown = table.rows[:ROWS]
    for name in table.columns if shown else ():
        if name == "run":
            continue  # it is one run's
        values = [row[name] for row in shown if row.get(name) is not None]
        yield messages.ColumnMessage(
            name,
            tuple(_text(row[name]) if row.get(name) is not None else "" for row in shown),
            all(type(value) in (bool, int, float) for value in values),
        )


def _series(found: Iterable[Series]) -> tuple[messages.SeriesMessage, ...]:
    return tuple(messages.SeriesMessage(s.name, s.points, s.total) for s in found)


def _text(value: object) -> str:
    """Short, and nothing of the value's own is run for it; a text is shown as it is."""
    if type(value) is str:
        return _short(value)
    seen = preview(value)
    return seen.text or f"{seen.type} {seen.shape}".strip()


def _short(text: str) -> str:
    line = text.replace("\n", " ")
    return line if len(line) <= 120 else line[:119] + "…"
