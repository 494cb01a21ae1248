"""Which environment variables a statement reads.

Reading ``os.environ`` raises no audit event. Its backing dictionary is replaced, while
recording is on, by one that notes the keys it is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any


class _NotingDict(dict[Any, Any]):
    """A dictionary that remembers which keys were read; None stands for all."""

    def __init__(self, content: dict[Any, Any]) -> None:
        super().__init__(content)
        self.noted: set[Any] = set()

    def __getitem__(self, key: Any) -> Any:
        self.noted.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: Any) -> bool:
        self.noted.add(key)
        return super().__contains__(key)

    def __iter__(self) -> Iterator[Any]:
        self.noted.add(None)
        return super().__iter__()


class EnvironmentLog:
    """Swaps the backing dictionary in and out."""

    def __init__(self) -> None:
        self._original: dict[Any, Any] | None = None
        self._noting: _NotingDict | None = None

    def start(self) -> None:
        data = getattr(os.environ, "_data", None)
        if type(data) is dict:
            self._original, self._noting = data, _NotingDict(data)
            self._put(self._noting)

    def stop(self) -> None:
        if self._original is not None and self._noting is not None:
            self._original.clear()
            self._original.update(dict.items(self._noting))
            self._put(self._original)
            self._original = self._noting = None

    def _put(self, data: dict[Any, Any]) -> None:
        os.environ._data = data  # type: ignore[attr-defined]
        if hasattr(os, "environb"):
            os.environb._data = data  # type: ignore[attr-defined]

    def take(self) -> set[str | None]:
        """Names read since the last call; None when all of them were."""
        if self._noting is None:
            return set()
        noted, self._noting.noted = self._noting.noted, set()
        return {os.fsdecode(k) if isinstance(k, bytes) else k for k in noted}
