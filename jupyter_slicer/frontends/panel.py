"""Answers to what a sidebar asks: everything is asked of the slicer, nothing decided here."""

from __future__ import annotations

import threading
import types
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from jupyter_slicer.analysis.cell_lines import statement_lines, statement_text
from jupyter_slicer.criteria import CellOutput
from jupyter_slicer.domain import Dependence, Outcome, Step, Verdict, Verification, Voucher
from jupyter_slicer.errors import (
    BadCriterion,
    Cancelled,
    ForgottenSlice,
    NoOutput,
    SlicerError,
    UnknownVariable,
    VerificationError,
)
from jupyter_slicer.frontends import messages, requests
from jupyter_slicer.frontends.arguments import parse_arguments
from jupyter_slicer.frontends.display import slice_message
from jupyter_slicer.graph import Ancestry, DependenceGraph, Document, around, forward_of
from jupyter_slicer.values.preview import preview

if TYPE_CHECKING:
    from jupyter_slicer.program import Program
    from jupyter_slicer.slicer import Slicer
    from jupyter_slicer.store import ExecutionRecord

PATIENCE = 0.15
"""Seconds for which a slice may look at what was not looked at yet: no cell can begin then."""
_KEPT = 8
"""Slices that a panel may come back to."""

Tell = Callable[[messages.ProgressMessage], None]


