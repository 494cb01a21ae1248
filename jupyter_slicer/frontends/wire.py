"""What all messages share on their way to JSON and back."""

from __future__ import annotations

from typing import Any


def tuples(value: Any) -> Any:
    return tuple(map(tuples, value)) if isinstance(value, list) else value


def plain(value: Any) -> Any:
    """Tuples are lists in JSON; making them so here keeps round trips equal."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, tuple | list) else value
