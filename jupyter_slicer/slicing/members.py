"""Members of the notebook's classes that nothing in a program asks for.

A method, a class variable or an attribute is asked for by its name: in the text, in a
string, or computed. ``self.log.append(loss)`` goes with everything else that only fills
``log`` where no text that is left reads it. An object that is itself in the value keeps its
attributes, and so does one that a library may look into.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from jupyter_slicer.analysis.purity import is_fresh
from jupyter_slicer.analysis.tree import (
    nodes_in,
    own_nodes,
    remembered,
    statements_in,
    words_in,
)

ADDING = frozenset("append extend add update insert appendleft setdefault".split())
"""Methods of containers that change the container and nothing else."""

_PROTOCOL = frozenset(
    "write writelines read readline readlines flush close seek tell fit transform fit_transform "
    "predict predict_proba score get_params set_params keys values items get emit handle filter "
    "format send throw acquire release run forward step update default mro object_hook "
    "decision_function predict_log_proba inverse_transform partial_fit fit_predict "
    "get_feature_names_out".split()
)
"""Methods that libraries call, though no text of the notebook names them."""
_FOR_EFFECT = frozenset("fit step run update release close flush handle emit".split())
"""Those of which nobody takes what they give."""
_READ_BY_LIBRARIES = frozenset(
    "shape dtype ndim size T flags strides itemsize nbytes mode encoding errors closed newlines "
    "columns index loc iloc device grad requires_grad training real imag level formatter args".split()
)
"""Attributes for which libraries ask what they are given."""
_QUIET_BASES = frozenset(
    "object Exception ValueError RuntimeError KeyError TypeError BaseEstimator TransformerMixin "
    "RegressorMixin ClassifierMixin ClusterMixin".split()
)
"""Classes of libraries that call none of an heir's methods but those of the protocol."""
_BINDING = frozenset("property classmethod staticmethod cached_property setter getter".split())
_WATCHING = frozenset(
    "__init_subclass__ __set_name__ __getattr__ __getattribute__ __setattr__ __delattr__ __del__ "
    "__getstate__ __setstate__ __reduce__ __reduce_ex__ __class_getitem__ __dir__ __array__ "
    "read write readline".split()
)
"""Methods of a class that is told of its attributes, or is asked for all of them."""
_SEES_ALL = frozenset(
    "__dict__ vars pickle dill cloudpickle joblib shelve marshal jsonpickle inspect asdict "
    "astuple to_pickle weakref gc getsizeof getrefcount check_is_fitted is_dataclass".split()
)
_SHOWN_BY = frozenset(
    "str repr format ascii pformat pprint to_csv to_string to_json to_html astype savetxt dumps "
    "dump array2string join print write writelines warn debug info warning error exception "
    "critical log substitute safe_substitute display".split()
)
"""What may turn an object into text."""
_REPRESENTATIONS = frozenset("__repr__ __str__ __format__".split())
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
NAMES = re.compile(r"[^\W\d]\w*")


ANY = ""
"""Stands for no method."""


