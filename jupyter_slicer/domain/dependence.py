"""Dependences: which statement instance needed which."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from jupyter_slicer.domain.location import Location
from jupyter_slicer.domain.step import Step


class DependenceKind(Enum):
    """Why the target needs the source."""

    DATA = "data"
    CONTROL = "control"


class Voucher(Enum):
    """What stands behind a dependence, strongest first."""

    OBSERVED = "observed"
    """The live kernel was seen to change or to be read there."""
    STATIC = "static"
    """The text says that it could."""
    ASSUMED = "assumed"
    """Looking was too costly or impossible; what could have happened is taken to have."""


@dataclass(frozen=True, slots=True)
class Dependence:
    """An arrow from what wrote to what needed it; slicing back walks against it."""

    source: Step
    target: Step
    kind: DependenceKind
    location: Location | None = None
    """What carried the value; None for a control dependence."""
    voucher: Voucher = Voucher.OBSERVED

    def __hash__(self) -> int:
        # Of all its parts it would take ten times as long, and slices ask for it a lot.
        return hash((self.source, self.target))
