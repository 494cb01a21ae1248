"""The writing half: one transaction for each cell execution."""

from __future__ import annotations

import ctypes
import os
import sqlite3
import threading
import warnings
import weakref
from collections.abc import Callable
from contextlib import suppress

from jupyter_slicer.domain import Location
from jupyter_slicer.errors import DamagedStore, StoreError
from jupyter_slicer.store.database import (
    is_damage,
    is_locked,
    open_database,
    set_aside,
    transaction,
)
from jupyter_slicer.store.place import MEMORY, store_path
from jupyter_slicer.store.records import (
    ExecutionRecord,
    KernelHistory,
    KernelInfo,
    StoreStatus,
)
from jupyter_slicer.store.rows import kernel_row, read_records, record_rows
from jupyter_slicer.store.schema import OF_EXECUTION

PATIENCE = 1.0
"""Seconds for which an append waits while another kernel writes. Eight kernels that
write flat out keep each other waiting for less than half of it."""


class StoreWarning(UserWarning):
    """The history does not go where it should."""


def _warn(message: str) -> None:
    warnings.warn(message, StoreWarning, stacklevel=2)


class HistoryWriter:
    """Appends one kernel's cell executions; never raises because of the store.

    Whatever happens to the file, the record goes on in memory, with one warning.
    Once ``append`` returns, a killed process loses nothing of what was appended,
    unless the status says otherwise.
    """

    def __init__(
        self,
        kernel: KernelInfo,
        path: str | os.PathLike[str] | None = None,
        warn: Callable[[str], None] = _warn,
    ) -> None:
        self.kernel = kernel
        self._warn = warn
        self._path = store_path(path)
        self._pid = os.getpid()
        self._lock = threading.RLock()
        self._trouble: str | None = None
        self._appended = 0
        self._waiting: list[ExecutionRecord] = []
        self._key: int | None = None
        self._locations: dict[Location, int] = {}
        self._connection: sqlite3.Connection | None = None
        self._open()
        _writers.add(self)

    def append(self, record: ExecutionRecord) -> None:
        """Keep a record; one with an id that is there already takes its place."""
        if os.getpid() != self._pid:
            return  # a forked child; SQLite connections do not survive a fork
        with self._lock:
            self._appended += 1
            self._waiting.append(record)
            self._flush()

    def load(self) -> KernelHistory:
        """This kernel's record as it is in the database or in memory."""
        if os.getpid() != self._pid:
            return KernelHistory(self.kernel, ())
        with self._lock:
            self._flush()
            if self._connection is None:
                return KernelHistory(self.kernel, tuple(self._waiting))
            stored = () if self._key is None else read_records(self._connection, self._key)
            return KernelHistory(self.kernel, (*stored, *self._waiting))

    @property
    def path(self) -> str:
        """Where the history is kept now."""
        return self._path

    def status(self) -> StoreStatus:
        return StoreStatus(self._path, self._trouble, self._appended, len(self._waiting))

    def close(self) -> None:
        """Write what waits, waiting longer for it than an append may, and let go."""
        if os.getpid() != self._pid:
            return
        with self._lock:
            if self._connection is not None:
                with suppress(sqlite3.Error):
                    self._connection.execute("PRAGMA busy_timeout = 5000")
                self._flush()
                self._connection.close()
                self._connection = None
        _writers.discard(self)

    def _open(self) -> None:
        try:
            self._connection = open_database(self._path, PATIENCE)
        except DamagedStore:
            self._begin_anew()
        except (StoreError, OSError) as error:
            self._fall_back(str(error))

    def _begin_anew(self) -> None:
        """Keep the damaged file under another name and start an empty one."""
        known = self._let_go()
        try:
            aside = set_aside(self._path)
            self._connection = open_database(self._path, PATIENCE)
        except (StoreError, OSError) as error:
            self._waiting[:0] = known
            self._fall_back(str(error))
            return
        self._waiting[:0] = known
        self._tell(
            f"The history {self._path} was damaged. It was kept as {aside} and a new "
            "history was begun."
        )

    def _fall_back(self, why: str) -> None:
        """Go on in memory."""
        self._waiting[:0] = self._let_go()
        self._path = MEMORY
        self._connection = open_database(MEMORY)
        self._trouble = why
        self._tell(
            f"{why} The history of this kernel is kept in memory from now on and will "
            "be lost with it."
        )

    def _let_go(self) -> tuple[ExecutionRecord, ...]:
        """Close the database; gives what can still be read of this kernel's record."""
        known: tuple[ExecutionRecord, ...] = ()
        with suppress(Exception):
            if self._connection is not None and self._key is not None:
                known = read_records(self._connection, self._key)
        with suppress(Exception):
            if self._connection is not None:
                self._connection.close()
        self._connection, self._key, self._locations = None, None, {}
        return known

    def _tell(self, message: str) -> None:
        # The user may have turned warnings into errors.
        with suppress(Exception):
            self._warn(message)

    def _flush(self) -> None:
        while self._waiting and self._connection is not None:
            try:
                self._write(self._connection, self._waiting[0])
            except sqlite3.DatabaseError as error:
                if is_locked(error):
                    return
                self._recover(error)
            except Exception as error:
                self._trouble = f"One execution could not be stored: {error!r}."
                self._tell(self._trouble)
                del self._waiting[0]
            else:
                del self._waiting[0]

    def _recover(self, error: sqlite3.DatabaseError) -> None:
        if self._path == MEMORY or isinstance(error, sqlite3.ProgrammingError):
            # Memory cannot be had, or the record itself cannot be bound: dropping it
            # is all that is left.
            self._trouble = f"One execution could not be stored: {error}."
            self._tell(self._trouble)
            del self._waiting[0]
        elif is_damage(error):
            self._begin_anew()
        else:
            self._fall_back(f"The history {self._path} cannot be written: {error}.")

    def _write(self, connection: sqlite3.Connection, record: ExecutionRecord) -> None:
        with transaction(connection):
            key, locations = self._kernel_key(connection), self._locations
            if key != self._key:
                locations = {}
            _forget(connection, key, record.execution.id)
            rows = record_rows(key, record, locations)
            rows.insert(connection)
        # Only now: a transaction that was rolled back has left no keys behind.
        self._key = key
        self._locations = locations
        self._locations.update(rows.new_locations)

    def _kernel_key(self, connection: sqlite3.Connection) -> int:
        """Its row is written with the first execution, and again after a purge."""
        found = connection.execute("SELECT key FROM kernel WHERE id = ?", (self.kernel.id,))
        row = found.fetchone()
        if row is not None:
            return int(row[0])
        inserted = connection.execute(
            "INSERT INTO kernel (id, started, pid, python, folder, notebook, environment)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            kernel_row(self.kernel),
        )
        return int(inserted.lastrowid or 0)


def _forget(connection: sqlite3.Connection, kernel: int, execution: int) -> None:
    where = "WHERE kernel = ? AND"
    at = (kernel, execution)
    if connection.execute(f"DELETE FROM execution {where} id = ?", at).rowcount:
        for table in OF_EXECUTION:
            connection.execute(f"DELETE FROM {table} {where} execution = ?", at)


_writers: weakref.WeakSet[HistoryWriter] = weakref.WeakSet()


def _abandon_connections() -> None:
    """In a forked child: never use the parent's connections, nor let them be closed."""
    for writer in _writers:
        if writer._connection is not None:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(writer._connection))
            writer._connection = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_abandon_connections)
