"""What was put off is looked at while nobody waits: between cells, in short turns.

A kernel runs its cells from an event loop. When that has had nothing to do for a while, a
turn of looking is taken, then the loop has its say again; a cell that comes ends it all.
Where no loop runs, as in a terminal, it is looked at when a slice is asked for.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from jupyter_slicer.domain.step import Step
from jupyter_slicer.recording.files import aside
from jupyter_slicer.recording.recorder import Recorder

PAUSE = 0.3
"""Seconds after a cell: whoever runs one after the other is not idle."""
TURN = 0.01
"""Seconds of a turn, apart from a single look that takes longer."""


class IdleLooks:
    """Takes turns in the kernel's event loop between two cells."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self._handle: asyncio.Handle | None = None
        self._work: Iterator[None] | None = None

    def after_cell(self) -> None:
        """To be told when a cell has ended."""
        self.before_cell()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        # Whether there is something to look at is asked when there is time to.
        self._handle = loop.call_later(PAUSE, self._turn, loop)

    def before_cell(self) -> None:
        """To be told when a cell begins: what is half done is begun again after it."""
        if self._handle is not None:
            self._handle.cancel()
        self._handle = self._work = None
        self.recorder.observer.looker.leave_pieces()

    def _turn(self, loop: asyncio.AbstractEventLoop) -> None:
        self._handle = None
        try:
            if self.take_turn(TURN):
                self._handle = loop.call_soon(self._turn, loop)
        except Exception as error:
            self.recorder.mark_incomplete(f"{type(error).__name__}: {error}")

    def take_turn(self, seconds: float) -> bool:
        """Look for so long; whether there is more to look at."""
        with self.recorder.at_rest() as at_rest, aside():
            if not at_rest:
                return False
            observer = self.recorder.observer
            if self._work is None:
                if not observer.has_put_off():
                    return False
                self._work = observer.settling(Step(self.recorder.step - 1))
            until = time.perf_counter() + seconds
            for _ in self._work:
                if time.perf_counter() >= until:
                    return True
        self._work = None
        return False
