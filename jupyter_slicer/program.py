"""The program behind a value: its text, its reasons, its verdict, and where it is kept.

It stands beside ``slicer.py`` at the top of the rooms and decides as little.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from jupyter_slicer.domain import (
    CellExecution,
    Cut,
    Dependence,
    ExecutionId,
    FileUse,
    KeptStatement,
    Outcome,
    Place,
    ProgramSlice,
    SlicingCriterion,
    StatementInstance,
    Step,
    Verdict,
    Verification,
)

if TYPE_CHECKING:
    from jupyter_slicer.export.header import Origin
    from jupyter_slicer.export.render import RenderedProgram
    from jupyter_slicer.graph import DependenceGraph
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
    artifacts: str | None = None
    """Folder in which values named by ``cut`` are saved; None is one that goes with us."""
    force: bool = False
    """Whether a saved value may replace a file that we did not write."""
    cut_inner: bool = True


PLAIN = SliceOptions()


@dataclass(frozen=True)
class Asked:
    """One thing that was asked for: an expression, or another outcome of cells."""

    expression: str
    """As the verdict calls it."""
    name: str
    """What gives its value in the program: itself, or a variable that holds it there; for
    a file its absolute path."""
    value: object = None
    """In the kernel, when it was asked for."""
    known: bool = False
    """False when the kernel is gone."""
    kind: str = "value"
    """Or ``file``, ``shown``, ``error``, as in ``FreshRunRequest.kinds``."""
    digest: ValueDigest | None = None
    """Of what is no value."""


@dataclass(frozen=True)
class Screening:
    """How a program shows what was asked for."""

    first: Step
    """From this step on what is shown counts: where its cell began."""
    end: Step | None = None
    """The statement that shows figures, where the notebook did so when the cell ended."""
    displayed: frozenset[Step] = frozenset()
    """Expressions whose values the notebook showed by itself."""
    drawn_before: frozenset[Step] = frozenset()
    """Statements of earlier cells that may have drawn: their figures were closed when these
    cells ended."""
    pyplot: tuple[str, Step] | None = None
    """A name of pyplot's in the notebook, and the import that gave it."""
    inline: Mapping[str, Any] | None = None
    """Settings of the backend that shows figures in the notebook; None where none does."""


@dataclass(frozen=True)
class Surroundings:
    """Where a program comes from, and where it was recorded."""

    folder: str
    environment: Mapping[str, str] | None
    notebook: str | None
    aside: Callable[[], AbstractContextManager[None]] = nullcontext
    """Within it, nothing that this process does is put down to the user's cells."""


@dataclass(frozen=True)
class Recipe:
    """From what a slice is made; the same recipe with more steps is a wider slice."""

    graph: DependenceGraph
    criterion: SlicingCriterion
    seeds: tuple[Dependence, ...]
    unfounded: frozenset[Dependence] = frozenset()
    extra: frozenset[Step] = frozenset()
    without: frozenset[Step] = frozenset()
    without_inner: frozenset[tuple[Step, Place]] = frozenset()

    def slice(self, cut_inner: bool = True) -> ProgramSlice:
        from jupyter_slicer.slicing import backward_slice

        found = backward_slice(
            self.graph, self.criterion, self.seeds, unfounded=self.unfounded,
            extra=self.extra, without=self.without, cut_inner=cut_inner,
        )  # fmt: skip
        if not self.without_inner:
            return found
        return replace(found, statements=tuple(map(self._shortened, found.statements)))

    def _shortened(self, kept: KeptStatement) -> KeptStatement:
        cuts = {Cut(place) for step, place in self.without_inner if step == kept.step}
        return replace(kept, cuts=kept.cuts | cuts)

    def units(self, found: ProgramSlice) -> tuple[Step | tuple[Step, Place], ...]:
        """What can be deleted from a slice: its statements, and those inside them."""
        from jupyter_slicer.slicing.text import inner_places

        steps = [k.step for k in found.statements if k.step in self.graph.instances]
        cut = {(k.step, c.start) for k in found.statements for c in k.cuts}
        inner = [(s, place) for s in steps for place in inner_places(self.graph, s)]
        return (*steps, *(unit for unit in inner if unit not in cut))

    def left(
        self, units: Iterable[Step | tuple[Step, Place]], kept: Iterable[object]
    ) -> Recipe:
        """The recipe for a slice of which only some units are kept."""
        gone = set(units) - set(kept)
        return replace(
            self,
            without=frozenset(unit for unit in gone if not isinstance(unit, tuple)),
            without_inner=frozenset(unit for unit in gone if isinstance(unit, tuple)),
        )


