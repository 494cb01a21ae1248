"""Wires the rooms: a recorder on a shell, slices of what it recorded, fresh runs of them.

In: a shell or a stored history. Out: programs that know their source, reasons and verdict.
Never: decides what a slice keeps, prints.
"""

from __future__ import annotations

import ast
import builtins
import difflib
import os
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from jupyter_slicer.analysis.facts import statement_facts
from jupyter_slicer.domain import (
    CellExecution,
    Dependence,
    DependenceKind,
    ExecutionId,
    KeptStatement,
    ProgramSlice,
    SlicingCriterion,
    StatementInstance,
    Step,
    Verdict,
    Verification,
)
from jupyter_slicer.domain import location as locations
from jupyter_slicer.errors import BadCriterion, NothingRecorded, UnknownVariable
from jupyter_slicer.store import HistoryReader, HistoryWriter, describe_kernel

if TYPE_CHECKING:
    from jupyter_slicer.export.render import RenderedProgram
    from jupyter_slicer.graph import DependenceGraph
    from jupyter_slicer.recording.recorder import Recorder
    from jupyter_slicer.values.digest import ValueDigest

NOT_VERIFIED = Verification(Verdict.NOT_VERIFIED, "no fresh run was made")
Progress = Callable[[str], None]


def _silent(message: str) -> None:
    return None


@dataclass(frozen=True)
class SliceOptions:
    """What changes the program itself, before any fresh run."""

    pin_random: bool = False
    cut: tuple[str, ...] = ()
    artifacts: str = "."
    """Folder in which values named by ``cut`` are saved."""
    cut_inner: bool = True


class Slicer:
    """Recording and slicing for one shell."""

    def __init__(self, shell: Any, store: str | None = None, tell: Progress = _silent) -> None:
        from jupyter_slicer.recording.hook import Hook
        from jupyter_slicer.recording.recorder import Recorder

        self.shell = shell
        self.folder = os.getcwd()
        self.environment = dict(os.environ)
        self.kernel = describe_kernel(uuid.uuid4().hex, time.time(), shell.user_ns)
        self.store = HistoryWriter(self.kernel, store, warn=tell)
        self.recorder: Recorder = Recorder(
            shell.user_ns, _hidden_names(shell), self.store.append, tell
        )
        self.hook = Hook(shell, self.recorder)
        self._graph: DependenceGraph | None = None

    def start(self) -> None:
        self.hook.install()
        self.hook.adopt_running_cell()

    def stop(self) -> None:
        self.hook.remove()
        self.store.close()

    def graph(self) -> DependenceGraph:
        """The dependence graph of all that has been recorded so far."""
        from jupyter_slicer.graph import DependenceGraph

        if self._graph is None:
            self._graph = DependenceGraph()
        for record in self.recorder.records[len(self._graph.executions) :]:
            self._graph.add(record)
        begun = self.recorder.open_record()
        if begun is None:
            return self._graph
        # Asked in the middle of a cell: its record will change, so it is not kept.
        whole = DependenceGraph()
        for record in (*self.recorder.records, begun):
            whole.add(record)
        return whole

    def backward_slice(
        self, *expressions: str, options: SliceOptions = SliceOptions()
    ) -> Program:
        """The program behind one or more names or expressions, as things stand now."""
        from jupyter_slicer.export.artifact import load_text, save_artifact
        from jupyter_slicer.slicing.cut import cut_dependences

        parsed = [_parsed(e) for e in expressions]
        if self.recorder.paused:
            # What happened in the pause is taken in now, as one unrecorded statement.
            self.recorder.resume()
            self.recorder.pause()
        if not self.recorder.records and self.recorder.open_record() is None:
            raise NothingRecorded
        self._check_names(parsed)
        self.recorder.observer.settle(Step(self.recorder.step - 1))
        at = self.recorder.step
        seeds: dict[Dependence, None] = {}
        for tree in parsed:
            found = self.recorder.observer.sources_of(statement_facts(ast.Expr(tree)))
            for source in sorted(found.sources, key=lambda s: (s.step, s.where)):
                seeds[
                    Dependence(
                        source.step,
                        at,
                        DependenceKind.DATA,
                        locations.location_of(source.where),
                        source.voucher,
                    )
                ] = None
        criterion = SlicingCriterion(
            tuple(expressions), at, tuple(d.location for d in seeds if d.location is not None)
        )
        unfounded = set(self.recorder.unfounded())
        synthetic = self._asked(criterion, parsed)
        if options.pin_random:
            synthetic.append(
                synthetic_statement(Step(-1), self.recorder.observer.ambient.pinned())
            )
        for name in options.cut:
            last = self._last_write(name)
            unfounded |= cut_dependences(self.graph(), name, last, seeds)
            path = save_artifact(name, self.shell.user_ns[name], options.artifacts)
            synthetic.append(synthetic_statement(last, load_text(name, path)))
        recipe = Recipe(self.graph(), criterion, tuple(seeds), frozenset(unfounded))
        return Program(recipe, self._live(), options, tuple(synthetic))

    def _live(self) -> LiveKernel:
        return LiveKernel(
            self.shell.user_ns, self.folder, self.environment, self.kernel.notebook
        )

    def _check_names(self, parsed: Iterable[ast.expr]) -> None:
        namespace = self.shell.user_ns
        for tree in parsed:
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

    def _asked(
        self, criterion: SlicingCriterion, parsed: Sequence[ast.expr]
    ) -> list[KeptStatement]:
        """Expressions that compute are computed by the program too, under a name."""
        computing = [
            expression
            for expression, tree in zip(criterion.expressions, parsed, strict=True)
            if any(isinstance(n, ast.Call | ast.BinOp | ast.Compare) for n in ast.walk(tree))
        ]
        return [
            synthetic_statement(
                criterion.at, f"{_free_name('result', self.shell.user_ns, i)} = {expression}"
            )
            for i, expression in enumerate(computing)
        ]


