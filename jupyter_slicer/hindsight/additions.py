"""What added lines need and the recorded loop did not: who made it, and what it shares."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_slicer.analysis.facts import statement_facts
from jupyter_slicer.domain import Step
from jupyter_slicer.hindsight.edits.syntax import Cell
from jupyter_slicer.hindsight.probes import Probe
from jupyter_slicer.hindsight.runs import Run
from jupyter_slicer.hindsight.surroundings import referred_names

if TYPE_CHECKING:
    from jupyter_slicer.graph import DependenceGraph

Writers = Callable[[str], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Needs:
    """Variables that no checkpoint of a run holds."""

    steps: frozenset[Step] = frozenset()
    """Statement instances that made them."""
    shared: tuple[str, ...] = ()
    """Those that lead to what the loop changed: made anew, they would lead elsewhere."""


def needs_of(
    run: Run,
    probe: Probe,
    graph: DependenceGraph,
    writers_now: Writers,
    behind: Callable[[str], Collection[int]],
) -> Needs:
    """A function is followed to what it reads, as far as its text is known."""
    writers: Mapping[str, Sequence[int]] = run.surroundings.get("writers", {})
    held = {*run.names.get("globals", ()), *run.names.get("locals", ()), *referred_names(run)}
    names, bound = _names_of(probe, run)
    waiting, seen, steps, shared = list(names - held - bound), set(held | bound), set(), []
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        now = writers_now(name)
        if run.step in behind(name):
            shared.append(name)
        made = {Step(s) for s in writers.get(name) or now if s >= 0 and s != run.step}
        steps |= made
        for step in made:
            waiting += _read_by_functions(graph, step)
    return Needs(frozenset(steps), tuple(sorted(shared)))


def _names_of(probe: Probe, run: Run) -> tuple[set[str], set[str]]:
    """Names that the added lines read, and names that are bound on the way to them."""
    read: set[str] = set()
    bound: set[str] = set()
    for edit in probe.edits.values():
        for added in edit.added:
            read |= statement_facts(ast.parse(added.text).body).mentions
    edited = probe.texts.get(run.source)
    if probe.after and edited is not None:
        facts = statement_facts(following(run, probe))
        read |= facts.mentions
        bound |= facts.defines
    return read, bound


def following(run: Run, probe: Probe) -> list[ast.stmt]:
    """Statements of the cell after the one with the loop, to the last one that was added."""
    cell = Cell(probe.texts[run.source])
    edit = probe.edits[run.source]
    target = ast.parse(run.source).body[run.position]
    line = edit.lines.get(target.lineno, target.lineno)
    added = {id(cell.statements[a.statement].node) for a in edit.added}
    body = [s for s in cell.tree.body if s.lineno > line]
    last = max((n for n, s in enumerate(body) if id(s) in added), default=-1)
    return body[: last + 1]


def _read_by_functions(graph: DependenceGraph, step: Step) -> Iterable[str]:
    """What functions that a statement makes will read when they are called."""
    from jupyter_slicer.slicing.text import body_of

    if step not in graph.instances:
        return ()
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    body = body_of(graph, step)
    made = any(isinstance(n, functions) for statement in body for n in ast.walk(statement))
    return statement_facts(body).mentions if made else ()
