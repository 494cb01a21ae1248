"""What a call in added code may do, by what it calls."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Sequence

from jupyter_slicer.analysis.purity import calls_are_harmless
from jupyter_slicer.hindsight.edits import messages
from jupyter_slicer.hindsight.edits.call_parts import (
    Call,
    call_with_items,
    last_name,
    unknown_call,
    writes_file,
)
from jupyter_slicer.hindsight.edits.effects import Effects
from jupyter_slicer.hindsight.edits.library_calls import library_call
from jupyter_slicer.hindsight.edits.method_calls import method_call
from jupyter_slicer.hindsight.edits.model_calls import instance_call
from jupyter_slicer.hindsight.edits.reach import OWN, UNKNOWN, Reach, Value, holding, joined

_STEPPING = frozenset(
    "list tuple set frozenset dict sorted sum min max any all enumerate zip map filter reversed "
    "iter bytes bytearray".split()
)


_COMPUTING = frozenset(
    "abs ascii bin bool callable chr complex divmod float format hasattr hash hex id int "
    "isinstance issubclass len oct ord pow print range repr round slice str type display "
    "memoryview object Exception ValueError RuntimeError KeyError TypeError StopIteration "
    "AssertionError super property staticmethod classmethod".split()
)


_SPECIAL = {
    "len": ("__len__",), "str": ("__str__", "__repr__"), "repr": ("__repr__",),
    "print": ("__str__", "__repr__"), "format": ("__format__", "__str__"),
    "float": ("__float__",), "int": ("__int__", "__index__"), "abs": ("__abs__",),
    "bool": ("__bool__", "__len__"), "round": ("__round__",), "hash": ("__hash__",),
    "display": ("__repr__", "_repr_html_"),
}  # fmt: skip
"""Methods that builtins call."""


def call_value(
    effects: Effects, node: ast.Call, alone: bool, given: Sequence[Value] | None = None
) -> Value:
    """Note what a call does; gives whose its value is.

    ``given`` are its arguments where no text shows them.
    """
    path = effects.path(node.func)
    if path is None and isinstance(node.func, ast.Name):
        name = node.func.id
        value = effects.named(name)
        if not _is_builtin(effects, name, value):
            return _called_value(effects, node, value, _read(effects, node, alone, given))
        several = name in ("min", "max") and len(node.args) > 1
        stepping = name in _STEPPING and given is None and not several
        return _builtin(effects, name, _read(effects, node, alone, given, stepping))
    if path is not None:
        return library_call(effects, path, _read(effects, node, alone, given))
    if isinstance(node.func, ast.Attribute):
        holder = effects.value(node.func.value)
        return method_call(effects, holder, node.func, _read(effects, node, alone, given))
    value = effects.value(node.func)
    return _called_value(effects, node, value, _read(effects, node, alone, given))


def _is_builtin(effects: Effects, name: str, value: Value) -> bool:
    if not hasattr(builtins, name) and name != "display":
        return False
    known = effects.known
    return (
        value.reach == Reach.TRAINING
        and not value.functions
        and name not in known.classes
        and not known.origins_of(value.root)
    )


def _read(
    effects: Effects,
    node: ast.Call,
    alone: bool,
    given: Sequence[Value] | None = None,
    stepping: bool = False,
) -> Call:
    if given is not None:
        return Call(node, ast.unparse(node.func), list(given), {}, alone)
    arguments: list[Value] = []
    for argument in node.args:
        arguments.append(
            effects.step_over(argument)
            if stepping
            and not isinstance(argument, ast.Starred | ast.Constant | ast.Lambda)
            and not _may_be_function(effects, argument)
            else effects.value(argument)
        )
    keywords = {k.arg or "*": effects.value(k.value) for k in node.keywords}
    return Call(node, ast.unparse(node.func), arguments, keywords, alone)


def _may_be_function(effects: Effects, argument: ast.expr) -> bool:
    if not isinstance(argument, ast.Name):
        return False
    value = effects.named(argument.id)
    return bool(value.functions) or (
        hasattr(builtins, argument.id) and _is_builtin(effects, argument.id, value)
    )


def _called_value(effects: Effects, node: ast.Call, value: Value, call: Call) -> Value:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name in effects.known.classes:
        return _made(effects, name, call)
    if value.functions:
        results = [
            effects.look_through(f, call.arguments, call.keywords) for f in value.functions
        ]
        if name and value.reach == Reach.TRAINING and effects.known.origins_of(value.root):
            effects.caution(messages.deep_call(call.text))
        return joined(results)
    if name == "log" and value.reach == Reach.TRAINING:
        return OWN  # of jupyter_slicer, or the notebook's own way to log
    if name == "param":
        return OWN
    if value.reach == Reach.TRAINING:
        return instance_call(effects, value, call)
    if value.reach <= Reach.SHELL:
        return instance_call(effects, value, call)
    return unknown_call(effects, call)


def _made(effects: Effects, name: str, call: Call) -> Value:
    """A new instance of a class of the text."""
    instance = holding(call.all)
    for initializer in effects.known.method_of(name, "__init__"):
        effects.look_through(initializer, [instance, *call.arguments], call.keywords)
    return instance


def _builtin(effects: Effects, name: str, call: Call) -> Value:
    node = call.node
    match name:
        case "setattr" | "delattr" if node.args:
            effects.changes(call.arguments[0], ast.unparse(node.args[0]))
            effects.keep(node.args[0], call.worst)
            return OWN
        case "getattr" if node.args:
            return call.arguments[0].part() | holding(call.arguments[2:])
        case "next" if node.args:
            return _next(effects, node.args[0], call.arguments[0])
        case "open":
            _opens(effects, call)
            return OWN
        case "exec" | "eval" | "compile" | "__import__" | "input" | "breakpoint":
            effects.caution(messages.deep_call(name))
            return UNKNOWN
        case "globals" | "locals" | "vars":
            return Value(Reach.TRAINING, f"{name}()")
        case "exit" | "quit":
            effects.offence(messages.exits(name))
            return OWN
        case "print" if call.keyword("file") is not None:
            _prints_to(effects, call)
            return OWN
    if name in _STEPPING:
        call_with_items(effects, call)
        return joined(call.all) if name in ("min", "max") else holding(call.all)
    if name == "super":
        return UNKNOWN
    for value in call.arguments:
        effects.special(value, *_SPECIAL.get(name, ()))
    if name in _COMPUTING or calls_are_harmless(node, {}):
        return OWN
    effects.caution(messages.deep_call(name))
    return UNKNOWN


def _next(effects: Effects, node: ast.expr, value: Value) -> Value:
    if value.reach == Reach.TRAINING:
        new = isinstance(node, ast.Call) and effects.gives_new(node)
        if new or (isinstance(node, ast.Call) and last_name(node.func) == "iter"):
            return value.part()
        effects.offence(messages.uses_up(ast.unparse(node)))
    elif value.reach == Reach.UNKNOWN and not effects.gives_new(node):
        effects.caution(messages.may_use_up(ast.unparse(node)))
    return value.part()


def _opens(effects: Effects, call: Call) -> None:
    mode = call.node.args[1] if len(call.node.args) > 1 else call.keyword("mode")
    reads = mode is None or (
        isinstance(mode, ast.Constant)
        and isinstance(mode.value, str)
        and not set(mode.value) & set("wax+")
    )
    if not reads:
        writes_file(effects, call)


def _prints_to(effects: Effects, call: Call) -> None:
    target = call.keyword("file")
    assert target is not None
    if effects.path(target) in ("sys.stdout", "sys.stderr"):
        return
    if isinstance(target, ast.Constant) and target.value is None:
        return
    effects.changes(call.keywords["file"], ast.unparse(target))
