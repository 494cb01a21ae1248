"""Why a statement that looks harmless may not be: what the notebook itself has defined.

``print`` may be the notebook's own, ``meter.count()`` may count, ``row[0]`` may run the
notebook's ``__getitem__``, ``sum(it)`` uses an iterator up, and a function whose exception
somebody catches is needed for failing.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from jupyter_slicer.analysis.tree import DEFINITIONS, kinds, nodes_in, remembered, words_in

_COMPARED = "__eq__ __ne__ __lt__ __le__ __gt__ __ge__ __contains__"
_COMBINED = (
    "__add__ __sub__ __mul__ __truediv__ __floordiv__ __mod__ __pow__ __matmul__ __and__ __or__ "
    "__xor__ __lshift__ __rshift__ __radd__ __rsub__ __rmul__ __rtruediv__ __ror__"
)
_Kinds = tuple[type[ast.AST], ...]
_LOOPED: _Kinds = (ast.For, ast.comprehension, ast.Starred, ast.Call)
_SHOWN: _Kinds = (ast.Call, ast.FormattedValue)

_OPERATORS: dict[str, _Kinds] = {
    **dict.fromkeys(("__getitem__", "__missing__", "__index__"), (ast.Subscript,)),
    **dict.fromkeys(("__getattr__", "__getattribute__", "__get__"), (ast.Attribute,)),
    **dict.fromkeys(("__iter__", "__next__"), _LOOPED),
    **dict.fromkeys(("__str__", "__repr__", "__format__"), _SHOWN),
    **dict.fromkeys(("__len__", "__float__", "__int__", "__array__"), (ast.Call,)),
    **dict.fromkeys(("__neg__", "__pos__", "__invert__"), (ast.UnaryOp,)),
    **dict.fromkeys(_COMPARED.split(), (ast.Compare,)),
    **dict.fromkeys(_COMBINED.split(), (ast.BinOp,)),
    "__hash__": (ast.Subscript, ast.Call),
    "__bool__": (ast.If, ast.While, ast.BoolOp, ast.UnaryOp, ast.IfExp),
}
"""Which syntax runs which method of a class."""
_WRITTEN = {
    **dict.fromkeys(("__set__", "__setattr__", "__delattr__", "__delete__"), (ast.Attribute,)),
    **dict.fromkeys(("__setitem__", "__delitem__"), (ast.Subscript,)),
    **dict.fromkeys(("__iadd__", "__isub__", "__imul__", "__ior__"), (ast.AugAssign,)),
}
"""The same of methods that are there to change their own object."""

_LAZY = frozenset(
    "iter map filter zip enumerate reversed open islice chain count cycle repeat tee takewhile "
    "dropwhile accumulate starmap groupby defaultdict scandir reader DictReader iterrows "
    "itertuples".split()
)
"""Calls whose result changes when it is only read."""

_SHOWS = frozenset(
    "print len type id isinstance callable debug info warning error critical".split()
)
_INSERTING = frozenset("defaultdict shelve zarr h5py".split())
_UNCAUGHT = frozenset("KeyboardInterrupt ImportError ModuleNotFoundError SystemExit".split())


@dataclass(frozen=True, slots=True)
class Cautions:
    """What the text of a session says about names and syntax that look harmless."""

    shadowed: frozenset[str] = frozenset()
    """Builtins that the notebook binds itself."""
    methods: frozenset[str] = frozenset()
    """Methods of its classes that do more than compute."""
    quiet: frozenset[str] = frozenset()
    """Those among them that change nothing but their own object's attributes."""
    properties: frozenset[str] = frozenset()
    """Attributes that run a method which does more than compute."""
    syntax: tuple[type[ast.AST], ...] = ()
    """Operators that do."""
    guarded: frozenset[str] = frozenset()
    """Functions whose exceptions are caught somewhere, or ended a statement."""
    plain: frozenset[str] = frozenset()
    """Names that only ever hold what reading does not change."""
    frames: bool = False
    """Whether the local variables of a function are read by what it calls."""
    dynamic: bool = False
    """Whether attributes are reached by names that are computed."""
    swallows: bool = False
    """Whether a context manager of the notebook ends exceptions."""
    classes: frozenset[str] = frozenset()
    """Classes of the notebook: what is stored in one, its instances share."""
    inserts: bool = False
    """Whether reading an item may make one, as in a ``defaultdict``."""
    lazy: bool = False
    """Whether a name of the session holds something that reading may change."""

    def distrust(self, own: Iterable[ast.AST], matters: Callable[[str], bool]) -> bool:
        """Whether a statement's own nodes run code of the notebook that does something."""
        for node in own:
            if self.syntax and isinstance(node, self.syntax):
                return True
            if isinstance(node, ast.Attribute) and node.attr in self.properties:
                return True
            if not isinstance(node, ast.Call):
                continue
            function = node.func
            if isinstance(function, ast.Name) and function.id in self.shadowed:
                return True
            if isinstance(function, ast.Attribute) and function.attr in self.methods:
                quiet = function.attr in self.quiet and isinstance(function.value, ast.Name)
                if not quiet or matters(function.value.id):  # type: ignore[attr-defined]
                    return True
        return False

    def uses_up(self, own: Iterable[ast.AST], suspect: Callable[[str], bool]) -> bool:
        """Whether reading a name may change what it holds."""
        own = list(own)
        shown: set[ast.AST] = set()
        for node in own:
            if isinstance(node, ast.Call):
                shown.add(node.func)
                if _last(node) in _SHOWS:
                    shown.update(node.args)
            elif isinstance(node, ast.Attribute | ast.FormattedValue):
                shown.add(node.value)
            elif isinstance(node, ast.Subscript):
                bounds = node.slice
                shown.update(
                    ast.iter_child_nodes(bounds) if isinstance(bounds, ast.Slice) else [bounds]
                )
                if not self.inserts:
                    shown.add(node.value)
            elif isinstance(node, ast.BinOp):
                shown.update((node.left, node.right))
        return any(
            isinstance(n, ast.Name)
            and isinstance(n.ctx, ast.Load)
            and n not in shown
            and n.id not in self.plain
            and suspect(n.id)
            for n in own
        )


