"""A slice as text, as HTML without scripts, and as the message of ``messages.py``."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from jupyter_slicer.analysis.cell_lines import statement_lines
from jupyter_slicer.domain import KeptStatement
from jupyter_slicer.frontends.messages import (
    MIME,
    InputMessage,
    SliceMessage,
    StatementMessage,
    VerdictMessage,
)

if TYPE_CHECKING:
    from jupyter_slicer.export.render import RenderedSpan
    from jupyter_slicer.program import Program

_SIGNS = {"same": "✓", "different": "✗", "did not run": "✗"}
_COLOURS = {"✓": "#298641", "✗": "#cf453e", "•": "#9d6c00"}
"""Contrast of at least 4.5 to white and to black (WCAG 2.1, level AA)."""


def mimebundle(program: Program) -> dict[str, Any]:
    """What a program shows of itself when it is the value of a cell."""
    return bundle(slice_message(program))


def bundle(
    message: SliceMessage, status: str | None = None, annotated: str | None = None
) -> dict[str, Any]:
    """All forms of an answer. ``status`` stands for the verdict while there is none;
    ``annotated`` is the program with the reasons beside its lines."""
    return {
        "text/plain": as_text(message, status, annotated),
        "text/html": as_html(message, status, annotated),
        MIME: message.to_json(),
    }


def slice_message(
    program: Program, exported: str | None = None, notebook: str | None = None
) -> SliceMessage:
    """A program as front ends are told of it."""
    found = program.slice
    return SliceMessage(
        criterion=str(found.criterion),
        program=program.source,
        facts=program.facts,
        statements=_statements(program),
        inputs=tuple(InputMessage(f.path, f.sha256, f.size) for f in found.inputs),
        notes=found.notes,
        verdict=VerdictMessage.of(program.verification, _compared(program)),
        exported=exported,
        notebook=notebook,
    )


def _compared(program: Program) -> str:
    kinds = {asked.kind for asked in program.asked}
    if kinds <= {"value"}:
        return "value"
    return kinds.pop() if kinds in ({"file"}, {"error"}) else "output"


def _statements(program: Program) -> tuple[StatementMessage, ...]:
    reasons = program.reasons
    kept = {statement.step: statement for statement in program.statements}
    return tuple(
        _statement(kept[span.step], span, reasons[span.step])
        for span in program.rendered.spans
        if span.step in kept
    )


def _statement(kept: KeptStatement, span: RenderedSpan, reason: str) -> StatementMessage:
    execution = kept.execution
    ran = execution.id >= 0
    return StatementMessage(
        line=span.first,
        end_line=span.last,
        step=kept.step,
        execution=execution.id if ran else None,
        cell_id=execution.cell_id,
        count=execution.count,
        reason=reason,
        cell_lines=_cell_lines(kept) if ran else (),
    )


def _cell_lines(kept: KeptStatement) -> tuple[tuple[int, int], ...]:
    """Where the statement stands in its cell, without what the slice leaves out of it."""
    execution = kept.execution
    without = () if kept.plain is not None else [cut.start for cut in kept.cuts]
    return statement_lines(
        execution.raw, execution.source, kept.instance.position, tuple(without)
    )


# -- text ------------------------------------------------------------------------------


def as_text(
    message: SliceMessage, status: str | None = None, annotated: str | None = None
) -> str:
    program = (annotated or message.program).rstrip("\n")
    outcome = [status] if status is not None else outcome_lines(message)
    return "\n".join([program, "", message.facts, *outcome])


def outcome_lines(message: SliceMessage) -> list[str]:
    """Notes, the verdict, and where the program was written."""
    lines = [f"note: {note}" for note in message.notes]
    lines.append(verdict_line(message.verdict))
    lines += [f"wrote {path}" for path in (message.exported, message.notebook) if path]
    return lines


def verdict_line(verdict: VerdictMessage) -> str:
    sign = _SIGNS.get(verdict.verdict, "•")
    line = f"{sign} {verdict.verdict}"
    if verdict.verdict == "same":
        runs = "a fresh run" if verdict.runs <= 1 else f"the last of {verdict.runs} fresh runs"
        line += f": {runs} gave the same {verdict.compared} ({verdict.seconds:.1f} s)"
        return line + (f"; {verdict.reason}" if verdict.reason else "")
    return line + (f": {verdict.reason}" if verdict.reason else "")


# -- HTML ------------------------------------------------------------------------------

# Transparent backgrounds and inherited colours: dark and light themes both stay readable,
# also where a front end drops style sheets.
_PROGRAM = (
    "margin:0 0 .5em 0;padding:.3em .8em;border-left:3px solid rgba(128,128,128,.5);"
    "background:transparent;color:inherit;overflow-x:auto;white-space:pre;line-height:1.4"
)


def as_html(
    message: SliceMessage, status: str | None = None, annotated: str | None = None
) -> str:
    text = annotated or message.program
    outcome = [status] if status is not None else outcome_lines(message)
    return (
        '<div class="jupyter-slicer" style="color:inherit">'
        f'<pre style="{_PROGRAM}">{highlighted(text)}</pre>'
        f'<div style="opacity:.75">{html.escape(message.facts)}</div>'
        f"{''.join(f'<div>{_line(words)}</div>' for words in outcome)}"
        "</div>"
    )


def _line(words: str) -> str:
    """A line; the sign that it begins with is coloured."""
    if words[:1] in _COLOURS:
        sign = f'<b style="color:{_COLOURS[words[0]]}">{words[0]}</b>'
        return sign + html.escape(words[1:])
    return html.escape(words)


def highlighted(text: str) -> str:
    """HTML of Python text, all of it escaped, with styles inline."""
    from jupyter_slicer.export.highlight import to_html

    return to_html(text)


def coloured(text: str) -> str:
    """Python text with the colours of a terminal."""
    from jupyter_slicer.export.highlight import to_ansi

    return to_ansi(text)


def annotated(program: Program) -> str:
    """The program, beside each statement why it is kept."""
    from jupyter_slicer.export.why import annotated as with_reasons

    return with_reasons(program.rendered, program.slice)
