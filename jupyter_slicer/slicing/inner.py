"""Which inner statements of a kept statement the criterion does not need.

A small backward slice inside one statement, without regard to order: what is needed
starts with what other statements take from it; a statement that can do nothing to that
goes. What the kernel was seen to change, and calls that are known to do nothing but
compute or print, decide what "can do nothing" means. A fresh run proves it.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from jupyter_slicer.analysis.purity import (
    DRAWING,
    PURE,
    SHARED,
    ImportedNames,
    alias_groups,
    calls_are_harmless,
)
from jupyter_slicer.analysis.tree import names_in, nodes_in, own_nodes, remembered
from jupyter_slicer.domain import (
    Dependence,
    LocationKind,
    Outcome,
    Place,
    SlicingCriterion,
    Step,
)
from jupyter_slicer.domain.location import root_name
from jupyter_slicer.graph import DependenceGraph
from jupyter_slicer.slicing.caution import Cautions, cautions_of, may_swallow
from jupyter_slicer.slicing.history import is_display
from jupyter_slicer.slicing.members import ADDING, NAMES, Members
from jupyter_slicer.slicing.reached import (
    NAMESPACES,
    names_behind,
    names_used,
    reads_namespace,
    takes_output,
)
from jupyter_slicer.slicing.text import body_of, place_of, says_nothing, source_of
from jupyter_slicer.store.records import WriteKind


def inner_cuts(
    graph: DependenceGraph,
    needed: Mapping[Step, list[Dependence]],
    criterion: SlicingCriterion,
    whole: set[Step],
    unseen: bool = False,
) -> dict[Step, frozenset[Place]]:
    """Places of inner statements to leave out; nothing is cut from ``whole`` steps.

    ``unseen``: what is drawn is taken to be nobody's, which the caller looks into.
    """
    cuts: dict[Step, frozenset[Place]] = {}
    compound = [
        step
        for step in needed
        if step not in whole
        and not _is_asked_for(graph, step, needed[step], criterion)
        and graph.instances[step].outcome is Outcome.DONE
        and _is_compound(body_of(graph, step))
    ]
    if not compound:
        return cuts
    texts = [s for step in needed for s in body_of(graph, step)]
    output = criterion.output or takes_output(texts)
    figures = set() if unseen else figure_names(graph)
    effects_of = {step: _effects(graph, step, needed[step], figures) for step in needed}
    shows = criterion.output or any(e.shows for e in effects_of.values())
    counted = Counted(output, shows)
    imports = _imported_names(graph)
    drawn = _drawn_names(_statements(graph), imports) if unseen else frozenset[str]()
    imports.update(dict.fromkeys(_pure_functions(graph, imports, counted), PURE))
    dynamic = reads_namespace(texts)
    behind = names_behind(_statements(graph))
    read = None if dynamic else _read_globals(texts, criterion)
    cautions = _cautions(graph, imports, counted)
    members = _members(graph, needed, compound, criterion, imports, cautions, output)
    gone: frozenset[ast.stmt] = frozenset()
    unreached: frozenset[ast.stmt] = frozenset()
    while True:
        if members is not None:
            unreached |= members.unreached(gone)
        collecting = frozenset() if dynamic else _only_added_to(graph, needed, criterion, gone)
        unneeded: dict[Step, list[ast.stmt]] = {}
        for step in compound:
            block = _Block(
                replace(effects_of[step], shows=shows),
                imports,
                unreached,
                collecting,
                cautions,
                behind=behind,
                read=read,
                output=output,
                drawn=drawn,
            )
            unneeded[step] = block.unneeded(body_of(graph, step))
        # What a cut statement named may have been all that asked for a member, or that read
        # what others only add to.
        now = _gone_everywhere(graph, needed, unneeded)
        if now <= gone or not (members or any(map(_begins_empty, texts))):
            break
        gone |= now
    for step, statements in unneeded.items():
        if statements:
            lines = source_of(graph, step).split("\n")
            cuts[step] = frozenset(place_of(s, lines) for s in statements)
    return cuts


def _members(
    graph: DependenceGraph,
    needed: Mapping[Step, list[Dependence]],
    compound: Iterable[Step],
    criterion: SlicingCriterion,
    imports: ImportedNames,
    cautions: Cautions,
    output: bool,
) -> Members | None:
    """What is reached of the classes in a program; None where there is nothing to leave."""
    may_be_cut = set(compound)
    classes: list[ast.ClassDef] = []
    asked: list[ast.ClassDef] = []
    for step in needed:
        found = [s for s in body_of(graph, step) if isinstance(s, ast.ClassDef)]
        if step in may_be_cut:
            classes += found
        if any(r.target == criterion.at for r in needed[step]):
            asked += found
    fixed = {s for step in needed if step not in may_be_cut for s in body_of(graph, step)}
    classes = [c for c in dict.fromkeys(classes) if c not in fixed]
    if not classes or cautions.dynamic:
        return None
    nothing = Effects(frozenset(), frozenset(), False, False, True)
    outside = _Block(nothing, imports, cautions=cautions, output=output, in_function=True)
    counted = Counted(output, True)
    return Members(
        (s for step in needed for s in body_of(graph, step)),
        classes,
        asked,
        (ast.parse(e, mode="eval") for e in criterion.expressions),
        cautions.guarded,
        outside.is_harmless,
        lambda method: _is_pure(method, imports, counted),
        output,
        any(r.location and is_display(r.location.name) for rs in needed.values() for r in rs),
    )


def _gone_everywhere(
    graph: DependenceGraph,
    needed: Mapping[Step, object],
    unneeded: Mapping[Step, Iterable[ast.stmt]],
) -> frozenset[ast.stmt]:
    """Statements that are left out wherever their cell ran: it is one tree for all runs."""
    runs = Counter(s for step in needed for s in body_of(graph, step))
    cut = Counter(
        (s, inner)
        for step, statements in unneeded.items()
        for s in body_of(graph, step)
        for inner in set(statements) & set(nodes_in(s))
    )
    return frozenset(inner for (s, inner), n in cut.items() if n == runs[s])  # type: ignore[misc]


def _is_asked_for(
    graph: DependenceGraph, step: Step, reasons: list[Dependence], criterion: SlicingCriterion
) -> bool:
    """A function that is in the value in question, or a class that is it, stays as it is."""
    asked = [r.location for r in reasons if r.target == criterion.at]
    within = any(p is not None and root_name(p.name) in criterion.expressions for p in asked)
    return any(
        (bool(asked) and getattr(s, "name", None) in criterion.expressions)
        or (within and isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef))
        for s in body_of(graph, step)
        if _is_definition(s)
    )


class Counted(NamedTuple):
    """What is more than to compute, besides changing what lives on."""

    output: bool
    """Whether printing and logging are."""
    figures: bool
    """Whether drawing is."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What others take from a statement, and what it was seen to change."""

    wanted: frozenset[str]
    """Names whose value or content others need."""
    updated: frozenset[str]
    """Names from which an object that was there before was changed."""
    everything: bool
    """Whether it is needed for something that no name in it stands for."""
    displays: bool
    """Whether the value of its last expression is wanted, as ``_3``."""
    shows: bool
    """Whether what is wanted may be a figure, so that drawing is no side effect."""


