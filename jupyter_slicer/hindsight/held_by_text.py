"""What functions and classes of the notebook hold, though they are kept as text alone.

def step(x, seen=[]):       # grows with the loop
    seen.append(x)

class Model:
    steps = 0               # counts all of them
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from jupyter_slicer.hindsight.lost import Lost, whole

Held = dict[str, dict[str, Any]]
"""For each name, what hangs on its function or class."""

_FIXED = (
    type(None), bool, int, float, complex, str, bytes, type, types.FunctionType,
    types.BuiltinFunctionType, types.ModuleType,
)  # fmt: skip
_OF_TEXT = (
    types.FunctionType, property, classmethod, staticmethod, types.MemberDescriptorType,
    types.GetSetDescriptorType,
)  # fmt: skip


def held_by_text(names: Iterable[str], namespace: Mapping[str, Any]) -> Held:
    """Of functions what may change, of classes all data."""
    found: Held = {}
    for name in sorted(names):
        value: Any = namespace.get(name)
        kind = type(value)
        if kind is types.FunctionType and value.__module__ == "__main__":
            held = _of_function(value)
        elif kind is type and value.__module__ == "__main__":
            held = _of_class(value)
        else:
            continue
        if held:
            found[name] = held
    return found


def _of_function(function: Any) -> dict[str, Any]:
    defaults = function.__defaults__ or ()
    named = function.__kwdefaults__ or {}
    held = dict(function.__dict__)
    if not held and all(type(v) in _FIXED for v in (*defaults, *named.values())):
        return {}
    return {"defaults": list(defaults), "named": dict(named), "own": held}


def _of_class(kind: type) -> dict[str, Any]:
    return {
        name: value
        for name, value in vars(kind).items()
        if not name.startswith("__") and type(value) not in _OF_TEXT
    }


def put_back(held: Held, namespace: Mapping[str, Any]) -> None:
    """On the functions and classes that have those names now."""
    for name, values in held.items():
        value = namespace.get(name)
        if type(value) is types.FunctionType:
            _to_function(value, values)
        elif isinstance(value, type):
            for attribute, one in whole(values).items():
                with suppress(AttributeError, TypeError):
                    setattr(value, attribute, one)


def _to_function(function: Any, held: Mapping[str, Any]) -> None:
    known = function.__defaults__ or ()
    if len(known) == len(held["defaults"]):
        pairs = zip(known, held["defaults"], strict=True)
        function.__defaults__ = tuple(k if type(v) is Lost else v for k, v in pairs) or None
    if function.__kwdefaults__:
        function.__kwdefaults__ = {**function.__kwdefaults__, **whole(held["named"])}
    function.__dict__.update(whole(held["own"]))
