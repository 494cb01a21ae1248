"""Loading the extension in every kernel of a profile, and taking that back.

A startup file of our own does it: the user's ``ipython_config.py`` is never edited,
whatever lists it sets stay as they are, and taking it back deletes one file. (A JSON
configuration beside the user's would replace his list of extensions.)
"""

from __future__ import annotations

import os
from pathlib import Path

from jupyter_slicer.errors import CannotWrite, WouldOverwrite

FILE_NAME = "00-jupyter-slicer.py"
"""Startup files run in the order of their names: what the others define is recorded."""

MARK = "# Written by  jupyter slicer enable ; removed by  jupyter slicer disable ."

# It leaves no name behind and never raises: a startup file that raises keeps the
# user's later ones from running.
CONTENT = f"""{MARK}
try:
    if __import__("importlib.util").util.find_spec("jupyter_slicer"):
        get_ipython().run_line_magic("load_ext", "jupyter_slicer")
except Exception:
    print("jupyter_slicer did not load:", __import__("sys").exc_info()[1])
"""


def startup_file(profile: str = "default") -> Path:
    from IPython.paths import get_ipython_dir

    return Path(get_ipython_dir()) / f"profile_{profile}" / "startup" / FILE_NAME


def enable(profile: str = "default") -> str:
    """Write the startup file; gives what was done, in one sentence."""
    path = startup_file(profile)
    if _is_ours(path) and path.read_text(encoding="utf-8") == CONTENT:
        return f"Already enabled: every kernel of profile {profile!r} runs {path}"
    if path.exists() and not _is_ours(path):
        raise WouldOverwrite(str(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{FILE_NAME}.{os.getpid()}")
        fresh.write_text(CONTENT, encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise CannotWrite(str(path), error.strerror or str(error)) from error
    return f"Enabled: every new kernel of profile {profile!r} records. Wrote {path}"


def disable(profile: str = "default") -> str:
    """Delete the startup file; gives what was done, in one sentence."""
    path = startup_file(profile)
    if not path.exists():
        return f"Already disabled: there is no {path}"
    if not _is_ours(path):
        raise WouldOverwrite(str(path))
    try:
        path.unlink()
    except OSError as error:
        raise CannotWrite(str(path), error.strerror or str(error)) from error
    return f"Disabled: new kernels of profile {profile!r} do not record. Deleted {path}"


def _is_ours(path: Path) -> bool:
    try:
        return path.read_text(encoding="utf-8", errors="replace").startswith(MARK)
    except OSError:
        return False
