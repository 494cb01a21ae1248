"""Wires the rooms: a recorder on a shell, slices of what it recorded, fresh runs of them.

In: a shell or a stored history. Out: programs that know their source, reasons and verdict.
Never: decides what a slice keeps, prints.
"""

from __future__ import annotations

import ast
import builtins
import difflib
import os
import re
import tempfile
import threading
import time
import types
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from jupyter_slicer.analysis.facts import statement_facts
from jupyter_slicer.domain import (
    CellExecution,
    Dependence,
    DependenceKind,
    FileUse,
    KeptStatement,
    SlicingCriterion,
    Step,
)
from jupyter_slicer.domain import location as locations
from jupyter_slicer.errors import BadCriterion, NothingRecorded, UnknownKernel, UnknownVariable
from jupyter_slicer.program import (
    PLAIN,
    Asked,
    Program,
    Progress,
    Recipe,
    SliceOptions,
    Surroundings,
    synthetic_statement,
)
from jupyter_slicer.store import (
    HistoryReader,
    HistoryWriter,
    KernelHistory,
    describe_kernel,
)

if TYPE_CHECKING:
    from jupyter_slicer.criteria import Wanted
    from jupyter_slicer.graph import DependenceGraph
    from jupyter_slicer.hindsight.additions import Live
    from jupyter_slicer.hindsight.kernel import Hindsight
    from jupyter_slicer.hindsight.replays import Replays
    from jupyter_slicer.hindsight.runs import Run
    from jupyter_slicer.hindsight.situation import Situation
    from jupyter_slicer.recording.heap import Source
    from jupyter_slicer.recording.recorder import Recorder


_GENERATORS = ("random", "numpy.random", "torch.random")
_DISPLAYED = re.compile(r"_+|_i+|_i?\d+").fullmatch
"""Names that IPython gives to what was typed and displayed."""


