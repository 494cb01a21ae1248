"""What was edited in a cell after it was recorded, by its text alone.

In: versions of a cell's text. Out: edits, why one is not log-only, the edit carried elsewhere.
Never: runs user code, looks at a live object, decides whether a replay is right.
"""

from jupyter_slicer.hindsight.edits.carrying import Carried, Placed, Unplaced, carry
from jupyter_slicer.hindsight.edits.edit import (
    Added,
    Changed,
    Edit,
    Enclosing,
    Moved,
    Removed,
    compare,
)
from jupyter_slicer.hindsight.edits.log_only import Judgement, Offence, judge, offences
from jupyter_slicer.hindsight.edits.parameters import (
    ABSENT,
    Expression,
    Parameters,
    literals,
)
from jupyter_slicer.hindsight.edits.restriction import only

__all__ = [
    "ABSENT",
    "Added",
    "Carried",
    "Changed",
    "Edit",
    "Enclosing",
    "Expression",
    "Judgement",
    "Moved",
    "Offence",
    "Parameters",
    "Placed",
    "Removed",
    "Unplaced",
    "carry",
    "compare",
    "judge",
    "literals",
    "offences",
    "only",
]
