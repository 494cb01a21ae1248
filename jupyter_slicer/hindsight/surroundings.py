"""The program that rebuilds what a checkpoint only refers to: imports, functions, classes.

It is the slice of those names; where a run must begin before its first checkpoint, the
slice of all that the loop read.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from jupyter_slicer.analysis.facts import statement_facts
from jupyter_slicer.domain import (
    Dependence,
    DependenceKind,
    LocationKind,
    Outcome,
    SlicingCriterion,
    Step,
)
from jupyter_slicer.errors import CannotReplay
from jupyter_slicer.graph import DependenceGraph
from jupyter_slicer.hindsight.runs import Run
from jupyter_slicer.store.records import LocationWrite


@dataclass(frozen=True, slots=True)
class Piece:
    """A statement of a text that runs."""

    text: int
    position: int | None
    """None is all of the text: a magic's translation."""
    may_raise: bool = False
    """It raised in the notebook, and what came after ran all the same."""


@dataclass(frozen=True, slots=True)
class SurroundingsProgram:
    """Statements in the order in which they ran, and the one that contains the loop."""

    texts: tuple[str, ...]
    pieces: tuple[Piece, ...]
    target: Piece
    inputs: tuple[str, ...] = ()
    """Files that it reads."""
    notes: tuple[str, ...] = field(default=())
    own: int = 0
    """The first of the pieces that belongs to the cell of the run."""
    written: tuple[str, ...] = ()
    """Files that the statement with the loop wrote."""
    remade: tuple[Piece, ...] = ()
    """Statements that run once more, when values of the kernel's were handed over."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(found: Mapping[str, Any]) -> SurroundingsProgram:
        return SurroundingsProgram(
            tuple(found["texts"]),
            tuple(Piece(**piece) for piece in found["pieces"]),
            Piece(**found["target"]),
            tuple(found["inputs"]),
            tuple(found["notes"]),
            found["own"],
            tuple(found["written"]),
            tuple(Piece(**piece) for piece in found["remade"]),
        )


def lost_names(run: Run) -> set[str]:
    """Variables that no checkpoint holds, or not as a whole."""
    return {*run.names.get("without", ()), *run.names.get("lost", ())}


def referred_names(run: Run) -> set[str]:
    """Names that the state of the run does not hold, and that it needs.

    A decorated function is among its variables, for what it closes over, and yet kept as a name.
    """
    held = set(run.names.get("globals", ())) - lost_names(run)
    return (set(run.names.get("used", ())) - held) | set(run.names.get("references", ()))


def seed_steps(
    graph: DependenceGraph, run: Run, everything: bool, without: Collection[str] = ()
) -> set[Step]:
    """Steps that made what the loop needs and no checkpoint holds."""
    if everything:
        made = {Step(s) for s in run.surroundings.get("sources", ()) if s >= 0}
        for name in run.surroundings.get("late", ()):
            made |= steps_behind(graph, run, name)
        return made | option_steps(graph, run)
    writers: Mapping[str, Iterable[int]] = run.surroundings.get("writers", {})
    names = referred_names(run) - set(without)
    made = {Step(s) for n in names for s in writers.get(n, ()) if s >= 0}
    made |= {Step(s) for s in run.surroundings.get("settings", ())}
    for name in names & lost_names(run):
        made |= steps_behind(graph, run, name)
    return made | option_steps(graph, run)


def option_steps(graph: DependenceGraph, run: Run) -> set[Step]:
    """Steps before the run that set an option by nothing but what is imported: an added line may
    feel it though the loop does not.

    np.set_printoptions(precision=3)
    os.environ["DEVICE"] = "cpu"
    """
    from jupyter_slicer.slicing.text import body_of

    writers: Mapping[str, Iterable[int]] = run.surroundings.get("writers", {})
    found = set()
    for step, writes in graph.writes.items():
        if step >= run.step or step not in graph.instances or not all(map(_is_option, writes)):
            continue
        facts = statement_facts(body_of(graph, step))
        reads = {access.name for access in facts.reads}
        if reads and all(_is_imported(graph, writers.get(name, ())) for name in reads):
            found.add(step)
    return found


def _is_option(write: LocationWrite) -> bool:
    location = write.location
    return location.kind is LocationKind.AMBIENT and not location.name.startswith(_NO_OPTIONS)


_NO_OPTIONS = ("random", "numpy.random", "torch.random", "working folder", "sys.path")
"""Ambient state that a checkpoint has, or that the worker begins with."""


def _is_imported(graph: DependenceGraph, makers: Iterable[int]) -> bool:
    from jupyter_slicer.slicing.text import body_of

    kinds = (ast.Import, ast.ImportFrom)
    known = [Step(step) for step in makers if Step(step) in graph.instances]
    return bool(known) and all(isinstance(s, kinds) for k in known for s in body_of(graph, k))


def steps_behind(graph: DependenceGraph, run: Run, name: str) -> set[Step]:
    """Steps that made a variable what the loop found, changes in place included."""
    written = {Step(s) for s in run.surroundings.get("writers", {}).get(name, ()) if s >= 0}
    first = run.step - run.position
    if not written or max(written) < first:
        for execution, record in graph.records.items():
            if execution < run.execution and name in record.seeds:
                written = set(record.seeds[name])
    for step in range(first, run.step):
        for write in graph.writes.get(Step(step), ()):
            if name in (write.names or (str(write.location),)):
                written.add(Step(step))
    return written


def untouched_names(graph: DependenceGraph, run: Run, whole: bool) -> set[str]:
    """Variables that the statements before the loop in its cell have not changed: what the loop
    found in them, the cell had found.

    ``whole``: nor has the one with the loop. Of a loop in a function nobody knows what the
    function did before it, so that one counts there in any case.
    """
    first = run.step - run.position
    steps = range(first, run.step + (whole or bool(run.names.get("locals"))))
    if run.entry or any(Step(step) not in graph.instances for step in steps):
        return set()
    written = {
        name
        for step in steps
        for write in graph.writes.get(Step(step), ())
        for name in (write.names or (str(write.location),))
    }
    return set(run.names.get("globals", ())) - written - lost_names(run)


def surroundings_program(
    graph: DependenceGraph,
    run: Run,
    everything: bool = False,
    extra: Collection[Step] = (),
    remade: Mapping[str, Step] = {},
) -> SurroundingsProgram:
    """Raises ``CannotReplay`` where the statement with the loop is not known any more.

    ``extra``: steps that make what only the added lines need; they may lie after the run.
    ``remade``: variables whose inputs are at hand, and the step that makes them of those.
    """
    from jupyter_slicer.slicing import backward_slice
    from jupyter_slicer.slicing.text import plain_of

    at = Step(run.step)
    before = {s for s in seed_steps(graph, run, everything, remade) if s < at} | set(extra)
    seeds = [
        Dependence(step, at, DependenceKind.CONTROL)
        for step in sorted(before)
        if step != at and step in graph.instances
    ]
    texts: dict[str, int] = {}
    pieces: list[Piece] = []
    own = 0
    found = backward_slice(graph, SlicingCriterion((run.head,), at), seeds, cut_inner=False)
    for kept in found.statements:
        if kept.step == at:
            continue
        raised = kept.instance.outcome in (Outcome.RAISED, Outcome.INTERRUPTED)
        if kept.plain is not None:
            text, position = kept.plain, None
        else:
            text, position = kept.execution.source, kept.instance.position
        pieces.append(Piece(texts.setdefault(text, len(texts)), position, raised))
        own += kept.step < run.step - run.position
    steps = [] if everything else sorted(set(remade.values()))
    again = tuple(_piece(graph, step, texts, plain_of) for step in steps)
    if Step(run.step) not in graph.instances:
        pieces += _of_unfinished_cell(run, before, texts)
    target = _target(graph, run, texts, plain_of)
    return SurroundingsProgram(
        tuple(texts),
        tuple(pieces),
        target,
        tuple(use.path for use in found.inputs) + _files_of(graph, run, "r"),
        found.notes,
        own,
        _files_of(graph, run, "w"),
        again,
    )


def _of_unfinished_cell(
    run: Run, steps: Collection[Step], texts: dict[str, int]
) -> list[Piece]:
    """Statements above the loop in a cell that never ended: the kernel died in it."""
    first = run.step - run.position
    return [
        Piece(texts.setdefault(run.source, len(texts)), step - first)
        for step in sorted(steps)
        if first <= step < run.step
    ]


def _target(graph: DependenceGraph, run: Run, texts: dict[str, int], plain_of: Any) -> Piece:
    if Step(run.step) in graph.instances and plain_of(graph, Step(run.step)) is not None:
        return _piece(graph, Step(run.step), texts, plain_of)
    if not run.source:
        raise CannotReplay(f"The text of run {run.id} is not known any more.")
    return Piece(texts.setdefault(run.source, len(texts)), run.position)


def _piece(graph: DependenceGraph, step: Step, texts: dict[str, int], plain_of: Any) -> Piece:
    plain = plain_of(graph, step)
    if plain is not None:
        return Piece(texts.setdefault(plain.text, len(texts)), None)
    instance = graph.instances[step]
    text = graph.executions[instance.execution].source
    return Piece(texts.setdefault(text, len(texts)), instance.position)


def _files_of(graph: DependenceGraph, run: Run, mode: str) -> tuple[str, ...]:
    return tuple(f.path for f in graph.files.get(Step(run.step), ()) if f.mode == mode)
