"""One line of facts about a slice."""

from __future__ import annotations

import os

from jupyter_slicer.domain import ProgramSlice


def facts_line(program: ProgramSlice) -> str:
    """As in: 14 of 96 statements, 6 of 31 cell executions, reads train.csv."""
    ran = [kept for kept in program.statements if kept.execution.id >= 0]
    cells = len({kept.execution.id for kept in ran})
    parts = [
        f"{len(ran)} of {_count(program.executed_statements, 'statement')}",
        f"{cells} of {_count(program.executed_cells, 'cell execution')}",
    ]
    if program.inputs:
        paths = dict.fromkeys(shown_path(use.path) for use in program.inputs)
        parts.append(f"reads {_listed(list(paths))}")
    return ", ".join([*parts, *program.ambient])


def shown_path(path: str, folder: str | None = None) -> str:
    """A path as short as it can be said from the folder of the notebook."""
    folder = os.path.join(folder or os.getcwd(), "")
    return path.removeprefix(folder)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _listed(paths: list[str], limit: int = 3) -> str:
    more = len(paths) - limit
    return ", ".join(paths[:limit]) + (f" and {more} more files" if more > 0 else "")
