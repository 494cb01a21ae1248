"""Descriptions of what the standard library builds values from."""

from __future__ import annotations

import array
import collections
import datetime
import decimal
import io
import struct
import types
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from jupyter_slicer.values.description import Description, Part, Walk
from jupyter_slicer.values.hashing import hash_buffers, hash_parts
from jupyter_slicer.values.look import (
    Kinds,
    address,
    attributes,
    class_dict,
    field,
    is_a,
    library_of_namespace,
    module_of,
    qualified_name,
    slots,
)

_NAN = struct.pack("<d", float("nan"))
_SINGLES: dict[object, bytes] = {None: b"None", True: b"True", False: b"False"}
_ATOMS = Kinds(type(None), bool, int, float, complex, str, bytes)


def atom(value: object, walk: Walk) -> bytes | None:
    """The token of a value without parts; None for all others."""
    cls = type(value)
    if cls is int:
        return b"i" + _int_bytes(value)  # type: ignore[arg-type]
    if cls is str:
        return b"s" + text(value, walk)  # type: ignore[arg-type]
    if cls is float:
        walk.note_numbers((value,))  # type: ignore[arg-type]
        return b"f" + _float_bytes(value)  # type: ignore[arg-type]
    if cls is bool or value is None:
        return _SINGLES[value]
    if cls is bytes:
        return b"b" + value  # type: ignore[operator]
    if cls is complex:
        return b"c" + _float_bytes(value.real) + _float_bytes(value.imag)  # type: ignore[attr-defined]
    return None


def text(value: str, walk: Walk) -> bytes:
    for prefix, meaning in walk.prefixes:
        if prefix in value:
            value = str.replace(value, prefix, meaning)
    return str.encode(value, "utf-8", "surrogatepass")


def _int_bytes(value: int) -> bytes:
    size = (int.bit_length(value) + 8) // 8
    return int.to_bytes(value, size, "little", signed=True)


def _float_bytes(value: float) -> bytes:
    return _NAN if value != value else struct.pack("<d", value)


def label_of(value: object, *more: bytes) -> bytes:
    return hash_parts([qualified_name(type(value)).encode(), *more])


def sequence(value: object, items: Sequence[object], walk: Walk) -> Description:
    """Atoms go into the label, so that a list of a million numbers is one object."""
    fast = _uniform(items, walk)
    if fast is not None:
        return with_attributes(value, fast, [], [], walk)
    tokens: list[bytes] = []
    children: list[object] = []
    names: list[str] = []
    for index, item in enumerate(items):
        token = _token(item, walk)
        tokens.append(b"" if token is None else token)
        if token is None:
            children.append(item)
            names.append(f"[{index}]")
    return with_attributes(value, hash_parts(tokens), children, names, walk)


def _token(item: object, walk: Walk) -> bytes | None:
    """An atom, or a short tuple of atoms: the rows of a list of records."""
    if type(item) is tuple and len(item) <= 8:
        tokens = [atom(part, walk) for part in item]
        if None in tokens:
            return None
        return b"t" + hash_parts(tokens)  # type: ignore[arg-type]
    return atom(item, walk)


def _uniform(items: Sequence[Any], walk: Walk) -> bytes | None:
    """Long sequences of one simple type, at the speed of C."""
    if len(items) < 32:
        return None
    kinds = set(map(address, map(type, items)))
    if kinds == {address(float)}:
        numbers = array.array("d", items)
        walk.note_numbers(numbers)
        return b"floats" + hash_buffers([memoryview(numbers).cast("B")])
    if kinds == {address(int)}:
        try:
            return b"ints" + hash_buffers([memoryview(array.array("q", items)).cast("B")])
        except OverflowError:
            return None
    return None


def with_attributes(
    value: object,
    content: bytes,
    children: list[object],
    names: list[str],
    walk: Walk,
) -> Description:
    """Add what a subclass keeps beside its content."""
    cls = type(value)
    if module_of(cls) != "builtins":
        state = dict(attributes(value) or {}) | slots(value)
        for name in sorted(state, key=str):
            children.append(state[name])
            names.append(f".{name}")
        content = hash_parts(
            [content, *(str(name).encode() for name in sorted(state, key=str))]
        )
    return Description(label_of(value, content), children, names=names)


