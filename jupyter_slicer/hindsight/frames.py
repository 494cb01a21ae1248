"""Local variables of a frame that is running: read, and written."""

from __future__ import annotations

import ctypes
import sys
import types
from typing import Any

_GENERATORS = 0x20 | 0x80 | 0x200
"""Flags of code that may be suspended: generators, coroutines, asynchronous generators."""


def is_module_level(frame: types.FrameType) -> bool:
    return frame.f_locals is frame.f_globals


def can_be_watched(frame: types.FrameType) -> bool:
    """Not a frame that may be suspended in the middle; a cell with ``await`` is watched."""
    return is_module_level(frame) or not frame.f_code.co_flags & _GENERATORS


def read_locals(frame: types.FrameType) -> dict[str, Any]:
    """Local variables by name, closed-over ones included; a copy."""
    return dict(frame.f_locals)


def write_locals(frame: types.FrameType, values: dict[str, Any]) -> None:
    known = frame.f_locals
    known.update(values)
    if sys.version_info < (3, 13) and not is_module_level(frame):
        ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))
