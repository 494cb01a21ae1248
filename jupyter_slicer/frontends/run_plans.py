"""From what a sidebar asks to what a replay would do; nothing runs yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jupyter_slicer.errors import CannotReplay, SlicerError, UsageError
from jupyter_slicer.frontends import requests
from jupyter_slicer.frontends import run_messages as messages
from jupyter_slicer.frontends.hindsight_options import iterations_of

if TYPE_CHECKING:
    from jupyter_slicer.hindsight.on_dask import Cluster
    from jupyter_slicer.hindsight.probes import Probe
    from jupyter_slicer.hindsight.replays import CarriedRun, Judged, Proposal, Replays
    from jupyter_slicer.hindsight.runs import Run
    from jupyter_slicer.slicer import Slicer

LINES = 50
"""Lines of what was printed that are shown, and notes, and divergences, and runs."""

GoesOn = Callable[["Run"], bool]


@dataclass(frozen=True)
class Proposed:
    """A plan that was shown: what is started is what was seen."""

    proposals: tuple[Proposal, ...]
    """One for each run that will be replayed."""
    message: messages.PlanMessage
    on: str = ""
    """Address of a Dask cluster; empty for this machine."""


def proposed(
    slicer: Slicer,
    replays: Replays,
    request: requests.PlanRequest,
    cluster: Cluster | None,
    goes_on: GoesOn,
) -> Proposed:
    """Raises ``CannotReplay``, ``UnknownRun``, ``UsageError``."""
    run = _run_of(slicer, request, replays)
    if goes_on(run):
        raise CannotReplay(
            f"Run {run.id} is still going on. Replay it when its cell has ended."
        )
    found = slicer.texts_in(run, request.cells, replays)
    probe = replays.probe(run, {recorded: now for recorded, (_, now) in found.items()})
    _check_edited(run, probe, run.source in found)
    count = request.workers or (None if cluster is None else cluster.workers)
    if request.others:
        made = _carried(replays, run, probe, request, count, goes_on)
    else:
        wanted = _wanted(replays, run, probe, request)
        proposal = replays.propose(run, probe, wanted, count, force=request.force)
        cells = {recorded: cell for recorded, (cell, _) in found.items()}
        made = Proposed((proposal,) if proposal.plan else (), _plan(proposal, cells))
    return replace(made, on=request.on.strip())


def _run_of(slicer: Slicer, request: requests.PlanRequest, replays: Replays) -> Run:
    store = slicer.hindsight.store
    if request.run:
        return store.run(request.run)
    runs = store.runs()
    of_cell = [run for run in runs if run.cell_id == request.cell]
    if of_cell:
        return of_cell[-1]
    text = slicer.shell.transform_cell(request.cells.get(request.cell, ""))
    return replays.find(text, runs)[0]


def _check_edited(run: Run, probe: Probe, there: bool) -> None:
    nothing = all(edit.same for edit in probe.edits.values())
    if nothing and not there:
        raise CannotReplay(f"The cell of run {run.id} is not in this notebook.")
    if nothing:
        raise UsageError(
            f"Nothing was added to what run {run.id} ran. Add a line to its cell, such "
            'as  log("name", value)  in the loop, and ask again; do not run the cell.'
        )


def _wanted(
    replays: Replays, run: Run, probe: Probe, request: requests.PlanRequest
) -> list[int] | None:
    """Iterations; None for all."""
    wanted = None
    if request.iterations.strip():
        wanted = iterations_of(request.iterations, run.iterations)
    if request.missing:
        done = replays.iterations_that_logged(run, probe.names)
        wanted = [k for k in (wanted or range(run.iterations)) if k not in done]
        if not wanted:
            raise UsageError(
                f"Run {run.id} has logged {', '.join(probe.names)} in all of these iterations."
            )
    return wanted


# -- other runs ------------------------------------------------------------------------


def _carried(
    replays: Replays,
    run: Run,
    probe: Probe,
    request: requests.PlanRequest,
    workers: int | None,
    goes_on: GoesOn,
) -> Proposed:
    """The added lines in the versions of the cell that other runs have run."""
    names = probe.names
    edited = next((t for t, e in probe.edits.items() if e.names_logged), None)
    if edited is None:
        raise UsageError('Only what is logged is carried to other runs:  log("name", value)')
    found = list(replays.carried(names, edited, probe.texts[edited]))[::-1]
    if not found:
        raise UsageError(f"All runs of this cell have logged {', '.join(names)}.")
    told, proposals = [], []
    for carried in found[:LINES]:
        message, proposal = _one_carried(replays, carried, request, workers, goes_on)
        told.append(message)
        proposals += [proposal] if proposal is not None else []
    seconds = sum(p.plan.seconds for p in proposals if p.plan)
    many = f"{len(proposals)} run{'s' * (len(proposals) != 1)}"
    lines = (f"{many}, about {seconds:.0f} s",) if proposals else ()
    plan = messages.PlanMessage(
        run.id, lines, (), (), names, round(seconds, 1), tuple(told), len(found[LINES:])
    )
    return Proposed(tuple(proposals), plan)


def _one_carried(
    replays: Replays,
    carried: CarriedRun,
    request: requests.PlanRequest,
    workers: int | None,
    goes_on: GoesOn,
) -> tuple[messages.CarriedMessage, Proposal | None]:
    run, diff = carried.run, carried.diff.rstrip("\n")

    def not_replayed(why: str) -> tuple[messages.CarriedMessage, None]:
        return messages.CarriedMessage(run.id, diff, (), why), None

    if carried.why or goes_on(run):
        return not_replayed(carried.why or "it is still going on")
    try:
        probe = replays.probe(run, {carried.text: carried.source})
        if not probe.texts:
            return not_replayed("there is nothing to add")
        wanted = _wanted(replays, run, probe, request)
        proposal = replays.propose(run, probe, wanted, workers, force=request.force)
    except SlicerError as error:
        return not_replayed(str(error))
    if proposal.plan is None:
        return not_replayed("; ".join(str(line) for line in proposal.offending))
    return messages.CarriedMessage(run.id, diff, _words(proposal), ""), proposal


# -- in words --------------------------------------------------------------------------


def _plan(proposal: Proposal, cells: Mapping[str, str]) -> messages.PlanMessage:
    plan = proposal.plan
    return messages.PlanMessage(
        proposal.run.id,
        _words(proposal),
        tuple(_lines(proposal.offending, cells)),
        tuple(_lines(proposal.cautions, cells)),
        proposal.probe.names,
        0.0 if plan is None else round(plan.seconds, 1),
        (),
        0,
    )


def _words(proposal: Proposal) -> tuple[str, ...]:
    plan = proposal.plan
    return () if plan is None else tuple(line.strip() for line in plan.lines())


def _lines(found: Iterable[Judged], cells: Mapping[str, str]) -> Iterator[messages.LineMessage]:
    for one in found:
        yield messages.LineMessage(cells.get(one.recorded), one.line, short(one.text), one.why)


def short(text: str) -> str:
    """On one line, and no longer than a line."""
    line = text.replace("\n", " ")
    return line if len(line) <= 120 else line[:119] + "…"
