"""The text of one kept statement: found in its cell, cut, renamed, guarded."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from jupyter_slicer.analysis.python_text import Positions, indented
from jupyter_slicer.domain import KeptStatement, Outcome, Place, Replacement


@dataclass(frozen=True, slots=True)
class StatementText:
    """A statement with the comments that belong to it."""

    text: str
    apart: bool = False
    """Whether a blank line stood above it in its cell."""


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a statement stands in a text."""

    comments: str
    """The lines of comment directly above, each with its line end."""
    text: str
    tail: str
    """A comment behind it on its last line, with the spaces before."""
    line: int
    """Of its first line, from 1."""
    apart: bool


def statement_text(kept: KeptStatement) -> StatementText:
    """What the program says for a kept statement; empty if nothing is left of it."""
    if kept.plain is not None:
        found = _Found("", kept.plain.rstrip("\n"), "", 1, False)
    else:
        found = _find(kept.execution.source, kept.instance.position)
    text = _edited(found, kept)
    if kept.names is not None:
        text = _needed_names(text, kept.names)
    if kept.display_name is not None:
        text = _named(text, kept.display_name)
    elif kept.displayed:
        text = _displayed(text)
    elif text.isidentifier() and not keyword.iskeyword(text):
        text = f"repr({text})"  # what showing it did is all that it can be needed for
    whole = _guarded(found.comments + text + found.tail, kept)
    return StatementText(whole, found.apart)


# -- finding ------------------------------------------------------------------------------


@lru_cache(2048)
def _parsed(source: str) -> tuple[ast.Module, Positions, list[str]]:
    return ast.parse(source), Positions(source), source.split("\n")


def _find(source: str, position: int) -> _Found:
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    tree, places, lines = _parsed(source)
    statement = tree.body[position]
    start, end = places.span(statement)
    first = source.count("\n", 0, start) + 1
    floor = tree.body[position - 1].end_lineno or 0 if position else 0
    top = first
    while top - 1 > floor and lines[top - 2].startswith("#"):
        top -= 1
    tail = re.match(r"(?:[ \t]*;)?([ \t]*#[^\n]*)?[ \t]*(?=\n|$)", source[end:])
    # The first statement of a cell has the cell's own blank line above it.
    apart = top > 1 and top - 1 > floor > 0 and not lines[top - 2].strip()
    return _Found(
        comments="".join(line + "\n" for line in lines[top - 1 : first - 1]),
        text=source[start:end],
        tail=(tail.group(1) or "").rstrip() if tail is not None else "",
        line=first,
        apart=apart,
    )


# -- changing ------------------------------------------------------------------------------


def _edited(found: _Found, kept: KeptStatement) -> str:
    """The text with its replacements made and its cuts taken out."""
    text = found.text
    moved = [
        replace(r, start=_within(r.start, found), end=_within(r.end, found))
        for r in kept.replacements
    ]
    cuts = {_after(_within(cut.start, found), moved) for cut in kept.cuts}
    for replacement in sorted(moved, key=lambda r: r.start, reverse=True):
        start, end = _offset(text, replacement.start), _offset(text, replacement.end)
        text = text[:start] + replacement.text + text[end:]
    if not cuts:
        return text
    from jupyter_slicer.export.cutting import without

    return without(text, frozenset(cuts))


def _within(place: Place, found: _Found) -> Place:
    return Place(place.line - found.line + 1, place.column)


def _after(place: Place, replacements: Iterable[Replacement]) -> Place:
    """Where a place is once the replacements before it on its line are made."""
    shift = sum(
        len(r.text) - (r.end.column - r.start.column)
        for r in replacements
        if r.end.line == place.line and r.end.column <= place.column
    )
    return Place(place.line, place.column + shift)


def _offset(text: str, place: Place) -> int:
    lines = text.split("\n")
    return sum(len(line) + 1 for line in lines[: place.line - 1]) + place.column


def _needed_names(text: str, names: frozenset[str]) -> str:
    """An import without the names that nobody needs."""
    body = ast.parse(text).body
    if len(body) != 1 or not isinstance(body[0], ast.Import | ast.ImportFrom):
        return text
    statement = body[0]
    left = [a for a in statement.names if (a.asname or a.name.split(".")[0]) in names]
    if any(a.name == "*" for a in statement.names) or not 0 < len(left) < len(statement.names):
        return text
    statement.names = left
    return ast.unparse(statement)


def _named(text: str, name: str) -> str:
    """The value of the last expression under the name by which ``Out[3]`` is read."""
    last = ast.parse(text).body[-1]
    if not isinstance(last, ast.Expr):
        return text
    start, end = Positions(text).span(last)
    value = text[start:end]
    value = f"({value})" if isinstance(last.value, ast.NamedExpr) else value
    return f"{text[:start]}{name} = {value}{text[end:]}"


def _displayed(text: str) -> str:
    """What a notebook shows of a last line, a program has to be told to show."""
    last = ast.parse(text).body[-1]
    if not isinstance(last, ast.Expr):
        return text
    start, end = Positions(text).span(last)
    value = text[start:end]
    # A tuple without brackets would be several arguments.
    bare = isinstance(last.value, ast.Tuple | ast.NamedExpr) and not _is_one(value)
    return f"{text[:start]}display({f'({value})' if bare else value}){text[end:]}"


def _is_one(value: str) -> bool:
    call = ast.parse(f"display({value})", mode="eval").body
    return isinstance(call, ast.Call) and len(call.args) == 1 and not call.keywords


def _guarded(text: str, kept: KeptStatement) -> str:
    """A statement that raised does so again; the program goes on, as the kernel did."""
    if not text.strip():
        return text
    if kept.instance.outcome not in (Outcome.RAISED, Outcome.INTERRUPTED):
        return text
    if kept.instance.outcome is Outcome.INTERRUPTED:
        return (
            "# interrupted in the notebook: what it did there may be less\n"
            f"try:\n{indented(text, '    ')}\nexcept KeyboardInterrupt:\n    pass"
        )
    name, comment = _caught(kept.instance.error)
    return (
        f"try:\n{indented(text, '    ')}\nexcept {name}:\n"
        f"    pass  # it raised {comment}in the notebook too"
    )


def _caught(error: str | None) -> tuple[str, str]:
    name = (error or "Exception").removeprefix("builtins.")
    known = getattr(builtins, name, None)
    if isinstance(known, type) and issubclass(known, BaseException):
        return name, ""
    return "Exception", f"{name} "
