"""One look at one object: its parts, and what else it leads to.

An object is described by *tokens*, one for each part that can be written on its own: a
key, an attribute, a column, or everything at once. Two descriptions of an object with
equal tokens mean that it did not change in between. Only C accessors of exact builtin
types and the data model's own descriptors are used; the user's methods never run.
"""

from __future__ import annotations

import _abc  # type: ignore[import-not-found]
import array
import collections
import datetime
import decimal
import enum
import fractions
import functools
import gc
import io
import itertools
import logging
import marshal
import operator
import os
import pathlib
import random
import re
import socket
import struct
import subprocess
import sys
import sysconfig
import threading
import types
import typing
import uuid
import weakref
import zoneinfo
from collections.abc import Callable, Container, Hashable, Iterable, Iterator
from typing import Any, NamedTuple, TypeGuard

import xxhash

from jupyter_slicer.recording.memory import place_of
from jupyter_slicer.values.instances import CACHES, cached_names
from jupyter_slicer.values.look import (
    Kinds,
    address,
    class_dict,
    library_of_namespace,
    mro,
    pickles_itself,
    remembered,
    short_name,
)

Key = Hashable
"""A part of an object: ``(".", name)``, ``("[]", key)``, ``"*"`` (content), ``"#"`` (frame)."""

MANY = 64
"""Containers longer than this are one part."""
CROWD = 2000
"""Containers with more members than this are read as bytes, their members unknown."""
BYTES_PER_SECOND = 5e9
PIECE = 1 << 24
"""Bytes that are read at once while nobody waits: some 4 ms."""
CODES_PER_SECOND = 3e7
"""How many small values a second marshal or a tuple's hash goes through."""


Ref = complex
"""The token of a part that refers to another described object: its address, imaginary.

No other token is a complex number, and the garbage collector does not look at one: there
are tens of thousands in a long session.
"""


def reference_to(value: object) -> Ref:
    return complex(0.0, address(value))


class Same:
    """The token of a small value that is compared by identity, and kept alive for that."""

    __slots__ = ("held",)

    def __init__(self, held: object) -> None:
        self.held = held

    def __eq__(self, other: object) -> bool:
        return type(other) is Same and other.held is self.held

    def __hash__(self) -> int:
        return address(self.held)


class Memory(NamedTuple):
    """Shared memory that has no Python object of its own."""

    key: Hashable
    parts: dict[Key, Hashable]
    opaque: str | None = None


class TooCostly(Exception):
    """Describing the object's content costs more than may be spent now."""


class Description:
    """What one look at an object gave."""

    __slots__ = ("cached", "children", "elsewhere", "globals", "mentions", "opaque", "parts")

    def __init__(
        self,
        parts: dict[Key, Hashable],
        children: Iterable[object] = (),
        opaque: str | None = None,
        globals_: frozenset[str] = frozenset(),
        mentions: frozenset[str] = frozenset(),
    ) -> None:
        self.parts = parts
        self.children = list(children)
        self.opaque = opaque
        """Why changes inside cannot be seen; None when they can."""
        self.globals = globals_
        """Global names of the notebook that running it would read."""
        self.mentions = mentions
        """Identifiers and attribute names in its code."""
        self.cached: frozenset[int] = frozenset()
        """Addresses of children that only a library's cache leads to."""
        self.elsewhere = False
        """Whether some parts are not held by the object itself."""


Afford = Callable[[float], bool]
Describer = Callable[[Any, "Looker"], Description]

LIBRARY_ROOTS = tuple(
    {
        os.path.realpath(path) + os.sep
        for name, path in sysconfig.get_paths().items()
        if name in ("stdlib", "platstdlib", "purelib", "platlib")
    }
)


_INSTALLED = tuple(os.sep + name + os.sep for name in ("site-packages", "dist-packages"))


class _Named(NamedTuple):
    """Its field is of the kind that fields of named tuples are."""

    field: int


ATOMS = Kinds(
    type(None), bool, int, float, complex, str, bytes, range, slice, type(...),
    type(NotImplemented), datetime.datetime, datetime.date, datetime.time,
    datetime.timedelta, datetime.timezone, decimal.Decimal, fractions.Fraction, re.Pattern,
    re.Match, uuid.UUID, zoneinfo.ZoneInfo, types.CodeType, types.FrameType, types.TracebackType,
    types.WrapperDescriptorType, types.MethodDescriptorType, types.ClassMethodDescriptorType,
    types.GetSetDescriptorType, types.MemberDescriptorType, type(threading.RLock()),
    types.GenericAlias, types.UnionType, pathlib.PosixPath, pathlib.PurePosixPath,
    pathlib.WindowsPath, pathlib.PureWindowsPath, os._Environ, operator.itemgetter, operator.attrgetter, operator.methodcaller,
    type(_Named.__dict__["field"]), struct.Struct, typing.TypeVar,
)  # fmt: skip
"""Types without state that a statement could change, or whose state is watched elsewhere."""

_ATOM_IDS = ATOMS.ids
_VALUES = Kinds(
    datetime.datetime, datetime.date, datetime.time, datetime.timedelta, datetime.timezone,
    decimal.Decimal, fractions.Fraction, uuid.UUID, slice, re.Pattern, types.GenericAlias,
    types.UnionType, pathlib.PosixPath, pathlib.PurePosixPath, pathlib.WindowsPath,
    pathlib.PureWindowsPath, operator.itemgetter, operator.attrgetter, operator.methodcaller,
)  # fmt: skip
"""Atoms that come and go like numbers: the next one may get the address of the last."""
_VALUE_ATOMS = (int, str, bytes, bool, type(None), complex, range)


_type_dict = type.__dict__["__dict__"].__get__
_type_module = type.__dict__["__module__"].__get__
type_name = type.__dict__["__name__"].__get__


def module_name(kind: type) -> str:
    """The module of a class, past any metaclass of the user's."""
    return str(_type_module(kind))


def is_class(value: object) -> TypeGuard[type]:
    """``isinstance`` would ask the object's own ``__class__``."""
    return issubclass(type(value), type)


@functools.lru_cache(4096)
def is_library_file(path: str | None) -> bool:
    """Whether a module's file belongs to Python or to an installed package."""
    if path is None or _is_installed_at(os.path.normpath(path)):
        return True
    return _is_installed_at(os.path.realpath(path))


def _is_installed_at(path: str) -> bool:
    """Also for the user alone, for the whole machine, or for an environment that lends its
    packages to this one."""
    return path.startswith(LIBRARY_ROOTS) or any(folder in path for folder in _INSTALLED)


_OURS = __name__.partition(".")[0]
"""Wherever it lies: a checkout is in no folder of libraries."""


@functools.lru_cache(4096)
def _is_library_module(name: str, module_id: int) -> bool:
    module = sys.modules.get(name)
    file = getattr(module, "__file__", None) if type(module) is types.ModuleType else None
    return is_library_file(file)


