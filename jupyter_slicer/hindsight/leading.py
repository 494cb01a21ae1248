"""What some values lead to, functions included."""

from __future__ import annotations

import gc
import types
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from jupyter_slicer.hindsight.frames import names_in

_MANY = 300_000
"""Objects that are looked through; who leads to more may lead to anything."""


def leads_to(
    values: Iterable[object],
    wanted: Collection[int],
    names: Collection[str],
    namespace: Mapping[str, Any],
) -> bool:
    """Whether values lead to an object, by its id, or to a function that reads one of some
    variables; True as well where there is too much to look through."""
    seen: set[int] = set()
    stack = list(values)
    while stack:
        value = stack.pop()
        if id(value) in wanted:
            return True
        if id(value) in seen or issubclass(type(value), (types.ModuleType, type, str)):
            continue
        seen.add(id(value))
        if len(seen) > _MANY:
            return True
        if type(value) is types.FunctionType:
            if not _is_of_the_notebook(value, namespace):
                continue
            read = set(names_in(value.__code__))
            if read & set(names):
                return True
            stack += (namespace[n] for n in read if n in namespace)
            stack += (value.__defaults__, value.__kwdefaults__, value.__closure__)
        else:
            stack += gc.get_referents(value)
            stack += _methods(value)
    return False


def _is_of_the_notebook(value: types.FunctionType, namespace: Mapping[str, Any]) -> bool:
    return value.__globals__.get("__name__") == namespace.get("__name__")


def _methods(value: object) -> Iterator[object]:
    """Of classes of the notebook."""
    for kind in type(value).__mro__:
        if kind.__module__ == "__main__":
            yield from (f for f in vars(kind).values() if type(f) is types.FunctionType)
