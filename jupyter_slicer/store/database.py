"""Opening the database: private, migrated, and never a stranger's."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime

from jupyter_slicer.errors import DamagedStore, NewerStore, StoreError
from jupyter_slicer.store.place import MEMORY, prepare_file
from jupyter_slicer.store.schema import APPLICATION_ID, MIGRATIONS


def open_database(
    path: str,
    wait: float = 1.0,
    migrations: Sequence[str] = MIGRATIONS,
    application: int = APPLICATION_ID,
    table: str = "kernel",
) -> sqlite3.Connection:
    """A connection in autocommit mode, on tables of the version that we know.

    ``wait``: seconds for which one statement waits for another process's lock.
    ``application`` and one ``table`` of the file tell it from other files of ours.
    """
    if path != MEMORY:
        prepare_file(path)
    connection = None
    try:
        connection = sqlite3.connect(
            path, timeout=wait, isolation_level=None, check_same_thread=False
        )
        if path != MEMORY:
            _set_journal(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        _migrate(connection, path, migrations, application)
        connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    except BaseException as error:
        if connection is not None:
            connection.close()
        if isinstance(error, sqlite3.Error):
            raise store_error(error, path) from error
        raise
    return connection


def store_error(error: sqlite3.Error, path: str) -> StoreError:
    """The same trouble in words that say what to do."""
    if isinstance(error, sqlite3.DatabaseError) and is_damage(error):
        return DamagedStore(
            f"The history {path} cannot be read ({error}). Delete it, or keep it for a "
            "repair with  sqlite3 FILE .recover  and begin a new one."
        )
    return StoreError(f"The history {path} cannot be used: {error}.")


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken; locks, space and permissions are not damage."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_locked(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


@contextmanager
def transaction(connection: sqlite3.Connection, kind: str = "IMMEDIATE") -> Iterator[None]:
    """All or nothing.

    IMMEDIATE, because a plain BEGIN that reads and then writes fails at once with
    "database is locked" when another kernel wrote in between. DEFERRED is for what
    only reads, and reads more than once.
    """
    connection.execute(f"BEGIN {kind}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def set_aside(path: str, now: Callable[[], float] = time.time) -> str:
    """Rename a damaged database, its log with it; gives the new name."""
    date = datetime.fromtimestamp(now()).strftime("%Y-%m-%dT%H-%M-%S")
    aside, number = f"{path}.damaged-{date}", 1
    while os.path.exists(aside):
        aside, number = f"{path}.damaged-{date}-{number}", number + 1
    for tail in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.rename(path + tail, aside + tail)
    return aside


def _set_journal(connection: sqlite3.Connection) -> None:
    """WAL where the file system can do it; else the journal stays as it is."""
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
        return
    # Another kernel that starts at the same moment may hold the lock, and the change
    # of the journal does not wait for it.
    for _ in range(20):
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            if not is_locked(error):
                raise
            time.sleep(0.01)


def _migrate(
    connection: sqlite3.Connection, path: str, migrations: Sequence[str], application: int
) -> None:
    # What is read belongs together: a kernel that makes the tables between two of the
    # reads would look like another program's.
    with transaction(connection, "DEFERRED"):
        found = _version(connection, path, migrations, application)
    if found == len(migrations):
        return
    with transaction(connection):
        # Once more: another kernel may have done it while we waited for the lock.
        for script in migrations[_version(connection, path, migrations, application) :]:
            for statement in _statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute(f"PRAGMA application_id = {application}")


def _version(
    connection: sqlite3.Connection, path: str, migrations: Sequence[str], application: int
) -> int:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if owner != application and (tables or version):
        raise StoreError(f"{path} is a database of another program. Choose another file.")
    if version > len(migrations):
        raise NewerStore(
            f"The history {path} was written by a later version of jupyter_slicer "
            f"(format {version}, this one knows {len(migrations)}). Upgrade "
            "jupyter_slicer, or set JUPYTER_SLICER_STORE to another file."
        )
    return version


def _statements(script: str) -> Iterator[str]:
    """``executescript`` would commit first; this keeps the migration in one transaction."""
    text = ""
    for line in script.splitlines(keepends=True):
        text += line
        if sqlite3.complete_statement(text):
            yield text
            text = ""
