"""Plain Python for statements that call into IPython.

In: a statement as IPython's input transformer writes it, ``get_ipython().run_line_magic(...)``.
Out: text that runs without IPython, and whether it does the same.
Never: runs a magic, looks at a file, imports anything but the standard library on the way in.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from jupyter_slicer.analysis.magic_table import (
    SHELL_IMPORT,
    SHELL_SETUP,
    Magic,
    Translation,
    translate,
)
from jupyter_slicer.analysis.python_text import Defined, Positions, indented


@dataclass(frozen=True, slots=True)
class Plain:
    """What a statement that calls into IPython is in plain Python."""

    text: str
    """Zero or more statements, the imports that they need before them."""
    faithful: bool = True
    """Whether it does the same to variables, files and the rest of the world."""
    note: str = ""
    """What is not the same, in words."""
    matters: bool = True
    """False for what only shows something or configures the front end."""


def plain_statement(
    node: ast.stmt, source: str | None = None, defined: Defined | None = None
) -> Plain | None:
    """Plain Python for a statement; None if it does not call into IPython.

    With ``source``, the text that ``node`` was parsed from, comments and layout of a
    compound statement survive. ``defined`` says which names existed: IPython leaves
    ``$HOME`` in a shell command alone when there is no such variable.
    """
    if not _calls_ipython(node):
        return None
    text = _text_of(node, source)
    try:
        plain = _Rewriting(defined).plain(text)
        ast.parse(plain.text)
    except (SyntaxError, ValueError, RecursionError):
        return _kept(text)
    return plain


def _text_of(node: ast.stmt, source: str | None) -> str:
    if source is None:
        return ast.unparse(node)
    start, end = Positions(source).span(node)
    return source[start:end]


def _kept(text: str) -> Plain:
    note = "a call into IPython could not be put into plain Python"
    return Plain(f"{SHELL_IMPORT}\n{SHELL_SETUP}\n{text}", False, note)


def _calls_ipython(node: ast.AST) -> bool:
    return any(isinstance(n, ast.Name) and n.id == "get_ipython" for n in ast.walk(node))


def _magic_of(node: ast.AST) -> Magic | None:
    """The magic or shell command that a call stands for."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return None
    owner = node.func.value
    if not (isinstance(owner, ast.Call) and _calls_ipython(owner.func)):
        return None
    words = [a.value for a in node.args if isinstance(a, ast.Constant)]
    if len(words) != len(node.args) or not all(isinstance(w, str) for w in words):
        return None
    return _magic_named(node.func.attr, [str(w) for w in words])


def _magic_named(method: str, words: list[str]) -> Magic | None:
    match method, words:
        case "run_line_magic", [name, line]:
            return Magic(name, line)
        case "run_cell_magic", [name, line, body]:
            return Magic(name, line, body)
        case "system" | "system_piped" | "system_raw", [command]:
            return Magic("!", command)
        case "getoutput", [command]:
            return Magic("sx", command)
        case "magic", [line]:
            name, _, rest = line.lstrip("%").partition(" ")
            return Magic(name, rest)
        case "set_next_input", _:
            return Magic("load", "")
    return None


