"""Replays of recorded runs: from an edited text to a plan, from a plan to logs."""

from __future__ import annotations

import ast
import difflib
import os
import types
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from jupyter_slicer.domain import Step
from jupyter_slicer.errors import CannotReplay, SlicerError, UnknownRun
from jupyter_slicer.hindsight.additions import HandedOver, Live, Needs, hand_over, needs_of
from jupyter_slicer.hindsight.edits import carry, compare, only
from jupyter_slicer.hindsight.lost import found_again, whole
from jupyter_slicer.hindsight.pickling import load
from jupyter_slicer.hindsight.plan import ReplayPlan, Segment, replay_plan
from jupyter_slicer.hindsight.probes import Probe, probe_of
from jupyter_slicer.hindsight.recording import digest_of_text
from jupyter_slicer.hindsight.replaying import (
    DIFFERENT,
    Progress,
    Replayed,
    Running,
    Worker,
    follow,
    request_of,
)
from jupyter_slicer.hindsight.runs import (
    GENERATORS,
    Checkpoint,
    Run,
    RunStore,
    files_of,
    files_of_turn,
)
from jupyter_slicer.hindsight.schema import STATE_FORMAT
from jupyter_slicer.hindsight.surroundings import (
    SurroundingsProgram,
    surroundings_program,
    untouched_names,
)

if TYPE_CHECKING:
    from jupyter_slicer.graph import DependenceGraph
    from jupyter_slicer.hindsight.on_dask import Cluster


@dataclass(frozen=True, slots=True)
class CarriedRun:
    """An older run, and its text with a line that was added to a newer version."""

    run: Run
    text: str
    source: str
    diff: str = ""
    """Empty where the run ran the newer version itself."""
    why: str = ""
    """Why it could not be carried; empty when it could."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A line of an edit that makes training do something else, or might."""

    recorded: str
    """The text that was edited."""
    line: int
    """In the edited text, from 1."""
    text: str
    why: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}  ({self.why})"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What can be done with an edit of a run."""

    run: Run
    probe: Probe
    offending: tuple[Judged, ...]
    cautions: tuple[Judged, ...]
    plan: ReplayPlan | None
    """None where something offends."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A replay whose workers run."""

    plan: ReplayPlan
    workers: tuple[Running, ...]
    notes: tuple[str, ...]


