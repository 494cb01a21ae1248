"""What a top-level statement could read, write and call, by its text alone."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from jupyter_slicer.analysis.projection import Projection, computed, located, projection

PathItem = tuple[Literal[".", "[]", "[n]"], str | int]
"""One step of an access path: an attribute, a constant key or index, or one that a
variable holds, which then is the last."""

PURE_BUILTINS = frozenset(
    "abs all any ascii bin bool callable chr complex divmod float format hasattr hash hex id int "
    "isinstance issubclass len max min oct ord pow print range repr round slice sorted str sum "
    "type display".split()
)
"""Builtins that change none of their arguments unless those have methods that do."""

SEEDING = frozenset("seed set_state setstate manual_seed manual_seed_all set_rng_state".split())
"""Calls that overwrite a generator's state instead of advancing it."""


@dataclass(frozen=True, slots=True)
class Access:
    """A use of a global name, as far along a constant path as the text shows."""

    name: str
    path: tuple[PathItem, ...] = ()
    deep: bool = True
    """Whether what is reached can be read as a whole; else only the reference moves."""
    pure: bool = False
    """Whether the text shows that nothing is changed through it."""
    deletes: bool = False

    def __str__(self) -> str:
        tail = "".join(f".{k}" if op == "." else f"[{k!r}]" for op, k in self.path)
        return self.name + tail


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """What one top-level statement could do."""

    reads: tuple[Access, ...]
    stores: tuple[Access, ...]
    """Attributes and items that are assigned or deleted."""
    defines: frozenset[str]
    definite: frozenset[str]
    """Names that are certainly bound when it ends normally."""
    deletes: frozenset[str]
    mentions: frozenset[str]
    """Every identifier and attribute name in it."""
    strings: tuple[str, ...]
    called: frozenset[str]
    """Last name of every call's function, as in ``seed`` for ``np.random.seed(0)``."""
    callers: frozenset[str]
    """First name of every call's function, as in ``np`` for ``np.random.seed(0)``."""
    imports: frozenset[str] = frozenset()
    discards: bool = False
    """Whether it is an expression whose value goes nowhere."""
    is_import: bool = False
    modules: frozenset[str] = frozenset()
    """First names of the modules that it imports from; empty for a relative one."""
    compound: bool = False
    awaits: bool = False
    attribute_stores: tuple[tuple[str, tuple[PathItem, ...]], ...] = ()
    """Where attributes are set, by name and path; no name where no text shows it."""
    takes_namespace: bool = False
    """Whether it goes through all variables, as in ``for name in globals()``."""


def statement_facts(statement: ast.stmt | Iterable[ast.stmt]) -> StatementFacts:
    """Facts of one statement, or of several taken as one (a translated magic)."""
    body = [statement] if isinstance(statement, ast.stmt) else list(statement)
    reader = _Reader()
    reader.block(body)
    return reader.facts(body)


