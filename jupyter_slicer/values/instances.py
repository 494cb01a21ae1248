"""Descriptions of instances: of the user's classes by attributes, of others by pickling."""

from __future__ import annotations

import copyreg
import functools
import types
from typing import Any

from jupyter_slicer.values.builtin import label_of, record
from jupyter_slicer.values.description import Description, Part, Walk
from jupyter_slicer.values.look import (
    attributes,
    class_dict,
    hides_state,
    is_library_module,
    mro,
    pickles_itself,
    qualified_name,
    remembered,
    slots,
)
from jupyter_slicer.values.tensors import without_numbers

CACHES = frozenset({"_cache", "_item_cache", "_mhash", "_hash", "__weakref__", "_abc_impl"})
"""Attributes that hold what can be computed again."""


def describe_instance(value: Any, walk: Walk) -> Description:
    cls: Any = type(value)
    if qualified_name(cls) in _RESOURCES:
        return walk.hide(qualified_name(cls))
    if pickles_itself(cls) or (hides_state(cls) and _registered(cls) is not None):
        try:
            return _by_pickling(value, walk)
        except (TimeoutError, MemoryError, RecursionError):
            raise
        except Exception:  # it refuses to be pickled: locks, pools, connections
            return _by_attributes(value, walk)
    return _by_attributes(value, walk)


def _by_attributes(value: Any, walk: Walk) -> Description:
    cls: Any = type(value)
    if hides_state(cls):
        return walk.hide(qualified_name(cls))
    state = dict(attributes(value) or {}) | slots(value)
    cached = cached_names(cls)
    names = sorted(
        name
        for name in state
        if type(name) is str and name not in cached and name not in CACHES
    )
    label = label_of(value, *(name.encode("utf-8", "replace") for name in names))
    state = without_numbers(cls, state)
    held = [state[n] for n in names]
    return Description(label, held, names=[f".{n}" for n in names])


@remembered
def cached_names(cls: type) -> frozenset[str]:
    """Results that ``functools.cached_property`` leaves in ``__dict__`` once read."""
    return frozenset(
        name
        for base in mro(cls)
        for name, held in class_dict(base).items()
        if type(held) is functools.cached_property
    )


def _registered(cls: type) -> Any:
    """A pickling function that a library registered for the class."""
    function = next((f for c, f in copyreg.dispatch_table.items() if c is cls), None)
    if type(function) is types.FunctionType and not is_library_module(function.__module__):
        return None
    return function


def _by_pickling(value: Any, walk: Walk) -> Description:
    reduce = _registered(type(value))
    reduced = reduce(value) if reduce is not None else value.__reduce_ex__(4)
    if type(reduced) is str:
        return Description(label_of(value, reduced.encode()))
    made, state, items, pairs = (*reduced[1:5], None, None, None, None)[:4]
    if type(state) is dict:
        state = without_numbers(type(value), state)
    return record(
        value,
        walk,
        made=Part(Description(b"made", tuple(made))),
        state=state,
        items=None if items is None else list(items),
        pairs=None if pairs is None else list(pairs),
    )


_RESOURCES = frozenset(
    [
        "_thread.lock",
        "_thread.RLock",
        "_thread._localdummy",
        "_thread._local",
        "threading.Thread",
        "threading.Event",
        "threading.Condition",
        "threading.Semaphore",
        "socket.socket",
        "_socket.socket",
        "subprocess.Popen",
        "sqlite3.Connection",
        "sqlite3.Cursor",
        "frame",
        "traceback",
        "multiprocessing.process.BaseProcess",
        "multiprocessing.pool.Pool",
        "concurrent.futures.thread.ThreadPoolExecutor",
        "concurrent.futures.process.ProcessPoolExecutor",
        "_asyncio.Task",
        "_asyncio.Future",
        "_contextvars.ContextVar",
        "queue.Queue",
        "_queue.SimpleQueue",
    ]
)
