"""A call with what its parts are, and what many kinds of calls have in common."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from jupyter_slicer.hindsight.edits import messages
from jupyter_slicer.hindsight.edits.effects import Effects
from jupyter_slicer.hindsight.edits.reach import OWN, UNKNOWN, Value, holding, joined

_CALLS_FIRST = frozenset(
    ("map", "filter", "reduce", "takewhile", "dropwhile", "starmap", "accumulate")
)


@dataclass
class Call:
    """A call with what its parts are."""

    node: ast.Call
    text: str
    arguments: list[Value]
    keywords: dict[str, Value]
    alone: bool

    @property
    def all(self) -> list[Value]:
        return [*self.arguments, *self.keywords.values()]

    @property
    def worst(self) -> Value:
        return joined(self.all)

    def keyword(self, name: str) -> ast.expr | None:
        return next((k.value for k in self.node.keywords if k.arg == name), None)


def unknown_call(effects: Effects, call: Call) -> Value:
    call_functions(effects, call)
    effects.caution(messages.deep_call(call.text))
    return UNKNOWN


def call_functions(effects: Effects, call: Call) -> None:
    """Functions that are handed on may be called with anything that training has."""
    for value in call.all:
        for function in value.functions:
            anything = dict.fromkeys(_parameters(function), UNKNOWN)
            effects.look_through(function, [], anything)


def call_with_items(effects: Effects, call: Call) -> None:
    """``map(f, xs)`` and ``sorted(xs, key=f)`` call ``f`` with what the others hold."""
    function = call.keyword("key")
    if function is None and call.text.rpartition(".")[2] in _CALLS_FIRST and call.node.args:
        function = call.node.args[0]
    if function is None or isinstance(function, ast.Constant):
        return
    others = [
        v for n, v in zip(call.node.args, call.arguments, strict=False) if n is not function
    ]
    given = holding(others).part() if joined(others).reach else OWN
    value = effects.value(function)
    if value.functions and not isinstance(function, ast.Name):
        for each in value.functions:
            effects.look_through(each, [], dict.fromkeys(_parameters(each), given))
        return
    count = 2 if call.text.endswith("reduce") else max(len(others), 1)
    synthetic = ast.Call(function, [ast.Constant(None)] * count, [])
    effects.call(synthetic, given=[given] * count)


def _parameters(function: ast.AST) -> list[str]:
    spec: ast.arguments = function.args  # type: ignore[attr-defined]
    return [a.arg for a in [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]]


def writes_file(effects: Effects, call: Call) -> None:
    texts = [
        n.value
        for n in ast.walk(call.node)
        if isinstance(n, ast.Constant) and isinstance(n.value, str)
    ]
    named = next((t for t in texts if len(t) > 1 and t in effects.known.texts), None)
    if named is not None:
        effects.offence(messages.writes_read_file(named))
    else:
        effects.caution(messages.writes_file(call.text))


def changes_in_place(effects: Effects, call: Call) -> Value:
    """``out=`` names what is written; ``inplace=True`` the first argument."""
    out = call.keyword("out")
    if out is not None:
        effects.changes(call.keywords["out"], ast.unparse(out))
        return call.keywords["out"]
    if call.node.args:
        effects.changes(call.arguments[0], ast.unparse(call.node.args[0]))
    return call.worst


def last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
