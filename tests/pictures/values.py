"""A text for a value that is the same in every process that has an equal value.

In: any object. Out: a string. Never: says two things differ because of their identity.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from typing import Any

ATOMS = (type(None), bool, int, float, complex, str, bytes)
DEPTH = 8


def value_text(value: Any, outer: tuple[int, ...] = ()) -> str:
    """Content, types and order; of functions the bytecode; of plots only the type."""
    kind = type(value)
    if kind in ATOMS:
        return repr(value)
    if id(value) in outer or len(outer) > DEPTH:
        return "..."
    library = _library_text(value, outer)
    return library if library is not None else _python_text(value, (*outer, id(value)))


def _library_text(value: Any, outer: tuple[int, ...]) -> str | None:
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if numpy is not None and isinstance(value, numpy.ndarray | numpy.generic):
        array = numpy.asarray(value)
        return f"{type(value).__name__}{array.dtype}{array.shape}{array.tolist()!r}"
    if pandas is not None and isinstance(value, pandas.DataFrame):
        columns = [(str(name), str(value[name].dtype)) for name in value.columns]
        return f"frame{columns}{value.to_csv()}"
    if pandas is not None and isinstance(value, pandas.Series | pandas.Index):
        labels = value.index.tolist() if isinstance(value, pandas.Series) else ()
        return f"{type(value).__name__}{value.name}{value.dtype}{labels}{value.tolist()!r}"
    if type(value).__module__.startswith("matplotlib"):
        return f"plot {type(value).__name__}"
    return None


def _python_text(value: Any, outer: tuple[int, ...]) -> str:
    name = type(value).__name__
    if isinstance(value, dict):
        pairs = (f"{value_text(k, outer)}: {value_text(v, outer)}" for k, v in value.items())
        return f"{name}{{{', '.join(pairs)}}}"
    if isinstance(value, list | tuple):
        return f"{name}[{_join(value, outer)}]"
    if isinstance(value, set | frozenset):
        return f"{name}{{{', '.join(sorted(value_text(v, outer) for v in value))}}}"
    if callable(value) and hasattr(value, "__name__"):
        code = getattr(value, "__code__", None)
        return f"callable {value.__name__} {code.co_code.hex() if code else ''}"
    try:
        return f"{name} with {value_text(dict(vars(value)), outer)}"
    except TypeError:
        return f"{name} {re.sub(r'0x[0-9a-f]+', '0x', repr(value))}"


def _join(values: Iterable[Any], outer: tuple[int, ...]) -> str:
    return ", ".join(value_text(value, outer) for value in values)
