"""Backward slices: everything a value came from."""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import NamedTuple

from jupyter_slicer.analysis.tree import names_in, nodes_in
from jupyter_slicer.domain import (
    EVALUATED,
    CellExecution,
    Cut,
    Dependence,
    FileUse,
    KeptStatement,
    LocationKind,
    Outcome,
    Place,
    ProgramSlice,
    SlicingCriterion,
    Step,
)
from jupyter_slicer.domain.location import CURRENT_FIGURE, root_name
from jupyter_slicer.graph import DependenceGraph
from jupyter_slicer.slicing.history import history_replacements, is_display
from jupyter_slicer.slicing.inner import drawing_names, inner_cuts
from jupyter_slicer.slicing.reached import free_names, reads_namespace
from jupyter_slicer.slicing.text import (
    body_of,
    place_of,
    plain_of,
    source_of,
    statement_of,
)
from jupyter_slicer.store.records import WriteKind

BEFORE = Step(-1)
"""Stands for everything that was there before recording began."""


def backward_slice(
    graph: DependenceGraph,
    criterion: SlicingCriterion,
    seeds: Iterable[Dependence],
    *,
    unfounded: frozenset[Dependence] = frozenset(),
    extra: Collection[Step] = (),
    without: Collection[Step] = (),
    cut_inner: bool = True,
) -> ProgramSlice:
    """Keep each statement whose effect can reach the criterion.

    ``seeds`` lead from the last writers to the criterion. ``extra`` steps are kept with
    all that they need; ``without`` steps are left out whatever needs them.
    """
    seeds = [d for d in seeds if d not in unfounded]
    cut_inner = cut_inner and not criterion.whole
    find = partial(
        _settled, graph, criterion, seeds, unfounded, extra, without, cut_inner=cut_inner
    )
    drawing = frozenset[str]()
    if cut_inner and not criterion.output:
        drawing = drawing_names(graph)
    # What a loop draws beside its work is nobody's, if no text that is left draws.
    found = find(drawing=drawing) if drawing else find()
    if drawing and _draws(graph, found, criterion, drawing):
        found = find()
    reasons, steps, needed, cuts = found
    statements = tuple(_kept(graph, step, needed, cuts) for step in steps)
    # What was evaluated for earlier questions is no work of the user's, unless it matters.
    ours = {e.id for e in graph.executions.values() if e.cell_id == EVALUATED}
    ours -= {graph.instances[step].execution for step in steps}
    later = {i.execution for step, i in graph.instances.items() if step >= criterion.at}
    unknown = _from_before(reasons.get(BEFORE, ()))
    return ProgramSlice(
        criterion=criterion,
        statements=statements,
        executed_statements=sum(
            1
            for step, instance in graph.instances.items()
            if step < criterion.at and instance.execution not in ours
        ),
        executed_cells=len(graph.executions) - len(ours | later),
        inputs=_inputs(graph, steps),
        ambient=_ambient_words(graph, steps),
        unknown=unknown,
        notes=tuple(_notes(graph, steps, unknown)),
    )


class _Settled(NamedTuple):
    """What is kept when nothing more becomes idle."""

    reasons: Mapping[Step, list[Dependence]]
    steps: list[Step]
    needed: Mapping[Step, list[Dependence]]
    cuts: Mapping[Step, frozenset[Place]]


def _settled(
    graph: DependenceGraph,
    criterion: SlicingCriterion,
    seeds: list[Dependence],
    unfounded: frozenset[Dependence],
    extra: Collection[Step],
    without: Collection[Step],
    *,
    cut_inner: bool,
    drawing: frozenset[str] = frozenset(),
) -> _Settled:
    """``drawing``: names that draw, where what is drawn is taken to be nobody's."""
    dropped = set(unfounded)
    cuts: Mapping[Step, frozenset[Place]] = {}
    for _ in range(_ROUNDS):
        reasons = _closure(graph, seeds, frozenset(dropped), extra)
        steps = _printable(graph, reasons, without)
        needed = {s: reasons[s] for s in steps}
        # A cut stays: what is needed only becomes less from round to round.
        found = (
            inner_cuts(graph, needed, criterion, set(extra), bool(drawing)) if cut_inner else {}
        )
        cuts = {s: cuts.get(s, frozenset()) | found.get(s, frozenset()) for s in steps}
        cuts = {s: places for s, places in cuts.items() if places}
        texts = [b for s in steps for b in body_of(graph, s)]
        # ``eval`` may name what no text names: then what others need stays needed.
        if reads_namespace(texts):
            break
        idle = set(_idle(graph, steps, cuts))
        if drawing:
            idle.update(_idle_drawing(graph, steps, cuts, drawing))
        idle -= dropped
        if not idle:
            break
        dropped |= idle
    return _Settled(reasons, steps, needed, cuts)


_ROUNDS = 8
"""What inner statements needed goes with them, which may free more of them."""


