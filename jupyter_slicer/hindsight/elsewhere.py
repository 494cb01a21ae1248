"""Checkpoints in a place that fsspec knows: ``s3://…``, ``memory://…``, a mounted share.

What is asked for comes to the local folder first, where replays read it: they have no network.
"""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from jupyter_slicer.errors import DamagedCheckpoint, StoreError
from jupyter_slicer.hindsight.blobs import Blobs, digest_of, make_private
from jupyter_slicer.store.place import check_private

VARIABLE = "JUPYTER_SLICER_CHECKPOINTS"


def blobs_of(folder: str, history: str, url: str | None = None) -> Blobs:
    """Local ones, unless the environment says another place; each history has its own part
    of it, which nobody else sweeps."""
    url = os.environ.get(VARIABLE, "") if url is None else url
    if not url:
        return Blobs(folder)
    if "://" not in url or url.startswith("file://"):
        place = os.path.expanduser(url.removeprefix("file://"))
        return GuardedBlobs(os.path.join(os.path.abspath(place), _part_of(history)))
    return RemoteBlobs(folder, f"{url.rstrip('/')}/{_part_of(history)}")


def _part_of(history: str) -> str:
    import uuid

    return digest_of(f"{uuid.getnode()} {os.path.realpath(history)}".encode())[:16]


class GuardedBlobs(Blobs):
    """In a folder that others may see; what is read there is code, so nobody else may have
    written it."""

    def put(self, content: memoryview | bytes, digest: str | None = None) -> tuple[str, int]:
        self._check()
        return super().put(content, digest)

    def put_live(self, view: memoryview) -> tuple[str, int]:
        self._check()
        return super().put_live(view)

    def get(self, digest: str, size: int) -> memoryview:
        self._check()
        return super().get(digest, size)

    def _check(self) -> None:
        make_private(self.folder)
        check_private(self.folder)


class RemoteBlobs(Blobs):
    """Written to the other place alone; the local folder holds what is being read."""

    def __init__(self, folder: str, url: str) -> None:
        super().__init__(folder)
        self.url = url
        self._opened: tuple[Any, str] | None = None

    @property
    def _there(self) -> tuple[Any, str]:
        if self._opened is None:
            try:
                fsspec: Any = importlib.import_module("fsspec")
                self._opened = fsspec.core.url_to_fs(self.url)
            except (ImportError, ValueError) as error:
                raise StoreError(
                    f"Checkpoints cannot go to {self.url}: {error}. It needs  pip install "
                    f"fsspec  and what that needs for such an address; or unset {VARIABLE}."
                ) from error
        return self._opened

    def _remote(self, digest: str) -> str:
        return f"{self._there[1]}/{digest[:2]}/{digest[2:]}"

    def put(self, content: memoryview | bytes, digest: str | None = None) -> tuple[str, int]:
        data = bytes(content)
        digest = digest or digest_of(data)
        system, place = self._there[0], self._remote(digest)
        if system.exists(place):
            return digest, 0
        system.makedirs(place.rpartition("/")[0], exist_ok=True)
        # Whole or not there, as such places write; what is read is compared with its digest.
        system.pipe_file(place, data)
        return digest, len(data)

    def put_live(self, view: memoryview) -> tuple[str, int]:
        return self.put(bytes(view))

    def get(self, digest: str, size: int) -> memoryview:
        self.bring([(digest, size)])
        return super().get(digest, size)

    def has(self, digest: str, size: int) -> bool:
        try:
            return bool(self._there[0].size(self._remote(digest)) == size)
        except OSError:
            return super().has(digest, size)

    def bring(self, files: Iterable[tuple[str, int]]) -> None:
        for digest, size in files:
            if super().has(digest, size):
                continue
            try:
                data = self._there[0].cat_file(self._remote(digest))
            except OSError as error:
                raise DamagedCheckpoint(digest, str(error)) from error
            super().put(data, digest)

    def sizes(self) -> Iterator[tuple[str, int, float]]:
        """Those of the other place; what was brought here has served, and goes with a sweep."""
        for place, _, written in super().sizes():
            if written < time.time() - 60:
                yield self.place(place) if not os.path.isabs(place) else place, 0, 0.0
        system, top = self._there
        with suppress(FileNotFoundError):
            for path, found in system.find(top, detail=True).items():
                digest = "".join(path.split("/")[-2:])
                yield digest, int(found.get("size") or 0), _time_of(found)

    def drop(self, digests: Iterable[str]) -> None:
        here = [d for d in digests if os.path.isabs(d)]
        super().drop(here)
        for digest in digests:
            if digest not in here:
                with suppress(OSError):
                    self._there[0].rm_file(self._remote(digest))


def _time_of(found: dict[str, Any]) -> float:
    """When a file was written; where the place does not say, now: it is not swept then."""
    for name in ("mtime", "created", "LastModified", "updated"):
        value = found.get(name)
        if isinstance(value, datetime):
            return value.timestamp()
        if isinstance(value, (int, float)):
            return float(value)
    return time.time()
