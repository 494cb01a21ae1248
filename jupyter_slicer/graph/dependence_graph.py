"""Statement instances and what each of them needed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from jupyter_slicer.domain import (
    CellExecution,
    Dependence,
    ExecutionId,
    FileUse,
    StatementInstance,
    Step,
)
from jupyter_slicer.store.records import ExecutionRecord, LocationWrite

if TYPE_CHECKING:
    import networkx


class DependenceGraph:
    """A directed graph: an edge leads from a step to a step that needed it."""

    def __init__(self, records: Iterable[ExecutionRecord] = ()) -> None:
        import networkx  # half a second: not before somebody asks for a slice

        self._graph: networkx.DiGraph[Step] = networkx.DiGraph()
        self.executions: dict[ExecutionId, CellExecution] = {}
        self.records: dict[ExecutionId, ExecutionRecord] = {}
        self.instances: dict[Step, StatementInstance] = {}
        self.files: dict[Step, list[FileUse]] = {}
        self.writes: dict[Step, list[LocationWrite]] = {}
        for record in records:
            self.add(record)

    def add(self, record: ExecutionRecord) -> None:
        """Join one more execution to what came before it."""
        self.executions[record.execution.id] = record.execution
        self.records[record.execution.id] = record
        for instance in record.instances:
            self.instances[instance.step] = instance
            self._graph.add_node(instance.step)
        for dependence in record.dependences:
            self._add_dependence(dependence)
        for file in record.files:
            self.files.setdefault(file.step, []).append(file)
        for write in record.writes:
            self.writes.setdefault(write.step, []).append(write)

    def _add_dependence(self, dependence: Dependence) -> None:
        source, target = dependence.source, dependence.target
        if self._graph.has_edge(source, target):
            self._graph.edges[source, target]["dependences"].append(dependence)
        else:
            self._graph.add_edge(source, target, dependences=[dependence])

    def dependences_of(self, step: Step) -> Iterator[Dependence]:
        """What a statement instance needed."""
        if step in self._graph:
            for source in self._graph.predecessors(step):
                yield from self._graph.edges[source, step]["dependences"]

    def needed_by(self, step: Step) -> list[Step]:
        """The statement instances that needed something of this one."""
        return list(self._graph.successors(step)) if step in self._graph else []

    def walk_back(
        self, seeds: Iterable[Step], without: frozenset[Dependence] = frozenset()
    ) -> dict[Step, list[Dependence]]:
        """Every step that seeds go back to, with the dependences that lead there."""
        reasons: dict[Step, list[Dependence]] = {step: [] for step in seeds}
        waiting = deque(reasons)
        while waiting:
            step = waiting.popleft()
            for dependence in self.dependences_of(step):
                if without and dependence in without:
                    continue
                if dependence.source not in reasons:
                    reasons[dependence.source] = []
                    waiting.append(dependence.source)
                reasons[dependence.source].append(dependence)
        return reasons

    def walk_forward(self, seeds: Iterable[Step]) -> set[Step]:
        """Every step that something of the seeds reached."""
        found = set(seeds)
        waiting = deque(found)
        while waiting:
            step = waiting.popleft()
            for target in self.needed_by(step):
                if target not in found:
                    found.add(target)
                    waiting.append(target)
        return found

    @property
    def networkx(self) -> networkx.DiGraph[Step]:
        """The graph itself, to read: nodes are steps, edges carry ``dependences``."""
        return self._graph
