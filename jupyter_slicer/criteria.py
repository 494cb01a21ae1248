"""What can be asked about besides values: a file, what a cell showed, an error.

It stands beside ``slicer.py`` at the top of the rooms: from what was recorded it finds where
such a slice begins, and what a fresh run has to be compared with.
"""

from __future__ import annotations

import ast
import difflib
import os
import sys
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_slicer.analysis.tree import nodes_in
from jupyter_slicer.domain import (
    CellExecution,
    Dependence,
    DependenceKind,
    Outcome,
    SlicingCriterion,
    Step,
)
from jupyter_slicer.domain import location as locations
from jupyter_slicer.errors import NothingShown, UnknownCell, UnknownFile
from jupyter_slicer.export.facts import shown_path
from jupyter_slicer.program import Asked, Screening
from jupyter_slicer.recording.pyplot import is_pyplot
from jupyter_slicer.slicing.inner import FIGURES, figure_names
from jupyter_slicer.slicing.text import body_of, statement_of
from jupyter_slicer.values import ValueDigest
from jupyter_slicer.values.outcomes import error_digest, file_digest, shown_digest

if TYPE_CHECKING:
    from jupyter_slicer.graph import DependenceGraph
    from jupyter_slicer.recording.recorder import Recorder
    from jupyter_slicer.recording.shown import OutputWatch, Shown


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file, or a folder, that cells have written."""

    path: str


@dataclass(frozen=True, slots=True)
class CellOutput:
    """What a cell printed, displayed and drew, and the error that ended it."""

    count: int | None = None
    """The number in ``In[count]``; None is the last cell."""
    execution: int | None = None
    """Position in the kernel's life, in place of a number."""


@dataclass(frozen=True, slots=True)
class CellError:
    """The error that ended a cell."""

    count: int | None = None
    """None is the last cell that raised."""


Wanted = WrittenFile | CellOutput | CellError


@dataclass(frozen=True, slots=True)
class Found:
    """Where a slice begins, and with what a fresh run is compared."""

    criterion: SlicingCriterion
    seeds: tuple[Dependence, ...]
    asked: tuple[Asked, ...]
    screening: Screening | None = None
    unguarded: frozenset[Step] = frozenset()


def found(
    wanted: Wanted,
    recorder: Recorder,
    outputs: OutputWatch,
    graph: DependenceGraph,
    shell: Any,
) -> Found:
    """Raises ``UnknownFile``, ``UnknownCell`` or ``NothingShown``."""
    match wanted:
        case WrittenFile(path):
            return _file(os.path.abspath(os.path.expanduser(path)), recorder)
        case CellOutput(count, number):
            execution = _execution(recorder, count, number)
            return _shown(execution, recorder, outputs, graph, shell)
        case CellError(count):
            raised = _raised(recorder) if count is None else _execution(recorder, count)
            return _failed(raised, recorder, graph, shell)


# -- files -----------------------------------------------------------------------------


def _file(path: str, recorder: Recorder) -> Found:
    writers = recorder.observer.file_writers
    within = [p for p in writers if p == path or p.startswith(path + os.sep)]
    steps = sorted({step for p in within for step in writers[p] if step >= 0})
    if not steps:
        known = [shown_path(p) for p in writers]
        near = difflib.get_close_matches(shown_path(path), known, cutoff=0.4)
        raise UnknownFile(shown_path(path), near or known[-5:])
    at = recorder.step
    seeds = tuple(_seed(step, at, locations.file(shown_path(path))) for step in steps)
    asked = Asked(
        shown_path(path), path, kind="file", digest=_file_digest(path, within, recorder)
    )
    return Found(SlicingCriterion((), at, label=shown_path(path)), seeds, (asked,))


def _file_digest(path: str, within: Iterable[str], recorder: Recorder) -> ValueDigest:
    try:
        found = file_digest(path)
    except OSError as error:
        return ValueDigest(None, "no file", (f"the file, which is gone ({error.strerror}),",))
    if recorder.observer.files.changed_since(within):
        why = "the file was changed since by something else; it"
        return ValueDigest(None, found.summary, (why,))
    return found


# -- cells -----------------------------------------------------------------------------


def _execution(
    recorder: Recorder, count: int | None, number: int | None = None
) -> CellExecution:
    own = [r.execution for r in recorder.records if r.execution.count is not None]
    if number is not None:
        own = [e for e in own if e.id == number]
    elif count is not None:
        own = [e for e in own if e.count == count]
    if not own:
        raise UnknownCell(count)
    return own[-1]


def _raised(recorder: Recorder) -> CellExecution:
    for record in reversed(recorder.records):
        if record.execution.outcome is Outcome.RAISED and record.execution.count is not None:
            return record.execution
    raise NothingShown("No recorded cell has ended with an error.")


