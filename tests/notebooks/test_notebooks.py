"""The notebooks that we ship, in a real kernel: executed, sliced, verified, exported."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
VARIABLES = [
    ("quickstart", "mean"),
    ("quickstart", "draw"),
    ("churn_analysis", "rates"),
    ("train_model", "model"),
]


class Session:
    """A kernel that records, and the cells of one notebook to run in it."""

    def __init__(self, client: NotebookClient) -> None:
        self.client = client
        self.cells = {c.id: c for c in client.nb.cells if c.cell_type == "code"}
        self.run("%load_ext jupyter_slicer")

    def run_cells(self, ids: Iterable[str]) -> None:
        for cell_id in ids:
            self._execute(self.cells[cell_id])

    def run(self, code: str) -> str:
        """Run code that is no cell of the notebook; gives what it prints."""
        cell = nbformat.v4.new_code_cell(code)
        self.client.nb.cells.append(cell)
        self._execute(cell)
        return "".join(o.get("text", "") for o in cell.outputs if o.get("name") == "stdout")

    def slice(self, expression: str, script: Path) -> dict[str, Any]:
        return json.loads(self.run(f"%slice {expression} --format json --export {script}"))

    def _execute(self, cell: Any) -> None:
        self.client.execute_cell(cell, self.client.nb.cells.index(cell))


@contextmanager
def opened(name: str, folder: Path) -> Iterator[Session]:
    """One of our notebooks in a folder of its own."""
    shutil.copytree(NOTEBOOKS, folder, dirs_exist_ok=True)
    notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(notebook, timeout=120, resources=resources)
    with client.setup_kernel():
        yield Session(client)


def run_script(script: Path, then: str = "") -> str:
    """Run a script with plain Python; ``then`` is added at its end."""
    script.write_text(script.read_text() + f"\n{then}\n")
    done = subprocess.run(
        [sys.executable, script.name],
        cwd=script.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("name", "variable"), VARIABLES)
def test_each_notebook_runs_from_top_to_bottom_and_its_slice_is_verified(
    name, variable, tmp_path
):
    with opened(name, tmp_path) as session:
        session.run_cells(session.cells)
        reply = session.slice(variable, tmp_path / "script.py")
        value = session.run(f"print({variable})")
    assert reply["verdict"]["verdict"] == "same", reply
    assert run_script(tmp_path / "script.py", f"print({variable})") == value


def test_cells_that_ran_twice_and_out_of_order_are_sliced_as_they_ran(tmp_path):
    with opened("churn_analysis", tmp_path) as session:
        session.run_cells(session.client.nb.metadata["jupyter_slicer"]["order"])
        reply = session.slice("rates", tmp_path / "script.py")
        value = session.run("print(rates)")
    assert reply["verdict"]["verdict"] == "same", reply
    program = reply["program"]
    assert program.count('customers = customers[customers["monthly_fee"] <= limit]') == 2
    assert 'return "loyal"' in program
    assert "print" not in program
    assert "plt" not in program
    assert "settled" in value
    assert run_script(tmp_path / "script.py", "print(rates)") == value


def test_logging_and_plotting_leave_the_training_loop(tmp_path):
    with opened("train_model", tmp_path) as session:
        session.run_cells(session.cells)
        program = session.slice("model", tmp_path / "script.py")["program"]
    assert "model.partial_fit" in program
    for noise in ("log.info", "losses", "times", "print", "plt"):
        assert noise not in program


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda p: p.stem)
def test_a_notebook_is_shipped_without_outputs_and_with_a_true_order(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [c for c in notebook.cells if c.cell_type == "code"]
    assert not any(c.outputs or c.execution_count for c in code)
    order = notebook.metadata["jupyter_slicer"].get("order", [])
    assert set(order) <= {c.id for c in code}


def test_the_story_of_a_log_line_that_was_added_afterwards(tmp_path):
    """It holds assertions of its own: the replayed values are those of the kernel."""
    with opened("hindsight", tmp_path) as session:
        session.run_cells(session.cells)
        said = [o.get("text", "") for c in session.cells.values() for o in c.outputs]
    assert any("compared with the record" in text or "restored" in text for text in said)
    assert not any("✗" in text for text in said)
