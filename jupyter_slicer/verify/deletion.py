"""Deleting until nothing can go: the smallest program that a single deletion reaches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def minimise(
    units: Sequence[T],
    is_same: Callable[[Sequence[T]], bool],
    *,
    progress: Callable[[str], None] = lambda words: None,
) -> tuple[T, ...]:
    """The units, in their order, of which none can be left out alone (1-minimal).

    ``units`` themselves must be the same. Large chunks go first, latest first, for a
    late unit is needed by fewer others.
    """
    kept = list(units)
    size = max(1, len(kept) // 2)
    runs = 0
    while kept:
        shrunk = False
        end = len(kept)
        while end > 0:
            start = max(0, end - size)
            shorter = kept[:start] + kept[end:]
            runs += 1
            progress(f"{len(kept)} of {len(units)} left, fresh run {runs}")
            if is_same(shorter):
                kept, shrunk = shorter, True
            end = start
        if size > 1:
            size //= 2
        elif not shrunk:
            break
    return tuple(kept)
