"""Scripts and notebooks as files, and what is said about a slice."""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import replace

import pytest

from jupyter_slicer.domain import (
    Dependence,
    DependenceKind,
    FileUse,
    Step,
    Verdict,
    Verification,
    Voucher,
)
from jupyter_slicer.domain.location import variable
from jupyter_slicer.errors import CannotWrite, WouldOverwrite
from jupyter_slicer.export import render
from jupyter_slicer.export.facts import facts_line
from jupyter_slicer.export.highlight import to_ansi, to_html
from jupyter_slicer.export.notebook import export_notebook
from jupyter_slicer.export.script import Origin, export_script, script_text
from jupyter_slicer.export.why import annotated, reason_text
from tests.export.pictures import program_of, run_script, value_after

SAME = Verification(Verdict.SAME)


def origin(folder: os.PathLike[str] | str = "/nb") -> Origin:
    return Origin("/nb/analysis.ipynb", 0.0, os.fspath(folder))


def test_a_script_says_where_it_came_from_and_runs(tmp_path):
    read = FileUse("/nb/train.csv", Step(0), "r", 1200, "ab12")
    program = replace(program_of("import numpy as np", "x = np.arange(3)"), inputs=(read,))
    text = script_text(program, origin(), SAME, "print(x.sum())\n").text
    assert "# Made by jupyter_slicer from analysis.ipynb on 1970-01-01" in text
    assert "# Reads train.csv (1,200 bytes, sha256 ab12)" in text
    assert "# Verified: same value in a fresh run" in text
    assert run_script(text, tmp_path) == "3\n"


def test_a_script_pins_what_it_imports_and_names_local_modules(tmp_path):
    (tmp_path / "helper.py").write_text("one = 1\n")
    program = program_of("import numpy, helper, json", "x = helper.one")
    text = script_text(program, origin(tmp_path), SAME).text
    block = text[text.index("# /// script\n") + 13 : text.index("\n# ///\n")]
    metadata = tomllib.loads("\n".join(line.removeprefix("#") for line in block.split("\n")))
    assert [pin.split("==")[0] for pin in metadata["dependencies"]] == ["numpy"]
    assert "# Local modules: helper.py" in text


def test_the_verdict_of_a_failed_run_is_in_the_header():
    failed = Verification(Verdict.DID_NOT_RUN, "NameError: y\nin line 3")
    text = script_text(program_of("x = 1"), origin(), failed).text
    assert "# Not verified: did not run: NameError: y\n# in line 3\n" in text
    assert value_after(text) == 1


def test_only_our_own_files_are_overwritten(tmp_path):
    path = str(tmp_path / "train.py")
    export_script(program_of("x = 1"), path, origin=origin(), verification=SAME)
    export_script(program_of("x = 2"), path, origin=origin(), verification=SAME)
    (tmp_path / "mine.py").write_text("print('Made by jupyter_slicer')\n")
    mine = str(tmp_path / "mine.py")
    with pytest.raises(WouldOverwrite):
        export_script(program_of("x = 1"), mine, origin=origin(), verification=SAME)
    export_script(program_of("x = 1"), mine, origin=origin(), verification=SAME, force=True)
    assert sorted(os.listdir(tmp_path)) == ["mine.py", "train.py"]


def test_a_missing_folder_is_said(tmp_path):
    path = str(tmp_path / "no" / "train.py")
    with pytest.raises(CannotWrite, match="there is no folder"):
        export_script(program_of("x = 1"), path, origin=origin(), verification=SAME)


def test_a_notebook_holds_kept_cells_and_their_headings(tmp_path):
    source = tmp_path / "analysis.ipynb"
    cells = [
        {"cell_type": "markdown", "id": "m", "source": ["# Title\n", "words"]},
        {"cell_type": "markdown", "id": "n", "source": "## Load"},
        {"cell_type": "code", "id": "c0", "source": "a = 1"},
        {"cell_type": "markdown", "id": "o", "source": "## Plot"},
        {"cell_type": "code", "id": "cx", "source": "plot()"},
        {"cell_type": "markdown", "id": "p", "source": "## Fit"},
        {"cell_type": "code", "id": "c1", "source": "x = 2"},
    ]
    source.write_text(json.dumps({"cells": cells}))
    path = tmp_path / "out.ipynb"
    whence = Origin(str(source), 0.0, str(tmp_path))
    export_notebook(program_of("a = 1", "x = 2"), str(path), origin=whence, verification=SAME)
    made = json.loads(path.read_text())["cells"]
    assert ["".join(cell["source"]) for cell in made[1:]] == [
        "# Title\nwords",
        "## Load",
        "a = 1",
        "## Fit",
        "x = 2",
    ]
    with pytest.raises(WouldOverwrite):
        export_notebook(program_of("x = 1"), str(source), origin=whence, verification=SAME)
    export_notebook(program_of("x = 1"), str(path), origin=whence, verification=SAME)


def test_facts_count_statements_and_cells():
    program = program_of("a = 1\nb = 2", "x = a", changes={1: {"keep": False}})
    said = replace(program, ambient=("seeds numpy.random",))
    assert facts_line(said) == "2 of 3 statements, 2 of 2 cell executions, seeds numpy.random"


def test_reasons_stand_beside_the_lines_and_the_program_still_runs():
    first = Dependence(Step(0), Step(1), DependenceKind.DATA, variable("a"))
    last = Dependence(
        Step(1), Step(9), DependenceKind.DATA, variable("x"), voucher=Voucher.ASSUMED
    )
    program = program_of(
        "a = 1",
        "x = '''\n'''",
        changes={
            0: {"reasons": (first,), "defines": frozenset("a")},
            1: {"reasons": (last,)},
        },
    )
    text = annotated(render(program), program)
    assert text.startswith("a = 1  # <- makes a, which In[2] uses\n")
    assert "# -> changes x, which you ask for (assumed" in text
    assert value_after(text) == "\n"
    assert reason_text(program.statements[0]) == "makes a"


def test_html_is_escaped_and_free_of_classes_and_scripts():
    shown = to_html("x = '<script>alert(1)</script>'  # <b>&amp;\n")
    assert "<script" not in shown
    assert "<b>" not in shown
    assert "class=" not in shown
    assert "\x1b[" in to_ansi("x = 1  # c\n")