class Slicer:
    """Recording and slicing for one shell."""

    def __init__(
        self, shell: Any, store: str | None = None, tell: Progress = lambda message: None
    ) -> None:
        from jupyter_slicer.recording.hook import Hook
        from jupyter_slicer.recording.recorder import Recorder
        from jupyter_slicer.recording.shown import OutputWatch

        self.shell = shell
        self.folder = os.getcwd()
        self.environment = dict(os.environ)
        self.kernel = describe_kernel(uuid.uuid4().hex, time.time(), shell.user_ns)
        self.store = HistoryWriter(self.kernel, store, warn=tell)
        self.outputs = OutputWatch(shell)
        self.recorder: Recorder = Recorder(
            shell.user_ns, _hidden_names(shell), self.store.append, tell,
            shown=self.outputs.mark,
        )  # fmt: skip
        self.hindsight = self._hindsight(store, tell)
        self.hook = Hook(shell, self.recorder, self.hindsight.transformer, self.outputs)
        self._graph: DependenceGraph | None = None
        self._replays: Replays | None = None
        self._inner: tuple[tuple[int, int], frozenset[str]] | None = None
        self._graph_lock = threading.Lock()
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def _hindsight(self, store: str | None, tell: Progress) -> Hindsight:
        from jupyter_slicer.hindsight.kernel import Hindsight
        from jupyter_slicer.recording.files import aside
        from jupyter_slicer.recording.hook import without_probes

        return Hindsight(
            self.shell.user_ns, store, self._situation, without_probes, tell, aside
        )

    def start(self) -> None:
        self.hook.install()
        self.shell.events.register("pre_run_cell", self._cell_begins)
        self.hindsight.start()
        self.hook.adopt_running_cell()

    def stop(self) -> None:
        if self._cell_begins in self.shell.events.callbacks["pre_run_cell"]:
            self.shell.events.unregister("pre_run_cell", self._cell_begins)
        self.hindsight.stop()
        self.hook.remove()
        self.store.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _cell_begins(self, info: Any = None) -> None:
        self.hindsight.watch.cell_begins()

    def _situation(self) -> Situation | None:
        """The statement that is running, for a loop that begins in it."""
        from jupyter_slicer.hindsight.situation import Situation, reached_names

        running = self.recorder.running_statement()
        if running is None:
            return None
        facts = running.observed.facts
        names = running.observed.names | facts.defines | {a.name for a in facts.stores}
        hidden = self.shell.user_ns_hidden
        # All that IPython itself puts there leads to the whole kernel, or is another thing
        # after each cell.
        ipythons = {n for n in hidden if self.shell.user_ns.get(n) is hidden[n]}
        ipythons |= {n for n in names if _DISPLAYED(n)} - set(self.recorder.observer.taken)
        names -= ipythons - facts.mentions - facts.defines
        inner = self._inner_names(running.execution, running.source, running.position) - names
        late = reached_names(inner, self.shell.user_ns) - names - ipythons if inner else set()
        return Situation(
            kernel=self.kernel.id,
            execution=running.execution,
            step=running.observed.step,
            position=running.position,
            source=running.source,
            names=frozenset(names | late),
            late=frozenset(late),
            settings=tuple(
                sorted({s.step for s in running.observed.sources if self._is_setting(s)})
            ),
            sources=tuple(sorted({s.step for s in running.observed.sources if s.step >= 0})),
            writers={n: tuple(w) for n, w in self.recorder.observer.variables.items()},
            folder=os.getcwd(),
            cell_id=running.cell_id,
            count=running.count,
            notebook=self.kernel.notebook,
        )

    def _is_setting(self, source: Source) -> bool:
        """Whether a statement goes back to another by what is no variable of the notebook: an
        option, or something that was put into a module.

        The generators of libraries are such too, but a checkpoint has them.
        """
        from jupyter_slicer.recording.observer import state_of

        if source.step < 0 or source.where in map(state_of, _GENERATORS):
            return False
        name = source.where.partition(".")[0].partition("[")[0]
        return source.where.endswith(state_of("")) or isinstance(
            self.shell.user_ns.get(name), types.ModuleType
        )

    def _inner_names(self, execution: int, source: str, position: int) -> frozenset[str]:
        """Asked for at each loop that begins: a statement is read once."""
        from jupyter_slicer.hindsight.situation import names_of_functions

        place = (execution, position)
        if self._inner is None or self._inner[0] != place:
            self._inner = place, names_of_functions(source, position)
        return self._inner[1]

    @property
    def replays(self) -> Replays:
        """Replays of the runs in this kernel's store."""
        from jupyter_slicer.hindsight.replays import Replays

        if self._replays is None:
            self._replays = Replays(
                self.hindsight.store,
                self._graph_of,
                lambda: nullcontext(self._live()),
                self.environment,
            )
        return self._replays

    def _live(self) -> Live:
        from jupyter_slicer.hindsight.additions import Live

        return Live(self.kernel.id, self.shell.user_ns, self._writers, self._behind)

    @contextmanager
    def _live_at_rest(self) -> Iterator[Live | None]:
        with self.recorder.at_rest() as rest:
            yield self._live() if rest else None

    def replays_aside(self) -> Replays:
        """The same for other threads: what lives is looked at only while no cell runs, and
        no longer than that takes."""
        from jupyter_slicer.graph import DependenceGraph
        from jupyter_slicer.hindsight.replays import Replays

        @cache
        def own_graph() -> DependenceGraph:
            return DependenceGraph(tuple(self.recorder.records))

        def graph_of(run: Run) -> DependenceGraph:
            if run.kernel == self.kernel.id:
                return own_graph()
            return stored_graph(run, self.store.path)

        return Replays(self.hindsight.store, graph_of, self._live_at_rest, self.environment)

    def texts_in(
        self, run: Run, cells: Mapping[str, str], replays: Replays
    ) -> dict[str, tuple[str, str]]:
        """For texts that a run ran, of which a cell is in a notebook: the cell's id, and what
        it says now. Other cells than that of the loop count where something was only added.
        """
        from jupyter_slicer.hindsight.replays import holds_loop, only_adds

        graph = replays.graph_of(run)
        newest: dict[str, CellExecution] = {}
        for execution in graph.executions.values():
            if execution.cell_id and execution.id <= run.execution:
                newest[execution.cell_id] = execution
        places = {execution.source: cell for cell, execution in newest.items()}
        now = {cell: self.transformed(text) for cell, text in cells.items()}
        found = {}
        for text in replays.own_texts(run):
            cell = places.get(text) or (run.cell_id if text == run.source else None)
            if cell not in now:
                # A copy of the notebook, or a cell that was cut and pasted.
                cell = next(
                    (c for c, t in now.items() if t == text or only_adds(text, t)), None
                )
            if cell is not None:
                own = text == run.source or holds_loop(run, text)
                taken = own or only_adds(text, now[cell])
                found[text] = (cell, now[cell] if taken else text)
        return found

    def transformed(self, text: str) -> str:
        """A cell's text as Python, as runs have it."""
        from jupyter_slicer.slicing.text import plain_cell

        try:
            return plain_cell(str(self.shell.transform_cell(text)))
        except SyntaxError:
            return text  # who compares it says what is wrong

    def texts_now(self, run: Run) -> dict[str, str]:
        """The texts that a run ran, and for each the newest cell that only adds to it."""
        from jupyter_slicer.hindsight.replays import only_adds
        from jupyter_slicer.slicing.text import plain_cell

        later = [r.execution for r in self.recorder.records]
        if run.kernel == self.kernel.id:
            later = [e for e in later if e.id > run.execution]
        found = {}
        for text in self.replays.texts(run):
            sources = (plain_cell(e.source) for e in reversed(later))
            newer = (source for source in sources if only_adds(text, source))
            found[text] = next(newer, text)
        return found

    def newest_like(self, edited: str) -> CellExecution | None:
        """The last cell execution of this kernel whose text an edited one only adds to."""
        from jupyter_slicer.hindsight.replays import only_adds
        from jupyter_slicer.slicing.text import plain_cell

        executions = (r.execution for r in reversed(self.recorder.records))
        return next((e for e in executions if only_adds(plain_cell(e.source), edited)), None)

    def hindsight_frame(self, names: Sequence[str] = ()) -> Any:
        """A pandas DataFrame of what all runs have logged, replays included."""
        from jupyter_slicer.hindsight.frame import frame_of
        from jupyter_slicer.hindsight.versions import parameters_of

        store = self.hindsight.store
        runs = store.runs()
        values = [v for run in runs for v in store.logged(run.id)]
        return frame_of(values, names or None, parameters_of(store, runs))

    def past_value(self, run: int, iteration: int, name: str) -> Any:
        """A variable as it was before an iteration; after the last one for their number."""
        return self.replays.past_value(
            self.hindsight.store.run(run), iteration, name, self.shell.user_ns
        )

    def _graph_of(self, run: Run) -> DependenceGraph:
        """What is known of the kernel in which a run was recorded."""
        if run.kernel == self.kernel.id:
            return self.graph()
        return stored_graph(run, self.store.path)

    def resume(self, number: int) -> tuple[Run, int]:
        """Go on with a run in this kernel, from its latest checkpoint."""
        from jupyter_slicer.hindsight.resuming import resume_of, statement_text

        run = self.hindsight.store.run(number)
        program = self.replays.program(run, everything=False)
        resume = resume_of(self.hindsight.store, run, program.texts)
        if run.kernel != self.kernel.id:
            for piece in program.pieces:
                self.shell.run_cell(statement_text(program, piece)).raise_error()
        self.shell.user_ns.update(self.replays.state(resume.first, self.shell.user_ns))
        self.hindsight.watch.resume = resume
        try:
            self.shell.run_cell(statement_text(program, program.target)).raise_error()
        finally:
            self.hindsight.watch.resume = None
        return run, resume.checkpoint.number

    def _writers(self, name: str) -> tuple[int, ...]:
        return tuple(self.recorder.observer.variables.get(name, ()))

    def _behind(self, name: str) -> frozenset[int]:
        """Steps that what a variable leads to goes back to; a function leads to nothing
        but its text, and what it closes over."""
        value = self.shell.user_ns.get(name)
        text = isinstance(value, (types.FunctionType, types.ModuleType, type))
        if text and getattr(value, "__closure__", None) is None:
            return frozenset()
        facts = statement_facts(ast.Expr(ast.Name(name, ast.Load())))
        return frozenset(s.step for s in self.recorder.observer.sources_of(facts).sources)

    def graph(self) -> DependenceGraph:
        """The dependence graph of all that has been recorded so far."""
        from jupyter_slicer.graph import DependenceGraph

        with self._graph_lock:
            if self._graph is None:
                self._graph = DependenceGraph()
            for record in self.recorder.records[len(self._graph.executions) :]:
                self._graph.add(record)
            whole = self._graph
        begun = self.recorder.open_record()
        if begun is None:
            return whole
        # Asked in the middle of a cell: its record will change, so it is not kept.
        whole = DependenceGraph()
        for record in (*self.recorder.records, begun):
            whole.add(record)
        return whole

    def backward_slice(
        self, *expressions: str, options: SliceOptions = PLAIN, patience: float = 60.0
    ) -> Program:
        """The program behind one or more names or expressions, as things stand now.

        What was not looked at yet, because that takes long, is looked at for up to
        ``patience`` seconds.
        """
        parsed = [_parsed(e) for e in expressions]
        if not parsed:
            raise BadCriterion("", "there is none")
        self._take_stock(patience, lambda: self._check_names(parsed))
        seeds: dict[Dependence, None] = {}
        synthetic: list[KeptStatement] = []
        asked = [
            self._ask(expression, tree, number, seeds, synthetic)
            for number, (expression, tree) in enumerate(zip(expressions, parsed, strict=True))
        ]
        criterion = SlicingCriterion(
            tuple(expressions),
            self.recorder.step,
            tuple(d.location for d in seeds if d.location is not None),
        )
        return self._program(criterion, seeds, asked, options, synthetic)

    def outcome_slice(
        self, wanted: Wanted, options: SliceOptions = PLAIN, patience: float = 60.0
    ) -> Program:
        """The program behind a file, behind what a cell showed, or behind an error."""
        from jupyter_slicer.criteria import found

        self._take_stock(patience)
        outcome = found(wanted, self.recorder, self.outputs, self.graph(), self.shell)
        seeds = dict.fromkeys(outcome.seeds)
        program = self._program(outcome.criterion, seeds, outcome.asked, options, [])
        return replace(program, screening=outcome.screening, unguarded=outcome.unguarded)

    def _take_stock(self, patience: float, check: Callable[[], None] = lambda: None) -> None:
        """Before a question: what can be looked at has been, and there is something."""
        if self.recorder.paused:
            # What happened in the pause is taken in now, as one unrecorded statement.
            self.recorder.resume()
            self.recorder.pause()
        if not self.recorder.records and self.recorder.open_record() is None:
            raise NothingRecorded
        check()
        self.recorder.observer.settle(Step(self.recorder.step - 1), patience)

    def _program(
        self,
        criterion: SlicingCriterion,
        seeds: dict[Dependence, None],
        asked: Iterable[Asked],
        options: SliceOptions,
        synthetic: list[KeptStatement],
    ) -> Program:
        if options.pin_random:
            synthetic.append(
                synthetic_statement(Step(-1), self.recorder.observer.ambient.pinned())
            )
        unfounded = set(self.recorder.unfounded())
        artifacts = [
            self._cut_at(name, options, seeds, unfounded, synthetic) for name in options.cut
        ]
        return Program(
            Recipe(self.graph(), criterion, tuple(seeds), frozenset(unfounded)),
            Surroundings(self.folder, self.environment, self.kernel.notebook, self.aside),
            tuple(asked),
            options,
            tuple(synthetic),
            tuple(artifacts),
        )

    def seeds(self) -> dict[str, tuple[Step, ...]]:
        """For each variable, where a slice of it begins as things stand now.

        To be asked between cells only.
        """
        found = {}
        for name in sorted(self.recorder.observer.bindings):
            facts = statement_facts(ast.Expr(ast.Name(name, ast.Load())))
            sources = self.recorder.observer.sources_of(facts).sources
            found[name] = tuple(sorted({source.step for source in sources}))
        return found

    def recorded_slice(
        self, *names: str, seeds_of: Mapping[str, Sequence[Step]] | None = None
    ) -> Program:
        """The program behind variables as the last cell that ended has left them, or as
        ``seeds()`` has once found them.

        It looks at nothing that lives, so it may be asked from any thread while a cell
        runs.
        """
        from jupyter_slicer.graph import DependenceGraph

        records = tuple(self.recorder.records)
        if not records:
            raise NothingRecorded
        self._check_names([ast.Name(name, ast.Load()) for name in names])
        around = Surroundings(self.folder, self.environment, self.kernel.notebook, self.aside)
        seeds_of = {**KernelHistory(self.kernel, records).seeds(), **(seeds_of or {})}
        recipe = _recipe_of_variables(DependenceGraph(records), seeds_of, names)
        alive = self.shell.user_ns
        asked = tuple(Asked(name, name, alive.get(name), name in alive) for name in names)
        return Program(recipe, around, asked)

    def _ask(
        self,
        expression: str,
        tree: ast.expr,
        number: int,
        seeds: dict[Dependence, None],
        synthetic: list[KeptStatement],
    ) -> Asked:
        """Find the value of an expression, and where it comes from.

        One that computes may change things: its evaluation is recorded as a statement.
        """
        if is_path(tree) and not self._leads_into_module(tree):
            seeds |= self._sources(tree, self.recorder.step)
            return Asked(expression, expression, self._value(expression), known=True)
        name = free_name("result", self.shell.user_ns, number)
        step = self.recorder.step
        if self.recorder.can_record_evaluation:
            with self.recorder.evaluation(expression, f"{name} = {expression.strip()}"):
                value = self._value(expression)
            place = locations.variable(name)
            seeds[Dependence(step, self.recorder.step, DependenceKind.DATA, place)] = None
        else:
            seeds |= self._sources(tree, step)
            synthetic.append(synthetic_statement(step, f"{name} = {expression.strip()}"))
            value = self._value(expression)
        return Asked(expression, name, value, known=True)

    def _leads_into_module(self, tree: ast.expr) -> bool:
        """``os.environ["HOME"]`` is read from the world outside, as a statement reads it."""
        root = next(n for n in ast.walk(tree) if isinstance(n, ast.Name))
        inside = not isinstance(tree, ast.Name)
        return inside and isinstance(self.shell.user_ns.get(root.id), types.ModuleType)

    def _sources(self, tree: ast.expr, at: Step) -> dict[Dependence, None]:
        found = self.recorder.observer.sources_of(statement_facts(ast.Expr(tree)))
        return {
            Dependence(
                source.step,
                at,
                DependenceKind.DATA,
                locations.location_of(source.where),
                source.voucher,
            ): None
            for source in sorted(found.sources, key=lambda s: (s.step, s.where))
        }

    def _value(self, expression: str) -> object:
        try:
            # In a copy: a walrus in the expression binds nothing of the user's.
            return eval(expression.strip(), dict(self.shell.user_ns))
        except (Exception, SystemExit) as error:
            why = f"it raises {type(error).__name__} in the kernel"
            raise BadCriterion(expression, why) from error

    def _cut_at(
        self,
        name: str,
        options: SliceOptions,
        seeds: dict[Dependence, None],
        unfounded: set[Dependence],
        synthetic: list[KeptStatement],
    ) -> FileUse:
        """Save a variable's value, and let the program load it where it was last written."""
        from jupyter_slicer.export.artifact import load_text, save_artifact
        from jupyter_slicer.slicing.cut import cut_dependences

        last = self._last_write(name)
        unfounded |= cut_dependences(self.graph(), name, last, seeds)
        with self.aside():
            saved = save_artifact(
                name, self.shell.user_ns[name], options.artifacts or self._own_folder(),
                step=last, force=options.force,
            )  # fmt: skip
        synthetic.append(synthetic_statement(last, load_text(name, saved.path)))
        return saved

    def _own_folder(self) -> str:
        """For saved values that nobody said where to keep; gone with the kernel."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="slicer-values-")
        return self._folder.name

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Within it, what this thread does is our own doing, not the running cell's."""
        from jupyter_slicer.recording.files import aside

        with aside():
            yield

    def _check_names(self, parsed: Iterable[ast.expr]) -> None:
        namespace = self.shell.user_ns
        for tree in parsed:
            if (
                isinstance(tree, ast.Name)
                and tree.id not in namespace
                and hasattr(builtins, tree.id)
            ):
                raise BadCriterion(tree.id, "it is part of Python itself")
            for access in statement_facts(ast.Expr(tree)).reads:
                name = access.name
                if name not in namespace and not hasattr(builtins, name):
                    known = [n for n in self.recorder.observer.bindings if n[:1] != "_"]
                    deleted = name in self.recorder.observer.variables
                    hint = " It was deleted since." if deleted else ""
                    if self.recorder.paused:
                        hint += " Recording is paused: %slicer resume."
                    raise UnknownVariable(name, difflib.get_close_matches(name, known), hint)

    def _last_write(self, name: str) -> Step:
        """The last step that defined a variable or changed what it leads to."""
        self._check_names([ast.Name(name, ast.Load())])
        facts = statement_facts(ast.Expr(ast.Name(name, ast.Load())))
        steps = [s.step for s in self.recorder.observer.sources_of(facts).sources]
        return max(steps, default=Step(-1))


