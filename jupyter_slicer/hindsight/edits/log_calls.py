"""Calls that log: ``log("name", value)`` and ``print``."""

from __future__ import annotations

import ast
import copy

SHOWING = frozenset(("print", "log", "display", "pprint"))


def logged_names(tree: ast.AST) -> tuple[str, ...]:
    """First arguments of ``log("name", ...)`` calls, in the order of the text."""
    calls = (n for n in ast.walk(tree) if isinstance(n, ast.Call) and is_log(n))
    found = sorted(calls, key=lambda call: (call.lineno, call.col_offset))
    return tuple(dict.fromkeys(call.args[0].value for call in found))  # type: ignore[attr-defined]


def is_log(call: ast.Call) -> bool:
    """``log("name", ...)``, not ``math.log(x)``."""
    named = bool(call.args) and isinstance(call.args[0], ast.Constant)
    if not named or not isinstance(call.args[0].value, str):  # type: ignore[attr-defined]
        return False
    match call.func:
        case ast.Name(id="log"):
            return True
        case ast.Attribute(value=ast.Name(), attr="log"):
            return True
    return False


def without_logs(node: ast.stmt) -> ast.stmt:
    """The statement with ``log("name", value)`` inside it read as ``value``."""
    return ast.fix_missing_locations(_Unwrapping().visit(copy.deepcopy(node)))  # type: ignore[no-any-return]


class _Unwrapping(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        wraps = is_log(node) and len(node.args) == 2 and not node.keywords
        return node.args[1] if wraps and not isinstance(node.args[1], ast.Starred) else node


def is_shown(node: ast.stmt) -> bool:
    """Whether a statement does nothing but log or print."""
    if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        return False
    call = node.value
    return is_log(call) or (isinstance(call.func, ast.Name) and call.func.id in SHOWING)
