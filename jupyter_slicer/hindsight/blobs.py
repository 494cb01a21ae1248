"""Buffers on disk, each under its hash: the same content is stored once."""

from __future__ import annotations

import mmap
import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from jupyter_slicer.errors import DamagedCheckpoint
from jupyter_slicer.values.hashing import hash_buffers, new_hash

_PIECE = 8 << 20
"""Bytes written at a time: between two pieces the user's thread may run."""


class Blobs:
    """A folder of files; each is whole or not there."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def place(self, digest: str) -> str:
        return os.path.join(self.folder, digest[:2], digest[2:])

    def put(self, content: memoryview | bytes, digest: str | None = None) -> tuple[str, int]:
        """Write, unless it is there; gives the digest and how many bytes were written."""
        view = memoryview(content).cast("B") if len(content) else memoryview(b"")
        digest = digest or digest_of(view)
        place = self.place(digest)
        if os.path.exists(place):
            with suppress(OSError):
                os.utime(place)  # young again: what is about to be used is not swept
            return digest, 0
        _make_private(os.path.dirname(place))
        part = f"{place}.{uuid.uuid4().hex}.part"
        try:
            self._write(part, view)
            os.replace(part, place)
            _sync_folder(os.path.dirname(place))
        except BaseException:
            with suppress(OSError):
                os.unlink(part)
            raise
        return digest, len(view)

    def put_live(self, view: memoryview) -> tuple[str, int]:
        """Write memory that others may change, piece by piece, each copied in one go; gives
        the digest of what was written, and how many bytes are new."""
        known = digest_of(view)
        if os.path.exists(self.place(known)):
            with suppress(OSError):
                os.utime(self.place(known))
            return known, 0
        _make_private(self.folder)
        part = os.path.join(self.folder, f"{uuid.uuid4().hex}.part")
        piece, hasher = bytearray(min(_PIECE, len(view))), new_hash()
        try:
            file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                for start in range(0, len(view), _PIECE):
                    size = min(_PIECE, len(view) - start)
                    piece[:size] = view[start : start + size]
                    copied = memoryview(piece)[:size]
                    hasher.update(copied)
                    while copied:
                        copied = copied[os.write(file, copied) :]
                os.fsync(file)
            finally:
                os.close(file)
            digest = bytes(hasher.digest()).hex()
            place = self.place(digest)
            if os.path.exists(place):
                os.unlink(part)
                os.utime(place)
                return digest, 0
            _make_private(os.path.dirname(place))
            os.replace(part, place)
            _sync_folder(os.path.dirname(place))
            return digest, len(view)
        except BaseException:
            with suppress(OSError):
                os.unlink(part)
            raise

    def _write(self, path: str, view: memoryview) -> None:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            for start in range(0, len(view), _PIECE):
                piece = view[start : start + _PIECE]
                while piece:
                    piece = piece[os.write(file, piece) :]
            os.fsync(file)
        finally:
            os.close(file)

    def get(self, digest: str, size: int) -> memoryview:
        """The content, writable, without touching the file. Raises ``DamagedCheckpoint``."""
        try:
            with open(self.place(digest), "rb") as file:
                if os.fstat(file.fileno()).st_size != size:
                    raise DamagedCheckpoint(digest, "it has another size")
                content: Any = bytearray()
                if size:
                    content = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_COPY)
        except OSError as error:
            raise DamagedCheckpoint(digest, error.strerror or str(error)) from error
        if digest_of(memoryview(content)) != digest:
            raise DamagedCheckpoint(digest, "its content is not what was written")
        return memoryview(content)

    def sizes(self) -> Iterator[tuple[str, int, float]]:
        """Digest, bytes and time of each file; what a killed writer left has no digest."""
        for top, _, names in os.walk(self.folder):
            for name in names:
                with suppress(OSError):
                    status = os.stat(os.path.join(top, name))
                    digest = "" if name.endswith(".part") else os.path.basename(top) + name
                    yield digest or os.path.join(top, name), status.st_size, status.st_mtime

    def drop(self, digests: Iterable[str]) -> None:
        for digest in digests:
            with suppress(OSError):
                os.unlink(digest if os.path.isabs(digest) else self.place(digest))


def digest_of(content: memoryview | bytes) -> str:
    return hash_buffers([content]).hex()


def _make_private(folder: str) -> None:
    """``makedirs`` would let others into all but the last one."""
    if not os.path.isdir(folder):
        _make_private(os.path.dirname(folder))
        with suppress(FileExistsError):
            os.mkdir(folder, 0o700)


def _sync_folder(path: str) -> None:
    with suppress(OSError):
        folder = os.open(path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
