"""``log``, ``param`` and ``loop``: what a user writes; harmless where nobody listens."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Listener(Protocol):
    """Takes what is logged."""

    def log(self, name: str, value: Any) -> None: ...
    def param(self, name: str, default: Any) -> Any: ...
    def loop(self, name: str, items: Iterable[T]) -> Iterator[T]: ...


class _Listening:
    """Who listens now: the kernel's watch, or a replay."""

    now: Listener | None = None


def listen(listener: Listener | None) -> Listener | None:
    """From here on ``listener`` is told; gives the one before."""
    before, _Listening.now = _Listening.now, listener
    return before


def log(name: str, value: T) -> T:
    """Log a value under a name; gives it back.

    In a recorded loop the iteration is kept with it, and ``%hindsight frame`` shows it.
    Elsewhere it does nothing.
    """
    if _Listening.now is not None:
        _Listening.now.log(name, plain(value))
    return value


def param(name: str, default: T) -> T:
    """A hyper-parameter by name: kept with the run. Gives the value."""
    if _Listening.now is not None:
        found: T = _Listening.now.param(name, default)
        return found
    return default


def loop(name: str, items: Iterable[T]) -> Iterator[T]:
    """A loop that shall be recorded from its first iteration, whatever it looks like.

    >>> for epoch in loop("epoch", range(3)):
    ...     pass
    """
    if _Listening.now is not None:
        return _Listening.now.loop(name, items)
    return iter(items)


def plain(value: Any) -> Any:
    """A number for what holds one number; a copy of anything that may change."""
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        kept = value.detach().cpu()
        return kept.item() if kept.numel() == 1 else kept.numpy().copy()
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, (numpy.ndarray, numpy.generic)):
        return value.item() if value.size == 1 else value.copy()
    import copy

    try:
        return copy.deepcopy(value)
    except Exception:
        return repr(value)
