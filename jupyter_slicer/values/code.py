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
    """What it does: no file or line numbers, and no choices of the compiler's.

    One text gives different bytecode by what is compiled with it: below an ``import np``
    of the same unit, ``np.cos(x)`` is loaded in another way than alone in a cell.
    """
    value = _as_written(value)
    instructions, constants = _instructions(value)
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
    label = label_of(value, repr((said, instructions)).encode("utf-8", "replace"))
    return Description(label, constants)


WATCHED = "__jupyter_slicer_loop__"
"""The name by which code of a recorded cell reaches the calls that were put into it."""


def _as_written(code: types.CodeType) -> types.CodeType:
    """Without the calls that recording has put into its loops: compiled from its text."""
    if not _is_watched(code):
        return code
    import linecache

    text = "".join(linecache.getlines(code.co_filename))
    return _compiled(text, code.co_filename).get(_place(code), code)


def _is_watched(code: types.CodeType) -> bool:
    inner = (c for c in code.co_consts if type(c) is types.CodeType)
    return WATCHED in code.co_names or any(_is_watched(c) for c in inner)


def _place(code: types.CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


@functools.lru_cache(64)
def _compiled(text: str, name: str) -> dict[tuple[str, int], types.CodeType]:
    """All code of a text, by where it stands."""
    import ast

    found: dict[tuple[str, int], types.CodeType] = {}
    try:
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        stack = [compile(text, name, "exec", flags, dont_inherit=True)]
    except (SyntaxError, ValueError):
        return found
    while stack:
        code = stack.pop()
        found.setdefault(_place(code), code)
        stack += [c for c in code.co_consts if type(c) is types.CodeType]
    return found


def _instructions(code: types.CodeType) -> tuple[list[tuple[object, ...]], list[object]]:
    """Instructions with targets told by number, and the constants."""
    import dis

    bytecode = dis.Bytecode(code)
    kept: list[dis.Instruction] = []
    number: dict[int, int] = {}
    lines: set[int] = set()
    for instruction in bytecode:
        number[instruction.offset] = len(kept)
        if instruction.opname in ("CACHE", "EXTENDED_ARG", "PUSH_NULL"):
            continue
        if instruction.argval == "__firstlineno__" and kept:
            lines.add(kept.pop().arg or 0)  # the line that a class statement stands on
            continue
        kept.append(instruction)
    end = len(kept)
    found = [_instruction(i, number) for i in kept]
    for entry in getattr(bytecode, "exception_entries", ()):
        places = (entry.start, entry.end, entry.target)
        found.append((*(number.get(p, end) for p in places), entry.depth, entry.lasti))
    return found, [c for i, c in enumerate(code.co_consts) if i not in lines]


def _instruction(instruction: Any, number: dict[int, int]) -> tuple[object, ...]:
    import dis

    name, argument = instruction.opname, instruction.arg
    if instruction.opcode in dis.hasjrel or instruction.opcode in dis.hasjabs:
        argument = number.get(instruction.argval)
    elif name in ("LOAD_METHOD", "LOAD_ATTR", "LOAD_GLOBAL"):
        name = "LOAD_ATTR" if name == "LOAD_METHOD" else name
        argument = instruction.argval
    return name, argument


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