def _effects(
    graph: DependenceGraph, step: Step, reasons: Iterable[Dependence], figures: set[str]
) -> Effects:
    body = body_of(graph, step)
    mentioned = frozenset[str]().union(*map(_mentioned, body))
    groups = [
        set(write.names)
        for write in graph.writes.get(step, ())
        if write.location.kind is LocationKind.VARIABLE and write.kind is WriteKind.UPDATE
    ]
    updated = set().union(*groups)
    wanted: set[str] = set()
    everything = displays = False
    for reason in reasons:
        place = reason.location
        if place is None or place.kind not in (LocationKind.VARIABLE, LocationKind.OBJECT):
            everything = True
            continue
        name = root_name(place.name)
        displays = displays or is_display(name)
        if name in mentioned:
            wanted.add(name)
            wanted |= set().union(*(group for group in groups if name in group))
        elif updated:
            wanted |= updated
        else:
            everything = True
    shows = bool(wanted & figures)
    return Effects(frozenset(wanted), frozenset(updated), everything, displays, shows)


@remembered
def _mentioned(statement: ast.AST) -> frozenset[str]:
    """Names that stand in a statement, imports, functions and handlers included."""
    return names_in(statement) | {n for node in nodes_in(statement) for n in _other_names(node)}


def _other_names(node: ast.AST) -> set[str]:
    """Names that a node binds without an ``ast.Name``."""
    if isinstance(node, ast.alias):
        return {(node.asname or node.name).split(".")[0]}
    name = getattr(node, "name", None) or getattr(node, "rest", None)
    return {name} if isinstance(name, str) else set()


