"""What was edited in a cell since it was recorded."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from jupyter_slicer.hindsight.edits.alignment import Alignment, align
from jupyter_slicer.hindsight.edits.log_calls import is_log, logged_names, wraps_of
from jupyter_slicer.hindsight.edits.syntax import (
    Cell,
    Function,
    Loop,
    Statement,
)

_DEFINITIONS = Function | ast.ClassDef | ast.Import | ast.ImportFrom


@dataclass(frozen=True, slots=True)
class Enclosing:
    """A loop, function or class around a statement."""

    kind: str
    """``for``, ``while``, ``function`` or ``class``."""
    header: str
    """``for epoch in range(20):``, in one standard spelling."""
    index: int | None
    """Counts the loops (or functions, or classes) of the recorded text from 0, in the order
    of the text; None for one that was added."""
    edited_index: int
    """The same in the edited text."""

    def __str__(self) -> str:
        return self.header


@dataclass(frozen=True, slots=True)
class Added:
    """A statement that the recorded text does not have, with all that is inside it."""

    text: str
    line: int
    """In the edited text, from 1."""
    end_line: int
    path: tuple[Enclosing, ...]
    """What is around it, from the outside in."""
    names_logged: tuple[str, ...]
    """First arguments of its ``log`` calls, in the order of the text."""
    statement: int
    """Its number among the statements of the edited text."""

    @property
    def loops(self) -> tuple[Enclosing, ...]:
        return tuple(e for e in self.path if e.kind in ("for", "while"))


@dataclass(frozen=True, slots=True)
class Removed:
    """A statement that only the recorded text has."""

    text: str
    line: int
    """In the recorded text, from 1."""
    path: tuple[str, ...]
    """Headers of what was around it."""
    statement: int


@dataclass(frozen=True, slots=True)
class Changed:
    """A statement that says something else than it did; blocks inside are not meant."""

    recorded_text: str
    text: str
    recorded_line: int
    line: int
    literals: tuple[tuple[str, str], ...]
    """What was and what is, where only values differ; else empty."""
    names_logged: tuple[str, ...]
    """When all that is new is ``log("name", ...)`` around parts of it: the names."""
    recorded_statement: int
    statement: int
    end_line: int = 0
    wraps: bool = False
    """Whether all that is new is ``log("name", ...)`` or ``param("name", ...)`` around parts
    of it: it does what it did."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A statement that stands elsewhere than it did."""

    text: str
    recorded_line: int
    line: int
    recorded_statement: int
    statement: int
    past_definitions: bool = False
    """Whether it only changed places with functions, classes and imports, or is one."""


