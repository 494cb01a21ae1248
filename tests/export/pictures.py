"""Programs made from cells, without a kernel."""

from __future__ import annotations

import ast
import contextlib
import io
import subprocess
import sys
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

from jupyter_slicer.analysis.magics import plain_statement
from jupyter_slicer.domain import (
    CellExecution,
    ExecutionId,
    KeptStatement,
    Outcome,
    ProgramSlice,
    SlicingCriterion,
    StatementInstance,
    Step,
)
from jupyter_slicer.export import render

Changes = dict[int, dict[str, Any]]


def program_of(*cells: str, of: str = "x", changes: Changes | None = None) -> ProgramSlice:
    """All statements of the cells are kept, but those with ``keep=False`` at their step."""
    kept: list[KeptStatement] = []
    step = 0
    for number, cell in enumerate(cells):
        source = TransformerManager().transform_cell(cell)
        execution = CellExecution(ExecutionId(number), cell, source, f"c{number}", number + 1)
        for position, node in enumerate(ast.parse(source).body):
            own = dict((changes or {}).get(step, {}))
            keep = own.pop("keep", True)
            instance = StatementInstance(
                Step(step),
                execution.id,
                position,
                own.pop("outcome", Outcome.DONE),
                own.pop("error", None),
            )
            plain = plain_statement(node, source)
            if keep and (plain is None or plain.matters):
                text = plain.text if plain else None
                kept.append(KeptStatement(instance, execution, plain=text, **own))
            step += 1
    criterion = SlicingCriterion((of,), Step(step))
    return ProgramSlice(criterion, tuple(kept), step, len(cells))


def rendered(*cells: str, of: str = "x", changes: Changes | None = None, **how: Any) -> str:
    return render(program_of(*cells, of=of, changes=changes), **how).text


def value_after(text: str, name: str = "x") -> object:
    namespace: dict[str, object] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(text, "program.py", "exec"), namespace)
    return namespace[name]


def run_script(text: str, folder: Any) -> str:
    path = folder / "program.py"
    path.write_text(text)
    done = subprocess.run(
        [sys.executable, str(path)], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout
