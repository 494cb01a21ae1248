"""Imports that the first slice needs, made while nobody waits for them.

A sidebar that is on the screen is a user who may click. Between two cells only, one import at
a time: a cell that iterates over ``sys.modules`` or is timed shall not meet them.
"""

from __future__ import annotations

import gc
import importlib
import threading

from jupyter_slicer.recording.files import aside
from jupyter_slicer.recording.recorder import Recorder

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
"""Seconds between two imports, in which a cell can begin."""
BUSY = 0.2
"""Seconds until it is looked again whether a cell still runs."""


class ImportsAhead:
    """Made once for a kernel, in a thread of their own."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, unless they were begun before."""
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._make, name="jupyter_slicer imports", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        self._end.set()

    def _make(self) -> None:
        for name in NEEDED:
            while not self._end.is_set() and not self._made(name):
                self._end.wait(BUSY)
            if self._end.wait(BREATH):
                return
        with self.recorder.at_rest():
            grow_old()

    def _made(self, name: str) -> bool:
        with self.recorder.at_rest() as rest, aside():
            if not rest:
                return False
            try:
                importlib.import_module(name)
            except Exception:
                # Who needs it imports it again, and tells what is wrong.
                self._end.set()
            return True


def grow_old() -> None:
    """Count what was imported among the old objects, which it would soon be.

    Python goes through all objects when there are a quarter more of them; without this,
    ours bring that about in one of the user's first cells.
    """
    if not gc.get_freeze_count():
        gc.freeze()
        gc.unfreeze()