@dataclass(frozen=True, slots=True)
class Edit:
    """The difference of two texts by what they say; layout and comments do not count."""

    added: tuple[Added, ...]
    removed: tuple[Removed, ...]
    changed: tuple[Changed, ...]
    moved: tuple[Moved, ...]
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Names that are called differently throughout, as they were and as they are."""
    loops: Mapping[int, int] = field(default_factory=dict)
    """For each loop of the recorded text its number in the edited one."""
    lines: Mapping[int, int] = field(default_factory=dict)
    """First lines of statements, in the recorded and in the edited text."""

    @property
    def same(self) -> bool:
        return not (self.added or self.removed or self.changed or self.moved or self.renamed)

    @property
    def only_adds(self) -> bool:
        """Whether all that the recorded text says is still said, at its place."""
        changed = any(not c.wraps for c in self.changed)
        return not (self.removed or changed or self.moved or self.renamed)

    @property
    def names_logged(self) -> tuple[str, ...]:
        found = [c.names_logged for c in self.added] + [c.names_logged for c in self.changed]
        return tuple(dict.fromkeys(name for names in found for name in names))


def compare(recorded_source: str, edited_source: str) -> Edit:
    """What the edited text has that the recorded one has not, and the other way round.

    Both are plain Python, as IPython's input transformer leaves it. Raises
    :class:`~jupyter_slicer.errors.UnreadableCell` for what does not parse.
    """
    return edit_of(align(Cell(recorded_source), Cell(edited_source)))


def edit_of(alignment: Alignment) -> Edit:
    recorded, edited = alignment.left, alignment.right
    back = {y: x for x, y in alignment.pairs.items()}
    numbers = {s.index: n for n, s in enumerate(edited.loops)}
    return Edit(
        added=tuple(_added(s, edited, back, recorded) for s in _roots(edited, back)),
        removed=tuple(_removed(s, recorded) for s in _roots(recorded, alignment.pairs)),
        changed=tuple(
            _changed(recorded, edited, x, y)
            for x, y in sorted(alignment.pairs.items())
            if not alignment.agrees(x)
        ),
        moved=tuple(_moved(alignment)),
        renamed={at[1]: name for at, name in sorted(alignment.names.items())},
        loops={
            n: numbers[alignment.pairs[s.index]]
            for n, s in enumerate(recorded.loops)
            if s.index in alignment.pairs
        },
        lines={
            recorded.statements[x].node.lineno: edited.statements[y].node.lineno
            for x, y in sorted(alignment.pairs.items(), reverse=True)
        },
    )


def _roots(cell: Cell, paired: Iterable[int]) -> list[Statement]:
    """Statements without a partner, but not those inside another such."""
    known = set(paired)
    return [
        s
        for s in cell.statements
        if s.index not in known and (s.parent < 0 or s.parent in known)
    ]


def _added(
    statement: Statement, edited: Cell, back: Mapping[int, int], recorded: Cell
) -> Added:
    node = statement.node
    return Added(
        text=edited.text(statement),
        line=node.lineno,
        end_line=node.end_lineno or node.lineno,
        path=enclosing_of(statement, edited, back, recorded),
        names_logged=logged_names(node),
        statement=statement.index,
    )


def enclosing_of(
    statement: Statement, edited: Cell, back: Mapping[int, int], recorded: Cell
) -> tuple[Enclosing, ...]:
    found: list[Enclosing] = []
    for around in edited.enclosing(statement.index):
        kind = _kind(around)
        if kind is None:
            continue
        partner = back.get(around.index)
        index = None
        if partner is not None:
            index = _number(recorded, recorded.statements[partner])
        found.append(Enclosing(kind, edited.header(around), index, _number(edited, around)))
    return tuple(found)


def _kind(statement: Statement) -> str | None:
    match statement.node:
        case ast.For() | ast.AsyncFor():
            return "for"
        case ast.While():
            return "while"
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return "function"
        case ast.ClassDef():
            return "class"
    return None


def _number(cell: Cell, statement: Statement) -> int:
    """Its place among all loops, or functions, or classes."""
    for kind in (Loop, Function, ast.ClassDef):
        if isinstance(statement.node, kind):
            alike = [s for s in cell.statements if isinstance(s.node, kind)]
            return alike.index(statement)
    raise AssertionError(statement)


def _removed(statement: Statement, recorded: Cell) -> Removed:
    return Removed(
        text=recorded.text(statement),
        line=statement.node.lineno,
        path=tuple(recorded.header(s) for s in recorded.enclosing(statement.index)),
        statement=statement.index,
    )


def _changed(recorded: Cell, edited: Cell, x: int, y: int) -> Changed:
    a, b = recorded.statements[x], edited.statements[y]
    literals: tuple[tuple[str, str], ...] = ()
    if a.shape == b.shape:
        differing = [(s, t) for s, t in zip(a.tokens, b.tokens, strict=True) if s != t]
        if all(s.kind == "const" for s, _ in differing):
            literals = tuple((_value(s.text), _value(t.text)) for s, t in differing)
    new = _new_wraps(a, b)
    return Changed(
        recorded_text=_shown(a, recorded),
        text=_shown(b, edited),
        recorded_line=a.node.lineno,
        line=b.node.lineno,
        literals=literals,
        names_logged=tuple(dict.fromkeys(n for is_param, n in new if not is_param)),
        recorded_statement=x,
        statement=y,
        end_line=b.node.end_lineno or b.node.lineno,
        wraps=bool(new),
    )


def _new_wraps(a: Statement, b: Statement) -> list[tuple[bool, str]]:
    """For two statements that do the same: the calls that only the second has around parts
    of it, whether each is ``param``, and its name."""
    if a.bare != b.bare:
        return []
    before = Counter(map(_call, wraps_of(a.node)))
    return list(Counter(map(_call, wraps_of(b.node))) - before)


def _call(wrap: ast.Call) -> tuple[bool, str]:
    return not is_log(wrap), wrap.args[0].value  # type: ignore[attr-defined]


def _shown(statement: Statement, cell: Cell) -> str:
    inner = cell.roles(statement.index)
    return cell.header(statement) if inner else cell.text(statement)


def _value(text: str) -> str:
    return text.partition(" ")[2]


def _moved(alignment: Alignment) -> Iterable[Moved]:
    recorded, edited = alignment.left, alignment.right
    for x in sorted(alignment.strays):
        parent = recorded.statements[x].parent
        y = alignment.pairs[x]
        came_along = parent in alignment.strays and (
            edited.statements[y].parent == alignment.pairs[parent]
        )
        if not came_along:
            a, b = recorded.statements[x], edited.statements[y]
            quiet = _past_definitions(alignment, x)
            yield Moved(_shown(b, edited), a.node.lineno, b.node.lineno, x, y, quiet)


def _past_definitions(alignment: Alignment, x: int) -> bool:
    recorded, edited, pairs = alignment.left, alignment.right, alignment.pairs
    a, b = recorded.statements[x], edited.statements[pairs[x]]
    if pairs.get(a.parent, a.parent) != b.parent or a.block.role != b.block.role:
        return False
    return not any(
        z.index in pairs
        and edited.statements[pairs[z.index]].block == b.block
        and (z.index < x) != (pairs[z.index] < b.index)
        and not isinstance(z.node, _DEFINITIONS)
        and not isinstance(a.node, _DEFINITIONS)
        for z in recorded.blocks[a.block]
    )
