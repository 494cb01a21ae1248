"""Logs as one table: a row for each iteration, a column for each name."""

from __future__ import annotations

import csv
import importlib
import io
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jupyter_slicer.errors import HindsightError
from jupyter_slicer.hindsight.runs import AFTER, Logged, Path

VERDICT = "check"


@dataclass(frozen=True, slots=True)
class Table:
    """Logs in rows and columns."""

    columns: tuple[str, ...]
    numbered: tuple[str, ...]
    """Those of the columns that say where a row belongs: ``epoch``, ``step`` …"""
    rows: tuple[Mapping[str, Any], ...]
    """What a row does not name is not known."""


def table_of(
    values: Iterable[Logged],
    names: Collection[str] | None = None,
    parameters: Mapping[int, Mapping[str, Any]] | None = None,
) -> Table:
    """The columns ``run``, ``epoch``, ``step`` … and the names.

    What a replay gave replaces what was not there; where the run itself has logged a
    value, that one counts. Values from before and after the loop have no ``epoch``. The column
    ``check`` says how the row is known: ``recorded``, ``restored``, ``same``,
    ``different``, ``not checked``.
    """
    chosen = _with_steps([v for v in values if names is None or v.name in names])
    depth = max((len(_steps(v)) for v in chosen), default=0)
    steps = ["step" if n == 0 else f"step_{n + 1}" for n in range(depth)]
    columns = list(dict.fromkeys(v.name for v in chosen))
    rows: dict[Any, dict[str, Any]] = {}
    for value in sorted(chosen, key=lambda v: v.verdict == "recorded"):
        key = (value.run, value.iteration, value.path, value.number)
        row = rows.setdefault(key, {"run": value.run, "epoch": value.iteration})
        row.update(zip(steps, _steps(value), strict=False))
        row.update((parameters or {}).get(value.run, {}))
        row[value.name] = value.value
        row[VERDICT] = _worse(row.get(VERDICT), value.verdict)
    known = dict.fromkeys(n for p in (parameters or {}).values() for n in p)
    return Table(
        ("run", *known, "epoch", *steps, *columns, VERDICT),
        ("epoch", *steps),
        tuple(rows[key] for key in sorted(rows, key=_place)),
    )


def frame_of(
    values: Iterable[Logged],
    names: Collection[str] | None = None,
    parameters: Mapping[int, Mapping[str, Any]] | None = None,
) -> Any:
    """The same as a pandas DataFrame."""
    try:
        pd: Any = importlib.import_module("pandas")
    except ImportError:
        raise HindsightError("A table of logs needs pandas:  pip install pandas") from None
    found = table_of(values, names, parameters)
    table = pd.DataFrame(list(found.rows), columns=list(found.columns))
    for name in found.numbered:
        table[name] = table[name].astype("Int64")
    return table


def csv_of(table: Table, text: Callable[[object], str]) -> str:
    """The table as a file that spreadsheets and pandas read; ``text`` writes a value."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(table.columns)
    for row in table.rows:
        rows.writerow([text(row.get(name)) for name in table.columns])
    return written.getvalue()


def _with_steps(values: Sequence[Logged]) -> list[Logged]:
    """What was logged several times in an iteration, while nobody counted the turns of the
    loops inside: its order stands for the step."""
    many = {(v.run, v.name) for v in values if v.number and not v.path}
    return [
        replace(v, path=(v.number,), number=0)
        if (v.run, v.name) in many and not v.path and v.iteration is not None
        else v
        for v in values
    ]


def _steps(value: Logged) -> Path:
    return value.path[1:] if value.after else value.path


_WORST = ("different", "not checked", "same", "restored", "recorded")


def _worse(a: str | None, b: str) -> str:
    return b if a is None else min(a, b, key=_WORST.index)


def _place(key: tuple[int, int | None, tuple[int, ...], int]) -> tuple[Any, ...]:
    run, iteration, path, number = key
    outside = iteration is None
    after = outside and path[:1] == AFTER
    return run, 1 if after else -1 if outside else 0, iteration or 0, path, number