def is_library_module_name(name: object) -> bool:
    """Whether code under this module name is a library's, not the user's."""
    if not isinstance(name, str) or name in ("__main__", "__mp_main__"):
        return False
    root = name.partition(".")[0]
    if root in sys.stdlib_module_names or root in sys.builtin_module_names or root == _OURS:
        return True
    return _is_library_module(name, address(sys.modules.get(name)))


def atom_token(value: Any) -> Hashable:
    """A small token, equal only for equal values of the same type."""
    kind = type(value)
    if kind is float:
        return value if value == value and value != 0 else (kind, repr(value))
    if kind is int:
        return ("int", value) if -(1 << 64) < value < (1 << 64) else ("int", hash(value))  # type: ignore[operator]
    if kind is str or kind is bytes:
        return value if len(value) < 200 else (kind, len(value), hash(value))  # type: ignore[arg-type]
    if any(kind is known for known in _VALUE_ATOMS):
        return (kind, value)
    if module_name(kind) == "numpy" and hasattr(kind, "tobytes"):
        return (kind, value.tobytes())
    return Same(value) if is_value(kind) else (kind, address(value))


@remembered
def is_value(kind: type) -> bool:
    """Whether objects of an atomic type are made anew for each new value."""
    return kind in _VALUES or module_name(kind).startswith("pandas._libs")


class Looker:
    """Describes objects; knows the user's namespace and what may be spent."""

    def __init__(self, user_ns: dict[str, object], afford: Afford) -> None:
        self.user_ns = user_ns
        self.afford = afford
        self.known: Container[Hashable] = ()
        """Identities of objects that other names lead to."""
        self.refusals = 0
        """How often something cost too much."""
        self.refused: list[Any] | None = None
        """Memory that cost too much to read, where somebody will read it in pieces."""
        self._read_in_pieces: dict[tuple[int, int], int] = {}
        self._codes: weakref.WeakKeyDictionary[
            types.CodeType, tuple[frozenset[str], frozenset[str]]
        ] = weakref.WeakKeyDictionary()

    def is_atom(self, value: object) -> bool:
        return describer_for(type(value)) is None or self._stateless(value)

    def describe(self, value: object) -> Description:
        """Describe one object; ``TooCostly`` when its content may not be read now."""
        describer = describer_for(type(value))
        assert describer is not None
        return describer(value, self)

    def token(self, value: object) -> Hashable:
        if address(type(value)) in _ATOM_IDS or self.is_atom(value):
            return atom_token(value)
        return reference_to(value)

    def spend(self, seconds: float) -> None:
        if seconds > 2e-4 and not self.afford(seconds):
            self.refusals += 1
            raise TooCostly

    def hash_of(self, memory: Any) -> int:
        """A hash of what a contiguous buffer holds."""
        place = memory.__array_interface__["data"][0], memory.nbytes
        if place in self._read_in_pieces:
            return self._read_in_pieces[place]
        try:
            self.spend(memory.nbytes / BYTES_PER_SECOND)
        except TooCostly:
            if self.refused is not None:
                self.refused.append(memory)
            raise
        return xxhash.xxh3_64_intdigest(memory)

    def read_in_pieces(self, memory: Any) -> Iterator[None]:
        """Hash a buffer that no cell changes meanwhile; ``hash_of`` knows it at the end."""
        found = xxhash.xxh3_64()
        for begin in range(0, memory.nbytes, PIECE):
            found.update(memory[begin : begin + PIECE])
            yield
        place = memory.__array_interface__["data"][0], memory.nbytes
        self._read_in_pieces[place] = found.intdigest()

    def leave_pieces(self) -> None:
        """From now on the buffers may change."""
        self.refused = None
        self._read_in_pieces.clear()

    def _stateless(self, value: Any) -> bool:
        """Library modules, functions and classes: changed only by patching them."""
        kind = type(value)
        if kind is types.ModuleType:
            return is_library_file(getattr(value, "__file__", None))
        if issubclass(kind, type):  # isinstance would ask the object for its __class__
            return is_library_module_name(module_name(value))
        if kind is types.FunctionType:
            name = value.__globals__.get("__name__")  # type: ignore[attr-defined]
            plain = value.__closure__ is None and not value.__dict__  # type: ignore[attr-defined]
            return is_library_module_name(name) and (plain or _is_global_of(value, name))
        if kind is types.BuiltinFunctionType:
            owner = value.__self__  # type: ignore[attr-defined]
            return owner is None or isinstance(owner, types.ModuleType | type)
        return kind is dict and library_of_namespace(value) is not None

    def code_names(self, code: types.CodeType) -> tuple[frozenset[str], frozenset[str]]:
        """Globals that a code object or one inside it loads, and all names in them."""
        try:
            return self._codes[code]
        except KeyError:
            codes = list(_nested(code))
            loaded = frozenset(name for c in codes for name in _loaded_globals(c))
            mentioned = frozenset(name for c in codes for name in _mentioned(c))
            self._codes[code] = loaded, mentioned
            return loaded, mentioned


def _is_global_of(function: Any, module: str) -> bool:
    """Whether a library keeps the function under its name, as decorated ones are kept."""
    found = sys.modules.get(module)
    names = types.ModuleType.__getattribute__(found, "__dict__") if found else {}
    return names.get(function.__name__) is function


