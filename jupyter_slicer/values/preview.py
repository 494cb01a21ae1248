"""What a list of variables shows of a value, without asking the value."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from jupyter_slicer.values.look import (
    Kinds,
    base_named,
    class_dict,
    is_a,
    is_class,
    is_genuine,
    loaded,
    mro,
    short_name,
)
from jupyter_slicer.values.summary import summarise

_MOST = 80
"""Characters of a value that are shown."""
_PLAIN = Kinds(int, float, complex, bool, str, bytes, type(None))
_SIZED = (list, tuple, dict, set, frozenset, str, bytes, bytearray, range)
_BRACKETS = {"list": ("[", "]"), "tuple": ("(", ")"), "dict": ("{", "}")}
_KNOWN = Kinds(*_SIZED, int, float, complex, bool, type(None))


@dataclass(frozen=True, slots=True)
class Preview:
    """A value in a few words."""

    type: str
    shape: str = ""
    """``891×12``, or a length; empty for what has neither."""
    bytes: int | None = None
    """What the value itself takes, not what it refers to; None where that is not known."""
    text: str = ""


def preview(value: object) -> Preview:
    """Type, shape, size and a short text; nothing of the user's is run."""
    kind = type(value)
    try:
        if kind in _KNOWN:
            return Preview(short_name(kind), _length(value), sys.getsizeof(value), _text(value))
        found = _of_library(value)
        if found is not None:
            return found
        if is_class(value):
            return Preview("class", text=_short(short_name(value)))  # type: ignore[arg-type]
        for base in _SIZED:
            if is_a(value, base):
                return Preview(short_name(kind), str(base.__len__(value)))  # type: ignore[arg-type]
        said = summarise(value)
        return Preview(short_name(kind), text=_short(said.partition(" ")[2]))
    except Exception:  # a courtesy; the value may also be changing under our eyes
        return Preview(short_name(kind))


def _length(value: Any) -> str:
    return str(len(value)) if isinstance(value, _SIZED) else ""


def _text(value: Any) -> str:
    """Of a value whose type is exactly a builtin one."""
    kind = type(value)
    if kind is str:
        return repr(value if len(value) <= _MOST else value[: _MOST - 1] + "…")
    if kind is bytes or kind is bytearray:
        return repr(bytes(value[:_MOST])) if len(value) <= _MOST else f"{bytes(value[:20])!r}…"
    if kind is int and value.bit_length() > 200:
        return f"of {value.bit_length()} bits"
    if kind in _PLAIN:
        return repr(value)
    if kind is range:
        return repr(value)
    if kind is dict:
        return (
            "{"
            + _joined((f"{_item(k)}: {_item(v)}" for k, v in value.items()), len(value))
            + "}"
        )
    if not value and kind in (set, frozenset):
        return f"{short_name(kind)}()"
    opens, closes = _BRACKETS.get(short_name(kind), ("{", "}"))
    return opens + _joined(map(_item, value), len(value)) + closes


def _item(value: object) -> str:
    if type(value) in _PLAIN:
        return _text(value)
    name = short_name(type(value))
    if type(value) in _KNOWN and _length(value) == "0":
        return "".join(_BRACKETS.get(name, (name, "")))
    return name


def _joined(items: Iterable[str], count: int) -> str:
    shown: list[str] = []
    room = _MOST
    for item in islice(items, 20):
        if room - len(item) < 0 and shown:
            break
        shown.append(_short(item))
        room -= len(item) + 2
    return ", ".join([*shown, "…"] if len(shown) < count else shown)


def _short(text: str) -> str:
    line = text.replace("\n", " ")
    return line if len(line) <= _MOST else line[: _MOST - 1] + "…"


# -- libraries -----------------------------------------------------------------------------


def _of_library(value: Any) -> Preview | None:
    for base, found in _LIBRARIES.items():
        if base_named(value, base):
            return found(value)
    return None


def _member(value: object, name: str) -> Any:
    """What the C accessor of the lowest class that has it shows."""
    for cls in reversed(mro(type(value))):
        if name in class_dict(cls):
            return class_dict(cls)[name].__get__(value)
    raise AttributeError(name)


def _times(shape: Iterable[object]) -> str:
    return "×".join(map(str, shape))


def _array(value: Any) -> Preview:
    dtype, shape = _member(value, "dtype"), _member(value, "shape")
    text = ""
    if (
        is_genuine(type(value))
        and short_name(type(value)) == "ndarray"
        and dtype.kind in "biufc"
    ):
        first = list(islice(value.flat, 6))
        text = "[" + ", ".join(f"{v:.6g}" for v in first) + (", …]" if value.size > 6 else "]")
    return Preview(
        f"{short_name(type(value))} {dtype}", _times(shape), int(_member(value, "nbytes")), text
    )


def _frame(value: Any) -> Preview:
    manager = object.__getattribute__(value, "_mgr")
    columns, rows = manager.axes
    names = (str(c) if type(c) in _PLAIN else short_name(type(c)) for c in columns)
    return Preview(
        short_name(type(value)), f"{len(rows)}×{len(columns)}", _blocks(manager),
        _joined(names, len(columns)),
    )  # fmt: skip


def _series(value: Any) -> Preview:
    manager = object.__getattribute__(value, "_mgr")
    name = object.__getattribute__(value, "_name")
    dtype = manager.blocks[0].dtype
    text = _text(name) if type(name) in _PLAIN and name is not None else ""
    return Preview(
        f"{short_name(type(value))} {dtype}", str(len(manager.axes[0])), _blocks(manager), text
    )


def _blocks(manager: Any) -> int:
    return sum(int(getattr(block.values, "nbytes", 0)) for block in manager.blocks)


def _tensor(value: Any) -> Preview:
    torch = loaded("torch")
    kind = str(value.dtype).removeprefix("torch.")
    size = torch.Tensor.element_size(value) * torch.Tensor.numel(value)
    return Preview(f"{short_name(type(value))} {kind}", _times(value.shape), int(size))


_LIBRARIES = {
    "pandas.DataFrame": _frame,
    "pandas.core.frame.DataFrame": _frame,
    "pandas.Series": _series,
    "pandas.core.series.Series": _series,
    "numpy.ndarray": _array,
    "torch.Tensor": _tensor,
    "torch._tensor.Tensor": _tensor,
}
