"""Slices guessed from the text of cells that nobody has run.

Cells count in document order, and each name as one place. Every call is taken to
change its arguments and its receiver, so a slice is rather too large; what leaves no
mark in the text (an alias behind a call, a file named by a variable) is missed.
"""

from __future__ import annotations

import ast
import builtins
import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jupyter_slicer.analysis.facts import PURE_BUILTINS, statement_facts
from jupyter_slicer.analysis.magics import plain_statement
from jupyter_slicer.domain import (
    CellExecution,
    Dependence,
    DependenceKind,
    KeptStatement,
    Location,
    ProgramSlice,
    SlicingCriterion,
    StatementInstance,
    Step,
    Voucher,
)
from jupyter_slicer.domain.location import file, variable
from jupyter_slicer.errors import BadCriterion, UnknownVariable

GUESS = "static: a guess from the text"

_HARMLESS = PURE_BUILTINS | {"print", "list", "dict", "set", "tuple", "enumerate", "zip"}


def static_slice(cells: Iterable[CellExecution], expressions: Sequence[str]) -> ProgramSlice:
    """What the expressions need at the end of the notebook, by its text alone."""
    cells = list(cells)
    scan = _Scan()
    notes = [GUESS]
    for cell in cells:
        try:
            body = ast.parse(cell.source).body
        except (SyntaxError, ValueError) as error:
            notes.append(f"cell {cell.id + 1} is left out: it does not parse ({error})")
            continue
        for position, statement in enumerate(body):
            scan.take(_Seen.of(cell, position, statement))
    seeds = _criterion_steps(scan, expressions)
    kept = _walk_back(scan.dependences, seeds)
    criterion = SlicingCriterion(tuple(expressions), Step(len(scan.seen)))
    return ProgramSlice(
        criterion,
        tuple(_keep(scan, step, kept[step], seeds.get(step, ())) for step in sorted(kept)),
        executed_statements=len(scan.seen),
        executed_cells=len(cells),
        notes=tuple(notes),
    )


_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class _Seen:
    """A top-level statement and what stands for it in plain Python."""

    cell: CellExecution
    position: int
    body: tuple[ast.stmt, ...]
    plain: str | None = None
    """When it is a magic: its translation, whose statements ``body`` holds."""

    @classmethod
    def of(cls, cell: CellExecution, position: int, statement: ast.stmt) -> _Seen:
        plain = plain_statement(statement, cell.source)
        if plain is None:
            return cls(cell, position, (statement,))
        return cls(cell, position, tuple(ast.parse(plain.text).body), plain.text)


@dataclass(frozen=True, slots=True)
class _Effects:
    """What a statement needs and changes, by name."""

    uses: frozenset[str]
    defines: frozenset[str] = frozenset()
    """Certainly bound afresh."""
    changes: frozenset[str] = frozenset()
    """Perhaps bound, or changed in place."""
    moves: frozenset[tuple[str, str]] = frozenset()
    """Pairs of names that may hold the same object afterwards."""


