"""One thread that does slow things in order, while the user's loop goes on."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

Job = Callable[[], None]


class Background:
    """Jobs that fail are told, and never reach the user's thread."""

    def __init__(
        self,
        tell: Callable[[str], None],
        aside: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """``aside``: within it, files that are written are not taken for the user's."""
        self._tell, self._aside = tell, aside
        self._jobs: deque[Job] = deque()
        self._change = threading.Condition()
        self._thread: threading.Thread | None = None
        self._running = False
        self._pid = os.getpid()

    @property
    def busy(self) -> bool:
        return self._running or bool(self._jobs)

    def submit(self, job: Job) -> None:
        if os.getpid() != self._pid:
            return
        with self._change:
            self._jobs.append(job)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._work, name="jupyter_slicer", daemon=True
                )
                self._thread.start()
            self._change.notify_all()

    def wait(self, seconds: float | None = None) -> bool:
        """Until nothing is left to do; False when that took too long."""
        if os.getpid() != self._pid:
            return True
        with self._change:
            return self._change.wait_for(lambda: not self.busy, seconds)

    def _work(self) -> None:
        while True:
            with self._change:
                self._running = False
                self._change.notify_all()
                # A kernel at rest keeps no thread of ours.
                if not self._change.wait_for(lambda: self._jobs, 5.0):
                    self._thread = None
                    return
                job = self._jobs.popleft()
                self._running = True
            try:
                with self._aside():
                    job()
            except Exception as error:
                self._tell(f"a loop is no longer recorded ({type(error).__name__}: {error})")
