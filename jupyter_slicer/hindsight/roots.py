"""What a loop can reach: the variables whose values are its state."""

from __future__ import annotations

import ast
import gc
import operator
import sys
import time
import types
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from jupyter_slicer.analysis.facts import PURE_BUILTINS, statement_facts
from jupyter_slicer.hindsight.buffers import DEFERRED
from jupyter_slicer.hindsight.frames import is_module_level, read_locals
from jupyter_slicer.hindsight.loops import NAME, Loop
from jupyter_slicer.values.look import is_class

Roots = dict[str, dict[str, Any]]
"""``globals`` and ``locals``, by name."""

_TEXT = (types.ModuleType, types.BuiltinFunctionType, type)
COPIED = 5e8
"""Bytes a second, at first: memory that was never touched is slow."""
WALKED = 10_000_000
"""Objects of Python's own a second."""
TAKEN_APART = 300_000
"""Other objects a second: each says itself what it consists of."""
LARGE = 100_000
"""Bytes of an array that one does not loop over for nothing."""
_TRAINS = frozenset("partial_fit backward boost zero_grad".split())


def roots_of(frame: types.FrameType, names: Iterable[str], without: Mapping[str, str]) -> Roots:
    """Values that an iteration may change, or that it reads.

    Functions, classes and modules come from the notebook's text; ``without`` names what
    cannot be kept.
    """
    found: Roots = {"globals": {}, "locals": {}}
    namespace = frame.f_globals
    for name in sorted(names):
        if name in namespace and name not in without and _is_state(namespace[name]):
            found["globals"][name] = namespace[name]
    if not is_module_level(frame):
        for name, value in read_locals(frame).items():
            if name not in without and (_is_state(value) or is_class(value)):
                found["locals"][name] = value
    found["globals"].pop(NAME, None)
    return found


def _is_state(value: object) -> bool:
    # Never ``isinstance``, which asks ``__class__``: a weak proxy may have lost its object.
    if issubclass(type(value), _TEXT):
        return False
    # What a function closes over may change; one that closes over nothing is its text.
    return type(value) is not types.FunctionType or value.__closure__ is not None


def likely_long(roots: Roots, loop: Loop, items: object, guesses: bool = True) -> bool:
    """Whether a loop looks like one that computes for a while.

    It decides only whether the state before the first iteration is worth a moment.
    ``guesses=False``: only where it trains something.
    """
    if operator.length_hint(items, 2) < 2:  # type: ignore[arg-type]
        return False
    values = [value for part in roots.values() for value in part.values()]
    if any(_is_trained(value) for value in values):
        return True
    inside = [n for statement in loop.body for n in ast.walk(statement)]
    if any(isinstance(n, ast.Attribute) and n.attr in _TRAINS for n in inside):
        return True
    if not guesses:
        return False
    if any(isinstance(n, (ast.For, ast.While)) for n in inside):
        return True
    works = any(isinstance(n, (ast.Call, ast.MatMult)) for n in inside)
    return works and any(_array_bytes(value) >= LARGE for value in values)


def _is_trained(value: object) -> bool:
    kind = type(value)
    if kind.__module__ == "builtins":
        return False
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "optim"):
        return issubclass(kind, (torch.optim.Optimizer, torch.nn.Module))
    return False


def changing_names(loop: Loop) -> frozenset[str]:
    """Names whose values the loop's text changes, or gives to what may change them."""
    facts = statement_facts(loop)
    found = set(facts.defines | facts.deletes | facts.callers)
    found.update(access.name for access in facts.stores)
    for call in (n for n in ast.walk(loop) if isinstance(n, ast.Call)):
        if isinstance(call.func, ast.Name) and call.func.id in PURE_BUILTINS:
            continue
        given = [*call.args, *(k.value for k in call.keywords)]
        found.update(name for value in given if (name := _root_name(value)))
    return frozenset(found)


def _root_name(node: ast.expr) -> str | None:
    """``x`` of ``x``, ``x.a`` and ``*x``; not of ``x[i]``, which is mostly new."""
    while isinstance(node, (ast.Attribute, ast.Starred)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def looks_constant(name: str, value: object, changing: Collection[str]) -> bool:
    return name not in changing and not _is_trained(value)


def estimate(roots: Roots, changing: Collection[str], patience: float = 0.004) -> float:
    """Seconds that a first look at the state will take, by size; infinite if a look at
    the sizes alone takes too long. Large arrays that look constant are not copied."""
    until = time.perf_counter() + patience
    seen: set[int] = set()
    stack: list[tuple[Any, bool]] = [
        (value, looks_constant(name, value, changing))
        for part in roots.values()
        for name, value in part.items()
    ]
    size = objects = 0
    while stack:
        value, constant = stack.pop()
        if id(value) in seen or issubclass(type(value), (*_TEXT, types.FunctionType, str)):
            continue
        seen.add(id(value))
        objects += type(value).__module__ != "builtins"
        own = _array_bytes(value)
        size += 0 if constant and own >= DEFERRED else own
        stack.extend((inner, constant) for inner in gc.get_referents(value))
        if len(seen) % 512 == 0 and time.perf_counter() > until:
            return float("inf")
    return size / COPIED + len(seen) / WALKED + objects / TAKEN_APART + 0.0005


def _array_bytes(value: Any) -> int:
    kind = type(value)
    if kind in (bytes, bytearray):
        return len(value)
    if kind.__module__ == "numpy" and kind.__name__ == "ndarray":
        return int(value.nbytes) if value.base is None else 0
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "Tensor") and issubclass(kind, torch.Tensor):
        return int(value.numel() * value.element_size())
    return 0