@dataclass
class Replays:
    """What is needed to replay the runs of a store."""

    store: RunStore
    graph_of: Callable[[Run], DependenceGraph]
    look: Callable[[], AbstractContextManager[Live | None]] = nullcontext
    """Within it, nothing changes the kernel's values; None where there are none to look at.
    A cell that begins waits for its end."""
    environment: Mapping[str, str] | None = None
    _programs: dict[tuple[Any, ...], SurroundingsProgram] = field(default_factory=dict)

    def probe(self, run: Run, texts: Mapping[str, str]) -> Probe:
        return probe_of(run, texts, self.own_texts(run))

    def propose(
        self,
        run: Run,
        probe: Probe,
        iterations: Collection[int] | None = None,
        workers: int | None = None,
        force: bool = False,
    ) -> Proposal:
        """Judge an edit, and plan its replay where nothing speaks against it.

        Raises what ``plan`` raises.
        """
        offending, cautions = self.judgement(run, probe)
        if offending and not force:
            return Proposal(run, probe, tuple(offending), tuple(cautions), None)
        if offending:
            probe = replace(probe, at_end=())  # no saved state tells what it does
        plan = self.plan(run, probe, iterations, workers)
        return Proposal(run, probe, tuple(offending), tuple(cautions), plan)

    def judgement(self, run: Run, probe: Probe) -> tuple[list[Judged], list[Judged]]:
        """Lines that make training do something else, and lines that might."""
        from jupyter_slicer.hindsight.edits import judge

        offending: list[Judged] = []
        cautions: list[Judged] = []
        known = {*run.names.get("used", ()), *run.names.get("globals", ())}
        for recorded, edit in probe.edits.items():
            others = [probe.texts.get(t, t) for t in self.texts(run) if t != recorded]
            said = judge(edit, probe.texts[recorded], definitions=others, names_elsewhere=known)
            for o in said.offences:
                # What comes after the loop changes nothing that it did.
                late = any(t == recorded and a <= o.line <= b for t, a, b in probe.spans)
                where = cautions if late else offending
                where.append(Judged(recorded, o.line, o.text.strip(), o.why))
            cautions += [Judged(recorded, o.line, o.text.strip(), o.why) for o in said.cautions]
        return offending, cautions

    def find(self, edited: str, runs: Sequence[Run]) -> tuple[Run, str]:
        """The newest run to which an edited text belongs, and its text as recorded. Of a cell
        with several loops, the one in which something was added.

        Raises ``CannotReplay``.
        """
        best: tuple[float, Run, str] | None = None
        for run in reversed(runs):
            for text in self.own_texts(run):
                if text == edited:
                    return run, text
                likeness = _likeness(text, edited)
                if best is None or likeness > best[0]:
                    best = (likeness, run, text)
            if best is not None and best[0] >= _CERTAIN:
                break
        if best is None or best[0] < _ALIKE:
            raise CannotReplay(
                "No recorded run comes from a cell like this one. See  %hindsight runs"
            )
        _, newest, text = best
        of_cell = [r for r in reversed(runs) if _is_of_cell(r, newest)]
        inside = (r for r in of_cell if self.probe(r, {text: edited}).inside)
        return next(inside, newest) if len(of_cell) > 1 else newest, text

    def own_texts(self, run: Run) -> tuple[str, ...]:
        """``texts``; of a run whose kernel is not known any more its cell alone."""
        try:
            return self.texts(run)
        except SlicerError:
            return (run.source,)

    def iterations_that_logged(self, run: Run, names: Collection[str]) -> set[int]:
        """Iterations of which every one of some names is known, and not known to differ."""
        found: dict[int, set[str]] = {}
        for value in self.store.logged(run.id):
            if value.iteration is not None and value.verdict != DIFFERENT:
                found.setdefault(value.iteration, set()).add(value.name)
        return {k for k, known in found.items() if names and set(names) <= known}

    def carried(self, names: Sequence[str], recorded: str, edited: str) -> Iterator[CarriedRun]:
        """Each run that has not logged some names, with what logs them put into its own
        text."""
        edit = only(compare(recorded, edited), names)
        runs = self.store.runs()
        # What a loop draws from may lead to the cells of earlier loops, which are no versions
        # of its own.
        of_loop = any(run.source == recorded for run in runs)
        for run in runs:
            if set(names) <= {v.name for v in self.store.logged(run.id)}:
                continue
            text = max(
                (run.source,) if of_loop else self.own_texts(run),
                key=lambda t: 3 if t == recorded else _likeness(recorded, t),
            )
            if text == recorded:
                yield CarriedRun(run, text, edited)
            elif _likeness(recorded, text) >= _ALIKE:
                found = carry(edit, recorded, edited, text)
                why = "; ".join(f"{u.text.strip()}: {u.why}" for u in found.unplaced)
                yield CarriedRun(run, text, found.source, found.diff, why)

    def plan(
        self,
        run: Run,
        probe: Probe,
        iterations: Collection[int] | None = None,
        workers: int | None = None,
    ) -> ReplayPlan:
        """What ``replay`` would do. Raises ``CannotReplay``, ``UnknownRun``."""
        checkpoints = self.store.checkpoints(run.id)
        damaged = self._damaged(checkpoints)
        notes = [f"checkpoint {n} is damaged and is not used" for n in sorted(damaged)]
        graph = self._graph(run, probe)
        with self.look() as live:
            needs = self._needs(run, probe, graph, live)
        notes += [
            f"{name} leads to what the loop changes, and no checkpoint holds it: all is"
            " computed again"
            for name in needs.shared
        ]
        notes += [_ANEW.format(name=name) for name in needs.anew]
        found = replay_plan(
            run, checkpoints, iterations, at_end=bool(probe.at_end), inside=probe.inside,
            before=probe.before, after=bool(probe.after),
            from_start=bool(needs.shared), workers=workers or self.workers(run), damaged=damaged,
        )  # fmt: skip
        return _noted(found, [*notes, *run.notes])

    def _damaged(self, checkpoints: Sequence[Checkpoint]) -> set[int]:
        """Checkpoints of which a file is gone; what is in the files is looked at later."""
        return {
            c.number
            for c in checkpoints
            if not all(self.store.blobs.has(*file) for file in files_of(c))
        }

    def workers(self, run: Run) -> int:
        """As many as the machine can run at once with the threads that the run had."""
        threads = max(1, *run.threads.values()) if run.threads else 1
        return max(1, (os.cpu_count() or 1) // threads)

    def replay(
        self,
        plan: ReplayPlan,
        probe: Probe,
        progress: Progress = lambda states: None,
        on: Cluster | None = None,
    ) -> Replayed:
        """The one call that may take an hour; what it has found is stored, too."""
        return self.follow(self.begin(plan, probe, on), progress)

    def begin(self, plan: ReplayPlan, probe: Probe, on: Cluster | None = None) -> Begun:
        """Start the workers: after this nothing in the kernel is looked at any more."""
        run = plan.run
        found = self.store.checkpoints(run.id)
        damaged = self._damaged(found)
        checkpoints = [c for c in found if c.number not in damaged]
        self._bring(plan, checkpoints)
        parameters = self.store.parameters(run.id)
        workers: list[Running] = []
        graph = self._graph(run, probe)
        with self.look() as live:
            needs = self._needs(run, probe, graph, live)
            given = HandedOver()
            if live is not None and graph is not None and needs.given:
                given = hand_over(run, graph, live, needs.given, self.store.blobs)
        unknown = {*needs.anew, *given.anew}
        try:
            for segments in plan.workers:
                everything = any(s.start is None for s in segments)
                extra = needs.steps | given.steps
                if any(s.last < 0 for s in segments):
                    extra |= {Step(run.step - run.position + n) for n in probe.early}
                program = self._program(run, everything, extra, needs.remade)
                kept = frozenset[str]()
                # What is computed again beside it would not lead to what is put back.
                if everything and graph is not None and not (needs.shared or unknown):
                    kept = self._kept(graph, run, segments, checkpoints)
                request = request_of(
                    plan, segments, program, probe, checkpoints,
                    self.store.blobs.folder, parameters, given.stored, kept,
                    bool(unknown) and any(s.last < 0 for s in segments),
                )  # fmt: skip
                if on is not None:
                    workers.append(on.start(request, run.folder, program.inputs))
                    continue
                workers.append(Worker(request, run.folder, program.inputs, self.environment))
        except BaseException:
            for worker in workers:
                worker.close()
            raise
        anew = (_ANEW.format(name=name) for name in (*given.anew, *needs.anew))
        return Begun(plan, tuple(workers), tuple(n for n in anew if n not in plan.notes))

    def _kept(
        self,
        graph: DependenceGraph,
        run: Run,
        segments: Sequence[Segment],
        checkpoints: Sequence[Checkpoint],
    ) -> frozenset[str]:
        """Variables that what is computed from the beginning finds in the first checkpoint."""
        numbers = [c.number for c in checkpoints if not c.ending]
        if 0 in numbers and any(s.last >= 0 and s.start is None for s in segments):
            return frozenset()  # it is wanted that checkpoints are only compared with
        whole = 0 not in numbers or bool(run.surroundings.get("around"))
        return frozenset(untouched_names(graph, run, whole))

    def _bring(self, plan: ReplayPlan, checkpoints: Sequence[Checkpoint]) -> None:
        """Files to where workers can read them: of states that they restore or compare with,
        and of those before, which stand in for a damaged one."""
        run = plan.run
        last = max((s.last + 1 for s in plan.segments), default=0)
        kept = [run.surroundings.get(name) for name in GENERATORS]
        self.store.blobs.bring((digest, size) for digest, size in filter(None, kept))
        for turn in run.surroundings.get("turns", ()):
            self.store.blobs.bring(files_of_turn(turn))
        for checkpoint in checkpoints:
            if checkpoint.number <= max(last, 0):
                self.store.blobs.bring(files_of(checkpoint))

    def follow(self, begun: Begun, progress: Progress = lambda states: None) -> Replayed:
        """Until the workers have ended."""
        plan, run = begun.plan, begun.plan.run

        def keep(found: Replayed) -> None:
            found.judge(
                plan, self.store.logged(run.id, replayed=False), self.store.printed(run.id)
            )
            self.store.add_logged(found.logged, replayed=True)
            for name, value in found.parameters.items():
                self.store.add_parameter(run.id, name, value)

        wanted = [sum(len(s.wanted) for s in segments) for segments in plan.workers]
        found = Replayed(run, notes=list(begun.notes), raised=self._raised(run))
        return follow(begun.workers, found, keep, progress, wanted)

    def _raised(self, run: Run) -> str:
        """The exception that a run broke off with."""
        if run.outcome != "left":
            return ""
        with suppress(SlicerError):  # its kernel may be forgotten
            executions = self.graph_of(run).executions.values()
            execution = next((e for e in executions if e.id == run.execution), None)
            return ((execution.error if execution else None) or "").rpartition(".")[2]
        return ""

    def program(self, run: Run, everything: bool) -> SurroundingsProgram:
        """What rebuilds the surroundings of a run, without anything added."""
        return self._program(run, everything, frozenset())

    def _program(
        self,
        run: Run,
        everything: bool,
        extra: frozenset[Step],
        remade: tuple[tuple[str, Step], ...] = (),
    ) -> SurroundingsProgram:
        key = (run.id, everything, extra, remade)
        if key not in self._programs:
            self._programs[key] = surroundings_program(
                self.graph_of(run), run, everything, extra, dict(remade)
            )
        return self._programs[key]

    def _graph(self, run: Run, probe: Probe) -> DependenceGraph | None:
        """None where nothing was added that could need anything."""
        return self.graph_of(run) if probe.edits else None

    def _needs(
        self, run: Run, probe: Probe, graph: DependenceGraph | None, live: Live | None
    ) -> Needs:
        return Needs() if graph is None else needs_of(run, probe, graph, live)

    def past_value(self, run: Run, iteration: int, name: str, namespace: dict[str, Any]) -> Any:
        """A variable as it was before an iteration, from the checkpoint there.

        Raises ``UnknownRun`` where there is none, naming those that are near.
        """
        found = {c.number: c for c in self.store.checkpoints(run.id)}
        if iteration not in found:
            numbers = ", ".join(map(str, sorted(found))) or "none"
            raise UnknownRun(
                f"Run {run.id} has no checkpoint before iteration {iteration}. It has {numbers}."
            )
        state = restored(self.store, found[iteration], namespace)
        values = {**whole(state["globals"]), **whole(state["locals"])}
        if name not in values:
            near = difflib.get_close_matches(name, values)
            hint = f" Did you mean {near[0]!r}?" if near else f" It has {', '.join(values)}."
            raise UnknownRun(f"The checkpoints of run {run.id} do not hold {name!r}.{hint}")
        return values[name]

    def state(self, found: Checkpoint, namespace: dict[str, Any]) -> dict[str, Any]:
        """The notebook's variables as a checkpoint has them."""
        return whole(restored(self.store, found, namespace)["globals"])

    def texts(self, run: Run) -> tuple[str, ...]:
        """The texts that take part in a run: those that an edit may concern."""
        return self.program(run, everything=True).texts


def restored(
    store: RunStore,
    found: Checkpoint,
    namespace: dict[str, Any],
    cells: Mapping[str, types.CellType] | None = None,
    scopes: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """The state of a checkpoint as objects of their own; random states stay as they are.

    ``scopes``: where to look for what it could not hold.
    """
    if found.format > STATE_FORMAT:
        raise CannotReplay(
            f"Checkpoint {found.number} was written by a later version of jupyter_slicer."
        )
    data = store.blobs.get(found.stream, found.stream_size)
    buffers = [store.blobs.get(digest, size) for digest, size in found.buffers]
    lost = found_again(found.lost, scopes or {})
    state: dict[str, Any] = load(bytes(data), buffers, namespace, cells or {}, lost)
    return state


def _is_of_cell(run: Run, other: Run) -> bool:
    return (run.kernel, run.execution) == (other.kernel, other.execution)


_ANEW = "{name} is computed again; nothing tells whether it comes out as it was"
_CERTAIN = 2.0
"""Likeness of a text to which lines were only added."""
_ALIKE = 0.3


def holds_loop(run: Run, text: str) -> bool:
    return digest_of_text(ast.parse(text)) == run.loop_source


def only_adds(recorded: str, text: str) -> bool:
    return text != recorded and _likeness(recorded, text) >= _CERTAIN


def _likeness(recorded: str, edited: str) -> float:
    """From 0 to 1, and 2 for a text to which lines were only added."""
    try:
        edit = compare(recorded, edited)
    except SlicerError:
        return 0.0
    if edit.only_adds:
        return _CERTAIN
    changed = sum(not c.wraps for c in edit.changed)
    gone = len(edit.removed) + changed + len(edit.moved) + len(edit.renamed)
    kept = len(edit.lines)
    return kept / (kept + gone + len(edit.added))


def _noted(plan: ReplayPlan, notes: Sequence[str]) -> ReplayPlan:
    return replace(plan, notes=tuple(dict.fromkeys((*plan.notes, *notes))))
