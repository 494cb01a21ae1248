"""The part of the graph around some statement instances."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from jupyter_slicer.domain import Dependence, Step
from jupyter_slicer.domain.location import root_name
from jupyter_slicer.graph.dependence_graph import DependenceGraph


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Statement instances and the dependences among them."""

    steps: tuple[Step, ...]
    dependences: tuple[Dependence, ...]
    left_out: int
    """Steps that also belong there and did not fit."""


def around(graph: DependenceGraph, seeds: Iterable[Step], most: int) -> Neighbourhood:
    """What some steps came from and what they reached, the nearest first."""
    seeds = [step for step in seeds if step in graph.instances]
    back = _ordered(seeds, lambda step: [d.source for d in graph.dependences_of(step)])
    on = _ordered(seeds, graph.needed_by)
    near = sorted({**on, **back}.items(), key=lambda item: (item[1], item[0]))
    known = [step for step, _ in near if step in graph.instances]
    kept = set(known[:most])
    dependences = [d for s in sorted(kept) for d in graph.dependences_of(s) if d.source in kept]
    return Neighbourhood(tuple(sorted(kept)), tuple(dependences), len(known) - len(kept))


def forward_of(graph: DependenceGraph, name: str, last: Step) -> set[Step]:
    """Every step that used the value which step ``last`` gave to a variable."""
    first = {
        target
        for target in graph.needed_by(last)
        if any(
            d.source == last and (d.location is None or root_name(d.location.name) == name)
            for d in graph.dependences_of(target)
        )
    }
    return graph.walk_forward(first)


def _ordered(
    seeds: Iterable[Step], onwards: Callable[[Step], Iterable[Step]]
) -> dict[Step, int]:
    """How many dependences away each step is."""
    distance = dict.fromkeys(seeds, 0)
    waiting = deque(distance)
    while waiting:
        step = waiting.popleft()
        for other in onwards(step):
            if other not in distance:
                distance[other] = distance[step] + 1
                waiting.append(other)
    return distance
