"""Where loops are: each loop of a cell gets a call that may watch its iterations.

    for x in xs:          for x in L.at(3)(3, L.iter(xs)):
        body                  body
                          else:
                              for x in L.rest():
                                  body

``L`` is one object. ``L.at(3)`` is asked before the items are there, and gives what is
called with them; that gives them back, or the same with a look at each boundary between
iterations. A loop that proves fast is left to ``rest``: the second
copy of the body runs on the bare iterator and costs nothing. A body with watched loops of its
own is not copied. Lines, columns and scopes stay as they were.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TypeVar

from jupyter_slicer.analysis.tree import statements_in

NAME = "__jupyter_slicer_loop__"
"""The name of ``L`` in the user's namespace and among the builtins."""

Loop = ast.For | ast.While
_Node = TypeVar("_Node", bound=ast.AST)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True, slots=True)
class LoopPlace:
    """A loop in a text."""

    ordinal: int
    """Among the loops of the text that can be watched, in the order of their heads."""
    line: int
    head: str
    """``for epoch in range(20)``"""
    depth: int
    """How many loops of the same function stand around it."""
    inner: bool
    """Whether it has loops of its own."""


def loops_of(tree: ast.Module, without: Collection[int] = ()) -> Iterator[tuple[Loop, int]]:
    """The loops that can be watched, outer ones first, with their depth.

    ``without``: ids of statements that do not count, with all that is in them.
    """
    yield from _loops(tree, 0, frozenset(without))


def _loops(node: ast.AST, depth: int, without: frozenset[int]) -> Iterator[tuple[Loop, int]]:
    for child in statements_in(node):
        if id(child) in without:
            continue
        if is_watched(child):
            yield child, depth  # type: ignore[misc]
            yield from _loops(child, depth + 1, without)
        else:
            yield from _loops(child, 0 if isinstance(child, _SCOPES) else depth, without)


def is_watched(node: ast.AST) -> bool:
    """``while … else`` is left alone: its ``else`` cannot be told from ours."""
    return isinstance(node, ast.For) or (isinstance(node, ast.While) and not node.orelse)


def places(tree: ast.Module, without: Collection[int] = ()) -> tuple[LoopPlace, ...]:
    return tuple(
        LoopPlace(n, loop.lineno, head_of(loop), depth, _has_loops(loop))
        for n, (loop, depth) in enumerate(loops_of(tree, without))
    )


def head_of(loop: Loop) -> str:
    if isinstance(loop, ast.For):
        return f"for {ast.unparse(loop.target)} in {ast.unparse(loop.iter)}"
    return f"while {ast.unparse(loop.test)}"


def has_loops(tree: ast.AST) -> bool:
    """Whether it is a loop that can be watched, or holds one."""
    return is_watched(tree) or any(map(has_loops, statements_in(tree)))


def with_calls(
    tree: ast.Module,
    first: int,
    without: Collection[int] = (),
    innermost: bool = True,
    copies: bool = True,
) -> ast.Module:
    """The tree with a call at each loop; the ``n``-th is given the number ``first + n``.

    ``innermost=False`` leaves those alone that stand in a loop and have none inside: they
    may be entered a million times. ``copies=False`` never asks for ``rest``. The tree itself
    stays as it is: others hold on to its statements.
    """
    numbers = {k: first + n for k, n in watched_loops(tree, without, innermost).items()}
    body = [
        _Calls(numbers, copies).visit(_copied(s, numbers)) if has_loops(s) else s
        for s in tree.body
    ]
    return ast.Module(body=body, type_ignores=tree.type_ignores)


def watched_loops(
    tree: ast.Module, without: Collection[int] = (), innermost: bool = True
) -> dict[int, int]:
    """Ids of the loops that get a call, with their ordinals."""
    anew = set() if innermost else set(_training_anew(tree))
    return {
        id(loop): n
        for n, (loop, depth) in enumerate(loops_of(tree, without))
        if innermost or not depth or _has_loops(loop) or id(loop) in anew
    }


def _training_anew(tree: ast.AST) -> Iterator[int]:
    """Ids of loops in a loop that change what a call above them in the same block has made:
    a whole training, perhaps.

        for lr in lrs:
            w = np.zeros(10)
            for epoch in range(1000):   # this one
                w -= lr * gradient(w)
    """
    for loop, _ in _loops(tree, 0, frozenset()):
        made: set[str] = set()
        for statement in loop.body:
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
                made |= {t.id for t in statement.targets if isinstance(t, ast.Name)}
            elif is_watched(statement) and made & set(_changed_in(statement)):
                yield id(statement)


