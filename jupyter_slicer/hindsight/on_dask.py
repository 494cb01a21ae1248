"""The same replays on the workers of a Dask cluster that sees the store's folder."""

from __future__ import annotations

import importlib
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from jupyter_slicer.errors import CannotReplay
from jupyter_slicer.hindsight.replaying import Worker

PATIENCE = 15
"""So many seconds a scheduler has to answer."""


class Cluster:
    """A connection to a scheduler; ``close`` it."""

    def __init__(self, address: str) -> None:
        try:
            self._distributed: Any = importlib.import_module("distributed")
        except ImportError:
            raise CannotReplay("--on needs Dask:  pip install distributed") from None
        try:
            self._client = self._distributed.Client(
                address, timeout=PATIENCE, set_as_default=False
            )
        except (OSError, ValueError) as error:
            raise CannotReplay(f"No Dask scheduler answers at {address}: {error}") from error

    @property
    def workers(self) -> int:
        return max(1, len(self._client.scheduler_info(n_workers=-1)["workers"]))

    def start(self, request: str, folder: str, inputs: Iterable[str]) -> DaskWorker:
        return DaskWorker(self._distributed, self._client, request, folder, inputs)

    def close(self) -> None:
        self._client.close()


@contextmanager
def cluster_at(address: str | None) -> Iterator[Cluster | None]:
    """A connection for as long as it is needed; none without an address."""
    if not address:
        yield None
        return
    cluster = Cluster(address)
    try:
        yield cluster
    finally:
        cluster.close()


class DaskWorker:
    """One fresh process on the cluster; it tells all at its end."""

    def __init__(
        self, distributed: Any, client: Any, request: str, folder: str, inputs: Iterable[str]
    ) -> None:
        name = f"jupyter-slicer-{uuid.uuid4().hex}"
        self._stop = distributed.Event(name, client=client)
        self._future = client.submit(
            run_there, request, folder, tuple(inputs), name, key=name, pure=False, retries=0
        )
        self._told = False
        self.failure = ""
        self.ended = threading.Event()
        self._future.add_done_callback(lambda future: self.ended.set())

    def news(self) -> Iterator[tuple[Any, ...]]:
        if self._told or not self.ended.is_set():
            return
        self._told = True
        if self._future.status != "finished":
            self.failure = f"the cluster says: {self._future.status}"
            return
        told, self.failure = self._future.result()
        yield from told

    def cancel(self) -> None:
        if not self.ended.is_set():
            self._stop.set()

    def close(self) -> None:
        self.cancel()


def run_there(
    request: str, folder: str, inputs: tuple[str, ...], stop: str
) -> tuple[list[tuple[Any, ...]], str]:
    """In a worker of the cluster: all that a fresh process told, and why it failed."""
    distributed: Any = importlib.import_module("distributed")
    asked_to_stop = distributed.Event(stop)
    environment: Mapping[str, str] | None = None
    worker = Worker(request, folder, inputs, environment)
    told: list[tuple[Any, ...]] = []
    try:
        while not worker.ended.wait(0.3):
            told += worker.news()
            if asked_to_stop.is_set():
                worker.cancel()
        told += worker.news()
    finally:
        worker.close()
    return told, worker.failure