class Panel:
    """What one open sidebar is told. Any thread may ask, one at a time."""

    def __init__(self, slicer: Slicer, timeout: Callable[[], float] = lambda: 600.0) -> None:
        self.slicer = slicer
        self._timeout = timeout
        """Seconds for each fresh run."""
        self._programs: OrderedDict[int, Program] = OrderedDict()
        self._first: dict[tuple[str, ...], tuple[tuple[Step, ...], Program]] = {}
        """Programs by what was asked, with their steps before any fresh run changed them."""
        self._lock = threading.Lock()
        self._ancestry = Ancestry()
        self._unfounded: set[Dependence] = set()

    def answer(self, number: int, request: requests.Request) -> messages.Message:
        """Answer at once; ``VerifyRequest`` is for ``verify``."""
        with self._lock, self.slicer.aside():
            match request:
                case requests.StatusRequest():
                    return self._status()
                case requests.VariablesRequest():
                    return self._variables(request)
                case requests.SliceRequest(name):
                    return self._slice(number, (name,))
                case requests.CellSliceRequest(cell):
                    return self._slice_cell(number, cell)
                case requests.ExpressionSliceRequest(expression):
                    return self._slice_expression(number, expression)
                case requests.DocumentRequest(of, form):
                    return _document(self._program(of), form)
                case requests.ForwardRequest(name):
                    return self._forward(name)
                case requests.GraphRequest(name, most):
                    return self._graph(name, most)
        raise ValueError(f"not for here: {request}")

    # -- what there is -------------------------------------------------------------

    def _status(self) -> messages.StatusMessage:
        from jupyter_slicer import __version__
        from jupyter_slicer.frontends.reports import history_state

        recorder = self.slicer.recorder
        records = self._records()
        return messages.StatusMessage(
            protocol=requests.PROTOCOL,
            version=__version__,
            recording="paused" if recorder.paused else "on",
            running=recorder.running,
            executions=len(records),
            statements=sum(len(record.instances) for record in records),
            spent=round(recorder.spent, 4),
            ran=round(recorder.ran, 4),
            history=history_state(self.slicer),
            incomplete=tuple(
                dict.fromkeys(r.execution.incomplete for r in records if r.execution.incomplete)
            ),
        )

    def _records(self) -> tuple[ExecutionRecord, ...]:
        return tuple(self.slicer.recorder.records)

    def _variables(self, request: requests.VariablesRequest) -> messages.VariablesMessage:
        ancestry = self._brought_up_to_date()
        alive = self.slicer.shell.user_ns
        names = [n for n in list(self.slicer.recorder.observer.bindings) if n[:1] != "_"]
        names = sorted(name for name in names if name in alive)
        marks = ancestry.marks(names, Document(request.edited, frozenset(request.gone)))
        return messages.VariablesMessage(
            running=self.slicer.recorder.running,
            variables=tuple(
                messages.VariableMessage(
                    name, seen.type, seen.shape, seen.bytes, seen.text,
                    _execution_of(ancestry, name), marks[name].stale, marks[name].orphaned,
                )
                for name in names
                for seen in (preview(alive.get(name)),)
            ),
            executions=tuple(map(_execution, self._records()[request.known :])),
        )  # fmt: skip

    def _brought_up_to_date(self) -> Ancestry:
        """Ancestry of all records; made anew when a dependence proved to be unfounded."""
        recorder = self.slicer.recorder
        with recorder.at_rest() as rest:
            if rest and (found := recorder.unfounded()) - self._unfounded:
                self._unfounded = set(found)
                self._ancestry = Ancestry()
            for record in self._records()[self._ancestry.executions :]:
                self._ancestry.add(record, self._unfounded)
            if rest:
                # Another name for the same object changes with it.
                self._ancestry.seeds = self.slicer.seeds()
        return self._ancestry

    # -- slices --------------------------------------------------------------------

    def _slice(self, number: int, names: tuple[str, ...]) -> messages.SliceMessage:
        recorder = self.slicer.recorder
        for name in names:
            # What computes would run the user's code in this thread.
            if not name.isidentifier():
                raise BadCriterion(name, "the sidebar slices variables only")
        with recorder.at_rest() as rest:
            if rest:
                program = self.slicer.backward_slice(*names, patience=PATIENCE)
                program.slice  # noqa: B018 - made while nothing changes what it is made of
        if not rest:
            program = self.slicer.recorded_slice(*names, seeds_of=self._ancestry.seeds)
        return self._kept(number, self._known(names, program))

    def _kept(self, number: int, program: Program) -> messages.SliceMessage:
        self._programs[number] = program
        while len(self._programs) > _KEPT:
            self._programs.popitem(last=False)
        return slice_message(program)

    def _slice_expression(self, number: int, text: str) -> messages.SliceMessage:
        """As ``%slice`` does: the evaluation is recorded like a cell, and in their thread."""
        expressions = parse_arguments(text, ()).expressions
        if not expressions:
            raise BadCriterion(text, "there is none")

        def made() -> Program:
            if self.slicer.recorder.running:
                raise BadCriterion(text, _RUNNING)
            program = self.slicer.backward_slice(*expressions, patience=PATIENCE)
            program.slice  # noqa: B018 - made while nothing changes what it is made of
            return program

        return self._kept(number, self._among_cells(made))

    def _among_cells(self, made: Callable[[], Program]) -> Program:
        """What a function gives in the thread of the cells, between two of them."""
        kernel = getattr(self.slicer.shell, "kernel", None)
        if kernel is None or threading.current_thread() is threading.main_thread():
            return made()
        if self.slicer.recorder.running:
            return made()  # which says so
        answer: Future[Program] = Future()

        def run() -> None:
            try:
                answer.set_result(made())
            except BaseException as error:
                interrupted = isinstance(error, KeyboardInterrupt)
                answer.set_exception(SlicerError("interrupted") if interrupted else error)

        kernel.io_loop.add_callback(run)
        return answer.result()

    def _known(self, names: tuple[str, ...], program: Program) -> Program:
        """The program of an earlier question if nothing has been written since: what fresh
        runs have said of it and made of it still holds."""
        steps = tuple(kept.step for kept in program.statements)
        before = self._first.get(names)
        if before is not None and before[0] == steps:
            return before[1]
        self._first = {**dict(list(self._first.items())[-_KEPT:]), names: (steps, program)}
        return program

    def _slice_cell(self, number: int, cell: str) -> messages.SliceMessage:
        """What the cell's last run showed, its error included, or what it defined."""
        ran = [r for r in self._records() if r.execution.cell_id == cell]
        if not ran:
            raise NoOutput
        execution = ran[-1].execution
        recorder = self.slicer.recorder
        shown = self.slicer.outputs.of(execution.id)
        showed = shown is not None and (shown.printed or shown.displayed)
        if showed or execution.outcome is Outcome.RAISED:
            with recorder.at_rest() as rest:
                if not rest:
                    raise BadCriterion(f"In[{execution.count}]", _RUNNING)
                wanted = CellOutput(execution=execution.id)
                program = self.slicer.outcome_slice(wanted, patience=PATIENCE)
                program.slice  # noqa: B018 - made while nothing changes what it is made of
            return self._kept(number, self._known((f"In {execution.id}",), program))
        return self._slice(number, self._defined_by(ran[-1]))

    def _defined_by(self, record: ExecutionRecord) -> tuple[str, ...]:
        alive = self.slicer.shell.user_ns
        names = [n for n, seeds in record.seeds.items() if seeds and n in alive]
        own = [n for n in names if type(alive[n]) is not types.ModuleType]
        if not own:
            raise NoOutput
        return tuple(own)

    def _program(self, number: int) -> Program:
        try:
            return self._programs[number]
        except KeyError:
            raise ForgottenSlice from None

    def verify(
        self, request: requests.VerifyRequest, tell: Tell, cancelled: Callable[[], bool]
    ) -> messages.SliceMessage:
        """Make fresh runs, which takes its time; raises ``Cancelled``."""

        def progress(words: str) -> None:
            if cancelled():
                raise Cancelled
            tell(messages.ProgressMessage(words))

        with self._lock:
            program = self._program(request.of)
        recorder = self.slicer.recorder
        calm = not recorder.running
        asked_at = recorder.step
        with self.slicer.aside():
            try:
                found = program.verify(self._timeout(), progress, repair=calm)
                if request.minimize and found.verdict is Verdict.SAME:
                    program.minimize(self._timeout(), progress)
            except VerificationError as error:
                program.verification = Verification(Verdict.NOT_VERIFIED, str(error))
            if program.verification.verdict is Verdict.DIFFERENT and not (
                calm and recorder.step == asked_at and self._is_latest(program)
            ):
                program.verification = _CHANGED_MEANWHILE
            return slice_message(program)

    def _is_latest(self, program: Program) -> bool:
        """Whether the value is still the one that the slice was made for."""
        names = tuple(asked.expression for asked in program.asked)
        if not all(name.isidentifier() for name in names):
            return True  # it was evaluated for this slice, and is not evaluated again
        with self.slicer.recorder.at_rest() as rest:
            if not rest:
                return False
            now = self.slicer.backward_slice(*names, patience=PATIENCE)
        with self._lock:
            return self._known(names, now) is program

    # -- the graph -----------------------------------------------------------------

    def _outcome(self, name: str) -> Program | None:
        """The slice of an output, file or error that is called so."""
        programs = reversed(self._programs.values())
        return next((p for p in programs if p.recipe.criterion.label == name), None)

    def _forward(self, name: str) -> messages.ForwardMessage:
        if self._outcome(name) is not None:
            return messages.ForwardMessage(name, (), ())  # nobody reads what was shown
        ancestry = self._brought_up_to_date()
        last = ancestry.last_step(name)
        if last is None:
            raise UnknownVariable(name)
        graph = self._whole_graph()
        reached = forward_of(graph, name, last)
        alive = self.slicer.shell.user_ns
        depend = [n for n in ancestry.reached_by(reached) if n in alive and n[:1] != "_"]
        return messages.ForwardMessage(
            name, tuple(n for n in depend if n != name), tuple(_places(graph, reached))
        )

    def _graph(self, name: str, most: int) -> messages.GraphMessage:
        known = self._brought_up_to_date().seeds.get(name, ())
        outcome = self._outcome(name)
        if outcome is not None:
            known = tuple(dict.fromkeys(seed.source for seed in outcome.recipe.seeds))
        seeds = [s for s in known if s >= 0]
        if not seeds:
            raise UnknownVariable(name)
        graph = self._whole_graph()
        found = around(graph, seeds, most)
        return messages.GraphMessage(
            name=name,
            selected=tuple(seeds),
            steps=tuple(_step(graph, step) for step in found.steps),
            edges=tuple(_edges(found.dependences)),
            left_out=found.left_out,
        )

    def _whole_graph(self) -> DependenceGraph:
        with self.slicer.recorder.at_rest() as rest:
            if rest:
                return self.slicer.graph()
        return DependenceGraph(self._records())


