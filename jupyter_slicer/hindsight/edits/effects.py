"""What added code may do to what training has, statement by statement."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from jupyter_slicer.hindsight.edits import messages
from jupyter_slicer.hindsight.edits.known_calls import (
    HARMLESS_MODULES,
    ITERATORS,
    SAVES,
    STEPPABLE,
    STEPS_OVER,
)
from jupyter_slicer.hindsight.edits.reach import OWN, UNKNOWN, Reach, Value, holding, joined
from jupyter_slicer.hindsight.edits.surroundings import (
    UNSEEN,
    Surroundings,
    imported,
    place,
    shown,
)
from jupyter_slicer.hindsight.edits.syntax import (
    MODULE,
    Function,
    argument_names,
    bound_names,
    local_names,
)

_MOST_STEPS = 5_000
"""Statements looked at; more means that nobody can tell."""


class Finding(NamedTuple):
    """Something that added code does or may do."""

    certain: bool
    line: int
    why: str


class Disturbance(NamedTuple):
    """A state that was changed and may yet be put back."""

    line: int
    why: str
    what: str
    at: int
    """Counts what was done in a run of statements."""


@dataclass
class Frame:
    """The names of one scope: of the cell, of a function of the cell, of one that is called."""

    function: ast.AST | None = None
    own: frozenset[str] | None = None
    """Names that belong to the scope; None for the cell, which has all others."""
    values: dict[str, Value] = field(default_factory=dict)
    of_training: bool = True
    """Whether names that added code has not bound are training's."""


