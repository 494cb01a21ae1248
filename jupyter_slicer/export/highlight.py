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
    ("Token.Comment", "#6f767c"),
    ("Token.Keyword.Constant", "#af612a"),
    ("Token.Keyword", "#ad4bc5"),
    ("Token.Operator.Word", "#ad4bc5"),
    ("Token.Literal.String.Interpol", "#af612a"),
    ("Token.Literal.String", "#398539"),
    ("Token.Literal.Number", "#af612a"),
    ("Token.Name.Function", "#2e79bd"),
    ("Token.Name.Class", "#2e79bd"),
    ("Token.Name.Builtin", "#2a808d"),
)
"""The first that fits counts. Contrast of at least 4.5 to white and to black, which leaves
little choice (WCAG 2.1, level AA)."""


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
