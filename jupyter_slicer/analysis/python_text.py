"""Pieces of Python text: literals, expansions, indentation, positions."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Iterator
from string import Formatter

Defined = Callable[[str], bool]
"""Whether a name was defined when the statement ran."""

_DOLLAR = re.compile(r"(.*?)\$(\$?[\w\.]+)(?=([^']*'[^']*')*[^']*$)")


def literal(text: str) -> str:
    """A string literal on one line, in double quotes where that needs no escape."""
    single = repr(text)
    return f'"{single[1:-1]}"' if single[0] == "'" and '"' not in text else single


def block_literal(text: str) -> str:
    """A string literal that shows the lines of ``text`` as lines, byte for byte."""
    if "\n" not in text[:-1]:
        return literal(text)
    if "\\" in text and _plain_in_raw(text):
        return f'r"""{text}"""'
    before = text.rstrip('"')
    shown = "".join(_escaped(char) for char in before).replace('"""', r"\"\"\"")
    shown += r"\"" * (len(text) - len(before))
    return f'"""\\\n{shown}"""'


def _plain_in_raw(text: str) -> bool:
    shown = all(char in "\n\t" or char.isprintable() for char in text)
    return shown and '"""' not in text and text[-1] not in '"\\'


def _escaped(char: str) -> str:
    if char in "\n\t" or (char.isprintable() and char != "\\"):
        return char
    return repr(char)[1:-1]


def expanded(text: str, defined: Defined | None = None) -> str:
    """An expression for ``text`` with ``{expr}`` and ``$name`` put in, as IPython does.

    IPython leaves the whole text as it is when one expression fails; so do we for what
    does not parse and for names that were not defined, as in ``!echo $HOME``.
    """
    try:
        fields = list(_fields(text))
    except ValueError:
        return literal(text)
    expressions = [expression for _, expression in fields if expression is not None]
    if not expressions:
        return literal("".join(shown for shown, _ in fields))
    if not all(_evaluates(expression, defined) for expression in expressions):
        return literal(text)
    return _joined(fields)


def _fields(text: str) -> Iterator[tuple[str, str | None]]:
    """The rules of IPython's ``DollarFormatter``: text before, expression or None."""
    for shown, name, spec, conversion in Formatter().parse(text):
        done, before = 0, ""
        for match in _DOLLAR.finditer(shown):
            done = match.end()
            if match.group(2).startswith("$"):
                before += match.group(1) + match.group(2)
            else:
                yield before + match.group(1), match.group(2)
                before = ""
        if name is not None:
            name = f"{name}:{spec}" if spec else name
            name = {"r": f"repr({name})", "s": f"str({name})", "a": f"ascii({name})"}.get(
                conversion or "", name
            )
        yield before + shown[done:], name


def _evaluates(expression: str, defined: Defined | None) -> bool:
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return False
    known = defined or _looks_defined
    made = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and _is_store(n)}
    made |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    used = (n.id for n in ast.walk(tree) if isinstance(n, ast.Name))
    return all(name in made or _is_builtin(name) or known(name) for name in used)


def _is_store(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _is_builtin(name: str) -> bool:
    import builtins

    return hasattr(builtins, name)


def _looks_defined(name: str) -> bool:
    return not (name.isupper() and name in os.environ)


def _joined(fields: list[tuple[str, str | None]]) -> str:
    parts: list[ast.expr] = []
    for shown, expression in fields:
        if shown:
            parts.append(ast.Constant(shown))
        if expression is not None:
            value = ast.parse(expression.strip(), mode="eval").body
            parts.append(ast.FormattedValue(value, conversion=-1))
    try:
        text = ast.unparse(ast.JoinedStr(parts))
        ast.parse(text, mode="eval")
    except (ValueError, SyntaxError):
        pieces = [expression for _, expression in fields if expression is not None]
        template = "".join(
            _braced(shown) + ("{}" if e is not None else "") for shown, e in fields
        )
        return f"{literal(template)}.format({', '.join(piece.strip() for piece in pieces)})"
    return _double_quoted(text)


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _double_quoted(text: str) -> str:
    inner = text[2:-1]
    quoted = text.startswith("f'") and not text.startswith("f'''")
    return f'f"{inner}"' if quoted and not set("\"'\\") & set(inner) else text


def indented(text: str, prefix: str, first: bool = True) -> str:
    """Every line moved right, but not the inside of strings over several lines."""
    inside = _lines_inside_strings(text)
    lines = text.split("\n")
    return "\n".join(
        line if number in inside or not line or (number == 1 and not first) else prefix + line
        for number, line in enumerate(lines, 1)
    )


def _lines_inside_strings(text: str) -> set[int]:
    inside: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        is_string = isinstance(node, ast.JoinedStr) or (
            isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))
        )
        if is_string and isinstance(node, ast.expr) and node.end_lineno:
            inside.update(range(node.lineno + 1, node.end_lineno + 1))
    return inside


class Positions:
    """Turns the lines and byte columns of ``ast`` into character offsets of a text."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def span(self, node: ast.stmt | ast.expr) -> tuple[int, int]:
        """Where a node starts, decorators included, and where it ends."""
        first = min(
            [(node.lineno, node.col_offset)]
            + [(d.lineno, d.col_offset - 1) for d in getattr(node, "decorator_list", ())]
        )
        return self.offset(*first), self.offset(node.end_lineno or 1, node.end_col_offset or 0)

    def offset(self, line: int, column: int) -> int:
        text = self._lines[line - 1]
        if not text.isascii():
            column = len(text.encode()[:column].decode(errors="ignore"))
        return self._starts[line - 1] + column
