"""Hyper-parameters: the values in a cell's text that differ between its versions."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from jupyter_slicer.hindsight.edits.alignment import align
from jupyter_slicer.hindsight.edits.log_calls import is_shown
from jupyter_slicer.hindsight.edits.signatures import POSITIONAL
from jupyter_slicer.hindsight.edits.syntax import Cell, Function, Statement, is_docstring


class _Absent:
    """The value of a parameter that a version does not have."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = _Absent()


@dataclass(frozen=True, slots=True)
class Expression:
    """The value of a parameter that a version computes."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Parameters:
    """What distinguishes the versions of a cell, by name."""

    values: Mapping[str, tuple[object, ...]]
    """For each parameter its value in each version, in the order of the versions:
    a number, a string, a boolean, None, a tuple of those, an :class:`Expression`, or
    ``ABSENT``."""
    lines: Mapping[str, tuple[int | None, ...]] = field(default_factory=dict)
    """Where the value stands in each version."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.values)

    def of_version(self, number: int) -> dict[str, object]:
        """The parameters of one version; those that it does not have are left out."""
        found = {name: values[number] for name, values in self.values.items()}
        return {name: value for name, value in found.items() if value is not ABSENT}


class _Spot(NamedTuple):
    """A place of a version's text that holds a value."""

    version: int
    statement: int
    path: tuple[str, ...]


def literals(sources: Sequence[str]) -> Parameters:
    """Values that differ between versions at places that correspond.

    Also what ``param("name", value)`` names, whether or not it differs. Raises
    :class:`~jupyter_slicer.errors.UnreadableCell` for a version that does not parse.
    """
    cells = [Cell(source) for source in sources]
    found = [_values(cell) for cell in cells]
    partners = [_partners(a, b) for a, b in pairwise(cells)]
    groups = _groups(found, partners)
    wanted = [g for g in groups if _differs(g, cells, found, partners)]
    values: dict[str, tuple[object, ...]] = {}
    lines: dict[str, tuple[int | None, ...]] = {}
    for name, group in _named(wanted, cells).items():
        spots = [group.get(version) for version in range(len(cells))]
        values[name] = tuple(
            ABSENT if spot is None else _value(found[spot.version][spot.statement][spot.path])
            for spot in spots
        )
        lines[name] = tuple(
            None if spot is None else found[spot.version][spot.statement][spot.path].lineno
            for spot in spots
        )
    named, where = _declared(cells)
    return Parameters({**values, **named}, {**lines, **where})


# -- values and where they stand -------------------------------------------------------------

_Values = dict[int, dict[tuple[str, ...], ast.expr]]
"""By statement and by the way to it in the statement's syntax tree."""


def _values(cell: Cell) -> _Values:
    found: _Values = {}
    for statement in cell.statements:
        quiet = is_shown(statement.node) or is_docstring(statement.node)
        spots = {} if quiet else dict(_spots(statement.node, ()))
        found[statement.index] = spots
    return found


def _spots(node: ast.AST, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], ast.expr]]:
    """Everything below a node that could be a value."""
    for step, child in _steps(node):
        here = (*path, step)
        if isinstance(child, ast.expr) and _is_value(node, here, child):
            yield here, child
            if _is_literal(child) and not _is_unpacked(node, child):
                continue
        yield from _spots(child, here)


