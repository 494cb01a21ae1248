"""A cell's text as numbered statements, each with what it says apart from its inner blocks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from jupyter_slicer.errors import UnreadableCell
from jupyter_slicer.hindsight.edits.log_calls import without_wraps, wraps_of

Function = ast.FunctionDef | ast.AsyncFunctionDef
Loop = ast.For | ast.AsyncFor | ast.While
MODULE = -1
"""Stands for the cell itself where a statement's number is asked for."""


class Token(NamedTuple):
    """A part of a statement: what kind, and the text that may differ."""

    kind: str
    text: str = ""


class Block(NamedTuple):
    """A sequence of statements: whose it is, and which of its blocks."""

    owner: int
    role: str


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A statement at its place in the cell."""

    index: int
    """Counts all statements of the cell from 0, in the order of the text."""
    node: ast.stmt
    block: Block
    position: int
    """In its block, from 0."""
    tokens: tuple[Token, ...]
    """What it says, without the statements inside it."""
    bare: tuple[Token, ...]
    """The same with ``log("name", value)`` read as ``value``."""
    shape: tuple[Token, ...]
    """The same without names and values."""

    @property
    def parent(self) -> int:
        return self.block.owner

    @property
    def weight(self) -> float:
        return 1 + min(len(self.tokens), 40) / 20


class Cell:
    """The statements of a cell's text."""

    def __init__(self, source: str) -> None:
        self.source = source
        try:
            self.tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise UnreadableCell(error) from error
        self.statements: list[Statement] = []
        self.blocks: dict[Block, list[Statement]] = {}
        self._read(self.tree.body, Block(MODULE, "body"))

    def _read(self, body: Sequence[ast.stmt], block: Block) -> None:
        own = self.blocks.setdefault(block, [])
        for position, node in enumerate(body):
            tokens = tuple(own_tokens(node))
            statement = Statement(
                len(self.statements), node, block, position, tokens,
                _bare_tokens(node) or tokens, shape_of(tokens),
            )  # fmt: skip
            self.statements.append(statement)
            own.append(statement)
            for role, inner in inner_blocks(node):
                self._read(inner, Block(statement.index, role))

    @cached_property
    def lines(self) -> list[str]:
        """Lines as Python counts them: a form feed ends none."""
        return re.split(r"\r\n|\r|\n", self.source)

    def roles(self, owner: int) -> list[Block]:
        """The blocks of a statement that have statements."""
        return self._blocks_of.get(owner, [])

    @cached_property
    def _blocks_of(self) -> dict[int, list[Block]]:
        found: dict[int, list[Block]] = {}
        for block in self.blocks:
            found.setdefault(block.owner, []).append(block)
        return found

    def enclosing(self, index: int) -> Iterator[Statement]:
        """The statements around one, from the outside in."""
        around: list[Statement] = []
        while (index := self.statements[index].parent) != MODULE:
            around.append(self.statements[index])
        return reversed(around)

    def inside(self, index: int) -> range:
        """A statement's number and those of all statements inside it."""
        end = index + 1
        while end < len(self.statements) and self._below(end, index):
            end += 1
        return range(index, end)

    def _below(self, index: int, owner: int) -> bool:
        while index > owner:
            index = self.statements[index].parent
        return index == owner

    def function_of(self, index: int) -> int:
        """The function whose names a statement's names are, or ``MODULE``.

        A function's own name and default values belong to what is around it.
        """
        for statement in reversed(list(self.enclosing(index))):
            if isinstance(statement.node, Function):
                return statement.index
        return MODULE

    def text(self, statement: Statement) -> str:
        """As it stands in the cell, moved to the margin, decorators included."""
        node = statement.node
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        lines = self.lines[first - 1 : node.end_lineno]
        whole = self.lines[first - 1].encode()
        alone = not whole[: node.col_offset].strip() or first != node.lineno
        last = self.lines[(node.end_lineno or first) - 1].encode()
        rest = last[node.end_col_offset :].strip()
        if not alone or (rest and not rest.startswith(b"#")) or is_elif(self, statement):
            return ast.unparse(node)
        margin = len(lines[0]) - len(lines[0].lstrip())
        shifted = [line[margin:] if not line[:margin].strip() else line for line in lines]
        text = "\n".join(shifted)
        return text if _parses_as(text, node) else ast.unparse(node)

    def header(self, statement: Statement) -> str:
        """A loop's or function's first line, in one standard spelling."""
        return header_text(statement.node)

    @cached_property
    def loops(self) -> list[Statement]:
        """All loops, in the order of the text; comprehensions are none."""
        return [s for s in self.statements if isinstance(s.node, Loop)]

    @cached_property
    def functions(self) -> list[Statement]:
        return [s for s in self.statements if isinstance(s.node, Function)]

    @cached_property
    def locals(self) -> dict[int, frozenset[str]]:
        """For each function, by its number, the names that are its own."""
        return {s.index: local_names(s.node) for s in self.functions}  # type: ignore[arg-type]

    def scope_of(self, name: str, index: int) -> int:
        """The function that a name in a statement belongs to, or ``MODULE``."""
        around = list(self.enclosing(index))
        own = self.statements[index]
        if isinstance(own.node, Function) and name in argument_names(own.node):
            return own.index
        for statement in reversed(around):
            if name in self.locals.get(statement.index, ()):
                return statement.index
        return MODULE


def _parses_as(text: str, node: ast.stmt) -> bool:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return False
    return len(body) == 1 and ast.dump(body[0]) == ast.dump(node)


