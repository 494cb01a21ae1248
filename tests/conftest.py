"""What must hold before any test is imported: one thread, no screen, nobody's folders."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

import pytest

os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("PYTHONHASHSEED", "0")
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

# History, profiles and caches of the person who runs the tests stay untouched.
_home = tempfile.mkdtemp(prefix="slicer-tests-")
_runner = os.getpid()


@atexit.register
def _remove_home() -> None:
    if os.getpid() == _runner:  # and not one of its forks
        shutil.rmtree(_home, ignore_errors=True)


os.environ["IPYTHONDIR"] = os.path.join(_home, "ipython")
os.environ["JUPYTER_DATA_DIR"] = os.path.join(_home, "data")
os.environ["XDG_DATA_HOME"] = os.path.join(_home, "share")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Long runs are left out unless they are asked for: ``pytest -m exhaustive``."""
    if "exhaustive" in (config.option.markexpr or ""):
        return
    long = [item for item in items if item.get_closest_marker("exhaustive")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]
