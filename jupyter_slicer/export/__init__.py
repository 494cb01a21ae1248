"""Programs as text, scripts and notebooks.

In: a ``ProgramSlice``. Out: plain Python with comments, files that name their origin.
Never: runs the program, overwrites a file that it did not write, asks the live kernel.
"""

from jupyter_slicer.export.render import RenderedCell, RenderedProgram, RenderedSpan, render

__all__ = ["RenderedCell", "RenderedProgram", "RenderedSpan", "render"]