@dataclass
class _Reader:
    """Walks a statement in the order in which it runs.

    ``bound`` holds the names that the statement itself has certainly bound so far:
    reading those is no use of anything outside.
    """

    reads: dict[Access, None] = field(default_factory=dict)
    stores: dict[Access, None] = field(default_factory=dict)
    defines: set[str] = field(default_factory=set)
    deletes: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    hidden: list[set[str]] = field(default_factory=list)
    """Names local to enclosing comprehensions, lambdas, functions and classes."""
    in_function: int = 0
    pure_depth: int = 0
    handed_on: bool = False
    """Whether the value of what is read next goes to code that may change it."""
    awaits: bool = False

    def facts(self, body: list[ast.stmt]) -> StatementFacts:
        mentions: set[str] = set()
        strings: list[str] = []
        called: set[str] = set()
        callers: set[str] = set()
        imports: set[str] = set()
        modules: set[str] = set()
        takes_namespace = False
        attribute_stores: list[tuple[str, tuple[PathItem, ...]]] = []
        for node in (n for s in body for n in ast.walk(s)):
            if isinstance(node, ast.Name):
                mentions.add(node.id)
            elif isinstance(node, ast.Attribute):
                mentions.add(node.attr)
            elif isinstance(node, ast.JoinedStr):
                mentions.add("JoinedStr")
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                strings.append(node.value)
            elif isinstance(node, ast.alias):
                imports.add(node.name)
            elif isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                module = node.module or ""
                imports |= {module} if module else set()
                modules.add("" if node.level else module.partition(".")[0])
            elif isinstance(node, ast.Call):
                name = _last_name(node.func)
                if name:
                    called.add(name)
                callers.add(_first_name(node.func))
                if name in ("run_line_magic", "run_cell_magic") and node.args:
                    mentions |= set(_text(node.args[0]))
                takes_namespace |= name in _TAKING and any(map(_is_namespace, node.args))
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
                if isinstance(node.left, ast.Constant) and isinstance(node.left.value, str):
                    mentions.add("JoinedStr")
            elif isinstance(node, ast.For | ast.comprehension):
                takes_namespace |= _is_namespace(node.iter)
            if isinstance(node, ast.Attribute):
                if isinstance(node.ctx, ast.Store):
                    attribute_stores.append(_stored_at(node))
                takes_namespace |= node.attr in _VIEWS and _is_namespace(node.value)
        simple = len(body) == 1
        return StatementFacts(
            reads=tuple(self.reads),
            stores=tuple(self.stores),
            defines=frozenset(self.defines),
            definite=frozenset(self.bound & self.defines),
            deletes=frozenset(self.deletes),
            mentions=frozenset(mentions),
            strings=tuple(strings),
            called=frozenset(called),
            callers=frozenset(callers),
            discards=simple and isinstance(body[0], ast.Expr),
            imports=frozenset(imports),
            is_import=simple and isinstance(body[0], ast.Import | ast.ImportFrom),
            modules=frozenset(modules),
            compound=not simple or hasattr(body[0], "body"),
            awaits=self.awaits,
            takes_namespace=takes_namespace,
            attribute_stores=tuple(attribute_stores),
        )

    # -- names -----------------------------------------------------------------

    def local(self, name: str) -> bool:
        """Names of a class are seen in its body alone, not from what is nested in it."""
        inmost = self.hidden[-1] if self.hidden else ()
        return name in inmost or any(
            name in names for names in self.hidden if type(names) is not _ClassNames
        )

    def read(self, name: str, path: tuple[PathItem, ...] = (), deep: bool = True) -> None:
        if not self.local(name) and (self.in_function or name not in self.bound):
            self.reads[Access(name, path, deep, pure=bool(self.pure_depth))] = None

    def bind(self, name: str) -> None:
        if self.hidden and self.in_function:
            self.hidden[-1].add(name)
        elif self.hidden:
            self.hidden[-1].add(name)
        else:
            self.defines.add(name)
            self.bound.add(name)
            self.deletes.discard(name)

    # -- statements ------------------------------------------------------------

    def block(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self.statement(statement)

    def branches(self, *bodies: list[ast.stmt]) -> None:
        """Only what every branch binds is certainly bound afterwards."""
        before = set(self.bound)
        after: list[set[str]] = []
        for body in bodies:
            self.bound = set(before)
            self.block(body)
            if not (body and isinstance(body[-1], ast.Raise | ast.Return)):
                after.append(self.bound)
        self.bound = set.intersection(*after) if after else before

    def statement(self, node: ast.stmt) -> None:
        method = getattr(self, f"do_{type(node).__name__}", None)
        if method is not None:
            method(node)
        else:
            self.children(node)

    def children(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.expression(child)
            elif isinstance(child, ast.stmt):
                self.statement(child)
            else:
                self.children(child)

    def do_Expr(self, node: ast.Expr) -> None:
        self.expression(node.value)

    def do_Assign(self, node: ast.Assign) -> None:
        literal = isinstance(node.value, ast.Tuple | ast.List)
        kept = any(not isinstance(t, ast.Name) for t in node.targets)
        self.expression(node.value, deep=kept and not literal, stored=True)
        for target in node.targets:
            self.target(target)

    def do_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.expression(node.annotation)
        if node.value is not None:
            self.expression(node.value, deep=False, stored=True)
            self.target(node.target)

    def do_AugAssign(self, node: ast.AugAssign) -> None:
        self.expression(node.target)
        self.expression(node.value)
        self.target(node.target)

    def do_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.read(target.id, deep=False)
                self.bound.discard(target.id)
                if not self.hidden:
                    self.deletes.add(target.id)
            elif isinstance(target, ast.Attribute | ast.Subscript):
                self.expression(target, deep=False)
                self.store(target, deletes=True)
            else:
                self.children(target)

    def do_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.awaits |= isinstance(node, ast.AsyncFor)
        self.handed_on = True  # to the loop's body
        self.expression(node.iter)
        self.handed_on = False
        before = set(self.bound)
        self.target(node.target)
        self.block(node.body)
        self.bound = before
        self.block(node.orelse)

    do_AsyncFor = do_For

    def do_While(self, node: ast.While) -> None:
        self.expression(node.test)
        before = set(self.bound)
        self.block(node.body)
        self.bound = before
        self.block(node.orelse)

    def do_If(self, node: ast.If) -> None:
        self.expression(node.test)
        self.branches(node.body, node.orelse)

    def do_With(self, node: ast.With | ast.AsyncWith) -> None:
        self.awaits |= isinstance(node, ast.AsyncWith)
        for item in node.items:
            self.expression(item.context_expr)
            if item.optional_vars is not None:
                self.target(item.optional_vars)
        self.block(node.body)

    do_AsyncWith = do_With

    def do_Try(self, node: ast.Try) -> None:
        before = set(self.bound)
        self.block(node.body)
        self.block(node.orelse)
        whole = self.bound
        for handler in node.handlers:
            self.bound = set(before)
            if handler.type is not None:
                self.expression(handler.type)
            if handler.name:
                self.bind(handler.name)
            self.block(handler.body)
            if not (handler.body and isinstance(handler.body[-1], ast.Raise)):
                whole = whole & self.bound
            if handler.name:
                whole.discard(handler.name)
        self.bound = set(whole)
        self.block(node.finalbody)

    do_TryStar = do_Try

    def do_Match(self, node: ast.Match) -> None:
        self.expression(node.subject)
        before = set(self.bound)
        for case in node.cases:
            self.bound = set(before)
            for part in ast.walk(case.pattern):
                if isinstance(part, ast.MatchAs | ast.MatchStar) and part.name:
                    self.bind(part.name)
                elif isinstance(part, ast.MatchMapping) and part.rest:
                    self.bind(part.rest)
                elif isinstance(part, ast.MatchValue):
                    self.expression(part.value)
                elif isinstance(part, ast.MatchClass):
                    self.expression(part.cls)
            if case.guard is not None:
                self.expression(case.guard)
            self.block(case.body)
        self.bound = before

    def do_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.bind(alias.asname or alias.name.split(".")[0])

    def do_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name != "*":
                self.bind(alias.asname or alias.name)

    def do_Global(self, node: ast.Global) -> None:
        for names in self.hidden:
            names.difference_update(node.names)

    def do_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self.expression(decorator)
        arguments = node.args
        for default in [*arguments.defaults, *arguments.kw_defaults]:
            if default is not None:
                self.expression(default, deep=False, stored=True)
        for argument in _arguments(arguments):
            if argument.annotation is not None:
                self.expression(argument.annotation)
        if node.returns is not None:
            self.expression(node.returns)
        if self.in_function or any(not _keeps_latent(d) for d in node.decorator_list):
            self.function_body(arguments, node.body, node.name)
        self.bind(node.name)

    do_AsyncFunctionDef = do_FunctionDef

    def function_body(
        self, arguments: ast.arguments, body: list[ast.stmt] | ast.expr, name: str = ""
    ) -> None:
        """Free names of a function that may be called before the statement ends."""
        inner = {a.arg for a in _arguments(arguments)} | ({name} if name else set())
        if isinstance(body, list):
            inner |= _assigned_names(body)
        self.hidden.append(inner)
        self.in_function += 1
        if isinstance(body, list):
            self.block(body)
        else:
            self.expression(body)
        self.in_function -= 1
        self.hidden.pop()

    def do_ClassDef(self, node: ast.ClassDef) -> None:
        for expression in [*node.decorator_list, *node.bases]:
            self.expression(expression)
        for keyword in node.keywords:
            self.expression(keyword.value)
        self.hidden.append(_ClassNames())
        self.block(node.body)
        self.hidden.pop()
        self.bind(node.name)

    # -- targets ---------------------------------------------------------------

    def target(self, node: ast.expr) -> None:
        if isinstance(node, ast.Name):
            self.bind(node.id)
        elif isinstance(node, ast.Tuple | ast.List):
            for element in node.elts:
                self.target(element)
        elif isinstance(node, ast.Starred):
            self.target(node.value)
        elif isinstance(node, ast.Attribute | ast.Subscript):
            self.store(node)
        else:
            self.expression(node)

    def store(self, node: ast.Attribute | ast.Subscript, deletes: bool = False) -> None:
        columns = None if deletes else located(node)
        if columns is not None:
            # Other rows keep what they have.
            self.project(columns)
            if not self.local(columns.name):
                for column in columns.columns:
                    place: PathItem = ("[]", column)
                    self.stores[Access(columns.name, (place,), deep=False)] = None
            return
        if isinstance(node, ast.Subscript):
            self.expression(node.slice)
        root, path, whole = _chain(node)
        if isinstance(root, ast.Name):
            base = path[:-1] if whole else path
            self.read(root.id, base, deep=False)
            if not self.local(root.id):
                self.stores[Access(root.id, path, deep=not whole, deletes=deletes)] = None
            self.indices(node.value)
        else:
            self.expression(node.value)

    # -- expressions -----------------------------------------------------------

    def expression(self, node: ast.expr, deep: bool = True, stored: bool = False) -> None:
        """``deep``: what comes out is read, not only moved; ``stored``: bound to a name."""
        match node:
            case ast.Name():
                self.read(node.id, deep=deep)
            case ast.Attribute() | ast.Subscript():
                self.access(node, deep)
            case ast.Constant():
                pass
            case ast.Tuple() | ast.List():
                for element in node.elts:
                    self.expression(element, deep)
            case ast.Dict():
                for key in node.keys:
                    if key is not None:
                        self.expression(key)
                for key, value in zip(node.keys, node.values, strict=True):
                    self.expression(value, deep or key is None)
            case ast.IfExp():
                self.expression(node.test)
                self.expression(node.body, deep)
                self.expression(node.orelse, deep)
            case ast.NamedExpr():
                self.expression(node.value, deep)
                if isinstance(node.target, ast.Name):
                    self.bind_walrus(node.target.id)
            case ast.Lambda():
                for default in [*node.args.defaults, *node.args.kw_defaults]:
                    if default is not None:
                        self.expression(default, deep=False)
                if not stored:
                    self.function_body(node.args, node.body)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                self.comprehension(node)
            case ast.Call():
                self.call(node)
            case ast.Await():
                self.awaits = True
                self.expression(node.value)
            case _:
                self.children(node)

    def bind_walrus(self, name: str) -> None:
        if self.in_function:
            self.hidden[-1].add(name)
        else:
            self.defines.add(name)
            self.bound.add(name)

    def comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> None:
        self.expression(node.generators[0].iter)  # outside, as Python does
        self.hidden.append(set())
        for generator in node.generators:
            self.awaits |= bool(generator.is_async)
            if generator is not node.generators[0]:
                self.expression(generator.iter)
            self.hidden[-1] |= _target_names(generator.target)
            for test in generator.ifs:
                self.expression(test)
        if isinstance(node, ast.DictComp):
            self.expression(node.key)
            self.expression(node.value)
        else:
            self.expression(node.elt)
        self.hidden.pop()

    def call(self, node: ast.Call) -> None:
        function = node.func
        accessor = _constant_getattr(node)
        if accessor is not None:
            self.reads_accessor(node, accessor)
            return
        columns = computed(node)
        if columns is not None:
            self.project(columns)
            return
        pure = (
            isinstance(function, ast.Name)
            and function.id in PURE_BUILTINS
            and not any(k.arg in ("key", "file") for k in node.keywords)
        )
        item = _is_constant_get(node)
        if item:
            self.access(ast.Subscript(function.value, node.args[0], ast.Load()), deep=True)  # type: ignore[attr-defined]
            node = ast.Call(ast.Name("dict"), node.args[1:], [])
        # What a call that does more than compute is called on, and given, it may change:
        # also what  get_axes()  gave.
        outer, handed = self.pure_depth, self.handed_on
        reads = isinstance(function, ast.Attribute) and _reads_only(function.attr)
        if not item:
            self.pure_depth = outer + 1 if reads and not handed else 0
            self.handed_on = not reads or handed
            self.expression(function)
        self.pure_depth = outer + 1 if pure else 0
        self.handed_on = not pure
        for argument in node.args:
            inner = argument.value if isinstance(argument, ast.Starred) else argument
            self.expression(inner)
        for keyword in node.keywords:
            self.expression(keyword.value)
        self.pure_depth, self.handed_on = outer, handed

    def reads_accessor(self, node: ast.Call, attribute: str) -> None:
        """``getattr(o, "k")`` and ``setattr(o, "k", v)`` are ``o.k`` and ``o.k = v``."""
        assert isinstance(node.func, ast.Name)
        self.read(node.func.id, deep=False)
        root, path, whole = _chain(node.args[0])
        for extra in node.args[2:]:
            self.expression(extra, deep=False)
        if not isinstance(root, ast.Name) or not whole:
            self.expression(node.args[0])
            return
        if node.func.id == "setattr":
            self.read(root.id, path, deep=False)
            if not self.local(root.id):
                self.stores[Access(root.id, (*path, (".", attribute)), deep=False)] = None
        else:
            self.read(root.id, (*path, (".", attribute)))

    def access(self, node: ast.Attribute | ast.Subscript, deep: bool) -> None:
        columns = projection(node)
        if columns is not None:
            self.project(columns)
            return
        root, path, whole = _chain(node)
        self.indices(node)
        if isinstance(root, ast.Name):
            self.read(root.id, path, deep or not whole)
        else:
            self.expression(root)

    def project(self, columns: Projection) -> None:
        for column in columns.columns:
            self.read(columns.name, (("[]", column),))
        if columns.by and (self.in_function or columns.by in self.defines | self.bound):
            self.read(columns.name)
        elif columns.by:
            self.read(columns.name, (("[n]", columns.by),))
        for other in columns.others:
            self.expression(other)

    def indices(self, node: ast.expr) -> None:
        while isinstance(node, ast.Attribute | ast.Subscript):
            if isinstance(node, ast.Subscript) and _constant(node.slice) is None:
                self.expression(node.slice)
            node = node.value


class _ClassNames(set[str]):
    """What the body of a class binds."""


def _reads_only(method: str) -> bool:
    return method.startswith(("get_", "is_", "has_")) or method in ("shape", "copy")


def _chain(node: ast.expr) -> tuple[ast.expr, tuple[PathItem, ...], bool]:
    """The root of ``a.b["k"].c``, its constant path, and whether that is all of it."""
    items: list[PathItem | None] = []
    while isinstance(node, ast.Attribute | ast.Subscript):
        if isinstance(node, ast.Attribute):
            items.append((".", node.attr))
        else:
            items.append(_constant(node.slice))
        node = node.value
    path: list[PathItem] = []
    for item in reversed(items):
        if item is None:
            return node, tuple(path), False
        path.append(item)
    return node, tuple(path), True


def _text(node: ast.expr) -> list[str]:
    value = node.value if isinstance(node, ast.Constant) else None
    return [value] if isinstance(value, str) else []


def _stored_at(node: ast.Attribute) -> tuple[str, tuple[PathItem, ...]]:
    root, path, whole = _chain(node)
    if isinstance(root, ast.Name) and whole:
        return root.id, path
    return "", ((".", node.attr),)


def _constant(node: ast.expr) -> PathItem | None:
    if isinstance(node, ast.Constant) and type(node.value) in (str, int):
        return ("[]", node.value)  # type: ignore[return-value]
    return None


def _constant_getattr(node: ast.Call) -> str | None:
    if isinstance(node.func, ast.Name) and node.func.id in ("getattr", "setattr", "hasattr"):
        arguments = node.args
        if (
            len(arguments) >= 2
            and isinstance(arguments[1], ast.Constant)
            and isinstance(arguments[1].value, str)
        ):
            return arguments[1].value
    return None


def _is_constant_get(node: ast.Call) -> bool:
    """``d.get("k")`` reads one key of a dictionary."""
    return (
        isinstance(node.func, ast.Attribute)
        and node.func.attr == "get"
        and 1 <= len(node.args) <= 2
        and not node.keywords
        and _constant(node.args[0]) is not None
    )


def _keeps_latent(decorator: ast.expr) -> bool:
    """Whether a decorator is known not to call the function that it is given."""
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    return _last_name(target) in {
        "property", "setter", "getter", "staticmethod", "classmethod", "abstractmethod",
        "lru_cache", "cache", "cached_property", "wraps", "contextmanager", "dataclass",
        "njit", "jit", "overload", "no_grad", "singledispatch", "total_ordering",
    }  # fmt: skip


_TAKING = frozenset("list tuple set dict sorted len iter map filter frozenset".split())
_VIEWS = frozenset("items values keys copy".split())


def _is_namespace(node: ast.expr) -> bool:
    """``globals()``, and ``vars()``, ``locals()``, ``dir()`` at the top of a cell."""
    name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
    return name in ("globals", "vars", "locals", "dir") and not node.args  # type: ignore


def _last_name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else None


def _first_name(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return named + [a for a in (arguments.vararg, arguments.kwarg) if a is not None]


def _target_names(target: ast.expr) -> set[str]:
    return {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}


def _assigned_names(body: list[ast.stmt]) -> set[str]:
    """Names local to a function, by the rule that any assignment makes one local."""
    names: set[str] = set()
    released: set[str] = set()
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Global | ast.Nonlocal):
            released |= set(node.names)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
            continue
        elif isinstance(node, ast.Lambda):
            continue
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
        stack.extend(ast.iter_child_nodes(node))
    return names - released
