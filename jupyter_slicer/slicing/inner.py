"""Which inner statements of a kept statement the criterion does not need.

A small backward slice inside one statement, without regard to order: what is needed
starts with what other statements take from it; a statement that can do nothing to that
goes. What the kernel was seen to change, and calls that are known to do nothing but
compute or print, decide what "can do nothing" means. A fresh run proves it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from jupyter_slicer.analysis.purity import (
    PURE,
    SHARED,
    ImportedNames,
    alias_groups,
    calls_are_harmless,
)
from jupyter_slicer.analysis.tree import names_in, nodes_in, own_nodes, remembered, words_in
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
) -> dict[Step, frozenset[Place]]:
    """Places of inner statements to leave out; nothing is cut from ``whole`` steps."""
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
    imports = _imported_names(graph)
    imports.update(dict.fromkeys(_pure_functions(graph, imports), PURE))
    texts = [s for step in needed for s in body_of(graph, step)]
    words = _words(graph, needed, criterion)
    dynamic = reads_namespace(texts)
    collecting = frozenset() if dynamic else _only_added_to(graph, needed, criterion)
    behind = names_behind(_statements(graph))
    output = takes_output(texts)
    cautions = _cautions(graph, imports)
    figures = _figure_names(graph)
    effects_of = {step: _effects(graph, step, needed[step], figures) for step in needed}
    shows = any(e.shows for e in effects_of.values())
    for step in compound:
        body = body_of(graph, step)
        effects = replace(effects_of[step], shows=shows)
        block = _Block(
            effects, imports, words, collecting, cautions, behind=behind, output=output
        )
        unneeded = block.unneeded(body)
        if unneeded:
            lines = source_of(graph, step).split("\n")
            cuts[step] = frozenset(place_of(s, lines) for s in unneeded)
    return cuts


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


def _figure_names(graph: DependenceGraph) -> set[str]:
    """Names that the session binds to figures, axes and what is drawn on them."""
    names: set[str] = set()
    for statement in _statements(graph):
        for node in _binding_figures(statement):
            if _draws(node, names):
                names |= _bound(node)
    return names


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
            if (name or getattr(function, "id", "")) in _FIGURES:
                return True
    return False


_FIGURES = frozenset(
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
    words: frozenset[str]
    collecting: frozenset[str] = frozenset()
    """Names of containers that the whole program only ever adds to."""
    cautions: Cautions = field(default_factory=Cautions)
    behind: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """What functions of the notebook read, by their names."""
    output: bool = False
    """Whether what is printed or logged becomes a value somewhere."""
    needed_names: set[str] = field(default_factory=set)
    kept: set[ast.stmt] = field(default_factory=set)
    in_function: bool = False
    aliases: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Names that the text may make lead to the same object."""
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
            self.imports,
            self.words,
            self.collecting,
            self.cautions,
            behind=self.behind,
            output=self.output,
            in_function=True,
        )
        inner.bound = frozenset(_all_bound(function))
        inner.needed_names = {a.arg for a in nodes_in(function.args) if isinstance(a, ast.arg)}
        for node in nodes_in(function):
            if isinstance(node, ast.Global | ast.Nonlocal):
                inner.needed_names.update(node.names)
        inner.aliases = alias_groups(function.body, self.imports)
        inner.locals = (
            frozenset(n for s in function.body for n in _all_bound(s)) - inner.needed_names
        )
        return inner._settle(function.body, keep_top=False)

    def _in_class(self, definition: ast.ClassDef) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        plain = (
            not definition.bases and not definition.keywords and not definition.decorator_list
        )
        for statement in definition.body:
            if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            special = statement.name.startswith(("__", "_repr_", "_ipython_"))
            special = special or bool(statement.decorator_list)
            special = special or self.cautions.dynamic
            if plain and not special and statement.name not in self.words | _PROTOCOL:
                found.append(statement)
            else:
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
            if statement not in self.kept:
                if not says_nothing(statement):
                    yield statement
            elif not _is_definition(statement):
                yield from self._left_out(_inner(statement))

    def _visit(self, statement: ast.stmt) -> bool:
        """Whether the statement is needed; marks it and what is needed in it."""
        if _is_definition(statement):
            if _registers(statement) or getattr(statement, "name", None) in self.needed_names:
                self._keep(statement)
                self.needed_names |= _loaded(statement)
                self._use_behind(list(nodes_in(statement)))
            return statement in self.kept
        inner = _inner(statement)
        if inner:
            needed = sum(self._visit(s) for s in inner) > 0
            if needed and isinstance(statement, ast.Try):
                self._keep_tried(statement)
            if _captures(statement) and (needed or self._binds_needed(statement)):
                self._keep_whole(statement)
            if needed or not self._harmless(statement) or self._binds_needed(statement):
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
                return named or not self._harmless(statement)
            case ast.Pass():
                return False
        return self._binds_needed(statement) or not self._harmless(statement)

    def _binds_needed(self, statement: ast.stmt) -> bool:
        return bool(_bound(statement) & self.needed_names)

    def _harmless(self, statement: ast.stmt) -> bool:
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
            adds = isinstance(call.func, ast.Attribute) and call.func.attr in _ADDING
            adds = adds and receiver not in self.imports
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
            and self._harmless(statement)
        )

    def _suspect(self, name: str) -> bool:
        """Whether reading a name may use up something that is needed."""
        if self.in_function:
            return self.cautions.lazy and self._matters(name)
        return self.cautions.lazy and self._matters(name) and self._was_updated(name)

    def _was_updated(self, name: str) -> bool:
        return bool(self.aliases.get(name, frozenset((name,))) & self.effects.updated)

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


