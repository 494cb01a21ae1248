"""Where recording meets IPython: two events and one AST transformer.

IPython still compiles, awaits, displays and prints tracebacks; a call is put before each
top-level statement, nothing else is changed.
"""

from __future__ import annotations

import ast
import builtins
import sys
import types
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from jupyter_slicer.recording.ambient import AmbientProbe
from jupyter_slicer.recording.identity import Table
from jupyter_slicer.recording.idle import IdleLooks
from jupyter_slicer.recording.recorder import Recorder
from jupyter_slicer.recording.shown import OutputWatch
from jupyter_slicer.values.look import address

CALL = "__jupyter_slicer_step__"
_RUNS_CELLS = frozenset(("run_cell_async",))
_ENDS_CELLS = frozenset(("run_cell", "do_execute"))


class StatementProbes(ast.NodeTransformer):
    """Puts a call before each top-level statement of a cell."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder

    def visit(self, node: ast.AST) -> Any:
        # IPython silently drops a transformer that raises.
        try:
            if isinstance(node, ast.Module) and node.body and _called_for_a_cell():
                return self._probed(node)
        except Exception as error:
            self.recorder.mark_incomplete(f"{type(error).__name__}: {error}")
        return node

    def _probed(self, module: ast.Module) -> ast.Module:
        if not self.recorder.statements(module):
            return module
        body: list[ast.stmt] = []
        for position, statement in enumerate(module.body):
            body.append(_probe(position, statement))
            body.append(statement)
        return ast.Module(body=body, type_ignores=module.type_ignores)


def without_probes(module: ast.Module) -> ast.Module:
    """The cell as its user wrote it."""
    body = [s for s in module.body if not _is_probe(s)]
    return ast.Module(body=body, type_ignores=module.type_ignores)


def _is_probe(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(ast.Call(ast.Name(name))):
            return name == CALL
    return False


def _probe(position: int, statement: ast.stmt) -> ast.stmt:
    call = ast.Call(ast.Name(CALL, ast.Load()), [ast.Constant(position)], [])
    probe = ast.Expr(call)
    ast.copy_location(probe, statement)
    for node in ast.walk(probe):
        node.lineno = statement.lineno  # type: ignore[attr-defined]
        node.end_lineno = statement.lineno  # type: ignore[attr-defined]
        node.col_offset = node.end_col_offset = statement.col_offset  # type: ignore[attr-defined]
    return probe


def _called_for_a_cell() -> bool:
    """Not for ``%timeit`` and the like, which run what they compile many times."""
    return sys._getframe(3).f_code.co_name in _RUNS_CELLS


def _cell_is_running() -> bool:
    frame: Any = sys._getframe(1)
    while frame is not None and frame.f_code.co_name not in _RUNS_CELLS:
        frame = frame.f_back
    return frame is not None


class Hook:
    """Connects a recorder to a shell and takes it away again."""

    def __init__(
        self, shell: Any, recorder: Recorder, after: ast.NodeTransformer, outputs: OutputWatch
    ) -> None:
        self.shell = shell
        self.recorder = recorder
        self.outputs = outputs
        self.transformer = StatementProbes(recorder)
        self.idle = IdleLooks(recorder)
        self._known_magics = Table(_not_of_ipython)
        self._after = after
        """It comes next: the recorder hands on the statements as they are."""

    def install(self) -> None:
        setattr(builtins, CALL, self.recorder.before_statement)
        self.shell.ast_transformers.extend((self.transformer, self._after))
        self.shell.events.register("pre_run_cell", self.before_cell)
        self.shell.events.register("post_run_cell", self.after_cell)
        # First of all: others show figures then, and close them.
        self.shell.events.callbacks["post_execute"].insert(0, self.after_statements)
        self.recorder.observer.ambient.add(
            AmbientProbe("magics", self._magics, lambda use: use.mentions, holds=self._magic)
        )
        self.outputs.start()
        self.recorder.start()

    def remove(self) -> None:
        self.idle.before_cell()
        self.outputs.stop()
        self.recorder.stop()
        self._keep_transformers(())
        for event, function in (
            ("pre_run_cell", self.before_cell),
            ("post_execute", self.after_statements),
            ("post_run_cell", self.after_cell),
        ):
            if function in self.shell.events.callbacks[event]:
                self.shell.events.unregister(event, function)
        if getattr(builtins, CALL, None) == self.recorder.before_statement:
            # A cell that unloads us still holds calls to the end of its text.
            setattr(builtins, CALL, _nothing)
            self.shell.events.register("post_run_cell", self._forget_the_call)
            if not _cell_is_running():
                self._forget_the_call()

    def _magics(self) -> Mapping[str, Hashable]:
        """Which functions stand behind magics; IPython makes its own when first asked."""
        return self._known_magics.state(self.shell.magics_manager.magics)

    def _magic(self, name: str) -> object:
        known = self.shell.magics_manager.magics
        return next((magics[name] for magics in known.values() if name in magics), None)

    def _forget_the_call(self, result: Any = None) -> None:
        self.shell.events.unregister("post_run_cell", self._forget_the_call)
        # Unless the extension was loaded again in the same cell.
        if getattr(builtins, CALL, None) is _nothing:
            delattr(builtins, CALL)

    def before_cell(self, info: Any) -> None:
        try:
            self.idle.before_cell()
            self._watch_over_the_transformers()
            source = getattr(info, "transformed_cell", None)
            if source is None:
                source = self.shell.transform_cell(info.raw_cell)
            count = self._count(0) if info.store_history else None
            if _is_question(info.raw_cell):
                return
            if is_not_to_be_recorded(info.raw_cell):
                cell_id = getattr(info, "cell_id", None)
                self.recorder.open_unwatched("%%no_record", cell_id, count)
                return
            if not self.recorder.running:
                self.outputs.begin(count)
            self.recorder.open_cell(
                info.raw_cell, source, getattr(info, "cell_id", None), count
            )
        except Exception as error:
            self.recorder.mark_incomplete(f"{type(error).__name__}: {error}")

    def after_statements(self) -> None:
        """A cell's statements have run; what listeners do now is none of the last one's.

        Messages to widgets end with the same event, also while a cell awaits.
        """
        caller = sys._getframe(2).f_code.co_name
        try:
            if caller in _ENDS_CELLS:
                self.recorder.close_statements()
        except Exception as error:
            self.recorder.mark_incomplete(f"{type(error).__name__}: {error}")

    def after_cell(self, result: Any) -> None:
        try:
            known = len(self.recorder.records)
            self.recorder.close_cell(result.error_before_exec or result.error_in_exec)
            for record in self.recorder.records[known:]:
                self.outputs.end(record.execution.id)
            self.idle.after_cell()
        except Exception as error:
            self.recorder.mark_incomplete(f"{type(error).__name__}: {error}")

    def _count(self, later: int) -> int:
        """The number in ``In[count]``: as many texts as are there before it is stored.

        ``shell.execution_count`` is raised before the event or after the cell, depending
        on IPython's version.
        """
        history = getattr(self.shell, "history_manager", None)
        texts = getattr(history, "input_hist_parsed", ())
        return len(texts) + later if texts else int(self.shell.execution_count)

    def _watch_over_the_transformers(self) -> None:
        """Ours are there, and the last: none of the user's finds our calls in his cell."""
        ours = (self.transformer, self._after)
        found = self.shell.ast_transformers[-2:]
        if len(found) == 2 and found[0] is ours[0] and found[1] is ours[1]:
            return
        there = any(t is self.transformer for t in self.shell.ast_transformers)
        self._keep_transformers(ours)
        if not there:
            self.recorder.mark_incomplete("the AST transformer had been removed; put back")

    def _keep_transformers(self, ours: Iterable[ast.NodeTransformer]) -> None:
        transformers = self.shell.ast_transformers
        others = [t for t in transformers if t is not self.transformer and t is not self._after]
        transformers[:] = [*others, *ours]

    def adopt_running_cell(self) -> None:
        """``%load_ext`` ran within a cell: what comes after it there is recorded too."""
        frame: Any = sys._getframe(1)
        while frame is not None and frame.f_code.co_name != "run_cell_async":
            frame = frame.f_back
        if frame is None:
            return
        known = frame.f_locals
        source, raw = known.get("cell"), known.get("raw_cell")
        inner: Any = sys._getframe(1)
        position = None
        while inner is not None and inner is not frame:
            if inner.f_code.co_name.startswith(("<module>", "<cell")):
                position = inner.f_lineno
            inner = inner.f_back
        if isinstance(source, str) and isinstance(raw, str) and position is not None:
            body = ast.parse(source).body
            at = next(
                (i for i, s in enumerate(body) if s.lineno <= position <= (s.end_lineno or 0)),
                None,
            )
            if at is not None:
                count = self._count(-1) if known.get("store_history") else None
                self.recorder.resume_within(raw, source, at, count)


def _not_of_ipython(magics: dict[str, dict[str, Any]]) -> dict[str, Hashable]:
    return {
        name: address(f)
        for of_kind in magics.values()
        for name, f in of_kind.items()
        if not (type(f) is types.MethodType and f.__module__.startswith("IPython.core"))
    }


def _nothing(position: int) -> None:
    """What the call is when nobody records."""


def is_not_to_be_recorded(raw: str) -> bool:
    """Whether a cell begins with ``%%no_record``."""
    lines = raw.lstrip().splitlines()
    return bool(lines) and lines[0].split("#")[0].strip() == "%%no_record"


def _is_question(raw: str) -> bool:
    """Cells that only ask us something are not part of the user's work."""
    lines = [line.strip() for line in raw.strip().splitlines() if line.strip()]
    asks = (
        "%slice ",
        "%slice?",
        "%slicer",
        "%why",
        "%load_ext jupyter_slicer",
        "%unload_ext jupyter_slicer",
        *(f"%hindsight {c}" for c in ("status", "runs", "frame", "replay", "backfill", "gc")),
    )
    if lines and (lines[0].startswith("%%hindsight") or lines == ["%hindsight"]):
        return True
    return bool(lines) and all(line.startswith(asks) or line == "%slice" for line in lines)
