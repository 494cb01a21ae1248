"""Which names a statement binds and which it takes from around it."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterator
from dataclasses import dataclass

from jupyter_slicer.analysis.facts import statement_facts


@dataclass(frozen=True, slots=True)
class Names:
    """Names of a statement, seen from the scope in which it stands."""

    bound: frozenset[str]
    needed: frozenset[str]
    """Taken from around it, when it runs or when a function in it is called; no builtins."""


def names_of(text: str) -> Names:
    """Names of statements that stand at the margin."""
    try:
        table = symtable.symtable(_legal(text), "cell", "exec")
    except SyntaxError:
        return Names(frozenset(), frozenset())
    bound = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    used = {s.get_name() for s in table.get_symbols() if s.is_referenced()} - bound
    for inner in _inner(table):
        for symbol in inner.get_symbols():
            if symbol.is_global():
                used |= {symbol.get_name()} - bound
                if symbol.is_assigned():
                    bound.add(symbol.get_name())
    used |= _read_first(text)
    return Names(frozenset(bound), frozenset(n for n in used if not hasattr(builtins, n)))


_OUT_OF_PLACE = (
    ast.Return | ast.Yield | ast.YieldFrom | ast.Await | ast.Nonlocal | ast.Break | ast.Continue
)


def _legal(text: str) -> str:
    """``return`` and ``yield`` stand in functions, ``break`` in loops."""
    tree = ast.parse(text)
    if not any(isinstance(n, _OUT_OF_PLACE) for n in ast.walk(tree)):
        return text
    return ast.unparse(_Legal().visit(tree))


class _Legal(ast.NodeTransformer):
    """Puts what may not stand at the margin into what may."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        self.generic_visit(node)
        return ast.copy_location(ast.Expr(node.value or ast.Constant(None)), node)

    def visit_Yield(self, node: ast.Yield) -> ast.AST:
        self.generic_visit(node)
        return ast.copy_location(node.value or ast.Constant(None), node)

    def visit_YieldFrom(self, node: ast.YieldFrom) -> ast.AST:
        self.generic_visit(node)
        return node.value

    def visit_Await(self, node: ast.Await) -> ast.AST:
        self.generic_visit(node)
        return node.value

    def visit_Break(self, node: ast.Break) -> ast.AST:
        return ast.copy_location(ast.Pass(), node)

    def visit_Continue(self, node: ast.Continue) -> ast.AST:
        return ast.copy_location(ast.Pass(), node)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.AST:
        return ast.copy_location(ast.Pass(), node)


def _inner(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _inner(child)


def _read_first(text: str) -> set[str]:
    """Names read before the statements bind them: ``n = n + 1``, ``n += 1``."""
    return {access.name for access in statement_facts(ast.parse(text).body).reads}