@dataclass
class Program:
    """The compact program behind a value, and what a fresh run said of it."""

    recipe: Recipe
    around: Surroundings
    asked: tuple[Asked, ...] = ()
    options: SliceOptions = PLAIN
    synthetic: tuple[KeptStatement, ...] = ()
    artifacts: tuple[FileUse, ...] = ()
    """Saved values that the program loads."""
    screening: Screening | None = None
    unguarded: frozenset[Step] = frozenset()
    """Statements whose error is what was asked for."""
    verification: Verification = NOT_VERIFIED
    repaired: tuple[str, ...] = ()
    """What a fresh run showed to be missing from the first slice, in words."""
    _slice: ProgramSlice | None = field(default=None, repr=False)
    _rendered: RenderedProgram | None = field(default=None, repr=False)

    @property
    def slice(self) -> ProgramSlice:
        if self._slice is None:
            found = self.recipe.slice(self.options.cut_inner)
            own = [self._as_asked(kept) for kept in found.statements]
            more = (*self.synthetic, *self._figures(own))
            statements = sorted((*own, *more), key=lambda k: k.step)
            notes = (*found.notes, *self.repaired)
            inputs = (*found.inputs, *self.artifacts)
            self._slice = replace(
                found, statements=tuple(statements), inputs=inputs, notes=notes
            )
        return self._slice

    def _figures(self, own: Iterable[KeptStatement]) -> Iterable[KeptStatement]:
        """What a notebook does with figures when a cell ends, a program has to be told."""
        screening, kept = self.screening, {k.step: k for k in own}
        if screening is None:
            return
        if not screening.drawn_before.isdisjoint(kept):
            before = Step(screening.first - 1)
            yield self._told_to_pyplot('close("all")', before, kept)
        if screening.end is not None:
            yield self._told_to_pyplot("show()", screening.end, kept)

    def _told_to_pyplot(
        self, call: str, at: Step, kept: Mapping[Step, KeptStatement]
    ) -> KeptStatement:
        known = self.screening.pyplot if self.screening is not None else None
        if known is not None and known[1] in kept and known[1] <= at:
            taken = kept[known[1]].names  # not all that it imports may be needed
            if taken is None or known[0] in taken:
                return synthetic_statement(at, f"{known[0]}.{call}")
        return synthetic_statement(at, f"from matplotlib import pyplot\n\npyplot.{call}")

    def _as_asked(self, kept: KeptStatement) -> KeptStatement:
        """A statement shows its value or fails where that was asked for."""
        if self.screening is not None and kept.step in self.screening.displayed:
            kept = replace(kept, displayed=True)
        if kept.step in self.unguarded:
            kept = replace(kept, instance=replace(kept.instance, outcome=Outcome.DONE))
        return kept

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

    @property
    def shown_from(self) -> int:
        """The first line of which counts what is shown; 0 where nothing of that does."""
        return 0 if self.screening is None else self._line_of(self.screening.first)

    @property
    def cell_ends(self) -> int:
        """The line before which the notebook's cell ended; 0 where that shows nothing."""
        end = self.screening.end if self.screening is not None else None
        return 0 if end is None else self._line_of(end)

    def _line_of(self, first: Step) -> int:
        lines = [span.first for span in self.rendered.spans if span.step >= first]
        return min(lines, default=self.source.count("\n") + 1)

    # -- fresh runs ----------------------------------------------------------------

    def verify(
        self, timeout: float = 600.0, progress: Progress = _silent, repair: bool = True
    ) -> Verification:
        """Run the program in a fresh process and compare; widen it if that differs."""
        with self.around.aside():
            digests = self._digests()
            found = self._fresh_run(self, digests, timeout, progress)
            failed = found.verdict in (Verdict.DIFFERENT, Verdict.DID_NOT_RUN)
            # No wider slice can show what nobody has recorded.
            if repair and failed and not self.slice.unknown:
                found = self._repair(found, digests, timeout, progress)
            self.verification = found
            return found

    def minimize(self, timeout: float = 600.0, progress: Progress = _silent) -> Verification:
        """Delete statements, each time with a fresh run, until none can go."""
        with self.around.aside():
            return self._minimize(timeout, progress)

    def _minimize(self, timeout: float, progress: Progress) -> Verification:
        from jupyter_slicer.verify import minimise

        digests = self._digests()
        base, units = self.recipe, self.recipe.units(self.slice)
        known: dict[str, bool] = {}

        def is_same(kept: Iterable[object]) -> bool:
            candidate = self._with(base.left(units, kept))
            try:
                source = candidate.source
            except SyntaxError:  # a part was taken out that the rest needs to be Python
                return False
            if source not in known:
                run = self._fresh_run(candidate, digests, timeout, _silent, twice=False)
                known[source] = run.verdict is Verdict.SAME
            return known[source]

        if not is_same(units):
            self.verification = self._fresh_run(self, digests, timeout, progress)
            return self.verification
        kept = minimise(units, is_same, progress=progress)
        self._become(base.left(units, kept))
        self.verification = self._fresh_run(self, digests, timeout, progress)
        return self.verification

    def _digests(self) -> tuple[ValueDigest, ...]:
        from jupyter_slicer.values.digest import ValueDigest, value_digest

        unknown = ValueDigest(None, "not recorded", ("the recorded value",))
        return tuple(
            a.digest or (value_digest(a.value) if a.known else unknown) for a in self.asked
        )

    def _fresh_run(
        self,
        program: Program,
        digests: tuple[ValueDigest, ...],
        timeout: float,
        progress: Progress,
        twice: bool = True,
    ) -> Verification:
        from jupyter_slicer.verify import FreshRunRequest, verify

        request = FreshRunRequest(
            program=program.source,
            expressions=tuple(a.expression for a in self.asked),
            names=tuple(a.name for a in self.asked),
            kinds=tuple(a.kind for a in self.asked),
            shown_from=program.shown_from,
            cell_ends=program.cell_ends,
            inline=self.screening.inline if self.screening is not None else None,
            digests=digests,
            inputs=program.slice.inputs,
            folder=self.around.folder,
            timeout=timeout,
            twice=twice,
            environment=self.around.environment,
        )
        return verify(request, progress=progress)

    def _repair(
        self,
        first: Verification,
        digests: tuple[ValueDigest, ...],
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
        return replace(
            self, recipe=recipe, options=options or self.options,
            verification=NOT_VERIFIED, repaired=(), _slice=None, _rendered=None,
        )  # fmt: skip

    def _become(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self._slice = self._rendered = None

    # -- keeping it ----------------------------------------------------------------

    def export(self, path: str, *, force: bool = False) -> str:
        """Write the program as a script; gives its text."""
        from jupyter_slicer.export.script import export_script

        with self.around.aside():
            script = export_script(
                self.slice, path, force=force, origin=self.written_from(),
                verification=self.verification,
            )  # fmt: skip
        return script.text

    def export_notebook(self, path: str, *, force: bool = False) -> None:
        """Write the program as a notebook of the kept cells."""
        from jupyter_slicer.export.notebook import export_notebook

        with self.around.aside():
            export_notebook(
                self.slice, path, force=force, origin=self.written_from(),
                verification=self.verification,
            )  # fmt: skip

    def written_from(self) -> Origin:
        """What a file that is written now says of its origin."""
        from jupyter_slicer.export.script import Origin

        return Origin(
            notebook=self.around.notebook, when=time.time(), folder=self.around.folder
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from jupyter_slicer.frontends.display import mimebundle

        return mimebundle(self)


def synthetic_statement(step: Step, text: str) -> KeptStatement:
    """A statement that nobody ran, as a kept one."""
    nowhere = ExecutionId(-1)
    return KeptStatement(
        StatementInstance(step, nowhere, 0), CellExecution(nowhere, "", "pass"), plain=text
    )
