"""The reading half: which kernels were recorded, and all about one of them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from jupyter_slicer.errors import UnknownKernel
from jupyter_slicer.store.database import open_database, store_error, transaction
from jupyter_slicer.store.place import MEMORY, store_path
from jupyter_slicer.store.records import KernelHistory, SessionSummary, StoreSize
from jupyter_slicer.store.rows import read_kernel, read_records
from jupyter_slicer.store.schema import OF_EXECUTION


class HistoryReader:
    """Reads a history; each call opens its own connection, so any thread may call."""

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self.path = store_path(path)

    def sessions(self) -> tuple[SessionSummary, ...]:
        """Recorded kernels, the last one first."""
        if not self._exists():
            return ()
        with self._connected() as connection:
            rows = connection.execute(_SESSIONS).fetchall()
        return tuple(
            SessionSummary(read_kernel(kernel), executions, statements, last)
            for *kernel, executions, statements, last in rows
        )

    def load(self, kernel: str) -> KernelHistory:
        """All of one kernel, named by its id or by the beginning of it."""
        with self._connected_to(kernel) as (connection, key):
            connection.execute("BEGIN")  # one state, even if that kernel goes on meanwhile
            row = connection.execute(f"SELECT {_KERNEL} FROM kernel WHERE key = ?", (key,))
            return KernelHistory(read_kernel(row.fetchone()), read_records(connection, key))

    def purge(self, kernel: str) -> str:
        """Delete all that is known of one kernel; gives its whole id."""
        with self._connected_to(kernel) as (connection, key):
            of_key = "SELECT id FROM kernel WHERE key = ?"
            whole: str = connection.execute(of_key, (key,)).fetchone()[0]
            _purge(connection, [key])
        return whole

    def purge_all(self) -> int:
        """Delete everything; gives the number of kernels forgotten."""
        if not self._exists():
            return 0
        with self._connected() as connection:
            keys = [key for (key,) in connection.execute("SELECT key FROM kernel")]
            _purge(connection, keys)
        return len(keys)

    def size(self) -> StoreSize:
        if not self._exists():
            return StoreSize(self.path, 0, 0, 0, 0)
        with self._connected() as connection:
            counts = [
                connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in ("kernel", "execution", "source")
            ]
        files = [self.path + tail for tail in ("", "-wal")]
        taken = sum(os.path.getsize(file) for file in files if os.path.exists(file))
        return StoreSize(self.path, taken, *counts)

    def _exists(self) -> bool:
        return self.path != MEMORY and os.path.exists(self.path)

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        with closing(open_database(self.path, wait=5.0)) as connection:
            try:
                yield connection
            except sqlite3.Error as error:
                raise store_error(error, self.path) from error

    @contextmanager
    def _connected_to(self, kernel: str) -> Iterator[tuple[sqlite3.Connection, int]]:
        if not self._exists():
            raise UnknownKernel(kernel, ())
        with self._connected() as connection:
            yield connection, _key_of(connection, kernel)


_KERNEL = "id, started, pid, python, folder, notebook, environment"
_SESSIONS = f"""
    SELECT {_KERNEL},
        (SELECT count(*) FROM execution WHERE kernel = kernel.key),
        (SELECT count(*) FROM statement WHERE kernel = kernel.key),
        (SELECT max(started) FROM execution WHERE kernel = kernel.key) AS last
    FROM kernel ORDER BY last DESC, kernel.key DESC
"""


def _key_of(connection: sqlite3.Connection, kernel: str) -> int:
    rows = connection.execute("SELECT key, id FROM kernel ORDER BY key DESC").fetchall()
    found = [key for key, id_ in rows if kernel and id_.startswith(kernel)]
    exact = [key for key, id_ in rows if id_ == kernel]
    if len(exact or found) != 1:
        raise UnknownKernel(kernel, [id_ for _, id_ in rows], ambiguous=len(found) > 1)
    return int((exact or found)[0])


def _purge(connection: sqlite3.Connection, keys: list[int]) -> None:
    """Rows of these kernels, and texts that no other kernel ran, overwritten on disk."""
    connection.execute("PRAGMA secure_delete = ON")
    with transaction(connection):
        for table in (*OF_EXECUTION, "location", "execution"):
            connection.executemany(
                f"DELETE FROM {table} WHERE kernel = ?", [(k,) for k in keys]
            )
        connection.executemany("DELETE FROM kernel WHERE key = ?", [(k,) for k in keys])
        connection.execute(
            "DELETE FROM source WHERE sha256 NOT IN"
            " (SELECT raw FROM execution UNION SELECT source FROM execution)"
        )
    # A purged secret must not live on in the log or in free pages. Other kernels that
    # write at this moment only delay that.
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
