"""The text of a slice: kept statements, in the order in which they ran, as one program."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from jupyter_slicer.analysis.magics import SHELL_IMPORT, SHELL_SETUP
from jupyter_slicer.analysis.python_text import indented
from jupyter_slicer.domain import CellExecution, ExecutionId, ProgramSlice, Step
from jupyter_slicer.export.awaiting import has_await, wrapped
from jupyter_slicer.export.binding import bound_names, used_names
from jupyter_slicer.export.statement_text import StatementText, statement_text


@dataclass(frozen=True, slots=True)
class RenderedSpan:
    """The lines of the program that a kept statement became; lines count from 1."""

    step: Step
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class RenderedCell:
    """What one cell execution gave to the program; may hold a top-level ``await``."""

    execution: CellExecution
    text: str


@dataclass(frozen=True, slots=True)
class RenderedProgram:
    """A program that parses as plain Python."""

    text: str
    spans: tuple[RenderedSpan, ...]
    """In the order of the program; an import that stands there already has none."""
    cells: tuple[RenderedCell, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines of the program that belong together."""

    text: str
    step: Step | None = None
    """None for lines that no statement of the notebook became."""
    execution: CellExecution | None = None
    apart: bool = False
    """Whether a blank line stands above it."""


def render(
    program: ProgramSlice, *, group_imports: bool = False, cell_markers: bool = False
) -> RenderedProgram:
    """The program of a slice.

    ``group_imports`` moves imports to the top; ``cell_markers`` writes ``# %%`` between
    cells. Names that IPython provides, as ``display``, are imported.
    """
    pieces = _without_repeated_imports(_pieces(program))
    pieces = _with_shell_lists(pieces, program.criterion.expressions)
    pieces = [*_provided(pieces), *pieces]
    cells = _cells(pieces)
    if group_imports:
        pieces = sorted(pieces, key=lambda piece: not _is_import(piece.text))
    pieces = sorted(pieces, key=lambda piece: not _is_future(piece.text))
    if any(has_await(piece.text) for piece in pieces):
        pieces = _in_event_loop(pieces)
    text, spans = _assembled(pieces, cell_markers)
    ast.parse(text)
    return RenderedProgram(text, spans, cells)


def _pieces(program: ProgramSlice) -> list[Piece]:
    pieces: list[Piece] = []
    last: ExecutionId | None = None
    for kept in program.statements:
        found = statement_text(kept)
        if not found.text.strip():
            continue
        apart = bool(pieces) and (found.apart or kept.execution.id != last)
        last = kept.execution.id
        parts = _imports_apart(found) if kept.plain is not None else [found.text]
        for number, part in enumerate(parts):
            pieces.append(Piece(part, kept.step, kept.execution, apart and number == 0))
    return pieces


def _imports_apart(found: StatementText) -> list[str]:
    """The imports that a translation begins with, one by one, and then the rest."""
    lines = found.text.split("\n")
    first = 0
    while first < len(lines) - 1 and _is_prelude(lines[first]):
        first += 1
    return [*lines[:first], "\n".join(lines[first:])]


def _is_prelude(line: str) -> bool:
    return line == SHELL_SETUP or re.match(r"(import|from) [\w.]", line) is not None


# -- imports ------------------------------------------------------------------------------


def _without_repeated_imports(pieces: Iterable[Piece]) -> list[Piece]:
    """Each import line once, unless its names were given other values in between."""
    kept: list[Piece] = []
    standing: dict[str, frozenset[str]] = {}
    for piece in pieces:
        line = piece.text.strip()
        names = bound_names(piece.text)
        if _reloads(piece.text):
            standing = {}
        if line in standing:
            continue
        standing = {t: bound for t, bound in standing.items() if not bound & names}
        if _is_prelude(line) and "\n" not in line and "*" not in line:
            standing[line] = names
        kept.append(piece)
    return kept


def _reloads(text: str) -> bool:
    """Whether an import after it may not be what it was before."""
    return re.search(r"\bmodules\b|\breload\b|\binvalidate_caches\b", text) is not None


def _is_import(text: str) -> bool:
    body = ast.parse(text).body
    return all(isinstance(s, ast.Import | ast.ImportFrom) for s in body)


def _is_future(text: str) -> bool:
    return _without_comments(text).startswith("from __future__ import")


def _without_comments(text: str) -> str:
    return "\n".join(x for x in text.split("\n") if not x.startswith("#"))


_PROVIDED = {
    "display": "from IPython.display import display",
    "get_ipython": f"{SHELL_IMPORT}\n{SHELL_SETUP}",
}