class Members:
    """What is reached of the classes that a program defines."""

    def __init__(
        self,
        texts: Iterable[ast.stmt],
        open_classes: Iterable[ast.ClassDef],
        asked: Iterable[ast.ClassDef],
        roots: Iterable[ast.AST],
        guarded: frozenset[str],
        is_harmless: Callable[[ast.AST], bool],
        is_pure: Callable[[ast.FunctionDef], bool],
        output: bool,
        displays: bool,
    ) -> None:
        """``open_classes`` may lose members; ``asked``: the value may hold instances of them.

        ``is_harmless`` says whether evaluating an expression can do nothing that matters,
        ``is_pure`` whether a method only computes;
        an exception in a ``guarded`` function is waited for; ``output``: what is printed
        becomes a value; ``displays``: so does what a statement gives.
        """
        self.texts = list(dict.fromkeys(texts))
        self.roots = frozenset[str]().union(*map(_words, roots))
        self.guarded = guarded
        self.is_harmless = is_harmless
        self.is_pure = is_pure
        self.output = output
        self.gates: dict[ast.stmt, str] = {}
        self.returns: dict[ast.stmt, str] = {}
        self.folding: set[ast.stmt] = set()
        families = _families(self.texts)
        told = frozenset[str]().union(*map(_all_words, self.texts))
        seen = told & _SEES_ALL
        fresh = _begun_fresh(self.texts)
        bound = _bound_in_classes(self.texts)
        within = {c.name for c in asked}
        for definition in open_classes:
            family = families.get(definition.name)
            quiet = _is_quiet(definition) if family is None else True
            open_state = family is not None and not seen and not family & within
            for member in definition.body:
                if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef):
                    if quiet and self._may_go(member, bool(family), open_state):
                        self.gates[member] = member.name
                    if open_state and not self._waits(definition, member):
                        self._gate_state(member, fresh, bound)
                        if not displays:
                            self._gate_result(member)
                elif open_state and (name := _constant_of(member)):
                    self.gates[member] = name

    def _may_go(self, method: ast.stmt, own: bool, state: bool) -> bool:
        name: str = method.name  # type: ignore[attr-defined]
        decorators = {getattr(d, "attr", getattr(d, "id", "")) for d in method.decorator_list}  # type: ignore[attr-defined]
        if decorators and not (own and decorators <= _BINDING):
            return False
        if name in _REPRESENTATIONS:
            pure = isinstance(method, ast.FunctionDef) and self.is_pure(method)
            return state and pure and not self.output
        return not name.startswith(("__", "_repr_", "_ipython_"))

    def _waits(self, definition: ast.ClassDef, method: ast.stmt) -> bool:
        """Whether somebody waits for the method to fail."""
        name: str = method.name  # type: ignore[attr-defined]
        return name in self.guarded or (
            name.startswith("__") and definition.name in self.guarded
        )

    def _gate_state(
        self, method: ast.FunctionDef | ast.AsyncFunctionDef, fresh: set[str], bound: set[str]
    ) -> None:
        """Statements of a method that only store into attributes of its own object."""
        own = method.args.posonlyargs + method.args.args
        taken = {getattr(d, "id", "") for d in method.decorator_list} - {"property"}
        if not own or taken or any(_stores(n, own[0].arg) for n in nodes_in(method)):
            return
        for statement in _reached_plainly(method.body):
            if isinstance(statement, ast.If | ast.For):
                if self._may_fold(statement, method):
                    self.folding.add(statement)
                continue
            stored = _stored(statement, own[0].arg)
            if stored is None:
                continue
            name, in_place, values = stored
            if name.startswith("__") or name in _READ_BY_LIBRARIES or name in bound:
                continue
            if in_place and name not in fresh:
                continue
            if all(map(self.is_harmless, _computed(values))):
                self.gates[statement] = name

    def _may_fold(
        self, statement: ast.If | ast.For, method: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> bool:
        """Whether a statement goes with all that is in it."""
        if isinstance(statement, ast.If):
            return self.is_harmless(statement.test)
        counted = {n.id for n in nodes_in(statement.target) if isinstance(n, ast.Name)}
        plain = not any(isinstance(n, ast.Attribute) for n in nodes_in(statement.target))
        within = set(nodes_in(statement))
        elsewhere = {
            n.id for n in nodes_in(method) if isinstance(n, ast.Name) and n not in within
        }
        return plain and not counted & elsewhere and self.is_harmless(statement.iter)

    def _gate_result(self, method: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """``return self`` at the end, which nobody needs where each call stands alone."""
        last = method.body[-1]
        if not isinstance(last, ast.Return) or method.decorator_list:
            return
        given = method.name.startswith("__") or method.name in _PROTOCOL - _FOR_EFFECT
        lazy = any(isinstance(n, ast.Yield | ast.YieldFrom) for n in nodes_in(method))
        if given or lazy or isinstance(method, ast.AsyncFunctionDef):
            return
        if last.value is None or all(map(self.is_harmless, _computed([last.value]))):
            self.returns[last] = method.name

    def unreached(self, gone: frozenset[ast.stmt]) -> frozenset[ast.stmt]:
        """Members, and statements that fill them, that nothing but they themselves ask for.

        ``gone`` are statements that the program has lost already.
        """
        reached = set(self.roots)
        named: set[str] = set()
        valued: set[str] = set(self.roots)
        shown = False
        left: set[ast.stmt] = set()

        def visit(statement: ast.stmt) -> bool:
            nonlocal shown
            if statement in gone:
                return False
            gate = self.gates.get(statement)
            if gate in _REPRESENTATIONS:
                if not shown and gate not in reached and not (reached | named) & _SHOWN_BY:
                    return False
            elif gate is not None and gate not in reached and not _is_protocol(statement):
                return False
            elif self.returns.get(statement, ANY) not in valued | {ANY}:
                return False
            inner = [visit(s) for s in statements_in(statement)]
            if statement in self.folding and not any(inner):
                return False
            reached.update(_words(statement))
            named.update(_names(statement))
            valued.update(_words(statement) - _only_called(statement))
            if isinstance(statement, ast.ClassDef):  # ``plot = show`` between its methods
                within = {n for s in statement.body if s in left for n in _names(s)}
                reached.update(within)
                valued.update(within)
            shown = shown or _formats(statement)
            left.add(statement)
            return not _says_nothing(statement)

        before = (-1, -1, -1, False)
        while before != (len(reached), len(named), len(valued), shown):
            before = len(reached), len(named), len(valued), shown
            for text in self.texts:
                visit(text)
        unreached = {s for s in (*self.gates, *self.returns) if s not in left and s not in gone}
        for statement in self.folding - left - gone:
            if any(n in unreached for n in nodes_in(statement)):
                unreached.add(statement)
        return frozenset(unreached)


def _is_protocol(statement: ast.stmt) -> bool:
    """Whether it is a method that a library may call."""
    return isinstance(statement, _FUNCTIONS) and statement.name in _PROTOCOL


# -- classes -------------------------------------------------------------------------


def _families(texts: Iterable[ast.stmt]) -> Mapping[str, frozenset[str]]:
    """For each class of which all relatives are plain classes of the program, those."""
    classes: dict[str, list[ast.ClassDef]] = {}
    others: set[str] = set()
    for node in (n for s in texts for n in nodes_in(s)):
        if isinstance(node, ast.ClassDef):
            classes.setdefault(node.name, []).append(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            others.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            others.add(node.id)
        elif isinstance(node, ast.alias):
            others.add((node.asname or node.name).split(".")[0])
    family: dict[str, set[str]] = {name: {name} for name in classes}
    odd = {name for name in classes if name in others}
    for name, versions in classes.items():
        for definition in versions:
            bases = {b.id if isinstance(b, ast.Name) else "" for b in definition.bases}
            members = {getattr(m, "name", "") for m in definition.body}
            foreign = bases - classes.keys() - {"object"}
            if (
                foreign
                or definition.keywords
                or definition.decorator_list
                or members & _WATCHING
            ):
                odd.add(name)
            for base in bases & classes.keys():
                joined = family[name] | family[base]
                for relative in joined:
                    family[relative] = joined
    return {name: frozenset(found) for name, found in family.items() if not found & odd}


def _is_quiet(definition: ast.ClassDef) -> bool:
    """Whether what a class comes from calls only methods that everybody knows."""
    bases = {getattr(b, "attr", getattr(b, "id", "")) for b in definition.bases}
    decorators = {_name_of(d) for d in definition.decorator_list}
    return (
        bases <= _QUIET_BASES
        and decorators <= {"dataclass", "total_ordering"}
        and not definition.keywords
    )


def _name_of(decorator: ast.expr) -> str:
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    return str(getattr(node, "attr", getattr(node, "id", "")))


def _constant_of(member: ast.stmt) -> str | None:
    """The name of a class variable that holds a constant."""
    if not isinstance(member, ast.Assign) or len(member.targets) != 1:
        return None
    target = member.targets[0]
    if not isinstance(target, ast.Name) or target.id.startswith("_"):
        return None
    return target.id if isinstance(member.value, ast.Constant) else None


def _bound_in_classes(texts: Iterable[ast.stmt]) -> set[str]:
    """Names under which a class holds more than a constant: storing may run a descriptor."""
    found: set[str] = set()
    for node in (n for s in texts for n in nodes_in(s)):
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                if _constant_of(member) is None:
                    found |= {str(getattr(member, "name", ""))}
                    found |= {n.id for n in own_nodes(member) if isinstance(n, ast.Name)}
    return found


# -- attributes ----------------------------------------------------------------------


def _reached_plainly(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements of a body where nobody waits for an exception."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.If | ast.For | ast.While):
            yield from _reached_plainly([*statement.body, *statement.orelse])


def _attribute(node: ast.expr, own: str) -> str | None:
    if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == own:
        return node.attr
    return None


def _stored(statement: ast.stmt, own: str) -> tuple[str, bool, list[ast.expr]] | None:
    """The attribute that a statement fills, whether what it holds changes, and with what."""
    match statement:
        case ast.Assign(targets=[ast.Subscript(value=held, slice=key)], value=value):
            in_place, values = True, [key, value]
        case ast.Assign(targets=[held], value=value):
            in_place, values = False, [value]
        case ast.AnnAssign(target=held, value=ast.expr() as value):
            in_place, values = False, [value]
        case ast.AugAssign(target=held, value=value):
            in_place, values = True, [value]
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=held, attr=done), args=args)):
            if done not in ADDING or statement.value.keywords:  # type: ignore[attr-defined]
                return None
            in_place, values = True, list(args)
        case _:
            return None
    name = _attribute(held, own)
    return None if name is None else (name, in_place, values)


def _computed(values: Iterable[ast.expr]) -> Iterator[ast.expr]:
    """Expressions of which more is done than to keep what they name."""
    for value in values:
        if isinstance(value, ast.Tuple | ast.List):
            yield from _computed(value.elts)
        elif not isinstance(value, ast.Name | ast.Constant):
            yield value


def _begun_fresh(texts: Iterable[ast.stmt]) -> set[str]:
    """Attributes that only ever begin with an object that nobody else has."""
    begun: set[str] = set()
    others: set[str] = set()
    for node in (n for s in texts for n in nodes_in(s)):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Attribute):
                (begun if is_fresh(node.value) else others).add(target.attr)
                continue
        if isinstance(node, ast.Assign | ast.For | ast.With):
            # In a tuple, say: what it is given is not to be seen.
            others |= {
                n.attr
                for n in own_nodes(node)
                if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)
            }
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Attribute):
            fresh = node.value is not None and is_fresh(node.value)
            (begun if fresh else others).add(node.target.attr)
    return begun - others


