"""Statements put into a text and taken out of it; all else keeps its layout.

libcst counts here as :class:`~jupyter_slicer.hindsight.edits.syntax.Cell` does, so that a
statement's number means the same in both trees. Import this late: libcst takes half a second.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import libcst as cst

from jupyter_slicer.errors import UnreadableCell
from jupyter_slicer.hindsight.edits.syntax import MODULE, Block, argument_names, local_names

Piece = cst.BaseCompoundStatement | cst.SimpleStatementLine
_Small = cst.BaseSmallStatement
_AnyNode = cst.BaseCompoundStatement | _Small


def pieces(source: str) -> list[Piece]:
    """Each statement of a text as one that can be put elsewhere, by its number."""
    reading = _Rebuilding({}, frozenset())
    reading.module(_module(source))
    return reading.seen


def _module(source: str) -> cst.Module:
    try:
        return cst.parse_module(source)
    except (cst.ParserSyntaxError, cst.CSTValidationError, RecursionError) as error:
        raise UnreadableCell(error) from error


def insert(
    source: str,
    additions: Mapping[Block, Mapping[int, Sequence[Piece]]],
    replaced: Mapping[int, Piece] | None = None,
) -> str:
    """Put statements into blocks, before the statement that has the position now.

    A block that is not there yet (an ``else``, a ``finally``) is made. ``replaced`` gives
    simple statements that come in the place of others, by the numbers of those.
    """
    building = _Rebuilding(additions, frozenset(), replaced or {})
    return building.module(_module(source)).code


def remove(source: str, statements: Collection[int]) -> str:
    """Take statements out, with all that is inside them."""
    return _Rebuilding({}, frozenset(statements)).module(_module(source)).code


def code_of(piece: Piece) -> str:
    """A statement's text at the margin."""
    return cst.Module([piece.with_changes(leading_lines=())]).code.rstrip("\n")


@dataclass
class _Rebuilding:
    """Walks a tree in the order of the text and counts statements as it goes."""

    additions: Mapping[Block, Mapping[int, Sequence[Piece]]]
    removed: frozenset[int]
    replaced: Mapping[int, Piece] = field(default_factory=dict)
    seen: list[Piece] = field(default_factory=list)

    def module(self, module: cst.Module) -> cst.Module:
        body = self.lines(module.body, Block(MODULE, "body"))
        return module.with_changes(body=body)

    def lines(self, body: Sequence[cst.BaseStatement], block: Block) -> list[cst.BaseStatement]:
        wanted = self.additions.get(block, {})
        built: list[cst.BaseStatement] = []
        position = 0
        for line in body:
            if isinstance(line, cst.SimpleStatementLine):
                count = len(line.body)
                built += self.simple(line, wanted, position)
                position += count
            elif isinstance(line, cst.BaseCompoundStatement):
                built += wanted.get(position, ())
                new = self.compound(line)
                built += [new] if new is not None else []
                position += 1
        return [*built, *wanted.get(position, ())]

    def simple(
        self,
        line: cst.SimpleStatementLine,
        wanted: Mapping[int, Sequence[Piece]],
        position: int,
    ) -> Iterator[cst.BaseStatement]:
        """A line, cut where something comes between its statements."""
        leading = line.leading_lines
        part: list[_Small] = []
        for offset, small in enumerate(line.body):
            before = wanted.get(position + offset, ())
            if before and part:
                yield _line(part, leading)
                part, leading = [], ()
            yield from before
            index = len(self.seen)
            alone = line.leading_lines if offset == 0 else ()
            trailing = line.trailing_whitespace if len(line.body) == 1 else None
            self.seen.append(_line([small], alone, trailing))
            if index in self.replaced:
                small = _small(self.replaced[index], small)
            if index not in self.removed:
                part.append(small)
        if part == list(line.body):
            yield line
        elif part:
            yield _line(part, leading, line.trailing_whitespace)

    def compound(self, node: cst.BaseCompoundStatement) -> cst.BaseCompoundStatement | None:
        index = len(self.seen)
        self.seen.append(node)
        new = node
        for name in ("body", "handlers", "cases", "orelse", "finalbody"):
            value = getattr(node, name, None)
            if name in ("handlers", "cases") and value:
                parts = [
                    part.with_changes(
                        body=self.suite(part.body, Block(index, f"{name}.{number}"))
                    )
                    for number, part in enumerate(value)
                ]
                new = new.with_changes(**{name: parts})
            elif name == "body" and isinstance(value, cst.BaseSuite):
                new = new.with_changes(body=self.suite(value, Block(index, "body")))
            elif name in ("orelse", "finalbody") and hasattr(node, name):
                new = new.with_changes(**{name: self.branch(value, Block(index, name))})
        return None if index in self.removed else new

    def suite(self, suite: cst.BaseSuite, block: Block) -> cst.BaseSuite:
        if isinstance(suite, cst.IndentedBlock):
            lines = self.lines(suite.body, block) or [_pass()]
            return suite.with_changes(body=lines)
        assert isinstance(suite, cst.SimpleStatementSuite)
        line = cst.SimpleStatementLine(
            suite.body, trailing_whitespace=suite.trailing_whitespace
        )
        lines = self.lines([line], block)
        if lines == [line]:
            return suite
        return cst.IndentedBlock(lines or [_pass()])

    def branch(
        self, branch: cst.Else | cst.Finally | cst.If | None, block: Block
    ) -> cst.Else | cst.Finally | cst.If | None:
        wanted = self.additions.get(block, {})
        if branch is None:
            added = [piece for at in sorted(wanted) for piece in wanted[at]]
            kind = cst.Finally if block.role == "finalbody" else cst.Else
            return kind(cst.IndentedBlock(added)) if added else None
        if isinstance(branch, cst.If):
            new = self.compound(branch)
            assert new is None or isinstance(new, cst.If)
            if not wanted:
                return new
            inner = [*wanted.get(0, ()), *([new] if new else []), *wanted.get(1, ())]
            return cst.Else(cst.IndentedBlock(inner))
        suite = self.suite(branch.body, block)
        if _says_nothing(suite) and not _says_nothing(branch.body):
            return None
        return branch.with_changes(body=suite)


