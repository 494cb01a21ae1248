"""Whole sessions in text files, one family a file: the program gives the session's value.

``=== name: expression`` begins a session, ``# %%`` a cell. Which statements a slice keeps
is the business of the other pictures.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.pictures.child import run_program, run_session

FOLDER = Path(__file__).parent / "sessions"
HEAD = re.compile(r"^=== ([\w-]+): (.+)\n", re.MULTILINE)


def _sessions():
    for file in sorted(FOLDER.glob("*.txt")):
        parts = HEAD.split(file.read_text())[1:]
        rows = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
        for number, (name, target, text) in enumerate(rows):
            # From day to day a sample will do.
            long = number % (3 if file.stem == "wide" else 2)
            marks = [pytest.mark.exhaustive] if long else []
            yield pytest.param(target, text, id=f"{file.stem}-{name}", marks=marks)


@pytest.mark.parametrize(("target", "text"), list(_sessions()))
def test_a_session(target, text):
    sources = [cell.strip("\n") for cell in re.split(r"^# %%\n", text, flags=re.MULTILINE)[1:]]
    cells = [(f"c{number}", source) for number, source in enumerate(sources)]
    ran = run_session(cells, target, slice_of=target)
    assert ran.program is not None, ran.log
    assert run_program(ran.program, target) == ran.value, ran.program
