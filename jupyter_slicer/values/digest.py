"""Digests: equal for equal values, in any process.

The walk over the object graph is iterative (a list nested 100,000 deep is a value like
any other) and hashes from the leaves up, so that sharing does not show. A group of
objects that refer to each other in a circle is hashed from where it was entered.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from jupyter_slicer.values import describe
from jupyter_slicer.values.description import Description, Walk
from jupyter_slicer.values.hashing import ALGORITHM, hash_parts
from jupyter_slicer.values.look import address
from jupyter_slicer.values.summary import summarise

_GAVE_UP = "not compared"


@dataclass(frozen=True, slots=True)
class ValueDigest:
    """What can be said about a value without keeping it."""

    digest: str | None
    """Equal for equal values; None when nothing about the value can be compared."""
    summary: str
    """For people: ``DataFrame 891×12``, ``float 0.8213``."""
    opaque: tuple[str, ...] = ()
    """Parts that the digest leaves out, as ``.con: sqlite3.Connection``."""
    sample: tuple[float, ...] = field(default=(), repr=False, compare=False)
    """Some of the numbers in it, in a fixed order, to tell how far two values differ."""

    @property
    def is_whole(self) -> bool:
        return self.digest is not None and not self.opaque

    @property
    def gave_up(self) -> bool:
        """It took too long, or too much: another time it may be whole."""
        return self.digest is None and any(p.startswith(_GAVE_UP) for p in self.opaque)


def value_digest(
    value: object,
    *,
    budget_seconds: float | None = None,
    home: Mapping[str, str] | None = None,
) -> ValueDigest:
    """Digest a value; ``home`` maps path prefixes to what they stand for.

    A fresh run in ``/tmp/x/home/me`` for ``/home/me`` must not differ by that prefix.
    """
    deadline = None if budget_seconds is None else time.monotonic() + budget_seconds
    walk = Walk(deadline=deadline, prefixes=tuple((home or {}).items()))
    summary = summarise(value, walk.prefixes)
    try:
        found = _Graph(walk).digest(value)
    except TimeoutError:
        return ValueDigest(None, summary, (f"{_GAVE_UP} within {budget_seconds:g} s",))
    except (RecursionError, MemoryError) as error:
        return ValueDigest(None, summary, (f"{_GAVE_UP}: {type(error).__name__}",))
    opaque = tuple(dict.fromkeys(walk.opaque))
    digest = None if walk.root_opaque else f"{ALGORITHM}:{found.hex()}"
    return ValueDigest(digest, summary, opaque, tuple(walk.sample))


_SMALL_CIRCLE = 64


class _Graph:
    """Tarjan's strongly connected components over descriptions, without recursion."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._kept: dict[int, object] = {}
        """By id; holding the object keeps the id from being used again."""
        self._descriptions: dict[int, Description] = {}
        self._digests: dict[int, bytes] = {}
        self._order: dict[int, int] = {}
        self._low: dict[int, int] = {}
        self._open: list[int] = []
        self._is_open: set[int] = set()

    def digest(self, root: object) -> bytes:
        path: list[tuple[int, int]] = []
        here = self._enter(root, path)
        turn = 0
        while True:
            description = self._descriptions[here]
            if turn < len(description.children):
                child = description.children[turn]
                path.append((here, turn + 1))
                if address(child) not in self._order:
                    here, turn = self._enter(child, path), 0
                    continue
                if address(child) in self._is_open:
                    self._low[here] = min(self._low[here], self._order[address(child)])
                path.pop()
                turn += 1
                continue
            if self._low[here] == self._order[here]:
                self._close(here)
            if not path:
                return self._digests[here]
            below = here
            here, turn = path.pop()
            self._low[here] = min(self._low[here], self._low[below])

    def _enter(self, value: object, path: list[tuple[int, int]]) -> int:
        key = address(value)
        self._kept[key] = value
        walk = self._walk
        walk.check_time()
        walk.where = lambda: self._spell_path(path)
        walk.at_root = not path
        self._descriptions[key] = describe.describe(value, walk)
        self._order[key] = self._low[key] = len(self._order)
        self._open.append(key)
        self._is_open.add(key)
        return key

    def _spell_path(self, path: list[tuple[int, int]]) -> str:
        names = [self._descriptions[key].name_of(turn - 1) for key, turn in path[-20:]]
        return ("…" if len(path) > 20 else "") + "".join(names)

    def _close(self, key: int) -> None:
        """All of the component that ``key`` opened is known: give it digests."""
        start = len(self._open) - 1
        while self._open[start] != key:
            start -= 1
        members = self._open[start:]
        del self._open[start:]
        self._is_open.difference_update(members)
        circular = len(members) > 1 or any(
            address(child) == key for child in self._descriptions[key].children
        )
        if not circular:
            self._digests[key] = self._combine(key, self._digests)
        else:
            self._close_circle(members)
        for member in members:  # only their digests are needed from here on
            self._descriptions[member] = Description.DONE

    def _combine(self, key: int, digests: dict[int, bytes]) -> bytes:
        description = self._descriptions[key]
        parts = [digests[address(child)] for child in description.children]
        if description.unordered:
            parts.sort()
        return hash_parts([description.label, *parts])

    def _close_circle(self, members: list[int]) -> None:
        """Spell the circle out from each way in; from one fixed way in if it is large.

        Colours, refined a few times from the labels, tell the members apart whatever
        their identity, and so choose that one way in.
        """
        inside = set(members)
        colours = {key: self._descriptions[key].label for key in members}
        for _ in range(3):
            known = _Layered(colours, self._digests)
            colours = {key: self._combine(key, known) for key in members}
        if len(members) <= _SMALL_CIRCLE:
            spelled = {key: self._spell(key, inside, colours) for key in members}
            self._digests.update(spelled)
            return
        whole = self._spell(min(members, key=colours.__getitem__), inside, colours)
        for key in members:
            self._digests[key] = hash_parts([b"circle", whole, colours[key]])

    def _spell(self, entry: int, inside: set[int], colours: dict[int, bytes]) -> bytes:
        """Write the circle down, depth first from where it was entered."""
        numbers: dict[int, int] = {}
        words: list[bytes] = []
        todo = [entry]
        while todo:
            key = todo.pop()
            if key not in inside:
                words.append(self._digests[key])
            elif key in numbers:
                words.append(b"back %d" % numbers[key])
            else:
                numbers[key] = len(numbers)
                description = self._descriptions[key]
                words.append(b"%d " % len(description.children) + description.label)
                children = [address(child) for child in description.children]
                if description.unordered:
                    children.sort(key=lambda k: colours.get(k) or self._digests[k])
                todo.extend(reversed(children))
        return hash_parts(words)


class _Layered(dict[int, bytes]):
    """A lookup in the first mapping, then in the second."""

    def __init__(self, first: dict[int, bytes], second: dict[int, bytes]) -> None:
        super().__init__(first)
        self._second = second

    def __missing__(self, key: int) -> bytes:
        return self._second[key]
