"""Looking at an object without running anything the user wrote.

``isinstance(v, X)`` asks ``v.__class__``, and ``v.name`` asks ``__getattribute__``: both
can be the user's. What is here goes past them to the C level.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import types
import weakref
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

T = TypeVar("T")

address: Callable[[object], int] = object.__hash__
"""Tells objects apart as ``id`` does, which is an audit event: who listens to those pays."""

_MRO = type.__dict__["__mro__"].__get__
_TYPE_DICT = type.__dict__["__dict__"].__get__
_TYPE_QUALNAME = type.__dict__["__qualname__"].__get__
_TYPE_MODULE = type.__dict__["__module__"].__get__
_BASICSIZE = type.__dict__["__basicsize__"].__get__
_BASE = type.__dict__["__base__"].__get__
_DICTOFFSET = type.__dict__["__dictoffset__"].__get__
_WEAKREFOFFSET = type.__dict__["__weakrefoffset__"].__get__
_FLAGS = type.__dict__["__flags__"].__get__
_HEAP_TYPE = 1 << 9
_PICKLING = (
    "__reduce__",
    "__reduce_ex__",
    "__getstate__",
    "__getnewargs__",
    "__getnewargs_ex__",
)
_LIBRARY_FOLDERS = tuple(
    {
        os.path.join(os.path.realpath(path), "")
        for path in sysconfig.get_paths().values()
        if os.path.basename(path) != "bin"
    }
    - {os.path.join(os.path.realpath(sys.prefix), "")}
)


def remembered(function: Callable[[type], T]) -> Callable[[type], T]:
    """As ``lru_cache`` for a class, by identity: a metaclass may define ``__hash__``.

    It keeps no class alive; a class that took the place of another is not mistaken for it,
    nor is one that was given other bases for what it was before.
    """
    known: dict[int, tuple[weakref.ref[type], int, T]] = {}

    def look_up(cls: type) -> T:
        found = known.get(address(cls))
        if found is None or found[1] != address(_MRO(cls)) or found[0]() is not cls:
            if len(known) > 4096:
                known.clear()
            found = known[address(cls)] = weakref.ref(cls), address(_MRO(cls)), function(cls)
        return found[2]

    return look_up


class Kinds:
    """Some types, found by identity: a metaclass may define ``__hash__`` and ``__eq__``."""

    __slots__ = ("_kinds", "ids")

    def __init__(self, *kinds: type) -> None:
        self._kinds = kinds  # so that no other type takes an identity over
        self.ids = frozenset(map(address, kinds))

    def __contains__(self, kind: object) -> bool:
        return address(kind) in self.ids


def mro(cls: type) -> tuple[type, ...]:
    return _MRO(cls)  # type: ignore[no-any-return]


def class_dict(cls: type) -> types.MappingProxyType[str, Any]:
    return _TYPE_DICT(cls)  # type: ignore[no-any-return]


def field(cls: type, name: str, value: object) -> Any:
    """Read what the C accessor of ``cls`` shows, whatever a subclass says."""
    return class_dict(cls)[name].__get__(value)


def is_a(value: object, cls: type) -> bool:
    """As ``isinstance``, for real bases only."""
    return any(base is cls for base in mro(type(value)))


def is_class(value: object) -> bool:
    return is_a(value, type)


def module_of(cls: type) -> str:
    module = _TYPE_MODULE(cls)
    return module if type(module) is str else "?"


def qualified_name(cls: type) -> str:
    module, name = module_of(cls), _TYPE_QUALNAME(cls)
    return name if module in ("builtins", "__main__", "__mp_main__") else f"{module}.{name}"


def short_name(cls: type) -> str:
    return str(type.__dict__["__name__"].__get__(cls))


def is_genuine(cls: type) -> bool:
    """Is it what its name says? A class body may set ``__module__`` to anything."""
    if not _FLAGS(cls) & _HEAP_TYPE:
        return True
    module = sys.modules.get(module_of(cls))
    if type(module) is not types.ModuleType or module_of(cls) in ("__main__", "__mp_main__"):
        return False
    return types.ModuleType.__getattribute__(module, "__dict__").get(short_name(cls)) is cls


def base_named(value: object, qualified: str) -> bool:
    """Is one of the bases the library class of this name? Nothing is imported."""
    return any(qualified_name(cls) == qualified for cls in mro(type(value)))


def loaded(module: str) -> Any:
    """A library, if the user has imported it."""
    return sys.modules.get(module)


def is_library(cls: type) -> bool:
    return is_library_module(module_of(cls)) and is_genuine(cls)


@lru_cache(maxsize=4096)
def is_library_module(name: str) -> bool:
    """The standard library or an installed distribution, not the user's own file."""
    if name in ("__main__", "__mp_main__"):
        return False
    if name == "builtins" or name.partition(".")[0] in sys.stdlib_module_names:
        return True
    module = sys.modules.get(name)
    if type(module) is not types.ModuleType:
        return False
    file = types.ModuleType.__getattribute__(module, "__dict__").get("__file__")
    if type(file) is not str:
        return False
    real = os.path.realpath(file)
    return "-packages" in real or real.startswith(_LIBRARY_FOLDERS)


