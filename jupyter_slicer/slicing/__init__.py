"""From a criterion to the statements behind it.

In: a dependence graph and where a criterion's values come from. Out: program slices.
Never: runs anything, writes text, looks at a live object.
"""

from jupyter_slicer.slicing.backward import backward_slice

__all__ = ["backward_slice"]
