"""What no pickle can hold: named, and found again in the surroundings of a replay."""

from __future__ import annotations

import inspect
import io
import types
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from jupyter_slicer.errors import CannotReplay

Key = str | int
Steps = tuple[tuple[str, Key], ...]
"""``.name`` and ``[key]``, from a variable on."""
_MANY = 20_000
"""Objects that are looked through for a path."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Stands where an object was that cannot be kept.

    It can be asked for an iterator, as ``enumerate`` asks what it is made of.
    """

    kind: str

    def __iter__(self) -> Iterator[Any]:
        raise CannotReplay(f"No checkpoint holds what this {self.kind} would give.")
        yield


@dataclass(frozen=True, slots=True)
class LostPart:
    """An object that a checkpoint could not hold, and where it was."""

    kind: str
    scope: str = ""
    """``globals`` or ``locals``; empty where no path leads to it."""
    name: str = ""
    steps: Steps = ()
    moving: bool = False
    """Whether it stood half-way: one that is made anew begins at its beginning."""

    @property
    def place(self) -> tuple[str, str, Steps]:
        return self.scope, self.name, self.steps

    def __str__(self) -> str:
        path = "".join(f".{k}" if op == "." else f"[{k!r}]" for op, k in self.steps)
        return f"{self.name}{path} ({self.kind})" if self.name else self.kind

    def to_json(self) -> list[Any]:
        return [self.kind, self.scope, self.name, self.steps, self.moving]

    @staticmethod
    def from_json(found: Sequence[Any]) -> LostPart:
        kind, scope, name, steps, moving = found
        return LostPart(kind, scope, name, tuple((op, key) for op, key in steps), moving)


def whole(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what could not be kept: there the surroundings' own value stays."""
    return {name: value for name, value in values.items() if type(value) is not Lost}


def kind_of(value: object) -> str:
    kind = type(value)
    return f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")


def lost_parts(
    lost: Iterable[object], roots: Mapping[str, Mapping[str, Any]]
) -> tuple[LostPart, ...]:
    """In the order of the objects, with a path to each."""
    lost = list(lost)
    paths = _paths({id(value) for value in lost}, roots) if lost else {}
    return tuple(
        LostPart(kind_of(value), *paths.get(id(value), ("", "", ())), is_half_way(value))
        for value in lost
    )


def is_half_way(value: Any) -> bool:
    """Whether an iterator has given something, as far as can be told."""
    kind = type(value)  # ``isinstance`` would ask the object itself, as a weak proxy
    if kind is types.GeneratorType:
        return inspect.getgeneratorstate(value) != inspect.GEN_CREATED
    if issubclass(kind, io.IOBase):
        return _can_be_read(value)
    return hasattr(kind, "__next__") or kind is types.CoroutineType


def _can_be_read(file: io.IOBase) -> bool:
    with suppress(ValueError, OSError):
        return file.readable()
    return False


def _paths(
    wanted: set[int], roots: Mapping[str, Mapping[str, Any]]
) -> dict[int, tuple[str, str, Steps]]:
    found: dict[int, tuple[str, str, Steps]] = {}
    seen: set[int] = set()
    waiting = deque(
        (value, scope, name, ())
        for scope, part in roots.items()
        for name, value in part.items()
    )  # type: deque[tuple[Any, str, str, Steps]]
    while waiting and len(seen) < _MANY and len(found) < len(wanted):
        value, scope, name, steps = waiting.popleft()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if id(value) in wanted:
            found[id(value)] = scope, name, steps
            continue
        waiting += ((v, scope, name, (*steps, step)) for step, v in _parts(value))
    return found


def _parts(value: Any) -> Iterable[tuple[tuple[str, Key], Any]]:
    kind = type(value)
    if kind is dict:
        return [(("[]", k), v) for k, v in value.items() if type(k) in (str, int)]
    if kind in (list, tuple):
        return [(("[]", n), v) for n, v in enumerate(value)]
    if issubclass(kind, (type, types.ModuleType, types.FunctionType)):
        return ()
    held = _attributes(value)
    return [((".", k), v) for k, v in held.items()] if held else ()


def _attributes(value: object) -> dict[str, Any] | None:
    with suppress(AttributeError):
        held = object.__getattribute__(value, "__dict__")
        return held if type(held) is dict else None
    return None


def found_again(
    parts: Iterable[LostPart], scopes: Mapping[str, Mapping[str, Any]]
) -> list[object]:
    """For each part the object that the surroundings have in its place, or a ``Lost``."""
    return [_found(part, scopes) for part in parts]


def _found(part: LostPart, scopes: Mapping[str, Mapping[str, Any]]) -> object:
    value: Any = scopes.get(part.scope, {}).get(part.name, Lost(part.kind))
    for op, key in part.steps:
        if op == ".":
            value = (_attributes(value) or {}).get(str(key))
        else:
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                return Lost(part.kind)
    return value if kind_of(value) == part.kind else Lost(part.kind)
