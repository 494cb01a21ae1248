"""The scratch folder of one fresh run.

scratch/root/…       the user's paths once more; the program starts in root/<folder>,
                     so that ``data/a.csv`` and ``../b.csv`` lead to the inputs
scratch/program/     the program
scratch/tmp, cache/  temporary files and caches of libraries
scratch/private/     what parent and child tell each other
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jupyter_slicer.domain import FileUse

COPIED = 32 << 20
"""Inputs up to this size are copied; larger ones are links until they are written to."""


@dataclass(frozen=True, slots=True)
class Scratch:
    """Where things are; ``top`` is removed when the run is over."""

    top: str
    folder: str
    """What the program's working folder stands for."""

    @property
    def root(self) -> str:
        return os.path.join(self.top, "root")

    @property
    def working(self) -> str:
        return mirrored(self.root, self.folder)

    @property
    def program(self) -> str:
        return os.path.join(self.top, "program", "slice.py")

    @property
    def private(self) -> str:
        return os.path.join(self.top, "private")

    def file(self, name: str) -> str:
        return os.path.join(self.private, name)

    def remove(self) -> None:
        shutil.rmtree(self.top, onerror=self._make_removable)
        if os.path.isdir(self.top):
            shutil.rmtree(self.top, ignore_errors=True)

    def _make_removable(self, function: object, path: str, error: object) -> None:
        """The program may have taken its own rights away. What lies above is not ours: when
        the run has removed all itself, ``path`` is ``top``, and its folder is everybody's."""
        for place in (os.path.dirname(path), path):
            within = place == self.top or place.startswith(self.top + os.sep)
            try:
                if within and not os.path.islink(place):
                    os.chmod(place, 0o700)
            except OSError:
                continue
        try:
            os.unlink(path) if not os.path.isdir(path) else shutil.rmtree(
                path, ignore_errors=True
            )
        except OSError:
            return


def mirrored(root: str, path: str) -> str:
    """Where an absolute path lies below ``root``."""
    drive, rest = os.path.splitdrive(os.path.abspath(path))
    return os.path.join(root, drive.replace(":", "").strip("\\/"), rest.lstrip("\\/"))


def make_scratch(folder: str, program: str, inputs: Iterable[FileUse]) -> Scratch:
    top = os.path.realpath(tempfile.mkdtemp(prefix="slicer-run-"))
    scratch = Scratch(top, os.path.abspath(folder or os.getcwd()))
    try:
        for name in ("root", "program", "private", "tmp", "cache"):
            os.mkdir(os.path.join(top, name))
        os.makedirs(scratch.working, exist_ok=True)
        with open(scratch.program, "w", encoding="utf-8", errors="surrogatepass") as file:
            file.write(program)
        for path in dict.fromkeys(use.path for use in inputs):
            show_input(scratch, path)
    except BaseException:
        scratch.remove()
        raise
    return scratch


def show_input(scratch: Scratch, path: str) -> None:
    """Copy a small file, link to a large one; one that is gone is the program's to miss."""
    place = mirrored(scratch.root, path)
    if os.path.lexists(place):
        return
    try:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        if os.path.isdir(path):
            os.makedirs(place, exist_ok=True)
            for name in os.listdir(path):
                os.symlink(os.path.join(path, name), os.path.join(place, name))
        elif os.path.isfile(path) and os.path.getsize(path) <= COPIED:
            shutil.copy2(path, place)
        elif os.path.exists(path):
            os.symlink(path, place)
    except OSError:
        return


def environment_of(scratch: Scratch, base: Mapping[str, str]) -> dict[str, str]:
    """The session's environment, with what libraries write led into the scratch folder."""
    top, home = scratch.top, base.get("HOME", os.path.expanduser("~"))
    cache = base.get("XDG_CACHE_HOME") or os.path.join(home, ".cache")
    _show_caches(cache, os.path.join(top, "cache"), leave_out=("matplotlib", "fontconfig"))
    plots = os.path.join(top, "cache", "matplotlib")
    configured = base.get("MPLCONFIGDIR") or os.path.join(
        base.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"), "matplotlib"
    )
    os.makedirs(plots, exist_ok=True)
    _show_caches(configured, plots)
    _show_caches(os.path.join(cache, "matplotlib"), plots)
    temporary = os.path.join(top, "tmp")
    return {
        **base,
        "TMPDIR": temporary,
        "TEMP": temporary,
        "TMP": temporary,
        "JOBLIB_TEMP_FOLDER": temporary,
        "XDG_CACHE_HOME": os.path.join(top, "cache"),
        "MPLCONFIGDIR": plots,
        "NUMBA_CACHE_DIR": os.path.join(top, "cache", "numba"),
        "MPLBACKEND": "Agg",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "PWD": scratch.working,
    }


def _show_caches(source: str, target: str, leave_out: tuple[str, ...] = ()) -> None:
    try:
        names = os.listdir(source)
    except OSError:
        return
    for name in names:
        place = os.path.join(target, name)
        if name not in leave_out and not os.path.lexists(place):
            os.symlink(os.path.join(source, name), place)