def library_of_namespace(held: dict[str, Any]) -> str | None:
    """The library module whose names a dictionary holds, as ``__builtins__`` after ``eval``."""
    name = dict.get(held, "__name__")
    if type(name) is not str or not is_library_module(name):
        return None
    module = sys.modules.get(name)
    if type(module) is not types.ModuleType:
        return None
    return name if types.ModuleType.__getattribute__(module, "__dict__") is held else None


def attributes(value: object) -> dict[str, Any] | None:
    """The instance's own ``__dict__``; None when it has none."""
    if not _DICTOFFSET(type(value)):
        return None
    # Whatever a class statement says about "__dict__", the C accessor of the first
    # base with one is the truth.
    for cls in reversed(mro(type(value))):
        accessor = class_dict(cls).get("__dict__")
        if type(accessor) is types.GetSetDescriptorType:
            found = accessor.__get__(value)
            return found if is_a(found, dict) else None
    try:
        found = object.__getattribute__(value, "__dict__")
    except (AttributeError, TypeError):
        return None
    return found if type(found) is dict else None


def slots(value: object) -> dict[str, Any]:
    """What the member descriptors of all its classes hold, by slot name."""
    held: dict[str, Any] = {}
    for cls in reversed(mro(type(value))):
        for name, member in class_dict(cls).items():
            if type(member) is types.MemberDescriptorType and name not in _NOT_STATE:
                try:
                    held[name] = member.__get__(value)
                except AttributeError:
                    continue
    return held


_NOT_STATE = frozenset({"__dictoffset__", "__weakrefoffset__", "__vectorcalloffset__"})


@remembered
def hides_state(cls: type) -> bool:
    """Does a C base keep fields that neither ``__dict__`` nor slots show?"""
    while cls is not object:
        base = _BASE(cls)
        extra = _BASICSIZE(cls) - _BASICSIZE(base)
        members = class_dict(cls)
        extra -= 8 * sum(type(m) is types.MemberDescriptorType for m in members.values())
        extra -= 8 * (_DICTOFFSET(cls) != 0 and _DICTOFFSET(base) == 0)
        extra -= 8 * (_WEAKREFOFFSET(cls) != 0 and _WEAKREFOFFSET(base) == 0)
        if extra > 0:
            return True
        cls = base
    return False


@remembered
def pickles_itself(cls: type) -> bool:
    """A library class, all of whose pickling methods are a library's, and not object's."""
    if not is_library(cls):
        return False
    definers = [
        base
        for base in mro(cls)
        if base is not object and any(name in class_dict(base) for name in _PICKLING)
    ]
    return bool(definers) and all(is_library(base) for base in definers)
