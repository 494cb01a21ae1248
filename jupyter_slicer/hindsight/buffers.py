"""The big buffers of a state: copied to memory that is used again, or known already.

A buffer that two looks found unchanged is taken to be constant: from then on only a
sample of it is read at each checkpoint, and the whole at every second, fourth, eighth …
one. What turns out to have changed in between is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from jupyter_slicer.hindsight.blobs import digest_of
from jupyter_slicer.values.hashing import hash_buffers

DEFERRED = 4 << 20
"""Bytes from which on a buffer that looks constant is not copied at first, but read by
the background: it is taken if it has not changed meanwhile."""
_STEADY = 2
"""So often must a buffer be found unchanged before samples do."""
_RESTLESS = 2
"""After so many changes in a row nobody looks whether it has changed again."""
_SAMPLES = 64
_SAMPLE = 64
"""Bytes of each sample."""
_WHOLE = 1 << 18
"""Up to this size, samples would not be quicker than the whole."""


@dataclass(slots=True)
class Taken:
    """A buffer at one checkpoint."""

    size: int
    digest: str | None
    """None until somebody has read the copy."""
    copy: memoryview | None
    key: tuple[int, int]
    live: memoryview | None = None
    """The user's own memory, where it is yet to be read."""
    sample: bytes = b""


@dataclass(slots=True)
class _Known:
    digest: str
    sample: bytes
    same: int = 0
    changes: int = 0
    looks: int = 0
    since: int = 0
    """The checkpoint at which the whole was last read."""


@dataclass
class Buffers:
    """Memory for copies, and what is known of each buffer of the user's."""

    _known: dict[tuple[int, int], _Known] = field(default_factory=dict)
    _copies: list[bytearray] = field(default_factory=list)
    doubtful: list[tuple[str, int]] = field(default_factory=list)
    """Digests that stood for a buffer which had changed, and the checkpoint since which
    they may be wrong."""

    def take(
        self,
        views: Sequence[memoryview],
        number: int,
        thorough: bool = False,
        constant_from: int = 1 << 60,
    ) -> list[Taken]:
        """The content of each, as it is now.

        Large ones from number ``constant_from`` on that nobody has met are deferred.
        """
        taken: list[Taken] = []
        used = 0
        for index, view in enumerate(views):
            size = view.nbytes
            key = (_address(view), size)
            if index >= constant_from and size >= DEFERRED and key not in self._known:
                taken.append(Taken(size, None, None, key, view, _sample(view)))
                continue
            digest = self._unchanged(key, view, number, thorough)
            copy = None
            if digest is None:
                copy = self._room(used, size)
                copy[:] = view
                used += 1
            taken.append(Taken(size, digest, copy, key))
        return taken

    def _unchanged(
        self, key: tuple[int, int], view: memoryview, number: int, thorough: bool
    ) -> str | None:
        known = self._known.get(key)
        if known is None or (known.changes >= _RESTLESS and not known.same):
            return None
        known.looks += 1
        presumed = known.same >= _STEADY and known.looks & (known.looks - 1)
        if presumed and not thorough and _sample(view) == known.sample:
            return known.digest
        now = digest_of(view)
        if now == known.digest:
            known.same, known.changes, known.since = known.same + 1, 0, number
            return now
        if known.same >= _STEADY:
            self.doubtful.append((known.digest, known.since))
        known.same, known.changes = 0, known.changes + 1
        return None

    def confirm(self, one: Taken) -> bool:
        """A deferred buffer has been read: is it still what it was when it was met?"""
        assert one.live is not None
        same = _sample(one.live) == one.sample and digest_of(one.live) == one.digest
        known = self._known[one.key] = _Known(one.digest or "", one.sample)
        # From here on, samples; the whole at the eighth look.
        known.same, known.looks = (_STEADY, 4) if same else (0, 0)
        known.changes = 0 if same else _RESTLESS
        one.live = None
        return same

    @property
    def steady(self) -> int:
        """Bytes that a thorough look reads."""
        return sum(size for (_, size), k in self._known.items() if k.same >= _STEADY)

    def learn(self, taken: Sequence[Taken], number: int) -> None:
        """The copies have been read: what was in them is known."""
        for one in taken:
            if one.copy is None or one.digest is None:
                continue
            known = self._known.get(one.key)
            if known is None:
                known = self._known[one.key] = _Known("", b"")
            elif known.digest == one.digest:
                known.same += 1
            else:
                known.same, known.changes = 0, known.changes + 1
            known.digest, known.sample, known.since = one.digest, _sample(one.copy), number

    def _room(self, used: int, size: int) -> memoryview:
        """Memory of the right size: touching new pages costs five times the copy."""
        if used == len(self._copies):
            self._copies.append(bytearray(size))
        elif len(self._copies[used]) < size:
            self._copies[used] = bytearray(size)
        return memoryview(self._copies[used])[:size]

    @property
    def held(self) -> int:
        """Bytes of memory for copies."""
        return sum(map(len, self._copies))


def _sample(view: memoryview) -> bytes:
    size = view.nbytes
    if size <= _WHOLE:
        return hash_buffers([view])
    step = (size - _SAMPLE) // (_SAMPLES - 1)
    return hash_buffers(view[i * step : i * step + _SAMPLE] for i in range(_SAMPLES))


def _address(view: memoryview) -> int:
    import ctypes

    if view.readonly:
        return id(view.obj)
    return ctypes.addressof(ctypes.c_char.from_buffer(view))