def _nested(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _nested(constant)


def _mentioned(code: types.CodeType) -> Iterator[str]:
    """Names in the code; words of its texts where those may be names too."""
    import dis

    yield from code.co_names
    yield from code.co_freevars
    if code.co_name in (*code.co_names, *code.co_freevars):
        yield "RecursionError"  # it calls itself: how deep is limited
    texts = [c for c in code.co_consts if type(c) is str]
    if set(code.co_names) & {"eval", "exec", "globals"}:
        yield from (word for text in texts for word in IDENTIFIERS.findall(text))
    before = None
    for instruction in dis.get_instructions(code):
        name = instruction.opname
        if name in _FORMATTING or (
            instruction.argrepr == "%" and any("%" in text for text in texts)
        ):
            yield "JoinedStr"
        elif name == "STORE_ATTR" and (before is None or before.argval != "self"):
            yield STORES_ATTRIBUTES
        before = instruction


STORES_ATTRIBUTES = "STORE_ATTR"
"""Among what code mentions: that it sets attributes of other objects than its own."""
IDENTIFIERS = re.compile(r"[^\W\d]\w*")
_FORMATTING = frozenset(
    ["FORMAT_VALUE", "FORMAT_SIMPLE", "FORMAT_WITH_SPEC", "CONVERT_VALUE", "BUILD_STRING"]
)


def _loaded_globals(code: types.CodeType) -> Iterator[str]:
    import dis

    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield instruction.argval


# -- which describer for which type ------------------------------------------------


@remembered
def describer_for(kind: type) -> Describer | None:
    """The describer of a type; None when its instances are atoms."""
    if address(kind) in _ATOM_IDS or (
        issubclass(kind, enum.Enum) and is_library_module_name(module_name(kind))
    ):
        return None
    exact = next((describer for known, describer in _EXACT.items() if known is kind), None)
    if exact is not None:
        return exact
    root = module_name(kind).partition(".")[0]
    if issubclass(kind, tuple(_BY_BASE)):
        return next(d for base, d in _BY_BASE.items() if issubclass(kind, base))
    for library, choose in _LIBRARIES.items():
        module = sys.modules.get(library)
        if module is not None:
            found = choose(kind, module)
            if found is not None:
                return None if found is _ATOM else found
    if root in _NOT_THE_USERS or _runs_the_session(kind):
        return None
    if root == "logging" and not issubclass(kind, logging.Filter):
        return _describe_logging
    if issubclass(kind, BaseException):
        return _describe_exception
    if _says_what_makes_it(kind):
        return _describe_made
    if _keeps_attributes(kind):
        return _describe_instance
    return _describe_opaque


_NOT_THE_USERS = frozenset(
    "IPython ipykernel zmq tornado traitlets comm jupyter_slicer".split()
)


def _runs_the_session(kind: type) -> bool:
    """Front ends have shells and kernels of their own, under names of their own."""
    bases = {f"{module_name(base)}.{short_name(base)}" for base in mro(kind)}
    return not bases.isdisjoint(_SESSION)


_SESSION = (
    "IPython.core.interactiveshell.InteractiveShell",
    "ipykernel.kernelbase.Kernel",
    "traitlets.config.application.Application",
)


def _ATOM(value: Any, looker: Looker) -> Description:
    raise AssertionError("an atom has no description")


def _keeps_attributes(kind: type) -> bool:
    return any(
        "__dict__" in _type_dict(base) or "__slots__" in _type_dict(base)
        for base in type.__dict__["__mro__"].__get__(kind)
        if base is not object
    )


# -- containers --------------------------------------------------------------------


def _members(values: Iterable[object], looker: Looker) -> list[object]:
    return [v for v in values if address(type(v)) not in _ATOM_IDS and not looker.is_atom(v)]


def _told(values: Iterable[object], looker: Looker) -> tuple[list[Hashable], list[object]]:
    """The tokens of some values, and those that have a description of their own."""
    tokens: list[Hashable] = []
    members: list[object] = []
    for value in values:
        if address(type(value)) in _ATOM_IDS or looker.is_atom(value):
            tokens.append(atom_token(value))
        else:
            tokens.append(reference_to(value))
            members.append(value)
    return tokens, members


def _crowd_token(value: Any, count: int, looker: Looker) -> Hashable:
    """One token for the content of a long builtin container, by its marshalled bytes."""
    looker.spend(count / CODES_PER_SECOND)
    return xxhash.xxh3_64_intdigest(marshal.dumps(value, 2))


def _crowd(count: int, values: Iterable[object], looker: Looker) -> Description:
    """So many objects that only those are followed which are known by another name."""
    met = [v for v in values if address(v) in looker.known]
    return Description({"#": count}, _members(met, looker), opaque=f"{count} objects in it")


def _sequence(values: list[Any] | tuple[Any, ...], looker: Looker) -> Description:
    count = len(values)
    if count <= MANY:
        tokens, members = _told(values, looker)
        parts: dict[Key, Hashable] = {("[]", i): token for i, token in enumerate(tokens)}
        parts["#"] = count
        return Description(parts, members)
    looker.spend(count * 5e-8)
    if only_atoms(values):
        try:
            return Description({"*": _crowd_token(values, count, looker), "#": count})
        except ValueError:
            looker.spend(count / CODES_PER_SECOND * 8)
            return Description({"*": hash(tuple(map(atom_token, values))), "#": count})
    if count > CROWD:
        try:
            return Description({"*": _crowd_token(values, count * 8, looker), "#": count})
        except ValueError:
            return _crowd(count, values, looker)
    looker.spend(count * 5e-7)
    tokens, members = _told(values, looker)
    return Description({"*": hash(tuple(tokens)), "#": count}, members)


def _describe_list(value: Any, looker: Looker) -> Description:
    return _sequence(
        value if type(value) is list else list.__getitem__(value, slice(None)), looker
    )


def _describe_tuple(value: Any, looker: Looker) -> Description:
    return _sequence(
        value if type(value) is tuple else tuple.__getitem__(value, slice(None)), looker
    )


def _describe_deque(value: Any, looker: Looker) -> Description:
    return _sequence(list(collections.deque.__iter__(value)), looker)


def _describe_dict(value: Any, looker: Looker) -> Description:
    count = dict.__len__(value)
    keys, values = list(dict.keys(value)), list(dict.values(value))
    # An ``OrderedDict`` hashes its keys to tell their order: the user's are left alone.
    if issubclass(type(value), collections.OrderedDict) and only_atoms(keys):
        keys = list(collections.OrderedDict.__iter__(value))
        values = [dict.__getitem__(value, k) for k in keys]
    if count > 4 * MANY:
        return _crowded_dict(value, keys, values, looker)
    places: list[Hashable] = keys
    members: list[object] = []
    if not set(map(address, map(type, keys))) <= _NAMES.ids:
        of_keys, members = _told(keys, looker)
        pairs = zip(keys, of_keys, strict=True)
        places = [key if type(key) in _NAMES else token for key, token in pairs]
    tokens, held = _told(values, looker)
    parts: dict[Key, Hashable] = {
        ("[]", place): token for place, token in zip(places, tokens, strict=True)
    }
    parts["#"] = hash(tuple(places))
    return Description(parts, members + held)


_NAMES = Kinds(str, int)


def only_atoms(values: Iterable[object]) -> bool:
    return set(map(address, map(type, values))) <= _ATOM_IDS


def _describe_defaultdict(value: Any, looker: Looker) -> Description:
    found = _describe_dict(value, looker)
    factory = value.default_factory
    found.parts[(".", "default_factory")] = looker.token(factory)
    found.children.extend(_members([factory], looker))
    return found


def _describe_window(value: Any, looker: Looker) -> Description:
    """A view of a dictionary shows what is in it, and holds nothing itself."""
    return Description({}, _members(gc.get_referents(value), looker))


def _crowded_dict(
    value: Any, keys: list[Any], values: list[Any], looker: Looker
) -> Description:
    count = len(keys)
    if count > CROWD or only_atoms(values):
        try:
            return Description({"*": _crowd_token(value, count * 4, looker), "#": count})
        except ValueError:
            if count > CROWD:
                return _crowd(count, values, looker)
    looker.spend(count * 1e-6)
    of_keys, members = _told(keys, looker)
    tokens, held = _told(values, looker)
    token = hash((tuple(of_keys), tuple(tokens)))
    return Description({"*": token, "#": count}, members + held)


def _describe_set(value: Any, looker: Looker) -> Description:
    base = set if issubclass(type(value), set) else frozenset
    members = list(base.__iter__(value))
    looker.spend(len(members) / CODES_PER_SECOND * 8)
    tokens, held = _told(members, looker)
    return Description({"*": hash(frozenset(tokens)), "#": len(members)}, held)


def _describe_bytes(value: Any, looker: Looker) -> Description:
    view = memoryview(value)
    looker.spend(view.nbytes / BYTES_PER_SECOND)
    return Description({"*": xxhash.xxh3_64_intdigest(view.tobytes())})


def _describe_memoryview(value: Any, looker: Looker) -> Description:
    """It leads to what lends it the memory, or shows the memory where that shows nothing."""
    try:
        size, lender = value.nbytes, value.obj
    except ValueError:
        return Description({"#": "released"})
    if lender is None or describer_for(type(lender)) is not _describe_opaque:
        return Description({"#": size}, _members([lender], looker))
    looker.spend(size / BYTES_PER_SECOND)
    return Description({"#": size, "*": xxhash.xxh3_64_intdigest(value.tobytes())})


def _describe_buffer(value: Any, looker: Looker) -> Description:
    """An in-memory file: its bytes and where the next read begins."""
    base = io.StringIO if issubclass(type(value), io.StringIO) else io.BytesIO
    try:
        content = base.getvalue(value)
        return Description({"*": (hash(content), base.tell(value))})
    except ValueError:
        return Description({"*": "closed"})


# -- functions, classes, modules ---------------------------------------------------


def _describe_function(value: Any, looker: Looker) -> Description:
    token = looker.token
    parts: dict[Key, Hashable] = {
        "#": (address(value.__code__), token(value.__defaults__), token(value.__kwdefaults__))
    }
    children: list[object] = [
        value.__defaults__,
        value.__kwdefaults__,
        *(value.__closure__ or ()),
    ]
    for name, item in value.__dict__.items():
        parts[(".", name)] = token(item)
        children.append(item)
    for name in NAMING:
        parts[(".", name)] = token(getattr(value, name))
    annotations = function_annotations(value)
    parts[(".", "__annotations__")] = token(annotations)
    children.append(annotations)
    names: frozenset[str] = frozenset()
    mentions: frozenset[str] = frozenset()
    made_by_exec = False
    if value.__globals__ is looker.user_ns:
        names, mentions = looker.code_names(value.__code__)
    elif (module := home_module(value)) is not None:
        children.append(module)
        if not is_library_file(getattr(module, "__file__", None)):
            mentions = looker.code_names(value.__code__)[1]
    else:
        made_by_exec = True  # with names of its own
        loaded, mentions = looker.code_names(value.__code__)
        for name in loaded & value.__globals__.keys():
            parts[("global", name)] = token(value.__globals__[name])
            children.append(value.__globals__[name])
    found = Description(parts, _members(children, looker), None, names, mentions)
    found.elsewhere = made_by_exec
    return found


NAMING = ("__name__", "__qualname__", "__doc__", "__module__")


def home_module(value: types.FunctionType) -> types.ModuleType | None:
    """The module whose names a function reads; None for one made by ``exec``."""
    module = sys.modules.get(str(value.__globals__.get("__name__")))
    found = module is not None and getattr(module, "__dict__", None) is value.__globals__
    return module if found else None


def function_annotations(value: types.FunctionType) -> object:
    """From Python 3.14 on it would run code to find out: None there."""
    return value.__annotations__ if sys.version_info < (3, 14) else None


def _describe_cell(value: Any, looker: Looker) -> Description:
    try:
        content = value.cell_contents
    except ValueError:
        return Description({"*": "empty"})
    return Description({"*": looker.token(content)}, _members([content], looker))


def _describe_method(value: Any, looker: Looker) -> Description:
    return Description({}, _members([value.__self__, value.__func__], looker))


def _describe_builtin_method(value: Any, looker: Looker) -> Description:
    return Description({}, _members([value.__self__], looker))


def _describe_wrapped(value: Any, looker: Looker) -> Description:
    """staticmethod, classmethod, property: they lead to functions and do not change."""
    return Description({}, _members(wrapped_functions(value), looker))


def wrapped_functions(value: object) -> list[object]:
    return [getattr(value, name, None) for name in ("__func__", "fget", "fset", "fdel")]


def _describe_partial(value: Any, looker: Looker) -> Description:
    inner = [value.func, value.args, value.keywords]
    return Description({"#": tuple(map(looker.token, inner))}, _members(inner, looker))


def _describe_cache(value: Any, looker: Looker) -> Description:
    """``functools.lru_cache``: what it holds shows in its counters."""
    return Description(
        {"*": tuple(value.cache_info())}, _members(gc.get_referents(value), looker)
    )


SUBCLASSES = "subclasses"
"""A part that every subclass writes, and that only ``__subclasses__`` reads."""

_CLASS_NOISE = frozenset(
    "__dict__ __weakref__ __module__ __firstlineno__ __static_attributes__ _abc_impl "
    "__annotate__ __annotate_func__ __annotations_cache__ __orig_bases__ __parameters__ "
    "__slotnames__".split()
)
"""What a class is, or a note that it makes of itself: ``copyreg`` leaves one on the class of
what is pickled, also where we do that."""


def _describe_class(value: Any, looker: Looker) -> Description:
    attributes = type.__dict__["__dict__"].__get__(value)
    parts: dict[Key, Hashable] = {}
    children: list[object] = []
    for name, item in attributes.items():
        # To ask a class for annotations that it has not makes an empty dictionary.
        if name not in _CLASS_NOISE and not (name == "__annotations__" and item == {}):
            parts[(".", name)] = looker.token(item)
            children.append(item)
    bases = type.__dict__["__bases__"].__get__(value)
    parts["#"] = (type_name(value), *map(address, bases))
    parts[SUBCLASSES] = tuple(map(address, type.__subclasses__(value)))
    if "_abc_impl" in attributes:
        parts["registered"] = len(_abc._get_dump(value)[0])
    return Description(parts, _members([*children, *bases, type(value)], looker))


def _describe_module(value: Any, looker: Looker) -> Description:
    parts: dict[Key, Hashable] = {}
    children: list[object] = []
    for name, item in list(types.ModuleType.__getattribute__(value, "__dict__").items()):
        if not (name.startswith("__") and name.endswith("__")):
            parts[(".", name)] = looker.token(item)
            children.append(item)
    return Description(parts, _members(children, looker))


# -- instances ---------------------------------------------------------------------


_Place = tuple[int, str]
"""A descriptor: of which class, counted along the bases, and under which name. The
descriptor itself would keep its class alive."""


@remembered
def _attribute_places(kind: type) -> tuple[_Place | None, tuple[_Place, ...]]:
    """Where a type's instance dictionary and slots are to be had without its own methods."""
    dictionary: _Place | None = None
    slots = []
    for position, base in enumerate(mro(kind)):
        members = class_dict(base)
        if dictionary is None and type(members.get("__dict__")) in _ACCESSORS:
            dictionary = position, "__dict__"
        names = members.get("__slots__", ())
        for name in (names,) if isinstance(names, str) else tuple(names):
            for mangled in (name, f"_{type_name(base).lstrip('_')}{name}"):
                if type(members.get(mangled)) is types.MemberDescriptorType:
                    slots.append((position, mangled))
    return dictionary, tuple(slots)


_ACCESSORS = (types.GetSetDescriptorType, types.MemberDescriptorType)


def _read(value: object, place: _Place) -> object:
    """What is there; ``_UNSET`` where there is nothing."""
    position, name = place
    descriptor = class_dict(mro(type(value))[position]).get(name)
    if type(descriptor) not in _ACCESSORS:  # taken off the class since
        return _UNSET
    try:
        return descriptor.__get__(value)  # type: ignore[union-attr]
    except AttributeError:
        return _UNSET


_UNSET = object()


def instance_state(value: object) -> tuple[dict[str, object], list[object]]:
    """The instance's own dictionary, and what its slots hold."""
    dictionary, slots = _attribute_places(type(value))
    held = _read(value, dictionary) if dictionary is not None else None
    return (held if type(held) is dict else {}), [_read(value, slot) for slot in slots]


def describes_attributes(kind: type) -> bool:
    """Whether an instance is described by its attributes and what a container holds."""
    return describer_for(kind) is _describe_instance


def attributes_of(value: object) -> Iterator[tuple[str, object]]:
    """Instance attributes and filled slots, read past any ``__getattribute__``."""
    dictionary, slots = _attribute_places(type(value))
    if dictionary is not None:
        held = _read(value, dictionary)
        if isinstance(held, dict):
            yield from list(dict.items(held))
    for slot in slots:
        filled = _read(value, slot)
        if filled is not _UNSET:
            yield slot[1], filled


def _describe_instance(value: Any, looker: Looker) -> Description:
    kind = type(value)
    parts: dict[Key, Hashable] = {"#": address(kind)}
    children: list[object] = []
    token = looker.token
    caches = cache_names(kind)
    cached: list[object] = []
    for name, item in attributes_of(value):
        if name in caches:
            cached += dict.values(item) if type(item) is dict else [item]
            continue
        parts[(".", name)] = token(item)
        children.append(item)
    opaque = None
    for base, describer in _CONTENT.items():
        if issubclass(kind, base):
            content = describer(value, looker)
            parts.update({k: v for k, v in content.parts.items() if k != "#"})
            parts["##"] = content.parts.get("#")
            children.extend(content.children)
            opaque = content.opaque
            break
    found = Description(parts, _members([*children, kind], looker), opaque)
    if cached:
        only_cached = {address(c) for c in cached}.difference(map(address, found.children))
        found.children += _members(cached, looker)
        found.cached = frozenset(only_cached)
    return found


@remembered
def cache_names(kind: type) -> frozenset[str]:
    """Attributes in which a library keeps what it has computed, to compute it but once.

    That they are filled makes no other value; the digest of a value leaves them out, too,
    but for classes that say themselves what is pickled.
    """
    if not is_library_module_name(module_name(kind)) or pickles_itself(kind):
        return frozenset()
    return cached_names(kind) | CACHES


def _describe_exception(value: Any, looker: Looker) -> Description:
    found = _describe_instance(value, looker)
    arguments = BaseException.__dict__["args"].__get__(value)
    found.parts["args"] = looker.token(arguments)
    found.children.extend(_members([arguments], looker))
    return found


@remembered
def _says_what_makes_it(kind: type) -> bool:
    """Whether a library's class gives the arguments that make an instance anew."""
    bases = mro(kind)[:-1]
    members = {name for base in bases for name in class_dict(base)}
    return (
        "__getstate__" in members
        and not members.isdisjoint(("__getnewargs__", "__getnewargs_ex__"))
        and all(is_library_module_name(module_name(base)) for base in bases)
    )


def makers_of(value: Any) -> list[object] | None:
    """What alone makes an instance: its class says that there is no state besides.

    Attributes that come later hold what has been computed, as what sympy's symbols are
    assumed to be. None where there may be more.
    """
    kind: Any = type(value)
    if kind.__getstate__(value) is not None:
        return None
    positional, named = (
        kind.__getnewargs_ex__(value)
        if _takes_names(kind)
        else (kind.__getnewargs__(value), {})
    )
    return [*_leaves(positional), *_leaves(named)]


@remembered
def _takes_names(kind: type) -> bool:
    return any("__getnewargs_ex__" in class_dict(base) for base in mro(kind))


def _leaves(arguments: object) -> Iterator[object]:
    """What lies in tuples and dictionaries that are made for each answer."""
    if type(arguments) is tuple:
        for each in arguments:
            yield from _leaves(each)
    elif type(arguments) is dict:
        yield from arguments
        for each in arguments.values():
            yield from _leaves(each)
    else:
        yield arguments


def _describe_made(value: Any, looker: Looker) -> Description:
    makers = makers_of(value)
    if makers is None:
        return _describe_instance(value, looker)
    tokens, members = _told(makers, looker)
    return Description({"#": address(type(value)), "*": tuple(tokens)}, members)


def is_made_of_arguments(kind: type) -> bool:
    """Whether instances may be described by what makes them."""
    return describer_for(kind) is _describe_made


_LOGGING_PARTS = frozenset("level disabled propagate handlers filters formatter buffer".split())


def _describe_logging(value: Any, looker: Looker) -> Description:
    """Loggers and handlers: how they are set up, not what passed through them."""
    if issubclass(type(value), logging.Manager):
        return Description({})
    parts: dict[Key, Hashable] = {}
    children: list[object] = []
    for name, item in attributes_of(value):
        if name in _LOGGING_PARTS:
            parts[(".", name)] = looker.token(item)
            children.append(item)
    return Description(parts, _members(children, looker))


def _describe_random(value: Any, looker: Looker) -> Description:
    found = _describe_instance(value, looker)
    found.parts["*"] = hash(random.Random.getstate(value))
    return found


# -- what passes once, and what cannot be looked into --------------------------------


def _describe_thread(value: Any, looker: Looker) -> Description:
    """What it does shows in what it was given; how far it is, nowhere."""
    parts: dict[Key, Hashable] = {"#": address(type(value))}
    children: list[object] = [type(value)]
    for name, item in attributes_of(value):
        if name in _THREAD_PARTS or not name.startswith("_"):
            parts[(".", name)] = looker.token(item)
            children.append(item)
    return Description(parts, _members(children, looker), opaque="a thread")


_THREAD_PARTS = frozenset(["_target", "_args", "_kwargs"])


def _describe_proxy(value: Any, looker: Looker) -> Description:
    """A proxy answers all questions by its object; where that lies, only its memory says."""
    import ctypes

    place = place_of(value) + object.__basicsize__
    referent = ctypes.py_object.from_address(place).value
    return Description({"*": looker.token(referent)}, _members([referent], looker))


def _describe_process(value: Any, looker: Looker) -> Description:
    """What is written to its input comes out of its output: its parts are one."""
    held = [item for _, item in attributes_of(value)]
    return Description({"#": address(type(value))}, _members(held, looker), opaque="a process")


def _describe_socket(value: Any, looker: Looker) -> Description:
    """What is sent through one socket is received by another."""
    shared = Memory("sockets", {}, opaque="a socket")
    return Description({"closed": value.fileno() < 0}, [shared], opaque="a socket")


def _describe_lock(value: Any, looker: Looker) -> Description:
    return Description({"*": value.locked()})


def _describe_generator(value: Any, looker: Looker) -> Description:
    frame = getattr(value, "gi_frame", None) or getattr(value, "ag_frame", None)
    referents = [] if frame is None else gc.get_referents(value)
    held = [r for r in referents if type(r) is not dict and type(r) is not types.CodeType]
    state = "finished" if frame is None else frame.f_lasti
    parts: dict[Key, Hashable] = {"*": (state, tuple(map(looker.token, held)))}
    found = Description(parts, _members(held, looker))
    if frame is not None and frame.f_globals is looker.user_ns:
        found.globals, found.mentions = looker.code_names(frame.f_code)
    return found


def _describe_iterator(value: Any, looker: Looker) -> Description:
    """Builtin iterators say how much is left, or lead to the iterators they draw from."""
    left = getattr(value, "__length_hint__", None)
    remaining = left() if left is not None else None
    return Description({"*": remaining}, _members(_held(value), looker))


def _held(value: object) -> list[object]:
    """What an object of C leads to. Its inner tuples may have holes: never iterate them."""
    found: list[object] = []
    for item in gc.get_referents(value)[:MANY]:
        found.extend(gc.get_referents(item) if type(item) is tuple else [item])
    return [item for item in found if not is_class(item)]


def _describe_weak(value: Any, looker: Looker) -> Description:
    """A weak reference leads to its object as any other does, while there is one."""
    referent = weakref.ref.__call__(value)
    inside = _describe_instance(value, looker) if type(value) is not weakref.ref else None
    found = inside or Description({})
    found.parts["*"] = looker.token(referent)
    found.children.extend(_members([referent], looker))
    return found


def _describe_count(value: Any, looker: Looker) -> Description:
    return Description({"*": repr(value)})


def _describe_opaque(value: Any, looker: Looker) -> Description:
    kind = type(value)
    name = f"{module_name(kind)}.{type.__dict__['__qualname__'].__get__(kind)}"
    return Description({"#": address(kind)}, _members(_held(value), looker), opaque=name)


def _describe_stream(value: Any, looker: Looker) -> Description:
    """An open file: where it stands is hidden in buffers, but not what it is open on."""
    parts: dict[Key, Hashable] = {}
    try:
        name, mode = value.name, getattr(value, "mode", "")
    except (AttributeError, ValueError):
        name, mode = None, ""
    if isinstance(name, str) and (value.writable() if not value.closed else True):
        parts["path"] = os.path.normpath(os.path.join(os.getcwd(), name))
    parts["closed"] = value.closed
    return Description(parts, opaque=f"a file open as {mode!r}")


# -- libraries ---------------------------------------------------------------------


def _numpy_describer(kind: type, numpy: Any) -> Describer | None:
    if issubclass(kind, numpy.ndarray):
        return _describe_array
    if issubclass(kind, numpy.generic | numpy.dtype | numpy.ufunc | numpy.finfo | numpy.iinfo):
        return _ATOM
    if kind is type(numpy.sum):  # a function of numpy's that other arrays may override
        return _ATOM
    if issubclass(kind, numpy.random.BitGenerator):
        return _describe_bit_generator
    if issubclass(kind, numpy.random.Generator | numpy.random.RandomState):
        return _describe_numpy_generator
    if issubclass(kind, numpy.random.SeedSequence):
        return _describe_seed_sequence
    return None


def _describe_array(value: Any, looker: Looker) -> Description:
    """An array is a frame around memory; views share the memory of their base."""
    numpy = sys.modules["numpy"]
    root = value
    get_base = numpy.ndarray.base.__get__
    while isinstance(base := get_base(root), numpy.ndarray):
        root = base
    as_plain = (
        value if type(value) is numpy.ndarray else numpy.ndarray.view(value, numpy.ndarray)
    )
    dtype = as_plain.dtype
    parts: dict[Key, Hashable] = {
        "#": (
            as_plain.shape, dtype, dtype.names, as_plain.strides, as_plain.flags.writeable,
            # Where an array of its own memory lies is no matter; a view may be moved along.
            None if root is value else as_plain.__array_interface__["data"][0],
        )
    }  # fmt: skip
    children: list[object] = []
    if type(value) is not numpy.ndarray:
        for name, item in attributes_of(value):
            parts[(".", name)] = looker.token(item)
            children.append(item)
    if root is not value:
        return Description(parts, [*_members(children, looker), root])
    holder = get_base(root)
    if isinstance(holder, bytearray | array.array | memoryview):
        children.append(holder)
    if dtype.hasobject:
        members = as_plain.ravel().tolist() if dtype.kind == "O" else []
        looker.spend(len(members) * 4e-8)
        if len(members) <= MANY and as_plain.ndim == 1:
            parts.update({("[]", i): looker.token(m) for i, m in enumerate(members)})
        else:
            parts["*"] = hash(tuple(map(looker.token, members)))
        if len(members) <= CROWD:
            children.extend(members)
        return Description(parts, _members(children, looker))
    parts["*"] = _array_token(as_plain, looker)
    return Description(parts, _members(children, looker))


_NUMBERS = "biufc"
CHEAP = 1_000_000
"""Bytes that are read without asking."""


def _array_token(plain: Any, looker: Looker) -> Hashable:
    if plain.nbytes == 0:
        return 0
    if not plain.flags.c_contiguous:
        if not plain.flags.f_contiguous:
            looker.spend(2 * plain.nbytes / BYTES_PER_SECOND)
            return xxhash.xxh3_64_intdigest(_as_bytes(plain.copy()))
        plain = plain.T
    if plain.nbytes < CHEAP and plain.dtype.kind in _NUMBERS:
        return xxhash.xxh3_64_intdigest(plain)
    return looker.hash_of(_as_bytes(plain))


def _as_bytes(plain: Any) -> Any:
    return plain.reshape(-1).view(sys.modules["numpy"].uint8)


def _describe_bit_generator(value: Any, looker: Looker) -> Description:
    """Its numbers, and the seeds that its children will be given."""
    seeds = getattr(value, "seed_seq", None)
    return Description({"*": _state_token(value.state)}, _members([seeds], looker))


def _state_token(state: Any) -> Hashable:
    if isinstance(state, dict):
        return tuple((k, _state_token(v)) for k, v in state.items())
    if type(state) in ATOMS:
        return atom_token(state)
    return hash(state.tobytes()) if hasattr(state, "tobytes") else repr(state)


def _describe_numpy_generator(value: Any, looker: Looker) -> Description:
    inner = getattr(value, "bit_generator", None) or value._bit_generator
    return Description({"#": address(inner)}, [inner])


def _describe_seed_sequence(value: Any, looker: Looker) -> Description:
    return Description({"*": repr(value.state)})


def _pandas_describer(kind: type, pandas: Any) -> Describer | None:
    if issubclass(kind, pandas.DataFrame):
        return _describe_frame
    if issubclass(kind, pandas.Series):
        return _describe_series
    if issubclass(kind, pandas.Index):
        return _describe_index
    if issubclass(kind, pandas.api.extensions.ExtensionArray):
        return _describe_extension_array
    root = module_name(kind).partition(".")[0]
    if root == "pandas" and module_name(kind).startswith(
        ("pandas._libs", "pandas.core.dtypes")
    ):
        return _ATOM
    return None


_FRAME_NOISE = frozenset(
    "_mgr _item_cache _attrs _flags _cacher _name _is_copy _metadata _hidden_attrs".split()
)


def _describe_frame(value: Any, looker: Looker) -> Description:
    """A column is a part; the index is one that all columns need."""
    parts: dict[Key, Hashable] = {}
    children: list[object] = []
    order = []
    for position, label in enumerate(value.columns.tolist()):
        key = label if type(label) is str or type(label) is int else atom_token(label)
        if ("[]", key) in parts:
            key = (key, position)
        order.append(key)
        parts[("[]", key)] = _column_token(value._get_column_array(position), looker, children)
    parts["index"] = _index_token(value.index, looker)
    parts["#"] = (hash(tuple(order)), _names_token(value.columns))
    parts["flags"] = value.flags.allows_duplicate_labels
    _frame_extras(value, parts, children, looker)
    return Description(parts, _members(children, looker))


def _frame_extras(
    value: Any, parts: dict[Key, Hashable], children: list[object], looker: Looker
) -> None:
    for name, item in attributes_of(value):
        if name == "_attrs" and item:
            parts[(".", "attrs")] = looker.token(item)
            children.append(item)
        elif name not in _FRAME_NOISE:
            parts[(".", name)] = looker.token(item)
            children.append(item)


def _describe_series(value: Any, looker: Looker) -> Description:
    children: list[object] = []
    parts: dict[Key, Hashable] = {
        "*": _column_token(value._values, looker, children),
        "index": _index_token(value.index, looker),
        "#": repr(value._name) if type(value._name) in ATOMS else address(value._name),
    }
    _frame_extras(value, parts, children, looker)
    return Description(parts, _members(children, looker))


def _describe_index(value: Any, looker: Looker) -> Description:
    return Description({"*": _index_token(value, looker)})


def _describe_extension_array(value: Any, looker: Looker) -> Description:
    children: list[object] = []
    return Description(
        {"*": _column_token(value, looker, children)}, _members(children, looker)
    )


def _names_token(index: Any) -> Hashable:
    return tuple(repr(n) if type(n) in ATOMS else address(n) for n in index.names)


def _index_token(index: Any, looker: Looker) -> Hashable:
    pandas = sys.modules["pandas"]
    names = _names_token(index)
    if isinstance(index, pandas.RangeIndex):
        return (names, index.start, index.stop, index.step)
    if isinstance(index, pandas.MultiIndex):
        codes = tuple(
            _array_token(sys.modules["numpy"].asarray(c), looker) for c in index.codes
        )
        return (names, codes, tuple(_index_token(level, looker) for level in index.levels))
    frequency = repr(getattr(index._values, "_freq", None))
    return (names, frequency, _column_token(index._values, looker, []))


def _column_token(values: Any, looker: Looker, children: list[object]) -> Hashable:
    """One token for a column's content, whatever pandas keeps it in."""
    numpy = sys.modules["numpy"]
    if isinstance(values, numpy.ndarray):
        if not values.dtype.hasobject:
            return (str(values.dtype), _array_token(values, looker))
        looker.spend(len(values) * 4e-8)
        members = values.tolist()
        if len(members) <= CROWD:
            children.extend(members)
            return ("object", hash(tuple(map(looker.token, members))))
        return ("object", hash(tuple(map(address, members))))
    if hasattr(values, "_pa_array"):
        return (str(values.dtype), _arrow_token(values._pa_array))
    if hasattr(values, "_codes") and hasattr(values, "categories"):
        codes = _array_token(numpy.asarray(values._codes), looker)
        return ("category", values.ordered, codes, _index_token(values.categories, looker))
    inner = [
        getattr(values, name)
        for name in ("_data", "_mask", "_ndarray", "_left", "_right")
        if hasattr(values, name)
    ]
    found = [
        _column_token(i, looker, children) for i in inner if i is not None and i is not values
    ]
    if found:
        return (str(values.dtype), *found)
    looker.spend(len(values) * 1e-7)
    return (str(values.dtype), hash(str(list(values))))


def _arrow_token(chunked: Any) -> Hashable:
    """Arrow memory is never written in place: where it lies says what it holds."""
    chunks = getattr(chunked, "chunks", [chunked])
    return tuple(
        (len(c), c.offset, tuple(b.address if b is not None else 0 for b in c.buffers()))
        for c in chunks
    )


def _polars_describer(kind: type, polars: Any) -> Describer | None:
    if issubclass(kind, polars.DataFrame | polars.Series):
        return _describe_polars
    if module_name(kind).partition(".")[0] == "polars":
        return _ATOM
    return None


def _describe_polars(value: Any, looker: Looker) -> Description:
    polars = sys.modules["polars"]
    columns = value.get_columns() if isinstance(value, polars.DataFrame) else [value]
    parts: dict[Key, Hashable] = {}
    for column in columns:
        looker.spend(len(column) * 2e-8 + 1e-6)
        content = int(column.hash(0).sum() or 0) if len(column) else 0
        parts[("[]", column.name)] = (str(column.dtype), len(column), content)
    parts["#"] = tuple(c.name for c in columns)
    return Description(parts)


def _pyarrow_describer(kind: type, pyarrow: Any) -> Describer | None:
    return _ATOM if module_name(kind).partition(".")[0] == "pyarrow" else None


def _asyncio_describer(kind: type, asyncio: Any) -> Describer | None:
    """What runs the user's tasks is nobody's value; queues and events are."""
    machinery = (
        asyncio.AbstractEventLoop,
        asyncio.AbstractEventLoopPolicy,
        asyncio.BaseTransport,
    )
    return _ATOM if issubclass(kind, machinery) else None


def _torch_describer(kind: type, torch: Any) -> Describer | None:
    if issubclass(kind, torch.Tensor):
        return _describe_tensor
    if issubclass(kind, torch.Generator):
        return _describe_torch_generator
    if issubclass(kind, torch.dtype | torch.device | torch.Size | torch.layout):
        return _ATOM
    return None


def _describe_tensor(value: Any, looker: Looker) -> Description:
    torch = sys.modules["torch"]
    with torch._C.DisableTorchFunctionSubclass():
        parts: dict[Key, Hashable] = {
            "#": (tuple(value.shape), str(value.dtype), str(value.device), value.requires_grad)
        }
        children: list[object] = []
        if value.is_leaf and value.grad is not None:
            parts[(".", "grad")] = looker.token(value.grad)
            children.append(value.grad)
        return Description(parts, [*_members(children, looker), _tensor_memory(value, looker)])


def _tensor_memory(value: Any, looker: Looker) -> Memory:
    import ctypes

    if value.layout is not sys.modules["torch"].strided or value.is_meta:
        return Memory(("tensor", address(value)), {}, opaque=f"a {value.layout} tensor")
    storage = value.untyped_storage()
    key = ("tensor", str(value.device), storage.data_ptr())
    if value.device.type != "cpu":
        return Memory(key, {"*": value._version}, opaque=f"memory on {value.device}")
    size = storage.nbytes()
    looker.spend(size / BYTES_PER_SECOND)
    content = (ctypes.c_char * size).from_address(storage.data_ptr()) if size else b""
    return Memory(key, {"*": xxhash.xxh3_64_intdigest(content)})


def _describe_torch_generator(value: Any, looker: Looker) -> Description:
    return Description({"*": hash(value.get_state().numpy().tobytes())})


def _matplotlib_describer(kind: type, matplotlib: Any) -> Describer | None:
    artist = sys.modules.get("matplotlib.artist")
    if artist is not None and issubclass(kind, artist.Artist):
        return _describe_artist
    # Norms, colour maps and transforms are instances like others; the machinery behind a
    # figure belongs to the figure.
    machinery = ("matplotlib.backend", "matplotlib._", "matplotlib.cbook", "matplotlib.font")
    return _ATOM if module_name(kind).startswith(machinery) else None


def _describe_artist(value: Any, looker: Looker) -> Description:
    """All parts of a figure are one: drawing on any may change what any shows."""
    figure = figure_of(value)
    if figure is None:
        return Description({}, opaque="a matplotlib figure")
    return Description({}, [figure])


def figure_of(artist: object) -> object | None:
    """The figure that an artist is a part of; None for a figure itself."""
    held, _ = instance_state(artist)
    figure = held.get("_parent_figure") or held.get("figure") or held.get("_root_figure")
    return None if figure is artist else figure


def is_artist(kind: type) -> bool:
    """Whether an object is described as a part of its figure."""
    return describer_for(kind) is _describe_artist


def _sklearn_describer(kind: type, sklearn: Any) -> Describer | None:
    """Compiled estimator parts tell their state by pickling; they run no user code."""
    root = module_name(kind).partition(".")[0]
    if root in ("sklearn", "scipy") and not _keeps_attributes(kind):
        return _describe_compiled
    return None


def _describe_compiled(value: Any, looker: Looker) -> Description:
    reduced = value.__reduce_ex__(4)
    state = reduced[2] if len(reduced) > 2 else None
    children = [reduced[1], state]
    return Description({"*": _deep_token(children, looker)})


def _deep_token(value: Any, looker: Looker) -> Hashable:
    if isinstance(value, list | tuple):
        return tuple(_deep_token(v, looker) for v in value)
    if isinstance(value, dict):
        return tuple((_deep_token(k, looker), _deep_token(v, looker)) for k, v in value.items())
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray) and not value.dtype.hasobject:
        return _array_token(value, looker)
    return looker.token(value)


