"""A few words about a value, without asking the value."""

from __future__ import annotations

from typing import Any

from jupyter_slicer.values.look import base_named, class_dict, is_a, is_class, mro, short_name

_LONG = 40


def summarise(value: object, prefixes: tuple[tuple[str, str], ...] = ()) -> str:
    """Such as ``DataFrame 891×12``, ``float 0.8213``, ``list of 5``."""
    name = short_name(type(value))
    try:
        said = _detail(value, prefixes)
    except Exception:  # words are a courtesy
        said = ""
    return f"{name} {said}" if said else name


def _detail(value: Any, prefixes: tuple[tuple[str, str], ...]) -> str:
    cls = type(value)
    if value is None:
        return ""
    if cls is bool:
        return str(value)
    if is_a(value, int):
        bits = int.bit_length(value)
        return int.__repr__(value) if bits < 200 else f"of {bits} bits"
    if is_a(value, float):
        return float.__repr__(value)
    if cls is complex:
        return complex.__repr__(value)
    if is_a(value, str):
        return _quoted(str.__str__(value), prefixes)
    for kind in (bytes, bytearray, list, tuple, dict, set, frozenset):
        if is_a(value, kind):
            return f"of {kind.__len__(value)}"
    if is_class(value) or short_name(cls) in ("function", "builtin_function_or_method"):
        holder = short_name(value) if is_class(value) else value.__name__
        return str(holder)
    return _shape(value)


def _quoted(value: str, prefixes: tuple[tuple[str, str], ...]) -> str:
    for prefix, meaning in prefixes:
        value = value.replace(prefix, meaning)
    return repr(value if len(value) <= _LONG else value[: _LONG - 1] + "…")


def _shape(value: Any) -> str:
    for base, said in _SHAPES.items():
        if base_named(value, base):
            return said(value)
    return ""


def _of_frame(value: Any) -> str:
    columns, rows = object.__getattribute__(value, "_mgr").axes
    return f"{len(rows)}×{len(columns)}"


def _of_series(value: Any) -> str:
    return f"of {len(object.__getattribute__(value, '_mgr').axes[0])}"


def _of_array(value: Any) -> str:
    for cls in reversed(mro(type(value))):
        if "shape" in class_dict(cls) and "dtype" in class_dict(cls):
            members = class_dict(cls)
            shape = members["shape"].__get__(value)
            return f"{members['dtype'].__get__(value)} {'×'.join(map(str, shape))}".strip()
    return ""


def _of_tensor(value: Any) -> str:
    return (
        f"{str(value.dtype).removeprefix('torch.')} {'×'.join(map(str, value.shape))}".strip()
    )


_SHAPES = {
    "pandas.DataFrame": _of_frame,
    "pandas.core.frame.DataFrame": _of_frame,
    "pandas.Series": _of_series,
    "pandas.core.series.Series": _of_series,
    "numpy.ndarray": _of_array,
    "numpy.generic": lambda value: str(value) if value.nbytes <= 16 else "",
    "torch.Tensor": _of_tensor,
    "torch._tensor.Tensor": _of_tensor,
}
