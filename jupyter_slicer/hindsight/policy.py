"""When a checkpoint is worth its cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """What recording a loop may cost."""

    share: float = 0.02
    """Of the loop's time."""
    grace: float = 0.03
    """Seconds that a loop may cost at first, for the state before the first iteration where
    it is likely long, and beside its share for the state at its end."""
    little: float = 0.002
    """Seconds that the state before the first iteration may cost in any loop."""
    long: float = 0.5
    """Seconds: a loop that has run so long is kept."""
    rest: float = 4.0
    """After a checkpoint, the disk rests this many times as long as it was written to."""


@dataclass(frozen=True, slots=True)
class Account:
    """A loop at a boundary between two iterations."""

    elapsed: float
    """Seconds since it began."""
    spent: float
    """Seconds of them that went into checkpoints, and those that the other thread worked."""
    estimate: float
    """Seconds that the next one will take of both."""
    since_last: float
    """Seconds since the last checkpoint was written."""
    writing: float
    """Seconds that writing the last one took, in the background."""
    busy: bool
    """Whether the last one is still being written."""
    grace: float = 0.0
    """Seconds that this one may cost whatever the share says."""


def is_due(account: Account, policy: Policy) -> bool:
    """Whether to take a checkpoint at this boundary.

    Never two at a time; never when all checkpoints together, this one included, would
    cost more than the share.
    """
    if account.busy or account.since_last < policy.rest * account.writing:
        return False
    if account.spent + account.estimate <= account.grace:
        return True
    return account.spent + reserved(account.estimate) <= policy.share * account.elapsed


def reserved(estimate: float) -> float:
    """For a checkpoint, and for the one at the loop's end after it."""
    return 2 * estimate
