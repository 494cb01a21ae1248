"""What a syntax tree holds, found once and kept on its nodes.

A slice asks the same questions of every statement of a session, again and again; the trees
themselves never change.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TypeVar

T = TypeVar("T")


def remembered(function: Callable[[ast.AST], T]) -> Callable[[ast.AST], T]:
    """Remember on the node what a function finds in the tree below it."""
    place = f"_slicer_{function.__module__}_{function.__qualname__}"

    def look_up(tree: ast.AST) -> T:
        held = tree.__dict__
        try:
            return held[place]  # type: ignore[no-any-return]
        except KeyError:
            found = held[place] = function(tree)
            return found

    return look_up


@remembered
def nodes_in(tree: ast.AST) -> tuple[ast.AST, ...]:
    """All nodes of a tree, as ``ast.walk`` gives them."""
    return tuple(ast.walk(tree))


@remembered
def kinds(tree: ast.AST) -> frozenset[type[ast.AST]]:
    """The types of the nodes in a tree."""
    return frozenset(map(type, nodes_in(tree)))


@remembered
def names_in(tree: ast.AST) -> frozenset[str]:
    """The variables that a tree names."""
    return frozenset(n.id for n in nodes_in(tree) if type(n) is ast.Name)


@remembered
def words_in(tree: ast.AST) -> frozenset[str]:
    """The variables and attributes that a tree names."""
    return names_in(tree) | {n.attr for n in nodes_in(tree) if type(n) is ast.Attribute}


@remembered
def own_nodes(statement: ast.AST) -> tuple[ast.AST, ...]:
    """Nodes of a statement without its inner statements."""
    found: list[ast.AST] = []
    stack: list[ast.AST] = [statement]
    while stack:
        node = stack.pop()
        found.append(node)
        stack.extend(c for c in ast.iter_child_nodes(node) if not isinstance(c, ast.stmt))
    return tuple(found)


DEFINITIONS = frozenset((ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda))


def statements_in(node: ast.AST) -> Iterator[ast.stmt]:
    """Statements directly inside another, in definitions too. Expressions hold none."""
    held = node.__dict__
    for name in ("body", "handlers", "orelse", "finalbody", "cases"):
        if type(block := held.get(name)) is list:
            for inner in block:
                if isinstance(inner, ast.ExceptHandler | ast.match_case):
                    yield from inner.body
                else:
                    yield inner