@dataclass
class _Scan:
    """Walks forward and keeps, for each name, the steps that its value came from."""

    seen: list[_Seen] = field(default_factory=list)
    dependences: dict[Step, list[Dependence]] = field(default_factory=dict)
    reaching: dict[str, tuple[Step, ...]] = field(default_factory=dict)
    latent: dict[str, _Effects] = field(default_factory=dict)
    """What calling a function of the notebook's needs and changes."""
    aliases: dict[str, frozenset[str]] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    stars: tuple[Step, ...] = ()
    """``from x import *``: any name may come from there."""

    def take(self, seen: _Seen) -> None:
        step = Step(len(self.seen))
        self.seen.append(seen)
        effects = self.with_latent(_effects(seen.body, self.modules))
        self.dependences[step] = [
            Dependence(source, step, DependenceKind.DATA, _location(name), Voucher.STATIC)
            for name in sorted(effects.uses)
            for source in self.sources(name)
        ]
        self.write(step, effects)
        for statement in seen.body:
            self.learn(step, statement)

    def sources(self, name: str) -> tuple[Step, ...]:
        unknown = (
            name not in self.reaching and name.isidentifier() and not hasattr(builtins, name)
        )
        return self.stars if unknown else self.reaching.get(name, ())

    def with_latent(self, effects: _Effects) -> _Effects:
        uses, changes = set(effects.uses), set(effects.changes)
        open_ = list(effects.uses)
        while open_:
            called = self.latent.get(open_.pop())
            if called is not None:
                changes |= called.changes
                open_ += called.uses - uses
                uses |= called.uses
        return _Effects(frozenset(uses), effects.defines, frozenset(changes), effects.moves)

    def write(self, step: Step, effects: _Effects) -> None:
        for name in effects.changes - effects.defines:
            for reached in self.aliases.get(name, frozenset((name,))):
                self.reaching[reached] = (*self.reaching.get(reached, ()), step)
        for name in effects.defines:
            self.reaching[name] = (step,)
            self.latent.pop(name, None)
            self.modules.discard(name)
            self.separate(name)
        for name, other in effects.moves:
            self.join(name, other)

    def separate(self, name: str) -> None:
        rest = self.aliases.pop(name, frozenset()) - {name}
        for other in rest:
            self.aliases[other] = rest

    def join(self, name: str, other: str) -> None:
        both = self.aliases.get(name, frozenset((name,))) | self.aliases.get(
            other, frozenset((other,))
        )
        for each in both:
            self.aliases[each] = both

    def learn(self, step: Step, statement: ast.stmt) -> None:
        match statement:
            case ast.ImportFrom(names=[ast.alias(name="*")]):
                self.stars = (*self.stars, step)
            case ast.Import() | ast.ImportFrom():
                self.modules |= statement_facts(statement).defines
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self.latent[statement.name] = _latent(statement, self.modules)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda() as function):
                self.latent[name] = _latent(function, self.modules)


def _location(name: str) -> Location:
    return variable(name) if name.isidentifier() else file(name)


def _effects(body: Sequence[ast.stmt], modules: set[str]) -> _Effects:
    facts = statement_facts(body)
    at_once = [s for s in body if not isinstance(s, _Definition)]
    files = frozenset[str]().union(*map(_file_names, at_once))
    changed = {name for statement in at_once for name in _changed(statement, modules)}
    changed |= {access.name for access in facts.stores} | (facts.defines - facts.definite)
    return _Effects(
        uses=frozenset(access.name for access in facts.reads) | files,
        defines=facts.definite | facts.deletes,
        changes=frozenset(changed) | files,
        moves=frozenset(pair for statement in at_once for pair in _moves(statement)),
    )