def _small(piece: Piece, old: _Small) -> _Small:
    """The statement of a line, with the semicolon of another."""
    assert isinstance(piece, cst.SimpleStatementLine)
    return piece.body[0].with_changes(semicolon=old.semicolon)


def _line(
    body: Sequence[_Small],
    leading: Sequence[cst.EmptyLine] = (),
    trailing: cst.TrailingWhitespace | None = None,
) -> cst.SimpleStatementLine:
    last = body[-1].with_changes(semicolon=cst.MaybeSentinel.DEFAULT)
    return cst.SimpleStatementLine(
        [*body[:-1], last], leading, trailing or cst.TrailingWhitespace()
    )


def _pass() -> cst.SimpleStatementLine:
    return cst.SimpleStatementLine([cst.Pass()])


def _says_nothing(suite: cst.BaseSuite) -> bool:
    match suite:
        case cst.IndentedBlock(body=[cst.SimpleStatementLine(body=[cst.Pass()])]):
            return True
    return False


# -- names ---------------------------------------------------------------------------------


def rename(piece: Piece, names: Mapping[str, str], attributes: Mapping[str, str]) -> Piece:
    """The statement with other names; names of functions inside it are their own."""
    if not names and not attributes:
        return piece
    new = piece.visit(_Renaming(dict(names), dict(attributes)))
    assert isinstance(new, cst.BaseCompoundStatement | cst.SimpleStatementLine)
    return new


class _Renaming(cst.CSTTransformer):
    def __init__(self, names: dict[str, str], attributes: dict[str, str]) -> None:
        self.names = names
        self.attributes = attributes
        self.hidden: list[set[str]] = []

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        name = original_node.value
        if name not in self.names or any(name in hidden for hidden in self.hidden):
            return updated_node
        return updated_node.with_changes(value=self.names[name])

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.Attribute:
        name = original_node.attr.value
        return updated_node.with_changes(
            attr=original_node.attr.with_changes(value=self.attributes.get(name, name))
        )

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)

    def leave_ImportAlias(
        self, original_node: cst.ImportAlias, updated_node: cst.ImportAlias
    ) -> cst.ImportAlias:
        kept = updated_node.with_changes(name=original_node.name)
        name = original_node.name
        if original_node.asname is None and isinstance(name, cst.Name):
            new = self.names.get(name.value)
            if new is not None:
                return kept.with_changes(asname=cst.AsName(cst.Name(new)))
        return kept

    def leave_ImportFrom(
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.ImportFrom:
        return updated_node.with_changes(module=original_node.module)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        tree = ast.parse(cst.Module([node.with_changes(decorators=())]).code).body[0]
        assert isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef)
        self.hidden.append(set(local_names(tree)))

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        self.hidden.pop()
        return updated_node.with_changes(
            name=self.leave_Name(original_node.name, original_node.name)
        )

    def visit_Lambda(self, node: cst.Lambda) -> None:
        tree = ast.parse(cst.Module([]).code_for_node(node), mode="eval").body
        assert isinstance(tree, ast.Lambda)
        self.hidden.append(argument_names(tree))

    def leave_Lambda(self, original_node: cst.Lambda, updated_node: cst.Lambda) -> cst.Lambda:
        self.hidden.pop()
        return updated_node