def _stores(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)


# -- words ---------------------------------------------------------------------------


@remembered
def _words(statement: ast.AST) -> frozenset[str]:
    """Attributes and words in strings by which a statement itself asks for members."""
    if _says_nothing(statement):
        return frozenset()
    found: set[str] = set()
    for node in own_nodes(statement):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.MatchClass):
            found |= set(node.kwd_attrs)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # ``getattr(m, "log")``, ``"{0.log}".format(m)``, ``attrgetter("model.log")``
            found |= set(NAMES.findall(node.value))
    return frozenset(found)


def _only_called(statement: ast.AST) -> set[str]:
    """The method that a statement calls, and makes nothing of what that gives."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
        return set()
    elsewhere = {
        n.attr for n in own_nodes(call) if isinstance(n, ast.Attribute) and n is not call.func
    }
    return {call.func.attr} - elsewhere


@remembered
def _names(statement: ast.AST) -> frozenset[str]:
    return frozenset(n.id for n in own_nodes(statement) if isinstance(n, ast.Name))


@remembered
def _all_words(statement: ast.AST) -> frozenset[str]:
    inner = (n for n in nodes_in(statement) if isinstance(n, ast.stmt))
    return words_in(statement).union(*map(_words, inner)) | {
        part
        for n in nodes_in(statement)
        if isinstance(n, ast.Import | ast.ImportFrom)
        for a in n.names
        for part in (a.name, *(getattr(n, "module", None) or "").split("."))
    }


@remembered
def _formats(statement: ast.AST) -> bool:
    """Whether it may write an object out as text."""
    return any(
        isinstance(n, ast.FormattedValue)
        or (isinstance(n, ast.BinOp) and isinstance(n.op, ast.Mod) and _may_be_text(n.left))
        for n in own_nodes(statement)
    )


def _may_be_text(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    return not isinstance(node, ast.BinOp | ast.UnaryOp | ast.Compare)


def _says_nothing(statement: ast.AST) -> bool:
    text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return text or isinstance(statement, ast.Pass)
