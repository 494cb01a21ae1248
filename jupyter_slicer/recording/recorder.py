"""Cell executions as they happen: opened, watched statement by statement, closed.

The recorder is a guest in the user's kernel. Whatever fails in it marks the execution
incomplete and is told once; it never reaches the user's cell.
"""

from __future__ import annotations

import ast
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache

from jupyter_slicer.analysis.facts import StatementFacts, statement_facts
from jupyter_slicer.analysis.magics import plain_statement
from jupyter_slicer.domain import (
    EVALUATED,
    CellExecution,
    Dependence,
    DependenceKind,
    ExecutionId,
    FileUse,
    Outcome,
    StatementInstance,
    Step,
)
from jupyter_slicer.domain import location as locations
from jupyter_slicer.recording.observer import Observation, Observer
from jupyter_slicer.store.records import (
    AmbientChange,
    ExecutionRecord,
    LocationWrite,
    WriteKind,
)

# Users patch ``os`` and ``time``: these are ours.
_getpid, _get_ident, _perf_counter = os.getpid, threading.get_ident, time.perf_counter

HASHED_BYTES = 64 << 20
"""Input files up to this size are hashed when they are read."""


@dataclass(slots=True)
class _OpenCell:
    """A cell that is running."""

    id: ExecutionId
    raw: str
    source: str
    cell_id: str | None
    count: int | None
    started: float
    clock: float
    statements: list[ast.stmt] = field(default_factory=list)
    facts: list[StatementFacts] = field(default_factory=list)
    position: int = -1
    observations: list[tuple[int, Observation]] = field(default_factory=list)
    spent: float = 0.0
    depth: int = 1
    """Greater than one while a magic runs a cell inside this one."""
    trouble: str | None = None
    unwatched: bool = False
    """Its text is not looked at: ``%%no_record``, or everything until ``%slicer resume``."""
    together: tuple[tuple[Step, int], ...] = ()
    """Steps and positions of statements that run as one with the watched one after them."""
    shown: Hashable = None
    """How much had been shown when the statement began that runs now."""
    showed: list[Step] = field(default_factory=list)
    """Statements that have shown something."""


@dataclass(frozen=True, slots=True)
class Running:
    """The statement that is running now."""

    execution: ExecutionId
    position: int
    source: str
    cell_id: str | None
    count: int | None
    observed: Observation