_PROTOCOL = frozenset(
    "write writelines read readline readlines flush close seek tell fit transform fit_transform "
    "predict predict_proba score get_params set_params keys values items get emit handle filter "
    "format send throw acquire release run forward step update default mro object_hook".split()
)
"""Methods that libraries call, though no text of the notebook names them."""

_ADDING = frozenset("append extend add update insert appendleft setdefault".split())
"""Methods of containers that change the container and nothing else."""


def _is_compound(body: list[ast.stmt]) -> bool:
    return len(body) > 1 or any(_inner(s) or _is_definition(s) for s in body)


def _is_definition(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


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
    """Names that a statement itself binds."""
    names = set()
    for node in own_nodes(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
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
    bound: dict[str, str] = {}
    for statement in _statements(graph):
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                root = alias.name if alias.asname else alias.name.split(".")[0]
                bound[alias.asname or root] = root
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            for alias in statement.names:
                bound[alias.asname or alias.name] = f"{statement.module}.{alias.name}"
    return bound


def _pure_functions(graph: DependenceGraph, imports: ImportedNames) -> set[str]:
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
        still = {n for n in pure if all(_is_pure(f, known) for f in bodies[n])}
        if still == pure:
            return pure
        pure = still


def _cautions(graph: DependenceGraph, imports: ImportedNames) -> Cautions:
    statements = _statements(graph)
    failed = [
        s
        for step, instance in graph.instances.items()
        if instance.outcome is not Outcome.DONE
        for s in body_of(graph, step)
    ]

    def is_pure(function: ast.FunctionDef, own: bool) -> bool:
        return _is_pure(function, imports, own)

    return cautions_of(statements, failed, is_pure)


def _is_pure(function: ast.FunctionDef, imports: ImportedNames, own: bool = False) -> bool:
    """``own``: it may set attributes of its first argument."""
    nothing = Effects(frozenset(), frozenset(), False, False, True)
    block = _Block(nothing, imports, frozenset())
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
            if not block._harmless(node):
                return False
    return True


def _only_added_to(
    graph: DependenceGraph, needed: Mapping[Step, list[Dependence]], criterion: SlicingCriterion
) -> frozenset[str]:
    """Containers that begin empty and that the program fills but never reads."""
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
            read |= _read_within(statement)
    return frozenset(begun - read)


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
        if isinstance(function, ast.Attribute) and function.attr in _ADDING:
            apart.add(function.value)
    elif isinstance(node, ast.Assign):
        apart.update(t.value for t in node.targets if isinstance(t, ast.Subscript))
    return {n.id for n in own_nodes(node) if isinstance(n, ast.Name) and n not in apart}


def _words(
    graph: DependenceGraph, needed: Mapping[Step, list[Dependence]], criterion: SlicingCriterion
) -> frozenset[str]:
    """Attribute names and strings by which the program may reach a method."""
    trees: list[ast.AST] = [ast.parse(e, mode="eval") for e in criterion.expressions]
    trees += dict.fromkeys(s for step in needed for s in body_of(graph, step))
    return frozenset[str]().union(*map(_words_in, trees))


@remembered
def _words_in(tree: ast.AST) -> frozenset[str]:
    texts = (n.value for n in nodes_in(tree) if isinstance(n, ast.Constant))
    # ``v = property(get_v)`` in a class names a method too.
    return words_in(tree) | {text for text in texts if isinstance(text, str)}