def cautions_of(
    statements: Iterable[ast.stmt],
    failed: Iterable[ast.stmt],
    is_pure: Callable[[ast.FunctionDef, bool], bool],
) -> Cautions:
    """``is_pure`` says of a function whether it only computes, its first argument apart."""
    # A cell that runs again is the same text: one look does.
    statements = list(dict.fromkeys(statements))
    defining = [s for s in statements if kinds(s) & DEFINITIONS]
    classes = [n for s in defining for n in nodes_in(s) if isinstance(n, ast.ClassDef)]
    methods = [m for c in classes for m in c.body if isinstance(m, ast.FunctionDef)]
    busy = [m for m in methods if not is_pure(m, False)]
    names = {m.name for m in busy}
    loud = {m.name for m in busy if not is_pure(m, True)}
    syntax: list[type[ast.AST]] = []
    for name in names & set(_OPERATORS):
        syntax += _OPERATORS[name]
    for name in loud & set(_WRITTEN):
        syntax += _WRITTEN[name]
    return Cautions(
        shadowed=frozenset(n for n in _united(_bound_in, statements) if hasattr(builtins, n)),
        methods=frozenset(n for n in names if not n.startswith("__")),
        quiet=frozenset(names - loud),
        properties=frozenset(m.name for m in busy if m.decorator_list) - _static(busy),
        syntax=tuple(dict.fromkeys(syntax)),
        guarded=_guarded(statements, failed),
        plain=_united(_plain_in, statements) - _united(_not_plain_in, statements),
        frames=any("f_locals" in words_in(s) for s in statements),
        dynamic=any(map(_computes_names, statements)),
        swallows=any(map(_may_end_exceptions, defining)),
        classes=frozenset(c.name for c in classes),
        inserts=any(words_in(s) & _INSERTING for s in statements),
        lazy=any(map(_is_lazy, statements)),
    )


