"""The world outside: files, processes and connections, by audit events.

``open``, ``os.*``, ``shutil.*``, ``sqlite3.connect``, ``subprocess.Popen`` and
``socket.connect`` are heard as they happen (https://docs.python.org/3/library/audit_events.html).
Writes by C libraries raise no event: folders in use are compared after each statement.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from stat import S_ISDIR

from jupyter_slicer.recording.describe import LIBRARY_ROOTS, is_library_file

_IGNORED = (
    "/proc/", "/dev/", "/sys/", "/etc/", "/usr/share/zoneinfo/", "/usr/share/fonts/",
    "/usr/share/locale/", "/usr/share/mime/", "/usr/lib/",
)  # fmt: skip
_CHANGING = {
    "os.remove": 1, "os.rename": 2, "os.mkdir": 1, "os.rmdir": 1, "os.link": 2, "os.symlink": 2,
    "os.truncate": 1, "os.chmod": 1, "os.utime": 1, "shutil.rmtree": 1, "shutil.move": 2,
    "shutil.copytree": 2,
}  # fmt: skip
_WATCHED = frozenset(
    ("open", "os.chdir", "os.listdir", "os.scandir", "sqlite3.connect", "subprocess.Popen", "os.system",
     "os.posix_spawn", "os.exec", "os.fork", "os.forkpty", "pty.spawn", "socket.connect", "socket.getaddrinfo", *_CHANGING)
)  # fmt: skip
_stat, _scandir, _getcwd = os.stat, os.scandir, os.getcwd
# Users patch ``os``: these are ours.
_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_TRUNC | os.O_CREAT
_FOLDER_LIMIT = 400
_FOLDERS = 48
_FILES = 64
"""So many are compared after each statement, those used last."""
_CLOCK = 20_000_000
"""Nanoseconds by which the time of a file may lag behind the clock."""
_FOLDER = (0, 0)
"""Stands for a folder inside a folder."""
_Listing = tuple[int, dict[str, tuple[int, int]]]
"""When a folder's names last changed, and the time and size of each entry."""
_NOTHING: _Listing = (-1, {})


@dataclass(slots=True)
class FileEvents:
    """What a statement did outside the process."""

    read: dict[str, None] = field(default_factory=dict)
    written: dict[str, bool] = field(default_factory=dict)
    """Path to whether the old content was lost, so that earlier writers do not matter."""
    listed: dict[str, None] = field(default_factory=dict)
    relative: bool = False
    """Whether a path was given relative to the working folder."""
    process: bool = False
    network: bool = False


