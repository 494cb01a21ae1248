"""The dependence graph of a kernel's life.

In: execution records. Out: statement instances joined by dependences, and walks over them.
Never: knows what a kernel is, runs anything, decides what a slice keeps.
"""

from jupyter_slicer.graph.dependence_graph import DependenceGraph
from jupyter_slicer.graph.neighbourhood import Neighbourhood, around, forward_of
from jupyter_slicer.graph.staleness import Ancestry, Document, Marks

__all__ = [
    "Ancestry",
    "DependenceGraph",
    "Document",
    "Marks",
    "Neighbourhood",
    "around",
    "forward_of",
]
