"""What added lines need and the recorded loop did not: who made it, and what it shares."""

from __future__ import annotations

import ast
import gc
import types
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_slicer.analysis.facts import statement_facts
from jupyter_slicer.domain import Step
from jupyter_slicer.hindsight.blobs import Blobs
from jupyter_slicer.hindsight.edits.syntax import Cell
from jupyter_slicer.hindsight.leading import leads_to
from jupyter_slicer.hindsight.pickling import dump
from jupyter_slicer.hindsight.probes import Probe
from jupyter_slicer.hindsight.runs import Run
from jupyter_slicer.hindsight.surroundings import lost_names, referred_names, steps_behind

if TYPE_CHECKING:
    from jupyter_slicer.graph import DependenceGraph


@dataclass(frozen=True)
class Live:
    """A kernel that is alive; what it says holds for its own runs."""

    kernel: str
    namespace: dict[str, Any]
    writers: Callable[[str], Sequence[int]]
    """Steps that defined a variable last."""
    behind: Callable[[str], Collection[int]]
    """Steps that what a variable leads to goes back to."""


@dataclass(frozen=True, slots=True)
class Needs:
    """Variables that no checkpoint of a run holds."""

    steps: frozenset[Step] = frozenset()
    """Statement instances that make them again."""
    shared: tuple[str, ...] = ()
    """Those that lead to what the loop changed: made anew, they would lead elsewhere."""
    given: tuple[str, ...] = ()
    """Those whose values the kernel still has, as they were."""
    anew: tuple[str, ...] = ()
    """Those that are computed again, functions and imports aside: nothing tells whether
    they come out as they were."""
    remade: tuple[tuple[str, Step], ...] = ()
    """Those that are computed again from what is given, and the one step that does it."""


def needs_of(run: Run, probe: Probe, graph: DependenceGraph, live: Live | None) -> Needs:
    """A function is followed to what it reads, as far as its text is known."""
    if live is not None and live.kernel != run.kernel:
        live = None
    held = {*run.names.get("globals", ()), *run.names.get("locals", ()), *referred_names(run)}
    names, bound = _names_of(probe, run)
    remade = _remade(run, graph, live)
    inputs = {n for step in remade.values() for n in _read(graph, step)} - set(remade)
    # What the loop read is made again with the rest, except for what makes the remade.
    waiting, seen = list((names - held - bound) | inputs), (held | bound) - inputs
    steps: set[Step] = set()
    shared, given, anew = [], [], []
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        made = _makers(run, name, live)
        if live is not None and (
            run.step in live.behind(name) or _keeps_state(run, name, live)
        ):
            shared.append(name)
        elif live is not None and _is_as_it_was(run, name, live):
            given.append(name)
            continue
        elif not all(_defines(graph, step) for step in made):
            anew.append(name)
            made |= steps_behind(graph, run, name)
        steps |= made
        for step in made:
            waiting += _read_by_functions(graph, step)
    return Needs(
        frozenset(steps), tuple(sorted(shared)), tuple(sorted(given)), tuple(sorted(anew)),
        tuple(sorted(remade.items())),
    )  # fmt: skip


def _keeps_state(run: Run, name: str, live: Live) -> bool:
    """Whether a function has something of the loop's among its default values:
    ``def count(of=seen): …``"""
    value = live.namespace.get(name)
    if type(value) is not types.FunctionType:
        return False
    kept = (value.__defaults__, value.__kwdefaults__, value.__closure__)
    state = (live.namespace.get(n) for n in run.names.get("globals", ()))
    # What leads to nothing cannot be changed, and may be the same by chance.
    return leads_to(kept, {id(v) for v in state if gc.is_tracked(v)}, (), live.namespace)