class FileWatch:
    """Collects events between two boundaries; one is active in a process."""

    def __init__(self) -> None:
        self.events = FileEvents()
        self.muted = False
        self._folders: dict[str, _Listing] = {}
        self._known: dict[str, tuple[int, int] | None] = {}
        """Files in use, the last one used at the end."""
        self._taken = time.time_ns()
        """When the last statement ended."""
        self._elsewhere = (*_IGNORED, *_cache_folders())

    def start(self) -> None:
        global _active
        _active = self
        self.watch_folder(_getcwd())

    @property
    def listens(self) -> bool:
        """Whether events are heard yet.

        They cost what a process does most, imports, 3 to 6 % more for as long as it lives.
        """
        return _installed

    def listen(self) -> None:
        _install()

    def stop(self) -> None:
        global _active
        if _active is self:
            _active = None

    def take(self) -> FileEvents:
        """Events since the last call, completed by what the folders show."""
        events, self.events = self.events, FileEvents()
        self.muted = True
        try:
            self._compare_folders(events)
            for path in (*events.read, *events.written):
                self._remember(path)
        finally:
            self.muted = False
            self._taken = time.time_ns()
        return events

    def watch_folder(self, folder: str) -> None:
        if folder not in self._folders and not folder.startswith(_IGNORED):
            self.muted = True
            try:
                self._folders[folder] = _listing(folder)
            finally:
                self.muted = False

    def changed_since(self, paths: Iterable[str]) -> bool:
        """Whether files are another than when a statement last used them."""
        return any(path in self._known and _stamp(path) != self._known[path] for path in paths)

    def _is_noise(self, path: str) -> bool:
        return (
            path.startswith(self._elsewhere)
            or ("/__pycache__" in path and not path.endswith(".pyc"))
            or is_library_file(path)
        )

    def _remember(self, path: str) -> None:
        self._known.pop(path, None)
        self._known[path] = _stamp(path)
        folder = os.path.dirname(path)
        if folder not in self._folders and len(self._folders) < _FOLDERS:
            self._folders[folder] = _listing(folder)

    def _compare_folders(self, events: FileEvents) -> None:
        """New names in folders, changed files, and what changed in folders within them."""
        waiting: list[tuple[str, _Listing | None]] = list(self._folders.items())
        while waiting:
            within: dict[str, _Listing | None] = {}
            for folder, before in waiting:
                self._compare(folder, before, within, events)
            waiting = list(islice(within.items(), max(0, _FOLDERS - len(self._folders))))
        used = dict(islice(reversed(self._known.items()), _FILES))
        used |= {path: self._known[path] for path in events.read if path in self._known}
        for path, stamp in used.items():
            if path not in events.written and _stamp(path) != stamp:
                events.written[path] = False

    def _compare(
        self,
        folder: str,
        before: _Listing | None,
        within: dict[str, _Listing | None],
        events: FileEvents,
    ) -> None:
        """``before``: None for a folder that was there and that nobody has looked into."""
        changed, entries = before or (-1, {})
        try:
            now = _stat(folder).st_mtime_ns
        except OSError:
            return
        # What another program writes into a file that is there shows on the file alone.
        if now == changed and not events.process:
            return
        fresh = self._folders[folder] = _listing(folder)
        for name in entries.keys() | fresh[1].keys():
            path = os.path.join(folder, name)
            then, last = entries.get(name), fresh[1].get(name)
            if last == _FOLDER and path not in self._folders:
                is_new = before is not None and then is None
                within[path] = _NOTHING if is_new else None
            if before is None and not self._is_new(path):
                continue
            if then == last or self._is_noise(path):
                continue
            # A file that was appended to before left the folder as it was.
            if last is None or self._known.get(path) != last:
                events.written.setdefault(path, False)
            if then is None and before is not None:
                events.read.pop(path, None)  # it was made there: nothing was read from before

    def _is_new(self, path: str) -> bool:
        """Whether it has changed since the last statement ended, by its own time."""
        try:
            return _stat(path).st_ctime_ns >= self._taken - _CLOCK
        except OSError:
            return False

    # -- the hook ------------------------------------------------------------------

    def hear(self, event: str, args: tuple[object, ...]) -> None:
        if event == "open":
            self._opened(args)
        elif event in _CHANGING:
            if event not in ("os.mkdir", "os.symlink"):
                self._add(args[0])  # it has to be there
            for path in args[: _CHANGING[event]]:
                self._add(path, write=True, lost=event in ("os.remove", "os.rmdir"))
        elif event == "os.chdir":
            self._add(args[0])
        elif event in ("os.listdir", "os.scandir"):
            if sys._getframe(2).f_code.co_filename.startswith("<frozen importlib"):
                return  # an import looks through the folder; it opens what it finds
            path = self._path(args[0] if args[0] is not None else ".")
            if path is not None and not is_library_file(path + os.sep):
                self.events.listed[path] = None
        elif event == "sqlite3.connect":
            if args[0] not in (":memory:", ""):
                self._add(args[0])
        elif event.startswith("socket"):
            self.events.network = True
        else:
            self.events.process = True

    def _opened(self, args: tuple[object, ...]) -> None:
        path, mode, flags = args
        # Modules are read by the thousand, each from a path that is plain already.
        if isinstance(path, int) or (
            mode == "rb"
            and type(path) is str
            and path.endswith(".pyc")
            and path.startswith(LIBRARY_ROOTS)
            and "/../" not in path
        ):
            return
        if isinstance(mode, str):
            write = any(c in mode for c in "wax+")
            keeps = "a" in mode or "+" in mode
            lost = "w" in mode
        else:
            bits = flags if isinstance(flags, int) else 0
            write = bool(bits & _WRITE_FLAGS)
            lost = bool(bits & os.O_TRUNC)
            keeps = write and not lost
        if write:
            self._add(path, write=True, lost=lost)
        if keeps or not write:
            self._add(path)

    def _path(self, path: object) -> str | None:
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if not isinstance(path, str):
            fspath = getattr(type(path), "__fspath__", None)
            path = fspath(path) if fspath is not None else None
        if not isinstance(path, str) or path.startswith("file:"):
            return None
        if not os.path.isabs(path):
            self.events.relative = True
        return os.path.normpath(os.path.join(_getcwd(), path))

    def _add(self, path: object, write: bool = False, lost: bool = False) -> None:
        full = self._path(path)
        if full is None or self._is_noise(full):
            return
        if full.endswith(".pyc"):
            try:
                full = importlib.util.source_from_cache(full)
            except ValueError:
                return
            if write:
                return
        if write:
            self.events.written[full] = lost and self.events.written.get(full, True)
        elif full not in self.events.written:
            self.events.read[full] = None


