"""What a fresh run may not do, and who stops it.

Two fences, one behind the other:

* An audit hook in the interpreter sees each file that Python opens to write, removes,
  renames or changes, each connection, each signal to a stranger. It refuses with a
  message that names the path, and writes the refusal down: the verdict is "did not run"
  even if the program catches the error.
* On Linux the kernel refuses the same to C libraries and to subprocesses: a mount
  namespace in which everything but the scratch folder is read-only, a network namespace
  without network, and Landlock. Each is used where the system has it and allows it.

This module runs in the fresh process, before the program.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Enforcement:
    """Which fences stand around a fresh run."""

    audit_hook: bool = True
    landlock: int = 0
    """Its version; 0 where the system has none."""
    read_only: bool = False
    """All mounts but the scratch folder's."""
    no_network: bool = False
    """A network namespace of its own, with nothing in it."""

    @property
    def by_kernel(self) -> bool:
        return self.read_only or self.landlock > 0

    def words(self) -> tuple[str, ...]:
        said = ["the interpreter refuses writes outside the scratch folder and connections"]
        if self.read_only:
            said.append("everything else is mounted read-only")
        if self.no_network:
            said.append("there is no network")
        if self.landlock:
            said.append(f"the kernel refuses writes outside (Landlock {self.landlock})")
        if not self.by_kernel:
            said.append(
                "this system cannot fence in C libraries; programs other than Python "
                "workers are refused"
            )
        return tuple(said)


class Refusals:
    """Tells a program no, and keeps a list."""

    def __init__(self, record: int, scratch: str) -> None:
        self._record = record
        self._scratch = scratch

    def path(self, deed: str, path: str) -> PermissionError:
        return self._refuse(f"{deed} {path}", "outside the scratch folder")

    def connection(self, where: str) -> PermissionError:
        return self._refuse(f"connect to {where}", "a fresh run has no network")

    def other(self, deed: str, why: str) -> PermissionError:
        return self._refuse(deed, why)

    def _refuse(self, deed: str, why: str) -> PermissionError:
        said = f"jupyter_slicer refused to {deed} during a fresh run ({why})"
        with contextlib.suppress(OSError):  # if the program closed it, the error still tells
            _write(self._record, (said.replace("\n", " ") + "\n").encode("utf-8", "replace"))
        return PermissionError(said)


# The program may replace these names in ``os``.
_write, _realpath, _lstat, _stat = os.write, os.path.realpath, os.lstat, os.stat
_fspath, _fsdecode, _join, _split = os.fspath, os.fsdecode, os.path.join, os.path.split
_lexists, _getsid, _readlink = os.path.lexists, getattr(os, "getsid", None), os.readlink
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


_LOOPBACK = ("::1", "localhost")


