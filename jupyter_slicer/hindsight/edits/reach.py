"""Whose an object is: the added code's own, or one that training has too."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum


class Reach(IntEnum):
    """From what the added code may change to what it may not."""

    OWN = 0
    """Training cannot come to it, nor to anything inside it."""
    SHELL = 1
    """Training cannot come to it, but perhaps to what it holds: a new list of its tensors."""
    UNKNOWN = 2
    TRAINING = 3
    """Training has it, or has what it is a part of."""


@dataclass(frozen=True, slots=True)
class Value:
    """What is known of an expression's value without running anything."""

    reach: Reach
    root: str = ""
    """Where training has it, or has what it holds: ``net.fc``; empty if nobody can tell. Of
    the added code's own: ``~copy``, after the name that it was given."""
    functions: tuple[ast.AST, ...] = ()
    """The functions that it may be, where it is one of the text."""
    is_loader: bool = False
    """Whether it may be a DataLoader that draws from torch's generator."""

    def __or__(self, other: Value) -> Value:
        high, low = (self, other) if self.reach >= other.reach else (other, self)
        functions = tuple(dict.fromkeys((*self.functions, *other.functions)))
        loader = self.is_loader or other.is_loader
        lower = low.root if low.reach != Reach.OWN or high.reach == Reach.OWN else ""
        return Value(high.reach, high.root or lower, functions, loader)

    def part(self, name: str = "") -> Value:
        """An attribute of it, or something that it holds."""
        match self.reach:
            case Reach.OWN:
                return Value(Reach.OWN, f"{self.root}.{name}") if self.root and name else OWN
            case Reach.UNKNOWN:
                return replace(self, functions=(), is_loader=False)
            case Reach.SHELL if not self.root:
                return UNKNOWN
            case Reach.SHELL:
                return Value(Reach.TRAINING, self.root)
        return Value(Reach.TRAINING, f"{self.root}.{name}" if name else self.root)

    def copied(self) -> Value:
        """A new object with the same parts."""
        return OWN if self.reach == Reach.OWN else Value(Reach.SHELL, self.root)


OWN = Value(Reach.OWN)
UNKNOWN = Value(Reach.UNKNOWN)


def joined(values: Iterable[Value]) -> Value:
    whole = OWN
    for value in values:
        whole |= value
    return whole


def holding(values: Iterable[Value]) -> Value:
    """A new container of values."""
    return joined(values).copied()
