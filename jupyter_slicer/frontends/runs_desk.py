"""Recorded training runs as sidebars are told of them, and the one replay that a kernel makes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_slicer.errors import Cancelled, CannotReplay, SlicerError, UnknownRun
from jupyter_slicer.frontends import requests
from jupyter_slicer.frontends import run_messages as messages
from jupyter_slicer.frontends.messages import (
    DocumentMessage,
    FailureMessage,
    ProgressMessage,
    our_fault,
)
from jupyter_slicer.frontends.run_plans import LINES, Proposed, proposed, short
from jupyter_slicer.hindsight.plan import ranges
from jupyter_slicer.values.preview import preview

# What a replay needs is imported when one is asked for: loading the extension is quick.
if TYPE_CHECKING:
    from jupyter_slicer.hindsight.frame import Table
    from jupyter_slicer.hindsight.replaying import Replayed, WorkerState
    from jupyter_slicer.hindsight.runs import Extent, Run
    from jupyter_slicer.hindsight.series import Series
    from jupyter_slicer.slicer import Slicer

LISTED = 200
"""Runs that are listed, the newest ones."""
ROWS = 500
"""Rows of a table of logs that are shown."""
OFTEN = 0.2
"""Seconds between two words on how a replay goes on."""

Answer = messages.ReplayedMessage | FailureMessage
Reporter = Callable[[str, "Sequence[WorkerState]"], None]
"""Is told which run is replayed, where there are several, and how far its workers are."""


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
            loop=short(run.head),
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

    def logs(self, number: int) -> DocumentMessage:
        from jupyter_slicer.hindsight.frame import csv_of, table_of
        from jupyter_slicer.hindsight.versions import parameters_of

        store = self.slicer.hindsight.store
        run = store.run(number)
        with self.slicer.aside():
            table = table_of(store.logged(run.id), None, parameters_of(store, [run]))
        return DocumentMessage("csv", f"run-{run.id}.csv", csv_of(table, _cell))

    # -- replays -------------------------------------------------------------------

    def plan(self, request: requests.PlanRequest) -> Proposed:
        """Raises ``CannotReplay``, ``UnknownRun``, ``UsageError``."""
        from jupyter_slicer.hindsight.on_dask import cluster_at

        self.slicer.hindsight.background.wait(0.0 if self.slicer.recorder.running else 10.0)
        replays = self.slicer.replays_aside()
        with cluster_at(request.on.strip()) as cluster:
            return proposed(self.slicer, replays, request, cluster, self._goes_on)

    def start(self, proposed: Proposed) -> BackgroundReplay:
        """Start a replay in the background. Raises ``CannotReplay`` while there is one."""
        with self._lock:
            if self.replay is not None and self.replay.answer is None:
                raise CannotReplay(
                    f"Run {self.replay.run} is being replayed. Wait for it, or stop it first."
                )
            self.replay = BackgroundReplay(self, proposed)
        self.replay.start()
        return self.replay

    def current(self) -> BackgroundReplay:
        if self.replay is None:
            raise UnknownRun("This kernel has made no replay in the background.")
        return self.replay

    def made(self, proposed: Proposed, progress: Reporter) -> messages.ReplayedMessage:
        """What takes the time: one run after the other."""
        from jupyter_slicer.hindsight.on_dask import cluster_at

        if not proposed.proposals:
            raise CannotReplay("The edit changes more than what is logged.")
        found: list[Replayed] = []
        with self.slicer.aside(), cluster_at(proposed.on) as cluster:
            replays = self.slicer.replays_aside()
            for number, proposal in enumerate(proposed.proposals, 1):
                plan = proposal.plan
                if plan is None:
                    continue
                many = len(proposed.proposals)
                words = f"run {plan.run.id} ({number} of {many})" if many > 1 else ""
                begun = replays.begin(plan, proposal.probe, cluster)
                found.append(replays.follow(begun, lambda s, w=words: progress(w, s)))  # type: ignore[misc]
                if found[-1].interrupted:
                    break
        return _replayed(found, proposed.message)


class BackgroundReplay:
    """A replay in a thread: it goes on when the page that asked for it is loaded again."""

    def __init__(self, desk: RunsDesk, proposed: Proposed) -> None:
        self.run = proposed.message.run
        self.answer: Answer | None = None
        self._desk, self._proposed = desk, proposed
        self._words = ""
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
            answer = self._desk.made(self._proposed, self._take)
        except SlicerError as error:
            answer = FailureMessage.of(error)
        except Exception as error:
            answer = FailureMessage.of(our_fault(error))
        with self._change:
            self.answer = answer
            self._change.notify_all()

    def _take(self, words: str, states: Sequence[WorkerState]) -> None:
        if self._stopped:
            raise Cancelled
        with self._change:
            self._words, self._states = words, tuple(states)

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
                now = ProgressMessage(
                    self._words, tuple(_worker(state) for state in self._states)
                )
            if abandoned():
                raise Cancelled
            if now != told:
                tell(now)
                told = now


def _worker(state: WorkerState) -> messages.WorkerMessage:
    return messages.WorkerMessage(state.number, state.iterations, state.of, state.state)


def _replayed(
    found: Sequence[Replayed], planned: messages.PlanMessage
) -> messages.ReplayedMessage:
    from jupyter_slicer.frontends.hindsight_reports import printed_lines
    from jupyter_slicer.hindsight.frame import table_of
    from jupyter_slicer.hindsight.replaying import RESTORED
    from jupyter_slicer.hindsight.series import series_of

    # What was added is what is looked for.
    names = planned.names
    logged = sorted((v for f in found for v in f.table), key=lambda v: v.name not in names)
    table = table_of(logged)
    replayed = (v for f in found for v in f.logged)
    restored = {(v.run, v.iteration) for v in replayed if v.verdict == RESTORED}
    printed = [line for f in found for line in printed_lines(f)]
    return messages.ReplayedMessage(
        run=planned.run,
        runs=tuple(f.run.id for f in found),
        names=names,
        stopped=any(f.interrupted for f in found),
        divergences=tuple(
            messages.DivergenceMessage(f.run.id, where, names)
            for f in found
            for where, names in _together((i, tuple(n)) for i, n in f.divergent.items())
        ),
        failures=tuple(
            messages.FailedMessage(f.run.id, *one) for f in found for one in _together(f.failed)
        ),
        restored=len(restored),
        compared=sum(1 for f in found for k in f.checked if k is not None),
        seconds=round(sum(f.took for f in found), 2),
        notes=tuple(dict.fromkeys(n for f in found for n in f.notes))[:LINES],
        printed=tuple(printed)[:LINES],
        columns=tuple(_columns(table, with_run=len(found) > 1)),
        left_out=max(0, len(table.rows) - ROWS),
        # Curves of several runs lie over each other, and are asked for one by one.
        series=_series(series_of(logged)) if len(found) == 1 else (),
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


def _columns(table: Table, with_run: bool) -> Iterator[messages.ColumnMessage]:
    shown = table.rows[:ROWS]
    for name in table.columns if shown else ():
        if name == "run" and not with_run:
            continue
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
        return short(value)
    seen = preview(value)
    return seen.text or f"{seen.type} {seen.shape}".strip()


def _cell(value: object) -> str:
    """For a file: whole, and as exact as Python writes it."""
    if value is None:
        return ""
    if type(value) is str:
        return value
    return repr(value) if type(value) in (bool, int, float) else _text(value)
