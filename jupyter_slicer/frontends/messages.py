"""What front ends are told, as values and as JSON.

``labextension/src/messages.ts`` says the same; ``tests/messages/*.json`` are read by both
test suites.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from jupyter_slicer.domain import Verification
from jupyter_slicer.errors import SlicerError

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

    @classmethod
    def of(cls, found: Verification) -> VerdictMessage:
        return cls(found.verdict.value, found.reason, round(found.seconds, 3), found.runs)


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
        return {"kind": "slice", **_plain(asdict(self))}


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
        return {"kind": "failure", **_plain(asdict(self))}


Message = SliceMessage | FailureMessage


def message_from_json(told: dict[str, Any]) -> Message:
    """The message that ``to_json`` made this of; raises ``ValueError`` for anything else."""
    try:
        fields = {name: value for name, value in told.items() if name != "kind"}
        if told["kind"] == "failure":
            return FailureMessage(**fields)
        if told["kind"] == "slice":
            fields["statements"] = tuple(StatementMessage(**s) for s in told["statements"])
            fields["inputs"] = tuple(InputMessage(**i) for i in told["inputs"])
            fields["notes"] = tuple(told["notes"])
            fields["verdict"] = VerdictMessage(**told["verdict"])
            return SliceMessage(**fields)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a message: {error}") from error
    raise ValueError(f"not a message: kind {told['kind']!r}")


def _plain(value: Any) -> Any:
    """Tuples are lists in JSON; making them so here keeps round trips equal."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, tuple | list) else value
