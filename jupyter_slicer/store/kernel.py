"""Describing the kernel in which we are."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Mapping

from jupyter_slicer.store.records import KernelInfo


def describe_kernel(
    id: str, started: float, namespace: Mapping[str, object] = {}
) -> KernelInfo:
    """This process as it is now. ``namespace``: the user's, for front ends that leave
    the notebook's path there."""
    return KernelInfo(
        id=id,
        started=started,
        pid=os.getpid(),
        python=platform.python_version(),
        folder=os.getcwd(),
        notebook=notebook_path(os.environ, namespace),
        environment=environment_digest(),
    )


def notebook_path(environ: Mapping[str, str], namespace: Mapping[str, object]) -> str | None:
    """Jupyter servers tell it in the environment, VS Code in the namespace."""
    told = namespace.get("__vsc_ipynb_file__") or environ.get("JPY_SESSION_NAME")
    return told if isinstance(told, str) else None


def environment_digest() -> str:
    """Names and versions of all installed distributions, from their folders' names.

    Asking ``importlib.metadata`` would take hundreds of milliseconds.
    """
    names = [sys.version]
    for folder in sys.path:
        try:
            found = os.listdir(folder or ".")
        except OSError:
            continue
        names += [name for name in found if name.endswith((".dist-info", ".egg-info"))]
    return hashlib.sha256("\n".join(sorted(names)).encode("utf-8", "replace")).hexdigest()
