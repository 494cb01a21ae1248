"""What a loop prints, kept by iteration: a replay must print it again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

MOST = 4000
"""Characters kept of one iteration."""


class Prints:
    """Listens to ``sys.stdout`` without standing in its place."""

    def __init__(self, iteration: Callable[[], int]) -> None:
        self._iteration = iteration
        self._stream: Any = sys.stdout
        self._write = getattr(self._stream, "write", None)
        self._own = getattr(self._stream, "__dict__", {}).get("write")
        """What somebody else, such as IPython, has put there already."""
        self.texts: dict[int, str] = {}
        # Streams of C have no place for a method of their own; then nothing is heard.
        with suppress(AttributeError, TypeError):
            setattr(self._stream, "write", self._heard)  # noqa: B010

    def _heard(self, text: str) -> Any:
        try:
            index = self._iteration()
            known = self.texts.get(index, "")
            if len(known) < MOST:
                self.texts[index] = known + text[: MOST - len(known)]
        except Exception:
            self.stop()
        return self._write(text)  # type: ignore[misc]

    def take(self) -> dict[int, str]:
        """What was heard of iterations that are over."""
        now = self._iteration()
        return {index: self.texts.pop(index) for index in list(self.texts) if index != now}

    def stop(self) -> None:
        with suppress(AttributeError, KeyError, TypeError):
            if vars(self._stream).get("write") != self._heard:
                return
            if self._own is None:
                del self._stream.write
            else:
                setattr(self._stream, "write", self._own)  # noqa: B010


def missing_lines(recorded: Mapping[int, str], now: Mapping[int, str]) -> dict[int, str]:
    """For each iteration the first line that was printed then and not again in its turn.

    Lines may have been added; those that there were must come in their order.
    """
    found = {}
    for index, text in recorded.items():
        if index not in now or len(text) >= MOST:
            continue
        lines = iter(now[index].split("\n"))
        gone = (line for line in text.split("\n") if line.strip() and line not in lines)
        first = next(gone, None)
        if first is not None:
            found[index] = first
    return found