def _closure(
    graph: DependenceGraph,
    seeds: list[Dependence],
    dropped: frozenset[Dependence],
    extra: Collection[Step],
) -> dict[Step, list[Dependence]]:
    reasons = graph.walk_back({d.source for d in seeds} | set(extra), dropped)
    for dependence in seeds:
        reasons[dependence.source].append(dependence)
    return reasons


def _printable(
    graph: DependenceGraph, reasons: Mapping[Step, object], without: Collection[Step]
) -> list[Step]:
    """Steps with a text of their own: not the origin, not magics that only show."""
    found = []
    for step in sorted(reasons):
        if step in graph.instances and step not in without:
            plain = plain_of(graph, step)
            if plain is None or plain.matters:
                found.append(step)
    return found


def _idle(
    graph: DependenceGraph, steps: list[Step], cuts: Mapping[Step, frozenset[Place]]
) -> Iterable[Dependence]:
    """Dependences that only the statements cut from a statement had.

    A function's callers needed what its cut statements used: when no text that is left
    names a variable, nobody needs it.
    """
    if not cuts:
        return
    left = {step: _names_left(graph, step, cuts.get(step, frozenset())) for step in steps}
    anywhere = Counter(name for names in left.values() for name in names)
    # Calls that are left may run functions whose own text names what was cut here.
    inside = {n for s in steps for b in body_of(graph, s) for n in free_names(b) & left[s]}
    cut_names: set[str] = set()
    for step in cuts:
        cut = _names_left(graph, step, frozenset()) - left[step] - inside
        cut_names |= cut
        yield from _by_names(graph, step, cut)
    # One text is left for a name that only its own definition still holds.
    gone = {n for n in cut_names if anywhere[n] <= 1 and not _read_where_left(graph, left, n)}
    if gone:
        for step in steps:
            yield from _by_names(graph, step, gone)


def _idle_drawing(
    graph: DependenceGraph,
    steps: list[Step],
    cuts: Mapping[Step, frozenset[Place]],
    drawing: frozenset[str],
) -> Iterable[Dependence]:
    """The figure that statements drew on, where all that draws was cut from them, or from
    the functions that they call."""
    nothing = frozenset[Place]()
    left = {step: _names_left(graph, step, cuts.get(step, nothing)) for step in steps}
    plain = {step for step in steps if not left[step] & drawing}
    quiet: set[Step] = set()
    more = {step for step in plain & cuts.keys() if _names_left(graph, step, nothing) & drawing}
    while more:
        quiet |= more
        functions = {getattr(s, "name", "") for step in more for s in body_of(graph, step)}
        more = {step for step in plain if left[step] & functions} - quiet
    for step in quiet:
        for dependence in graph.dependences_of(step):
            place = dependence.location
            if place is not None and place.name == CURRENT_FIGURE:
                yield dependence


def _draws(
    graph: DependenceGraph,
    found: _Settled,
    criterion: SlicingCriterion,
    drawing: frozenset[str],
) -> bool:
    """Whether a value or a text that is left may have to do with figures.

    How figures are to look, as ``plt.rcParams`` says, makes none.
    """
    asked = {n for e in criterion.expressions for n in names_in(ast.parse(e, mode="eval"))}
    left = [
        _names_left(graph, step, found.cuts.get(step, frozenset()))
        for step in found.steps
        if any(d.location is None or d.location.name != _LOOKS for d in found.reasons[step])
    ]
    return not drawing.isdisjoint(asked.union(*left))


_LOOKS = "matplotlib.rcParams"


def _names_left(graph: DependenceGraph, step: Step, places: frozenset[Place]) -> set[str]:
    lines = source_of(graph, step).split("\n")
    left: set[str] = set()
    stack: list[ast.AST] = list(body_of(graph, step))
    while stack:
        node = stack.pop()
        if places and isinstance(node, ast.stmt) and place_of(node, lines) in places:
            continue
        if isinstance(node, ast.Name):
            left.add(node.id)
        stack.extend(ast.iter_child_nodes(node))
    return left


def _read_where_left(graph: DependenceGraph, left: Mapping[Step, set[str]], name: str) -> bool:
    """Whether the text that still holds a name does more than assign to it."""
    for step, names in left.items():
        if name in names:
            for node in (n for s in body_of(graph, step) for n in nodes_in(s)):
                if isinstance(node, ast.Name) and node.id == name:
                    return not isinstance(node.ctx, ast.Store)
    return False


def _by_names(graph: DependenceGraph, step: Step, names: set[str]) -> Iterable[Dependence]:
    for dependence in graph.dependences_of(step):
        place = dependence.location
        if place is not None and place.kind in (LocationKind.VARIABLE, LocationKind.OBJECT):
            root = root_name(place.name)
            if root in names:
                yield dependence