class Hook:
    """The audit hook: one dictionary look-up for events that do not matter."""

    def __init__(
        self, scratch: str, refusals: Refusals, fenced: bool, materialise: Callable[[str], bool]
    ) -> None:
        self._scratch = scratch
        self._root = _join(scratch, "root")
        self._refusals = refusals
        self._fenced = fenced
        """The kernel stops subprocesses and C libraries too."""
        self._materialise = materialise
        """Turns a link to an input in the scratch folder into a copy, before it is
        written to."""
        self._busy = False
        deeds: dict[str, Callable[[Any], None]] = {
            "open": self._open,
            "os.remove": self._named("delete", 0, 1),
            "os.rmdir": self._named("delete the folder", 0, 1),
            "os.mkdir": self._mkdir,
            "os.rename": self._rename,
            "os.link": self._link,
            "os.symlink": self._named("make a link at", 1, 2, new=True),
            "os.truncate": self._named("truncate", 0, None, follow=True),
            "os.chmod": self._named("change the mode of", 0, 2, follow=True),
            "os.chown": self._named("change the owner of", 0, 3, follow=True),
            "os.chflags": self._named("change the flags of", 0, None, follow=True),
            "os.utime": self._named("change the times of", 0, 3, follow=True),
            "os.setxattr": self._named("change the attributes of", 0, None, follow=True),
            "os.removexattr": self._named("change the attributes of", 0, None, follow=True),
            "sqlite3.connect": self._sqlite,
            "socket.connect": self._socket,
            "socket.bind": self._bind,
            "socket.sendto": self._socket,
            "socket.sendmsg": self._socket,
            "socket.getaddrinfo": self._look_up,
            "socket.gethostbyname": self._look_up,
            "socket.gethostbyaddr": self._look_up,
            "socket.getnameinfo": self._name_of,
            "os.kill": self._kill,
            "os.killpg": self._kill,
            "webbrowser.open": self._browser,
            "os.startfile": self._browser,
        }
        if not fenced:
            deeds |= {
                "subprocess.Popen": self._launch,
                "os.exec": self._launch,
                "os.posix_spawn": self._launch,
                "os.spawn": self._launch,
                "os.system": self._launch,
            }
        self._deeds = deeds

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        check = self._deeds.get(event)
        if check is not None and not self._busy:
            check(arguments)

    def _open(self, arguments: tuple[Any, ...]) -> None:
        path, _, flags = arguments
        if not isinstance(flags, int) or not flags & _WRITING or isinstance(path, int):
            return
        spelled = _text(path)
        if spelled is None or self._may_write(spelled):
            return
        if self._is_input_link(spelled):
            self._busy = True
            try:
                if self._materialise(spelled):
                    return
            finally:
                self._busy = False
        raise self._refusals.path("write", _realpath(spelled))

    def _is_input_link(self, path: str) -> bool:
        """Did we put the link there, for a large input?"""
        place = self._place(path)
        if not place.startswith(self._root + os.sep):
            return False
        try:
            return _readlink(place) == place.removeprefix(self._root)
        except OSError:
            return False

    def _named(
        self,
        deed: str,
        which: int,
        folder: int | None,
        *,
        follow: bool = False,
        new: bool = False,
    ) -> Callable[[Any], None]:
        """A check of the path at one position; a path that is not there fails by itself."""

        def check(arguments: tuple[Any, ...]) -> None:
            place = self._resolve(arguments, which, folder, follow=follow)
            if place is None or self._inside(place):
                return
            if new or _lexists(place):
                raise self._refusals.path(deed, place)

        return check

    def _mkdir(self, arguments: tuple[Any, ...]) -> None:
        place = self._resolve(arguments, 0, 2)
        if place is not None and not self._inside(place) and not _lexists(place):
            raise self._refusals.path("make the folder", place)

    def _rename(self, arguments: tuple[Any, ...]) -> None:
        source = self._resolve(arguments, 0, 2)
        target = self._resolve(arguments, 1, 3)
        if source is None or not _lexists(source):
            return
        for place in (source, target):
            if place is not None and not self._inside(place):
                raise self._refusals.path("rename", place)

    def _link(self, arguments: tuple[Any, ...]) -> None:
        # A hard link in the scratch folder would be a way to write to what it leads to.
        for which in (0, 1):
            place = self._resolve(arguments, which, which + 2, follow=which == 0)
            if place is not None and not self._inside(place):
                raise self._refusals.path("make a hard link to", place)

    def _sqlite(self, arguments: tuple[Any, ...]) -> None:
        spelled = _text(arguments[0])
        if spelled is None or spelled in ("", ":memory:"):
            return
        if spelled.startswith("file:"):
            spelled, _, options = spelled.removeprefix("file:").partition("?")
            spelled = "/" + spelled.lstrip("/") if spelled.startswith("//") else spelled
            if not spelled or any(word in options for word in _HARMLESS_DATABASE):
                return
        if self._may_write(spelled) or (self._fenced and _lexists(spelled)):
            return
        raise self._refusals.path("open the database", _realpath(spelled))

    def _socket(self, arguments: tuple[Any, ...]) -> None:
        address = arguments[1] if len(arguments) > 1 else None
        if address is None:
            return
        if isinstance(address, (str, bytes)):
            spelled = _fsdecode(address)
            if (
                spelled
                and not spelled.startswith("\0")
                and not self._inside(self._place(spelled))
            ):
                raise self._refusals.connection(spelled)
            return
        if isinstance(address, tuple) and address:
            raise self._refusals.connection(":".join(map(str, address[:2])))

    def _bind(self, arguments: tuple[Any, ...]) -> None:
        """Libraries bind to the machine itself to find out which protocols it speaks."""
        address = arguments[1] if len(arguments) > 1 else None
        host = address[0] if isinstance(address, tuple) and address else None
        if not (isinstance(host, str) and (host in _LOOPBACK or host.startswith("127."))):
            self._socket(arguments)

    def _look_up(self, arguments: tuple[Any, ...]) -> None:
        host = arguments[0]
        spelled = _fsdecode(host) if isinstance(host, (str, bytes)) else None
        if spelled and spelled not in _HERE and spelled != os.uname().nodename:
            raise self._refusals.connection(spelled)

    def _name_of(self, arguments: tuple[Any, ...]) -> None:
        self._look_up((arguments[0][0],) if isinstance(arguments[0], tuple) else arguments)

    def _kill(self, arguments: tuple[Any, ...]) -> None:
        number, signal = arguments[0], arguments[1]
        if signal == 0 or _getsid is None:
            return
        try:
            ours = number == 0 or _getsid(number) == _getsid(0)
        except OSError:
            return
        if not ours and not _descends(number):
            raise self._refusals.other(f"signal process {number}", "it is not the program's")

    def _browser(self, arguments: tuple[Any, ...]) -> None:
        raise self._refusals.other(f"open {arguments[0]}", "in another program")

    def _launch(self, arguments: tuple[Any, ...]) -> None:
        """Where the kernel cannot fence it in, only workers of this Python may start."""
        program = arguments[0]
        words = arguments[1] if len(arguments) > 1 else [program]
        spelled = (
            [_text(word) or "" for word in words] if isinstance(words, (list, tuple)) else []
        )
        ours = spelled and _realpath(spelled[0]) == _realpath(sys.executable)
        if ours and any("multiprocessing" in word or "loky" in word for word in spelled[1:5]):
            return
        raise self._refusals.other(
            f"start {_text(program) or program!r}", "this system cannot keep it from writing"
        )

    def _may_write(self, path: str) -> bool:
        place = _realpath(path)
        return self._inside(place) or _is_device(place)

    def _inside(self, place: str) -> bool:
        return place == self._scratch or place.startswith(
            (self._scratch + os.sep, "/dev/shm/", "/proc/self/")
        )

    def _place(self, path: str) -> str:
        """Where the entry itself lies: links on the way count, a link at the end does not."""
        folder, name = _split(os.path.abspath(path))
        return _join(_realpath(folder), name)

    def _resolve(
        self,
        arguments: tuple[Any, ...],
        which: int,
        folder: int | None,
        *,
        follow: bool = False,
    ) -> str | None:
        path = arguments[which]
        if isinstance(path, int):
            return _of_descriptor(path)
        spelled = _text(path)
        if spelled is None:
            return None
        at = arguments[folder] if folder is not None and len(arguments) > folder else -1
        if isinstance(at, int) and at >= 0 and not os.path.isabs(spelled):
            base = _of_descriptor(at)
            if base is None:
                return None
            spelled = _join(base, spelled)
        return _realpath(spelled) if follow else self._place(spelled)


_HARMLESS_DATABASE = ("mode=ro", "mode=memory", "immutable=1")
_HERE = frozenset({"", "localhost", "127.0.0.1", "::1", "0.0.0.0", "::"})


def _text(path: Any) -> str | None:
    try:
        return _fsdecode(path)
    except TypeError:
        return None


def _of_descriptor(number: int) -> str | None:
    try:
        return _readlink(f"/proc/self/fd/{number}")
    except OSError:
        return None


def _is_device(place: str) -> bool:
    if place.startswith("/dev/"):
        try:
            return stat.S_ISCHR(_stat(place).st_mode)
        except OSError:
            return False
    return place.startswith("/proc/") and place.split("/")[2] in ("self", str(os.getpid()))


def _descends(number: int) -> bool:
    """Is it a child of ours, or a child's child?"""
    ours = os.getpid()
    while number > 1:
        try:
            with open(f"/proc/{number}/stat", "rb") as file:
                number = int(file.read().rpartition(b")")[2].split()[1])
        except (OSError, ValueError):
            return False
        if number == ours:
            return True
    return False
