"""Which of the suspects a program needs after all, in few runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeVar

T = TypeVar("T")


def repair(
    base: AbstractSet[T], suspects: Sequence[T], is_same: Callable[[frozenset[T]], bool]
) -> frozenset[T] | None:
    """``base`` and a small set of suspects that is the same; None if all do not help.

    With k needed of n suspects, about k·log2(n) runs.
    """
    kept = frozenset(base)
    rest = [suspect for suspect in suspects if suspect not in kept]
    if not rest or not is_same(kept | frozenset(rest)):
        return None
    while rest:
        needed = _shortest_prefix(kept, rest, is_same)
        if not needed:
            break
        # The last of the shortest prefix that helps is needed; those before it are
        # suspects again, for others of them may be needed beside it.
        kept |= {needed[-1]}
        rest = needed[:-1]
        if not rest or is_same(kept):
            break
    return kept


def _shortest_prefix(
    kept: frozenset[T], rest: Sequence[T], is_same: Callable[[frozenset[T]], bool]
) -> list[T]:
    """Bisect, knowing that ``kept`` with all of ``rest`` is the same."""
    low, high = 0, len(rest)
    while low < high:
        middle = (low + high) // 2
        if is_same(kept | frozenset(rest[:middle])):
            high = middle
        else:
            low = middle + 1
    return list(rest[:high])