def mapping(value: object, items: Iterable[tuple[object, object]], walk: Walk) -> Description:
    """In the order of insertion: a program can see it."""
    tokens: list[bytes] = []
    children: list[object] = []
    names: list[str] = []
    for key, held in items:
        for token, part in ((_token(key, walk), key), (_token(held, walk), held)):
            tokens.append(b"" if token is None else token)
            if token is None:
                children.append(part)
                names.append(f"[{key!r}]" if type(key) in _ATOMS else "[…]")
    return with_attributes(value, hash_parts(tokens), children, names, walk)


def unordered(value: object, items: Iterable[object], walk: Walk) -> Description:
    tokens: list[bytes] = []
    children: list[object] = []
    for item in items:
        token = _token(item, walk)
        if token is None:
            children.append(item)
        else:
            tokens.append(token)
    content = hash_parts(sorted(tokens))
    members = Part(Description(content, children, unordered=True))
    return with_attributes(value, b"", [members], [""], walk)


def record(value: object, walk: Walk, /, **fields: object) -> Description:
    """A library object by the fields that make it what it is."""
    names = [f".{name}" for name in fields]
    return Description(
        label_of(value, *(n.encode() for n in names)), list(fields.values()), names=names
    )


def _atom(value: object, walk: Walk) -> Description:
    token = atom(value, walk)
    return Description(token or b"")


def _int(value: Any, walk: Walk) -> Description:
    return with_attributes(value, _int_bytes(int.__int__(value)), [], [], walk)


def _float(value: Any, walk: Walk) -> Description:
    number = float.__float__(value)
    walk.note_numbers((number,))
    return with_attributes(value, _float_bytes(number), [], [], walk)


def _complex(value: Any, walk: Walk) -> Description:
    pair = complex.__complex__(value)
    return with_attributes(
        value, _float_bytes(pair.real) + _float_bytes(pair.imag), [], [], walk
    )


def _str(value: Any, walk: Walk) -> Description:
    return with_attributes(value, text(str.__str__(value), walk), [], [], walk)


def _bytes(value: Any, walk: Walk) -> Description:
    return with_attributes(value, hash_buffers([memoryview(value).cast("B")]), [], [], walk)


def _memoryview(value: Any, walk: Walk) -> Description:
    shape = f"{value.format} {value.shape}".encode()
    return Description(label_of(value, shape, hash_buffers([value.tobytes()])))


def _list(value: Any, walk: Walk) -> Description:
    return sequence(
        value, value if type(value) is list else list.__getitem__(value, _ALL), walk
    )


def _tuple(value: Any, walk: Walk) -> Description:
    plain = value if type(value) is tuple else tuple.__getitem__(value, _ALL)
    return sequence(value, plain, walk)


def _deque(value: Any, walk: Walk) -> Description:
    held = list(collections.deque.__iter__(value))
    limit = field(collections.deque, "maxlen", value)
    return sequence(value, [*held, limit], walk)


def _dict(value: Any, walk: Walk) -> Description:
    library = library_of_namespace(value)
    if library is not None:
        return Description(label_of(value, b"names of a module", library.encode()))
    return mapping(value, list(dict.items(value)), walk)


def _ordered_dict(value: Any, walk: Walk) -> Description:
    return mapping(value, list(collections.OrderedDict.items(value)), walk)


def _defaultdict(value: Any, walk: Walk) -> Description:
    factory = field(collections.defaultdict, "default_factory", value)
    return mapping(value, [("default_factory", factory), *dict.items(value)], walk)


def _proxy(value: Any, walk: Walk) -> Description:
    return mapping(value, list(types.MappingProxyType.items(value)), walk)


def _view(value: Any, walk: Walk) -> Description:
    return sequence(value, list(value), walk)


def _set(value: Any, walk: Walk) -> Description:
    return unordered(value, list(set.__iter__(value)), walk)


def _frozenset(value: Any, walk: Walk) -> Description:
    return unordered(value, list(frozenset.__iter__(value)), walk)


def _enum(value: Any, walk: Walk) -> Description:
    name = object.__getattribute__(value, "_name_")
    held = object.__getattribute__(value, "_value_")
    return record(value, walk, name=name, value=held)


def _decimal(value: Any, walk: Walk) -> Description:
    spelled = repr(decimal.Decimal.as_tuple(value)).encode()
    return with_attributes(value, spelled, [], [], walk)


