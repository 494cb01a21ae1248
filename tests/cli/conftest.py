import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ANALYSIS = [
    "# Prices",
    "import random\nimport json",
    "rows = [3, 1, 2]\nnotes = []",
    "notes.append('looked')\nprint(len(rows))",
    "# Model",
    "random.seed(7)\nmodel = sorted(rows)\nmodel.append(random.random())",
    "score = sum(model) / len(model)\nprint(json.dumps(notes))",
]
"""Cells of a small session; the ones that begin with a hash and a space are headings."""


def write_notebook(path, cells):
    made = [
        new_markdown_cell(text) if text.startswith("# ") else new_code_cell(text, id=f"c{n}")
        for n, text in enumerate(cells)
    ]
    nbformat.write(new_notebook(cells=made), path)
    return path


@dataclass
class Command:
    folder: Path
    environment: dict

    def __call__(self, *arguments):
        """The installed console script, as a user would call it."""
        script = os.path.join(os.path.dirname(sys.executable), "jupyter-slicer")
        return subprocess.run(
            [script, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def slicer(tmp_path):
    """Runs the command in an empty folder, with a history and a profile of its own."""
    write_notebook(tmp_path / "analysis.ipynb", ANALYSIS)
    environment = {
        **os.environ,
        "JUPYTER_SLICER_STORE": str(tmp_path / "data" / "history.sqlite"),
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"],
    }
    return Command(tmp_path, environment)
