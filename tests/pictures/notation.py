"""The notation of pictures: cells in order of execution, with marks on what a slice keeps.

In: a picture. Out: cells and statements. Never: runs anything.

    # %%              a cell; ``# %% [A]`` names it, so that it can be run again or edited
    # %% keep         a cell of which everything is kept
    a = 1  # keep     the statement that starts on this line is kept
    ...    # keep all    it and everything inside it
    ...    # keep 1 3    of ``a = 1; b = 2; c = a`` the first and the third
    ...    # keep sqrt   of an import these names
    ...    # may      a sound tool may keep it or cut it (branches that never ran)
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from textwrap import dedent

from IPython.core.inputtransformer2 import TransformerManager

CELL = re.compile(r"^# %%(?: \[(?P<name>\w+)\])?(?P<keep> keep)?\s*$")
MARK = re.compile(r"\s*# (?P<word>keep|may)(?P<rest>(?: [\w.]+)*)\s*$")
BODIES = ("body", "orelse", "finalbody")


@dataclass(frozen=True)
class Mark:
    word: str = ""
    rest: tuple[str, ...] = ()

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(int(word) for word in self.rest if word.isdigit())

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(word for word in self.rest if not word.isdigit() and word != "all")


@dataclass(frozen=True)
class Cell:
    """One execution: the text without marks, and the mark of each line (from 1)."""

    id: str
    source: str
    marks: dict[int, Mark]
    first_line: int
    """Of the picture, from 0, where the text starts."""


@dataclass(frozen=True)
class Statement:
    """A statement of a picture, or of a program, at any depth."""

    key: str
    mark: Mark
    line: int
    """Of the picture or of the program, from 0."""
    path: tuple[int | str, ...] = ()
    """How to find it: the cell, then steps down its tree."""
    names: tuple[str, ...] = ()
    """Of an import."""


def read_cells(picture: str) -> list[Cell]:
    """The cells of a picture in order."""
    lines = dedent(picture).strip("\n").split("\n")
    starts = [i for i, line in enumerate(lines) if CELL.match(line)]
    if not starts or starts[0] != 0:
        raise ValueError("a picture starts with # %%")
    ends = [*starts[1:], len(lines)]
    return [
        _read_cell(lines, a, b, n) for n, (a, b) in enumerate(zip(starts, ends, strict=True))
    ]


def picture_lines(picture: str) -> list[str]:
    """The lines of a picture with its marks taken off."""
    return [MARK.sub("", line) for line in dedent(picture).strip("\n").split("\n")]


def cell_statements(cells: Sequence[Cell]) -> list[Statement]:
    """Every statement of the cells, outer before inner, with its mark."""
    found = []
    for number, cell in enumerate(cells):
        tree = _tree(cell)
        found += _walk(tree, cell, (number,), inherited=None)
    return found


def program_statements(source: str) -> list[Statement]:
    """Every statement of a program; docstrings and ``pass`` do not count."""
    cell = Cell("", source, {}, 0)
    return list(_walk(ast.parse(source), cell, (), inherited=None))


def keep_only(cells: Sequence[Cell], kept: Callable[[Statement], bool]) -> list[Cell]:
    """The cells with only these statements; emptied ones run as ``pass``."""
    wanted = {s.path: s for s in cell_statements(cells) if kept(s)}
    return [_shrink(cell, number, wanted) for number, cell in enumerate(cells)]


def plain_source(source: str) -> str:
    """The cell as IPython compiles it."""
    return TransformerManager().transform_cell(source)


def _read_cell(lines: list[str], start: int, end: int, number: int) -> Cell:
    head = CELL.match(lines[start])
    assert head is not None
    body = lines[start + 1 : end]
    while body and not body[-1].strip():
        body.pop()
    marks = {}
    for offset, line in enumerate(body, start=1):
        if found := MARK.search(line):
            marks[offset] = Mark(found["word"], tuple(found["rest"].split()))
        elif head["keep"]:
            marks[offset] = Mark("keep", ("all",))
    source = "\n".join(MARK.sub("", line) for line in body)
    return Cell(head["name"] or f"c{number}", source, marks, start + 1)


def _tree(cell: Cell) -> ast.Module:
    """A cell that does not parse never ran: it has no statements."""
    try:
        return ast.parse(plain_source(cell.source))
    except SyntaxError:
        return ast.parse("")


def _walk(
    tree: ast.AST, cell: Cell, path: tuple[int | str, ...], inherited: Mark | None
) -> Iterator[Statement]:
    seen: dict[int, int] = {}
    for where, index, node in _children(tree):
        if _says_nothing(node):
            continue
        here = (*path, where, index)
        seen[node.lineno] = seen.get(node.lineno, 0) + 1
        mark = _mark_of(node, cell, seen[node.lineno], inherited)
        line = cell.first_line + node.lineno - 1
        yield Statement(_key(node), mark, line, here, _names(node))
        passed = mark if "all" in mark.rest else None
        yield from _walk(node, cell, here, passed)


def _says_nothing(node: ast.stmt) -> bool:
    text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return text or isinstance(node, ast.Pass)


def _children(tree: ast.AST) -> Iterator[tuple[str, int, ast.stmt]]:
    for field in BODIES:
        for index, node in enumerate(getattr(tree, field, None) or ()):
            if isinstance(node, ast.stmt):
                yield field, index, node
    for number, handler in enumerate(getattr(tree, "handlers", ())):
        for index, node in enumerate(handler.body):
            yield f"handler{number}", index, node
    for number, case in enumerate(getattr(tree, "cases", ())):
        for index, node in enumerate(case.body):
            yield f"case{number}", index, node


def _mark_of(node: ast.stmt, cell: Cell, ordinal: int, inherited: Mark | None) -> Mark:
    own = cell.marks.get(node.lineno)
    for decorator in getattr(node, "decorator_list", ()):
        own = own or cell.marks.get(decorator.lineno)
    if own is None:
        return inherited or Mark()
    return own if not own.numbers or ordinal in own.numbers else Mark()


def _key(node: ast.stmt) -> str:
    """A statement's own text, without what is inside it and which names it imports."""
    if isinstance(node, ast.ImportFrom):
        return f"from {'.' * node.level}{node.module or ''} import"
    bare = copy.deepcopy(node)
    for field in BODIES:
        if getattr(bare, field, None):
            setattr(bare, field, [ast.Pass()] if field == "body" else [])
    for part in (*getattr(bare, "handlers", ()), *getattr(bare, "cases", ())):
        part.body = [ast.Pass()]
    return ast.unparse(ast.fix_missing_locations(bare))