def _latent(function: ast.AST, modules: set[str]) -> _Effects:
    """A body by its free names; parameters among them do no harm, they only add."""
    inner = [n for n in ast.walk(function) if isinstance(n, ast.Name | ast.Global)]
    loads = {n.id for n in inner if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    declared = {name for n in inner if isinstance(n, ast.Global) for name in n.names}
    stored = {
        root
        for n in ast.walk(function)
        if isinstance(n, ast.Attribute | ast.Subscript) and not isinstance(n.ctx, ast.Load)
        for root in [_root(n)]
        if root
    }
    own = _own_names(function)
    changes = (_changed(function, modules) | stored) - own
    return _Effects(
        uses=frozenset(loads - own | declared) | _file_names(function),
        changes=frozenset(changes | declared),
    )


def _own_names(function: ast.AST) -> set[str]:
    own: set[str] = set()
    if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        own = {n.arg for n in ast.walk(function.args) if isinstance(n, ast.arg)}
        bound = {
            n.id
            for n in ast.walk(function)
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        free = {n for g in ast.walk(function) if isinstance(g, ast.Global) for n in g.names}
        own |= bound - free
    return own


def _changed(tree: ast.AST, modules: set[str]) -> set[str]:
    """Names of the receivers and arguments of calls, and of ``x += 1``."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.AugAssign):
            found |= {_root(node.target) or ""}
        elif isinstance(node, ast.Call) and not _harmless(node.func):
            root = _root(node.func)
            # A call that draws from or sets up a module changes the module: without
            # np.random.seed(0) the numbers would be others.
            #     In[1]: np.random.seed(0)
            #     In[2]: x = np.random.rand(3)
            if root in modules and (_draws(node.func) or _is_statement(tree, node)):
                found.add(root or "")
            passed = [*node.args, *(k.value for k in node.keywords)]
            roots = {root, *(_root(argument) for argument in passed)}
            roots |= {r for a in passed for r in _held(a)}
            found |= {r for r in roots if r is not None and r not in modules}
    return {name for name in found if name and not hasattr(builtins, name)}


def _harmless(function: ast.expr) -> bool:
    return isinstance(function, ast.Name) and function.id in _HARMLESS


def _draws(function: ast.expr) -> bool:
    return "rand" in ast.unparse(function) or "seed" in ast.unparse(function)


def _is_statement(tree: ast.AST, call: ast.Call) -> bool:
    return any(isinstance(n, ast.Expr) and n.value is call for n in ast.walk(tree))


def _root(node: ast.AST) -> str | None:
    """``a`` of ``a.b[0].c`` and of ``a.b().c``."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def _held(node: ast.AST) -> set[str]:
    """Names whose objects an expression hands on as they are."""
    match node:
        case ast.Name() | ast.Attribute() | ast.Subscript() | ast.Starred():
            root = _root(node)
            return {root} if root else set()
        case ast.Tuple() | ast.List() | ast.Set() | ast.Dict() | ast.IfExp() | ast.BoolOp():
            return {name for child in ast.iter_child_nodes(node) for name in _held(child)}
        case ast.NamedExpr():
            return _held(node.value)
    return set()


def _moves(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.For):
            targets, value = [node.target], node.iter
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            targets, value = [node.target], node.value
        else:
            continue
        for target in targets:
            for name in _held(target):
                for other in _held(value):
                    yield name, other


def _file_names(tree: ast.AST) -> frozenset[str]:
    """Texts in calls that look like the name of a file; one that is named twice may
    be written here and read there."""
    return frozenset(
        n.value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for argument in [*call.args, *(k.value for k in call.keywords)]
        for n in ast.walk(argument)
        if isinstance(n, ast.Constant) and isinstance(n.value, str) and _like_file(n.value)
    )


def _like_file(text: str) -> bool:
    name, dot, ending = text.rpartition(".")
    return bool(name and dot and ending.isalnum() and len(ending) <= 8 and "\n" not in text)


def _criterion_steps(
    scan: _Scan, expressions: Sequence[str]
) -> Mapping[Step, tuple[Dependence, ...]]:
    end = Step(len(scan.seen))
    steps: dict[Step, tuple[Dependence, ...]] = {}
    for expression in expressions:
        for name in sorted(_names_of(expression, scan)):
            for source in scan.sources(name):
                reason = Dependence(
                    source, end, DependenceKind.DATA, _location(name), Voucher.STATIC
                )
                steps[source] = (*steps.get(source, ()), reason)
    return steps


def _names_of(expression: str, scan: _Scan) -> frozenset[str]:
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError) as error:
        raise BadCriterion(expression, "it is not an expression") from error
    uses = {access.name for access in statement_facts(ast.Expr(tree.body)).reads}
    for name in sorted(uses):
        if not scan.sources(name) and not hasattr(builtins, name):
            near = difflib.get_close_matches(name, scan.reaching)
            raise UnknownVariable(name, near, hint=" No cell's text writes it.")
    return scan.with_latent(_Effects(frozenset(uses))).uses


def _walk_back(
    dependences: Mapping[Step, Sequence[Dependence]], seeds: Iterable[Step]
) -> dict[Step, list[Dependence]]:
    """Kept steps, each with the dependences by which later ones need it."""
    kept: dict[Step, list[Dependence]] = {step: [] for step in seeds}
    open_ = list(kept)
    while open_:
        for dependence in dependences[open_.pop()]:
            if dependence.source not in kept:
                kept[dependence.source] = []
                open_.append(dependence.source)
            kept[dependence.source].append(dependence)
    return kept


def _keep(
    scan: _Scan, step: Step, reasons: Sequence[Dependence], asked: Sequence[Dependence]
) -> KeptStatement:
    seen = scan.seen[step]
    why = (*asked, *reasons)
    needed = frozenset(d.location.name for d in why if d.location is not None)
    facts = statement_facts(seen.body)
    pruned = seen.plain is None and facts.is_import and facts.defines
    return KeptStatement(
        StatementInstance(step, seen.cell.id, seen.position),
        seen.cell,
        why,
        plain=seen.plain,
        names=needed & facts.defines if pruned else None,
    )
