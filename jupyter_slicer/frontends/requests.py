"""What the panel asks, as values and as JSON.

A request is ``{"id": 7, "request": "slice", "name": "model"}``; what answers it is
``{"id": 7, "message": ...}`` with a message of ``messages.py``, any number of progress
messages first. ``tests/messages/requests/*.json`` are read by both test suites.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

PROTOCOL = 1
"""Raised when an older panel could not understand what is said."""


@dataclass(frozen=True, slots=True)
class StatusRequest:
    """Whether the kernel records."""


@dataclass(frozen=True, slots=True)
class VariablesRequest:
    """All variables with their marks."""

    known: int = 0
    """How many executions the asker knows already."""
    edited: Mapping[str, str] = field(default_factory=dict)
    """Cell id to its text now, for cells that differ from what ran last."""
    gone: tuple[str, ...] = ()
    """Cells that ran and are not in the notebook any more."""


@dataclass(frozen=True, slots=True)
class SliceRequest:
    """The program behind a variable."""

    name: str


@dataclass(frozen=True, slots=True)
class CellSliceRequest:
    """The program behind the output of a cell, or behind what it defined."""

    cell: str


@dataclass(frozen=True, slots=True)
class ExpressionSliceRequest:
    """The program behind an expression, which is evaluated for it, once."""

    expression: str


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """A fresh run of the slice that answered request ``of``."""

    of: int
    minimize: bool = False


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """End the fresh run or the replay that answers request ``of``."""

    of: int


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """The slice that answered request ``of``, as a file's text."""

    of: int
    format: str
    """``script`` or ``notebook``."""


@dataclass(frozen=True, slots=True)
class ForwardRequest:
    """What depends on a variable."""

    name: str


@dataclass(frozen=True, slots=True)
class GraphRequest:
    """The dependence graph around a variable."""

    name: str
    most: int = 2000
    """Statement instances, the nearest first."""


@dataclass(frozen=True, slots=True)
class RunsRequest:
    """Recorded training runs."""


@dataclass(frozen=True, slots=True)
class CurvesRequest:
    """What was logged in a run."""

    run: int


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What a replay with the cells as they are now would do."""

    run: int
    """0: the newest run of ``cell``."""
    cell: str
    """Id of the cell that is to be replayed; empty where the run says it."""
    cells: Mapping[str, str]
    """All code cells of the notebook, by their ids."""
    iterations: str = ""
    """As in ``3,7:12``; empty for all."""
    force: bool = False
    """Replay an edit that does more than log."""
    workers: int = 0
    """Processes; 0 for as many as the machine can run at once."""
    missing: bool = False
    """Only iterations that have not logged the names yet."""
    on: str = ""
    """Address of a Dask cluster; empty for this machine."""
    others: bool = False
    """Carry the lines to all runs that have not logged their names, in their own versions of
    the cell."""


@dataclass(frozen=True, slots=True)
class LogsRequest:
    """All that a run and its replays have logged, as the text of a CSV file."""

    run: int


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """Do what the plan says that answered request ``of``."""

    of: int


@dataclass(frozen=True, slots=True)
class FollowRequest:
    """How the replay that the kernel makes goes on, or what it has given."""


Request = (
    StatusRequest
    | VariablesRequest
    | SliceRequest
    | CellSliceRequest
    | ExpressionSliceRequest
    | VerifyRequest
    | CancelRequest
    | DocumentRequest
    | ForwardRequest
    | GraphRequest
    | RunsRequest
    | CurvesRequest
    | LogsRequest
    | PlanRequest
    | ReplayRequest
    | FollowRequest
)

_REQUESTS: dict[str, type[Any]] = {
    "status": StatusRequest,
    "variables": VariablesRequest,
    "slice": SliceRequest,
    "slice-cell": CellSliceRequest,
    "slice-expression": ExpressionSliceRequest,
    "verify": VerifyRequest,
    "cancel": CancelRequest,
    "document": DocumentRequest,
    "forward": ForwardRequest,
    "graph": GraphRequest,
    "runs": RunsRequest,
    "curves": CurvesRequest,
    "logs": LogsRequest,
    "plan": PlanRequest,
    "replay": ReplayRequest,
    "follow": FollowRequest,
}


def request_from_json(told: Any) -> tuple[int, Request]:
    """A request and its id; raises ``ValueError`` for what is none."""
    try:
        given = {k: _tuple(v) for k, v in told.items() if k not in ("id", "request")}
        kind = _REQUESTS[told["request"]]
        for one in fields(kind):
            wanted = _TYPES[str(one.type)]
            if one.name in given and type(given[one.name]) is not wanted:
                raise ValueError(f"not a request: {one.name} is no {wanted.__name__}")
        number = told["id"]
        if type(number) is not int:
            raise ValueError("not a request: it has no id")
        return number, kind(**given)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a request: {error}") from error


_TYPES: dict[str, type] = {
    "int": int,
    "str": str,
    "bool": bool,
    "tuple[str, ...]": tuple,
    "Mapping[str, str]": dict,
}


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
