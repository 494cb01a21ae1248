"""An edit carried into another version of the cell."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jupyter_slicer.hindsight.edits.alignment import ATTRIBUTE, Alignment, align
from jupyter_slicer.hindsight.edits.edit import Added, Changed, Edit
from jupyter_slicer.hindsight.edits.log_calls import wraps_of
from jupyter_slicer.hindsight.edits.names import names_of
from jupyter_slicer.hindsight.edits.syntax import (
    MODULE,
    Block,
    Cell,
    Function,
    Loop,
    Statement,
    bound_names,
)

if TYPE_CHECKING:
    from jupyter_slicer.hindsight.edits.surgery import Piece

_DEFINITIONS = (
    ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
)
_MAKABLE = ("orelse", "finalbody")
"""Blocks that a statement can be given when it has none."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An added statement as it stands in the other version."""

    text: str
    edited_line: int | None
    """In the edited text; None for what the recorded text had and the other version lacks."""


@dataclass(frozen=True, slots=True)
class Unplaced:
    """An added statement that the other version has no place for."""

    text: str
    line: int
    """In the edited text."""
    why: str
    names_logged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Carried:
    """The other version with what could be added to it."""

    source: str
    diff: str
    """What was added, as a unified diff; empty if nothing was."""
    unplaced: tuple[Unplaced, ...]
    placed: tuple[Placed, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Names in the added statements, and what they are called in the other version."""


def carry(edit: Edit, recorded_source: str, edited_source: str, older_source: str) -> Carried:
    """Add to an older version what was added to the recorded one, where it belongs there.

    With a log line go the statements, functions and imports that it needs. A statement
    goes beside the partner of the statement that it stands beside; names that the older
    version has others for are followed.
    """
    recorded, edited, older = Cell(recorded_source), Cell(edited_source), Cell(older_source)
    carrying = _Carrying(
        recorded, edited, older, align(recorded, edited), align(recorded, older, loose=True)
    )
    for added in edit.added:
        carrying.take(added)
    for change in edit.changed:
        if change.wraps:
            carrying.wrap(change)
    source = carrying.written()
    return Carried(
        source,
        _diff(older_source, source),
        tuple(carrying.unplaced),
        tuple(carrying.placed),
        carrying.renamed,
    )


def _diff(before: str, after: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), "recorded", "with the added lines", lineterm=""
    )
    return "\n".join(lines)


class _NoPlace(Exception):
    """Why a statement cannot be placed."""


@dataclass(frozen=True, slots=True)
class _Place:
    block: Block
    position: int


@dataclass
class _Carrying:
    recorded: Cell
    edited: Cell
    older: Cell
    edits: Alignment
    """From the recorded to the edited text."""
    versions: Alignment
    """From the recorded to the older text."""
    additions: dict[Block, dict[int, list[Piece]]] = field(default_factory=dict)
    replaced: dict[int, Piece] = field(default_factory=dict)
    """Statements of the older text that get a log around a part of them."""
    placed: list[Placed] = field(default_factory=list)
    unplaced: list[Unplaced] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    helpers: dict[str, _Place | None] = field(default_factory=dict)
    """Names that added statements bind, and where that is now; None: nowhere."""
    fresh: dict[str, str] = field(default_factory=dict)
    """Names of added statements that mean something else in the older text."""
    brought: set[str] = field(default_factory=set)
    """Names whose definitions came along from the recorded text."""

    def __post_init__(self) -> None:
        from jupyter_slicer.hindsight.edits.surgery import pieces

        self.back = {y: x for x, y in self.edits.pairs.items()}
        self.edited_pieces = pieces(self.edited.source)
        self.recorded_pieces = pieces(self.recorded.source)

    def take(self, added: Added) -> None:
        statement = self.edited.statements[added.statement]
        bound = names_of(added.text).bound
        try:
            self.choose_names(bound, statement)
            self.put(added, statement)
        except _NoPlace as reason:
            for name in bound:
                self.helpers.setdefault(name, None)
            self.unplaced.append(
                Unplaced(added.text, added.line, str(reason), added.names_logged)
            )

    def put(self, added: Added, statement: Statement) -> None:
        from jupyter_slicer.hindsight.edits.surgery import code_of, rename

        names = names_of(added.text)
        place = self.place_of(statement)
        mapping = self.mapping(names.needed | names.bound, statement)
        place = self.after_what_it_needs(place, statement, names.needed, mapping)
        for name in sorted(names.needed):
            self.bring(name, mapping.get(name, name), statement)
        piece = rename(self.edited_pieces[statement.index], mapping, self.attributes())
        for name in names.bound:
            self.helpers.setdefault(name, place)
        self.renamed |= {old: new for old, new in mapping.items() if old != new}
        if self.is_there(place, piece, statement):
            return
        self.additions.setdefault(place.block, {}).setdefault(place.position, []).append(piece)
        self.placed.append(Placed(code_of(piece), added.line))

    def wrap(self, change: Changed) -> None:
        """Put ``log("name", ...)`` around what it is around in the edited text."""
        from jupyter_slicer.hindsight.edits.surgery import code_of, rename

        recorded = change.recorded_statement
        older = self.versions.pairs.get(recorded)
        statement = self.edited.statements[change.statement]
        why, piece = "", None
        if older is None:
            why = self.why_nowhere(statement)
        elif not self.versions.agrees(recorded):
            piece = self.around_value(statement, self.older.statements[older])
            text = self.older.text(self.older.statements[older])
            why = "" if piece else f"this version has `{text.splitlines()[0]}` instead"
        elif self.edited.roles(statement.index):
            why = "a log in the first line of a loop or an `if` is not carried"
        if why or older is None:
            self.unplaced.append(Unplaced(change.text, change.line, why, change.names_logged))
            return
        if piece is None:
            names = names_of(self.edited.text(statement))
            mapping = self.mapping(names.needed | names.bound, statement)
            piece = rename(self.edited_pieces[statement.index], mapping, self.attributes())
        self.replaced[older] = piece
        self.placed.append(Placed(code_of(piece), change.line))

    def around_value(self, statement: Statement, older: Statement) -> Piece | None:
        """``loss = log("loss", f(x))`` where the older text has another value for ``loss``."""
        from jupyter_slicer.hindsight.edits.surgery import pieces

        ours, theirs = statement.node, older.node
        kinds = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return)
        if not isinstance(ours, kinds) or type(ours) is not type(theirs):
            return None
        call = ours.value
        wraps = wraps_of(ours)
        if len(wraps) != 1 or wraps[0] is not call or theirs.value is None:  # type: ignore[attr-defined]
            return None
        bound = names_of(self.edited.text(statement)).bound
        mapping = self.mapping(bound, statement)
        same = {mapping.get(n, n) for n in bound} == bound_names([theirs])[0]
        if not same or _stored_in(ours) != _stored_in(theirs):
            return None
        value = ast.Call(call.func, [call.args[0], theirs.value], [])  # type: ignore[attr-defined]
        fields = {**dict(ast.iter_fields(theirs)), "value": value}
        return pieces(ast.unparse(ast.copy_location(type(theirs)(**fields), theirs)) + "\n")[0]

    def attributes(self) -> dict[str, str]:
        """Attributes that are called differently in the older text."""
        names = self.versions.names.items()
        return {at[1]: name for at, name in names if at[0] == ATTRIBUTE}

    def written(self) -> str:
        from jupyter_slicer.hindsight.edits.surgery import insert

        if not self.additions and not self.replaced:
            return self.older.source
        return insert(self.older.source, self.additions, self.replaced)

    # -- places ------------------------------------------------------------------------

    def partner(self, edited: int) -> Statement | None:
        """The older text's statement for one of the edited text."""
        recorded = self.back.get(edited)
        older = self.versions.pairs.get(recorded) if recorded is not None else None
        return self.older.statements[older] if older is not None else None

    def place_of(self, statement: Statement) -> _Place:
        for place in self.places(statement):
            if self.same_loop(statement, place.block):
                return place
        if isinstance(statement.node, _DEFINITIONS) and statement.parent == MODULE:
            return self.top()
        raise _NoPlace(self.why_nowhere(statement))

    def places(self, statement: Statement) -> Iterator[_Place]:
        """Beside the partners of its neighbours, nearest first; then at an end of the block."""
        block = self.edited.blocks[statement.block]
        own = [s for s in block if s.index in self.back or s is statement]
        at = own.index(statement)
        before, after = own[:at][::-1], own[at + 1 :]
        found: list[tuple[int, int, _Place]] = []
        for side, neighbours in enumerate((before, after)):
            for distance, neighbour in enumerate(neighbours):
                partner = self.partner(neighbour.index)
                if partner is not None:
                    place = _Place(partner.block, partner.position + 1 - side)
                    found.append((distance, side, place))
        yield from (place for _, _, place in sorted(found, key=lambda f: f[:2]))
        yield from self.ends(statement, at_start=not before)

    def ends(self, statement: Statement, at_start: bool) -> Iterator[_Place]:
        """The start or the end of the partner's block."""
        block = statement.block
        if statement.parent != MODULE:
            owner = self.partner(statement.parent)
            if owner is None:
                return
            block = Block(owner.index, block.role)
            makable = block.role in _MAKABLE and hasattr(owner.node, block.role)
            if block not in self.older.blocks and not makable:
                return
        count = len(self.older.blocks.get(block, ()))
        yield _Place(block, 0 if at_start else count)

    def same_loop(self, statement: Statement, block: Block) -> bool:
        """Whether the place is in the partner of the innermost loop around the statement."""
        ours = self.innermost(self.edited, statement.parent)
        theirs = self.innermost(self.older, block.owner)
        if ours is None:
            return theirs is None or theirs.index not in self.versions.pairs.values()
        partner = self.partner(ours.index)
        if partner is None:
            return theirs is not None and theirs.index not in self.versions.pairs.values()
        return theirs is partner

    def innermost(self, cell: Cell, owner: int) -> Statement | None:
        if owner == MODULE:
            return None
        around = [*cell.enclosing(owner), cell.statements[owner]]
        for statement in reversed(around):
            if isinstance(statement.node, Function):
                return None
            if isinstance(statement.node, Loop):
                return statement
        return None

    def top(self) -> _Place:
        """After the imports that the older text begins with."""
        root = Block(MODULE, "body")
        position = 0
        for statement in self.older.blocks[root]:
            first = statement.position == 0 and _is_text(statement.node)
            if not first and not isinstance(statement.node, ast.Import | ast.ImportFrom):
                break
            position += 1
        return _Place(root, position)

    def why_nowhere(self, statement: Statement) -> str:
        around = [
            s
            for s in self.edited.enclosing(statement.index)
            if isinstance(s.node, Loop | Function | ast.ClassDef)
        ]
        for each in around:
            if self.partner(each.index) is None:
                return f"this version has nothing like `{self.edited.header(each)}`"
        return "this version has none of the statements around it"

    # -- names -------------------------------------------------------------------------

    def choose_names(self, bound: frozenset[str], statement: Statement) -> None:
        """Other names for what is added where the older text uses them for its own."""
        ours = _all_names(self.recorded)
        theirs = _all_names(self.older)
        for name in sorted(bound):
            if name in theirs and name not in ours and not self.has_alike(statement):
                taken = theirs | ours | _all_names(self.edited) | set(self.fresh.values())
                self.fresh.setdefault(name, _free(f"{name}_logged", taken))

    def has_alike(self, statement: Statement) -> bool:
        """Whether the older text has the statement already, of itself."""
        from jupyter_slicer.hindsight.edits.surgery import code_of, rename

        names = names_of(self.edited.text(statement))
        mapping = self.mapping(names.needed | names.bound, statement)
        piece = rename(self.edited_pieces[statement.index], mapping, self.attributes())
        return self.is_among(code_of(piece), statement, self.older.statements)

    def is_among(self, code: str, statement: Statement, others: Iterable[Statement]) -> bool:
        wanted = ast.dump(ast.parse(code))
        own = set(self.versions.pairs.values())
        return any(
            s.index not in own
            and type(s.node) is type(statement.node)
            and ast.dump(ast.Module([s.node], [])) == wanted
            for s in others
        )

    def mapping(self, names: frozenset[str], statement: Statement) -> dict[str, str]:
        found = {n: self.called(n, statement) for n in names}
        return {old: new for old, new in found.items() if old != new}

    def called(self, name: str, statement: Statement) -> str:
        """What a name of the edited text is called in the older one."""
        if name in self.fresh:
            return self.fresh[name]
        scope = self.edited.scope_of(name, statement.index)
        if scope != MODULE:
            scope = self.back.get(scope, MODULE)
        return self.versions.names.get((scope, name), name)

    def after_what_it_needs(
        self,
        place: _Place,
        statement: Statement,
        needed: frozenset[str],
        mapping: Mapping[str, str],
    ) -> _Place:
        """The place, or a later one in the same block, where all names have values."""
        for name in sorted(needed):
            if name in self.helpers:
                place = self.after_helper(name, place)
            else:
                place = self.after_binding(name, mapping.get(name, name), place, statement)
        return place

    def after_helper(self, name: str, place: _Place) -> _Place:
        helper = self.helpers[name]
        if helper is None:
            raise _NoPlace(f"it needs `{name}`, which could not be placed")
        if helper.block == place.block and helper.position > place.position:
            return helper
        function = self.function_at(helper.block)
        if function not in (MODULE, *self.functions_around(place.block)):
            raise _NoPlace(
                f"it needs `{name}`, which is inside a function in this version, out of reach"
            )
        return place

    def after_binding(
        self, name: str, called: str, place: _Place, statement: Statement
    ) -> _Place:
        binders = self.binders(self.older, called, place.block)
        if not binders or self.is_set(self.older, binders, place):
            return place
        own = _Place(statement.block, statement.position)
        if not self.is_set(self.edited, self.binders(self.edited, name, statement.block), own):
            return place  # the edited text does not promise it either
        block = self.older.blocks.get(place.block, [])
        for later in block[place.position :]:
            if any(b.index in self.older.inside(later.index) for b in binders):
                return _Place(place.block, later.position + 1)
        raise _NoPlace(f"`{called}` has no value yet at that place in this version")

    def binders(self, cell: Cell, name: str, block: Block) -> list[Statement]:
        """Statements that give a name a value, as seen from a block."""
        for function in (*self.functions_around(block, cell), MODULE):
            found = [
                s
                for s in cell.statements
                if cell.function_of(s.index) == function and name in _binds(s)
            ]
            if function != MODULE and name in cell.locals[function]:
                return found  # its arguments are set from the start
            if found:
                return found if function == self.function_at(block, cell) else []
        return []

    def is_set(self, cell: Cell, binders: list[Statement], place: _Place) -> bool:
        """Whether one of the binders runs before the place, or surrounds it."""
        if not binders:
            return True
        before = _number_of(cell, place)
        return any(b.index < before for b in binders)

    def functions_around(self, block: Block, cell: Cell | None = None) -> list[int]:
        cell = cell or self.older
        if block.owner == MODULE:
            return []
        around = [*cell.enclosing(block.owner), cell.statements[block.owner]]
        return [s.index for s in reversed(around) if isinstance(s.node, Function)]

    def function_at(self, block: Block, cell: Cell | None = None) -> int:
        return next(iter(self.functions_around(block, cell)), MODULE)

    def bring(self, name: str, called: str, statement: Statement) -> None:
        """See that a name exists in the older text; its definition comes along if need be."""
        if name in self.helpers or name in self.brought:
            return
        scope = self.edited.scope_of(name, statement.index)
        if self.exists(name, called, statement):
            return
        if scope != MODULE:
            raise _NoPlace(f"it uses `{name}`, which this version does not have there")
        definers = [
            s
            for s in self.recorded.statements
            if name in _binds(s) and self.recorded.function_of(s.index) == MODULE
        ]
        if not definers:
            return  # of another cell
        self.define(name, definers)

    def exists(self, name: str, called: str, statement: Statement) -> bool:
        functions = [
            partner.index
            for around in self.edited.enclosing(statement.index)
            if isinstance(around.node, Function)
            and (partner := self.partner(around.index)) is not None
        ]
        known = set().union(
            *(self.older.locals[f] for f in functions if f in self.older.locals)
        )
        mentioned = _all_names(self.older) if called != name else _all_bound(self.older)
        return called in known or called in mentioned

    def define(self, name: str, definers: list[Statement]) -> None:
        from jupyter_slicer.hindsight.edits.surgery import code_of

        definer = definers[-1]
        if not isinstance(definer.node, _DEFINITIONS) or definer.parent != MODULE:
            raise _NoPlace(f"it uses `{name}`, which this version does not have")
        self.brought.add(name)
        for needed in sorted(names_of(self.recorded.text(definer)).needed):
            edited = self.edits.pairs.get(definer.index)
            if edited is not None:
                there = self.edited.statements[edited]
                self.bring(needed, self.called(needed, there), there)
        piece = self.recorded_pieces[definer.index]
        place = self.top()
        self.additions.setdefault(place.block, {}).setdefault(place.position, []).append(piece)
        self.placed.append(Placed(code_of(piece), None))

    def is_there(self, place: _Place, piece: Piece, statement: Statement) -> bool:
        """Whether the older text has the statement at its place already, of itself."""
        from jupyter_slicer.hindsight.edits.surgery import code_of

        anywhere = isinstance(statement.node, _DEFINITIONS)
        block = self.older.statements if anywhere else self.older.blocks.get(place.block, [])
        return self.is_among(code_of(piece), statement, block)


def _stored_in(node: ast.stmt) -> list[str]:
    """``self.loss`` and ``rows[0]``, which bind no name."""
    parts = [
        t for t in ast.iter_child_nodes(node) if isinstance(t, (ast.Attribute, ast.Subscript))
    ]
    return [ast.dump(t) for t in parts if not isinstance(t.ctx, ast.Load)]


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _number_of(cell: Cell, place: _Place) -> int:
    """The number that a statement at a place would have."""
    block = cell.blocks.get(place.block, [])
    if place.position < len(block):
        return block[place.position].index
    if block:
        return cell.inside(block[-1].index).stop
    return place.block.owner + 1


def _binds(statement: Statement) -> set[str]:
    """Names that a statement itself binds, not those that blocks inside it bind."""
    node = statement.node
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return {node.name}
        case ast.For() | ast.AsyncFor():
            return bound_names([node.target, node.iter])[0]
        case ast.While() | ast.If():
            return bound_names([node.test])[0]
        case ast.With() | ast.AsyncWith():
            return bound_names(node.items)[0]
        case ast.Try() | ast.TryStar():
            return set()
        case ast.Match():
            return bound_names([node.subject, *(c.pattern for c in node.cases)])[0]
    return bound_names([node])[0]


def _all_bound(cell: Cell) -> set[str]:
    return set().union(*(_binds(s) for s in cell.statements), *cell.locals.values())


def _all_names(cell: Cell) -> set[str]:
    return {t.text for s in cell.statements for t in s.tokens if t.kind == "name"}


def _free(name: str, taken: set[str]) -> str:
    number = 2
    wanted = name
    while wanted in taken:
        wanted, number = f"{name}_{number}", number + 1
    return wanted
