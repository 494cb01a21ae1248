"""Which global names a piece of text binds and uses."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@lru_cache(4096)
def bound_names(text: str) -> frozenset[str]:
    """Names that the statements bind or delete outside functions and classes."""
    names: set[str] = set()
    for node in at_top(ast.parse(text)):
        names.update(_bound_by(node))
    return frozenset(names)


def _bound_by(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name
        case (
            ast.FunctionDef(name=name)
            | ast.AsyncFunctionDef(name=name)
            | ast.ClassDef(name=name)
        ):
            yield name
        case ast.alias(name=name, asname=asname):
            yield asname or name.split(".")[0]
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
            yield name
        case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            yield name


def at_top(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes that run as part of the module itself, the heads of its functions included."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, _SCOPES):
            continue
        if isinstance(node, _COMPREHENSIONS):
            waiting.append(node.generators[0].iter)
            waiting.extend(n for n in ast.walk(node) if isinstance(n, ast.NamedExpr))
            continue
        waiting.extend(ast.iter_child_nodes(node))


@lru_cache(4096)
def used_names(text: str) -> frozenset[str]:
    """All names that the text reads, at any depth."""
    return frozenset(
        node.id
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    )
