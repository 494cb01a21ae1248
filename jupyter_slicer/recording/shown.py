"""What cells show: read where IPython itself keeps it, and heard where it is handed on.

IPython 9 keeps the texts and displays of each execution for its own history; a kernel's
display publisher lets hooks see what goes to the front ends. Nothing is put in the way.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

from jupyter_slicer.values.outcomes import as_compared

Mark = tuple[int, int, int]
"""How much has been shown: outputs kept by IPython, pieces in the last, displays heard."""
_NOTHING: Mark = (0, 0, 0)
_FLUSHES = "flush_figures"
"""matplotlib_inline's function that shows the open figures when a cell has ended."""
_DEPTH = 60
_PICTURES = ("image/", "application/pdf")


@dataclass(slots=True)
class Shown:
    """What one cell execution has shown."""

    printed: str = ""
    """Standard output; that of C code and of child processes is not in it."""
    displayed: list[dict[str, str]] = field(default_factory=list)
    """MIME bundles in order, as they are compared."""
    results: int = 0
    """How many of them are values that IPython showed by itself."""
    figures_at_end: bool = False
    """Whether figures were shown because the cell ended, not by a call of its own."""
    inline: dict[str, Any] | None = None
    """Settings of the backend that showed its figures; None where no such one did."""


@dataclass(slots=True)
class _Span:
    """What belongs to an execution in the keeping of the shell."""

    key: int
    begin: Mark
    kept: bool
    """Whether IPython took down what the cell printed: not where it awaits, in a kernel."""
    end: Mark = _NOTHING
    displayed: list[tuple[bool, dict[str, str]]] = field(default_factory=list)
    """Heard from the publisher; first, whether the cell had ended by then."""
    inline: dict[str, Any] | None = None


class OutputWatch:
    """Marks how much has been shown at boundaries, and finds it again."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._spans: dict[int, _Span] = {}
        self._open: _Span | None = None
        self._heard = 0

    @property
    def knows(self) -> bool:
        """Whether this IPython keeps what is printed."""
        return hasattr(getattr(self._shell, "history_manager", None), "outputs")

    def start(self) -> None:
        hook = getattr(self._shell.display_pub, "register_hook", None)
        if hook is not None:
            hook(self._hear)

    def stop(self) -> None:
        unhook = getattr(self._shell.display_pub, "unregister_hook", None)
        if unhook is not None:
            unhook(self._hear)

    def begin(self, count: int | None) -> None:
        """A cell is about to run; ``count`` is its number in ``In``, if it gets one."""
        key = self._shell.execution_count if count is None else count
        # While a cell runs, IPython listens by a function in the place of the stream's.
        write = getattr(sys.stdout, "__dict__", {}).get("write")
        listens = "_tee." in getattr(write, "__qualname__", "")
        self._open = _Span(key, _NOTHING, listens)
        self._open.begin = self.mark()

    def end(self, execution: int) -> None:
        if self._open is not None:
            self._open.end = self.mark()
            self._spans[execution] = self._open
        self._open = None

    def mark(self) -> Mark:
        """Changes whenever something is shown."""
        if self._open is None:
            return _NOTHING
        kept = self._kept(self._open.key)
        pieces = kept[-1].bundle.get("stream", ()) if kept else ()
        return len(kept), len(pieces), self._heard

    def of(self, execution: int) -> Shown | None:
        """What an execution has shown; None when that is not known."""
        span = self._spans.get(execution)
        if span is None or not self.knows or not span.kept:
            return None
        printed: list[str] = []
        displayed: list[dict[str, str]] = []
        results: list[dict[str, str]] = []
        kept = self._kept(span.key)
        for number in range(max(span.begin[0] - 1, 0), min(span.end[0], len(kept))):
            output = kept[number]
            pieces = output.bundle.get("stream", ())
            if output.output_type == "out_stream":
                first = span.begin[1] if number == span.begin[0] - 1 else 0
                last = span.end[1] if number == span.end[0] - 1 else len(pieces)
                printed += pieces[first:last]
            elif number >= span.begin[0] and output.output_type == "execute_result":
                results.append(as_compared(output.bundle))
            elif number >= span.begin[0] and output.output_type == "display_data":
                displayed.append(as_compared(output.bundle))
        at_end = [bundle for ended, bundle in span.displayed if ended]
        heard = [bundle for ended, bundle in span.displayed if not ended]
        shown = [*(heard if span.displayed else displayed), *results, *at_end]
        return Shown("".join(printed), shown, len(results), bool(at_end), span.inline)

    def _kept(self, key: int) -> Any:
        manager = getattr(self._shell, "history_manager", None)
        # ``get``: asking a defaultdict would leave an entry.
        return getattr(manager, "outputs", {}).get(key, ())

    def _hear(self, message: dict[str, Any]) -> dict[str, Any]:
        try:
            self._take(message)
        except Exception:
            self._heard += 1  # the display is the user's, whatever becomes of our note of it
        return message

    def _take(self, message: dict[str, Any]) -> None:
        if self._open is None:
            return
        if message["header"]["msg_type"] == "clear_output":
            self._heard += 1
            self._open.displayed.clear()
            self._open.begin = self.mark()
            return
        at_end = _called_at_the_end()
        self._heard += not at_end  # that was no statement
        bundle = message["content"]["data"]
        self._open.displayed.append((at_end, as_compared(bundle)))
        if any(mime.startswith(_PICTURES) for mime in bundle):
            self._open.inline = _inline_settings()


def _called_at_the_end() -> bool:
    frame: Any = sys._getframe(1)
    for _ in range(_DEPTH):
        if frame is None:
            return False
        if frame.f_code.co_name == _FLUSHES:
            return True
        frame = frame.f_back
    return False


def _inline_settings() -> dict[str, Any] | None:
    """Settings of the backend that shows figures in a notebook, if that is in use."""
    matplotlib: Any = sys.modules.get("matplotlib")
    config: Any = sys.modules.get("matplotlib_inline.config")
    if matplotlib is None or config is None:
        return None
    backend = dict.get(matplotlib.rcParams, "backend")
    if not (isinstance(backend, str) and backend.endswith("inline")):
        return None
    if not config.InlineBackend.initialized():
        return {}
    settings = config.InlineBackend.instance()
    return {
        "figure_formats": sorted(settings.figure_formats),
        "print_figure_kwargs": dict(settings.print_figure_kwargs),
    }
