"""What functions, classes and modules of the user hold, though they are kept as text alone.

def step(x, seen=[]):       # grows with the loop
    seen.append(x)

class Model:
    steps = 0               # counts all of them

import mine                 # a file beside the notebook, with a global counter
"""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from jupyter_slicer.hindsight.lost import Lost, whole

Held = dict[str, dict[str, Any]]
"""For each name, what hangs on its function or class; variables of a module for each of its
names after ``MODULE``."""
MODULE = "module "
_MANY = 10_000
"""Elements of a container from which on a module's variable is data, and not state."""
_LARGE = 1 << 20
"""The same for arrays, in bytes."""

_FIXED = (
    type(None), bool, int, float, complex, str, bytes, type, types.FunctionType,
    types.BuiltinFunctionType, types.ModuleType,
)  # fmt: skip
_TEXT = (type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType)
_OF_TEXT = (
    types.FunctionType, property, classmethod, staticmethod, types.MemberDescriptorType,
    types.GetSetDescriptorType,
)  # fmt: skip


def held_by_text(names: Iterable[str], namespace: Mapping[str, Any]) -> Held:
    """Of functions what may change, of classes and of modules that are files of the user's
    all data."""
    found: Held = {}
    names = set(names)
    modules = {name.removeprefix(MODULE) for name in names if name.startswith(MODULE)}
    for name in sorted(names):
        value: Any = namespace.get(name)
        kind = type(value)
        modules |= _module_of(value)
        if kind is types.FunctionType and value.__module__ == "__main__":
            held = _of_function(value)
        elif kind is type and value.__module__ == "__main__":
            held = _of_class(value)
        else:
            continue
        if held:
            found[name] = held
    for name in sorted(modules):
        held = _of_module(vars(sys.modules[name])) if name in sys.modules else {}
        if held:
            found[MODULE + name] = held
    return found


def _module_of(value: Any) -> set[str]:
    if type(value) is types.ModuleType:
        name = value.__name__
    elif type(value) is types.FunctionType or isinstance(value, type):
        name = str(getattr(value, "__module__", ""))
    else:
        return set()
    module = sys.modules.get(name)
    return {name} if module is not None and _is_own(name, module) else set()


def _is_own(name: str, module: types.ModuleType) -> bool:
    if name in ("__main__", "builtins") or name.partition(".")[0] == "jupyter_slicer":
        return False
    file = str(getattr(module, "__file__", None) or "")
    return file.endswith(".py") and not any(part in file for part in _OF_OTHERS)


_OF_OTHERS = ("site-packages", "dist-packages", os.path.dirname(os.__file__) + os.sep)


def _of_module(variables: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in variables.items()
        if not name.startswith("__") and type(value) not in _TEXT and not _is_data(value)
    }


def _is_data(value: Any) -> bool:
    kind = type(value)
    if kind in (list, tuple, dict, set, str, bytes, bytearray):
        return len(value) > _MANY
    size = getattr(value, "nbytes", 0) if kind.__module__ in ("numpy", "torch") else 0
    return kind.__module__.startswith("pandas") or (type(size) is int and size > _LARGE)


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
        if name.startswith(MODULE):
            module = sys.modules.get(name.removeprefix(MODULE))
            if module is not None:
                vars(module).update(whole(values))
            continue
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
