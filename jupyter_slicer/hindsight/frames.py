"""Local variables of a frame that is running: read, and written."""

from __future__ import annotations

import ast
import ctypes
import dis
import itertools
import sys
import types
from collections.abc import Iterator
from typing import Any

_FOR_ITER = dis.opmap["FOR_ITER"]
_LEAVING = {dis.opmap[n] for n in ("POP_TOP", "POP_ITER", "RETURN_VALUE") if n in dis.opmap}
_OPTIMIZED = 0x1
"""Flag of functions' code: local variables are no dictionary."""
_references = sys.getrefcount
_GENERATORS = 0x20 | 0x80 | 0x200
"""Flags of code that may be suspended: generators, coroutines, asynchronous generators."""


def is_module_level(frame: types.FrameType) -> bool:
    # A function's ``f_locals`` is not asked for without need: see ``read_locals``.
    return not frame.f_code.co_flags & _OPTIMIZED and frame.f_locals is frame.f_globals


def can_be_watched(frame: types.FrameType) -> bool:
    """Not a frame that may be suspended in the middle; a cell with ``await`` is watched.

    Nor one that may hold its ``locals()``, which up to Python 3.12 a look brings up to date.
    """
    if is_module_level(frame):
        return True
    code = frame.f_code
    return not (code.co_flags & _GENERATORS or _TELL_LOCALS.intersection(code.co_names))


_TELL_LOCALS = frozenset(("locals", "vars") if sys.version_info < (3, 13) else ())


def read_locals(frame: types.FrameType) -> dict[str, Any]:
    """Local variables by name, closed-over ones included; a copy.

    Up to Python 3.12 a function's frame keeps the dictionary that it was asked for, and
    with it every value, until the function returns. What is deleted there would live on:
        def f():
            big = load()
            for part in big: ...    # here we look
            del big                 # and here a gigabyte is to go
    """
    held = frame.f_locals
    found = dict(held)
    # The frame holds it, ``held`` and the argument: more, and the user has it too.
    if type(held) is dict and not is_module_level(frame) and _references(held) <= 3:
        held.clear()
    return found


def write_locals(frame: types.FrameType, values: dict[str, Any]) -> None:
    in_function = not is_module_level(frame)
    # Asked for only once: each time, the variables themselves are copied into it.
    known = frame.f_locals
    known.update(values)
    if sys.version_info < (3, 13) and in_function:
        ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))
        if _references(known) <= 3:  # as in ``read_locals``
            known.clear()


def shared_cells(frame: types.FrameType) -> dict[str, types.CellType]:
    """Variables that a frame shares with functions defined in it, as far as those are
    among its own variables."""
    found: dict[str, types.CellType] = {}
    code = frame.f_code
    if not code.co_cellvars:
        return found
    values = read_locals(frame)
    for value in values.values():
        if type(value) is not types.FunctionType or value.__code__ not in code.co_consts:
            continue
        cells = zip(value.__code__.co_freevars, value.__closure__ or (), strict=True)
        for name, cell in cells:
            if name in code.co_cellvars and _holds(cell, values.get(name, _NOTHING)):
                found[name] = cell
    return found


_NOTHING = object()


def _holds(cell: types.CellType, value: object) -> bool:
    try:
        return cell.cell_contents is value
    except ValueError:
        return value is _NOTHING


def is_at_head(frame: types.FrameType, loop: ast.For | ast.While) -> bool:
    """Whether a frame has come to the end of a loop by its head: no items, or a false test."""
    if frame.f_code.co_code[frame.f_lasti] == _FOR_ITER:
        return True
    return isinstance(loop, ast.While) and _position(frame) == (
        loop.test.lineno,
        loop.test.end_lineno,
        loop.test.col_offset,
        loop.test.end_col_offset,
    )


def leaves(frame: types.FrameType) -> bool:
    """Whether a loop is left by ``break`` or ``return``; not by an exception."""
    return frame.f_code.co_code[frame.f_lasti] in _LEAVING


def _position(frame: types.FrameType) -> tuple[int | None, ...]:
    positions = frame.f_code.co_positions()
    return next(itertools.islice(positions, frame.f_lasti // 2, None), ())


def names_in(code: types.CodeType) -> Iterator[str]:
    """Global variables and attributes that a function names, or one inside it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from names_in(constant)
