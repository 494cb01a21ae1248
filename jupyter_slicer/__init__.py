"""The compact, reproducible program behind any value in a messy notebook.

In: cells as they run. Out: slices that have run in a fresh process.
Never: changes what the user's cells do, or imports heavy packages on the way in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_slicer.program import Program

__version__ = "0.1.0"
__all__ = [
    "backward_slice",
    "load_ipython_extension",
    "outcome_slice",
    "unload_ipython_extension",
]


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext jupyter_slicer``: recording is on from here."""
    from jupyter_slicer.frontends.extension import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """``%unload_ext jupyter_slicer``: the kernel is as it was."""
    from jupyter_slicer.frontends.extension import unload

    unload(shell)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Where the sidebar is, for ``jupyter-builder develop``."""
    return [{"src": "labextension", "dest": "jupyter-slicer"}]


def backward_slice(*expressions: str) -> Program:
    """The program behind names or expressions of the running kernel.

    >>> program = backward_slice("model")       # doctest: +SKIP
    >>> print(program.source, program.verify())  # doctest: +SKIP

    Raises ``SlicerError`` when recording is off or a name is unknown.
    """
    from jupyter_slicer.frontends.extension import active

    return active().backward_slice(*expressions)


def outcome_slice(
    *,
    file: str | None = None,
    output_of: int | None = None,
    error_of: int | None = None,
) -> Program:
    """The program behind a file that cells wrote, or what ``In[N]`` showed, or its error.

    >>> program = outcome_slice(output_of=12)   # doctest: +SKIP

    Raises ``SlicerError`` when recording is off or there is no such thing, and
    ``TypeError`` unless one thing is asked for.
    """
    from jupyter_slicer.criteria import CellError, CellOutput, Wanted, WrittenFile
    from jupyter_slicer.frontends.extension import active

    asked: list[Wanted] = []
    asked += [WrittenFile(file)] if file is not None else []
    asked += [CellOutput(output_of)] if output_of is not None else []
    asked += [CellError(error_of)] if error_of is not None else []
    if len(asked) != 1:
        raise TypeError("give one of file, output_of and error_of")
    return active().outcome_slice(asked[0])


def __getattr__(name: str) -> Any:
    """``log``, ``param`` and ``loop``, imported when somebody asks for them."""
    if name in ("log", "param", "loop"):
        from jupyter_slicer.hindsight import logs

        return getattr(logs, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
