"""Where the history lies, and whether that place is safe."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir

from jupyter_slicer.errors import StoreError

MEMORY = ":memory:"
VARIABLE = "JUPYTER_SLICER_STORE"


def store_path(
    given: str | os.PathLike[str] | None = None, environ: Mapping[str, str] = os.environ
) -> str:
    """What was given, else what the environment says, else the user's data folder."""
    chosen = os.fspath(given) if given else environ.get(VARIABLE)
    if chosen == MEMORY:
        return MEMORY
    if chosen:
        return os.path.abspath(os.path.expanduser(chosen))
    return os.path.join(jupyter_data_dir(), "jupyter_slicer", "history.sqlite")


def prepare_file(path: str) -> None:
    """An empty file that only its user can read, in a folder that only he can change."""
    folder = os.path.dirname(path)
    try:
        Path(folder).parent.mkdir(parents=True, exist_ok=True)
        Path(folder).mkdir(mode=0o700, exist_ok=True)
        check_private(folder)
        # Never open an existing database by hand: closing the descriptor would drop
        # the locks that SQLite holds on it elsewhere in this process.
        if not os.path.exists(path):
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        elif stat.S_IMODE(os.stat(path).st_mode) & 0o077:
            os.chmod(path, 0o600)
    except OSError as error:
        raise StoreError(
            f"Cannot use {path} for the history: {error.strerror or error}. Set "
            f"{VARIABLE} to a file in a folder of yours, or to {MEMORY}."
        ) from error


def check_private(folder: str) -> None:
    """Refuse a folder in which somebody else could plant a database."""
    if not hasattr(os, "getuid"):
        return
    status = os.stat(folder)
    if status.st_uid != os.getuid():
        raise StoreError(
            f"The folder {folder} belongs to another user. Set {VARIABLE} to a file in "
            f"a folder of yours, or to {MEMORY}."
        )
    if stat.S_IMODE(status.st_mode) & 0o022:
        raise StoreError(
            f"Other users can write to the folder {folder}. Run  chmod go-w {folder}  "
            f"or set {VARIABLE} to a file elsewhere, or to {MEMORY}."
        )