class Recorder:
    """Records one kernel's executions, in memory and to a sink."""

    def __init__(
        self,
        user_ns: dict[str, object],
        ignored: Iterable[str],
        sink: Callable[[ExecutionRecord], None] = lambda record: None,
        tell: Callable[[str], None] = lambda message: None,
        clock: Callable[[], float] = time.time,
        shown: Callable[[], Hashable] = tuple,
    ) -> None:
        self.observer = Observer(user_ns, ignored)
        self.records: list[ExecutionRecord] = []
        self.suspicions: dict[int, list[Dependence]] = {}
        self.paused = False
        self.spent = 0.0
        """Seconds that recording has cost so far."""
        self.ran = 0.0
        """Seconds that the user's recorded cells have taken, recording included."""
        self.showed: dict[ExecutionId, tuple[Step, ...]] = {}
        """For each execution, its statements that have shown something."""
        self.drew: dict[ExecutionId, tuple[Step, ...]] = {}
        """For each execution, those that may have drawn on the current figure."""
        self._sink, self._tell, self._clock, self._shown = sink, tell, clock, shown
        self._cell: _OpenCell | None = None
        self._next_step = 0
        self._told: set[str] = set()
        self._pid = _getpid()
        self._thread = _get_ident()
        self._between_cells = threading.RLock()

    @property
    def step(self) -> Step:
        """The next step: everything recorded lies before it."""
        return Step(self._next_step)

    @property
    def running(self) -> bool:
        """Whether a cell is being recorded."""
        return self._cell is not None and not self.paused

    def start(self) -> None:
        self.observer.start()

    def stop(self) -> None:
        self.observer.stop()

    # -- cells ---------------------------------------------------------------------

    def open_cell(self, raw: str, source: str, cell_id: str | None, count: int | None) -> None:
        if self.paused or not self._here():
            return
        if self._cell is not None:
            self._cell.depth += 1
            return
        with self._between_cells:
            self._cell = _OpenCell(
                ExecutionId(len(self.records)), raw, source, cell_id, count,
                self._clock(), _perf_counter(), shown=self._shown(),
            )  # fmt: skip
            self._take_what_happened_between()

    @contextmanager
    def at_rest(self) -> Iterator[bool]:
        """Whether no cell is recorded now; if so, none begins before this ends.

        For questions from another thread than the cells': what is alive can only be
        looked at while nothing changes it.
        """
        with self._between_cells:
            yield self._cell is None and not self.paused

    def open_unwatched(
        self, why: str, cell_id: str | None = None, count: int | None = None
    ) -> None:
        """A cell of which only what it leaves behind shall be known, as one statement.

        Without that, a later statement would be blamed for what it changed.
        """
        if self.paused or self._cell is not None or not self._here():
            return
        text = f"pass  # {why}"
        self.open_cell(text, text, cell_id, count)
        cell = self._cell
        if cell is None:
            return
        cell.trouble, cell.unwatched = why, True
        cell.facts = [_facts_of_block([])]
        self.before_statement(0)

    def pause(self) -> None:
        """Record nothing until ``resume``; a cell that is running ends here for us."""
        if self.paused or not self._here():
            return
        if self._cell is not None:
            self._cell.depth = 1
            self.close_cell(None)
        self.open_unwatched("recording was paused")
        self.paused = True

    def resume(self) -> None:
        if self.paused:
            self.paused = False
            self.close_cell(None)

    def statements(self, tree: ast.Module) -> bool:
        """The parsed cell is about to run; True when its statements will be watched."""
        cell = self._cell
        if self.paused or cell is None or cell.depth > 1 or cell.unwatched or not self._here():
            return False
        began = _perf_counter()
        try:
            cell.statements = list(tree.body)
            # Only what calls into IPython stands for something else.
            of = _facts_of if "get_ipython" in cell.source else statement_facts
            cell.facts = [of(s) for s in tree.body]
        except Exception as error:
            self._fail(cell, error)
            return False
        finally:
            self._charge(cell, began)
        return True

    def before_statement(self, position: int) -> None:
        """Called from the user's cell, between its statements."""
        cell = self._cell
        if self.paused or cell is None or cell.depth > 1 or not self._here():
            return
        began = _perf_counter()
        try:
            self._close_statement(cell)
            cell.position = position
            self.observer.open(Step(self._next_step), cell.facts[position])
            self._next_step += 1
        except Exception as error:
            self._fail(cell, error)
        finally:
            self._charge(cell, began)

    def close_statements(self) -> None:
        """The cell's last statement has ended, though the cell has not."""
        cell = self._cell
        if self.paused or cell is None or cell.depth > 1 or not self._here():
            return
        began = _perf_counter()
        try:
            self._close_statement(cell)
        except Exception as error:
            self._fail(cell, error)
        finally:
            self._charge(cell, began)

    @property
    def can_record_evaluation(self) -> bool:
        """Within a cell that is recorded, evaluating belongs to the statement that asks."""
        return self._cell is None and not self.paused and self._here()

    @contextmanager
    def evaluation(self, expression: str, text: str) -> Iterator[None]:
        """What happens within it is recorded as an execution of one statement, ``text``."""
        error: BaseException | None = None
        self.open_cell(expression, text, EVALUATED, None)
        self.statements(ast.parse(text))
        self.before_statement(0)
        try:
            yield
        except BaseException as raised:
            error = raised
            raise
        finally:
            self.close_cell(error)

    def close_cell(self, error: BaseException | None, count: int | None = None) -> None:
        cell = self._cell
        if self.paused or cell is None or not self._here():
            return
        cell.depth -= 1
        if cell.depth > 0:
            return
        began = _perf_counter()
        self._cell = None
        try:
            self._close_statement(cell)
        except Exception as failure:
            self._fail(cell, failure)
        self._charge(cell, began)
        try:
            record = self._record_of(cell, error)
            self.ran += 0.0 if cell.unwatched else record.execution.seconds
            self.showed[cell.id] = tuple(cell.showed)
            self.drew[cell.id] = tuple(o.step for _, o in cell.observations if o.draws)
            self.records.append(record)
            self._sink(record)
        except Exception as failure:
            self._tell_once(f"an execution was lost: {type(failure).__name__}: {failure}")
        self.spent += _perf_counter() - began

    def resume_within(self, raw: str, source: str, position: int, count: int | None) -> None:
        """Recording was turned on by statement ``position`` of a cell that goes on.

        The rest of the cell has been compiled without us: it is one statement to us.
        """
        tree = ast.parse(source)
        rest = tree.body[position + 1 :]
        if not rest:
            return
        self.open_cell(raw, source, None, count)
        if self._cell is None:
            return
        self._cell.statements = rest
        self._cell.facts = [_facts_of_block(rest)]
        places = range(position + 1, len(tree.body))
        self._cell.together = tuple(
            (Step(self._next_step + i), p) for i, p in enumerate(places[:-1])
        )
        self._next_step += len(self._cell.together)
        self.before_statement(0)
        self._cell.position = places[-1]

    # -- statements ----------------------------------------------------------------

    def _close_statement(self, cell: _OpenCell) -> None:
        found = self.observer.close()
        shown = self._shown()
        if found is not None:
            cell.observations.append((cell.position, found))
            if shown != cell.shown:
                cell.showed.append(found.step)
        cell.shown = shown

    def _take_what_happened_between(self) -> None:
        """Names bound between cells (a task, a widget) come from the last statement."""
        observer = self.observer
        last = (Step(max(self._next_step - 1, -1)),)
        bound, gone = observer.rebound()
        for name in bound | gone:
            observer.variables[name] = last
        observer.files.take()
        observer.ambient.changes(frozenset(), everything=False)

    # -- records -------------------------------------------------------------------

    def _record_of(self, cell: _OpenCell, error: BaseException | None) -> ExecutionRecord:
        outcome, name = _outcome_of(error)
        instances = [StatementInstance(s, cell.id, position) for s, position in cell.together]
        for index, (position, found) in enumerate(cell.observations):
            last = index == len(cell.observations) - 1
            how = (outcome, name) if last else (Outcome.DONE, None)
            instances.append(StatementInstance(found.step, cell.id, position, *how))
        seconds = _perf_counter() - cell.clock
        observations = [found for _, found in cell.observations]
        dependences = tuple(d for o in observations for d in self._dependences(o))
        if cell.together and observations:
            dependences += tuple(self._among_together(cell, observations[-1].step))
        return ExecutionRecord(
            execution=CellExecution(
                cell.id, cell.raw, cell.source, cell.cell_id, cell.count, cell.started,
                seconds, cell.spent, outcome, name, cell.trouble,
            ),
            instances=tuple(instances),
            dependences=dependences,
            writes=tuple(w for o in observations for w in _writes(o)),
            files=tuple(f for o in observations for f in _file_uses(o)),
            seeds=self._seeds(observations),
            ambient=tuple(a for o in observations for a in _ambient_changes(o)),
        )  # fmt: skip

    def _among_together(self, cell: _OpenCell, end: Step) -> Iterator[Dependence]:
        """Imports among statements seen as one stand alone; the others need each other."""
        first = cell.together[0][1]
        steps = [s for s, _ in cell.together] + [end]
        facts = dict(zip(steps, map(statement_facts, cell.statements), strict=False))
        for step, position in cell.together:
            bound = facts[step].defines
            if not facts[step].is_import or not bound:
                yield Dependence(step, end, DependenceKind.CONTROL)
                continue
            for name in bound:
                if self.observer.variables.get(name) == (end,):
                    self.observer.variables[name] = (step,)
                later = cell.statements[position - first + 1 :]
                if any(name in statement_facts(s).mentions for s in later):
                    place = locations.variable(name)
                    yield Dependence(step, end, DependenceKind.DATA, place)

    def _dependences(self, found: Observation) -> list[Dependence]:
        made = []
        for source in sorted(found.sources, key=lambda s: (s.step, s.where)):
            dependence = Dependence(
                source.step,
                found.step,
                DependenceKind.DATA,
                locations.location_of(source.where),
                source.voucher,
            )
            made.append(dependence)
            if source.suspicion is not None:
                self.suspicions.setdefault(source.suspicion, []).append(dependence)
        return made

    def _seeds(self, observations: list[Observation]) -> dict[str, tuple[Step, ...]]:
        """Where a slice of each variable that changed would begin, for another day."""
        seeds: dict[str, tuple[Step, ...]] = {}
        for found in observations:
            for name in (*found.defined, *(n for group in found.groups for n in group)):
                seeds[name] = ()
            for name in found.deleted:
                seeds[name] = ()
        for name in seeds:
            if name in self.observer.ns:
                sources = self.observer.sources_of(_facts_of_name(name)).sources
                seeds[name] = tuple(sorted({s.step for s in sources if s.step >= 0}))
        return seeds

    def open_record(self) -> ExecutionRecord | None:
        """What the running cell has done before the statement that is running now."""
        cell = self._cell
        if cell is None or self.paused or not cell.observations:
            return None
        return self._record_of(cell, None)

    def running_statement(self) -> Running | None:
        """None between cells, and where nobody looks."""
        cell, observed = self._cell, self.observer.current
        if self.paused or cell is None or observed is None or cell.unwatched:
            return None
        return Running(cell.id, cell.position, cell.source, cell.cell_id, cell.count, observed)

    # -- trouble -------------------------------------------------------------------

    def unfounded(self) -> set[Dependence]:
        """Assumed dependences that a later look has shown not to exist."""
        settled = self.observer.heap.settled
        return {d for serial in settled for d in self.suspicions.get(serial, ())}

    def mark_incomplete(self, why: str) -> None:
        if self._cell is not None:
            self._cell.trouble = why
        self._tell_once(why)

    def _fail(self, cell: _OpenCell, error: Exception) -> None:
        cell.trouble = f"{type(error).__name__}: {error}"
        self.observer.current = None
        if os.environ.get("JUPYTER_SLICER_DEBUG"):
            import traceback

            traceback.print_exc(file=sys.__stderr__)
        self._tell_once(f"a statement was not recorded ({cell.trouble})")

    def _tell_once(self, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            self._tell(message)

    def _charge(self, cell: _OpenCell, began: float) -> None:
        seconds = _perf_counter() - began
        cell.spent += seconds
        self.spent += seconds

    def _here(self) -> bool:
        """Not in a forked child, nor in another thread than the cells'."""
        return _getpid() == self._pid and _get_ident() == self._thread


def _facts_of(statement: ast.stmt) -> StatementFacts:
    """Facts of a statement; of what it stands for if it calls into IPython."""
    plain = plain_statement(statement)
    if plain is None:
        return statement_facts(statement)
    try:
        body = ast.parse(plain.text).body
    except SyntaxError:
        return statement_facts(statement)
    facts = _facts_of_block(body)
    # What is printed of a magic's own arguments may name files and variables too.
    return replace(facts, strings=(*facts.strings, *statement_facts(statement).strings))


@lru_cache(maxsize=4096)
def _facts_of_name(name: str) -> StatementFacts:
    return statement_facts(ast.Expr(ast.Name(name, ast.Load())))


def _facts_of_block(body: list[ast.stmt]) -> StatementFacts:
    return statement_facts(body)


def _outcome_of(error: BaseException | None) -> tuple[Outcome, str | None]:
    if error is None:
        return Outcome.DONE, None
    if isinstance(error, KeyboardInterrupt):
        return Outcome.INTERRUPTED, "KeyboardInterrupt"
    kind = type(error)
    if kind.__module__ in ("builtins", "__main__"):
        return Outcome.RAISED, kind.__qualname__
    return Outcome.RAISED, f"{kind.__module__}.{kind.__qualname__}"


def _writes(found: Observation) -> list[LocationWrite]:
    made = []
    for name in sorted(found.defined | found.deleted):
        made.append(
            LocationWrite(found.step, locations.variable(name), WriteKind.DEFINITION, (name,))
        )
    for group in found.groups:
        place = locations.variable(group[0])
        made.append(LocationWrite(found.step, place, WriteKind.UPDATE, group))
    for probe, parts in sorted(found.ambient.items()):
        for part in sorted(parts):
            where = f"{probe}[{part!r}]" if part else probe
            made.append(LocationWrite(found.step, locations.ambient(where), WriteKind.UPDATE))
    return made


def _file_uses(found: Observation) -> list[FileUse]:
    made = [FileUse(path, found.step, "w") for path in sorted(found.files.written)]
    for path in sorted(found.inputs):
        size = os.path.getsize(path) if os.path.exists(path) else None
        digest = _sha256(path) if size is not None and size <= HASHED_BYTES else None
        made.append(FileUse(path, found.step, "r", size, digest))
    return made


def _sha256(path: str) -> str | None:
    import hashlib

    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _ambient_changes(found: Observation) -> list[AmbientChange]:
    made = []
    for name, parts in sorted(found.ambient.items()):
        detail = {"parts": sorted(parts), "seeded": name in found.seeded}
        made.append(AmbientChange(found.step, name, json.dumps(detail)))
    for why in found.outside:
        made.append(AmbientChange(found.step, "outside", json.dumps(why)))
    return made
