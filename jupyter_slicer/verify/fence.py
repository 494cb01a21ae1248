"""The Linux kernel's part of the fence: namespaces and Landlock, by system call.

This module runs in the fresh process, while it has one thread.
"""

from __future__ import annotations

import ctypes
import glob
import os
import sys

_NEWNS, _NEWUSER, _NEWNET = 0x20000, 0x10000000, 0x40000000
_BIND, _RECURSIVE, _PRIVATE = 0x1000, 0x4000, 0x40000
_AT_FDCWD, _AT_RECURSIVE, _ATTR_RDONLY = -100, 0x8000, 1
_MOUNT_SETATTR, _LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 442, 444, 445, 446
_NO_NEW_PRIVILEGES = 38

_WRITE_FILE = 1 << 1
_REMOVE = 1 << 4 | 1 << 5
_MAKE = sum(1 << bit for bit in range(6, 13))
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_DEVICES = [
    "null",
    "zero",
    "full",
    "random",
    "urandom",
    "tty",
    "ptmx",
    "pts",
    "shm",
    "nvidia*",
    "dri",
    "kfd",
    "fd",
    "stdout",
    "stderr",
]


class FenceError(OSError):
    """A step of the fence was not allowed; nothing of the program has run yet."""


class _MountAttributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "user")]


class _Ruleset(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("files", "network", "scoped")]


class _PathRule(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def separate(scratch: str) -> tuple[bool, bool]:
    """Enter namespaces: (all but ``scratch`` read-only, no network).

    Raises FenceError half-way when the system does not allow it; the process is then
    of no use and another must be forked.
    """
    if not sys.platform.startswith("linux"):
        return False, False
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(_NEWNS | _NEWNET) != 0:
        _check(libc.unshare(_NEWUSER | _NEWNS | _NEWNET), "unshare")
        _tell("/proc/self/setgroups", "deny")
        _tell("/proc/self/uid_map", f"{user} {user} 1")
        _tell("/proc/self/gid_map", f"{group} {group} 1")
    here = os.getcwd()
    path = os.fsencode(scratch)
    _check(libc.mount(b"none", b"/", None, _RECURSIVE | _PRIVATE, None), "mount")
    _check(libc.mount(path, path, None, _BIND | _RECURSIVE, None), "bind")
    _set_read_only(libc, b"/", _AT_RECURSIVE, on=True)
    _set_read_only(libc, path, 0, on=False)
    if os.path.isdir("/dev/shm"):
        _check(libc.mount(b"tmpfs", b"/dev/shm", b"tmpfs", 0, None), "shm")
    os.chdir(here)  # the old working folder lies below the bind mount
    return True, True


def landlock(scratch: str) -> int:
    """Allow writes beneath ``scratch`` and to a few devices only; its version, or 0."""
    if not sys.platform.startswith("linux"):
        return 0
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    version = libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return 0
    files = _WRITE_FILE | _REMOVE | _MAKE
    files |= _REFER if version >= 2 else 0
    files |= _TRUNCATE if version >= 3 else 0
    rules = _Ruleset(files, 0b11 if version >= 4 else 0, 0b11 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    fd = libc.syscall(_LANDLOCK_CREATE, ctypes.byref(rules), ctypes.c_size_t(size), 0)
    if fd < 0:
        return 0
    try:
        _allow(libc, fd, scratch, files)
        _allow(libc, fd, "/dev/shm", files)
        _allow(libc, fd, "/proc/self", _WRITE_FILE)
        for device in _DEVICES:
            for path in glob.glob(f"/dev/{device}"):
                _allow(libc, fd, path, files & (_WRITE_FILE | _TRUNCATE))
        if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
            return 0
        return int(version) if libc.syscall(_LANDLOCK_RESTRICT, fd, 0) == 0 else 0
    finally:
        os.close(fd)


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, access: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rule = _PathRule(access, parent)
        libc.syscall(_LANDLOCK_ADD, ruleset, 1, ctypes.byref(rule), 0)
    finally:
        os.close(parent)


def _set_read_only(libc: ctypes.CDLL, path: bytes, flags: int, *, on: bool) -> None:
    attributes = _MountAttributes(_ATTR_RDONLY if on else 0, 0 if on else _ATTR_RDONLY, 0, 0)
    result = libc.syscall(
        _MOUNT_SETATTR, _AT_FDCWD, path, flags, ctypes.byref(attributes), ctypes.c_size_t(32)
    )
    _check(result, "mount_setattr")


def _tell(path: str, words: str) -> None:
    try:
        with open(path, "w") as file:
            file.write(words)
    except OSError as error:
        raise FenceError(error.errno, path) from error


def _check(result: int, what: str) -> None:
    if result != 0:
        raise FenceError(ctypes.get_errno(), what)