def stored_graph(run: Run, store: str | None) -> DependenceGraph:
    """The dependence graph of the kernel in which a run was recorded."""
    from jupyter_slicer.graph import DependenceGraph

    try:
        return DependenceGraph(HistoryReader(store).load(run.kernel).records)
    except UnknownKernel:
        # It died in its first cell: the cell's own text is in the run.
        return DependenceGraph()


def slice_history(reader: HistoryReader, kernel: str, expressions: Sequence[str]) -> Program:
    """A slice of a recorded kernel that is gone: of variables as they were at its end."""
    from jupyter_slicer.graph import DependenceGraph

    history = reader.load(kernel)
    seeds_of = history.seeds()
    recipe = _recipe_of_variables(DependenceGraph(history.records), seeds_of, expressions)
    at = recipe.criterion.at
    around = Surroundings(history.kernel.folder, None, history.kernel.notebook)
    asked, synthetic = [], []
    for number, expression in enumerate(expressions):
        name = expression
        if not is_path(_parsed(expression)):
            name = free_name("result", seeds_of, number)
            synthetic.append(synthetic_statement(at, f"{name} = {expression.strip()}"))
        asked.append(Asked(expression, name))
    return Program(recipe, around, tuple(asked), synthetic=tuple(synthetic))


def _recipe_of_variables(
    graph: DependenceGraph,
    seeds_of: Mapping[str, Sequence[Step]],
    expressions: Sequence[str],
) -> Recipe:
    """Of what expressions read, as it stood at the end of what a graph holds."""
    at = Step(max(graph.instances, default=-1) + 1)
    seeds: dict[Dependence, None] = {}
    for expression in expressions:
        for access in statement_facts(ast.Expr(_parsed(expression))).reads:
            if access.name not in seeds_of and not hasattr(builtins, access.name):
                near = difflib.get_close_matches(access.name, seeds_of)
                raise UnknownVariable(access.name, near)
            place = locations.variable(access.name)
            for step in seeds_of.get(access.name, ()):
                seeds[Dependence(step, at, DependenceKind.DATA, place)] = None
    return Recipe(graph, SlicingCriterion(tuple(expressions), at), tuple(seeds))


