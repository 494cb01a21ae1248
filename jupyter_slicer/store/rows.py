"""Records as rows of the tables, and back."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from sqlite3 import Connection
from typing import Any

from jupyter_slicer.domain import (
    CellExecution,
    Dependence,
    DependenceKind,
    FileUse,
    Location,
    LocationKind,
    Outcome,
    StatementInstance,
    Step,
    Voucher,
)
from jupyter_slicer.store.records import (
    AmbientChange,
    ExecutionRecord,
    KernelInfo,
    LocationWrite,
    WriteKind,
)

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class RecordRows:
    """One execution's rows by table, and the locations it names for the first time."""

    tables: Mapping[str, list[Row]]
    new_locations: Mapping[Location, int] = field(default_factory=dict)

    def insert(self, connection: Connection) -> None:
        for table, rows in self.tables.items():
            if rows:
                marks = ",".join("?" * len(rows[0]))
                verb = "INSERT OR IGNORE" if table == "source" else "INSERT"
                connection.executemany(f"{verb} INTO {table} VALUES ({marks})", rows)


def record_rows(
    kernel: int, record: ExecutionRecord, known: Mapping[Location, int]
) -> RecordRows:
    """``known`` gives the keys of locations that are in the database already."""
    new: dict[Location, int] = {}

    def key(location: Location) -> int:
        found = known.get(location)
        return new.setdefault(location, len(known) + len(new)) if found is None else found

    execution = record.execution
    at = (kernel, execution.id)
    raw, source = _source(execution.raw), _source(execution.source)
    dependences = [
        (*at, n, d.source, d.target, d.kind.value, _optional(key, d.location), d.voucher.value)
        for n, d in enumerate(record.dependences)
    ]
    writes = [
        (*at, n, w.step, key(w.location), w.kind.value, _json(w.names))
        for n, w in enumerate(record.writes)
    ]
    return RecordRows(
        {
            "source": [raw, source],
            "location": [
                (kernel, k, loc.kind.value, _text(loc.name)) for loc, k in new.items()
            ],
            "execution": [(*at, raw[0], source[0], *_execution(execution), record.displayed)],
            "statement": [
                (kernel, i.step, i.execution, i.position, i.outcome.value, i.error)
                for i in record.instances
            ],
            "dependence": dependences,
            "location_write": writes,
            "file_use": [
                (*at, n, f.step, _text(f.path), f.mode, f.size, f.sha256)
                for n, f in enumerate(record.files)
            ],
            "ambient_change": [
                (*at, n, a.step, a.name, a.detail) for n, a in enumerate(record.ambient)
            ],
            "variable_state": [
                (*at, name, max(steps, default=None), _json(steps), record.digests.get(name))
                for name, steps in record.seeds.items()
            ],
        },
        new,
    )


def kernel_row(kernel: KernelInfo) -> Row:
    k = kernel
    place = (_text(k.folder), _optional(_text, k.notebook))
    return (k.id, k.started, k.pid, k.python, *place, k.environment)


def _execution(e: CellExecution) -> Row:
    times = (e.started, e.seconds, e.recording_seconds)
    return (e.cell_id, e.count, *times, e.outcome.value, e.error, e.incomplete)


def _source(text: str) -> tuple[bytes, str | bytes]:
    return sha256(text.encode("utf-8", "surrogatepass")).digest(), _text(text)


def _text(text: str) -> str | bytes:
    # SQLite takes no lone surrogates, and a file whose name is no UTF-8 has them:
    #     In[1]: data = open(os.listdir(b".")[0]).read()
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def _json(values: Iterable[Any]) -> str:
    return json.dumps(list(values), separators=(",", ":"))


def _optional(function: Any, value: Any) -> Any:
    return None if value is None else function(value)


def read_kernel(row: Row) -> KernelInfo:
    id_, started, pid, python, folder, notebook, environment = row
    return KernelInfo(
        id_, started, pid, python, _read(folder), _optional(_read, notebook), environment
    )


