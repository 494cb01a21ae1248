"""A glance at an object: does it still hold the very same things?

Most objects are as they were at the last look. To see that, the identities of what they
hold are enough, at a tenth of the price of a description. Numbers and short texts that an
object holds are kept alive by its glance: their addresses cannot go to others meanwhile.
"""

from __future__ import annotations

import collections
import sys
import types
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from jupyter_slicer.recording.describe import (
    CONTAINERS,
    NAMING,
    Description,
    describes_attributes,
    figure_of,
    function_annotations,
    home_module,
    instance_state,
    is_artist,
    is_made_of_arguments,
    is_value,
    makers_of,
    only_atoms,
    wrapped_functions,
)
from jupyter_slicer.values.look import Kinds, address, class_dict, mro, remembered

MOST = 4096
"""Of an object that holds more, a description is read faster than the identities."""
FEW = 256
"""The same for sequences."""
LONG = 1000
"""Texts from this length on are not kept alive."""
SMALL = 500
"""Bytes of an array that are read as a text."""

_NUMBERS = Kinds(type(None), bool, int, float, complex, range)
_TEXTS = Kinds(str, bytes)

Contents = Callable[[Any], Sequence[object] | None]


Glance = tuple[int, tuple[object, ...], tuple[int, ...]]
"""What an object held when it was described: a hash of the identities of all that it
holds, in order; its numbers and short texts; where among all those are that have
descriptions of their own. Plain tuples of these are nothing to the garbage collector.
"""


def take_glance(value: object, found: Description) -> Glance | None:
    """To be compared with later; None for kinds that a glance does not do for."""
    if found.opaque is not None or found.elsewhere:
        return None
    contents = _contents(value)
    if contents is None:
        return None
    places = {address(item): place for place, item in enumerate(contents)}
    held = []
    for item in contents:
        kind = type(item)
        place = address(kind)
        if place in _TEXTS.ids:
            if len(item) >= LONG:  # type: ignore[arg-type]
                return None
            held.append(item)
        elif place in _NUMBERS.ids or (
            place not in _READERS and (_is_numpy_scalar(kind) or is_value(kind))
        ):
            held.append(item)
    try:
        children = tuple(places[address(child)] for child in found.children)
    except KeyError:  # it leads to something that the glance does not see
        return None
    return hash(tuple(map(address, contents))), tuple(held), children


def children_if_unchanged(
    value: object, before: Glance, read: Contents
) -> Iterable[object] | None:
    """What the object leads to; None when it no longer holds the same things.

    ``read``: what ``reader_of`` gives for its kind.
    """
    identities, _, places = before
    try:
        contents = read(value)
    except Exception:  # a description says why
        return None
    if contents is None or hash(tuple(map(address, contents))) != identities:
        return None
    return map(contents.__getitem__, places) if places else ()


def _contents(value: object) -> Sequence[object] | None:
    read = reader_of(type(value))
    try:
        found = None if read is None else read(value)
    except Exception:  # a description says why
        return None
    return None if found is None or len(found) > MOST else found


@remembered
def reader_of(kind: type) -> Contents | None:
    """How to get at all that an object of a kind holds; None where that is not enough."""
    exact = _READERS.get(address(kind))
    if exact is not None:
        return exact
    if issubclass(kind, type):
        return _of_class
    numpy = sys.modules.get("numpy")
    if numpy is not None and issubclass(kind, numpy.ndarray):
        return _array_reader(numpy.ndarray)
    if is_artist(kind):
        return _of_artist
    if is_made_of_arguments(kind):
        return _of_made
    if not describes_attributes(kind):
        return None
    if not issubclass(kind, CONTAINERS):
        return _of_instance
    return next((read for base, read in _INSTANCES.items() if issubclass(kind, base)), None)


@remembered
def _is_numpy_scalar(kind: type) -> bool:
    return any(
        base.__name__ == "generic" and base.__module__ == "numpy"
        for base in mro(kind)
        if type(base) is type
    )


# -- what each kind of object holds ------------------------------------------------


def _of_list(value: list[object]) -> Sequence[object] | None:
    return list(value) if len(value) <= FEW else None


def _of_tuple(value: tuple[object, ...]) -> Sequence[object] | None:
    return value if len(value) <= FEW else None


def _of_set(value: set[object] | frozenset[object]) -> Sequence[object] | None:
    return list(value) if len(value) <= FEW else None


def _of_defaultdict(value: collections.defaultdict[object, object]) -> Sequence[object] | None:
    found = _of_dict(value)
    return None if found is None else [*found, value.default_factory]


def _of_dict(value: dict[object, object]) -> Sequence[object] | None:
    if not value:
        return ()
    return [*value, *value.values()] if 2 * len(value) <= MOST else None


