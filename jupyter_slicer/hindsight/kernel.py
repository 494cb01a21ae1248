"""Hindsight in one kernel: loops are found and recorded while cells run."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from jupyter_slicer.hindsight.background import Background
from jupyter_slicer.hindsight.loops import has_loops
from jupyter_slicer.hindsight.recording import Keeper
from jupyter_slicer.hindsight.runs import RunStore
from jupyter_slicer.hindsight.situation import Situation
from jupyter_slicer.hindsight.watch import Watch

_RUN_CELLS = ("run_cell_async", "time")
"""Functions of IPython that compile what a cell says, and run it once."""


class LoopCalls(ast.NodeTransformer):
    """The AST transformer; IPython silently drops one that raises."""

    def __init__(self, watch: Watch, plain: Callable[[ast.Module], ast.Module]) -> None:
        self._watch, self._plain = watch, plain

    def visit(self, node: ast.AST) -> Any:
        try:
            if (
                isinstance(node, ast.Module)
                and not self._watch.paused
                and sys._getframe(2).f_code.co_name in _RUN_CELLS
                and has_loops(node)
            ):
                return self._watch.instrumented(node, self._plain(node))
        except Exception as error:
            self._watch.keeper.fail(error)
        return node


class Hindsight:
    """What a kernel keeps of its loops."""

    def __init__(
        self,
        namespace: dict[str, Any],
        store: str | None,
        situation: Callable[[], Situation | None],
        plain: Callable[[ast.Module], ast.Module],
        tell: Callable[[str], None],
        aside: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self.store = RunStore(store)
        self.background = Background(tell, aside)
        self.keeper = Keeper(self.store, self.background, tell)
        self.watch = Watch(namespace, situation, self.keeper)
        self.transformer = LoopCalls(self.watch, plain)

    def start(self) -> None:
        self.watch.install()

    def stop(self) -> None:
        self.watch.remove()
        self.background.wait(10.0)
        self.store.close()
