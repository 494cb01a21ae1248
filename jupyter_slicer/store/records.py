"""What is kept of a kernel and of each cell execution in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from jupyter_slicer.domain import (
    CellExecution,
    Dependence,
    FileUse,
    Location,
    StatementInstance,
    Step,
)


@dataclass(frozen=True, slots=True)
class KernelInfo:
    """One life of one kernel, from its start (or ``%load_ext``) to its end."""

    id: str
    """A random UUID of ours; Jupyter's kernel id survives restarts, this one does not."""
    started: float
    """Seconds since the epoch."""
    pid: int
    python: str
    """For example ``3.11.7``."""
    folder: str
    """Working folder when recording began; absolute."""
    notebook: str | None = None
    """Path of the notebook, where the front end tells it."""
    environment: str | None = None
    """Digest of the installed distributions: equal digests, equal environments."""


class WriteKind(Enum):
    """How a location was written."""

    DEFINITION = "definition"
    """It got a new value, or it was deleted."""
    UPDATE = "update"
    """It still holds the same object, which changed."""


@dataclass(frozen=True, slots=True)
class LocationWrite:
    """A statement instance wrote to a location."""

    step: Step
    location: Location
    kind: WriteKind
    names: tuple[str, ...] = ()
    """Variables through which the location can be reached."""


@dataclass(frozen=True, slots=True)
class AmbientChange:
    """A statement instance changed ambient state; the state itself as JSON."""

    step: Step
    name: str
    """Of the probe, as in ``numpy.random``."""
    detail: str = "null"
    """JSON, as the probe wrote it."""


@dataclass(frozen=True, slots=True)
class ExecutionRecord:
    """Everything that was learned from one cell execution."""

    execution: CellExecution
    instances: tuple[StatementInstance, ...] = ()
    dependences: tuple[Dependence, ...] = ()
    """Those whose target is one of ``instances``."""
    writes: tuple[LocationWrite, ...] = ()
    files: tuple[FileUse, ...] = ()
    seeds: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
    """Each variable that this execution changed, and the steps with which a backward
    slice of it begins; the greatest is the last that wrote it. Empty when it was deleted."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """Of the values of some of those variables, where that was cheap."""
    ambient: tuple[AmbientChange, ...] = ()
    displayed: Step | None = None
    """The statement instance whose value became ``Out[count]``."""


@dataclass(frozen=True, slots=True)
class KernelHistory:
    """The whole record of one kernel, in the order in which it was made."""

    kernel: KernelInfo
    records: tuple[ExecutionRecord, ...]

    def seeds(self) -> dict[str, tuple[Step, ...]]:
        """Where a slice of each variable begins, as things stood at the end."""
        state: dict[str, tuple[Step, ...]] = {}
        for record in self.records:
            state.update(record.seeds)
        return {name: steps for name, steps in state.items() if steps}


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """One line of ``%slicer history``."""

    kernel: KernelInfo
    executions: int
    statements: int
    last: float
    """When its last cell execution started; seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class StoreSize:
    """What the history takes on disk."""

    path: str
    bytes: int
    """With the write-ahead log."""
    kernels: int
    executions: int
    sources: int
    """Distinct cell texts."""


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """Where one kernel's record goes right now."""

    path: str
    """``:memory:`` when it is lost with the kernel."""
    trouble: str | None
    """Why it is not where it should be; None when all is well."""
    executions: int
    """Appended so far, waiting ones included."""
    waiting: int
    """Not yet on disk because another process held the database."""