class _Rewriting:
    """Replaces the calls into IPython in one text, innermost statements first."""

    def __init__(self, defined: Defined | None) -> None:
        self._defined = defined
        self._imports: dict[str, None] = {}
        self._faithful = True
        self._notes: dict[str, None] = {}

    def plain(self, text: str) -> Plain:
        tree = ast.parse(text)
        alone = len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr)
        magic = _magic_of(tree.body[0].value) if alone else None  # type: ignore[attr-defined]
        found = self._translated(magic) if magic is not None else None
        body = self.body(text) if found is None or found.matters else ""
        whole = "\n".join([*self._imports, body]) if body.strip() else ""
        matters = found is None or found.matters
        return Plain(whole, self._faithful, "; ".join(self._notes), matters)

    def body(self, text: str) -> str:
        """The text with each call replaced; imports are collected, not written."""
        places = Positions(text)
        edits = sorted(self._edits(ast.parse(text).body, text, places), reverse=True)
        for start, end, new in edits:
            text = text[:start] + new + text[end:]
        return text

    def code(self, text: str) -> str:
        """The body of a magic that runs its body: it may hold magics itself."""
        text = text.strip("\n")
        try:
            ast.parse(text)
        except SyntaxError:
            text = _transformed(text)
        return self.body(text).strip("\n") if _may_call(text) else text

    def _edits(
        self, body: list[ast.stmt], text: str, places: Positions
    ) -> Iterator[tuple[int, int, str]]:
        for statement in body:
            if not _calls_ipython(statement):
                continue
            start, end = places.span(statement)
            magic = _magic_of(statement.value) if isinstance(statement, ast.Expr) else None
            found = self._used(magic) if magic is not None else None
            if found is not None:
                nested = start != 0 and statement.col_offset != 0
                yield start, end, _placed(found.statements, text, start, nested)
                continue
            yield from self._expressions(statement, text, places)
            for inner in _inner_bodies(statement):
                yield from self._edits(inner, text, places)

    def _expressions(
        self, statement: ast.stmt, text: str, places: Positions
    ) -> Iterator[tuple[int, int, str]]:
        for node in _own_expressions(statement):
            magic = _magic_of(node)
            found = self._translated(magic) if magic is not None else None
            if magic is not None and found is not None and found.value is not None:
                self._take(found)
                yield (*places.span(node), found.value)
            elif isinstance(node, ast.Name) and node.id == "get_ipython":
                self._keep_unless_replaced(statement, node)

    def _translated(self, magic: Magic) -> Translation | None:
        return translate(magic, self.code, self._defined)

    def _used(self, magic: Magic) -> Translation | None:
        found = self._translated(magic)
        if found is not None:
            self._take(found)
        return found

    def _take(self, found: Translation) -> None:
        self._imports.update(dict.fromkeys(found.imports))
        self._faithful = self._faithful and found.faithful
        if found.note:
            self._notes[found.note] = None

    def _keep_unless_replaced(self, statement: ast.stmt, use: ast.Name) -> None:
        for node in _own_expressions(statement):
            magic = _magic_of(node)
            found = self._translated(magic) if magic is not None else None
            if found is not None and found.value is not None and _holds(node, use):
                return
        self._imports.update(dict.fromkeys((SHELL_IMPORT, SHELL_SETUP)))
        self._faithful = False
        name = _called(statement, use)
        self._notes[f"{name} has no plain Python: the program needs IPython"] = None


def _holds(outer: ast.AST, inner: ast.AST) -> bool:
    return any(node is inner for node in ast.walk(outer))


def _called(statement: ast.stmt, name: ast.Name) -> str:
    for node in ast.walk(statement):
        magic = _magic_of(node)
        if magic is not None and _holds(node, name):
            return magic.shown
    return "get_ipython()"


def _own_expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """Expressions of a statement, but not those of the statements inside it."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.expr):
            yield node
        children = ast.iter_child_nodes(node)
        waiting.extend(child for child in children if not isinstance(child, ast.stmt))


def _inner_bodies(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        for _, value in ast.iter_fields(node):
            if not isinstance(value, list) or not value:
                continue
            if isinstance(value[0], ast.stmt):
                yield value
            elif isinstance(value[0], ast.excepthandler | ast.match_case):
                waiting.extend(value)


def _placed(text: str, whole: str, start: int, nested: bool) -> str:
    """Statements as they stand where one statement stood."""
    if not text:
        return "pass" if nested else ""
    line_start = whole.rfind("\n", 0, start) + 1
    before = whole[line_start:start]
    if "\n" not in text:
        return text
    if not before.strip():
        return indented(text, before, first=False)
    margin = before[: len(before) - len(before.lstrip())]
    return "\n" + indented(text, margin + "    ")


def _transformed(text: str) -> str:
    try:
        from IPython.core.inputtransformer2 import TransformerManager
    except ImportError:
        return text
    return str(TransformerManager().transform_cell(text))  # type: ignore[no-untyped-call]


def _may_call(text: str) -> bool:
    return "get_ipython" in text


__all__ = ["SHELL_IMPORT", "SHELL_SETUP", "Plain", "plain_statement"]
