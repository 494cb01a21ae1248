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


def place_of(value: object) -> int:
    """``id``, by the hash that it gives an object (``_Py_HashPointer``)."""
    turned = address(value) & _ALL
    return (turned << 4 | turned >> (_WORD - 4)) & _ALL
