"""The dependence graph of a kernel's life.

In: execution records. Out: statement instances joined by dependences, and walks over them.
Never: knows what a kernel is, runs anything, decides what a slice keeps.
"""

from jupyter_slicer.graph.dependence_graph import DependenceGraph

__all__ = ["DependenceGraph"]