def _cache_folders() -> tuple[str, ...]:
    """Where IPython and libraries keep what they could make again."""
    home = os.path.expanduser("~")
    folders = (
        os.environ.get("IPYTHONDIR") or os.path.join(home, ".ipython"),
        os.environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache"),
        os.environ.get("MPLCONFIGDIR") or os.path.join(home, ".config", "matplotlib"),
    )
    return tuple(os.path.abspath(folder) + os.sep for folder in folders)


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        found = _stat(path)
    except OSError:
        return None
    # What is in a folder changes the folder, too: that is told by the files' own names.
    return _FOLDER if S_ISDIR(found.st_mode) else (found.st_mtime_ns, found.st_size)


def _listing(folder: str) -> _Listing:
    entries: dict[str, tuple[int, int]] = {}
    try:
        changed = _stat(folder).st_mtime_ns
        with _scandir(folder) as found:
            for entry in found:
                if len(entries) >= _FOLDER_LIMIT:
                    return changed, {}
                stat = entry.stat(follow_symlinks=False)
                is_folder = entry.is_dir(follow_symlinks=False)
                stamp = (stat.st_mtime_ns, stat.st_size)
                entries[entry.name] = _FOLDER if is_folder else stamp
    except OSError:
        return 0, {}
    return changed, entries


class _Ours(threading.local):
    """Threads that are at our own business."""

    aside = False


_ours = _Ours()


@contextmanager
def aside() -> Iterator[None]:
    """Within it, what this thread does is not heard; a cell that runs in another one is."""
    before, _ours.aside = _ours.aside, True
    try:
        yield
    finally:
        _ours.aside = before


_active: FileWatch | None = None
_installed = False


def _hook(event: str, args: tuple[object, ...]) -> None:
    # Runs on every audit event of the process: one set look-up for those not wanted.
    if event in _WATCHED and _active is not None and not _active.muted and not _ours.aside:
        try:
            _active.hear(event, args)
        except Exception:
            _active.events.relative = True


def _install() -> None:
    """An audit hook cannot be removed: it is added once and silent when not wanted."""
    global _installed
    if not _installed:
        sys.addaudithook(_hook)
        _installed = True


def existing_files(candidates: Iterable[str]) -> list[str]:
    """Those of some strings that name a file."""
    found = []
    for text in candidates:
        if 0 < len(text) < 300 and "\n" not in text and "\0" not in text:
            path = os.path.normpath(os.path.join(_getcwd(), os.path.expanduser(text)))
            if os.path.isfile(path) and not is_library_file(path):
                found.append(path)
    return found
