"""Slices that the command line makes itself: guessed from text, or of a recorded kernel."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from jupyter_slicer.domain import CellExecution, ExecutionId, Verdict, Verification
from jupyter_slicer.frontends.display import slice_message
from jupyter_slicer.frontends.messages import SliceMessage
from jupyter_slicer.program import Program, Recipe, Surroundings
from jupyter_slicer.slicer import slice_history

if TYPE_CHECKING:
    import argparse


def answer_without_kernel(options: argparse.Namespace) -> SliceMessage:
    """What ``%slice`` would say, had it been asked in a kernel."""
    if options.static:
        program = static_program(options.document, options.variable)
    else:
        program = recorded_program(options)
    if options.output:
        program.export(os.path.abspath(options.output), force=options.force)
    if options.notebook:
        program.export_notebook(os.path.abspath(options.notebook), force=options.force)
    return slice_message(program, _absolute(options.output), _absolute(options.notebook))


def static_program(path: str, expressions: Sequence[str]) -> Program:
    """A guess from the notebook's text: nothing is run, nothing verified."""
    from jupyter_slicer.analysis.static_slice import GUESS, static_slice
    from jupyter_slicer.frontends.notebook_run import static_cells
    from jupyter_slicer.graph import DependenceGraph

    path = os.path.abspath(path)
    cells = [
        CellExecution(ExecutionId(number), raw, source, cell_id)
        for number, (cell_id, raw, source) in enumerate(static_cells(path))
    ]
    found = static_slice(cells, expressions)
    return Program(
        Recipe(DependenceGraph(), found.criterion, ()),
        Surroundings(os.path.dirname(path), None, path),
        verification=Verification(Verdict.NOT_VERIFIED, GUESS),
        _slice=found,
    )


def recorded_program(options: argparse.Namespace) -> Program:
    """Of a kernel in the history; its values are gone, so a fresh run can only run."""
    from jupyter_slicer.store import HistoryReader

    reader = HistoryReader(options.store)
    program = slice_history(reader, options.history, options.variable)
    if not options.no_verify:
        program.verify(options.verify_timeout or 600.0)
    return program


def _absolute(path: str | None) -> str | None:
    return os.path.abspath(path) if path else None
