"""What the text says about the names that added code can come to."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from jupyter_slicer.errors import UnreadableCell
from jupyter_slicer.hindsight.edits.known_calls import MODULE_CASTS, MODULE_METHODS
from jupyter_slicer.hindsight.edits.syntax import (
    MODULE,
    Cell,
    Function,
    argument_names,
    local_names,
)

UNSEEN = ast.Constant(...)
"""Stands for a value that the text does not show."""


def place(name: str, function: ast.AST | None) -> str:
    """A variable as the root of a value: with a mark of the function whose name it is."""
    return f"{id(function)}:{name}" if function is not None else name


def shown(root: str) -> str:
    """A root as the user wrote it."""
    return root.rpartition(":")[2]


@dataclass
class Surroundings:
    """Imports, functions, classes and first values, of the cell and of other cells.

    Two functions of one name count as one that may do what either does.
    """

    imports: dict[str, str] = field(default_factory=dict)
    """What a name stands for, as a dotted path: ``np`` is ``numpy``."""
    functions: dict[str, list[ast.AST]] = field(default_factory=dict)
    classes: dict[str, list[ast.ClassDef]] = field(default_factory=dict)
    origins: dict[str, list[ast.expr]] = field(default_factory=dict)
    """Expressions that a place is bound to: ``Net.fc`` for ``self.fc`` in the class; see
    :func:`place` for the names of functions. ``UNSEEN`` for an argument."""
    outer: dict[ast.AST, ast.AST | None] = field(default_factory=dict)
    """The function around a function."""
    mentions: dict[int, set[str]] = field(default_factory=dict)
    """Names that training uses or binds, by the function whose names they are."""
    loads: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    """String literals of training: it may read the files that they name."""
    base_imports: set[tuple[str, str]] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)
    """What training uses as a model: it is called, or asked for its parameters."""
    looks_up_names: bool = False
    """Whether training asks for names by ``globals()``, ``exec`` and the like."""

    def learn(self, tree: ast.AST, function: ast.AST | None = None, owner: str = "") -> None:
        for node in ast.iter_child_nodes(tree):
            self._learn_one(node, function, owner)

    def _learn_one(self, node: ast.AST, function: ast.AST | None, owner: str) -> None:
        match node:
            case ast.Import() | ast.ImportFrom():
                self.imports.update(imported(node))
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                name = f"{owner}.{node.name}" if owner else node.name
                self.functions.setdefault(name, []).append(node)
                self.outer[node] = function
                for argument in argument_names(node):
                    self.origins.setdefault(place(argument, node), []).append(UNSEEN)
                self.learn(node, node, f"{owner}()" if owner else "")
                return
            case ast.Lambda():
                self.outer[node] = function
            case ast.ClassDef():
                self.classes.setdefault(node.name, []).append(node)
                self.learn(node, function, node.name)
                return
        for target, value in _bindings(node):
            name = _origin_name(target, owner, function)
            if name:
                self.origins.setdefault(name, []).append(value)
        self.learn(node, function, owner)

    def methods(self, name: str) -> list[ast.AST]:
        """The methods of that name that the text has."""
        return [f for key, found in self.functions.items() for f in found
                if key.endswith(f".{name}") and not key.startswith("(")]  # fmt: skip

    def method_of(self, class_name: str, name: str) -> list[ast.AST]:
        """A method of a class or of the classes that it is made from."""
        found = self.functions.get(f"{class_name}.{name}", [])
        if found:
            return found
        for definition in self.classes.get(class_name, ()):
            for base in definition.bases:
                if isinstance(base, ast.Name) and base.id != class_name:
                    found = self.method_of(base.id, name)
                    if found:
                        return found
        return []

    def dotted(self, node: ast.expr, hidden: Iterable[str] = ()) -> str | None:
        """The path of ``np.random.rand``, if it begins with something imported."""
        names: list[str] = []
        while isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id in hidden:
            return None
        root = self.imports.get(node.id)
        return ".".join([root, *reversed(names)]) if root is not None else None

    def origins_of(self, root: str) -> list[ast.expr]:
        """The expressions that may have given ``net`` or ``net.drop`` its value."""
        name, _, rest = root.partition(".")
        found = self.origins.get(name, [])
        if name.startswith("~"):
            found = [
                o for key, own in self.origins.items() if shown(key) == name[1:] for o in own
            ]
        while rest:
            part, _, rest = rest.partition(".")
            inner: list[ast.expr] = []
            for class_name in {c for e in found for c in self.classes_of(e)}:
                inner += self.origins.get(f"{class_name}.{part}", [])
            found = inner
        return found

    def classes_of(self, origin: ast.expr) -> Iterator[str]:
        """Classes of the text that a value may be an instance of."""
        match origin:
            case ast.Call(func=ast.Name(id=name)) if name in self.classes:
                yield name
            case ast.Call(func=ast.Attribute(value=inner, attr=method)) if method in _SELF:
                yield from self.classes_of(inner)
            case ast.Call(args=[inner, *_]):
                path = self.dotted(origin.func)
                if path in ("torch.compile", "torch.nn.DataParallel", "copy.deepcopy"):
                    yield from self.classes_of(inner)
            case ast.Name(id=name):
                for value in self.origins.get(name, []):
                    if not isinstance(value, ast.Name):
                        yield from self.classes_of(value)


_SELF = frozenset(("to", "cuda", "cpu", "double", "float", "half", "train", "eval", "fit"))


def surroundings_of(
    edited: Cell, added: Iterable[int], definitions: Iterable[str]
) -> Surroundings:
    """What the edited text and other cells' texts say; ``added`` is no part of training."""
    known = Surroundings()
    for text in definitions:
        try:
            cell = Cell(text)
        except UnreadableCell:
            continue
        known.learn(cell.tree)
        known.base_imports |= set(known.imports.items())
        for function in cell.functions:
            free = {t.text for i in cell.inside(function.index) for t in cell.statements[i].tokens
                    if t.kind == "name" and cell.scope_of(t.text, i) == MODULE}  # fmt: skip
            known.mentions.setdefault(MODULE, set()).update(free - {function.node.name})  # type: ignore[attr-defined]
    known.learn(edited.tree)
    inside = {i for root in added for i in edited.inside(root)}
    for statement in edited.statements:
        if statement.index not in inside:
            _mention(known, edited, statement.index)
    return known