@dataclass(frozen=True)
class LiveKernel:
    """What a program is compared with."""

    namespace: Mapping[str, object] | None
    folder: str
    environment: Mapping[str, str] | None
    notebook: str | None


@dataclass(frozen=True)
class Recipe:
    """From what a slice is made; the same recipe with more steps is a wider slice."""

    graph: DependenceGraph
    criterion: SlicingCriterion
    seeds: tuple[Dependence, ...]
    unfounded: frozenset[Dependence] = frozenset()
    extra: frozenset[Step] = frozenset()
    without: frozenset[Step] = frozenset()

    def slice(self, cut_inner: bool = True) -> ProgramSlice:
        from jupyter_slicer.slicing import backward_slice

        return backward_slice(
            self.graph, self.criterion, self.seeds, unfounded=self.unfounded,
            extra=self.extra, without=self.without, cut_inner=cut_inner,
        )  # fmt: skip


@dataclass
class Program:
    """The compact program behind a value, and what a fresh run said of it."""

    recipe: Recipe
    live: LiveKernel
    options: SliceOptions = SliceOptions()
    synthetic: tuple[KeptStatement, ...] = ()
    verification: Verification = NOT_VERIFIED
    repaired: tuple[str, ...] = ()
    """What a fresh run showed to be missing from the first slice, in words."""
    _slice: ProgramSlice | None = field(default=None, repr=False)
    _rendered: RenderedProgram | None = field(default=None, repr=False)

    @property
    def slice(self) -> ProgramSlice:
        if self._slice is None:
            found = self.recipe.slice(self.options.cut_inner)
            statements = sorted((*found.statements, *self.synthetic), key=lambda k: k.step)
            notes = (*found.notes, *self.repaired)
            self._slice = replace(found, statements=tuple(statements), notes=notes)
        return self._slice

    @property
    def rendered(self) -> RenderedProgram:
        from jupyter_slicer.export.render import render

        if self._rendered is None:
            self._rendered = render(self.slice)
        return self._rendered

    @property
    def source(self) -> str:
        """The program's text: plain Python."""
        return self.rendered.text

    @property
    def statements(self) -> tuple[KeptStatement, ...]:
        return self.slice.statements

    @property
    def reasons(self) -> dict[Step, str]:
        """For each kept statement's step, why it is kept, in words."""
        from jupyter_slicer.export.why import reason_text

        users = {kept.step: kept for kept in self.slice.statements}
        return {kept.step: reason_text(kept, users) for kept in users.values()}

    @property
    def facts(self) -> str:
        from jupyter_slicer.export.facts import facts_line

        return facts_line(self.slice)

    # -- fresh runs ----------------------------------------------------------------

    def verify(
        self, timeout: float = 600.0, progress: Progress = _silent, repair: bool = True
    ) -> Verification:
        """Run the program in a fresh process and compare; widen it if that differs."""
        digests = self._digests()
        found = self._fresh_run(self, digests, timeout, progress)
        if repair and found.verdict in (Verdict.DIFFERENT, Verdict.DID_NOT_RUN):
            found = self._repair(found, digests, timeout, progress)
        self.verification = found
        return found

    def minimize(self, timeout: float = 600.0, progress: Progress = _silent) -> Verification:
        """Delete statements, each time with a fresh run, until none can go."""
        from jupyter_slicer.verify import minimise

        digests = self._digests()
        base = self.recipe

        def is_same(kept: Iterable[Step]) -> bool:
            dropped = frozenset(steps) - frozenset(kept)
            candidate = self._with(replace(base, without=dropped))
            run = self._fresh_run(candidate, digests, timeout, _silent, twice=False)
            return run.verdict is Verdict.SAME

        steps = [k.step for k in self.slice.statements if k.step in base.graph.instances]
        if not is_same(steps):
            self.verification = self._fresh_run(self, digests, timeout, progress)
            return self.verification
        kept = minimise(steps, is_same, progress=progress)
        self._become(replace(base, without=frozenset(steps) - frozenset(kept)))
        self.verification = self._fresh_run(self, digests, timeout, progress)
        return self.verification

    def _digests(self) -> tuple[ValueDigest, ...] | None:
        from jupyter_slicer.values.digest import value_digest

        if self.live.namespace is None:
            return None
        return tuple(
            value_digest(_value(e, self.live.namespace))
            for e in self.recipe.criterion.expressions
        )

    def _fresh_run(
        self,
        program: Program,
        digests: tuple[ValueDigest, ...] | None,
        timeout: float,
        progress: Progress,
        twice: bool = True,
    ) -> Verification:
        from jupyter_slicer.values.digest import ValueDigest
        from jupyter_slicer.verify import FreshRunRequest, verify

        expressions = self.recipe.criterion.expressions
        unknown = ValueDigest(None, "not recorded", ("the value was not recorded",))
        request = FreshRunRequest(
            program=program.source,
            expressions=expressions,
            digests=digests if digests is not None else tuple(unknown for _ in expressions),
            inputs=program.slice.inputs,
            folder=self.live.folder,
            timeout=timeout,
            twice=twice,
            environment=self.live.environment,
        )
        return verify(request, progress=progress)

    def _repair(
        self,
        first: Verification,
        digests: tuple[ValueDigest, ...] | None,
        timeout: float,
        progress: Progress,
    ) -> Verification:
        """Find what is missing among the statements that were left out."""
        from jupyter_slicer.verify import repair

        runs = 0
        whole = self._with(self.recipe, SliceOptions(cut_inner=False))

        def is_same(extra: Iterable[Step]) -> bool:
            nonlocal runs
            runs += 1
            progress(f"different; trying wider slices ({runs})")
            candidate = self._with(replace(self.recipe, extra=frozenset(extra)), whole.options)
            run = self._fresh_run(candidate, digests, timeout, _silent, twice=False)
            return run.verdict is Verdict.SAME

        kept = {k.step for k in self.slice.statements}
        suspects = [
            s
            for s in sorted(self.recipe.graph.instances, reverse=True)
            if s < self.recipe.criterion.at and s not in kept
        ]
        found = frozenset[Step]() if is_same(()) else repair(set(), suspects, is_same)
        if found is None:
            return replace(first, runs=first.runs + runs)
        self.options = replace(self.options, cut_inner=False)
        self._become(replace(self.recipe, extra=frozenset(found)))
        self.repaired = tuple(self._missing(step) for step in sorted(found)) or (
            "inner statements that looked unneeded were needed",
        )
        self._slice = None
        second = self._fresh_run(self, digests, timeout, progress)
        return replace(second, runs=first.runs + runs + second.runs)

    def _missing(self, step: Step) -> str:
        graph = self.recipe.graph
        execution = graph.executions[graph.instances[step].execution]
        return (
            f"a fresh run showed that statement {graph.instances[step].position + 1} "
            f"of In[{execution.count}] is needed"
        )

    def _with(self, recipe: Recipe, options: SliceOptions | None = None) -> Program:
        return Program(recipe, self.live, options or self.options, self.synthetic)

    def _become(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self._slice = self._rendered = None

    # -- keeping it ----------------------------------------------------------------

    def export(self, path: str, *, force: bool = False) -> str:
        """Write the program as a script; gives its text."""
        from jupyter_slicer.export.script import export_script

        script = export_script(
            self.slice, path, force=force, origin=self._origin(), verification=self.verification
        )
        return script.text

    def export_notebook(self, path: str, *, force: bool = False) -> None:
        """Write the program as a notebook of the kept cells."""
        from jupyter_slicer.export.notebook import export_notebook

        export_notebook(
            self.slice, path, force=force, origin=self._origin(), verification=self.verification
        )

    def _origin(self) -> Any:
        from jupyter_slicer.export.script import Origin

        return Origin(notebook=self.live.notebook, when=time.time(), folder=self.live.folder)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from jupyter_slicer.frontends.display import mimebundle

        return mimebundle(self)


def slice_history(reader: HistoryReader, kernel: str, expressions: Sequence[str]) -> Program:
    """A slice of a recorded kernel that is gone: of variables as they were at its end."""
    from jupyter_slicer.graph import DependenceGraph

    history = reader.load(kernel)
    seeds_of = history.seeds()
    graph = DependenceGraph(history.records)
    at = Step(max(graph.instances, default=-1) + 1)
    seeds: dict[Dependence, None] = {}
    for expression in expressions:
        for access in statement_facts(ast.Expr(_parsed(expression))).reads:
            if access.name not in seeds_of and not hasattr(builtins, access.name):
                near = difflib.get_close_matches(access.name, seeds_of)
                raise UnknownVariable(access.name, near)
            for step in seeds_of.get(access.name, ()):
                seeds[
                    Dependence(step, at, DependenceKind.DATA, locations.variable(access.name))
                ] = None
    recipe = Recipe(graph, SlicingCriterion(tuple(expressions), at), tuple(seeds))
    live = LiveKernel(None, history.kernel.folder, None, history.kernel.notebook)
    return Program(recipe, live)


def synthetic_statement(step: Step, text: str) -> KeptStatement:
    """A statement that nobody ran, as a kept one."""
    nowhere = ExecutionId(-1)
    return KeptStatement(
        StatementInstance(step, nowhere, 0), CellExecution(nowhere, "", "pass"), plain=text
    )


def _parsed(expression: str) -> ast.expr:
    try:
        return ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise BadCriterion(expression, getattr(error, "msg", str(error))) from None


def _value(expression: str, namespace: Mapping[str, object]) -> object:
    try:
        # In a copy: a walrus in the expression binds nothing of the user's.
        return eval(expression.strip(), dict(namespace))
    except (Exception, SystemExit) as error:
        why = f"it raises {type(error).__name__} in the kernel"
        raise BadCriterion(expression, why) from error


def _free_name(wanted: str, namespace: Mapping[str, object], number: int) -> str:
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
    }
    hidden = getattr(shell, "user_ns_hidden", {})
    return ours | {n for n, v in hidden.items() if shell.user_ns.get(n) is v}
