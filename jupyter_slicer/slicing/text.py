"""The text of a statement instance: its own, or the plain Python that it stands for."""

from __future__ import annotations

import ast
from functools import lru_cache

from jupyter_slicer.analysis.magics import Plain, plain_statement
from jupyter_slicer.analysis.tree import nodes_in
from jupyter_slicer.domain import Place, Step
from jupyter_slicer.graph import DependenceGraph


@lru_cache(8192)
def _body(source: str) -> list[ast.stmt]:
    return ast.parse(source).body


@lru_cache(8192)
def _plain(source: str, position: int) -> Plain | None:
    return plain_statement(_body(source)[position], source)


def statement_of(graph: DependenceGraph, step: Step) -> ast.stmt:
    """The statement as it stands in the transformed cell."""
    instance = graph.instances[step]
    return _body(graph.executions[instance.execution].source)[instance.position]


def plain_of(graph: DependenceGraph, step: Step) -> Plain | None:
    """What a magic stands for in plain Python; None where there is no magic."""
    instance = graph.instances[step]
    return _plain(graph.executions[instance.execution].source, instance.position)


def plain_cell(source: str) -> str:
    """The text of a cell, without a magic above it that only runs it: ``%%time``."""
    try:
        plain = _plain(source, 0) if len(ast.parse(source).body) == 1 else None
    except SyntaxError:
        return source
    return source if plain is None else plain.text


def source_of(graph: DependenceGraph, step: Step) -> str:
    """The text in which the places of a statement's parts count."""
    plain = plain_of(graph, step)
    if plain is not None:
        return plain.text
    return graph.executions[graph.instances[step].execution].source


def body_of(graph: DependenceGraph, step: Step) -> list[ast.stmt]:
    """The statement, or the statements that a magic stands for."""
    plain = plain_of(graph, step)
    if plain is None:
        return [statement_of(graph, step)]
    try:
        return _body(plain.text)
    except SyntaxError:
        return [statement_of(graph, step)]


def inner_places(graph: DependenceGraph, step: Step) -> list[Place]:
    """Where the statements inside a statement start, outer before inner."""
    lines = source_of(graph, step).split("\n")
    body = body_of(graph, step)
    inner = [n for s in body for n in nodes_in(s) if isinstance(n, ast.stmt) and n is not s]
    return [place_of(s, lines) for s in inner if not says_nothing(s)]


def says_nothing(statement: ast.stmt) -> bool:
    """``pass``, a docstring and the like."""
    text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return text or isinstance(statement, ast.Pass)


def place_of(node: ast.stmt | ast.expr, lines: list[str]) -> Place:
    """Where a node starts; decorators belong to what they decorate."""
    decorators = getattr(node, "decorator_list", ())
    first = decorators[0] if decorators else node
    column = first.col_offset - (1 if decorators else 0)
    return Place(first.lineno, characters(lines, first.lineno, column))


def end_of(node: ast.expr, lines: list[str]) -> Place:
    line, column = node.end_lineno or node.lineno, node.end_col_offset or 0
    return Place(line, characters(lines, line, column))


def characters(lines: list[str], line: int, column: int) -> int:
    """``ast`` counts columns in bytes of UTF-8, we in characters."""
    return len(lines[line - 1].encode()[:column].decode(errors="ignore"))
