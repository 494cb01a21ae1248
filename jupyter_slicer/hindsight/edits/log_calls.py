"""Calls that log: ``log("name", value)`` and ``print``."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

SHOWING = frozenset(("print", "log", "display", "pprint"))
WRAPPING = frozenset(("log", "param"))
"""What gives its second argument back."""


def logged_names(tree: ast.AST) -> tuple[str, ...]:
    """First arguments of ``log("name", ...)`` calls, in the order of the text."""
    return _names(n for n in ast.walk(tree) if isinstance(n, ast.Call) and is_log(n))


def _names(calls: Iterator[ast.Call]) -> tuple[str, ...]:
    found = sorted(calls, key=lambda call: (call.lineno, call.col_offset))
    return tuple(dict.fromkeys(call.args[0].value for call in found))  # type: ignore[attr-defined]


def is_log(call: ast.Call) -> bool:
    """``log("name", ...)``, not ``math.log(x)``."""
    if not _is_named(call):
        return False
    match call.func:
        case ast.Name(id="log"):
            return True
        case ast.Attribute(value=ast.Name(), attr="log"):
            return True
    return False


def is_wrap(call: ast.AST) -> bool:
    """``log("name", value)`` or ``param("name", value)``, which may stand where ``value``
    does. Not ``wandb.log("name", value)``, which gives nothing back."""
    if not (isinstance(call, ast.Call) and _is_named(call)):
        return False
    if len(call.args) != 2 or call.keywords or isinstance(call.args[1], ast.Starred):
        return False
    match call.func:
        case ast.Name(id=name):
            return name in WRAPPING
        case ast.Attribute(value=ast.Name(id="jupyter_slicer"), attr=name):
            return name in WRAPPING
    return False


def _is_named(call: ast.Call) -> bool:
    first = call.args[0] if call.args else None
    return isinstance(first, ast.Constant) and isinstance(first.value, str)


def wraps_of(node: ast.stmt) -> list[ast.Call]:
    """Wrapping calls that a statement itself makes, not those of blocks inside it."""
    return [n for n in own_nodes(node) if is_wrap(n)]  # type: ignore[misc]


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """A statement's parts without the statements inside it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.stmt):
            yield child
            yield from own_nodes(child)


def without_wraps(node: ast.stmt) -> ast.stmt:
    """The statement with ``log("name", value)`` inside it read as ``value``."""
    return ast.fix_missing_locations(_Unwrapping().visit(copy.deepcopy(node)))  # type: ignore[no-any-return]


class _Unwrapping(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        return node.args[1] if is_wrap(node) else node


def is_shown(node: ast.stmt) -> bool:
    """Whether a statement does nothing but log or print."""
    if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        return False
    call = node.value
    return is_log(call) or (isinstance(call.func, ast.Name) and call.func.id in SHOWING)
