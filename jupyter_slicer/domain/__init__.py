"""The words of the field as values.

In: nothing. Out: frozen, comparable values that the other packages exchange.
Never: imports anything but the standard library, reads a clock, a file or a kernel.
"""

from jupyter_slicer.domain.dependence import Dependence, DependenceKind, Voucher
from jupyter_slicer.domain.location import Location, LocationKind
from jupyter_slicer.domain.program import (
    Cut,
    FileUse,
    KeptStatement,
    Place,
    ProgramSlice,
    Replacement,
    SlicingCriterion,
)
from jupyter_slicer.domain.step import (
    EVALUATED,
    CellExecution,
    ExecutionId,
    Outcome,
    StatementInstance,
    Step,
)
from jupyter_slicer.domain.verdict import ValueComparison, Verdict, Verification

__all__ = [
    "EVALUATED",
    "CellExecution",
    "Cut",
    "Dependence",
    "DependenceKind",
    "ExecutionId",
    "FileUse",
    "KeptStatement",
    "Location",
    "LocationKind",
    "Outcome",
    "Place",
    "ProgramSlice",
    "Replacement",
    "SlicingCriterion",
    "StatementInstance",
    "Step",
    "ValueComparison",
    "Verdict",
    "Verification",
    "Voucher",
]
