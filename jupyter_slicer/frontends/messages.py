"""What front ends are told, as values and as JSON.

``labextension/src/messages.ts`` says the same; ``tests/messages/*.json`` are read by both
test suites.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from jupyter_slicer.domain import Verification
from jupyter_slicer.errors import SlicerError
from jupyter_slicer.frontends import run_messages as of_runs
from jupyter_slicer.frontends.wire import plain, tuples

MIME = "application/vnd.jupyter-slicer.slice+json"


@dataclass(frozen=True, slots=True)
class StatementMessage:
    """One kept statement."""

    line: int
    """In ``program``, from 1."""
    end_line: int
    """The last line, included."""
    step: int
    execution: int | None
    """Position of the cell execution in the kernel's life; None when nobody ran it."""
    cell_id: str | None
    count: int | None
    """The number in ``In[count]``."""
    reason: str
    """Why it is kept, in words."""
    cell_lines: tuple[tuple[int, int], ...] = ()
    """Where it stands in its cell's text as it ran: first and last line, from 1."""


@dataclass(frozen=True, slots=True)
class InputMessage:
    """A file that the program reads."""

    path: str
    sha256: str | None
    size: int | None
    """In bytes."""


@dataclass(frozen=True, slots=True)
class VerdictMessage:
    """What fresh runs said; ``not verified`` until one has ended."""

    verdict: str
    reason: str
    seconds: float
    runs: int
    compared: str = "value"
    """What a fresh run has to give again: ``value``, ``output``, ``file`` or ``error``."""

    @classmethod
    def of(cls, found: Verification, compared: str = "value") -> VerdictMessage:
        seconds = round(found.seconds, 3)
        return cls(found.verdict.value, found.reason, seconds, found.runs, compared)


@dataclass(frozen=True, slots=True)
class SliceMessage:
    """A program and all that is known of it."""

    criterion: str
    program: str
    facts: str
    statements: tuple[StatementMessage, ...]
    inputs: tuple[InputMessage, ...]
    notes: tuple[str, ...]
    verdict: VerdictMessage
    exported: str | None = None
    """Absolute path of the script that was written."""
    notebook: str | None = None
    """Absolute path of the notebook that was written."""

    def to_json(self) -> dict[str, Any]:
        return {"kind": "slice", **plain(asdict(self))}


@dataclass(frozen=True, slots=True)
class FailureMessage:
    """There is no program, and why."""

    slug: str
    """Leads to a paragraph in ``docs/messages.md``."""
    message: str

    @classmethod
    def of(cls, error: SlicerError) -> FailureMessage:
        return cls(error.slug, str(error))

    def to_json(self) -> dict[str, Any]:
        return {"kind": "failure", **plain(asdict(self))}


def our_fault(error: Exception) -> SlicerError:
    """What we say when the mistake is ours."""
    return SlicerError(
        f"jupyter_slicer failed ({type(error).__name__}: {error}). Your variables are as they "
        "were. Please report it, with the traceback that appears when the environment "
        "variable JUPYTER_SLICER_DEBUG is set to 1."
    )


@dataclass(frozen=True, slots=True)
class StatusMessage:
    """Whether the kernel records, and what that has cost."""

    protocol: int
    version: str
    """Of this package in the kernel."""
    recording: str
    """``on`` or ``paused``."""
    running: bool
    """Whether a cell is running."""
    executions: int
    statements: int
    spent: float
    """Seconds that recording has cost."""
    ran: float
    """Seconds that the user's cells took, recording included."""
    history: str
    """Where the history goes, in words."""
    incomplete: tuple[str, ...]
    """What was not recorded completely, and why."""

    def to_json(self) -> dict[str, Any]:
        return {"kind": "status", **plain(asdict(self))}


@dataclass(frozen=True, slots=True)
class VariableMessage:
    """One variable of the user's."""

    name: str
    type: str
    shape: str
    """``891×12``, or a length; empty for what has neither."""
    bytes: int | None
    """Of the value itself, without what it refers to."""
    value: str
    """A short text; nothing of the value's own was run for it."""
    execution: int | None
    """The cell execution that last wrote it; None if that was not recorded."""
    stale: str | None
    """Why the value is out of date."""
    orphaned: str | None
    """Why no code in the notebook defines it."""


@dataclass(frozen=True, slots=True)
class ExecutionMessage:
    """One cell execution."""

    execution: int
    cell_id: str | None
    count: int | None
    text: str
    """Of the cell, as it ran."""
    outcome: str
    seconds: float


@dataclass(frozen=True, slots=True)
class VariablesMessage:
    """All variables, and the executions that the asker did not know yet."""

    running: bool
    """Whether a cell is running: what it does is not told yet."""
    variables: tuple[VariableMessage, ...]
    executions: tuple[ExecutionMessage, ...]

    def to_json(self) -> dict[str, Any]:
        return {"kind": "variables", **plain(asdict(self))}