def _moment(value: Any, walk: Walk) -> Description:
    """datetime, date, time, timedelta: the fields, and the time zone as a part."""
    for cls, fields in _MOMENTS:
        if is_a(value, cls):
            numbers = [field(cls, name, value) for name in fields]
            zone = field(cls, "tzinfo", value) if "tzinfo" in class_dict(cls) else None
            content = repr(numbers).encode()
            return with_attributes(value, content, [zone], [".tzinfo"], walk)
    return walk.hide(qualified_name(type(value)))


_DATE = ("year", "month", "day")
_TIME = ("hour", "minute", "second", "microsecond", "fold")
_MOMENTS: tuple[tuple[type, tuple[str, ...]], ...] = (
    (datetime.timedelta, ("days", "seconds", "microseconds")),
    (datetime.time, _TIME),
    (datetime.date, _DATE),
)


def _datetime(value: Any, walk: Walk) -> Description:
    numbers = [field(datetime.date, name, value) for name in _DATE]
    numbers += [field(datetime.datetime, name, value) for name in _TIME]
    zone = field(datetime.datetime, "tzinfo", value)
    return with_attributes(value, repr(numbers).encode(), [zone], [".tzinfo"], walk)


def _zone(value: Any, walk: Walk) -> Description:
    return (
        Description(label_of(value, repr(datetime.timezone.__reduce__(value)).encode()))
        if (type(value) is not datetime.timezone)
        else record(
            value, walk, offset=datetime.timezone.utcoffset(value, None), name=str(value)
        )
    )


def _zone_info(value: Any, walk: Walk) -> Description:
    return record(value, walk, key=object.__getattribute__(value, "key"))


def _path(value: Any, walk: Walk) -> Description:
    import pathlib

    spelled = pathlib.PurePath.__str__(value)
    return Description(label_of(value, text(spelled, walk)))


def _pattern(value: Any, walk: Walk) -> Description:
    return record(value, walk, pattern=value.pattern, flags=value.flags)


def _match(value: Any, walk: Walk) -> Description:
    return record(value, walk, string=value.string, pattern=value.re, span=value.regs)


def _array(value: Any, walk: Walk) -> Description:
    code = field(array.array, "typecode", value)
    return with_attributes(
        value, code.encode() + hash_buffers([memoryview(value).cast("B")]), [], [], walk
    )


def _slice(value: Any, walk: Walk) -> Description:
    return record(value, walk, start=value.start, stop=value.stop, step=value.step)


def _singleton(value: Any, walk: Walk) -> Description:
    return Description(label_of(value))


def _exception(value: Any, walk: Walk) -> Description:
    args = field(BaseException, "args", value)
    cause = field(BaseException, "__cause__", value)
    return with_attributes(value, b"", [args, cause], [".args", ".__cause__"], walk)


def _weakref(value: Any, walk: Walk) -> Description:
    import weakref

    referent = weakref.ref.__call__(value)
    alive = b"dead" if referent is None else qualified_name(type(referent)).encode()
    return Description(label_of(value, alive))


def _random(value: Any, walk: Walk) -> Description:
    import random

    if qualified_name(type(value)) == "random.SystemRandom":
        return walk.hide("random.SystemRandom", "the system's own randomness")
    core = super(random.Random, value).getstate()
    gauss = (attributes(value) or {}).get("gauss_next")
    return Description(label_of(value, hash_parts([repr(core).encode(), repr(gauss).encode()])))


