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
        found = _listed(node) or _located(node) or _selected(node) or _named(node)
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


def computed(node: ast.Call) -> Projection | None:
    """``df.groupby("k").agg({"a": "sum"})``, ``df.pivot_table(index="k", values="a")``."""
    if not isinstance(node.func, ast.Attribute):
        return None
    if node.func.attr in ("agg", "aggregate"):
        return _aggregated(node)
    return _pivoted(node) if node.func.attr in ("pivot_table", "pivot") else None


def _selected(node: ast.expr) -> Projection | None:
    """``df.groupby("k")["a"]`` and ``df.groupby("k").a``."""
    if not isinstance(node, ast.Attribute | ast.Subscript):
        return None
    if isinstance(node, ast.Subscript):
        columns = _texts(node.slice)
    else:
        columns = () if node.attr in _OF_GROUPS or node.attr[0] == "_" else (node.attr,)
    grouped = _grouped(node.value)
    if grouped is None or not columns:
        return None
    return grouped._replace(columns=(*grouped.columns, *columns))


def _grouped(call: ast.expr) -> Projection | None:
    """The keys of ``df.groupby("k")``."""
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
        return None
    frame = call.func.value
    if call.func.attr != "groupby" or not isinstance(frame, ast.Name):
        return None
    given = [*call.args, *(k.value for k in call.keywords if k.arg == "by")]
    others = [k.value for k in call.keywords if k.arg != "by"]
    if len(given) != 1 or not all(isinstance(value, ast.Constant) for value in others):
        return None
    keys = _texts(given[0])
    return Projection(frame.id, keys) if keys else None


def _aggregated(node: ast.Call) -> Projection | None:
    grouped = _grouped(node.func.value)  # type: ignore[attr-defined]
    columns: list[ast.expr | None] = []
    others: list[ast.expr] = []
    if len(node.args) == 1 and isinstance(node.args[0], ast.Dict) and not node.keywords:
        columns, others = node.args[0].keys, node.args[0].values
    elif not node.args:
        for value in (k.value for k in node.keywords):
            pair = value.elts if isinstance(value, ast.Tuple) else []
            columns.append(pair[0] if len(pair) == 2 else None)
            others += pair[1:]
    found = [_texts(c) if isinstance(c, ast.Constant) else () for c in columns]
    if grouped is None or not found or not all(found):
        return None
    return grouped._replace(
        columns=(*grouped.columns, *(name for names in found for name in names)),
        others=tuple(others),
    )


def _pivoted(node: ast.Call) -> Projection | None:
    frame = node.func.value  # type: ignore[attr-defined]
    given = {k.arg: k.value for k in node.keywords}
    if node.args or None in given or "values" not in given or not isinstance(frame, ast.Name):
        return None
    places = [given.pop(name) for name in ("index", "columns", "values") if name in given]
    found = [_texts(place) for place in places]
    if not all(found):
        return None
    return Projection(frame.id, tuple(n for names in found for n in names), (*given.values(),))


_OF_GROUPS = frozenset(
    "agg aggregate all any apply bfill boxplot corr corrwith count cov cumcount cummax cummin "
    "cumprod cumsum describe diff dtype dtypes ewm expanding ffill fillna filter first get_group "
    "groups head hist idxmax idxmin indices is_monotonic_decreasing is_monotonic_increasing kurt "
    "last max mean median min ndim ngroup ngroups nlargest nsmallest nth nunique ohlc pct_change "
    "pipe plot prod quantile rank resample rolling sample sem shift size skew std sum tail take "
    "transform unique value_counts var".split()
)
"""What a group has itself, whatever the columns are called."""


def _texts(node: ast.expr) -> tuple[str, ...]:
    """The text, or the texts of a list; empty where anything is not constant."""
    parts = node.elts if isinstance(node, ast.List) else [node]
    values = [part.value if isinstance(part, ast.Constant) else None for part in parts]
    found = tuple(value for value in values if isinstance(value, str))
    return found if len(found) == len(values) else ()