@dataclass
class Effects:
    """Walks added statements in the order of the text and notes what they do.

    A name keeps all values that it is given anywhere, so that the order in which loops
    run the statements does not matter; the walk is done until nothing new is learned.
    """

    known: Surroundings
    names_elsewhere: frozenset[str] = frozenset()
    """Names that other cells may have."""
    findings: dict[Finding, None] = field(default_factory=dict)
    frames: list[Frame] = field(default_factory=lambda: [Frame()])
    disturbed: dict[tuple[str, str], Disturbance] = field(default_factory=dict)
    saved: dict[tuple[int, str], tuple[str, str, int]] = field(default_factory=dict)
    """Names that hold a saved mode or generator state: of what, and when."""
    own_evaluating: set[str] = field(default_factory=set)
    """Models of the added code's own that are in evaluation mode, by their roots."""
    line: int = 0
    scope: int = MODULE
    """The function of the cell in which the statements stand."""
    time: int = 0
    calls: list[ast.AST] = field(default_factory=list)
    returned: list[Value] = field(default_factory=list)
    left: list[dict[tuple[str, str], Disturbance]] = field(default_factory=list)
    """What was disturbed where a function that is called returned."""
    loops: int = 0
    in_class: str = ""
    caught: int = 0

    # -- findings ----------------------------------------------------------------------

    def offence(self, why: str) -> None:
        self.note(True, why)

    def caution(self, why: str) -> None:
        self.note(False, why)

    def note(self, certain: bool, why: str) -> None:
        if self.calls:
            names = [f"`{getattr(c, 'name', 'a lambda')}`" for c in self.calls[:1]]
            why = f"It calls {names[0]}: {why[0].lower()}{why[1:]}" if why else why
        self.findings[Finding(certain, self.line, why)] = None

    def changes(self, value: Value, text: str) -> None:
        """An object is changed in place."""
        if value.reach == Reach.TRAINING:
            self.offence(messages.changes(text, shown(value.root)))
        elif value.reach == Reach.UNKNOWN:
            self.caution(messages.may_change(text))

    def disturb(self, kind: str, which: str, what: str, why: str) -> None:
        if self.calls:
            name = getattr(self.calls[0], "name", "a lambda")
            why = f"It calls `{name}`: {why[0].lower()}{why[1:]}"
        self.time += 1
        key = (kind, which)
        if key not in self.disturbed:
            self.disturbed[key] = Disturbance(self.line, why, what, self.time)

    def settle(self) -> None:
        """What was not put back is an offence."""
        for disturbance in self.disturbed.values():
            self.findings[Finding(True, disturbance.line, disturbance.why)] = None
        self.disturbed = {}
        self.saved = {}

    # -- statements --------------------------------------------------------------------

    def run(self, body: Sequence[ast.stmt]) -> None:
        """Statements that follow each other, with nothing of training's in between."""
        self.block(body)
        self.settle()

    def block(self, body: Sequence[ast.stmt]) -> None:
        for statement in body:
            self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        self.time += 1
        if self.time > _MOST_STEPS:
            if self.time < 2 * _MOST_STEPS:
                self.caution(messages.TOO_MUCH)
                self.time = 2 * _MOST_STEPS
            return
        if not self.calls:
            self.line = node.lineno
        method = getattr(self, f"do_{type(node).__name__}", None)
        if method is not None:
            method(node)

    def branches(self, *bodies: Sequence[ast.stmt]) -> None:
        before = dict(self.disturbed)
        after: dict[tuple[str, str], Disturbance] = {}
        for body in bodies:
            self.disturbed = dict(before)
            self.block(body)
            after |= self.disturbed
        self.disturbed = after

    def do_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call):
            self.call(node.value, alone=True)
        else:
            self.value(node.value)

    def do_Assign(self, node: ast.Assign) -> None:
        if len(node.targets) == 1 and isinstance(node.targets[0], ast.Tuple | ast.List):
            elements = node.targets[0].elts
            if isinstance(node.value, ast.Tuple | ast.List) and len(node.value.elts) == len(
                elements
            ):
                for target, element in zip(elements, node.value.elts, strict=True):
                    self.bind(target, self.value(element), element)
                return
        value = self.value(node.value)
        for target in node.targets:
            self.bind(target, value, node.value)

    def do_AnnAssign(self, node: ast.AnnAssign) -> None:
        value = self.value(node.value) if node.value is not None else OWN
        self.bind(node.target, value, node.value)

    def do_AugAssign(self, node: ast.AugAssign) -> None:
        added = self.value(node.value)
        if isinstance(node.target, ast.Name):
            name = node.target.id
            before = self.named(name)
            # A list that is also training's would grow.
            if before.reach != Reach.OWN and not self.is_trainings(name):
                self.changes(before, name)
            self.bind(node.target, before | added.copied(), None)
        else:
            self.bind(node.target, added, None)

    def do_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                if self.is_trainings(target.id):
                    self.offence(messages.deletes(target.id))
            else:
                self.bind(target, OWN, None)

    def do_For(self, node: ast.For | ast.AsyncFor) -> None:
        if isinstance(node, ast.AsyncFor):
            self.awaits()
        element = self.step_over(node.iter)
        self.bind(node.target, element, None)
        before = dict(self.disturbed)
        self.loops += 1
        self.block(node.body)
        self.block(node.body)
        self.loops -= 1
        self.disturbed = before | self.disturbed if node.body else before
        self.block(node.orelse)

    do_AsyncFor = do_For

    def do_While(self, node: ast.While) -> None:
        self.value(node.test)
        self.loops += 1
        self.branches(node.body, [])
        self.block(node.body)
        self.loops -= 1
        self.value(node.test)
        self.block(node.orelse)

    def do_If(self, node: ast.If) -> None:
        self.value(node.test)
        off = self.is_off(node.test)
        if off is None:
            self.branches(node.body, node.orelse)
        else:
            self.block(node.orelse if off else node.body)

    def is_off(self, test: ast.expr) -> bool | None:
        """Whether ``self.training`` is false, as in a model in evaluation mode."""
        from jupyter_slicer.hindsight.edits.model_calls import evaluates

        match test:
            case ast.UnaryOp(op=ast.Not()):
                inner = self.is_off(test.operand)
                return None if inner is None else not inner
            case ast.Attribute(attr="training"):
                return True if evaluates(self, self.value(test.value).root) else None
        return None

    def do_With(self, node: ast.With | ast.AsyncWith) -> None:
        if isinstance(node, ast.AsyncWith):
            self.awaits()
        forked = False
        for item in node.items:
            forked |= self.forks(item.context_expr)
            value = self.value(item.context_expr)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, value, None)
        before = dict(self.disturbed)
        self.block(node.body)
        if forked:
            for key in [k for k in self.disturbed if k[0] == "draw" and "torch" in k[1]]:
                if key not in before:
                    del self.disturbed[key]

    do_AsyncWith = do_With

    def forks(self, node: ast.expr) -> bool:
        """Whether a context puts torch's generators back."""
        path = self.path(node.func) if isinstance(node, ast.Call) else None
        return path in ("torch.random.fork_rng", "torch.fork_rng")

    def do_Try(self, node: ast.Try) -> None:
        catches = bool(node.handlers)
        self.caught += catches
        before, left = dict(self.disturbed), len(self.left)
        self.block(node.body)
        self.caught -= catches
        whole = before | self.disturbed
        self.block(node.orelse)
        whole_else = dict(self.disturbed)
        after = dict(whole_else)
        for handler in node.handlers:
            self.disturbed = dict(whole)
            if handler.name:
                self.bind(ast.Name(handler.name, ast.Store()), OWN, None)
            self.block(handler.body)
            after |= self.disturbed
        self.disturbed = after
        if node.finalbody:
            for early in self.left[left:]:
                self.disturbed |= early
            del self.left[left:]
            self.block(node.finalbody)

    do_TryStar = do_Try

    def do_Match(self, node: ast.Match) -> None:
        subject = self.value(node.subject)
        for case in node.cases:
            for name in bound_names([case.pattern])[0]:
                self.bind(ast.Name(name, ast.Store()), subject.part(), None)
            if case.guard is not None:
                self.value(case.guard)
        self.branches(*(case.body for case in node.cases), [])

    def do_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for name, path in imported(node).items():
            module = path.lstrip(".").partition(".")[0]
            if module not in HARMLESS_MODULES and (name, path) not in self.known.base_imports:
                self.caution(messages.imports(module))
            if (name, path) not in self.known.base_imports and not self.calls:
                self.check_binding(name, imports=True)
        if isinstance(node, ast.ImportFrom) and any(a.name == "*" for a in node.names):
            self.offence(messages.STAR_IMPORT)

    do_ImportFrom = do_Import

    def do_FunctionDef(self, node: Function) -> None:
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            if default is not None:
                self.value(default)
        for decorator in node.decorator_list:
            self.decorator(decorator)
        if self.in_class:
            self.check_member(node.name)
            return
        self.bind(ast.Name(node.name, ast.Store()), Value(Reach.OWN, "", (node,)), None)

    do_AsyncFunctionDef = do_FunctionDef

    def decorator(self, node: ast.expr) -> None:
        name = node.func if isinstance(node, ast.Call) else node
        last = name.attr if isinstance(name, ast.Attribute) else getattr(name, "id", "")
        if last not in messages.QUIET_DECORATORS:
            self.caution(messages.decorates(ast.unparse(node)))

    def do_ClassDef(self, node: ast.ClassDef) -> None:
        for expression in [*node.bases, *(k.value for k in node.keywords)]:
            self.value(expression)
        for decorator in node.decorator_list:
            self.decorator(decorator)
        for statement in node.body:
            if not isinstance(statement, Function):
                for value in (n for n in ast.iter_child_nodes(statement)):
                    if isinstance(value, ast.expr) and not isinstance(value, ast.Name):
                        self.value(value)
        self.bind(ast.Name(node.name, ast.Store()), OWN, None)

    def do_Return(self, node: ast.Return) -> None:
        if not self.calls:
            self.offence(messages.leaves("return"))
        elif node.value is not None:
            self.returned.append(self.value(node.value))
            self.left.append(dict(self.disturbed))
            return
        if node.value is not None:
            self.value(node.value)
        if self.calls:
            self.left.append(dict(self.disturbed))

    def do_Break(self, node: ast.Break) -> None:
        if not self.loops:
            self.offence(messages.leaves("break"))

    def do_Continue(self, node: ast.Continue) -> None:
        if not self.loops:
            self.offence(messages.leaves("continue"))

    def do_Raise(self, node: ast.Raise) -> None:
        for part in (node.exc, node.cause):
            if part is not None:
                self.value(part)
        if self.calls or self.caught:
            self.caution(messages.MAY_RAISE)
        else:
            self.offence(messages.leaves("raise"))

    def do_Assert(self, node: ast.Assert) -> None:
        self.value(node.test)
        if node.msg is not None:
            self.value(node.msg)
        self.caution(messages.MAY_RAISE)

    def do_Global(self, node: ast.Global | ast.Nonlocal) -> None:
        if not self.calls:
            self.offence(messages.declares(type(node).__name__.lower(), node.names))
            return
        for name in node.names:
            if any(name in names for names in self.known.mentions.values()):
                self.offence(messages.declares(type(node).__name__.lower(), [name]))

    do_Nonlocal = do_Global

    # -- names -------------------------------------------------------------------------

    def bind(self, target: ast.expr, value: Value, origin: ast.expr | None) -> None:
        match target:
            case ast.Name():
                self.bind_name(target.id, value)
                self.remember(target.id, origin)
            case ast.Tuple() | ast.List():
                for element in target.elts:
                    self.bind(element, value.part() if value.reach else OWN, None)
            case ast.Starred():
                self.bind(target.value, value.copied(), None)
            case ast.Attribute() | ast.Subscript():
                self.store(target, value)

    def bind_name(self, name: str, value: Value) -> None:
        frame = self.frame_of(name)
        if frame.of_training and not (self.calls and frame.own is not None):
            self.check_binding(name)
        if value.reach == Reach.OWN and not value.root:
            value = replace(value, root=f"~{name}")
        frame.values[name] = frame.values[name] | value if name in frame.values else value

    def check_binding(self, name: str, imports: bool = False) -> None:
        if self.in_class:
            self.check_member(name)
            return
        if self.is_trainings(name):
            if name == "_" and "_" not in self.known.loads:
                self.caution(messages.UNDERSCORE)
            else:
                self.offence(messages.binds(name, imports))
        elif self.scope == MODULE and name in self.names_elsewhere:
            self.caution(messages.binds_elsewhere(name))
        elif self.known.looks_up_names and self.scope == MODULE:
            self.caution(messages.LOOKS_UP_NAMES)

    def check_member(self, name: str) -> None:
        """A name that is added to a class of training's."""
        if name.startswith("__"):
            self.offence(messages.special_member(name))
        elif name in self.known.attributes or name in messages.MODULE_METHODS:
            self.offence(messages.member(name, self.in_class))
        else:
            bases = [b for c in self.known.classes.get(self.in_class, ()) for b in c.bases]
            if any(not self.is_plain_base(b) for b in bases):
                self.caution(messages.may_be_member(name, self.in_class))

    def is_plain_base(self, base: ast.expr) -> bool:
        if isinstance(base, ast.Name) and base.id in ("object", *self.known.classes):
            return True
        return self.path(base) in ("torch.nn.Module", "torch.nn.modules.Module", "abc.ABC")

    def is_trainings(self, name: str) -> bool:
        frame = self.frame_of(name)
        if not frame.of_training:
            return False
        scope = MODULE if frame.own is None else self.scope
        return name in self.known.mentions.get(scope, set())

    def frame_of(self, name: str) -> Frame:
        """The scope that a name belongs to where the walk is now."""
        function = self.frames[-1].function
        for frame in reversed(self.frames):
            if frame.own is None:
                return frame
            if frame.function is function and name in frame.own:
                return frame
            if frame.function is function and function is not None:
                function = self.known.outer.get(function)
        return self.frames[0]

    def named(self, name: str) -> Value:
        """The value of a variable."""
        frame = self.frame_of(name)
        if name in frame.values and not self.is_trainings(name):
            return frame.values[name]
        functions = tuple(self.known.functions.get(name, ()))
        if not frame.of_training:
            return frame.values.get(name, UNKNOWN)
        root = place(name, frame.function)
        return Value(Reach.TRAINING, root, functions)

    def remember(self, name: str, origin: ast.expr | None) -> None:
        """Note that a name now holds a saved mode or state."""
        key = (id(self.frame_of(name)), name)
        self.saved.pop(key, None)
        self.time += 1
        if isinstance(origin, ast.Attribute) and origin.attr == "training":
            self.saved[key] = ("mode", self.value(origin.value).root, self.time)
        elif isinstance(origin, ast.Call):
            library = SAVES.get(self.path(origin.func) or "")
            if library is not None:
                self.saved[key] = ("draw", library, self.time)

    def saved_in(self, node: ast.expr) -> tuple[str, str, int] | None:
        if not isinstance(node, ast.Name):
            return None
        return self.saved.get((id(self.frame_of(node.id)), node.id))

    def store(self, target: ast.Attribute | ast.Subscript, value: Value) -> None:
        """Assignment to, or deletion of, an attribute or an item."""
        if isinstance(target, ast.Subscript):
            self.value(target.slice)
        holder = self.value(target.value)
        path = self.path(target)
        if path is not None and holder.reach == Reach.TRAINING:
            self.offence(messages.sets_option(path))
            return
        self.changes(holder, ast.unparse(target))
        self.keep(target.value, value)

    def keep(self, holder: ast.expr, value: Value) -> None:
        """An object of the added code's holds a value from now on."""
        while isinstance(holder, ast.Attribute | ast.Subscript | ast.Call):
            holder = holder.func if isinstance(holder, ast.Call) else holder.value
        if value.reach == Reach.OWN or not isinstance(holder, ast.Name):
            return
        frame = self.frame_of(holder.id)
        if holder.id in frame.values:
            frame.values[holder.id] |= value.copied()

    def hidden(self) -> frozenset[str]:
        """Names that are not the cell's where the walk is now."""
        own: set[str] = set()
        function = self.frames[-1].function
        for frame in reversed(self.frames):
            if frame.own is not None and frame.function is function:
                own |= frame.own
                function = self.known.outer.get(function) if function is not None else None
        return frozenset(own)

    def path(self, node: ast.expr) -> str | None:
        """The dotted path of something imported."""
        names: list[str] = []
        walk = node
        while isinstance(walk, ast.Attribute | ast.Subscript):
            if isinstance(walk, ast.Attribute):
                names.append(walk.attr)
            walk = walk.value
        if not isinstance(walk, ast.Name) or walk.id not in self.known.imports:
            return None
        if walk.id in self.hidden() and not self.imported_here(walk.id):
            return None
        return ".".join([self.known.imports[walk.id], *reversed(names)])

    def imported_here(self, name: str) -> bool:
        return not any(key == name or key.endswith(f":{name}") for key in self.known.origins)

    # -- expressions -------------------------------------------------------------------

    def value(self, node: ast.expr) -> Value:
        """Whose an expression's value is; what computing it does is noted."""
        match node:
            case ast.FormattedValue():
                self.special(self.value(node.value), "__format__", "__str__", "__repr__")
                if node.format_spec is not None:
                    self.value(node.format_spec)
                return OWN
            case ast.Constant() | ast.Compare() | ast.JoinedStr():
                self.parts(node)
                return OWN
            case ast.UnaryOp():
                return self.value(node.operand).copied()
            case ast.Name():
                return self.named(node.id)
            case ast.Attribute():
                return self.attribute(node)
            case ast.Subscript():
                return self.item(node)
            case ast.BinOp():
                return holding([self.value(node.left), self.value(node.right)])
            case ast.BoolOp():
                return joined([self.value(v) for v in node.values])
            case ast.IfExp():
                self.value(node.test)
                return self.value(node.body) | self.value(node.orelse)
            case ast.Tuple() | ast.List() | ast.Set():
                return holding([self.value(e) for e in node.elts])
            case ast.Dict():
                parts = [*(k for k in node.keys if k is not None), *node.values]
                return holding([self.value(p) for p in parts])
            case ast.Starred():
                return self.step_over(node.value)
            case ast.NamedExpr():
                value = self.value(node.value)
                self.bind(node.target, value, node.value)
                return value
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self.comprehension(node)
            case ast.Lambda():
                self.known.outer.setdefault(node, self.frames[-1].function)
                return Value(Reach.OWN, "", (node,))
            case ast.Call():
                return self.call(node)
            case ast.Await():
                self.awaits()
                return self.value(node.value)
            case ast.Yield() | ast.YieldFrom():
                return self.yields(node)
        return self.parts(node)

    def parts(self, node: ast.AST) -> Value:
        values = []
        for child in ast.iter_child_nodes(node):
            values.append(
                self.value(child) if isinstance(child, ast.expr) else self.parts(child)
            )
        return holding(values)

    def awaits(self) -> None:
        self.caution(messages.AWAITS)

    def yields(self, node: ast.Yield | ast.YieldFrom) -> Value:
        if not self.calls:
            self.offence(messages.leaves("yield"))
        if node.value is not None:
            self.returned.append(self.value(node.value))
        return UNKNOWN

    def attribute(self, node: ast.Attribute) -> Value:
        holder = self.value(node.value)
        if node.attr in ("shape", "dtype", "ndim", "training", "requires_grad", "__name__"):
            return OWN
        if holder.reach >= Reach.UNKNOWN and self.path(node) is None:
            for getter in self.properties(node.attr):
                self.look_through(getter, [holder], {})
        return holder.part(node.attr)

    def is_list(self, value: Value) -> bool:
        """Whether a value is a plain list, so that a part of it is a new one."""
        origins = self.known.origins_of(value.root)
        return value.reach <= Reach.SHELL or (
            bool(origins)
            and all(
                isinstance(o, ast.List | ast.ListComp)
                or (isinstance(o, ast.Call) and _last(o.func) in ("list", "sorted"))
                for o in origins
            )
        )

    def properties(self, name: str) -> list[ast.AST]:
        return [
            f
            for f in self.known.methods(name)
            if any("property" in ast.unparse(d) for d in getattr(f, "decorator_list", ()))
        ]

    def item(self, node: ast.Subscript) -> Value:
        self.value(node.slice)
        holder = self.value(node.value)
        if holder.reach == Reach.TRAINING and any(
            "defaultdict" in ast.unparse(o) for o in self.known.origins_of(holder.root)
        ):
            self.caution(messages.default_item(ast.unparse(node)))
        self.special(holder, "__getitem__")
        if isinstance(node.value, ast.Attribute) and node.value.attr == "dataset":
            self.caution(messages.deep_call(ast.unparse(node)))
        if isinstance(node.slice, ast.Slice) and self.is_list(holder):
            return holder.copied()
        return holder.part()

    def comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> Value:
        names = {n for g in node.generators for n in bound_names([g.target])[0]}
        with self.inner_scope(node, frozenset(names)):
            for generator in node.generators:
                if generator.is_async:
                    self.awaits()
                self.bind(generator.target, self.step_over(generator.iter), None)
                for test in generator.ifs:
                    self.value(test)
            if isinstance(node, ast.DictComp):
                return holding([self.value(node.key), self.value(node.value)])
            return holding([self.value(node.elt)])

    @contextmanager
    def inner_scope(self, node: ast.AST, own: frozenset[str]) -> Iterator[Frame]:
        self.known.outer.setdefault(node, self.frames[-1].function)
        frame = Frame(node, own, of_training=False)
        self.frames.append(frame)
        try:
            yield frame
        finally:
            self.frames.pop()

    # -- stepping over things ------------------------------------------------------------

    def step_over(self, node: ast.expr) -> Value:
        """What comes out of an iterable; one of training's iterators is used up."""
        value = self.value(node)
        if value.is_loader:
            text = ast.unparse(node)
            self.disturb("draw", "torch", text, messages.steps_over_loader(text))
        if value.reach == Reach.OWN:
            return OWN
        if self.special(value, "__iter__"):
            return value.part()
        if value.reach == Reach.TRAINING and not self.steps_safely(node, value):
            self.use_up(node, value)
        elif value.reach == Reach.UNKNOWN and not self.gives_new(node):
            self.caution(messages.may_use_up(ast.unparse(node)))
        return value.part()

    def special(self, value: Value, *names: str) -> bool:
        """Look through a method that Python calls by itself; gives whether there is one."""
        if value.reach < Reach.UNKNOWN or not value.root:
            return False
        classes = {
            c for o in self.known.origins_of(value.root) for c in self.known.classes_of(o)
        }
        methods = [f for c in classes for name in names for f in self.known.method_of(c, name)]
        for method in methods:
            self.look_through(method, [value, *[UNKNOWN] * 2], {})
        return bool(methods)

    def gives_new(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Call):
            node = node.func
        last = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
        return last in STEPS_OVER or last in STEPPABLE

    def steps_safely(self, node: ast.expr, value: Value) -> bool:
        if self.gives_new(node):
            return True
        origins = self.known.origins_of(value.root)
        return bool(origins) and all(self.is_steppable(o, 8) for o in origins)

    def is_steppable(self, origin: ast.expr, depth: int) -> bool:
        """Whether a value can be stepped over without any harm."""
        match origin:
            case ast.List() | ast.Tuple() | ast.Set() | ast.Dict() | ast.JoinedStr():
                return True
            case ast.ListComp() | ast.SetComp() | ast.DictComp():
                return True
            case ast.Constant():
                return origin is not UNSEEN
            case ast.BinOp():
                return self.is_steppable(origin.left, depth) or self.is_steppable(
                    origin.right, depth
                )
            case ast.Call():
                path = self.known.dotted(origin.func) or ""
                last = path.rpartition(".")[2] or _last(origin.func)
                if last in ITERATORS or last == "DataLoader":
                    return False
                return last in STEPPABLE or path.startswith(("numpy.", "pandas."))
            case ast.Name() if depth:
                inner = self.known.origins.get(origin.id, [])
                return bool(inner) and all(self.is_steppable(o, depth - 1) for o in inner)
        return False

    def use_up(self, node: ast.expr, value: Value) -> None:
        text = shown(value.root) if self.calls else ast.unparse(node)
        origins = self.known.origins_of(value.root)
        for origin in origins:
            if isinstance(origin, ast.Call):
                path = self.known.dotted(origin.func) or ""
                last = path.rpartition(".")[2] or _last(origin.func)
                if last == "DataLoader":
                    self.use_loader(text, origin)
                    return
                if last in ITERATORS or self.is_generator(last):
                    self.offence(messages.uses_up(text))
                    return
            if isinstance(origin, ast.GeneratorExp):
                self.offence(messages.uses_up(text))
                return
        if "loader" in text.lower() or text.endswith("_dl"):
            self.caution(messages.may_be_loader(text))
        else:
            self.caution(messages.may_use_up(text))

    def use_loader(self, text: str, origin: ast.Call) -> None:
        own = next((k.value for k in origin.keywords if k.arg == "generator"), None)
        if own is not None:
            self.offence(messages.draws_from_own(text, ast.unparse(own)))
        else:
            self.disturb("draw", "torch", text, messages.steps_over_loader(text))

    def is_generator(self, name: str) -> bool:
        return any(
            isinstance(n, ast.Yield | ast.YieldFrom)
            for f in self.known.functions.get(name, ())
            for n in ast.walk(f)
        )

    # -- calls -------------------------------------------------------------------------

    def call(
        self, node: ast.Call, alone: bool = False, given: Sequence[Value] | None = None
    ) -> Value:
        """``given``: arguments that no text shows, as when ``map`` calls a function."""
        from jupyter_slicer.hindsight.edits.calls import call_value

        return call_value(self, node, alone, given)

    def look_through(
        self, function: ast.AST, arguments: Sequence[Value], keywords: Mapping[str, Value]
    ) -> Value:
        """What a function of the text does with its arguments."""
        if function in self.calls or len(self.calls) > 12:
            return UNKNOWN
        own = (
            local_names(function)
            if isinstance(function, Function)
            else frozenset(argument_names(function))  # type: ignore[arg-type]
        )
        returned, left = self.returned, self.left
        self.returned, self.left = [], []
        self.calls.append(function)
        loops, self.loops = self.loops, 0
        try:
            defaults = self.default_values(function)
            with self.inner_scope(function, own) as frame:
                frame.values |= defaults | _bound(function, arguments, keywords)
                if isinstance(function, ast.Lambda):
                    self.returned.append(self.value(function.body))
                else:
                    self.block(function.body)  # type: ignore[attr-defined]
                for early in self.left:
                    self.disturbed = early | self.disturbed
            return joined(self.returned)
        finally:
            self.loops = loops
            self.calls.pop()
            self.returned, self.left = returned, left

    def default_values(self, function: ast.AST) -> dict[str, Value]:
        arguments: ast.arguments = function.args  # type: ignore[attr-defined]
        named = [*arguments.posonlyargs, *arguments.args]
        found = dict(zip((a.arg for a in named[::-1]), arguments.defaults[::-1], strict=False))
        found |= {
            a.arg: d
            for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if d is not None
        }
        # A list as a default value lives as long as the function.
        return {name: self.value(default) for name, default in found.items()}


def _bound(
    function: ast.AST, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> dict[str, Value]:
    spec: ast.arguments = function.args  # type: ignore[attr-defined]
    named = [a.arg for a in [*spec.posonlyargs, *spec.args]]
    bound = dict(zip(named, arguments, strict=False))
    bound |= {k: v for k, v in keywords.items() if k}
    rest = holding([*arguments[len(named) :], *keywords.values()])
    if spec.vararg is not None:
        bound[spec.vararg.arg] = rest
    if spec.kwarg is not None:
        bound[spec.kwarg.arg] = rest
    for name in [*named, *(a.arg for a in spec.kwonlyargs)]:
        if name not in bound and "*" in keywords:
            bound[name] = keywords["*"]
    return bound


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