def _steps(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """The parts of a node, by names that outlive other edits: keyword arguments by theirs."""
    match node:
        case ast.Call():
            if _is_param(node):
                return
            yield "func", node.func
            yield from ((f"[{n}]", a) for n, a in enumerate(node.args))
            yield from ((f"{k.arg}=", k.value) for k in node.keywords)
        case ast.Dict():
            for number, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
                known = isinstance(key, ast.Constant)
                yield f"{key.value!r}:" if known else f"{number}:", value  # type: ignore[union-attr]
        case ast.arguments():
            yield from ((f"{a.arg}=", d) for a, d in _defaults(node))
        case ast.JoinedStr() | ast.Constant():
            return
        case _:
            yield from _field_steps(node)


def _field_steps(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for name, value in ast.iter_fields(node):
        statements = name in ("body", "orelse", "finalbody", "handlers", "cases")
        if name in ("annotation", "returns", "decorator_list", "ctx"):
            continue
        if statements and isinstance(value, list):
            continue
        for number, part in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(part, ast.AST):
                yield f"{name}{number}", part


def _defaults(arguments: ast.arguments) -> list[tuple[ast.arg, ast.expr]]:
    named = [*arguments.posonlyargs, *arguments.args]
    pairs = [
        *zip(named[::-1], arguments.defaults[::-1], strict=False),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return [(argument, default) for argument, default in pairs if default is not None]


def _is_value(holder: ast.AST, path: tuple[str, ...], node: ast.expr) -> bool:
    """Whether an expression is, or stands where another version may have, a literal."""
    if _is_literal(node):
        return True
    if path[0] == "value0" and isinstance(holder, ast.Assign | ast.AnnAssign | ast.Tuple):
        return len(path) <= 2
    return isinstance(holder, ast.Call | ast.arguments | ast.Dict) and path[-1] != "func"


def _is_unpacked(holder: ast.AST, node: ast.expr) -> bool:
    """``lr, size = 0.1, 32`` are two values."""
    return (
        isinstance(holder, ast.Assign)
        and isinstance(holder.targets[0], ast.Tuple | ast.List)
        and isinstance(node, ast.Tuple | ast.List)
    )


def _is_literal(node: ast.expr) -> bool:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return _power(node) is not None
    return _is_plain(value)


def _is_plain(value: object) -> bool:
    if isinstance(value, tuple | list):
        return all(_is_plain(v) for v in value)
    return value is None or isinstance(value, bool | int | float | complex | str | bytes)


def _power(node: ast.expr) -> float | int | None:
    """``10 ** -3`` and ``64 * 1024``: written as a sum, meant as a number."""
    match node:
        case ast.BinOp(left=left, op=ast.Pow() | ast.Mult() | ast.Div(), right=right):
            try:
                a, b = ast.literal_eval(left), ast.literal_eval(right)
            except (ValueError, TypeError, SyntaxError):
                return None
            small = all(isinstance(v, int | float) and abs(v) < 1e6 for v in (a, b))
            if not small or (isinstance(node.op, ast.Pow) and abs(b) > 64):
                return None
            try:
                if isinstance(node.op, ast.Pow):
                    return a**b  # type: ignore[no-any-return]
                return a * b if isinstance(node.op, ast.Mult) else a / b  # type: ignore[no-any-return]
            except (ArithmeticError, ValueError):
                return None
    return None


def _value(node: ast.expr) -> object:
    power = _power(node)
    if power is not None:
        return power
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        return Expression(ast.unparse(node))
    return _frozen(value) if _is_plain(value) else Expression(ast.unparse(node))


def _frozen(value: object) -> object:
    return tuple(_frozen(v) for v in value) if isinstance(value, tuple | list) else value


# -- which values correspond -----------------------------------------------------------------

_Group = dict[int, _Spot]
"""For versions that have it, where a parameter stands."""


def _groups(found: Sequence[_Values], partners: Sequence[Mapping[int, int]]) -> list[_Group]:
    """Places of all versions that correspond; each version with the one before it."""
    groups: list[_Group] = []
    last: dict[tuple[int, tuple[str, ...]], _Group] = {}
    for version, values in enumerate(found):
        before = partners[version - 1] if version else {}
        current: dict[tuple[int, tuple[str, ...]], _Group] = {}
        for statement, spots in values.items():
            for path in spots:
                earlier = before.get(statement)
                group = last.get((earlier, path)) if earlier is not None else None
                if group is None or version in group:
                    group = {}
                    groups.append(group)
                group[version] = _Spot(version, statement, path)
                current[statement, path] = group
        last = current
    return groups


def _partners(left: Cell, right: Cell) -> dict[int, int]:
    """For statements of the right text those of the left one."""
    alignment = align(left, right, loose=True)
    return {y: x for x, y in alignment.pairs.items()}


def _differs(
    group: _Group,
    cells: Sequence[Cell],
    found: Sequence[_Values],
    partners: Sequence[Mapping[int, int]],
) -> bool:
    """Whether it has two values, or is an argument that only some versions give."""
    nodes = [found[s.version][s.statement][s.path] for s in group.values()]
    spot = next(iter(group.values()))
    holder = _at(cells[spot.version].statements[spot.statement].node, spot.path[:-1])
    if holder is not None and _is_unpacked(holder, nodes[0]):
        return False
    values = [_value(n) for n in nodes]
    if all(isinstance(v, Expression) for v in values):
        return False
    if len({(type(v).__name__, repr(v)) for v in values}) > 1:
        return True
    return (
        len(group) < len(cells) and _is_option(group) and _is_left_out(group, cells, partners)
    )


def _is_option(group: _Group) -> bool:
    spot = next(iter(group.values()))
    return spot.path[-1].endswith("=")


def _is_left_out(
    group: _Group, cells: Sequence[Cell], partners: Sequence[Mapping[int, int]]
) -> bool:
    """Whether a neighbouring version has the same call without the argument."""
    for version, spot in group.items():
        for other in (version - 1, version + 1):
            if other in group or not 0 <= other < len(cells):
                continue
            pairs = partners[min(version, other)]
            if other > version:
                pairs = {x: y for y, x in pairs.items()}
            partner = pairs.get(spot.statement)
            if partner is not None and _same_call(
                cells[version].statements[spot.statement],
                cells[other].statements[partner],
                spot.path,
            ):
                return True
    return False


def _same_call(a: Statement, b: Statement, path: tuple[str, ...]) -> bool:
    ours, theirs = _at(a.node, path[:-1]), _at(b.node, path[:-1])
    if isinstance(ours, ast.arguments):
        return isinstance(theirs, ast.arguments)
    return (
        isinstance(ours, ast.Call)
        and isinstance(theirs, ast.Call)
        and ast.dump(ours.func) == ast.dump(theirs.func)
    )


# -- names -----------------------------------------------------------------------------------


def _at(node: ast.AST, path: Sequence[str]) -> ast.AST | None:
    """What a path leads to."""
    for step in path:
        following = _step(node, step)
        if following is None:
            return None
        node = following
    return node


def _step(node: ast.AST, step: str) -> ast.AST | None:
    return next((child for name, child in _steps(node) if name == step), None)


def _named(groups: Sequence[_Group], cells: Sequence[Cell]) -> dict[str, _Group]:
    """Parameters by name, from their places in the last version that has them."""
    choices = []
    for group in groups:
        spot = group[max(group)]
        cell = cells[spot.version]
        choices.append(list(_ways_to_name(cell, cell.statements[spot.statement], spot.path)))
    merged: list[tuple[_Group, list[str]]] = []
    for group, choice in zip(groups, choices, strict=True):
        earlier = [g for g, c in merged if c[0] == choice[0] and not g.keys() & group.keys()]
        if earlier:  # it was gone for some versions and is back
            earlier[-1].update(group)
        else:
            merged.append((dict(group), choice))
    plain = Counter(c[0] for _, c in merged)
    found: dict[str, _Group] = {}
    for group, choice in merged:
        name = next((c for c in choice if plain[c] <= (c == choice[0])), choice[-1])
        number = 2
        free = name
        while free in found:
            free, number = f"{name}_{number}", number + 1
        found[free] = group
    return found


def _ways_to_name(cell: Cell, statement: Statement, path: tuple[str, ...]) -> Iterator[str]:
    """Names for a value, the plainest first."""
    node = statement.node
    target = _target(node, path)
    holder = _at(node, path[:-1])
    last = path[-1]
    function = cell.function_of(statement.index)
    inside = cell.statements[function].node.name if function >= 0 else ""  # type: ignore[attr-defined]
    if isinstance(holder, ast.arguments):
        yield last[:-1]
        yield f"{getattr(node, 'name', 'lambda')}.{last[:-1]}"
        return
    plain = _plain(cell, node, path, holder, target)
    yield plain
    if isinstance(holder, ast.Call) and target:
        yield f"{target}.{plain.rpartition('.')[2]}"
    if inside:
        yield f"{inside}.{plain}"


def _plain(
    cell: Cell, node: ast.stmt, path: tuple[str, ...], holder: ast.AST | None, target: str
) -> str:
    last = path[-1]
    if isinstance(holder, ast.Call):
        return _argument_name(cell, node, holder, last, target)
    if isinstance(holder, ast.Dict) and last.endswith(":"):
        key = last[:-1].strip("'\"")
        return f"{target}.{key}" if target else key
    if isinstance(node, ast.For) and path[0] == "iter0" and len(path) == 1:
        return f"{ast.unparse(node.target)} in"
    if holder is node and isinstance(node, ast.Assign | ast.AnnAssign) and target:
        return target
    if len(path) == 2 and isinstance(holder, ast.Tuple | ast.List) and target:
        return target
    return _of_expression(node, path, holder, target)


def _of_expression(
    node: ast.stmt, path: tuple[str, ...], holder: ast.AST | None, target: str
) -> str:
    if isinstance(holder, ast.Compare):
        signs = {ast.Lt: "<", ast.Gt: ">", ast.LtE: "<=", ast.GtE: ">=", ast.Eq: "=="}
        sign = signs.get(type(holder.ops[0]), "?")
        return f"{ast.unparse(holder.left)} {sign}"
    if isinstance(holder, ast.BinOp):
        own = _at(holder, path[-1:])
        other = holder.right if own is holder.left else holder.left
        signs_ = {ast.Mult: "*", ast.Add: "+", ast.Sub: "-", ast.Div: "/", ast.Mod: "%"}
        sign = signs_.get(type(holder.op), "**")
        text = ast.unparse(other)
        if len(text) <= 20:
            return f"{text} {sign}"
    if isinstance(node, ast.AugAssign):
        return ast.unparse(node.target)
    return target or ast.unparse(node).splitlines()[0][:30]


def _argument_name(cell: Cell, node: ast.stmt, call: ast.Call, last: str, target: str) -> str:
    callee = _callee(call.func)
    name: str | None = last[:-1]
    if not last.endswith("="):
        if callee in ("range", "trange"):
            return _of_range(node, target)
        number = int(last[1:-1])
        name = _positional(cell, callee, number)
        if name is None:
            single = len(call.args) == 1 and not call.keywords
            return callee if single else f"{callee}[{number}]"
    if callee == "dict" and target:
        return f"{target}.{name}"
    return callee if name == callee else f"{callee}.{name}"


def _of_range(node: ast.stmt, target: str) -> str:
    """``for epoch in range(20)`` has 20 ``epochs``."""
    if isinstance(node, ast.For) and isinstance(node.target, ast.Name):
        name = node.target.id
        return f"{name}s" if len(name) > 1 and name != "_" else f"range({name})"
    return f"{target}.range" if target else "range"


def _positional(cell: Cell, callee: str, number: int) -> str | None:
    """What a function calls its n-th argument."""
    for statement in cell.statements:
        definition = statement.node
        if isinstance(definition, ast.ClassDef) and definition.name == callee:
            for method in definition.body:
                if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                    return _nth(method, number + 1)
        if isinstance(definition, Function) and definition.name == callee:
            owner = cell.statements[statement.parent].node if statement.parent >= 0 else None
            return _nth(definition, number + isinstance(owner, ast.ClassDef))
    known = POSITIONAL.get(callee, ())
    return known[number] if 0 <= number < len(known) else None


def _nth(function: Function, number: int) -> str | None:
    named = [a.arg for a in [*function.args.posonlyargs, *function.args.args]]
    return named[number] if number < len(named) else None


def _callee(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        last = node.attr
        if last in ("seed", "manual_seed", "default_rng"):
            return "seed" if last != "default_rng" else last
        return last
    return node.id if isinstance(node, ast.Name) else "call"


def _target(node: ast.stmt, path: tuple[str, ...]) -> str:
    """What a statement assigns to, at a path."""
    if isinstance(node, ast.Assign):
        target = node.targets[-1]
        if isinstance(target, ast.Tuple | ast.List) and len(path) > 1 and path[0] == "value0":
            number = path[1].removeprefix("elts")
            if number.isdigit() and int(number) < len(target.elts):
                target = target.elts[int(number)]
    elif isinstance(node, ast.AnnAssign | ast.AugAssign):
        target = node.target
    else:
        return ""
    match target:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return name
        case ast.Attribute() | ast.Subscript():
            return _dotted(target)
    return ""


def _dotted(node: ast.expr) -> str:
    """``cfg.lr`` for ``cfg["lr"]``."""
    match node:
        case ast.Subscript(value=value, slice=ast.Constant(value=str() as key)):
            return f"{_dotted(value)}.{key}"
        case ast.Attribute(value=value, attr=name):
            return f"{_dotted(value)}.{name}"
    return ast.unparse(node)


# -- param("lr", 0.1) ------------------------------------------------------------------------


def _is_param(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if isinstance(call.func, ast.Name):
        name = call.func.id
    first = call.args[0] if call.args else None
    return name == "param" and isinstance(first, ast.Constant) and isinstance(first.value, str)


def _declared(
    cells: Sequence[Cell],
) -> tuple[dict[str, tuple[object, ...]], dict[str, tuple[int | None, ...]]]:
    calls = [
        {
            n.args[0].value: n  # type: ignore[attr-defined]
            for n in ast.walk(cell.tree)
            if isinstance(n, ast.Call) and _is_param(n)
        }
        for cell in cells
    ]
    names = dict.fromkeys(name for found in calls for name in found)
    values = {name: tuple(_default(found.get(name)) for found in calls) for name in names}
    lines = {
        name: tuple(found[name].lineno if name in found else None for found in calls)
        for name in names
    }
    return values, lines


def _default(call: ast.Call | None) -> object:
    if call is None:
        return ABSENT
    value = call.args[1] if len(call.args) > 1 else None
    value = value or next(
        (k.value for k in call.keywords if k.arg in ("value", "default")), None
    )
    return ABSENT if value is None else _value(value)