def _kept(
    graph: DependenceGraph,
    step: Step,
    reasons: Mapping[Step, list[Dependence]],
    cuts: Mapping[Step, frozenset[Place]],
) -> KeptStatement:
    instance = graph.instances[step]
    execution = graph.executions[instance.execution]
    plain = plain_of(graph, step)
    body = statement_of(graph, step)
    return KeptStatement(
        instance=instance,
        execution=execution,
        reasons=tuple(dict.fromkeys(reasons[step])),
        plain=plain.text if plain is not None else None,
        names=_names_taken(body, reasons[step]),
        cuts=frozenset(Cut(place) for place in cuts.get(step, ())),
        replacements=tuple(() if plain is not None else history_replacements(graph, step)),
        display_name=_display_name(graph, step, body, reasons[step]),
        defines=frozenset(
            write.location.name
            for write in graph.writes.get(step, ())
            if write.kind is WriteKind.DEFINITION
        ),
    )


# -- text of statements --------------------------------------------------------------


def _names_taken(body: ast.stmt, reasons: Iterable[Dependence]) -> frozenset[str] | None:
    """Which names of an import are used; None when it is needed for something else."""
    if not isinstance(body, ast.Import | ast.ImportFrom):
        return None
    names = set()
    for reason in reasons:
        if reason.location is None or reason.location.kind is not LocationKind.VARIABLE:
            return None
        names.add(reason.location.name)
    bound = {(a.asname or a.name.split(".")[0]) for a in body.names}
    # The location may be ambient state that the import changed: then all of it is needed.
    return frozenset(names) if names and names <= bound else None


def _display_name(
    graph: DependenceGraph, step: Step, body: ast.stmt, reasons: Iterable[Dependence]
) -> str | None:
    """The name under which later statements read what this one displayed."""
    if not isinstance(body, ast.Expr):
        return None
    bound = {
        write.location.name
        for write in graph.writes.get(step, ())
        if write.kind is WriteKind.DEFINITION
    }
    places = [reason.location for reason in reasons if reason.location is not None]
    wanted = {p.name for p in places if p.kind is LocationKind.VARIABLE} & bound
    return next((name for name in sorted(wanted) if is_display(name)), None)


# -- facts about the whole -----------------------------------------------------------


def _inputs(graph: DependenceGraph, steps: list[Step]) -> tuple[FileUse, ...]:
    written: set[str] = set()
    found: dict[str, FileUse] = {}
    for step in steps:
        for file in graph.files.get(step, ()):
            if file.mode == "r" and file.path not in written:
                found.setdefault(file.path, file)
        written.update(f.path for f in graph.files.get(step, ()) if f.mode == "w")
    return tuple(found.values())


def _ambient_words(graph: DependenceGraph, steps: list[Step]) -> tuple[str, ...]:
    kept = set(steps)
    words: dict[str, None] = {}
    for record in graph.records.values():
        for change in record.ambient:
            if change.step not in kept or change.name == "outside":
                continue
            if isinstance(statement_of(graph, change.step), ast.Import | ast.ImportFrom):
                continue  # what libraries set for themselves
            detail = json.loads(change.detail)
            if detail.get("seeded"):
                words[f"seeds {change.name}"] = None
            elif "random" in change.name:
                words[f"draws from {change.name}"] = None
            elif change.name != "builtins":
                words[f"sets {change.name}"] = None
    for name in [w[6:] for w in words if w.startswith("seeds ")]:
        words.pop(f"draws from {name}", None)
    return tuple(words)


def _from_before(reasons: Iterable[Dependence]) -> tuple[str, ...]:
    names = {
        d.location.name
        for d in reasons
        if d.location is not None and d.location.kind is LocationKind.VARIABLE
    }
    return tuple(sorted(names))


def _notes(
    graph: DependenceGraph, steps: list[Step], unknown: tuple[str, ...]
) -> Iterable[str]:
    kept = set(steps)
    if unknown:
        yield (
            f"{', '.join(unknown)}: defined before recording began; "
            "the program cannot show where it came from"
        )
    for record in graph.records.values():
        for change in record.ambient:
            if change.step in kept and change.name == "outside":
                yield json.loads(change.detail)
    yield from _incomplete(graph, steps)
    yield from _edited(graph, steps)


def _incomplete(graph: DependenceGraph, steps: list[Step]) -> Iterable[str]:
    seen = set()
    for step in steps:
        instance = graph.instances[step]
        execution = graph.executions[instance.execution]
        if execution.incomplete and execution.id not in seen:
            seen.add(execution.id)
            yield f"{_cell(execution)} was not recorded completely: {execution.incomplete}"
        if instance.outcome is Outcome.INTERRUPTED:
            yield f"{_cell(execution)} was interrupted: how far it came cannot be repeated"


def _edited(graph: DependenceGraph, steps: list[Step]) -> Iterable[str]:
    """Cells whose text has changed since the run that is kept."""
    latest: dict[str, str] = {}
    for execution in graph.executions.values():
        if execution.cell_id is not None:
            latest[execution.cell_id] = execution.raw
    told = set()
    for step in steps:
        execution = graph.executions[graph.instances[step].execution]
        if execution.cell_id in (None, EVALUATED) or execution.id in told:
            continue
        told.add(execution.id)
        if latest[execution.cell_id] != execution.raw:
            yield f"{_cell(execution)} was run with a text that its cell no longer has"


def _cell(execution: CellExecution) -> str:
    return "a cell" if execution.count is None else f"In[{execution.count}]"
