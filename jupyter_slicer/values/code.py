"""Descriptions of functions, classes, methods and modules."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

from jupyter_slicer.values.builtin import label_of, record
from jupyter_slicer.values.description import Description, Part, Walk
from jupyter_slicer.values.hashing import hash_parts
from jupyter_slicer.values.look import (
    attributes,
    class_dict,
    field,
    is_library,
    is_library_module,
    qualified_name,
)

_BEHAVIOUR = 0x3FF
"""Of a code object's flags, those that are not ``from __future__ import``."""
_NOT_BODY = frozenset(
    [
        "__dict__",
        "__weakref__",
        "__module__",
        "__doc__",
        "__firstlineno__",
        "__static_attributes__",
        "_abc_impl",
        "__annotations__",
        "__annotate__",
        "__annotate_func__",
        "__annotations_cache__",
        "__slotnames__",
        "__qualname__",
        "__abstractmethods__",
    ]
)


def _function(value: Any, walk: Walk) -> Description:
    """A library's function is its name and what it closes over; others are their code."""
    function = types.FunctionType
    name = f"{value.__module__}.{value.__qualname__}"
    fields: dict[str, object] = {
        "defaults": field(function, "__defaults__", value),
        "kwdefaults": field(function, "__kwdefaults__", value),
        "closure": value.__closure__,
        "attributes": attributes(value) or None,
    }
    if type(value.__module__) is str and is_library_module(value.__module__):
        fields["name"] = name
    else:
        fields["code"] = value.__code__
    return record(value, walk, **fields)


def _code(value: types.CodeType, walk: Walk) -> Description:
    """Without file and line numbers: they say where the text was, not what it does."""
    said = (
        value.co_name,
        value.co_argcount,
        value.co_posonlyargcount,
        value.co_kwonlyargcount,
        value.co_flags & _BEHAVIOUR,
        value.co_names,
        value.co_varnames,
        value.co_freevars,
        value.co_cellvars,
    )
    table = getattr(value, "co_exceptiontable", b"")
    label = label_of(value, repr(said).encode("utf-8", "replace"), value.co_code, table)
    return Description(label, list(value.co_consts))


def _cell(value: types.CellType, walk: Walk) -> Description:
    try:
        return Description(b"cell", [value.cell_contents], names=[""])
    except ValueError:
        return Description(b"empty cell")


def _method(value: types.MethodType, walk: Walk) -> Description:
    return record(value, walk, function=value.__func__, self=value.__self__)


def _builtin(value: Any, walk: Walk) -> Description:
    owner = value.__self__
    name = value.__name__
    if owner is None or type(owner) is types.ModuleType:
        return Description(label_of(value, f"{value.__module__}.{name}".encode()))
    return record(value, walk, name=name, self=owner)


def _descriptor(value: Any, walk: Walk) -> Description:
    owner = qualified_name(value.__objclass__)
    return Description(label_of(value, f"{owner}.{value.__name__}".encode()))


def _partial(value: Any, walk: Walk) -> Description:
    get = functools.partial
    return record(
        value,
        walk,
        func=field(get, "func", value),
        args=field(get, "args", value),
        keywords=field(get, "keywords", value),
    )


def _property(value: property, walk: Walk) -> Description:
    return record(
        value,
        walk,
        fget=field(property, "fget", value),
        fset=field(property, "fset", value),
        fdel=field(property, "fdel", value),
    )


def _wrapped(cls: type) -> Callable[[Any, Walk], Description]:
    accessor = cls.__dict__["__func__"]
    return lambda value, walk: record(value, walk, function=accessor.__get__(value))


def _cached_function(value: Any, walk: Walk) -> Description:
    """What an ``lru_cache`` has remembered is no part of its value."""
    return record(value, walk, function=(attributes(value) or {}).get("__wrapped__"))


def _module(value: types.ModuleType, walk: Walk) -> Description:
    held = types.ModuleType.__getattribute__(value, "__dict__")
    name = held.get("__name__")
    return Description(label_of(value, name.encode() if type(name) is str else b""))


def _class(value: Any, walk: Walk) -> Description:
    if is_library(value):
        return Description(hash_parts([b"class", qualified_name(value).encode()]))
    body = class_dict(value)
    names = sorted(
        name
        for name, held in body.items()
        if name not in _NOT_BODY and type(held) is not types.MemberDescriptorType
    )
    bases = field(type, "__bases__", value)
    label = hash_parts([b"class", qualified_name(value).encode(), *(n.encode() for n in names)])
    children = [Part(Description(b"bases", bases)), *(body[name] for name in names)]
    return Description(label, children, names=["", *(f".{name}" for name in names)])


def _generator(value: Any, walk: Walk) -> Description:
    frame, code = value.gi_frame, value.gi_code
    return _suspended("generator", frame, code, walk)


def _coroutine(value: Any, walk: Walk) -> Description:
    return _suspended("coroutine", value.cr_frame, value.cr_code, walk)


def _async_generator(value: Any, walk: Walk) -> Description:
    return _suspended("async generator", value.ag_frame, value.ag_code, walk)


def _suspended(
    kind: str, frame: types.FrameType | None, code: types.CodeType, walk: Walk
) -> Description:
    """Where it stands and its variables cannot all be seen; its code and its end can."""
    done = "finished" if frame is None else f"at instruction {frame.f_lasti}"
    return walk.hide(f"{kind} {code.co_qualname}", done)


DESCRIBERS: dict[str, Callable[[Any, Walk], Description]] = {
    "function": _function,
    "code": _code,
    "cell": _cell,
    "method": _method,
    "builtin_function_or_method": _builtin,
    "method-wrapper": _builtin,
    "wrapper_descriptor": _descriptor,
    "method_descriptor": _descriptor,
    "classmethod_descriptor": _descriptor,
    "getset_descriptor": _descriptor,
    "member_descriptor": _descriptor,
    "functools.partial": _partial,
    "property": _property,
    "staticmethod": _wrapped(staticmethod),
    "classmethod": _wrapped(classmethod),
    "functools._lru_cache_wrapper": _cached_function,
    "module": _module,
    "type": _class,
    "generator": _generator,
    "coroutine": _coroutine,
    "async_generator": _async_generator,
}