def _remade(run: Run, graph: DependenceGraph, live: Live | None) -> dict[str, Step]:
    """What cannot be kept, but whose inputs can: ``d = xgb.DMatrix(X, y)``."""
    found: dict[str, Step] = {}
    for name in sorted(lost_names(run)) if live is not None else ():
        made = _makers(run, name, live)
        if len(made) != 1 or made != steps_behind(graph, run, name):
            continue  # it was changed since it was made
        step = next(iter(made))
        inputs = _read(graph, step)
        if all(_is_text(live, n) or _is_as_it_was(run, n, live) for n in inputs):  # type: ignore[arg-type]
            found[name] = step
    return found


def _read(graph: DependenceGraph, step: Step) -> set[str]:
    from jupyter_slicer.slicing.text import body_of

    facts = statement_facts(body_of(graph, step))
    return {access.name for access in facts.reads}


_TEXT = (types.FunctionType, types.BuiltinFunctionType, types.ModuleType, type)


def _is_text(live: Live, name: str) -> bool:
    """Functions, classes and modules are made again by their text."""
    return name not in live.namespace or isinstance(live.namespace[name], _TEXT)


def _makers(run: Run, name: str, live: Live | None) -> set[Step]:
    writers: Mapping[str, Sequence[int]] = run.surroundings.get("writers", {})
    found = writers.get(name) or (live.writers(name) if live is not None else ())
    return {Step(s) for s in found if s >= 0 and s != run.step}


def _is_as_it_was(run: Run, name: str, live: Live) -> bool:
    """Whether a value can be handed over."""
    if _is_text(live, name):
        return False
    known = name in run.surroundings.get("writers", {})
    return not known or all(step < run.step for step in live.behind(name))


def _defines(graph: DependenceGraph, step: Step) -> bool:
    from jupyter_slicer.slicing.text import body_of

    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    return step not in graph.instances or all(
        isinstance(s, kinds) for s in body_of(graph, step)
    )


def _names_of(probe: Probe, run: Run) -> tuple[set[str], set[str]]:
    """Names that the added lines read, and names that are bound on the way to them."""
    read: set[str] = set()
    bound: set[str] = set()
    for recorded in probe.edits:
        read |= statement_facts(probe.nodes(recorded)).mentions
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
    new = max((*probe.starts(run.source), *probe.marks(run.source)), default=(0, 0))
    return [s for s in cell.tree.body if s.lineno > line and (s.lineno, s.col_offset) <= new]


def _read_by_functions(graph: DependenceGraph, step: Step) -> Iterable[str]:
    """What functions that a statement makes will read when they are called."""
    from jupyter_slicer.slicing.text import body_of

    if step not in graph.instances:
        return ()
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    body = body_of(graph, step)
    made = any(isinstance(n, functions) for statement in body for n in ast.walk(statement))
    return statement_facts(body).mentions if made else ()


@dataclass(frozen=True)
class HandedOver:
    """Values of the kernel's, stored for the workers."""

    stored: Mapping[str, Any] | None = None
    steps: frozenset[Step] = frozenset()
    """That make what the values refer to, and what cannot be handed over."""
    anew: tuple[str, ...] = ()
    """What cannot."""


def hand_over(
    run: Run, graph: DependenceGraph, live: Live, names: Iterable[str], blobs: Blobs
) -> HandedOver:
    """As one picture, so that what they share is shared in the worker, too.

    Nothing refers to the files: the next sweep takes them away.
    """
    values = {name: live.namespace[name] for name in names}
    stream = dump(values, live.namespace)
    anew: tuple[str, ...] = ()
    if stream.lost:
        anew = tuple(n for n, v in values.items() if dump(v, live.namespace).lost)
        values = {n: v for n, v in values.items() if n not in anew}
        stream = dump(values, live.namespace)
    steps = {Step(s) for name in stream.names for s in live.writers(name) if s >= 0}
    for name in anew:
        steps |= _makers(run, name, live) | steps_behind(graph, run, name)
    digest, _ = blobs.put(stream.data)
    buffers = [(blobs.put(view)[0], view.nbytes) for view in stream.buffers]
    blobs.bring([(digest, len(stream.data)), *buffers])
    stored = {"stream": digest, "size": len(stream.data), "buffers": buffers}
    return HandedOver(stored if values else None, frozenset(steps), anew)
