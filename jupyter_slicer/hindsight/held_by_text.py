"""What functions, classes and modules of the user hold, though they are kept as text alone.

def step(x, seen=[]):       # grows with the loop
    seen.append(x)

class Model:
    steps = 0               # counts all of them

import mine                 # a file beside the notebook, with a global counter
"""

from __future__ import annotations

import gc
import importlib
import itertools
import os
import sys
import types
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from jupyter_slicer.hindsight.lost import Lost, LostPart, kind_of, whole
from jupyter_slicer.values.look import Kinds, is_a, is_class, module_of

Held = dict[str, dict[str, Any]]
"""For each name, what hangs on its function or class; variables of a module for each of its
names after ``MODULE``."""
MODULE = "module "
_MANY = 100_000
"""Elements of a container in a module from which on it is left out, and that is told: they
would be written one by one at each checkpoint. Arrays cost little once they are known."""
_LARGE = 1 << 20
"""The same for what is text, in characters or bytes."""
_LOOKED_AT = 500
"""Objects whose classes may lead to modules."""

_FIXED = Kinds(
    type(None), bool, int, float, complex, str, bytes, type, types.FunctionType,
    types.BuiltinFunctionType, types.ModuleType,
)  # fmt: skip
_TEXT = Kinds(type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType)
_OF_TEXT = Kinds(
    types.FunctionType, property, classmethod, staticmethod, types.MemberDescriptorType,
    types.GetSetDescriptorType,
)  # fmt: skip
_TEXTS = Kinds(str, bytes, bytearray)


def held_by_text(names: Iterable[str], namespace: Mapping[str, Any]) -> Held:
    """Of functions what may change, of classes and of modules that are files of the user's
    all data. ``MODULE`` and a name is a module, too."""
    found: Held = {}
    names = set(names)
    modules = {name.removeprefix(MODULE) for name in names if name.startswith(MODULE)}
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
    for name in sorted(modules):
        held = _of_module(vars(sys.modules[name])) if name in sys.modules else {}
        if held:
            found[MODULE + name] = held
    return found


def own_modules(values: Iterable[object]) -> set[str]:
    """Modules that are files of the user's, as ``MODULE`` and the name, to which some values
    lead: they themselves, those of functions and of objects' classes, and what they import.

    model = mine.Model()        # ``mine`` counts, whether the loop names it or not
    """
    own = look_at_modules()
    if not own:  # mostly
        return set()
    found: set[str] = set()
    waiting = [name for value in _objects(values) if (name := _home_of(value)) in own]
    while waiting:
        name = waiting.pop()
        if name in found or name not in sys.modules:
            continue
        found.add(name)
        waiting += own.intersection(map(_home_of, list(vars(sys.modules[name]).values())))
    return {MODULE + name for name in found}


class _Modules:
    """Those that were loaded when somebody looked last."""

    count = 0
    seen: set[str] = set()  # noqa: RUF012
    own: set[str] = set()  # noqa: RUF012


def look_at_modules() -> set[str]:
    """Names of modules that are files of the user's. Quick where nothing was imported since."""
    if len(sys.modules) != _Modules.count:
        _Modules.count = len(sys.modules)
        new = sys.modules.keys() - _Modules.seen
        _Modules.seen |= new
        _Modules.own |= {n for n in new if n in sys.modules and _is_own(n, sys.modules[n])}
    return _Modules.own


def _objects(values: Iterable[object]) -> Iterator[object]:
    seen: set[int] = set()
    waiting = deque(values)
    while waiting and len(seen) < _LOOKED_AT:
        value = waiting.popleft()
        if id(value) in seen:
            continue
        seen.add(id(value))
        yield value
        if type(value) not in _FIXED:
            inner = itertools.islice(gc.get_referents(value), _LOOKED_AT)
            waiting.extend(v for v in inner if gc.is_tracked(v))


def _home_of(value: Any) -> str:
    """The module of which an object is, was made, or is an instance."""
    kind = type(value)
    if kind is types.ModuleType or kind is types.FunctionType:
        return str(value.__name__ if kind is types.ModuleType else value.__module__)
    return module_of(value if is_class(value) else kind)


def left_out(held: Iterable[str]) -> list[LostPart]:
    """Variables of modules that ``held_by_text`` leaves out for their size."""
    return [
        LostPart(f"{kind_of(value)}{_NOT_SEEN}", "modules", f"{module}.{name}")
        for module in sorted(h.removeprefix(MODULE) for h in held if h.startswith(MODULE))
        if module in sys.modules
        for name, value in list(vars(sys.modules[module]).items())
        if not name.startswith("__") and _is_too_large(value)
    ]


def _is_own(name: str, module: object) -> bool:
    if not is_a(module, types.ModuleType):  # the user may put anything there
        return False
    if name in ("__main__", "builtins") or name.partition(".")[0] == "jupyter_slicer":
        return False
    file = types.ModuleType.__getattribute__(module, "__dict__").get("__file__")
    if type(file) is not str:
        return False
    return file.endswith(".py") and not any(part in file for part in _OF_OTHERS)


_OF_OTHERS = ("site-packages", "dist-packages", os.path.dirname(os.__file__) + os.sep)


def _of_module(variables: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in variables.items()
        if not name.startswith("__") and type(value) not in _TEXT and not _is_too_large(value)
    }


_NOT_SEEN = ", too large to be kept: a change of it is not seen"


def _is_too_large(value: Any) -> bool:
    kind = type(value)
    if kind in _TEXTS:
        return len(value) > _LARGE
    return issubclass(kind, _CONTAINERS) and len(value) > _MANY


_CONTAINERS = (list, tuple, dict, set, frozenset, deque)


def _of_function(function: Any) -> dict[str, Any]:
    """Also of functions that it closes over: a decorated one is a function around another.

    @counted            # counts in a variable of its own
    def step(x): …
    """
    return _held_function(function, set())


def _held_function(function: Any, seen: set[int]) -> dict[str, Any]:
    seen.add(id(function))
    defaults = function.__defaults__ or ()
    named = function.__kwdefaults__ or {}
    held = {k: v for k, v in function.__dict__.items() if k != "__wrapped__"}
    closure = [_of_cell(cell, seen) for cell in function.__closure__ or ()]
    if (
        not held
        and not any(closure)
        and all(type(v) in _FIXED for v in (*defaults, *named.values()))
    ):
        return {}
    return {"defaults": list(defaults), "named": dict(named), "own": held, "closure": closure}


def _of_cell(cell: types.CellType, seen: set[int]) -> dict[str, Any]:
    try:
        value = cell.cell_contents
    except ValueError:
        return {}
    if type(value) is types.FunctionType:
        # Its text is the program's, with what was added to it.
        inner = {} if id(value) in seen else _held_function(value, seen)
        return {"function": inner} if inner else {}
    return {} if type(value) in _TEXT else {"value": value}


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
            with suppress(ImportError):
                # Where a function of the loop's imports it, its time has not come yet.
                module = importlib.import_module(name.removeprefix(MODULE))
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
    cells = function.__closure__ or ()
    if len(cells) == len(held.get("closure", ())):
        for cell, kept in zip(cells, held["closure"], strict=True):
            _to_cell(cell, kept)


def _to_cell(cell: types.CellType, kept: Mapping[str, Any]) -> None:
    if "value" in kept and type(kept["value"]) is not Lost:
        cell.cell_contents = kept["value"]
    elif "function" in kept:
        with suppress(ValueError):
            if type(cell.cell_contents) is types.FunctionType:
                _to_function(cell.cell_contents, kept["function"])