def read_records(connection: Connection, kernel: int) -> tuple[ExecutionRecord, ...]:
    """All records of a kernel; each table is read once."""

    def grouped(table: str, columns: str, order: str = "number") -> dict[int, list[Row]]:
        return _by_execution(
            connection.execute(
                f"SELECT execution, {columns} FROM {table} WHERE kernel = ?"
                f" ORDER BY execution, {order}",
                (kernel,),
            )
        )

    listed = cache(lambda text: tuple(json.loads(text)))  # the same few lists come again
    locations = {
        key: Location(_LOCATION_KINDS[kind], _read(name))
        for key, kind, name in connection.execute(
            "SELECT key, kind, name FROM location WHERE kernel = ?", (kernel,)
        )
    }
    statements = grouped("statement", "step, position, outcome, error", "step")
    dependences = grouped("dependence", "source, target, kind, location, voucher")
    writes = grouped("location_write", "step, location, kind, names")
    files = grouped("file_use", "step, path, mode, size, sha256")
    ambient = grouped("ambient_change", "step, name, detail")
    states = grouped("variable_state", "variable, seeds, digest", "variable")
    return tuple(
        ExecutionRecord(
            execution=execution,
            instances=tuple(
                StatementInstance(step, of, position, _OUTCOMES[out], error)
                for of, step, position, out, error in statements.get(execution.id, ())
            ),
            dependences=tuple(
                Dependence(source, target, _KINDS[kind], locations.get(key), _VOUCHERS[v])
                for _, source, target, kind, key, v in dependences.get(execution.id, ())
            ),
            writes=tuple(
                LocationWrite(step, locations[key], _WRITE_KINDS[kind], listed(names))
                for _, step, key, kind, names in writes.get(execution.id, ())
            ),
            files=tuple(
                FileUse(_read(path), step, mode, size, digest)
                for _, step, path, mode, size, digest in files.get(execution.id, ())
            ),
            ambient=tuple(
                AmbientChange(step, name, detail)
                for _, step, name, detail in ambient.get(execution.id, ())
            ),
            seeds={name: listed(seeds) for _, name, seeds, _ in states.get(execution.id, ())},
            digests={
                name: d for _, name, _, d in states.get(execution.id, ()) if d is not None
            },
            displayed=displayed,
        )
        for execution, displayed in _read_executions(connection, kernel)
    )


def _read_executions(
    connection: Connection, kernel: int
) -> Iterable[tuple[CellExecution, Step | None]]:
    texts = {
        digest: _read(text) for digest, text in connection.execute(_SOURCES, (kernel,) * 2)
    }
    for row in connection.execute(_EXECUTIONS, (kernel,)):
        id_, raw, source, cell_id, count, started, seconds, recording, *end = row
        outcome, error, incomplete, displayed = end
        execution = CellExecution(
            id=id_,
            raw=texts[raw],
            source=texts[source],
            cell_id=cell_id,
            count=count,
            started=started,
            seconds=seconds,
            recording_seconds=recording,
            outcome=_OUTCOMES[outcome],
            error=error,
            incomplete=incomplete,
        )
        yield execution, displayed


_EXECUTIONS = """
    SELECT id, raw, source, cell_id, count, started, seconds, recording_seconds,
        outcome, error, incomplete, displayed
    FROM execution WHERE kernel = ? ORDER BY id
"""
_SOURCES = """
    SELECT sha256, text FROM source WHERE sha256 IN (
        SELECT raw FROM execution WHERE kernel = ?
        UNION SELECT source FROM execution WHERE kernel = ?
    )
"""
_OUTCOMES = {o.value: o for o in Outcome}
_KINDS = {k.value: k for k in DependenceKind}
_VOUCHERS = {v.value: v for v in Voucher}
_LOCATION_KINDS = {k.value: k for k in LocationKind}
_WRITE_KINDS = {k.value: k for k in WriteKind}


def _read(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "surrogatepass")


def _by_execution(rows: Iterable[Row]) -> dict[int, list[Row]]:
    grouped: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row[0]].append(row)
    return grouped
