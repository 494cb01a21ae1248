"""Writes a file of ours whole or not at all, and never over somebody else's."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile

from jupyter_slicer.errors import CannotWrite, WouldOverwrite
from jupyter_slicer.export.header import MARK

VALUE_MARK = b"\njupyter_slicer saved value\n"
"""Behind a pickle or an array, where nothing reads any more."""
SAVED_VALUES = (".pickle", ".npy")


def check_place(path: str, *, force: bool = False) -> None:
    """Raise ``WouldOverwrite`` or ``CannotWrite`` if a file could not be written there."""
    folder = os.path.dirname(os.path.abspath(path))
    if os.path.isdir(path):
        raise CannotWrite(path, "it is a folder")
    if not os.path.isdir(folder):
        raise CannotWrite(path, f"there is no folder {folder}")
    if not os.access(folder, os.W_OK):
        raise CannotWrite(path, "the folder is not writable")
    if not force and os.path.lexists(path) and not _is_ours(path):
        raise WouldOverwrite(path)


def _is_ours(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError:
        return False
    if path.endswith(SAVED_VALUES):
        return content.endswith(VALUE_MARK)
    text = content.decode("utf-8", "replace")
    if not path.endswith(".ipynb"):
        return any(line.startswith(f"# {MARK}") for line in text.split("\n"))
    try:
        return "jupyter_slicer" in json.loads(text)["metadata"]
    except (ValueError, KeyError, TypeError):
        return False


def write_whole(
    path: str, content: str | bytes, *, force: bool = False, mode: int | None = None
) -> None:
    """The content under its name at once: readers see the old file or the new one."""
    check_place(path, force=force)
    folder = os.path.dirname(os.path.abspath(path))
    written = None
    try:
        number, written = tempfile.mkstemp(prefix=".jupyter_slicer", dir=folder)
        with os.fdopen(number, "wb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
        os.chmod(written, _mode(path) if mode is None else mode)
        os.replace(written, path)
    except OSError as error:
        if written is not None:
            with contextlib.suppress(OSError):
                os.unlink(written)
        raise CannotWrite(path, error.strerror or str(error)) from None


def _mode(path: str) -> int:
    """As an ordinary new file would get it; of the old file if there is one."""
    try:
        return os.stat(path).st_mode & 0o777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
