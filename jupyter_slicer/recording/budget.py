"""What watching may cost: a little for each statement, and a share of what it took."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Budget:
    """An account in seconds: earned by the user's own running time, spent on looks."""

    def __init__(self, share: float = 0.05, each: float = 0.0015, most: float = 0.5) -> None:
        self.share = share
        self.each = each
        self.most = most
        self.balance = each

    def earn(self, seconds: float) -> None:
        """A statement of the user's ran for so long."""
        self.balance = min(self.balance + self.each + self.share * seconds, self.most)

    def afford(self, seconds: float) -> bool:
        """Take the sum from the account if it is there."""
        if seconds > self.balance:
            return False
        self.balance -= seconds
        return True

    @contextmanager
    def generous(self, seconds: float) -> Iterator[None]:
        """Somebody is waiting for an answer: spend up to ``seconds`` for it."""
        saved, self.balance = self.balance, seconds
        try:
            yield
        finally:
            self.balance = saved
