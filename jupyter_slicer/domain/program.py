"""A slicing criterion and the program behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from jupyter_slicer.domain.dependence import Dependence
from jupyter_slicer.domain.location import Location
from jupyter_slicer.domain.step import CellExecution, StatementInstance, Step


class Place(NamedTuple):
    """A point in a text: line from 1, column in characters from 0 (as libcst counts)."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Cut:
    """An inner statement that the criterion does not need, named by where it starts."""

    start: Place


@dataclass(frozen=True, slots=True)
class Replacement:
    """New text for a span of a kept statement, as when ``Out[3]`` becomes ``_3``."""

    start: Place
    end: Place
    text: str


@dataclass(frozen=True, slots=True)
class SlicingCriterion:
    """What the user asked about: expressions, and the step up to which they count."""

    expressions: tuple[str, ...]
    at: Step
    locations: tuple[Location, ...] = ()
    label: str = ""
    """What it is called where it is not expressions: "what In[5] showed"."""
    output: bool = False
    """Whether what is printed and drawn is part of what was asked for."""
    whole: bool = False
    """Whether nothing inside statements may go, because failing is what was asked for."""

    def __str__(self) -> str:
        return self.label or ", ".join(self.expressions)


@dataclass(frozen=True, slots=True)
class FileUse:
    """A file that a statement read or wrote."""

    path: str
    """Absolute."""
    step: Step
    mode: str
    """``r`` or ``w``."""
    size: int | None = None
    """In bytes, when it was read."""
    sha256: str | None = None
    """Of the content when it was read; None where that was not worth the time."""


@dataclass(frozen=True, slots=True)
class KeptStatement:
    """A statement instance in a slice, with what must be done to its text."""

    instance: StatementInstance
    execution: CellExecution
    reasons: tuple[Dependence, ...] = ()
    """Dependences by which later kept statements, or the criterion, need this one."""
    plain: str | None = None
    """Plain Python in place of a magic or a shell escape; one or more statements."""
    names: frozenset[str] | None = None
    """For an import: the bound names that are needed. None keeps all."""
    cuts: frozenset[Cut] = frozenset()
    """Inner statements to leave out, placed in ``plain`` if that is given, else in the
    execution's ``source``."""
    replacements: tuple[Replacement, ...] = ()
    """Placed like ``cuts``."""
    display_name: str | None = None
    """When a later statement reads this expression's value as ``_3`` or ``Out[3]``."""
    defines: frozenset[str] = frozenset()
    """Variables that it gave a new value, rather than changed the one that was there."""
    displayed: bool = False
    """Whether this expression's value was shown, as that of a cell's last line is."""

    @property
    def step(self) -> Step:
        return self.instance.step


@dataclass(frozen=True, slots=True)
class ProgramSlice:
    """The statements that a criterion came from, in the order in which they ran."""

    criterion: SlicingCriterion
    statements: tuple[KeptStatement, ...]
    executed_statements: int
    """Statement instances recorded up to the criterion."""
    executed_cells: int
    """Cell executions recorded up to the criterion."""
    inputs: tuple[FileUse, ...] = ()
    """Files that kept statements read and that no kept statement wrote before."""
    ambient: tuple[str, ...] = ()
    """Ambient state that kept statements set, in words, as ``seeds numpy.random``."""
    suspects: tuple[Dependence, ...] = ()
    """Dependences not followed because they are weak; the first to add when a fresh
    run says different."""
    unknown: tuple[str, ...] = ()
    """Variables from before recording began: no text is known that made them."""
    notes: tuple[str, ...] = field(default=())
    """What the user must know: text edited since, unknown origins, nondeterminism."""