def is_elif(cell: Cell, statement: Statement) -> bool:
    """Whether it is an ``if`` that is written as ``elif``."""
    if not isinstance(statement.node, ast.If) or statement.block.role != "orelse":
        return False
    owner = cell.statements[statement.parent].node
    start = cell.lines[statement.node.lineno - 1].encode()[statement.node.col_offset :]
    return isinstance(owner, ast.If) and start.startswith(b"elif")


def inner_blocks(node: ast.stmt) -> Iterator[tuple[str, list[ast.stmt]]]:
    """The blocks inside a statement, named by where they stand in its syntax tree."""
    for field, value in ast.iter_fields(node):
        if not isinstance(value, list) or not value:
            continue
        if isinstance(value[0], ast.stmt):
            yield field, value
        elif isinstance(value[0], ast.ExceptHandler | ast.match_case):
            for number, part in enumerate(value):
                yield f"{field}.{number}", part.body


def header_text(node: ast.stmt) -> str:
    """What a statement says before its first block."""
    copy = header_only(node)
    if hasattr(copy, "body"):
        copy.body = [ast.Pass()]
    if hasattr(copy, "decorator_list"):
        copy.decorator_list = []
    if isinstance(copy, ast.Try | ast.TryStar | ast.Match):
        return type(node).__name__.lower() + ":"
    return ast.unparse(copy).splitlines()[0]


def header_only(node: ast.stmt) -> ast.stmt:
    """A copy without the blocks of a loop, a function or the like."""
    fields = dict(ast.iter_fields(node))
    for field, _ in ast.iter_fields(node):
        if field in ("body", "orelse", "finalbody") and isinstance(fields[field], list):
            fields[field] = []
    copy = type(node)(**fields)
    return ast.copy_location(copy, node)


def is_docstring(node: ast.stmt) -> bool:
    """Whether a statement is a text that only documents."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


# -- what a statement says ---------------------------------------------------------------

_NAME_FIELDS = {
    "FunctionDef": "name", "AsyncFunctionDef": "name", "ClassDef": "name", "arg": "arg",
    "ExceptHandler": "name", "MatchAs": "name", "MatchStar": "name", "MatchMapping": "rest",
}  # fmt: skip
_ABSTRACT = {"name", "attr", "const"}


def _bare_tokens(node: ast.stmt) -> tuple[Token, ...]:
    return tuple(own_tokens(without_wraps(header_only(node)))) if wraps_of(node) else ()


def shape_of(tokens: Sequence[Token]) -> tuple[Token, ...]:
    return tuple(Token(t.kind) if t.kind in _ABSTRACT else t for t in tokens)


def own_tokens(node: ast.AST) -> Iterator[Token]:
    match node:
        case ast.Name():
            yield Token("name", node.id)
        case ast.Constant():
            yield Token("const", f"{type(node.value).__name__} {node.value!r}")
        case ast.Attribute():
            yield Token("node", "Attribute")
            yield from own_tokens(node.value)
            yield Token("attr", node.attr)
        case ast.alias():
            yield Token("module", node.name)
            yield Token("name", node.asname or node.name.split(".")[0])
        case ast.Global() | ast.Nonlocal():
            yield Token("node", type(node).__name__)
            yield from (Token("name", name) for name in node.names)
        case _:
            yield from _field_tokens(node)


def _field_tokens(node: ast.AST) -> Iterator[Token]:
    yield Token("node", type(node).__name__)
    named = _NAME_FIELDS.get(type(node).__name__)
    for field, value in ast.iter_fields(node):
        if field == "ctx" or field == "type_comment":
            continue
        if field == named:
            yield Token("name" if value else "none", value or "")
        elif isinstance(value, list):
            if field in ("body", "orelse", "finalbody") and isinstance(
                node, ast.stmt | ast.ExceptHandler | ast.match_case
            ):
                continue
            yield Token("list", f"{field} {len(value)}")
            for part in value:
                yield from own_tokens(part) if isinstance(part, ast.AST) else [Token("none")]
        elif isinstance(value, ast.AST):
            yield from own_tokens(value)
        else:
            yield Token("field", f"{field} {value!r}")


# -- names ---------------------------------------------------------------------------------


def argument_names(function: Function | ast.Lambda) -> set[str]:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    named += [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    return {a.arg for a in named}


def local_names(function: Function) -> frozenset[str]:
    """Names that belong to a function: its arguments and what is bound in its body."""
    names, released = bound_names(function.body)
    return frozenset((argument_names(function) | names) - released)


def bound_names(body: Sequence[ast.AST]) -> tuple[set[str], set[str]]:
    """Names that statements bind in their own scope, and those declared as others'."""
    bound: set[str] = set()
    released: set[str] = set()
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        match node:
            case ast.Global() | ast.Nonlocal():
                released |= set(node.names)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                bound.add(node.name)
                waiting += node.decorator_list
                if not isinstance(node, ast.ClassDef):
                    waiting += [d for d in node.args.defaults if d is not None]
                continue
            case ast.Lambda():
                continue
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                bound |= {w.target.id for w in ast.walk(node) if isinstance(w, ast.NamedExpr)}
                continue
            case ast.Name() if not isinstance(node.ctx, ast.Load):
                bound.add(node.id)
            case ast.alias() if node.name != "*":
                bound.add(node.asname or node.name.split(".")[0])
            case ast.ExceptHandler() | ast.MatchAs() | ast.MatchStar() if node.name:
                bound.add(node.name)
            case ast.MatchMapping() if node.rest:
                bound.add(node.rest)
        waiting += list(ast.iter_child_nodes(node))
    return bound, released


__all__ = [
    "MODULE", "Block", "Cell", "Function", "Loop", "Statement", "Token", "argument_names",
    "bound_names", "header_only", "header_text", "inner_blocks", "is_docstring", "local_names", "own_tokens", "shape_of",
]  # fmt: skip