def _provided(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Imports of names that IPython puts among the builtins."""
    bound: set[str] = set()
    used: set[str] = set()
    for piece in pieces:
        bound |= bound_names(piece.text)
        used |= used_names(piece.text)
    if any("IPython.core.magic" in piece.text for piece in pieces):
        used.add("get_ipython")  # registering a magic needs a shell to be there
        bound.discard("get_ipython")
    if "__file__" in used - bound:
        yield Piece("del __file__  # a notebook has none")
    for name, text in _PROVIDED.items():
        if name in used and name not in bound and not hasattr(builtins, f"__{name}__"):
            yield Piece(text)


# -- lists that know the shell --------------------------------------------------------------

_SHELL_LIST = re.compile(r"(\w+) = (subprocess\.run\(.*\)\.stdout\.splitlines\(\))", re.DOTALL)
_LIST_IMPORT = "from IPython.utils.text import SList"


def _with_shell_lists(pieces: list[Piece], expressions: Sequence[str]) -> list[Piece]:
    """``x = !cmd`` gives IPython's own kind of list: written so where it can be seen."""
    rest = [*expressions, *(piece.text for piece in pieces)]
    changed: list[Piece] = []
    for piece in pieces:
        match = _SHELL_LIST.fullmatch(piece.text.strip())
        if match is None or not _tells_apart(match.group(1), rest, expressions):
            changed.append(piece)
            continue
        if not any(other.text == _LIST_IMPORT for other in changed):
            changed.append(replace(piece, text=_LIST_IMPORT))
            piece = replace(piece, apart=False)
        text = f"{match.group(1)} = SList({match.group(2)})"
        changed.append(replace(piece, text=text))
    return changed


def _tells_apart(name: str, texts: Iterable[str], expressions: Sequence[str]) -> bool:
    own = "l|s|n|p|list|nlstr|spstr|paths|grep|fields|sort|get_\\w+"
    use = re.compile(rf"\b{re.escape(name)}\.({own})\b")
    return name in expressions or any(use.search(text) for text in texts)


# -- the whole ------------------------------------------------------------------------------


def _in_event_loop(pieces: Sequence[Piece]) -> list[Piece]:
    """Statements from the first to the last that need a running loop, in one coroutine."""
    first, last, opening, closing, hoisted = wrapped([piece.text for piece in pieces])
    inside = [piece for piece in pieces[first : last + 1] if piece.text not in hoisted]
    moved = [piece for piece in pieces[first : last + 1] if piece.text in hoisted]
    names = frozenset[str]().union(*(bound_names(piece.text) for piece in inside))
    body = [
        replace(p, text=indented(_without_annotation(p.text, names), "    ")) for p in inside
    ]
    body[0] = replace(body[0], apart=False)
    before = [*pieces[:first], *moved]
    imports = (
        [] if any(p.text.strip() == "import asyncio" for p in before) else ["import asyncio"]
    )
    return [
        *(Piece(line) for line in imports),
        *before,
        Piece(opening, apart=True),
        *body,
        Piece(closing, apart=True),
        *pieces[last + 1 :],
    ]


def _without_annotation(text: str, names: frozenset[str]) -> str:
    """A global name may not be annotated inside a function."""
    body = ast.parse(text).body
    if len(body) != 1 or not isinstance(body[0], ast.AnnAssign):
        return text
    statement = body[0]
    if not isinstance(statement.target, ast.Name) or statement.target.id not in names:
        return text
    if statement.value is None:
        return "pass"
    return f"{statement.target.id} = {ast.unparse(statement.value)}"


def _assembled(
    pieces: Sequence[Piece], cell_markers: bool
) -> tuple[str, tuple[RenderedSpan, ...]]:
    lines: list[str] = []
    spans: dict[Step, RenderedSpan] = {}
    before: Piece | None = None
    for piece in pieces:
        if lines and piece.apart:
            lines.append("")
        if cell_markers and _begins_cell(piece, before):
            lines.append("# %%")
        first = len(lines) + 1
        lines += piece.text.rstrip("\n").split("\n")
        if piece.step is not None:
            start = spans[piece.step].first if piece.step in spans else first
            spans[piece.step] = RenderedSpan(piece.step, start, len(lines))
        before = piece
    return "\n".join(lines) + "\n", tuple(spans.values())


def _begins_cell(piece: Piece, before: Piece | None) -> bool:
    if piece.execution is None:
        return False
    return (
        before is None or before.execution is None or before.execution.id != piece.execution.id
    )


def _cells(pieces: Sequence[Piece]) -> tuple[RenderedCell, ...]:
    grouped: list[tuple[CellExecution, list[Piece]]] = []
    first = next((p.execution for p in pieces if p.execution is not None), None)
    for piece in pieces:
        execution = piece.execution or first
        if execution is None:
            continue
        if not grouped or grouped[-1][0].id != execution.id:
            grouped.append((execution, []))
        grouped[-1][1].append(replace(piece, apart=piece.apart and bool(grouped[-1][1])))
    return tuple(
        RenderedCell(execution, _assembled(own, False)[0].rstrip("\n"))
        for execution, own in grouped
    )
