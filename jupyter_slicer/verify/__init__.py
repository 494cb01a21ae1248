"""Fresh runs: a program in a new process, and whether its values came out the same.

In: a program, expressions, digests, recorded inputs. Out: verdicts.
Never: changes a file of the user's, reaches the network, leaves a process behind.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_slicer.verify.deletion import minimise
    from jupyter_slicer.verify.fresh_run import FreshRun, start, verify
    from jupyter_slicer.verify.guard import Enforcement
    from jupyter_slicer.verify.request import FreshRunRequest
    from jupyter_slicer.verify.run_process import RunOutcome, enforcement
    from jupyter_slicer.verify.widening import repair

_ROOMS = {
    "Enforcement": "guard",
    "FreshRun": "fresh_run",
    "FreshRunRequest": "request",
    "RunOutcome": "run_process",
    "enforcement": "run_process",
    "minimise": "deletion",
    "repair": "widening",
    "start": "fresh_run",
    "verify": "fresh_run",
}

__all__ = [
    "Enforcement",
    "FreshRun",
    "FreshRunRequest",
    "RunOutcome",
    "enforcement",
    "minimise",
    "repair",
    "start",
    "verify",
]


def __getattr__(name: str) -> object:
    """Late: the fresh process passes through here and needs none of it."""
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_ROOMS[name]}"), name)
