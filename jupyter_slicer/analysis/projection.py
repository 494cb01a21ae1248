"""Which columns of a frame an expression reads, where its text says so.

``df[["a", "b"]]``, ``df.loc[rows, "a"]``, ``df.groupby("k")["a"]``: what is none of a
frame's columns is read whole when it is looked up, so that any other object is safe.
"""

from __future__ import annotations

import ast
from typing import NamedTuple


class Projection(NamedTuple):
    """Columns of one variable, and what else the expression evaluates."""

    name: str
    columns: tuple[str, ...]
    others: tuple[ast.expr, ...] = ()
    by: str = ""
    """The variable that says which part, as in ``df[features]``."""


def projection(node: ast.expr) -> Projection | None:
    """The columns that a subscription reads, alone or below attributes and constant keys."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        found = _listed(node) or _located(node) or _grouped(node) or _named(node)
        if found is not None:
            return found
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Constant):
            return None
        node = node.value
    return None


def located(node: ast.expr) -> Projection | None:
    """``df.loc[rows, "a"]``, which may be stored into."""
    return _located(node)


def _listed(node: ast.expr) -> Projection | None:
    if not (isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)):
        return None
    columns = _texts(node.slice) if isinstance(node.slice, ast.List) else ()
    return Projection(node.value.id, columns) if columns else None


def _named(node: ast.expr) -> Projection | None:
    if not (isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)):
        return None
    if not isinstance(node.slice, ast.Name):
        return None
    return Projection(node.value.id, (), (node.slice,), node.slice.id)


def _located(node: ast.expr) -> Projection | None:
    if not (isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute)):
        return None
    indexer, frame, key = node.value.attr, node.value.value, node.slice
    if indexer not in ("loc", "at") or not isinstance(frame, ast.Name):
        return None
    if not isinstance(key, ast.Tuple) or len(key.elts) != 2:
        return None
    columns = _texts(key.elts[1])
    return Projection(frame.id, columns, (key.elts[0],)) if columns else None


def _grouped(node: ast.expr) -> Projection | None:
    call = node.value if isinstance(node, ast.Subscript) else None
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
        return None
    frame = call.func.value
    if call.func.attr != "groupby" or not isinstance(frame, ast.Name):
        return None
    given = [*call.args, *(k.value for k in call.keywords if k.arg == "by")]
    others = [k.value for k in call.keywords if k.arg != "by"]
    if len(given) != 1 or not all(isinstance(value, ast.Constant) for value in others):
        return None
    keys, columns = _texts(given[0]), _texts(node.slice)  # type: ignore[attr-defined]
    return Projection(frame.id, (*keys, *columns)) if keys and columns else None


def _texts(node: ast.expr) -> tuple[str, ...]:
    """The text, or the texts of a list; empty where anything is not constant."""
    parts = node.elts if isinstance(node, ast.List) else [node]
    values = [part.value if isinstance(part, ast.Constant) else None for part in parts]
    found = tuple(value for value in values if isinstance(value, str))
    return found if len(found) == len(values) else ()
