"""What one object says about itself, and what the walk over all of them knows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import ClassVar

SAMPLE = 4096
"""At most so many numbers are kept to tell how far two values differ."""


class Description:
    """One object: what it is by itself, and what it leads to."""

    __slots__ = ("children", "label", "names", "unordered")
    DONE: ClassVar[Description]

    def __init__(
        self,
        label: bytes,
        children: Sequence[object] = (),
        *,
        unordered: bool = False,
        names: Sequence[str] | None = None,
    ) -> None:
        self.label = label
        self.children = children
        self.unordered = unordered
        """Sort the children's digests, as for a set."""
        self.names = names
        """How each child is reached, as ``.con`` or ``["k"]``; None when by index."""

    def name_of(self, index: int) -> str:
        if self.names is None:
            return f"[{index}]"
        return self.names[index] if index < len(self.names) else ""


Description.DONE = Description(b"")


class Part:
    """A made-up object in the graph: a state, a pair, one side of a record."""

    __slots__ = ("description",)

    def __init__(self, description: Description) -> None:
        self.description = description


class Walk:
    """What all describers share during one digest."""

    def __init__(
        self, deadline: float | None = None, prefixes: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self.prefixes = prefixes
        self.opaque: list[str] = []
        self.root_opaque = False
        self.sample: list[float] = []
        self.where: Callable[[], str] = str
        self.at_root = True
        self._deadline = deadline
        self._visits = 0

    def check_time(self) -> None:
        self._visits += 1
        if self._deadline is not None and self._visits % 64 == 0:
            self.check_time_now()

    def check_time_now(self) -> None:
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise TimeoutError

    def hide(self, what: str, detail: str = "") -> Description:
        """A part that cannot be compared: its kind counts, its content does not."""
        if self.at_root:
            self.root_opaque = True
        where = self.where()
        self.opaque.append(f"{where}: {what}" if where else what)
        return Description(b"opaque " + f"{what} {detail}".encode("utf-8", "replace"))

    def note_numbers(self, numbers: Sequence[float]) -> None:
        room = SAMPLE - len(self.sample)
        if room > 0:
            self.sample.extend(numbers[:room])
