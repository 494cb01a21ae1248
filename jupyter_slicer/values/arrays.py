"""Descriptions of NumPy's arrays, scalars and generators, of SciPy's sparse matrices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from jupyter_slicer.values.builtin import label_of, record, with_attributes
from jupyter_slicer.values.description import Description, Part, Walk
from jupyter_slicer.values.hashing import hash_buffers, hash_parts
from jupyter_slicer.values.look import attributes, loaded

_CHUNK = 1 << 20
"""Elements of an array with gaps that are copied together to be hashed."""
_NOTED = 256
"""Numbers of one array that are noted, evenly spread."""


def array_part(array: Any, walk: Walk) -> Part:
    """An array inside a larger thing, such as a frame's column."""
    return Part(_content(array, walk))


def _array(value: Any, walk: Walk) -> Description:
    np = loaded("numpy")
    plain = np.ndarray.view(value, np.ndarray)
    content = _content(plain, walk)
    if type(value) is np.ndarray or type(value) is np.matrix:
        return Description(label_of(value), [Part(content)], names=[""])
    return with_attributes(value, b"", [Part(content)], [""], walk)


def _content(array: Any, walk: Walk) -> Description:
    dtype = array.dtype
    shape = f"{dtype.str if dtype.names is None else dtype!r} {array.shape}".encode()
    if dtype.names is not None:
        fields = [Part(_content(array[name], walk)) for name in dtype.names]
        return Description(shape, fields, names=[f"[{name!r}]" for name in dtype.names])
    if dtype.kind == "O" or dtype.char == "T":
        return Description(shape, [array.reshape(-1).tolist()], names=[""])
    if dtype.char in "gG":  # padded to 16 bytes with whatever was there
        return Description(shape, [[str(number) for number in array.reshape(-1)]])
    if dtype.kind in "biuf":
        _note(array, walk)
    walk.check_time_now()
    return Description(hash_parts([shape, hash_buffers(_buffers(array, walk))]))


def _note(array: Any, walk: Walk) -> None:
    flat = array.reshape(-1) if array.flags.c_contiguous else array.flat
    step = max(1, array.size // _NOTED)
    walk.note_numbers([float(number) for number in flat[::step][:_NOTED].tolist()])


def _buffers(array: Any, walk: Walk) -> Iterator[memoryview]:
    """The elements in C order; only what is not laid out so is copied, by pieces."""
    np = loaded("numpy")
    if array.size == 0:
        return
    if array.flags.c_contiguous:
        flat = array.reshape(-1).view(np.uint8)
        for start in range(0, flat.size, _CHUNK * 8):
            walk.check_time_now()
            yield memoryview(flat[start : start + _CHUNK * 8])
        return
    if array.ndim == 0 or array[0].size > _CHUNK:
        pieces: Any = array
    else:
        rows = max(1, _CHUNK // max(1, array[0].size))
        pieces = (array[i : i + rows] for i in range(0, len(array), rows))
    for piece in pieces:
        yield from _buffers(np.ascontiguousarray(piece), walk)


def _masked(value: Any, walk: Walk) -> Description:
    np = loaded("numpy")
    plain = np.ndarray.view(value, np.ndarray)
    state = attributes(value) or {}
    mask = state.get("_mask")
    hidden = np.broadcast_to(np.asarray(mask if mask is not None else False), plain.shape)
    shown = plain
    if plain.dtype.names is None and hidden.any():
        shown = plain.copy()
        shown[hidden] = np.zeros((), plain.dtype)
    return record(
        value,
        walk,
        shown=array_part(shown, walk),
        mask=array_part(np.ascontiguousarray(hidden), walk),
        fill_value=state.get("_fill_value"),
    )


def _scalar(value: Any, walk: Walk) -> Description:
    np = loaded("numpy")
    return Description(label_of(value), [array_part(np.asarray(value), walk)], names=[""])


def _dtype(value: Any, walk: Walk) -> Description:
    return Description(hash_parts([b"dtype", repr(value).encode()]))


def _ufunc(value: Any, walk: Walk) -> Description:
    return Description(label_of(value, value.__name__.encode()))


def _generator(value: Any, walk: Walk) -> Description:
    return record(value, walk, state=value.bit_generator)


def _bit_generator(value: Any, walk: Walk) -> Description:
    return record(value, walk, state=value.state)


def _random_state(value: Any, walk: Walk) -> Description:
    return record(value, walk, state=value.get_state(legacy=False))


def _sparse(value: Any, walk: Walk) -> Description:
    """By coordinates in order: the same matrix can be stored in many orders."""
    np = loaded("numpy")
    entries = value.tocoo(copy=False)
    coordinates = [np.asarray(axis) for axis in entries.coords]
    order = np.lexsort(coordinates[::-1]) if coordinates else slice(None)
    return record(
        value,
        walk,
        shape=tuple(value.shape),
        entries=array_part(entries.data[order], walk),
        coordinates=tuple(array_part(axis[order].astype("i8"), walk) for axis in coordinates),
    )


DESCRIBERS: dict[str, Callable[[Any, Walk], Description]] = {
    "numpy.ndarray": _array,
    "numpy.ma.MaskedArray": _masked,
    "numpy.ma.core.MaskedArray": _masked,
    "numpy.generic": _scalar,
    "numpy.dtype": _dtype,
    "numpy.ufunc": _ufunc,
    "numpy.random._generator.Generator": _generator,
    "numpy.random.bit_generator.BitGenerator": _bit_generator,
    "numpy.random.mtrand.RandomState": _random_state,
    "scipy.sparse._base._spbase": _sparse,
}
