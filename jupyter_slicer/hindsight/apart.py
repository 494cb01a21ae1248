"""Which values share nothing that can be changed with others."""

from __future__ import annotations

import gc
import sys
import types
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from jupyter_slicer.values.look import Kinds, module_of

_MANY = 50_000
"""Objects that are looked through; where there are more, nothing is known to be apart."""
_FIXED = (
    type(None), bool, int, float, complex, str, bytes, type, types.FunctionType,
    types.BuiltinFunctionType, types.ModuleType,
)  # fmt: skip
_HOLDING = Kinds(tuple, frozenset)
"""Not changed themselves, and some of them are the same object everywhere: ``()``."""


def apart_from_others(values: Mapping[str, Any], names: Collection[str]) -> set[str]:
    """Those of some names whose values lead to nothing that the other values lead to.

    net, opt        # not apart: the optimizer leads to the model's parameters
    """
    reached: dict[str, set[object]] = {}
    for name, value in values.items():
        found = _reached(value)
        if found is None:
            return set()
        reached[name] = found
    kept = set(names) & set(values)
    others = [n for n in values if n not in kept]
    while others:
        taken = reached[others.pop()]
        shared = {n for n in kept if reached[n] & taken}
        others += shared
        kept -= shared
    return kept


def _reached(value: object) -> set[object] | None:
    seen: set[int] = set()
    found: set[object] = set()
    waiting = [value]
    while waiting:
        one = waiting.pop()
        kind = type(one)
        if id(one) in seen or issubclass(kind, _FIXED):
            continue
        seen.add(id(one))
        if len(seen) > _MANY:
            return None
        if kind not in _HOLDING:
            found.add(id(one))
        found.update(_memory(one))
        waiting += gc.get_referents(one)
        if module_of(kind) == "numpy":
            waiting.append(getattr(one, "base", None))
    return found


def _memory(value: Any) -> Iterator[object]:
    """Tensors that are parts of one another are objects of their own."""
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "Tensor") and issubclass(type(value), torch.Tensor):
        yield "storage", value.untyped_storage().data_ptr()
