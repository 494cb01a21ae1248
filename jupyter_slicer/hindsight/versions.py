"""Runs of versions of one cell, and what tells them apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jupyter_slicer.errors import SlicerError
from jupyter_slicer.hindsight.edits import ABSENT, literals
from jupyter_slicer.hindsight.runs import Run, RunStore


def parameters_of(store: RunStore, runs: Iterable[Run]) -> dict[int, Mapping[str, Any]]:
    """Values that tell runs of versions of one cell apart, and those that ``param`` named."""
    found: dict[int, dict[str, Any]] = {run.id: {} for run in runs}
    for group in versions(runs):
        try:
            differing = literals([run.source for run in group]).values
        except SlicerError:
            continue
        for name, values in differing.items():
            for run, value in zip(group, values, strict=True):
                if value is not ABSENT:
                    found[run.id][name] = value
    for number, named in store.all_parameters().items() if found else ():
        found.get(number, {}).update(named)
    return dict(found)


def versions(runs: Iterable[Run]) -> list[list[Run]]:
    """Runs of the same cell of the same notebook, by the cell's id where there is one."""
    groups: dict[Any, list[Run]] = {}
    for run in runs:
        place = run.cell_id or run.head
        groups.setdefault((run.notebook or run.folder, place), []).append(run)
    return list(groups.values())
