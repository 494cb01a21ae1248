"""Logged numbers as curves: in order, and no more points than can be drawn."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from jupyter_slicer.hindsight.replaying import counted
from jupyter_slicer.hindsight.runs import RECORDED, Logged

MOST = 1000
"""Points of a curve."""

Point = tuple[float, float | None]
"""Iteration, with the part of it that had gone by, and the number; None for ``nan`` and what
is infinite."""


@dataclass(frozen=True, slots=True)
class Series:
    """A name's numbers over the iterations of one run."""

    name: str
    points: tuple[Point, ...]
    total: int
    """How many numbers they stand for."""


def series_of(values: Iterable[Logged], most: int = MOST) -> tuple[Series, ...]:
    """One for each name; values from before and after the loop are left out.

    Where the run itself has logged a value, that one counts.
    """
    numbers = [v for v in values if v.iteration is not None and _is_number(v.value)]
    ordered = sorted(numbers, key=lambda v: (v.iteration or 0, v.path, v.number))
    known: dict[tuple[str, int, int], float | None] = {}
    for recorded in (False, True):
        own = (v for v in ordered if (v.verdict == RECORDED) is recorded)
        for value, number in counted(own):
            known[value.name, value.iteration or 0, number] = _finite(value.value)
    counts = Counter((name, iteration) for name, iteration, _ in known)
    found: dict[str, list[Point]] = {}
    for (name, iteration, number), y in sorted(known.items(), key=lambda item: item[0]):
        x = iteration + number / counts[name, iteration]
        found.setdefault(name, []).append((round(x, 6), y))
    names = dict.fromkeys(v.name for v in numbers)
    return tuple(Series(n, thinned(found[n], most), len(found[n])) for n in names)


def thinned(points: Sequence[Point], most: int) -> tuple[Point, ...]:
    """The least and the greatest of each stretch: no peak is lost."""
    if len(points) <= most:
        return tuple(points)
    stretches = most // 2
    edges = [round(n * len(points) / stretches) for n in range(stretches + 1)]
    return tuple(p for a, b in pairwise(edges) for p in _extremes(points[a:b]))


def _extremes(points: Sequence[Point]) -> Sequence[Point]:
    known = [p for p in points if p[1] is not None]
    if not known:
        return points[:1]
    ends = (min(known, key=_height), max(known, key=_height))
    return sorted(set(ends))


def _height(point: Point) -> float:
    return point[1] or 0.0


def _is_number(value: object) -> bool:
    return type(value) in (bool, int, float)


def _finite(value: float) -> float | None:
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None