def _shown(
    execution: CellExecution,
    recorder: Recorder,
    outputs: OutputWatch,
    graph: DependenceGraph,
    shell: Any,
) -> Found:
    name = f"In[{execution.count}]"
    steps = _steps(execution, graph)
    at = Step(max(steps, default=-1) + 1)
    known = outputs.of(execution.id)
    # Where it is not known what was shown, any statement may have shown something.
    showed = list(recorder.showed.get(execution.id, ())) if known is not None else steps
    seeds = [_seed(step, at, locations.output("shows something")) for step in showed]
    at_end = known is not None and known.figures_at_end
    figures = known is not None and known.inline is not None
    pyplot = _pyplot(at, recorder, shell.user_ns) if figures else None
    drawn_before: list[Step] = []
    if figures:
        # To show figures is to show all that are open.
        drawing = _drawing(recorder, graph, shell.user_ns)
        last = at if at_end else max(showed, default=at)
        own = set(steps)
        drawn = [s for s in drawing if s in own and s <= last]
        seeds += [_seed(s, at, locations.output("draws what is shown")) for s in drawn]
        drawn_before = [s for s in drawing if s < min(steps)]
    if at_end and pyplot is not None:
        seeds.append(_seed(pyplot[1], at, locations.variable(pyplot[0])))
    label = f"what {name} showed"
    asked = []
    if showed or at_end:
        asked.append(Asked(label, "", kind="shown", digest=_digest(known)))
    raising = _raising(steps, graph)
    if raising:
        seeds += [_seed(step, at, locations.output("raises the error")) for step in raising]
        asked.append(_asked_error(execution, shell))
    if not asked:
        raise NothingShown(f"{name} has shown nothing: no text, no figure, no value, no error.")
    screening = Screening(
        first=Step(min(steps)),
        end=at if at_end else None,
        displayed=_displayed(known, showed, graph),
        drawn_before=frozenset(drawn_before),
        pyplot=pyplot,
        inline=known.inline if known is not None else None,
    )
    criterion = SlicingCriterion((), at, label=label, output=True, whole=bool(raising))
    return Found(criterion, tuple(seeds), tuple(asked), screening, frozenset(raising))


def _failed(
    execution: CellExecution, recorder: Recorder, graph: DependenceGraph, shell: Any
) -> Found:
    steps = _steps(execution, graph)
    raising = _raising(steps, graph)
    if not raising:
        raise NothingShown(f"In[{execution.count}] has not ended with an error of a statement.")
    at = Step(raising[-1] + 1)
    seeds = tuple(_seed(step, at, locations.output("raises the error")) for step in raising)
    asked = _asked_error(execution, shell)
    criterion = SlicingCriterion((), at, label=asked.expression, whole=True)
    return Found(criterion, seeds, (asked,), unguarded=frozenset(raising))


def _steps(execution: CellExecution, graph: DependenceGraph) -> list[Step]:
    return sorted(s for s, i in graph.instances.items() if i.execution == execution.id)


def _raising(steps: Iterable[Step], graph: DependenceGraph) -> list[Step]:
    return [s for s in steps if graph.instances[s].outcome is Outcome.RAISED]


def _seed(source: Step, at: Step, place: locations.Location) -> Dependence:
    return Dependence(source, at, DependenceKind.DATA, place)


def _digest(known: Shown | None) -> ValueDigest:
    if known is None:
        why = "what was printed, which IPython did not keep,"
        return ValueDigest(None, "unknown", (why,))
    return shown_digest(known.printed, known.displayed)


def _displayed(
    known: Shown | None, showed: Iterable[Step], graph: DependenceGraph
) -> frozenset[Step]:
    """The expressions whose values the shell has shown: the last ones, as a rule one."""
    if known is None or not known.results:
        return frozenset()
    expressions = [s for s in showed if isinstance(statement_of(graph, s), ast.Expr)]
    return frozenset(expressions[-known.results :])


def _asked_error(execution: CellExecution, shell: Any) -> Asked:
    label = f"the error of In[{execution.count}]"
    said = _error_text(execution, shell)
    if said is None:
        digest = ValueDigest(None, str(execution.error), ("its text, which is forgotten,",))
    else:
        digest = error_digest(*said)
    return Asked(label, "", kind="error", digest=digest)


def _error_text(execution: CellExecution, shell: Any) -> tuple[str, str] | None:
    """The name of the exception's type and its text, which IPython has shown and keeps."""
    kept = getattr(shell.history_manager, "exceptions", {}).get(execution.count)
    if kept:
        return str(kept["ename"]), str(kept["evalue"])
    return None


# -- figures ---------------------------------------------------------------------------


def _drawing(
    recorder: Recorder, graph: DependenceGraph, namespace: Mapping[str, object]
) -> list[Step]:
    """Statements that may have to do with figures: those seen to draw on the current one,
    and those whose text names some."""
    figures = figure_names(graph)
    drew = {step for steps in recorder.drew.values() for step in steps}
    return [
        s
        for s in sorted(graph.instances)
        if s in drew or any(_draws(b, figures, namespace) for b in body_of(graph, s))
    ]


def _draws(statement: ast.stmt, figures: set[str], namespace: Mapping[str, object]) -> bool:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False  # it draws when it is called
    for node in nodes_in(statement):
        if isinstance(node, ast.Name) and (
            node.id in figures or is_pyplot(namespace.get(node.id))
        ):
            return True
        if isinstance(node, ast.Call):
            called = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
            if called in FIGURES:
                return True
    return False


def _pyplot(
    at: Step, recorder: Recorder, namespace: Mapping[str, object]
) -> tuple[str, Step] | None:
    """A name of pyplot's, and the import that gave it before a step."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    for name, value in namespace.items():
        steps = recorder.observer.variables.get(name, ())
        is_it = value is pyplot and type(value) is types.ModuleType
        if is_it and len(steps) == 1 and 0 <= steps[0] < at:
            return name, steps[0]
    return None
