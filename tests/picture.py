"""Pictures: a session of cells in which the lines that a 1-minimal slice keeps are marked.

``check_slice`` slices the session, runs the program and compares value and marks.
``python -m tests.picture --oracle tests/pictures`` needs no slicer: it checks that the
marked lines alone give the session's value, and that none of them can go.
"""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections.abc import Sequence

from tests.pictures.child import run_program, run_session
from tests.pictures.notation import (
    Cell,
    Statement,
    cell_statements,
    keep_only,
    picture_lines,
    program_statements,
    read_cells,
)

ORACLE = bool(os.environ.get("PICTURES_ORACLE"))
ODD = re.compile(
    r"^\s*[%!?]|\?$|= [%!]|get_ipython|\bawait\b|\basync (for|with)\b|\b_+\d*\b|\b(Out|In)\["
)
ALIKE = 0.6
"""From this similarity on, a statement of the program is a rewritten one of the picture."""


def check_slice(
    picture: str,
    of: str,
    value: str | None = None,
    at_most: int | None = None,
    exact: bool = True,
    extra: int = 0,
    minimal: bool = True,
) -> None:
    """The slice of ``of`` gives the session's ``value`` and keeps no more than the marks.

    ``exact=False`` asks for the value only, ``extra`` allows so many statements more,
    ``at_most`` says how many in all. ``minimal=False`` tells the oracle that a marked
    statement could go without changing the value, and that a sound tool keeps it still.
    """
    cells = read_cells(picture)
    value = value or of
    if ORACLE:
        _check_marks(cells, value, picture, minimal)
        return
    run = run_session([(cell.id, cell.source) for cell in cells], value, slice_of=of)
    assert not run.value.startswith("no value"), f"{run.value}\n{run.log}"
    assert run.program is not None, f"%slice wrote no program\n{run.log}"
    shown = _side_by_side(picture, cells, run.program)
    got = run_program(run.program, value)
    assert got == run.value, f"{got}\n    is not\n{run.value}\n{shown}"
    if exact:
        _check_size(cells, run.program, shown, at_most, extra, _is_odd(picture, run.errors), of)


def _check_size(
    cells: Sequence[Cell],
    program: str,
    shown: str,
    at_most: int | None,
    extra: int,
    odd: bool,
    of: str,
) -> None:
    statements = cell_statements(cells)
    pairs = _pairs(statements, program_statements(program))
    known = {s.key for s in statements}
    # A criterion that is no name is computed once more, in a last line of the program's own.
    own = [new for new, _ in pairs if not new.key.endswith(f"= {of}") or new.key in known]
    counted = [new for new in own if new.key in known or not odd]
    limit = at_most if at_most is not None else sum(bool(s.mark.word) for s in statements)
    assert len(counted) <= limit + extra, f"{len(counted)} kept, {limit} needed\n{shown}"
    for new, old in pairs:
        needed = old.mark.names if old is not None else ()
        spare = set(new.names) - set(needed)
        assert not needed or not spare, f"imported for nothing: {spare}\n{shown}"


def _is_odd(picture: str, errors: Sequence[str | None]) -> bool:
    """Whether the program must hold lines that no cell has: magics, errors, ``Out``."""
    return any(errors) or any(ODD.search(line) for line in picture_lines(picture))


def _pairs(
    old: Sequence[Statement], new: Sequence[Statement]
) -> list[tuple[Statement, Statement | None]]:
    """Each statement of the program with the one of the picture that it came from."""
    matcher = difflib.SequenceMatcher(
        None, [s.key for s in old], [s.key for s in new], autojunk=False
    )
    found: dict[int, Statement] = {}
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            found |= {c + i: old[a + i] for i in range(b - a)}
        elif kind == "replace":
            for j in range(c, d):
                near = [s for s in old[a:b] if _alike(s, new[j])]
                found |= {j: near[0]} if near else {}
    return [(statement, found.get(j)) for j, statement in enumerate(new)]


def _alike(old: Statement, new: Statement) -> bool:
    return difflib.SequenceMatcher(None, old.key, new.key).ratio() >= ALIKE


def _side_by_side(picture: str, cells: Sequence[Cell], program: str) -> str:
    """The notebook with the marks wanted and the marks got, then the program."""
    lines = picture_lines(picture)
    statements = cell_statements(cells)
    pairs = _pairs(statements, program_statements(program))
    want = {s.line: s.mark.word for s in statements}
    got = {old.line for _, old in pairs if old is not None}
    rows = [
        f"{want.get(i, ''):4} | {'kept' if i in got else '':4} | {line}"
        for i, line in enumerate(lines)
    ]
    return "\n".join(["want | got", *rows, "", "program:", program])


def _check_marks(cells: Sequence[Cell], value: str, picture: str, minimal: bool) -> None:
    """The marked lines alone give the value, and each of them is needed."""
    truth = _value_of(cells, value)
    assert not truth.startswith("no value"), truth
    marked = {s.path for s in cell_statements(cells) if s.mark.word}
    must = [s for s in cell_statements(cells) if s.mark.word == "keep"]
    alone = _value_of(keep_only(cells, lambda s: s.path in marked), value)
    assert alone == truth, f"the marked lines give\n{alone}\n    not\n{truth}\n{picture}"
    spare = {s.path for s in cell_statements(cells) if s.mark.word == "may"}
    if spare:
        without = _value_of(keep_only(cells, lambda s: s.path in marked - spare), value)
        assert without == truth, f"without the # may lines: {without}\n{picture}"
    needless = [s for s in must if minimal and _can_go(s, cells, marked, value, truth)]
    assert not needless, f"not needed: {[s.key for s in needless]}\n{picture}"


def _can_go(
    statement: Statement,
    cells: Sequence[Cell],
    marked: set[tuple[int | str, ...]],
    value: str,
    truth: str,
) -> bool:
    depth = len(statement.path)
    rest = {path for path in marked if path[:depth] != statement.path}
    return _value_of(keep_only(cells, lambda s: s.path in rest), value) == truth


def _value_of(cells: Sequence[Cell], value: str) -> str:
    return run_session([(cell.id, cell.source) for cell in cells], value).value


def main(arguments: Sequence[str]) -> int:
    """Check that the pictures' marks are true; needs no slicer."""
    import subprocess

    if not arguments or arguments[0] != "--oracle":
        print("usage: python -m tests.picture --oracle FILE ...", file=sys.stderr)
        return 2
    command = [sys.executable, "-m", "pytest", "-q", *arguments[1:]]
    return subprocess.call(command, env={**os.environ, "PICTURES_ORACLE": "1"})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
