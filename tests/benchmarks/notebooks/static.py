"""The slicer to compare with: names only, and every call changes its arguments.

What a tool can do that reads the text alone and wants to be safe.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence


def static_slices(cells: Sequence[str], names: Iterable[str]) -> dict[str, list[str]]:
    """For each name, the top-level statements that its static slice keeps."""
    statements = [s for cell in cells for s in ast.parse(cell).body]
    effects = [_effects(s) for s in statements]
    texts = [ast.unparse(s) for s in statements]
    return {name: [texts[i] for i in sorted(_slice(effects, name))] for name in names}


def only_imported(cells: Sequence[str]) -> frozenset[str]:
    """Names that nothing but imports binds."""
    bound: dict[bool, set[str]] = {True: set(), False: set()}
    for statement in (s for cell in cells for s in ast.parse(cell).body):
        certain, perhaps, _ = _effects(statement)
        imports = isinstance(statement, ast.Import | ast.ImportFrom)
        bound[imports] |= certain | perhaps if imports else certain
    return frozenset(bound[True] - bound[False])


Effects = tuple[frozenset[str], frozenset[str], frozenset[str]]
"""Names bound for certain, names bound or changed perhaps, names read."""


def _slice(effects: Sequence[Effects], name: str) -> set[int]:
    kept: set[int] = set()
    wanted = {name}
    for number in range(len(effects) - 1, -1, -1):
        bound, changed, read = effects[number]
        if wanted & (bound | changed):
            kept.add(number)
            wanted = (wanted - bound) | read
    return kept


def _effects(statement: ast.stmt) -> Effects:
    bound: set[str] = set()
    changed: set[str] = set()
    read: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.Attribute | ast.Subscript):
            if not isinstance(node.ctx, ast.Load):
                changed |= _names(node.value)
        elif isinstance(node, ast.Call):
            changed |= _names(node)
    if isinstance(statement, ast.AugAssign):
        read |= bound
    simple = isinstance(statement, ast.Assign | ast.AnnAssign | ast.Import | ast.ImportFrom)
    defines = isinstance(statement, ast.FunctionDef | ast.ClassDef)
    certain = bound if simple or defines else set()
    return frozenset(certain), frozenset(changed | bound), frozenset(read)


def _names(node: ast.AST) -> set[str]:
    """Variables in a call, its receiver and arguments; a function's own name is not one."""
    skipped = node.func if isinstance(node, ast.Call) else None
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n is not skipped}
