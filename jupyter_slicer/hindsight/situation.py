"""Where a loop stands when it begins: what the recorder of cells knows of its statement."""

from __future__ import annotations

import ast
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from jupyter_slicer.hindsight.frames import names_in


@dataclass(frozen=True, slots=True)
class Situation:
    """The statement that is running."""

    kernel: str
    execution: int
    step: int
    position: int
    """In its cell."""
    source: str
    """The cell, as IPython transformed it."""
    names: frozenset[str]
    """Variables of the notebook that it uses or binds, called functions included."""
    sources: tuple[int, ...] = ()
    """Steps that what it reads goes back to."""
    writers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """For each variable, the steps that defined it last."""
    late: frozenset[str] = frozenset()
    """Those of the names that only functions read which the statement itself defines: no
    steps in ``sources`` are for them."""
    settings: tuple[int, ...] = ()
    """Those of ``sources`` that no variable stands for."""
    folder: str = ""
    cell_id: str | None = None
    count: int | None = None
    notebook: str | None = None


def names_of_functions(source: str, position: int) -> frozenset[str]:
    """Names in the functions that a statement of a text defines."""
    try:
        statement = _body(source)[position]
    except (SyntaxError, IndexError):  # a magic's translation
        return frozenset()
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    functions = [n for n in ast.walk(statement) if isinstance(n, kinds)]
    inside = (n for f in functions for n in ast.walk(f))
    return frozenset(n.id for n in inside if isinstance(n, ast.Name))


@lru_cache(2)
def _body(source: str) -> list[ast.stmt]:
    """Of a cell with many loops, each is asked for."""
    return ast.parse(source).body


def reached_names(names: Iterable[str], namespace: Mapping[str, Any]) -> set[str]:
    """Variables of the notebook among some names, and those that its functions among them read.

    A function that a loop's own text defines is not there yet when the loop begins:

    for epoch in range(9):
        def closure():
            return loss_of(X @ w)       # reads ``X``, ``w``, and what ``loss_of`` reads
    """
    found: set[str] = set()
    waiting = [name for name in names if name in namespace]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        value = namespace[name]
        if type(value) is types.FunctionType and value.__globals__ is namespace:
            waiting += (n for n in names_in(value.__code__) if n in namespace)
    return found
