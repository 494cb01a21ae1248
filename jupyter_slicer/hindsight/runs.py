"""What is known of recorded runs: their rows, their checkpoints, their logs."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import sqlite3
import tempfile
import threading
import time
import uuid
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, fields
from typing import Any

from jupyter_slicer.errors import UnknownRun
from jupyter_slicer.hindsight.elsewhere import blobs_of
from jupyter_slicer.hindsight.lost import LostPart
from jupyter_slicer.hindsight.schema import APPLICATION_ID, MIGRATIONS, STATE_FORMAT
from jupyter_slicer.store.database import open_database, store_error, transaction
from jupyter_slicer.store.place import MEMORY, prepare_file, store_path

Path = tuple[int, ...]
"""Positions in the loops inside the recorded one, outer first."""


AFTER: Path = (-1,)
"""How the path of what was logged after the loop begins; its iteration is None."""

RECORDED = "recorded"
GENERATORS = ("generators", "turn", "cell")
"""States of generators that the surroundings of a run name: as the loop asked for its items, as
the turn of a sweep began, and as the cell did."""


@dataclass(frozen=True, slots=True)
class Run:
    """One time that a recorded loop ran."""

    kernel: str
    execution: int
    step: int
    position: int
    """Of the statement in its cell that contains the loop, or leads to it."""
    source: str
    """The cell, as IPython transformed it."""
    loop_source: str
    """Digest of the text in which the loop stands."""
    ordinal: int
    head: str
    folder: str
    entry: int = 0
    cell_id: str | None = None
    count: int | None = None
    notebook: str | None = None
    names: Mapping[str, Any] = field(default_factory=dict)
    surroundings: Mapping[str, Any] = field(default_factory=dict)
    program: Mapping[str, Any] | None = None
    threads: Mapping[str, int] = field(default_factory=dict)
    python: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)
    started: float = 0.0
    iterations: int = 0
    seconds: float = 0.0
    cost: float = 0.0
    outcome: str = "running"
    notes: tuple[str, ...] = ()
    id: int = 0

    @property
    def per_iteration(self) -> float:
        """Seconds."""
        return (self.seconds - self.cost) / self.iterations if self.iterations else 0.0


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state before an iteration, or after the last one."""

    run: int
    number: int
    stream: str
    stream_size: int
    buffers: tuple[tuple[str, int], ...]
    ending: bool = False
    """Taken when the loop had been left in iteration ``number - 1``."""
    elapsed: float = 0.0
    cost: float = 0.0
    written: int = 0
    doubt: str | None = None
    format: int = STATE_FORMAT
    lost: tuple[LostPart, ...] = ()
    """What it could not hold."""

    @property
    def size(self) -> int:
        return self.stream_size + sum(size for _, size in self.buffers)


def files_of(checkpoint: Checkpoint) -> list[tuple[str, int]]:
    """Digests and sizes of the files that a checkpoint consists of."""
    return [(checkpoint.stream, checkpoint.stream_size), *checkpoint.buffers]


def files_of_turn(found: Mapping[str, Any]) -> list[tuple[str, int]]:
    """The same of a state with which a turn of a sweep began."""
    if not found:
        return []
    buffers = [(str(digest), int(size)) for digest, size in found["buffers"]]
    return [(str(found["stream"]), int(found["size"])), *buffers]