@dataclass(frozen=True, slots=True)
class PlaceMessage:
    """Some lines of a cell execution."""

    execution: int
    cell_id: str | None
    count: int | None
    cell_lines: tuple[tuple[int, int], ...]
    text: str
    """What stands on the first of them."""


@dataclass(frozen=True, slots=True)
class ForwardMessage:
    """What depends on the value of a variable."""

    name: str
    variables: tuple[str, ...]
    places: tuple[PlaceMessage, ...]

    def to_json(self) -> dict[str, Any]:
        return {"kind": "forward", **plain(asdict(self))}


@dataclass(frozen=True, slots=True)
class StepMessage:
    """A statement instance in the graph."""

    step: int
    execution: int
    text: str
    """Its first line."""


@dataclass(frozen=True, slots=True)
class EdgeMessage:
    """Step ``target`` needed what step ``source`` wrote."""

    source: int
    target: int
    names: tuple[str, ...]
    """What carried it."""
    voucher: str
    """``observed``, ``static`` or ``assumed``: the strongest that stands behind it."""


@dataclass(frozen=True, slots=True)
class GraphMessage:
    """The dependence graph around a variable."""

    name: str
    selected: tuple[int, ...]
    """Steps with which a slice of the variable begins."""
    steps: tuple[StepMessage, ...]
    edges: tuple[EdgeMessage, ...]
    left_out: int
    """Steps that belong there and are too many to show."""

    def to_json(self) -> dict[str, Any]:
        return {"kind": "graph", **plain(asdict(self))}


@dataclass(frozen=True, slots=True)
class DocumentMessage:
    """A program as the text of a file."""

    format: str
    """``script`` or ``notebook``."""
    name: str
    """A file name to propose."""
    text: str

    def to_json(self) -> dict[str, Any]:
        return {"kind": "document", **plain(asdict(self))}


@dataclass(frozen=True, slots=True)
class ProgressMessage:
    """How a fresh run or a replay goes on; the answer follows."""

    words: str
    workers: tuple[of_runs.WorkerMessage, ...] = ()
    """Of a replay."""

    def to_json(self) -> dict[str, Any]:
        return {"kind": "progress", **plain(asdict(self))}


Message = (
    SliceMessage
    | FailureMessage
    | StatusMessage
    | VariablesMessage
    | ForwardMessage
    | GraphMessage
    | DocumentMessage
    | ProgressMessage
    | of_runs.RunsMessage
    | of_runs.CurvesMessage
    | of_runs.PlanMessage
    | of_runs.ReplayedMessage
)

_KINDS: dict[str, type[Any]] = {
    "slice": SliceMessage,
    "failure": FailureMessage,
    "status": StatusMessage,
    "variables": VariablesMessage,
    "forward": ForwardMessage,
    "graph": GraphMessage,
    "document": DocumentMessage,
    "progress": ProgressMessage,
    "runs": of_runs.RunsMessage,
    "curves": of_runs.CurvesMessage,
    "plan": of_runs.PlanMessage,
    "replayed": of_runs.ReplayedMessage,
}
_INSIDE: dict[tuple[str, str], type[Any]] = {
    ("slice", "statements"): StatementMessage,
    ("slice", "inputs"): InputMessage,
    ("variables", "variables"): VariableMessage,
    ("variables", "executions"): ExecutionMessage,
    ("forward", "places"): PlaceMessage,
    ("graph", "steps"): StepMessage,
    ("graph", "edges"): EdgeMessage,
    ("progress", "workers"): of_runs.WorkerMessage,
    ("runs", "runs"): of_runs.RunMessage,
    ("curves", "series"): of_runs.SeriesMessage,
    ("plan", "refused"): of_runs.LineMessage,
    ("plan", "watched"): of_runs.LineMessage,
    ("replayed", "divergences"): of_runs.DivergenceMessage,
    ("replayed", "failures"): of_runs.FailedMessage,
    ("plan", "carried"): of_runs.CarriedMessage,
    ("replayed", "series"): of_runs.SeriesMessage,
    ("replayed", "columns"): of_runs.ColumnMessage,
}


def message_from_json(told: dict[str, Any]) -> Message:
    """The message that ``to_json`` made this of; raises ``ValueError`` for anything else."""
    try:
        kind = told["kind"]
        if kind not in _KINDS:
            raise ValueError(f"not a message: kind {kind!r}")
        fields = {name: tuples(value) for name, value in told.items() if name != "kind"}
        for (of, name), inner in _INSIDE.items():
            if of == kind:
                fields[name] = tuple(
                    inner(**{key: tuples(value) for key, value in one.items()})
                    for one in told[name]
                )
        if kind == "slice":
            fields["verdict"] = VerdictMessage(**told["verdict"])
        return _KINDS[kind](**fields)  # type: ignore[no-any-return]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a message: {error}") from error
