"""What a fresh run said."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """The five answers of a fresh run, and the honest sixth: nobody ran it."""

    SAME = "same"
    DIFFERENT = "different"
    NOT_COMPARABLE = "not comparable"
    NONDETERMINISTIC = "nondeterministic"
    DID_NOT_RUN = "did not run"
    NOT_VERIFIED = "not verified"


@dataclass(frozen=True, slots=True)
class ValueComparison:
    """One criterion expression, in the kernel and in the fresh run."""

    expression: str
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict over all values, why, and what the user can do about it."""

    verdict: Verdict
    reason: str = ""
    """One sentence, in notebook words."""
    seconds: float = 0.0
    """How long the fresh run took."""
    values: tuple[ValueComparison, ...] = ()
    runs: int = 0
    """Fresh runs made, repairs included."""

    def __str__(self) -> str:
        return self.verdict.value + (f": {self.reason}" if self.reason else "")