def _united(
    found: Callable[[ast.AST], frozenset[str]], statements: Iterable[ast.stmt]
) -> frozenset[str]:
    return frozenset[str]().union(*map(found, statements))


def may_swallow(statement: ast.stmt, swallows: bool) -> bool:
    """Whether what fails in a ``with`` statement's body may be no error after it."""
    if not isinstance(statement, ast.With | ast.AsyncWith):
        return False
    return any(
        _suppresses(item) or (swallows and _last(item.context_expr) != "open")
        for item in statement.items
    )


def _ends_exceptions(node: ast.AST) -> bool:
    """An ``__exit__`` that may answer true, or an ``except`` around a ``yield``."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        if node.name in ("__exit__", "__aexit__"):
            answers = [n.value for n in nodes_in(node) if isinstance(n, ast.Return)]
            return any(
                a is not None and not (isinstance(a, ast.Constant) and not a.value)
                for a in answers
            )
        if any(_last(d).endswith("contextmanager") for d in node.decorator_list):
            tries = [n for n in nodes_in(node) if isinstance(n, ast.Try) and n.handlers]
            return any(isinstance(n, ast.Yield) for t in tries for n in nodes_in(t))
    return False


@remembered
def _may_end_exceptions(statement: ast.AST) -> bool:
    return any(map(_ends_exceptions, nodes_in(statement)))


@remembered
def _computes_names(statement: ast.AST) -> bool:
    return any(map(_computes_name, nodes_in(statement)))


def _computes_name(node: ast.AST) -> bool:
    if isinstance(node, ast.Name) and node.id == "runtime_checkable":
        return True  # such a protocol asks whether methods are there
    if not isinstance(node, ast.Call):
        return False
    name = _last(node)
    if name in _ASKS_FOR_METHODS:
        return True
    return (
        name in ("getattr", "hasattr")
        and len(node.args) > 1
        and not isinstance(node.args[1], ast.Constant)
    )


_ASKS_FOR_METHODS = frozenset(
    "eval exec methodcaller getmembers dir vars runtime_checkable".split()
)


def _static(methods: Iterable[ast.FunctionDef]) -> set[str]:
    """Methods that a decorator does not turn into properties."""
    known = ("staticmethod", "classmethod", "abstractmethod", "no_grad", "wraps")
    return {m.name for m in methods if all(_last(d) in known for d in m.decorator_list)}


@remembered
def _bound_in(statement: ast.AST) -> frozenset[str]:
    """Names that functions, classes, assignments and parameters bind; no attributes."""
    names: set[str] = set()
    nodes = nodes_in(statement)
    inside = {m for n in nodes if isinstance(n, ast.ClassDef) for m in n.body}
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node not in inside:
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
    return frozenset(names)


def _guarded(statements: list[ast.stmt], failed: Iterable[ast.stmt]) -> frozenset[str]:
    """Names of functions that run where an exception is caught, and of what they call."""
    waiting = list(failed)
    swallows = any(map(_may_end_exceptions, statements))
    nodes = [n for s in statements if kinds(s) & _COMPOUND for n in nodes_in(s)]
    for node in nodes:
        caught = isinstance(node, ast.Try) and any(map(_catches, node.handlers))
        held = isinstance(node, ast.stmt) and may_swallow(node, swallows)
        if caught or held:
            waiting += node.body  # type: ignore[attr-defined]
    bodies: dict[str, list[ast.stmt]] = {}
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            bodies.setdefault(node.name, []).append(node)
        elif isinstance(node, ast.ClassDef):
            made = [m for m in node.body if getattr(m, "name", "").startswith("__")]
            bodies.setdefault(node.name, []).extend(made)
    given = {
        a.arg
        for n in nodes
        if isinstance(n, ast.arguments)
        for a in nodes_in(n)
        if isinstance(a, ast.arg)
    }
    given |= {
        n.id
        for f in nodes
        if isinstance(f, ast.For)
        for n in nodes_in(f.target)
        if isinstance(n, ast.Name)
    }
    if any(_runs_what_it_was_given(s, given) for s in waiting) or any(
        map(_keeps_exceptions, statements)
    ):
        return frozenset(bodies)
    found: set[str] = set()
    while waiting:
        for inner in nodes_in(waiting.pop()):
            name = getattr(inner, "id", None) or getattr(inner, "attr", None)
            if (
                isinstance(inner, ast.Name | ast.Attribute)
                and name in bodies
                and name not in found
            ):
                found.add(str(name))
                waiting += bodies[str(name)]
    return frozenset(found)


_COMPOUND = DEFINITIONS | {ast.Try, ast.TryStar, ast.With, ast.AsyncWith, ast.For}


@remembered
def _keeps_exceptions(statement: ast.AST) -> bool:
    """As ``gather(..., return_exceptions=True)`` does."""
    return any(
        isinstance(n, ast.keyword) and n.arg == "return_exceptions" for n in nodes_in(statement)
    )


def _runs_what_it_was_given(statement: ast.stmt, given: set[str]) -> bool:
    """``for check in checks: try: check(row)``: it may be any function that fails."""
    return any(
        isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id in given
        for n in nodes_in(statement)
    )


def _catches(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(k is None or _last(k) not in _UNCAUGHT for k in kinds)


def _suppresses(item: ast.withitem) -> bool:
    return isinstance(item.context_expr, ast.Call) and _last(item.context_expr) in (
        "suppress", "raises", "assertRaises", "ExitStack",
    )  # fmt: skip


def _plain_in(statement: ast.AST) -> frozenset[str]:
    """Names of which a binding shows a value that reading leaves alone."""
    return _bindings(statement)[0]


def _not_plain_in(statement: ast.AST) -> frozenset[str]:
    return _bindings(statement)[1]


@remembered
def _bindings(statement: ast.AST) -> tuple[frozenset[str], frozenset[str]]:
    plain: set[str] = set()
    others: set[str] = set()
    nodes = nodes_in(statement)
    for node in nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {t.id for t in targets if isinstance(t, ast.Name)}
            if _is_plain(node.value):
                plain |= names
                continue
            others |= names
        elif isinstance(node, ast.AugAssign):
            continue
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            others.add(node.name)
        elif isinstance(node, ast.arg):
            others.add(node.arg)
    assigned = {t for n in nodes if isinstance(n, ast.Assign) for t in n.targets} | {
        n.target for n in nodes if isinstance(n, ast.AnnAssign | ast.AugAssign)
    }
    for node in nodes:
        if (
            isinstance(node, ast.Name)
            and isinstance(node.ctx, ast.Store)
            and node not in assigned
        ):
            others.add(node.id)
    return frozenset(plain), frozenset(others)


_COLLECTING = frozenset(
    "list dict set tuple sorted len sum int float str DataFrame copy reset_index".split()
)
_ARRAYS = frozenset("np pd numpy pandas torch".split())
_SHOWN_PLAIN = (
    ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.Constant,
    ast.BinOp, ast.Compare, ast.JoinedStr, ast.UnaryOp,
)  # fmt: skip


def _is_plain(value: ast.expr) -> bool:
    if not isinstance(value, ast.Call):
        return isinstance(value, _SHOWN_PLAIN)
    root: ast.expr = value.func
    while isinstance(root, ast.Attribute):
        root = root.value
    library = isinstance(root, ast.Name) and root.id in _ARRAYS
    return library or _last(value) in _COLLECTING


@remembered
def _is_lazy(statement: ast.AST) -> bool:
    for node in nodes_in(statement):
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        value = getattr(node, "value", None) if isinstance(node, ast.Assign) else None
        if isinstance(node, ast.withitem):
            value = node.context_expr
        if isinstance(value, ast.GeneratorExp):
            return True
        if isinstance(value, ast.Call) and _last(value) in _LAZY:
            return True
    return False


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