@dataclass(frozen=True, slots=True)
class Logged:
    """A value that ``log`` was given."""

    run: int
    iteration: int | None
    """None before and after the loop."""
    path: Path
    name: str
    value: Any
    number: int = 0
    """Order among values of that name on the same path."""
    verdict: str = RECORDED
    """For one that a replay gave, what its check said."""

    @property
    def after(self) -> bool:
        return self.iteration is None and self.path[:1] == AFTER


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is kept of a run."""

    checkpoints: int = 0
    written: int = 0
    """Bytes that its checkpoints have added to the store."""
    names: tuple[str, ...] = ()
    """What was logged, in the run or by a replay."""
    divergent: tuple[int, ...] = ()
    """Iterations that a replay could not repeat as they were."""


_JSON = ("names", "surroundings", "program", "threads", "packages", "notes")


class RunStore:
    """Runs beside the history; any thread may call."""

    def __init__(self, history: str | None = None) -> None:
        path = store_path(history)
        if path == MEMORY:
            # Nothing is to be kept: what replay needs goes with the kernel. The folder is made
            # by the first that is written, so that it is not left where no loop was kept.
            name = f"slicer-hindsight-{uuid.uuid4().hex}"
            self.folder = os.path.join(tempfile.gettempdir(), name)
            self._goes: weakref.finalize[..., RunStore] | None = weakref.finalize(
                self, shutil.rmtree, self.folder, ignore_errors=True
            )
        else:
            self.folder = os.path.join(os.path.dirname(path), "hindsight")
            self._goes = None
        self.path = os.path.join(self.folder, "runs.sqlite")
        self.blobs = blobs_of(os.path.join(self.folder, "blobs"), self.path)
        self._lock = threading.Lock()
        self._held: tuple[sqlite3.Connection, int, tuple[int, int]] | None = None
        """While a loop is recorded: the connection, its process, and the file it leads to."""
        self._holders = 0

    def hold(self) -> None:
        """From here on many short writes come: what they use is opened once."""
        with self._lock:
            self._holders += 1

    def let_go(self) -> None:
        with self._lock:
            self._holders = max(0, self._holders - 1)
            if not self._holders:
                self._close_held()

    def _close_held(self) -> None:
        if self._held is not None:
            held, self._held = self._held, None
            held[0].close()

    def close(self) -> None:
        with self._lock:
            self._close_held()
        if self._goes is not None:
            self._goes()

    @property
    def exists(self) -> bool:
        return os.path.exists(self.path)

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            held = self._held_connection()
            try:
                if held is not None:
                    yield held
                    return
                with closing(self._open()) as connection:
                    yield connection
            except sqlite3.Error as error:
                self._close_held()
                raise store_error(error, self.path) from error

    def _open(self) -> sqlite3.Connection:
        prepare_file(self.path)
        connection = open_database(self.path, 5.0, MIGRATIONS, APPLICATION_ID, "run")
        connection.execute("PRAGMA foreign_keys = ON")
        # A checkpoint's row says that its files are there, so it comes last.
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def _held_connection(self) -> sqlite3.Connection | None:
        """Never one of another process, nor to a file that is gone: somebody may have
        deleted the store meanwhile."""
        if not self._holders:
            return None
        here = os.getpid()
        if self._held is not None and self._held[1:] != (here, _file_at(self.path)):
            if self._held[1] == here:
                self._close_held()
            self._held = None
        if self._held is None:
            connection = self._open()
            self._held = connection, here, _file_at(self.path)
        return self._held[0]

    # -- writing -----------------------------------------------------------------------

    def begin(self, run: Run) -> int:
        """Give a run its number."""
        row = _row_of(run)
        names = ", ".join(row)
        marks = ", ".join("?" * len(row))
        with self._connected() as connection:
            found = connection.execute(
                f"INSERT INTO run ({names}) VALUES ({marks})", tuple(row.values())
            )
            return int(found.lastrowid or 0)

    def update(self, run: int, **changed: Any) -> None:
        with self._connected() as connection:
            _update(connection, run, changed)

    def add_checkpoint(self, found: Checkpoint, **progress: Any) -> None:
        """``progress``: what changes in the run's own row with it."""
        row = (
            found.run, found.number, int(found.ending), found.format, found.stream,
            found.stream_size, json.dumps(found.buffers), found.elapsed, found.cost,
            found.written, found.doubt, json.dumps([p.to_json() for p in found.lost]),
        )  # fmt: skip
        with self._connected() as connection, transaction(connection):
            connection.execute(
                f"INSERT OR REPLACE INTO checkpoint VALUES ({', '.join('?' * len(row))})", row
            )
            if progress:
                _update(connection, found.run, progress)

    def doubt(self, run: int, digest: str, since: int, why: str) -> None:
        """Checkpoints that hold a buffer which had changed unseen."""
        with self._connected() as connection:
            connection.execute(
                "UPDATE checkpoint SET doubt = ? WHERE run = ? AND number > ?"
                " AND instr(buffers, ?) > 0",
                (why, run, since, digest),
            )

    def add_logged(self, values: Iterable[Logged], replayed: bool) -> None:
        rows = [
            (
                v.run,
                int(replayed),
                v.iteration,
                json.dumps(v.path),
                v.number,
                v.name,
                *_kept(v.value),
                v.verdict,
            )
            for v in values
        ]
        with self._connected() as connection, transaction(connection):
            connection.executemany(
                "INSERT OR REPLACE INTO logged VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
            )

    def add_printed(self, run: int, texts: Mapping[int, str]) -> None:
        rows = [(run, iteration, text) for iteration, text in texts.items()]
        with self._connected() as connection, transaction(connection):
            connection.executemany("INSERT OR REPLACE INTO printed VALUES (?, ?, ?)", rows)

    def add_parameter(self, run: int, name: str, value: Any) -> None:
        with self._connected() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO parameter VALUES (?, ?, ?)",
                (run, name, json.dumps(value, default=repr)),
            )

    def drop_checkpoints(self, run: int, numbers: Sequence[tuple[int, bool]]) -> None:
        with self._connected() as connection, transaction(connection):
            connection.executemany(
                "DELETE FROM checkpoint WHERE run = ? AND number = ? AND ending = ?",
                [(run, number, int(ending)) for number, ending in numbers],
            )

    def drop(self, runs: Iterable[int]) -> None:
        with self._connected() as connection, transaction(connection):
            connection.executemany("DELETE FROM run WHERE id = ?", [(run,) for run in runs])

    # -- reading -----------------------------------------------------------------------

    def runs(self) -> tuple[Run, ...]:
        """All of them, in the order in which they began."""
        if not self.exists:
            return ()
        with self._connected() as connection:
            cursor = connection.execute("SELECT * FROM run ORDER BY id")
            names = [column[0] for column in cursor.description]
            return tuple(_run_of(dict(zip(names, row, strict=True))) for row in cursor)

    def run(self, number: int) -> Run:
        known = self.runs()
        for run in known:
            if run.id == number:
                return run
        last = f" The last one is {known[-1].id}." if known else " None is recorded."
        raise UnknownRun(f"There is no run {number}.{last} See  %hindsight runs")

    def checkpoints(self, run: int) -> tuple[Checkpoint, ...]:
        """In the order of their iterations."""
        with self._connected() as connection:
            rows = connection.execute(
                "SELECT * FROM checkpoint WHERE run = ? ORDER BY number, ending", (run,)
            ).fetchall()
        return tuple(_checkpoint_of(row) for row in rows)

    def logged(self, run: int, replayed: bool | None = None) -> tuple[Logged, ...]:
        which = "" if replayed is None else f" AND replayed = {int(replayed)}"
        with self._connected() as connection:
            rows = connection.execute(
                "SELECT iteration, path, name, value, blob, number, verdict FROM logged"
                " WHERE run = ?"
                f"{which} ORDER BY iteration, path, number",
                (run,),
            ).fetchall()
        return tuple(
            Logged(run, i, tuple(json.loads(p)), name, _value(text, blob), number, verdict)
            for i, p, name, text, blob, number, verdict in rows
        )

    def numbers(self, run: int) -> tuple[Logged, ...]:
        """Numbers that were logged in the loop: what is a pickle is not touched."""
        with self._connected() as connection:
            rows = connection.execute(
                "SELECT iteration, path, name, value, number, verdict FROM logged"
                " WHERE run = ? AND iteration IS NOT NULL AND value IS NOT NULL"
                " ORDER BY iteration, path, number",
                (run,),
            ).fetchall()
        values = (
            Logged(run, i, tuple(json.loads(p)), name, json.loads(text), number, verdict)
            for i, p, name, text, number, verdict in rows
        )
        return tuple(v for v in values if type(v.value) in (bool, int, float))

    def extents(self) -> dict[int, Extent]:
        """Of all runs at once."""
        with self._connected() as connection:
            sizes = connection.execute(
                "SELECT run, COUNT(*), SUM(written) FROM checkpoint GROUP BY run"
            ).fetchall()
            logged = connection.execute(
                "SELECT run, name FROM logged GROUP BY run, name ORDER BY MIN(rowid)"
            ).fetchall()
            divergent = connection.execute(
                "SELECT DISTINCT run, iteration FROM logged WHERE verdict = 'different'"
                " AND iteration IS NOT NULL ORDER BY iteration"
            ).fetchall()
        names: dict[int, list[str]] = {}
        for run, name in logged:
            names.setdefault(run, []).append(name)
        others: dict[int, list[int]] = {}
        for run, iteration in divergent:
            others.setdefault(run, []).append(iteration)
        known = {run: (count, written) for run, count, written in sizes}
        return {
            run: Extent(
                *known.get(run, (0, 0)), tuple(names.get(run, ())), tuple(others.get(run, ()))
            )
            for run in {*known, *names}
        }

    def printed(self, run: int) -> dict[int, str]:
        with self._connected() as connection:
            found = connection.execute(
                "SELECT iteration, text FROM printed WHERE run = ?", (run,)
            )
            return dict(found.fetchall())

    def parameters(self, run: int) -> dict[str, Any]:
        with self._connected() as connection:
            rows = connection.execute(
                "SELECT name, value FROM parameter WHERE run = ? ORDER BY name", (run,)
            ).fetchall()
        return {name: json.loads(value) for name, value in rows}

    def all_parameters(self) -> dict[int, dict[str, Any]]:
        """Those of each run that has any."""
        with self._connected() as connection:
            rows = connection.execute(
                "SELECT run, name, value FROM parameter ORDER BY name"
            ).fetchall()
        found: dict[int, dict[str, Any]] = {}
        for run, name, value in rows:
            found.setdefault(run, {})[name] = json.loads(value)
        return found

    def references(self) -> set[str]:
        """Digests that some checkpoint needs."""
        if not self.exists:
            return set()
        with self._connected() as connection:
            rows = connection.execute("SELECT run, stream, buffers FROM checkpoint").fetchall()
            begun = connection.execute("SELECT id, outcome, surroundings FROM run").fetchall()
        found = {stream for _, stream, _ in rows}
        alive = {run for run, _, _ in rows}
        for run, outcome, text in begun:
            surroundings = json.loads(text)
            for kept in GENERATORS:
                found.update(surroundings.get(kept, ())[:1])
            if run in alive or outcome == "running":
                for turn in surroundings.get("turns", ()):
                    found.update(digest for digest, _ in files_of_turn(turn))
        for _, _, buffers in rows:
            found.update(digest for digest, _ in json.loads(buffers))
        return found


