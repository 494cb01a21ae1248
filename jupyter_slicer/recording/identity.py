"""Whether the same objects are held still, without asking any of them.

Tables of hundreds of values are compared after every statement. To compare them one by one
takes 20 to 80 ns a value; to compare the memory of the tuples that hold them, less than 1.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from itertools import chain, compress
from operator import ne
from typing import Any

from jupyter_slicer.recording.memory import counter_of, place_of, reader
from jupyter_slicer.values.look import Kinds, address

Places = bytes | tuple[int, ...]
"""Where each value of a tuple lies."""

_WORD, _HEAD = tuple.__itemsize__, tuple.__basicsize__


def places(values: tuple[object, ...]) -> Places:
    """Equal for the same objects in the same order, as long as those live."""
    read = reader()
    if read is None:
        return tuple(map(address, values))
    return read(place_of(values) + _HEAD, _WORD * len(values))


def moved(before: Places, now: Places) -> Iterator[int]:
    """The positions at which another object is held, as far as both go."""
    if type(before) is bytes and type(now) is bytes:
        return compress(range(len(now)), map(ne, _words(before), _words(now)))
    return compress(range(len(now)), map(ne, before, now))


def _words(where: bytes) -> memoryview:
    return memoryview(where).cast("Q" if _WORD == 8 else "I")


class Bindings:
    """What each name of a namespace held at the last look; it keeps no value alive."""

    def __init__(self) -> None:
        self._names: tuple[str, ...] = ()
        self._where: Places = ()
        self._addresses: list[int] = []

    def rebound(self, namespace: Mapping[str, object]) -> dict[str, int | None]:
        """Names that hold another object or none, with the address of what they held."""
        names, values = tuple(namespace), tuple(namespace.values())
        if len(names) != len(values):  # a thread has come between
            namespace = dict(namespace)
            names, values = tuple(namespace), tuple(namespace.values())
        where = places(values)
        if where == self._where and names == self._names:
            return {}
        count = len(self._names)
        if type(where) is not type(self._where) or names[:count] != self._names:
            return self._compared(names, values, where)
        found: dict[str, int | None] = {}
        for i in moved(self._where, where):
            found[names[i]] = self._addresses[i]
            self._addresses[i] = address(values[i])
        found |= dict.fromkeys(names[count:])
        self._addresses += map(address, values[count:])
        self._names, self._where = names, where
        return found

    def _compared(
        self, names: tuple[str, ...], values: tuple[object, ...], where: Places
    ) -> dict[str, int | None]:
        """The same where names have gone, or come back to another place."""
        before = dict(zip(self._names, self._addresses, strict=True))
        self._names, self._where = names, where
        self._addresses = [*map(address, values)]
        now = dict(zip(names, self._addresses, strict=True))
        changed = now.items() ^ before.items()
        return {name: before.get(name) for name, _ in changed}


SIMPLE = Kinds(int, str, float, bool, type(None))
_CAN_CHANGE = Kinds(list, dict, set)


class Table:
    """The state of a table, made anew only when it holds other objects than before.

    Lists of atoms in it and tables within it are looked into; what else can change
    within it is compared by its ``repr``. Where CPython counts the changes of a table, the
    tables need not be read to be compared.
    """

    def __init__(self, state: Callable[[dict[str, Any]], Mapping[str, Hashable]]) -> None:
        self._make = state
        # Held on to, no other value takes the place of one that goes.
        self._held: tuple[object, ...] = ()
        self._where: Places = ()
        self._lengths: tuple[int, ...] = ()
        self._tables: list[dict[str, Any]] = []
        self._counters: list[memoryview] = []
        self._counts: list[int] = []
        self._uncounted: list[dict[str, Any]] = []
        self._lists: list[list[Any]] = []
        self._others: list[object] = []
        self._within: tuple[str, ...] = ()
        self._state: Mapping[str, Hashable] = {}

    def state(self, table: dict[str, Any]) -> Mapping[str, Hashable]:
        if not self._tables or self._tables[0] is not table or not self._is_as_it_was():
            self._take(table)
        return self._state

    def _is_as_it_was(self) -> bool:
        return (
            self._count() == self._counts
            and places(self._content()) == self._where
            and self._sizes() == self._lengths
            and tuple(map(repr, self._others)) == self._within
        )

    def _content(self) -> tuple[object, ...]:
        return (
            *chain.from_iterable(map(dict.keys, self._uncounted)),
            *chain.from_iterable(map(dict.values, self._uncounted)),
            *chain.from_iterable(self._lists),
        )

    def _sizes(self) -> tuple[int, ...]:
        return (*map(dict.__len__, self._uncounted), *map(len, self._lists))

    def _count(self) -> list[int]:
        return [counter[0] for counter in self._counters]

    def _take(self, table: dict[str, Any]) -> None:
        self._tables, self._lists, self._others = [], [], []
        waiting, met = [table], {address(table)}
        while waiting:
            self._tables.append(one := waiting.pop())
            if _CAN_CHANGE.ids.isdisjoint(map(address, map(type, dict.values(one)))):
                continue
            for value in dict.values(one):
                if type(value) is dict and address(value) not in met:
                    met.add(address(value))
                    waiting.append(value)
                elif type(value) is list and all(type(v) in SIMPLE for v in value):
                    self._lists.append(value)
                elif type(value) in _CAN_CHANGE:
                    self._others.append(value)
        found = [*map(counter_of, self._tables)]
        self._counters = [counter for counter in found if counter is not None]
        self._counts = self._count()
        self._uncounted = [] if self._counters else self._tables
        self._held = self._content()
        self._where = places(self._held)
        self._lengths = self._sizes()
        self._within = tuple(map(repr, self._others))
        self._state = self._make(table)
