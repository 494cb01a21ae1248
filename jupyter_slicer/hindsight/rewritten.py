"""Files that a recorded run wrote: no checkpoint holds them, and a replay has them only as far
as it writes them itself.

for epoch in range(9):
    log_file.write(...)
    lines = len(open("log.csv").readlines())    # of which epoch?
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable

_LISTING = frozenset(("os.listdir", "os.scandir"))


class RewrittenFiles:
    """Tells when one of them is read that this process has not written as a whole."""

    def __init__(self, paths: Iterable[str], folder: str, tell: Callable[[str], None]) -> None:
        here = os.getcwd()
        self._names = {path: os.path.relpath(path, folder) for path in paths}
        # The process works in a copy of the folder.
        self._names |= {os.path.join(here, name): name for name in self._names.values()}
        self._folders = {os.path.dirname(path): path for path in self._names}
        self._tell = tell
        self._anew: set[str] = set()
        self._opened: set[str] = set()
        """For writing, whenever: what is written to a file that is open comes late."""
        self._since = 0.0
        self.forget()
        if self._names:
            sys.addaudithook(self._heard)

    def forget(self) -> None:
        """A state was put back: what was written before does not belong to it."""
        self._anew.clear()
        self._since = time.time()

    def _heard(self, event: str, given: tuple[object, ...]) -> None:
        if event in _LISTING:
            path = given[0] if isinstance(given[0], (str, bytes, os.PathLike)) else "."
            known = self._folders.get(os.path.abspath(os.fsdecode(path)))
            if known is not None and not self._is_own(self._names[known]):
                self._tell(self._names[known])
        if event != "open" or not isinstance(given[0], (str, bytes, os.PathLike)):
            return
        name = self._names.get(os.path.abspath(os.fsdecode(given[0])))
        if name is None:
            return
        mode, flags = given[1] or "", given[2]
        assert isinstance(mode, str)
        assert isinstance(flags, int)
        if flags & (os.O_WRONLY | os.O_RDWR):
            self._opened.add(name)
        if flags & os.O_TRUNC or "w" in mode or "x" in mode:
            self._anew.add(name)
        if not flags & os.O_WRONLY and not self._is_own(name):
            self._tell(name)

    def _is_own(self, name: str) -> bool:
        if name in self._anew:
            return True
        try:  # C libraries write without a word
            return name not in self._opened and os.stat(name).st_mtime > self._since
        except OSError:
            return False