def _update(connection: sqlite3.Connection, run: int, changed: Mapping[str, Any]) -> None:
    row = {k: json.dumps(v) if k in _JSON else v for k, v in changed.items()}
    assigned = ", ".join(f"{name} = ?" for name in row)
    connection.execute(f"UPDATE run SET {assigned} WHERE id = ?", (*row.values(), run))


def _file_at(path: str) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except OSError:
        return 0, 0
    return status.st_dev, status.st_ino


def _row_of(run: Run) -> dict[str, Any]:
    row = {f.name: getattr(run, f.name) for f in fields(run) if f.name != "id"}
    row["started"] = row["started"] or time.time()
    return {k: json.dumps(v) if k in _JSON else v for k, v in row.items()}


def _run_of(row: dict[str, Any]) -> Run:
    for name in _JSON:
        row[name] = json.loads(row[name]) if row[name] is not None else None
    row["notes"] = tuple(row["notes"] or ())
    return Run(**row)


def _checkpoint_of(row: tuple[Any, ...]) -> Checkpoint:
    run, number, ending, format_, stream, size, buffers, elapsed, cost, written, doubt, lost = (
        row
    )
    return Checkpoint(
        run, number, stream, size, tuple((d, s) for d, s in json.loads(buffers)),
        bool(ending), elapsed, cost, written, doubt, format_,
        tuple(LostPart.from_json(part) for part in json.loads(lost)),
    )  # fmt: skip


def _kept(value: Any) -> tuple[str | None, bytes | None]:
    """Numbers and texts as JSON, which keeps floats exactly; anything else as a pickle."""
    if value is None or type(value) in (bool, int, float, str):
        return json.dumps(value), None
    return None, pickle.dumps(value, protocol=5)


def _value(text: str | None, blob: bytes | None) -> Any:
    return json.loads(text) if text is not None else pickle.loads(blob or b"")