def _changed_in(loop: ast.stmt) -> Iterator[str]:
    for node in ast.walk(loop):
        match node:
            case ast.AugAssign(target=ast.Name(name)):
                yield name
            case ast.Attribute(value=ast.Name(name)):
                yield name
            case ast.Subscript(value=ast.Name(name), ctx=ast.Store()):
                yield name
            case ast.Assign(targets=[ast.Name(name)]):
                yield name


def _copied(node: _Node, numbers: dict[int, int]) -> _Node:
    """A copy of its own; the loops in it keep their numbers.

    ``copy.deepcopy`` takes ten times as long, and copies what others have noted on the nodes.
    """
    kind = type(node)
    twin = kind.__new__(kind)
    held = node.__dict__
    for name in (*kind._fields, *kind._attributes):
        if name in held:
            value = held[name]
            if isinstance(value, list):
                value = [_copied(v, numbers) if isinstance(v, ast.AST) else v for v in value]
            elif isinstance(value, ast.AST):
                value = _copied(value, numbers)
            setattr(twin, name, value)
    if id(node) in numbers:
        numbers[id(twin)] = numbers[id(node)]
    return twin


class _Calls(ast.NodeTransformer):
    def __init__(self, numbers: dict[int, int], copies: bool) -> None:
        self._numbers, self._copies = numbers, copies

    def _is_copied(self, node: Loop) -> bool:
        return self._copies and id(node) in self._numbers and may_be_copied(node, self._numbers)

    def visit_For(self, node: ast.For) -> ast.For:
        number = self._numbers.get(id(node))
        copied = self._is_copied(node)
        self.generic_visit(node)
        if number is None:
            return node
        items = _at(ast.Call(_attribute("iter", node.iter), [node.iter], []), node.iter)
        node.iter = _enter(number, items, node.iter)
        if copied:
            rest = ast.For(
                _copied(node.target, {}),
                _rest(node.iter),
                [_copied(s, {}) for s in node.body],
                node.orelse,
            )
            node.orelse = [ast.copy_location(rest, node)]
        return node

    def visit_While(self, node: ast.While) -> ast.stmt:
        number = self._numbers.get(id(node))
        copied = self._is_copied(node)
        self.generic_visit(node)
        if number is None:
            return node
        test = node.test
        turns = _enter(number, _attribute("turns", test), test)
        leave = _at(
            ast.If(_at(ast.UnaryOp(ast.Not(), test), test), [_at(ast.Break(), test)], []), test
        )
        watched = ast.For(_at(ast.Tuple([], ast.Store()), test), turns, [leave, *node.body], [])
        if copied:
            again = ast.While(_copied(test, {}), [_copied(s, {}) for s in node.body], [])
            watched.orelse = [ast.copy_location(again, node)]
        return ast.copy_location(watched, node)


def may_be_copied(loop: Loop, watched: Collection[int]) -> bool:
    """Not a body with watched loops, which would be copied again and again, nor one that
    declares names, which may be done only once."""
    kinds = (ast.Global, ast.Nonlocal, *_SCOPES)
    inside = [n for statement in loop.body for n in ast.walk(statement)]
    return not any(isinstance(node, kinds) or id(node) in watched for node in inside)


def _has_loops(loop: Loop) -> bool:
    return any(map(has_loops, loop.body))


def _enter(number: int, items: ast.expr, where: ast.expr) -> ast.expr:
    at = _at(ast.Call(_attribute("at", where), [_at(ast.Constant(number), where)], []), where)
    return _at(ast.Call(at, [_at(ast.Constant(number), where), items], []), where)


def _rest(where: ast.expr) -> ast.expr:
    return _at(ast.Call(_attribute("rest", where), [], []), where)


def _attribute(name: str, where: ast.expr) -> ast.Attribute:
    owner = _at(ast.Name(NAME, ast.Load()), where)
    return _at(ast.Attribute(owner, name, ast.Load()), where)


def _at(node: _Node, where: ast.AST) -> _Node:
    return ast.copy_location(node, where)