_RUNNING = "a cell is running; ask again when it has ended"
_CHANGED_MEANWHILE = Verification(
    Verdict.NOT_VERIFIED,
    "cells ran in the meantime, so the value may have changed; verify again when they have ended",
)


def _execution_of(ancestry: Ancestry, name: str) -> int | None:
    last = ancestry.last_step(name)
    return None if last is None else ancestry.execution_of(last).id


def _execution(record: ExecutionRecord) -> messages.ExecutionMessage:
    found = record.execution
    return messages.ExecutionMessage(
        found.id, found.cell_id, found.count, found.raw, found.outcome.value,
        round(found.seconds, 4),
    )  # fmt: skip


def _document(program: Program, form: str) -> messages.DocumentMessage:
    from jupyter_slicer.export.notebook import notebook_text
    from jupyter_slicer.export.script import script_text

    origin = program.written_from()
    if form == "notebook":
        text = notebook_text(program.slice, origin, program.verification)
    else:
        text = script_text(program.slice, origin, program.verification).text
    ending = ".ipynb" if form == "notebook" else ".py"
    return messages.DocumentMessage(form, _file_name(program) + ending, text)


def _file_name(program: Program) -> str:
    names = [asked.expression for asked in program.asked]
    first = names[0] if names else "slice"
    return f"output{first}" if first[:1] == "_" else first


def _places(graph: DependenceGraph, steps: Iterable[Step]) -> Iterable[messages.PlaceMessage]:
    for step in sorted(steps):
        instance = graph.instances[step]
        execution = graph.executions[instance.execution]
        where = (execution.raw, execution.source, instance.position)
        yield messages.PlaceMessage(
            execution.id, execution.cell_id, execution.count, statement_lines(*where),
            _first_line(statement_text(*where)),
        )  # fmt: skip


def _step(graph: DependenceGraph, step: Step) -> messages.StepMessage:
    instance = graph.instances[step]
    execution = graph.executions[instance.execution]
    text = statement_text(execution.raw, execution.source, instance.position)
    return messages.StepMessage(step, execution.id, _first_line(text))


def _first_line(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= 80 else line[:79] + "…"


_STRENGTH = [Voucher.OBSERVED, Voucher.STATIC, Voucher.ASSUMED]


def _edges(dependences: Iterable[Dependence]) -> Iterable[messages.EdgeMessage]:
    joined: dict[tuple[int, int], list[Dependence]] = {}
    for found in dependences:
        joined.setdefault((found.source, found.target), []).append(found)
    for (source, target), among in joined.items():
        names = dict.fromkeys(str(d.location) for d in among if d.location is not None)
        strongest = min((d.voucher for d in among), key=_STRENGTH.index)
        yield messages.EdgeMessage(source, target, tuple(names), strongest.value)
