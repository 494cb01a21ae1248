"""Which values came from something that was run again or edited since."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jupyter_slicer.analysis.cell_lines import statement_text, still_says
from jupyter_slicer.domain import EVALUATED, CellExecution, Dependence, ExecutionId, Step
from jupyter_slicer.store.records import ExecutionRecord

Steps = int
"""A set of steps as bits: with thousands of statements the quickest way to join sets."""


@dataclass(frozen=True, slots=True)
class Document:
    """How the notebook's cells differ from what was run."""

    edited: Mapping[str, str] = field(default_factory=dict)
    """Cell id to the text that stands there now, where it is not the one that ran last."""
    gone: frozenset[str] = frozenset()
    """Ids of cells that were run and are no longer there."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What a user should know of one variable, in words; None where all is well."""

    stale: str | None = None
    orphaned: str | None = None
    """It was defined by code that is no longer in the notebook."""


@dataclass(slots=True)
class _Statement:
    execution: CellExecution
    position: int
    writes: set[str] = field(default_factory=set)

    @property
    def text(self) -> str:
        return statement_text(self.execution.raw, self.execution.source, self.position)


class Ancestry:
    """For each statement instance everything that it came from, as records come in."""

    def __init__(self) -> None:
        self.seeds: dict[str, tuple[Step, ...]] = {}
        """For each variable, where a slice of it begins: as recorded when it was written, or
        as somebody who knows the kernel better has put it here."""
        self._behind: dict[Step, Steps] = {}
        self._statements: dict[Step, _Statement] = {}
        self._runs: dict[str, list[ExecutionId]] = {}
        self._steps: dict[ExecutionId, list[Step]] = {}
        self._raw: dict[str, str] = {}
        self._suspicious: set[Step] = set()
        self._later: dict[Step, Steps] = {}
        self.executions = 0

    @classmethod
    def of(
        cls, records: Iterable[ExecutionRecord], without: Collection[Dependence] = ()
    ) -> Ancestry:
        found = cls()
        for record in records:
            found.add(record, without)
        return found

    def add(self, record: ExecutionRecord, without: Collection[Dependence] = ()) -> None:
        """Join one more execution to what came before it."""
        execution = record.execution
        self.executions += 1
        for instance in record.instances:
            self._behind[instance.step] = 1 << instance.step
            self._statements[instance.step] = _Statement(execution, instance.position)
        for dependence in sorted(record.dependences, key=lambda d: d.target):
            if 0 <= dependence.source < dependence.target and dependence not in without:
                before = self._behind.get(dependence.source, 0)
                self._behind[dependence.target] = (
                    self._behind.get(dependence.target, 0) | before
                )
        for write in record.writes:
            names = write.names or (str(write.location),)
            self._statements[write.step].writes.update(names)
        for file in record.files:
            if file.mode == "w":
                self._statements[file.step].writes.add(f"file {file.path}")
        self.seeds.update(record.seeds)
        if execution.cell_id is not None and execution.cell_id != EVALUATED:
            self._note_run(execution.cell_id, record)

    def _note_run(self, cell: str, record: ExecutionRecord) -> None:
        """Earlier runs of the same cell are where staleness begins."""
        mine = [instance.step for instance in record.instances]
        for earlier in self._runs.get(cell, ()):
            for step in self._steps[earlier]:
                self._suspicious.add(step)
                writes = self._statements[step].writes
                for now in mine:
                    if writes & self._statements[now].writes:
                        self._later[step] = self._later.get(step, 0) | 1 << now
        self._runs.setdefault(cell, []).append(record.execution.id)
        self._steps[record.execution.id] = mine
        self._raw[cell] = record.execution.raw

    def behind(self, steps: Iterable[Step]) -> Steps:
        found = 0
        for step in steps:
            found |= self._behind.get(step, 0)
        return found

    def last_step(self, name: str) -> Step | None:
        """The statement that last wrote a variable."""
        return max((s for s in self.seeds.get(name, ()) if s >= 0), default=None)

    def execution_of(self, step: Step) -> CellExecution:
        return self._statements[step].execution

    def reached_by(self, steps: Iterable[Step]) -> list[str]:
        """Variables whose value came from one of some steps."""
        wanted = sum(1 << step for step in steps)
        return [name for name, seeds in self.seeds.items() if self.behind(seeds) & wanted]

    def marks(self, names: Sequence[str], document: Document = Document()) -> dict[str, Marks]:
        """What is to be said of each of some variables."""
        changed = self._changed(document)
        suspects = sum(1 << step for step in changed.keys() | self._later.keys())
        return {name: self._marks_of(name, changed, suspects) for name in names}

    def _changed(self, document: Document) -> dict[Step, str]:
        """Statements that the notebook no longer has, and what became of them."""
        found = {}
        looked_at = set(self._suspicious)
        for cell in (*document.edited, *document.gone):
            for run in self._runs.get(cell, ()):
                looked_at.update(self._steps[run])
        for step in looked_at:
            statement = self._statements[step]
            cell = statement.execution.cell_id or ""
            if cell in document.gone:
                found[step] = "its cell was deleted"
            elif not still_says(statement.text, document.edited.get(cell, self._raw[cell])):
                found[step] = "it was edited"
        return found

    def _marks_of(self, name: str, changed: Mapping[Step, str], suspects: Steps) -> Marks:
        behind = self.behind(self.seeds.get(name, ()))
        hits = behind & suspects
        if not hits:
            return Marks()
        own = self.last_step(name)
        orphaned = None
        if own is not None and own in changed:
            orphaned = f"{self._said(own)} defined it; {changed[own]} since"
        for step in _bits(hits):
            if step in changed and step != own and not self._replaced(step, behind):
                return Marks(f"{self._said(step)}: {changed[step]} since", orphaned)
            later = self._later.get(step, 0)
            if later and not behind & later:
                again = self._statements[next(_bits(later))].execution
                count = "" if again.count is None else f" as In[{again.count}]"
                return Marks(f"{self._said(step)} was run again{count}", orphaned)
        return Marks(None, orphaned)

    def _replaced(self, step: Step, behind: Steps) -> bool:
        """Whether a later run of its cell wrote the same and is behind the value too."""
        return bool(self._later.get(step, 0) & behind)

    def _said(self, step: Step) -> str:
        statement = self._statements[step]
        count = statement.execution.count
        where = "" if count is None else f" of In[{count}]"
        first = next((line.strip() for line in statement.text.splitlines() if line.strip()), "")
        short = first if len(first) <= 40 else first[:39] + "…"
        return f"{short}{where}"


def _bits(steps: Steps) -> Iterator[Step]:
    """The steps of a set, the latest first."""
    while steps:
        step = steps.bit_length() - 1
        yield Step(step)
        steps ^= 1 << step
