"""What a program can write and read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class LocationKind(Enum):
    """The kinds of places: a name, a part of an object, the world outside, the screen."""

    VARIABLE = "variable"
    OBJECT = "object"
    AMBIENT = "ambient"
    FILE = "file"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Location:
    """A place that statements write and read; prints as the user would write it."""

    kind: LocationKind
    name: str
    """A variable's name; for an object one way to reach it, as in ``df["age"]``; for
    ambient state its plug-in's name, as in ``numpy.random``; for a file its path; for
    output what is done there, as in "shows something"."""

    def __str__(self) -> str:
        return f"file {self.name}" if self.kind is LocationKind.FILE else self.name


CURRENT_FIGURE = "the current figure"
"""How the figure is called that pyplot draws on without being told."""


def variable(name: str) -> Location:
    return Location(LocationKind.VARIABLE, name)


def part(name: str) -> Location:
    return Location(LocationKind.OBJECT, name)


def ambient(name: str) -> Location:
    return Location(LocationKind.AMBIENT, name)


def file(path: str) -> Location:
    return Location(LocationKind.FILE, path)


def output(what: str) -> Location:
    return Location(LocationKind.OUTPUT, what)


def location_of(where: str) -> Location:
    """The location that a source of a value was called while recording."""
    if where.startswith("file "):
        return file(where[5:])
    if where.startswith("os.environ[") or where.endswith("state)"):
        return ambient(where.removesuffix(" (state)"))
    return variable(where) if where.isidentifier() else part(where)


def root_name(where: str) -> str:
    """The variable that a description such as ``df["age"]`` begins with."""
    return where.split("[")[0].split(".")[0]