def _iterator(value: Any, walk: Walk) -> Description:
    """Iterators written in C say where they are through their own ``__reduce__``."""
    cls: Any = type(value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        reduced = cls.__reduce__(value)
    return record(value, walk, state=Part(_reduced(value, reduced, walk)))


def _reduced(value: object, reduced: Any, walk: Walk) -> Description:
    parts = [part for part in reduced[1:] if part is not None]
    return sequence(value, parts, walk)


def _set_iterator(value: Any, walk: Walk) -> Description:
    return unordered(value, value.__reduce__()[1][0], walk)


def _bytes_io(value: Any, walk: Walk) -> Description:
    if field(io.BytesIO, "closed", value):
        return record(value, walk, closed=True)
    with io.BytesIO.getbuffer(value) as buffer:
        content = hash_buffers([buffer])
    return record(value, walk, content=content, position=io.BytesIO.tell(value))


def _string_io(value: Any, walk: Walk) -> Description:
    if field(io.StringIO, "closed", value):
        return record(value, walk, closed=True)
    return record(
        value, walk, content=io.StringIO.getvalue(value), position=io.StringIO.tell(value)
    )


def _open_file(value: Any, walk: Walk) -> Description:
    """Name and mode are a file's, its position may be anybody's."""
    found: dict[str, object] = {}
    for name in ("name", "mode"):
        try:
            found[name] = getattr(value, name) if _is_io(type(value)) else None
        except (AttributeError, ValueError):
            continue
    what = "open file"
    if "name" in found:
        what = f"open file {found['name']!r}, mode {found.get('mode')!r}"
    return walk.hide(text(what, walk).decode("utf-8", "replace"))


def _is_io(cls: type) -> bool:
    return module_of(cls) == "_io"


_ALL = slice(None)
_ITERATORS = [
    "list_iterator",
    "list_reverseiterator",
    "tuple_iterator",
    "range_iterator",
    "longrange_iterator",
    "str_iterator",
    "str_ascii_iterator",
    "bytes_iterator",
    "bytearray_iterator",
    "dict_keyiterator",
    "dict_valueiterator",
    "dict_itemiterator",
    "dict_reversekeyiterator",
    "dict_reversevalueiterator",
    "dict_reverseitemiterator",
    "enumerate",
    "zip",
    "map",
    "filter",
    "reversed",
    "iterator",
    "callable_iterator",
    "_collections._deque_iterator",
    "_collections._deque_reverse_iterator",
] + [
    f"itertools.{name}"
    for name in [
        "count",
        "cycle",
        "repeat",
        "accumulate",
        "chain",
        "compress",
        "dropwhile",
        "filterfalse",
        "groupby",
        "islice",
        "pairwise",
        "starmap",
        "takewhile",
        "_tee",
        "tee",
        "zip_longest",
        "product",
        "permutations",
        "combinations",
        "combinations_with_replacement",
        "batched",
        "_grouper",
        "_tee_dataobject",
    ]
]

DESCRIBERS: dict[str, Callable[[Any, Walk], Description]] = {
    "NoneType": _atom,
    "bool": _atom,
    "int": _int,
    "float": _float,
    "complex": _complex,
    "str": _str,
    "bytes": _bytes,
    "bytearray": _bytes,
    "memoryview": _memoryview,
    "list": _list,
    "tuple": _tuple,
    "dict": _dict,
    "set": _set,
    "frozenset": _frozenset,
    "mappingproxy": _proxy,
    "dict_keys": _view,
    "dict_values": _view,
    "dict_items": _view,
    "odict_keys": _view,
    "odict_values": _view,
    "odict_items": _view,
    "range": _slice,
    "slice": _slice,
    "ellipsis": _singleton,
    "NotImplementedType": _singleton,
    "BaseException": _exception,
    "weakref": _weakref,
    "weakref.ReferenceType": _weakref,
    "weakref.ProxyType": lambda value, walk: walk.hide("weak proxy"),
    "weakproxy": lambda value, walk: walk.hide("weak proxy"),
    "weakcallableproxy": lambda value, walk: walk.hide("weak proxy"),
    "set_iterator": _set_iterator,
    "collections.deque": _deque,
    "collections.OrderedDict": _ordered_dict,
    "collections.defaultdict": _defaultdict,
    "enum.Enum": _enum,
    "decimal.Decimal": _decimal,
    "datetime.datetime": _datetime,
    "datetime.date": _moment,
    "datetime.time": _moment,
    "datetime.timedelta": _moment,
    "datetime.timezone": _zone,
    "zoneinfo.ZoneInfo": _zone_info,
    "pathlib.PurePath": _path,
    "pathlib._local.PurePath": _path,
    "re.Pattern": _pattern,
    "re.Match": _match,
    "array.array": _array,
    "random.Random": _random,
    "_io.BytesIO": _bytes_io,
    "_io.StringIO": _string_io,
    "_io._IOBase": _open_file,
    "io.IOBase": _open_file,
    **dict.fromkeys(_ITERATORS, _iterator),
}