def _mention(known: Surroundings, cell: Cell, index: int) -> None:
    statement = cell.statements[index]
    for token in statement.tokens:
        if token.kind == "name":
            scope = cell.scope_of(token.text, index)
            known.mentions.setdefault(scope, set()).add(token.text)
        elif token.kind == "attr":
            known.attributes.add(token.text)
        elif token.kind == "const" and token.text.startswith("str "):
            known.texts.add(ast.literal_eval(token.text[4:]))
    if isinstance(statement.node, ast.Import | ast.ImportFrom):
        known.base_imports |= set(imported(statement.node).items())
    for node in _own(statement.node):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            known.loads.add(node.id)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            known.loads.add(node.target.id)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in MODULE_METHODS - MODULE_CASTS:
                known.modules.add(ast.unparse(node.func.value))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            known.modules.add(node.func.id)
            names = ("globals", "locals", "vars", "exec", "eval", "dir", "get_ipython")
            known.looks_up_names |= node.func.id in names


def _own(node: ast.stmt) -> Iterator[ast.AST]:
    """A statement's nodes, but not the statements inside it."""
    waiting: list[ast.AST] = [node]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += [c for c in ast.iter_child_nodes(one) if not isinstance(c, ast.stmt)]


def imported(node: ast.Import | ast.ImportFrom) -> dict[str, str]:
    """Names that an import binds, with what they stand for."""
    if isinstance(node, ast.Import):
        return {
            a.asname or a.name.split(".")[0]: a.name if a.asname else a.name.split(".")[0]
            for a in node.names
        }
    module = "." * node.level + (node.module or "")
    return {a.asname or a.name: f"{module}.{a.name}" for a in node.names if a.name != "*"}


def _bindings(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    match node:
        case ast.Assign():
            for target in node.targets:
                yield from _split(target, node.value)
        case ast.AnnAssign(value=ast.expr()) | ast.NamedExpr():
            yield node.target, node.value  # type: ignore[misc]
        case ast.AugAssign():
            yield node.target, ast.BinOp(node.target, node.op, node.value)
        case ast.withitem(optional_vars=ast.expr()):
            yield node.optional_vars, node.context_expr  # type: ignore[misc]
        case ast.For() | ast.AsyncFor() | ast.comprehension():
            for name in ast.walk(node.target):
                if isinstance(name, ast.Name):
                    yield name, ast.Subscript(node.iter, ast.Constant(0), ast.Load())


def _split(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple | ast.List):
        for number, element in enumerate(target.elts):
            inner: ast.expr = ast.Subscript(value, ast.Constant(number), ast.Load())
            same = isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(
                target.elts
            )
            if same:
                inner = value.elts[number]  # type: ignore[attr-defined]
            yield from _split(element, inner)
    else:
        yield target, value


def _origin_name(target: ast.expr, owner: str, function: ast.AST | None) -> str:
    match target:
        case ast.Name(id=name):
            if owner and not owner.endswith("()"):
                return f"{owner}.{name}"
            if isinstance(function, Function) and name not in local_names(function):
                return name
            return place(name, function)
        case ast.Attribute(value=ast.Name(id="self"), attr=name) if owner:
            return f"{owner.removesuffix('()')}.{name}"
    return ""


__all__ = ["UNSEEN", "Surroundings", "imported", "place", "shown", "surroundings_of"]
