"""What is asked of a fresh run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jupyter_slicer.domain import FileUse
from jupyter_slicer.values import ValueDigest


@dataclass(frozen=True, slots=True)
class FreshRunRequest:
    """A program, what to look at when it has ended, and what that was in the kernel."""

    program: str
    expressions: tuple[str, ...]
    """What was asked for, as the verdict calls it."""
    digests: tuple[ValueDigest, ...]
    """Of the same expressions in the kernel, in the same order."""
    names: tuple[str, ...] = ()
    """What gives their values at the program's end, where that is not the expressions
    themselves: ``result`` for one that the program has computed."""
    kinds: tuple[str, ...] = ()
    """What each is: ``value``, ``file`` (its name is a path), ``shown`` or ``error``; none
    says that all are values."""
    shown_from: int = 0
    """The first line of which counts what is shown, from 1."""
    cell_ends: int = 0
    """The line before which the shell is told that the cell has ended: figures are drawn and
    shown then. 0 where it is not told."""
    inline: Mapping[str, Any] | None = None
    """How the kernel shows figures, where it does so by itself: settings of its backend."""
    inputs: tuple[FileUse, ...] = ()
    """Files to show to the program, where it expects them."""
    folder: str = ""
    """The working folder when the session began; relative paths start there."""
    timeout: float = 600.0
    """Seconds for one run."""
    memory_bytes: int | None = None
    """For the program's data; None is all memory that the machine has."""
    twice: bool = True
    """After a difference, ask whether two fresh runs agree with each other."""
    environment: Mapping[str, str] | None = None
    """As when the session began; None is this process's."""
    kernel_guard: bool = True
    """False leaves Landlock and namespaces out, as on systems that have none."""