def _ctypes_describer(kind: type, ctypes: Any) -> Describer | None:
    if issubclass(kind, ctypes.Array | ctypes.Structure | ctypes.Union | ctypes._SimpleCData):
        return _describe_bytes
    return None


_LIBRARIES: dict[str, Callable[[type, Any], Describer | None]] = {
    "numpy": _numpy_describer,
    "pandas": _pandas_describer,
    "matplotlib": _matplotlib_describer,
    "torch": _torch_describer,
    "polars": _polars_describer,
    "pyarrow": _pyarrow_describer,
    "sklearn": _sklearn_describer,
    "ctypes": _ctypes_describer,
    "asyncio": _asyncio_describer,
}

_CONTENT: dict[type, Describer] = {
    list: _describe_list,
    dict: _describe_dict,
    set: _describe_set,
    frozenset: _describe_set,
    tuple: _describe_tuple,
    collections.deque: _describe_deque,
    bytearray: _describe_bytes,
    io.StringIO: _describe_buffer,
    io.BytesIO: _describe_buffer,
}

CONTAINERS = tuple(_CONTENT)

_EXACT: dict[type, Describer] = {
    list: _describe_list,
    tuple: _describe_tuple,
    dict: _describe_dict,
    collections.OrderedDict: _describe_dict,
    collections.defaultdict: _describe_defaultdict,
    types.MappingProxyType: _describe_window,
    type({}.keys()): _describe_window,
    type({}.values()): _describe_window,
    type({}.items()): _describe_window,
    set: _describe_set,
    frozenset: _describe_set,
    collections.deque: _describe_deque,
    bytearray: _describe_bytes,
    array.array: _describe_bytes,
    memoryview: _describe_memoryview,
    io.StringIO: _describe_buffer,
    io.BytesIO: _describe_buffer,
    type(threading.Lock()): _describe_lock,
    types.FunctionType: _describe_function,
    types.CellType: _describe_cell,
    types.MethodType: _describe_method,
    types.BuiltinFunctionType: _describe_builtin_method,
    types.MethodWrapperType: _describe_builtin_method,
    types.ModuleType: _describe_module,
    weakref.ProxyType: _describe_proxy,
    weakref.CallableProxyType: _describe_proxy,
    staticmethod: _describe_wrapped,
    classmethod: _describe_wrapped,
    property: _describe_wrapped,
    functools.partial: _describe_partial,
    type(functools.lru_cache(lambda: 0)): _describe_cache,
    types.GeneratorType: _describe_generator,
    types.AsyncGeneratorType: _describe_generator,
    type(iter([])): _describe_iterator,
    type(reversed([])): _describe_iterator,
    type(iter(())): _describe_iterator,
    type(iter("")): _describe_iterator,
    type(iter(range(0))): _describe_iterator,
    type(iter({})): _describe_iterator,
    type(iter({}.values())): _describe_iterator,
    type(iter({}.items())): _describe_iterator,
    type(iter(set())): _describe_iterator,
    itertools.count: _describe_count,
    zip: _describe_iterator,
    map: _describe_iterator,
    filter: _describe_iterator,
    io.TextIOWrapper: _describe_stream,
    io.BufferedReader: _describe_stream,
    io.BufferedWriter: _describe_stream,
    io.BufferedRandom: _describe_stream,
    io.FileIO: _describe_stream,
}

_BY_BASE: dict[type, Describer] = {
    random.Random: _describe_random,
    threading.Thread: _describe_thread,
    types.ModuleType: _describe_module,
    weakref.ref: _describe_weak,
    subprocess.Popen: _describe_process,
    socket.socket: _describe_socket,
    type: _describe_class,
}