def _names(node: ast.stmt) -> tuple[str, ...]:
    if not isinstance(node, ast.Import | ast.ImportFrom):
        return ()
    return tuple(alias.asname or alias.name for alias in node.names)


def _shrink(cell: Cell, number: int, wanted: dict[tuple[int | str, ...], Statement]) -> Cell:
    tree = _tree(cell)
    _prune(tree, (number,), wanted)
    source = ast.unparse(ast.fix_missing_locations(tree)) or "pass"
    return Cell(cell.id, source, {}, cell.first_line)


def _prune(
    tree: ast.AST, path: tuple[int | str, ...], wanted: dict[tuple[int | str, ...], Statement]
) -> None:
    kept: dict[str, list[ast.stmt]] = {}
    for where, index, node in list(_children(tree)):
        here = (*path, where, index)
        statement = wanted.get(here)
        kept.setdefault(where, [])
        if statement is not None:
            _prune(node, here, wanted)
            kept[where].append(_with_names(node, statement.mark.names))
    for where, nodes in kept.items():
        _put(tree, where, nodes)


def _with_names(node: ast.stmt, names: tuple[str, ...]) -> ast.stmt:
    if names and isinstance(node, ast.Import | ast.ImportFrom):
        node.names = [a for a in node.names if (a.asname or a.name) in names]
    return node


def _put(tree: ast.AST, where: str, nodes: list[ast.stmt]) -> None:
    if where.startswith("handler"):
        tree.handlers[int(where[7:])].body = nodes or [ast.Pass()]  # type: ignore[attr-defined]
    elif where.startswith("case"):
        tree.cases[int(where[4:])].body = nodes or [ast.Pass()]  # type: ignore[attr-defined]
    elif where == "body" and not isinstance(tree, ast.Module):
        tree.body = nodes or [ast.Pass()]  # type: ignore[attr-defined]
    else:
        setattr(tree, where, nodes)