def check_expression(expression: str) -> None:
    """Raise ``BadCriterion`` for what is no expression."""
    _parsed(expression)


def _parsed(expression: str) -> ast.expr:
    try:
        return ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise BadCriterion(expression, getattr(error, "msg", str(error))) from None


def is_path(tree: ast.expr) -> bool:
    """Whether an expression only names a place: ``df``, ``df["age"]``, ``model.coef_[0]``."""
    match tree:
        case ast.Name():
            return True
        case ast.Attribute(value=value):
            return is_path(value)
        case ast.Subscript(value=value, slice=index):
            inside = (ast.Constant, ast.Name, ast.Tuple, ast.Slice, ast.UnaryOp, ast.USub)
            known = (*inside, ast.expr_context)
            return is_path(value) and all(isinstance(n, known) for n in ast.walk(index))
    return False


def free_name(wanted: str, namespace: Mapping[str, object], number: int) -> str:
    name = wanted if number == 0 else f"{wanted}_{number + 1}"
    while name in namespace:
        name += "_"
    return name


def _hidden_names(shell: Any) -> set[str]:
    """Names that IPython itself keeps in the user's namespace."""
    ours = {
        "__warningregistry__",
        "In",
        "Out",
        "_ih",
        "_oh",
        "_dh",
        "_",
        "__",
        "___",
        "_i",
        "_ii",
        "_iii",
        "_exit_code",
        "__jupyter_slicer_loop__",
    }
    hidden = getattr(shell, "user_ns_hidden", {})
    return ours | {n for n, v in hidden.items() if shell.user_ns.get(n) is v}
