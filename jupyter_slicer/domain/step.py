"""Cell executions, statement instances and their order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NewType

Step = NewType("Step", int)
"""Position of a statement instance in the total order of a kernel's life, from 0."""

ExecutionId = NewType("ExecutionId", int)
"""Position of a cell execution in a kernel's life, from 0; not IPython's ``In[n]``."""


class Outcome(Enum):
    """How far a run of a cell or of a statement came."""

    DONE = "done"
    RAISED = "raised"
    INTERRUPTED = "interrupted"
    RUNNING = "running"


EVALUATED = "%slice"
"""In place of a cell id: an expression was evaluated because its slice was asked for."""


@dataclass(frozen=True, slots=True)
class CellExecution:
    """One run of one version of a cell's text."""

    id: ExecutionId
    raw: str
    """The text as the user wrote it, magics included."""
    source: str
    """The text after IPython's input transformation: parses as Python."""
    cell_id: str | None = None
    count: int | None = None
    """IPython's execution count; None when it was run without history."""
    started: float = 0.0
    """Seconds since the epoch."""
    seconds: float = 0.0
    recording_seconds: float = 0.0
    """What watching this execution cost, within and right after it."""
    outcome: Outcome = Outcome.DONE
    error: str | None = None
    """Qualified name of the exception type, for example ``ZeroDivisionError``."""
    incomplete: str | None = None
    """Why the record is not whole: our own failure, or recording paused."""


@dataclass(frozen=True, slots=True)
class StatementInstance:
    """One run of one top-level statement of a cell."""

    step: Step
    execution: ExecutionId
    position: int
    """Index among the cell's top-level statements; ``a(); b()`` are two."""
    outcome: Outcome = Outcome.DONE
    error: str | None = None
    """Qualified name of the exception type that ended it."""