def figure_names(graph: DependenceGraph) -> set[str]:
    """Names that the session binds to figures, axes and what is drawn on them."""
    names: set[str] = set()
    for statement in _statements(graph):
        for node in _binding_figures(statement):
            if _draws(node, names):
                names |= _bound(node)
    return names


def drawing_names(graph: DependenceGraph) -> frozenset[str]:
    """Names that the session binds to figures and their parts, or to what draws them."""
    imports = _imported_names(graph)
    drawing = {n for n, path in imports.items() if path.split(".")[0] in DRAWING}
    return frozenset(figure_names(graph) | drawing)


def _statements(graph: DependenceGraph) -> list[ast.stmt]:
    """All statements of a session, those that ran again once."""
    return list(dict.fromkeys(s for step in graph.instances for s in body_of(graph, step)))


@remembered
def _binding_figures(statement: ast.AST) -> tuple[ast.Assign | ast.For | ast.With, ...]:
    binding = (ast.Assign, ast.For, ast.With)
    return tuple(n for n in nodes_in(statement) if isinstance(n, binding))


def _draws(statement: ast.Assign | ast.For | ast.With, figures: set[str]) -> bool:
    """Whether what a statement binds may be part of a figure."""
    for node in own_nodes(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in figures:
            return True
        if isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else ""
            if (name or getattr(function, "id", "")) in FIGURES:
                return True
    return False


_ADORNING = frozenset(
    "legend grid axhline axvline axhspan axvspan tick_params margins tight_layout suptitle "
    "colorbar invert_xaxis invert_yaxis autofmt_xdate subplots_adjust bar_label clabel quiver "
    "hlines vlines axis fill clear".split()
)
"""What parts of figures do to how they look, besides ``set_xlim`` and its like."""


def _drawn_names(body: Iterable[ast.stmt], imports: ImportedNames) -> frozenset[str]:
    """Names that a body binds to what drawing gives, and to nothing else."""
    bound: dict[str, list[ast.expr]] = {}
    nodes = [n for s in body for n in nodes_in(s)]
    for node in nodes:
        if isinstance(node, ast.Assign):
            for name in frozenset[str]().union(*map(_names_stored, node.targets)):
                bound.setdefault(name, []).append(node.value)
        elif isinstance(node, ast.For):
            for name in _names_stored(node.target):
                bound.setdefault(name, []).append(node.iter)
    stored = Counter(n.id for n in nodes if isinstance(n, ast.Name) and _is_stored(n))
    others = {n for n, count in stored.items() if count != len(bound.get(n, ()))}
    drawn: set[str] = set()
    while True:
        more = {
            name
            for name, values in bound.items()
            if name not in others
            and any(_is_drawing(v, drawn, imports) for v in values)
            and all(_is_drawing(v, drawn | {name}, imports) for v in values)
        }
        if more == drawn:
            return frozenset(drawn)
        drawn = more


def _names_stored(target: ast.expr) -> frozenset[str]:
    return frozenset(
        n.id for n in nodes_in(target) if isinstance(n, ast.Name) and _is_stored(n)
    )


def _is_drawing(value: ast.expr, drawn: set[str], imports: ImportedNames) -> bool:
    """``plt.subplots()``, ``axes[0]``, ``ax.twinx()``, ``axes.flat``."""
    called = isinstance(value, ast.Call)
    while isinstance(value, ast.Attribute | ast.Subscript | ast.Call):
        value = value.func if isinstance(value, ast.Call) else value.value
    if not isinstance(value, ast.Name):
        return False
    if value.id in drawn:
        return True
    return called and imports.get(value.id, "").split(".")[0] in DRAWING


FIGURES = frozenset(
    "figure subplots subplot gca gcf axes add_subplot add_axes subplot_mosaic twinx twiny plot "
    "scatter bar barh hist hist2d boxplot violinplot imshow matshow contour contourf pcolormesh "
    "errorbar fill_between stem step pie text annotate heatmap pairplot histplot lineplot "
    "scatterplot barplot relplot displot catplot jointplot kdeplot countplot regplot".split()
)


@dataclass
class _Block:
    """A fixpoint over the inner statements of one statement."""

    effects: Effects
    imports: ImportedNames
    unreached: frozenset[ast.stmt] = frozenset()
    """Members of classes that nothing asks for, and what fills them."""
    collecting: frozenset[str] = frozenset()
    """Names of containers that the whole program only ever adds to."""
    cautions: Cautions = field(default_factory=Cautions)
    behind: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """What functions of the notebook read, by their names."""
    read: frozenset[str] | None = None
    """Names that some text of the program reads; None where any may be."""
    output: bool = False
    """Whether what is printed or logged becomes a value somewhere."""
    needed_names: set[str] = field(default_factory=set)
    kept: set[ast.stmt] = field(default_factory=set)
    in_function: bool = False
    aliases: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Names that the text may make lead to the same object."""
    drawn: frozenset[str] = frozenset()
    """Names that only ever hold parts of figures which the text itself makes, or which are
    taken to be nobody's."""
    bound: frozenset[str] = frozenset()
    """All names that the text binds."""
    locals: frozenset[str] = frozenset()
    """Names that only the function itself can reach."""

    def unneeded(self, body: list[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for statement in body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                found += self._in_function(statement)
            elif isinstance(statement, ast.ClassDef):
                found += self._in_class(statement)
        runs = [s for s in body if not _is_definition(s)]
        if runs and not self.effects.everything:
            self.needed_names = set(self.effects.wanted)
            for statement in body:
                if _is_definition(statement):
                    self.needed_names |= _loaded(statement)
            self.aliases = alias_groups(runs, self.imports)
            self.bound = frozenset(n for s in body for n in _all_bound(s))
            self.drawn |= _drawn_names(runs, self.imports)
            alone = len(body) == 1
            if self.effects.displays:
                self._keep_whole(runs[-1])
            found += self._settle(runs, keep_top=alone)
        elif runs:  # a file is written, say: anything may matter, but what is only shown
            self.needed_names = {n for s in runs for n in _loaded(s)}
            found += self._showing(runs)
        return found

    def _showing(self, body: Iterable[ast.stmt]) -> Iterable[ast.stmt]:
        """Statements that print, but not where an error is waited for."""
        for statement in body:
            if self._only_shows(statement):
                yield statement
            elif not (
                _is_definition(statement)
                or isinstance(statement, ast.Try | ast.TryStar)
                or (
                    isinstance(statement, ast.With | ast.AsyncWith)
                    and not _only_opens(statement)
                )
            ):
                yield from self._showing(_inner(statement))

    def _in_function(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
        """Of a function, all is needed that can leave it: results and effects."""
        if function.name in self.cautions.guarded:
            # Failing is something that it does, too; printing what it has cannot fail.
            had = {n for s in function.body if isinstance(s, ast.Assign) for n in _bound(s)}
            had |= {a.arg for a in nodes_in(function.args) if isinstance(a, ast.arg)}
            return [s for s in function.body if not self.output and _prints_only(s, had)]
        inner = _Block(
            self.effects,
            _with_own(self.imports, function, Counted(self.output, self.effects.shows)),
            self.unreached,
            self.collecting,
            self.cautions,
            behind=self.behind,
            read=self.read,
            output=self.output,
            in_function=True,
        )
        inner.bound = frozenset(_all_bound(function))
        inner.needed_names = {a.arg for a in nodes_in(function.args) if isinstance(a, ast.arg)}
        unread: set[str] = set()
        for node in nodes_in(function):
            if isinstance(node, ast.Nonlocal):
                inner.needed_names.update(node.names)
            elif isinstance(node, ast.Global):
                unread.update(n for n in node.names if self.read and n not in self.read)
                inner.needed_names.update(set(node.names) - unread)
        if self.cautions.frames:
            inner.needed_names |= inner.bound
        inner.aliases = alias_groups(function.body, self.imports)
        inner.drawn = _drawn_names(function.body, inner.imports) - inner.needed_names
        inner.locals = (
            frozenset(n for s in function.body for n in _all_bound(s))
            - inner.needed_names
            - unread
        )
        within = {d: inner._in_function(d) for d in _functions_in(function.body)}
        inner.unreached |= {s for found in within.values() for s in found}
        found = inner._settle(function.body, keep_top=False)
        return found + [s for d, cut in within.items() if d in inner.kept for s in cut]

    def _in_class(self, definition: ast.ClassDef) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for statement in definition.body:
            if statement in self.unreached:
                found.append(statement)
            elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                found += self._in_function(statement)
        return found

    def _settle(self, body: list[ast.stmt], keep_top: bool) -> list[ast.stmt]:
        """Add what is needed until nothing changes; give what is left."""
        if keep_top:
            self.kept.update(body)
            for statement in body:
                self._use(statement)
                if _captures(statement):
                    self._keep_whole(statement)
                elif may_swallow(statement, self.cautions.swallows):
                    self._keep_tried(statement)
        changed = True
        while changed:
            before = len(self.kept), len(self.needed_names)
            for statement in body:
                self._visit(statement)
            changed = (len(self.kept), len(self.needed_names)) != before
        return list(self._left_out(body))

    def _left_out(self, body: Iterable[ast.stmt]) -> Iterable[ast.stmt]:
        for statement in body:
            if statement not in self.kept or statement in self.unreached:
                if not says_nothing(statement):
                    yield statement
            elif not _is_definition(statement):
                yield from self._left_out(_inner(statement))

    def _visit(self, statement: ast.stmt) -> bool:
        """Whether the statement is needed; marks it and what is needed in it."""
        if statement in self.unreached:
            return False
        if _is_definition(statement):
            if _registers(statement) or getattr(statement, "name", None) in self.needed_names:
                self._keep(statement)
                left = _nodes_without(statement, self.unreached)
                self.needed_names |= {
                    n.id
                    for n in left
                    if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
                }
                self._use_behind(left)
            return statement in self.kept
        inner = _inner(statement)
        if inner:
            needed = sum(self._visit(s) for s in inner) > 0
            if needed and isinstance(statement, ast.Try):
                self._keep_tried(statement)
            if _captures(statement) and (needed or self._binds_needed(statement)):
                self._keep_whole(statement)
            if needed or not self.is_harmless(statement) or self._binds_needed(statement):
                self._keep(statement)
                self._use(statement)
                if may_swallow(statement, self.cautions.swallows):
                    self._keep_tried(statement)
        elif self._is_needed(statement):
            self._keep(statement)
            self._use(statement)
        return statement in self.kept

    def _is_needed(self, statement: ast.stmt) -> bool:
        match statement:
            case ast.Break() | ast.Continue() | ast.Return() | ast.Raise():
                return True
            case ast.Global() | ast.Nonlocal() | ast.Import() | ast.ImportFrom():
                return isinstance(statement, ast.Global | ast.Nonlocal) or self._binds_needed(
                    statement
                )
            case ast.Delete():
                named = bool(names_in(statement) & self.needed_names)
                return named or not self.is_harmless(statement)
            case ast.Pass():
                return False
        return self._binds_needed(statement) or not self.is_harmless(statement)

    def _binds_needed(self, statement: ast.stmt) -> bool:
        return bool(_bound(statement) & self.needed_names)

    def is_harmless(self, statement: ast.AST) -> bool:
        """Whether, besides binding names, the statement can do nothing that is needed."""
        own = own_nodes(statement)
        if any(
            isinstance(n, ast.Await | ast.Yield | ast.YieldFrom | ast.NamedExpr) for n in own
        ):
            return False
        for node in own:
            if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(
                node.ctx, ast.Store | ast.Del
            ):
                root = _root(node)
                shared = root in self.imports or root in self.cautions.classes
                if root is None or shared or self._matters(root):
                    return False
        if self.cautions.distrust(own, self._matters) or self.cautions.uses_up(
            own, self._suspect
        ):
            return False
        # ``b += 1`` may change the object that another name leads to.
        if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
            name = statement.target.id
            if self._matters(name):
                return False
        for call in (n for n in own if isinstance(n, ast.Call)):
            if calls_are_harmless(call, self.imports, self.effects.shows, self.output):
                continue
            receiver = _root(call.func.value) if isinstance(call.func, ast.Attribute) else None
            adds = isinstance(call.func, ast.Attribute) and call.func.attr in ADDING
            adds = adds and receiver not in self.imports
            if receiver in self.drawn and self._only_draws(call, receiver):
                continue
            if receiver is not None and self._plots_itself(call, receiver):
                continue
            if not (adds and receiver is not None and not self._matters(receiver)):
                return False
        return True

    def _only_shows(self, statement: ast.stmt) -> bool:
        """Printing cannot fail, so that no handler waits for it."""
        return (
            not self.output
            and isinstance(statement, ast.Expr)
            and isinstance(statement.value, ast.Call)
            and getattr(statement.value.func, "id", "") == "print"
            and not _loaded(statement) - {"print"} - self.needed_names
            and self.is_harmless(statement)
        )

    def _suspect(self, name: str) -> bool:
        """Whether reading a name may use up something that is needed."""
        if not (self.cautions.lazy and self._matters(name)):
            return False
        # What begins within the statement was not there to be seen changing.
        return self.in_function or name in self.bound or self._was_updated(name)

    def _was_updated(self, name: str) -> bool:
        return bool(self.aliases.get(name, frozenset((name,))) & self.effects.updated)

    def _only_draws(self, call: ast.Call, name: str) -> bool:
        """Whether a method of a figure's part draws, and nobody asks for the figure."""
        method = call.func.attr  # type: ignore[attr-defined]
        draws = method in FIGURES | _ADORNING or method.startswith("set_") or method == "set"
        # What else a part was made of is not changed by drawing.
        group = self.aliases.get(name, frozenset()) & self.drawn | {name}
        return draws and not self.effects.shows and not group & self.needed_names

    def _plots_itself(self, call: ast.Call, name: str) -> bool:
        """Whether something plots itself, as a frame does, and was not seen changing by it."""
        function = call.func
        parts = set()
        while isinstance(function, ast.Attribute):
            parts.add(function.attr)
            function = function.value
        seen = not self.in_function and name not in self.bound | self.imports.keys()
        plots = bool(parts & {"plot", "hist", "boxplot"}) and not self.effects.shows
        return plots and seen and not self._was_updated(name)

    def _matters(self, name: str) -> bool:
        """Whether a change to what a name leads to could be needed."""
        if name in self.collecting:
            return False
        group = self.aliases.get(name, frozenset((name,)))
        if SHARED in group or group & self.needed_names:
            return True
        return self.in_function and not group <= self.locals

    def _keep(self, statement: ast.stmt) -> None:
        self.kept.add(statement)

    def _keep_whole(self, statement: ast.stmt) -> None:
        for node in nodes_in(statement):
            if isinstance(node, ast.stmt):
                self.kept.add(node)
        self.needed_names |= _loaded(statement)
        self._use_behind(list(nodes_in(statement)))

    def _keep_tried(self, statement: ast.stmt) -> None:
        """Failing is something that a body does where what comes after is told of it.

        with log:       # its ``__exit__`` is given the error, and ends it
            1 / 0
        """
        for inner in statement.body:  # type: ignore[attr-defined]
            if not self._only_shows(inner):
                self._keep_whole(inner)

    def _use(self, statement: ast.stmt) -> None:
        """Names that a kept statement itself reads, not those of its inner statements."""
        for node in own_nodes(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                self.needed_names.add(node.id)
            elif isinstance(node, ast.Name) and isinstance(statement, ast.AugAssign):
                self.needed_names.add(node.id)
        self._use_behind(own_nodes(statement))

    def _use_behind(self, nodes: Iterable[ast.AST]) -> None:
        """What is read where the text of the statement does not show it."""
        nodes = list(nodes)
        self.needed_names |= names_used(nodes, self.behind)
        if any(isinstance(n, ast.Name) and n.id in NAMESPACES for n in nodes):
            self.needed_names |= self.bound


def _functions_in(
    body: Iterable[ast.stmt],
) -> Iterable[ast.FunctionDef | ast.AsyncFunctionDef]:
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            yield statement
        yield from _functions_in(_inner(statement))


def _nodes_without(tree: ast.AST, gone: frozenset[ast.stmt]) -> list[ast.AST]:
    """The nodes of a tree, those of some statements in it left out."""
    if gone.isdisjoint(nodes_in(tree)):
        return list(nodes_in(tree))
    found: list[ast.AST] = []
    stack = [tree]
    while stack:
        node = stack.pop()
        found.append(node)
        stack.extend(c for c in ast.iter_child_nodes(node) if c not in gone)
    return found


def _is_compound(body: list[ast.stmt]) -> bool:
    return len(body) > 1 or any(_inner(s) or _is_definition(s) for s in body)


def _is_definition(statement: ast.stmt) -> bool:
    return isinstance(statement, _DEFINED)


_DEFINED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _prints_only(statement: ast.stmt, had: set[str]) -> bool:
    call = statement.value if isinstance(statement, ast.Expr) else None
    return (
        isinstance(call, ast.Call)
        and getattr(call.func, "id", "") == "print"
        and not call.keywords
        and all(isinstance(a, ast.Constant) or getattr(a, "id", "") in had for a in call.args)
    )


def _registers(statement: ast.stmt) -> bool:
    """Whether defining it may already do something."""
    if isinstance(statement, ast.ClassDef) and (statement.bases or statement.keywords):
        return True
    return bool(getattr(statement, "decorator_list", ()))


def _inner(statement: ast.stmt) -> list[ast.stmt]:
    """Statements directly inside another, in whatever branch."""
    if _is_definition(statement):
        return []
    found: list[ast.stmt] = []
    for name in ("body", "orelse", "finalbody"):
        found += getattr(statement, name, [])
    for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        found += part.body
    return found


def _captures(statement: ast.stmt) -> bool:
    """Whether what is printed or warned inside becomes a value."""
    if not isinstance(statement, ast.With):
        return False
    calls = [
        i.context_expr.func for i in statement.items if isinstance(i.context_expr, ast.Call)
    ]
    names = {c.attr if isinstance(c, ast.Attribute) else getattr(c, "id", "") for c in calls}
    return bool(
        names & {"capture_output", "redirect_stdout", "redirect_stderr", "catch_warnings"}
    )


def _only_opens(statement: ast.With | ast.AsyncWith) -> bool:
    """Whether it opens files and folders, and leaves alone what is printed in it."""
    return all(
        isinstance(i.context_expr, ast.Call)
        and getattr(i.context_expr.func, "attr", getattr(i.context_expr.func, "id", ""))
        in _OPENING
        for i in statement.items
    )


_OPENING = frozenset(
    "open ZipFile TarFile TemporaryDirectory TemporaryFile NamedTemporaryFile ExcelWriter "
    "HDFStore File connect closing".split()
)


@remembered
def _loaded(statement: ast.AST) -> frozenset[str]:
    return frozenset(
        n.id
        for n in nodes_in(statement)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
    )


@remembered
def _bound(statement: ast.AST) -> frozenset[str]:
    """Names that a statement itself binds; what a comprehension counts with is its own."""
    names = set()
    own = own_nodes(statement)
    inner = {n for c in own if isinstance(c, ast.comprehension) for n in nodes_in(c.target)}
    for node in own:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            if node not in inner:
                names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            names.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            names.add(node.rest)
    return frozenset(names)


@remembered
def _all_bound(statement: ast.AST) -> frozenset[str]:
    return frozenset(
        n.id
        for n in nodes_in(statement)
        if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
    )


def _root(node: ast.expr) -> str | None:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _imported_names(graph: DependenceGraph) -> dict[str, str]:
    """What the session's imports bind, as dotted paths."""
    return _names_imported(_statements(graph))


def _with_own(
    imports: ImportedNames, function: ast.FunctionDef | ast.AsyncFunctionDef, counted: Counted
) -> ImportedNames:
    """Those of a function's own imports too, and of functions in it that only compute."""
    nodes = nodes_in(function)
    found = [n for n in nodes if isinstance(n, ast.Import | ast.ImportFrom)]
    functions = list(_functions_in(function.body))
    if not found and not functions:
        return imports
    bound = Counter(n.id for n in nodes if isinstance(n, ast.Name) and _is_stored(n))
    bound.update(n.arg for n in nodes if isinstance(n, ast.arg))
    bound.update(n.name for n in nodes if isinstance(n, _DEFINED) and n is not function)
    bound.update(n for i in found for n in _bound(i))
    own = {n: path for n, path in _names_imported(found).items() if bound[n] == 1}
    # What the function binds itself is not what the session's imports bind.
    known = {n: path for n, path in imports.items() if n not in bound} | own
    for inner in functions:
        once = bound[inner.name] == 1 and not inner.decorator_list
        if once and isinstance(inner, ast.FunctionDef) and _is_pure(inner, known, counted):
            known[inner.name] = PURE
    return known


def _is_stored(node: ast.Name) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _names_imported(statements: Iterable[ast.stmt]) -> dict[str, str]:
    bound: dict[str, str] = {}
    for statement in statements:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                root = alias.name if alias.asname else alias.name.split(".")[0]
                bound[alias.asname or root] = root
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            for alias in statement.names:
                bound[alias.asname or alias.name] = f"{statement.module}.{alias.name}"
    return bound


def _pure_functions(
    graph: DependenceGraph, imports: ImportedNames, counted: Counted
) -> set[str]:
    """Functions of the notebook that only compute, whichever version of them runs."""
    bodies: dict[str, list[ast.FunctionDef]] = {}
    others: set[str] = set()
    for statement in _statements(graph):
        if isinstance(statement, ast.FunctionDef) and not statement.decorator_list:
            bodies.setdefault(statement.name, []).append(statement)
        else:
            others |= _all_bound(statement) | {getattr(statement, "name", "")}
    pure: set[str] = set(bodies) - others
    while True:
        known = {**imports, **dict.fromkeys(pure, PURE)}
        still = {n for n in pure if all(_is_pure(f, known, counted) for f in bodies[n])}
        if still == pure:
            return pure
        pure = still


def _cautions(graph: DependenceGraph, imports: ImportedNames, counted: Counted) -> Cautions:
    statements = _statements(graph)
    failed = [
        s
        for step, instance in graph.instances.items()
        if instance.outcome is not Outcome.DONE
        for s in body_of(graph, step)
    ]

    def is_pure(function: ast.FunctionDef, own: bool) -> bool:
        return _is_pure(function, imports, counted, own)

    return cautions_of(statements, failed, is_pure)


def _is_pure(
    function: ast.FunctionDef, imports: ImportedNames, counted: Counted, own: bool = False
) -> bool:
    """``own``: it may set attributes of its first argument."""
    nothing = Effects(frozenset(), frozenset(), False, False, counted.figures)
    block = _Block(nothing, imports, output=counted.output)
    block.drawn = _drawn_names(function.body, imports)
    block.in_function = True
    block.aliases = alias_groups(function.body)
    parameters = {a.arg for a in nodes_in(function.args) if isinstance(a, ast.arg)}
    block.locals = frozenset(n for s in function.body for n in _all_bound(s)) - parameters
    if own and function.args.args:
        block.locals |= {function.args.args[0].arg}
    for node in nodes_in(function):
        if isinstance(node, ast.Global | ast.Nonlocal | ast.Yield | ast.YieldFrom):
            return False
        if isinstance(node, ast.stmt) and node is not function:
            if _is_definition(node) or isinstance(node, ast.Delete):
                return False
            if isinstance(node, ast.AugAssign) and not own:
                return False
            if not block.is_harmless(node):
                return False
    return True


def _only_added_to(
    graph: DependenceGraph,
    needed: Mapping[Step, list[Dependence]],
    criterion: SlicingCriterion,
    gone: frozenset[ast.stmt],
) -> frozenset[str]:
    """Containers that begin empty and that the program fills but never reads, but for the
    statements that it has lost."""
    begun: set[str] = set()
    read: set[str] = set()
    for expression in criterion.expressions:
        read |= {n.id for n in ast.walk(ast.parse(expression)) if isinstance(n, ast.Name)}
    for step in needed:
        for statement in body_of(graph, step):
            empty = _begins_empty(statement)
            if empty is not None:
                begun.add(empty)
                continue
            if gone:
                left = _nodes_without(statement, gone)
                read |= {n for node in left for n in _read_besides_adding(node)}
            else:
                read |= _read_within(statement)
    return frozenset(begun - read)


def _read_globals(
    texts: Iterable[ast.stmt], criterion: SlicingCriterion
) -> frozenset[str] | None:
    """Names that a program reads or deletes anywhere; None where any may be read."""
    read: set[str] = set()
    for tree in (*texts, *(ast.parse(e, mode="eval") for e in criterion.expressions)):
        read |= _read_by(tree)
    return None if "__main__" in read else frozenset(read)


@remembered
def _read_by(tree: ast.AST) -> frozenset[str]:
    read: set[str] = set()
    for node in nodes_in(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
            read.add(node.id)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            read.add(node.target.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            read |= {a.name for a in node.names} | {getattr(node, "module", "") or ""}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # A query, a formula, the text of an expression.
            read |= set(NAMES.findall(node.value)) | {node.value}
    return frozenset(read)


@remembered
def _read_within(statement: ast.AST) -> frozenset[str]:
    return frozenset(n for node in nodes_in(statement) for n in _read_besides_adding(node))


def _begins_empty(statement: ast.stmt) -> str | None:
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    target, value = statement.targets[0], statement.value
    empty = (isinstance(value, ast.List) and not value.elts) or (
        isinstance(value, ast.Dict) and not value.keys
    )
    return target.id if empty and isinstance(target, ast.Name) else None


def _read_besides_adding(node: ast.AST) -> set[str]:
    """Names that a node reads, the container of ``xs.append(v)`` as a statement apart."""
    if not isinstance(node, ast.stmt):
        return set()
    apart: set[ast.AST] = set()
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        function = node.value.func
        if isinstance(function, ast.Attribute) and function.attr in ADDING:
            apart.add(function.value)
    elif isinstance(node, ast.Assign):
        apart.update(t.value for t in node.targets if isinstance(t, ast.Subscript))
    return {n.id for n in own_nodes(node) if isinstance(n, ast.Name) and n not in apart}
