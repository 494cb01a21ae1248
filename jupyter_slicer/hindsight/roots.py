"""What a loop can reach: the variables whose values are its state."""

from __future__ import annotations

import ast
import gc
import operator
import sys
import time
import types
from collections.abc import Iterable, Mapping
from typing import Any

from jupyter_slicer.hindsight.frames import is_module_level, read_locals
from jupyter_slicer.hindsight.loops import NAME, Loop

Roots = dict[str, dict[str, Any]]
"""``globals`` and ``locals``, by name."""

_TEXT = (types.ModuleType, types.BuiltinFunctionType, type)
COPIED = 5e8
"""Bytes a second, at first: memory that was never touched is slow."""
WALKED = 2_000_000
"""Objects a second."""
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
            if name not in without and (_is_state(value) or isinstance(value, type)):
                found["locals"][name] = value
    found["globals"].pop(NAME, None)
    return found


def _is_state(value: object) -> bool:
    if isinstance(value, _TEXT):
        return False
    # What a function closes over may change; one that closes over nothing is its text.
    return not isinstance(value, types.FunctionType) or value.__closure__ is not None


def likely_long(roots: Roots, loop: Loop, items: object) -> bool:
    """Whether a loop looks like one that computes for a while.

    It decides only whether the state before the first iteration is worth a moment.
    """
    if operator.length_hint(items, 2) < 2:  # type: ignore[arg-type]
        return False
    values = [value for part in roots.values() for value in part.values()]
    if any(_is_trained(value) for value in values):
        return True
    inside = [n for statement in loop.body for n in ast.walk(statement)]
    if any(isinstance(n, ast.Attribute) and n.attr in _TRAINS for n in inside):
        return True
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


def estimate(roots: Roots, patience: float = 0.004) -> float:
    """Seconds that a first look at the state will take, by size; infinite if a look at
    the sizes alone takes too long."""
    until = time.perf_counter() + patience
    seen: set[int] = set()
    stack: list[Any] = [v for part in roots.values() for v in part.values()]
    size = 0
    while stack:
        value = stack.pop()
        if id(value) in seen or isinstance(value, (*_TEXT, types.FunctionType, str)):
            continue
        seen.add(id(value))
        size += _array_bytes(value)
        stack.extend(gc.get_referents(value))
        if len(seen) % 512 == 0 and time.perf_counter() > until:
            return float("inf")
    return size / COPIED + len(seen) / WALKED + 0.0005


def _array_bytes(value: Any) -> int:
    kind = type(value)
    if kind in (bytes, bytearray):
        return len(value)
    if kind.__module__ == "numpy" and kind.__name__ == "ndarray":
        return int(value.nbytes) if value.base is None else 0
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "Tensor") and isinstance(value, torch.Tensor):
        return int(value.numel() * value.element_size())
    return 0