def _of_ordered(value: collections.OrderedDict[object, object]) -> Sequence[object] | None:
    if 2 * len(value) > MOST or not only_atoms(dict.keys(value)):
        return None
    return [*value, *dict.values(value)]


def _of_instance(value: object) -> Sequence[object]:
    attributes, slots = instance_state(value)
    return [type(value), *attributes, *attributes.values(), *slots]


def _of_made(value: object) -> Sequence[object] | None:
    makers = makers_of(value)
    return None if makers is None else [type(value), *makers]


def _of_artist(value: object) -> Sequence[object]:
    return [figure_of(value)]


def _of_dict_instance(value: dict[object, object]) -> Sequence[object] | None:
    if 2 * dict.__len__(value) > MOST:
        return None
    return [*_of_instance(value), *dict.keys(value), *dict.values(value)]


def _of_list_instance(value: list[object]) -> Sequence[object] | None:
    if list.__len__(value) > FEW:
        return None
    return [*_of_instance(value), *list.__iter__(value)]


def _of_tuple_instance(value: tuple[object, ...]) -> Sequence[object] | None:
    if tuple.__len__(value) > FEW:
        return None
    return [*_of_instance(value), *tuple.__iter__(value)]


def _of_cell(value: types.CellType) -> Sequence[object] | None:
    try:
        return [value.cell_contents]
    except ValueError:
        return []


def _of_function(value: types.FunctionType) -> Sequence[object] | None:
    attributes = value.__dict__
    return [
        value.__code__,
        value.__defaults__,
        value.__kwdefaults__,
        *(getattr(value, name) for name in NAMING),
        function_annotations(value),
        *(value.__closure__ or ()),
        *attributes,
        *attributes.values(),
        home_module(value),
    ]


def _of_method(value: types.MethodType) -> Sequence[object] | None:
    return [value.__self__, value.__func__]


def _of_wrapped(value: object) -> Sequence[object] | None:
    return wrapped_functions(value)


def _of_module(value: types.ModuleType) -> Sequence[object] | None:
    names = types.ModuleType.__getattribute__(value, "__dict__")
    return [*names, *names.values()]


def _array_reader(ndarray: Any) -> Contents:
    """Of small arrays the bytes, as a text that is one object as long as a glance holds it."""
    get_base, get_dtype, get_shape, get_strides, get_flags, get_size = (
        getattr(ndarray, name).__get__
        for name in ("base", "dtype", "shape", "strides", "flags", "nbytes")
    )
    address_of = ndarray.__array_interface__.__get__
    read_bytes = ndarray.tobytes

    def of_array(value: object) -> Sequence[object] | None:
        dtype = get_dtype(value)
        if get_size(value) > SMALL or dtype.hasobject:
            return None
        base = root = get_base(value)
        is_view = isinstance(root, ndarray)
        while isinstance(root, ndarray):
            base, root = root, get_base(root)
        place = None if base is None else address_of(value)["data"][0]
        frame = f"{get_shape(value)}{get_strides(value)}{get_flags(value).writeable}{place}"
        found = [dtype, dtype.names, base, sys.intern(frame)]
        if not is_view:  # of memory that may be another process's, too
            found.append(sys.intern(str(read_bytes(value), "latin-1")))
        if type(value) is not ndarray:
            attributes, slots = instance_state(value)
            found += [type(value), *attributes, *attributes.values(), *slots]
        return found

    return of_array


def _of_class(value: type) -> Sequence[object] | None:
    members = class_dict(value)
    if "_abc_impl" in members:
        return None  # a class may be registered with it, which shows nowhere
    bases = type.__dict__["__bases__"].__get__(value)
    return [*members, *members.values(), *bases, type(value), *type.__subclasses__(value)]


_READERS: dict[int, Contents] = {
    address(list): _of_list,
    address(tuple): _of_tuple,
    address(set): _of_set,
    address(frozenset): _of_set,
    address(dict): _of_dict,
    address(collections.OrderedDict): _of_ordered,
    address(collections.defaultdict): _of_defaultdict,
    address(types.CellType): _of_cell,
    address(types.FunctionType): _of_function,
    address(types.MethodType): _of_method,
    address(types.ModuleType): _of_module,
    address(staticmethod): _of_wrapped,
    address(classmethod): _of_wrapped,
    address(property): _of_wrapped,
    address(type): _of_class,
}

_INSTANCES: dict[type, Contents] = {
    collections.OrderedDict: lambda value: None,
    dict: _of_dict_instance,
    list: _of_list_instance,
    tuple: _of_tuple_instance,
}
