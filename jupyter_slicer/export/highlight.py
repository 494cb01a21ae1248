"""Python text in colour: for terminals, and as HTML without classes or scripts."""

from __future__ import annotations

import html


def to_ansi(text: str) -> str:
    """Text with terminal colours; as it is where pygments is missing."""
    try:
        from pygments import highlight  # type: ignore[import-untyped]
        from pygments.formatters import TerminalFormatter  # type: ignore[import-untyped]
        from pygments.lexers import PythonLexer  # type: ignore[import-untyped]
    except ImportError:
        return text
    return str(highlight(text, PythonLexer(stripnl=False), TerminalFormatter())).rstrip("\n")


_COLOURS = (
    ("Token.Comment", "#7a8288"),
    ("Token.Keyword.Constant", "#b5652b"),
    ("Token.Keyword", "#a347ba"),
    ("Token.Operator.Word", "#a347ba"),
    ("Token.Literal.String.Interpol", "#b5652b"),
    ("Token.Literal.String", "#3b8b3b"),
    ("Token.Literal.Number", "#b5652b"),
    ("Token.Name.Function", "#2f7bbf"),
    ("Token.Name.Class", "#2f7bbf"),
    ("Token.Name.Builtin", "#2f8f9d"),
)
"""Readable on light and on dark backgrounds; the first that fits counts."""


def to_html(text: str) -> str:
    """Spans with inline colours; every character of the text is escaped."""
    try:
        from pygments.lexers import PythonLexer
    except ImportError:
        return html.escape(text)
    return "".join(
        _span(str(kind), value) for kind, value in PythonLexer(stripnl=False).get_tokens(text)
    ).rstrip("\n")


def _span(kind: str, value: str) -> str:
    shown = html.escape(value)
    for prefix, colour in _COLOURS:
        if kind.startswith(prefix) and value.strip():
            return f'<span style="color:{colour}">{shown}</span>'
    return shown
