"""What ``%slicer`` and ``%why`` print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from jupyter_slicer.domain import EVALUATED, CellExecution, Outcome
from jupyter_slicer.store import HistoryReader
from jupyter_slicer.store.place import MEMORY

if TYPE_CHECKING:
    from jupyter_slicer.frontends.messages import SliceMessage
    from jupyter_slicer.recording.recorder import Recorder
    from jupyter_slicer.slicer import Slicer
    from jupyter_slicer.store import SessionSummary


ENOUGH = 0.1
"""Seconds of which a percentage says something."""


def status_lines(slicer: Slicer) -> Iterator[str]:
    """Whether we record, what there is, and what it has cost."""
    recorder = slicer.recorder
    yield f"recording   {_state(slicer)}"
    executions = [record.execution for record in recorder.records]
    statements = sum(len(record.instances) for record in recorder.records)
    yield f"executions  {len(executions)}"
    yield f"statements  {statements}"
    variables = [name for name in recorder.observer.bindings if name[0] != "_"]
    yield f"variables   {len(variables)}"
    yield f"cost        {_cost(recorder)}"
    yield f"history     {history_state(slicer)}"
    troubled = [e for e in executions if e.incomplete]
    if troubled:
        yield f"incomplete  {len(troubled)}"
        yield from (f"  {_name(e)}: {e.incomplete}" for e in troubled[-10:])


def _state(slicer: Slicer) -> str:
    if slicer.recorder.paused:
        return "paused; %slicer resume goes on"
    if slicer.hook.transformer not in slicer.shell.ast_transformers:
        return "off: the AST transformer was removed; it will be put back before the next cell"
    return "on"


def _cost(recorder: Recorder) -> str:
    theirs = recorder.ran - recorder.spent
    spent = f"{recorder.spent * 1e3:.1f} ms"
    if theirs < ENOUGH:
        return f"{spent}; your cells took less than {ENOUGH} s"
    return f"{spent}, {recorder.spent / theirs:.1%} of the {theirs:.2f} s that your cells took"


def history_state(slicer: Slicer) -> str:
    """Where the history goes, in words."""
    state = slicer.store.status()
    where = "in memory only, lost with the kernel" if state.path == MEMORY else state.path
    if state.trouble:
        return f"{where} ({state.trouble})"
    waiting = f", {state.waiting} waiting to be written" if state.waiting else ""
    return f"{where}, {state.executions} executions{waiting}"


def history_lines(slicer: Slicer, most: int = 30) -> Iterator[str]:
    """Executions of this kernel, then the kernels recorded before it."""
    executions = [record.execution for record in slicer.recorder.records]
    if len(executions) > most:
        yield f"… {len(executions) - most} earlier executions"
    if not executions:
        yield "Nothing is recorded yet in this kernel."
    for execution in executions[-most:]:
        yield execution_line(execution)
    earlier = [s for s in _sessions(slicer) if s.kernel.id != slicer.kernel.id]
    if earlier:
        yield ""
        yield "earlier kernels:"
        yield from (_session_line(session) for session in earlier[:10])
    if len(earlier) > 10:
        yield f"… {len(earlier) - 10} more; all of them:  jupyter slicer history"


def execution_line(execution: CellExecution) -> str:
    outcome = execution.outcome.value
    if execution.outcome is Outcome.RAISED:
        outcome = execution.error or outcome
    first = next((line for line in execution.raw.splitlines() if line.strip()), "")
    more = " …" if len(execution.raw.strip().splitlines()) > 1 else ""
    text = (first[:47] + "…" if len(first) > 48 else first) + more
    mark = f"  ({execution.incomplete})" if execution.incomplete else ""
    return (
        f"{_name(execution):9}{outcome:18.18}{execution.seconds:8.2f} s"
        f"{execution.recording_seconds * 1e3:9.1f} ms  {text}{mark}"
    )


def _name(execution: CellExecution) -> str:
    if execution.cell_id == EVALUATED:
        return EVALUATED
    return "-" if execution.count is None else f"In[{execution.count}]"


def _sessions(slicer: Slicer) -> Iterable[SessionSummary]:
    path = slicer.store.status().path
    return () if path == MEMORY else HistoryReader(path).sessions()


def _session_line(session: SessionSummary) -> str:
    kernel = session.kernel
    last = datetime.fromtimestamp(session.last).strftime("%Y-%m-%d %H:%M")
    where = kernel.notebook or kernel.folder
    return f"{kernel.id[:8]}  {last}  {session.executions:5} executions  {where}"


def why_lines(message: SliceMessage) -> Iterator[str]:
    """The chain behind a value, statement by statement, in the order in which they ran."""
    lines = message.program.splitlines()
    yield f"{message.criterion}: {message.facts}"
    for statement in message.statements:
        name = "" if statement.count is None else f"In[{statement.count}]"
        own = lines[statement.line - 1 : statement.end_line]
        code = [line for line in own if line.strip() and line.lstrip()[0] != "#"] or own
        text = code[0]
        more = " …" if len(code) > 1 else ""
        yield f"{name:9}{text}{more}"
        yield f"{'':9}    {statement.reason}"
    yield from (f"note: {note}" for note in message.notes)
