"""Takes inner statements out of a statement; comments and layout of the rest survive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from jupyter_slicer.domain import Place

_Statement = cst.BaseStatement | cst.BaseSmallStatement
_Taken = cst.RemovalSentinel


def without(text: str, cuts: frozenset[Place]) -> str:
    """The text without the statements that start at the given places.

    An emptied body gets ``pass``; an emptied ``else`` or ``finally`` goes; so does an
    emptied inner ``if`` whose test computes nothing.
    """
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    positions = wrapper.resolve(PositionProvider)
    module = wrapper.module.visit(_Cutting(positions, cuts, wrapper.module.body))
    return module.code.strip("\n") if not text.endswith("\n") else module.code


class _Cutting(cst.CSTTransformer):
    def __init__(
        self, positions: Any, cuts: frozenset[Place], top: Sequence[cst.CSTNode]
    ) -> None:
        super().__init__()
        self._top = top
        self._positions = positions
        self._cuts = cuts

    def _is_cut(self, node: cst.CSTNode) -> bool:
        decorators: Sequence[cst.CSTNode] = getattr(node, "decorators", ())
        start = self._positions[decorators[0] if decorators else node].start
        return Place(start.line, start.column) in self._cuts

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        updated = super().on_leave(original_node, updated_node)
        compound = isinstance(original_node, cst.BaseCompoundStatement)
        return cst.RemoveFromParent() if compound and self._is_cut(original_node) else updated

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | _Taken:
        left = self._left(original_node.body, updated_node.body)
        return updated_node.with_changes(body=left) if left else cst.RemoveFromParent()

    def leave_SimpleStatementSuite(
        self, original_node: cst.SimpleStatementSuite, updated_node: cst.SimpleStatementSuite
    ) -> cst.SimpleStatementSuite:
        left = self._left(original_node.body, updated_node.body)
        return updated_node.with_changes(body=left or [cst.Pass()])

    def _left(
        self,
        original: Sequence[cst.BaseSmallStatement],
        updated: Sequence[cst.BaseSmallStatement],
    ) -> list[cst.BaseSmallStatement]:
        pairs = zip(original, updated, strict=True)
        left = [new for old, new in pairs if not self._is_cut(old)]
        if left and len(left) < len(original):
            left[-1] = left[-1].with_changes(semicolon=cst.MaybeSentinel.DEFAULT)
        return left

    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        if updated_node.body:
            return updated_node
        return updated_node.with_changes(
            body=[cst.SimpleStatementLine([cst.Pass()])], footer=()
        )

    def leave_Else(  # type: ignore[override]
        self, original_node: cst.Else, updated_node: cst.Else
    ) -> cst.Else | _Taken:
        return cst.RemoveFromParent() if _emptied(original_node, updated_node) else updated_node

    def leave_Try(self, original_node: cst.Try, updated_node: cst.Try) -> cst.Try:
        final, before = updated_node.finalbody, original_node.finalbody
        if final is None or before is None or not _emptied(before, final):
            return updated_node
        return (
            updated_node.with_changes(finalbody=None) if updated_node.handlers else updated_node
        )

    def leave_If(self, original_node: cst.If, updated_node: cst.If) -> cst.If | _Taken:
        empty = _emptied(original_node, updated_node) and updated_node.orelse is None
        if any(original_node is statement for statement in self._top):
            return updated_node  # it is needed: then for what its test does
        return cst.RemoveFromParent() if empty and _is_pure(updated_node.test) else updated_node


def _emptied(original: Any, updated: Any) -> bool:
    return _only_pass(updated.body) and not _only_pass(original.body)


def _only_pass(block: cst.BaseSuite) -> bool:
    statements: list[cst.CSTNode] = []
    for statement in block.body:
        inner = (
            statement.body if isinstance(statement, cst.SimpleStatementLine) else [statement]
        )
        statements.extend(inner)
    return len(statements) == 1 and isinstance(statements[0], cst.Pass)


def _is_pure(test: cst.BaseExpression) -> bool:
    """Whether evaluating a test can neither change anything nor raise, names given."""
    if isinstance(test, cst.Name | cst.Integer | cst.SimpleString):
        return True
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        return _is_pure(test.expression)
    if isinstance(test, cst.BooleanOperation):
        return _is_pure(test.left) and _is_pure(test.right)
    return False
