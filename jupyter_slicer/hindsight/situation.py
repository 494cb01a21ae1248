"""Where a loop stands when it begins: what the recorder of cells knows of its statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Situation:
    """The statement that is running."""

    kernel: str
    execution: int
    step: int
    position: int
    """In its cell."""
    source: str
    """The cell, as IPython transformed it."""
    names: frozenset[str]
    """Variables of the notebook that it uses or binds, called functions included."""
    sources: tuple[int, ...] = ()
    """Steps that what it reads goes back to."""
    writers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """For each variable, the steps that defined it last."""
    folder: str = ""
    cell_id: str | None = None
    count: int | None = None
    notebook: str | None = None
