"""What a click in the sidebar would wait for, done before somebody clicks.

A sidebar that is on the screen is a user who may click. What a first slice needs is imported,
and the texts of the cells are parsed. Between two cells only, in short pieces: a cell that
goes through ``sys.modules``, or is timed, shall not meet them.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from jupyter_slicer.errors import SlicerError
from jupyter_slicer.recording.files import aside

if TYPE_CHECKING:
    from jupyter_slicer.slicer import Slicer

NEEDED = (
    "jupyter_slicer.slicing",
    "jupyter_slicer.export.script",
    "jupyter_slicer.export.why",
    "jupyter_slicer.export.highlight",
    "networkx",
    "jupyter_slicer.graph",
    "jupyter_slicer.verify.fresh_run",
    "jupyter_slicer.verify.widening",
)
"""What costs most is in the middle: by then the list of variables is on the screen."""
BREATH = 0.02
"""Seconds between two pieces, in which a cell can begin."""
BUSY = 0.2
"""Seconds until it is looked again whether a cell still runs."""
FEW = 50
"""Cell executions that a slice can parse on the way."""


class WorkAhead:
    """Of one kernel, in a thread that lives as long as there is something to do."""

    def __init__(self, slicer: Slicer) -> None:
        self.slicer = slicer
        self._end = threading.Event()
        self._thread: threading.Thread | None = None
        self._imported = False
        self._parsed = 0

    def start(self) -> None:
        """Begin, if there is something to do and it has not been begun."""
        idle = self._thread is None or not self._thread.is_alive()
        if idle and any(True for _ in self._pieces()):
            self._thread = threading.Thread(
                target=self._work, name="jupyter_slicer ahead", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        self._end.set()

    def _work(self) -> None:
        for piece in self._pieces():
            while not self._end.is_set() and not self._done(piece):
                self._end.wait(BUSY)
            if self._end.wait(BREATH):
                return

    def _done(self, piece: Callable[[], None]) -> bool:
        with self.slicer.recorder.at_rest() as rest, aside():
            if not rest:
                return False
            try:
                piece()
            except Exception:
                # Who needs it does it again, and tells what is wrong.
                self._end.set()
            return True

    def _pieces(self) -> Iterator[Callable[[], None]]:
        if not self._imported:
            for name in NEEDED:
                yield lambda name=name: importlib.import_module(name)  # type: ignore[misc]
            yield grow_old
            self._imported = True
        recorder = self.slicer.recorder
        while self._parsed == 0 < len(recorder.records) or (
            len(recorder.records) - self._parsed > FEW
        ):
            yield self._parse

    def _parse(self) -> None:
        """A slice that nobody sees leaves behind the parsed texts of all cells."""
        records = self.slicer.recorder.records
        self._parsed = len(records)
        alive = self.slicer.shell.user_ns
        names = [name for record in records for name in record.seeds if name in alive]
        if names:
            # From the oldest on all that ran is gone through.
            with contextlib.suppress(SlicerError):
                self.slicer.recorded_slice(names[0], names[-1]).source  # noqa: B018


def grow_old() -> None:
    """Count what was imported among the old objects, which it would soon be.

    Python goes through all objects when there are a quarter more of them; without this,
    ours bring that about in one of the user's first cells.
    """
    if not gc.get_freeze_count():
        gc.freeze()
        gc.unfreeze()
