"""On which lines of a cell a statement stands, as the user sees the cell."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable
from functools import lru_cache

from jupyter_slicer.domain import Place

Lines = tuple[int, int]
"""First and last line, both included; from 1."""


@lru_cache(4096)
def _body(source: str) -> tuple[ast.stmt, ...]:
    return tuple(ast.parse(source).body)


def statement_lines(
    raw: str, source: str, position: int, without: Collection[Place] = ()
) -> tuple[Lines, ...]:
    """Where statement ``position`` of ``source`` stands in ``raw``, the text before IPython
    transformed it. ``without`` are the places, in ``source``, of inner statements that are
    left out. What cannot be told apart, as in ``%%time``, is the whole cell.
    """
    whole = ((1, max(1, len(raw.splitlines()))),)
    try:
        body = _body(source)
    except (SyntaxError, ValueError):
        return whole
    if position >= len(body):
        return whole
    statement = body[position]
    kept = set(_lines_of(statement))
    if without:
        for place, lines in _inner(statement):
            if place in without:
                kept -= lines
    shift = _shift(raw, source, _first(statement))
    if shift is None:
        return whole
    return tuple(_ranges(line + shift for line in kept))


def statement_text(raw: str, source: str, position: int) -> str:
    """The lines of the cell on which a statement stands."""
    lines = raw.splitlines()
    spans = statement_lines(raw, source, position)
    return "\n".join(line.rstrip() for a, b in spans for line in lines[a - 1 : b])


@lru_cache(8192)
def still_says(text: str, current: str) -> bool:
    """Whether a cell that reads ``current`` now still has the statement ``text``.

    Comments and spaces make no difference where both are plain Python.
    """
    wanted = text.splitlines()
    lines = [line.rstrip() for line in current.splitlines()]
    if any(lines[i : i + len(wanted)] == wanted for i in range(len(lines))):
        return True
    try:
        there = {ast.dump(statement) for statement in ast.parse(current).body}
        return all(ast.dump(statement) in there for statement in ast.parse(text).body)
    except (SyntaxError, ValueError, RecursionError):
        return False


def _first(statement: ast.stmt) -> int:
    decorators = getattr(statement, "decorator_list", ())
    return int(min([statement.lineno, *(d.lineno for d in decorators)]))


def _lines_of(statement: ast.stmt) -> range:
    return range(_first(statement), (statement.end_lineno or statement.lineno) + 1)


def _inner(statement: ast.stmt) -> Iterable[tuple[Place, set[int]]]:
    for node in ast.walk(statement):
        if isinstance(node, ast.stmt) and node is not statement:
            decorators = getattr(node, "decorator_list", ())
            first = decorators[0] if decorators else node
            column = first.col_offset - (1 if decorators else 0)
            yield Place(first.lineno, column), set(_lines_of(node))


def _shift(raw: str, source: str, first: int) -> int | None:
    """How many lines further down the user sees what ``source`` has on line ``first``.

    IPython takes blank lines at the top away and joins the lines of a long ``!command``.
    """
    before, after = raw.splitlines(), source.splitlines()
    blank = next((i for i, line in enumerate(before) if line.strip()), 0)
    while before and not before[-1].strip():
        before.pop()
    while after and not after[-1].strip():
        after.pop()
    if len(before) - blank == len(after):
        return blank
    wanted = after[first - 1].strip() if first <= len(after) else ""
    found = [i for i, line in enumerate(before, 1) if line.strip() == wanted]
    return found[0] - first if len(found) == 1 else None


def _ranges(lines: Iterable[int]) -> Iterable[Lines]:
    begun: list[int] = []
    for line in sorted(lines):
        if begun and line > begun[-1] + 1:
            yield begun[0], begun[-1]
            begun = []
        begun = [begun[0], line] if begun else [line]
    if begun:
        yield begun[0], begun[-1]
