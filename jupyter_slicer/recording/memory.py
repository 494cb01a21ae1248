"""Memory of CPython's own objects, read where it lies.

Only what stays alive meanwhile is read, and only where a sample has shown that it lies as
expected. ``ctypes.string_at`` and ``id`` would be audit events in the user's kernel.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from typing import Any

from jupyter_slicer.values.look import address

Reader = Callable[[int, int], bytes]

_WORD = 8 * tuple.__itemsize__
_ALL = (1 << _WORD) - 1


def reader() -> Reader | None:
    """Gives the bytes at a place; None where ctypes is not loaded: it is slow to import."""
    ctypes = sys.modules.get("ctypes")
    return _reader(ctypes) if ctypes is not None else None


@cache
def _reader(ctypes: Any) -> Reader | None:
    if sys.implementation.name != "cpython":
        return None
    made = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_ssize_t)
    read: Reader = made(("PyBytes_FromStringAndSize", ctypes.pythonapi))
    sample = (b"", None, "a", sample_of := object(), sample_of)
    lying = b"".join(place_of(value).to_bytes(_WORD // 8, sys.byteorder) for value in sample)
    if place_of(sample) != id(sample):
        return None
    return read if read(place_of(sample) + tuple.__basicsize__, len(lying)) == lying else None


def counter_of(table: dict[Any, Any]) -> memoryview | None:
    """Whose first item is another number after each change of the table.

    CPython counts so up to version 3.12 (PEP 509). It must not be read any more when the
    table is gone.
    """
    ctypes = sys.modules.get("ctypes")
    window = _window(ctypes) if ctypes is not None else None
    return window(table) if window is not None else None


@cache
def _window(ctypes: Any) -> Callable[[dict[Any, Any]], memoryview] | None:
    if _reader(ctypes) is None:
        return None
    made = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_int)
    view: Callable[[int, int, int], memoryview] = made(
        ("PyMemoryView_FromMemory", ctypes.pythonapi)
    )
    offset = object.__basicsize__ + _WORD // 8  # behind how many it holds

    def window(table: dict[Any, Any]) -> memoryview:
        return view(place_of(table) + offset, 8, _READ_ONLY).cast("Q")

    return window if _counts(window) else None


_READ_ONLY = 0x100


def _counts(window: Callable[[dict[Any, Any]], memoryview]) -> bool:
    """Whether each way of changing a table shows, and nothing else does."""
    table: dict[Any, Any] = {"a": 1, "b": []}
    counter = window(table)
    changes: list[Callable[[], object]] = [
        lambda: table.__setitem__("a", 2), lambda: table.__setitem__("c", 3),
        lambda: table.__delitem__("c"), lambda: table.update(a=4), lambda: table.pop("a"),
        lambda: table.setdefault("a", 5), lambda: table.popitem(), lambda: table.clear(),
    ]  # fmt: skip
    for change in changes:
        before = counter[0]
        if [*table.values(), table.get("a")] and counter[0] != before:
            return False
        change()
        if counter[0] == before:
            return False
    return True


def place_of(value: object) -> int:
    """``id``, by the hash that it gives an object (``_Py_HashPointer``)."""
    turned = address(value) & _ALL
    return (turned << 4 | turned >> (_WORD - 4)) & _ALL
