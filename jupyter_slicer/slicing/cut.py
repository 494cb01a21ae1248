"""Cutting a program at a value that is loaded instead of being computed again."""

from __future__ import annotations

from collections.abc import Iterable

from jupyter_slicer.domain import Dependence, LocationKind, Step
from jupyter_slicer.domain.location import root_name
from jupyter_slicer.graph import DependenceGraph


def cut_dependences(
    graph: DependenceGraph, name: str, last_write: Step, seeds: Iterable[Dependence]
) -> frozenset[Dependence]:
    """Dependences by which a variable's present value reaches statements after it.

    ``last_write`` is the last step that defined or updated the variable: what read it
    earlier read another value, and is not cut.
    """
    cut = {d for d in seeds if _is_of(d, name)}
    for step in graph.instances:
        if step > last_write:
            cut.update(d for d in graph.dependences_of(step) if _is_of(d, name))
    return frozenset(cut)


def _is_of(dependence: Dependence, name: str) -> bool:
    place = dependence.location
    if place is None or place.kind not in (LocationKind.VARIABLE, LocationKind.OBJECT):
        return False
    return root_name(place.name) == name
