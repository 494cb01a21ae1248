"""In the fresh process: what the end of a program shows, as a notebook's kernel shows it."""

from __future__ import annotations

import sys
from typing import Any

from jupyter_slicer.values import ValueDigest
from jupyter_slicer.values.outcomes import as_compared, shown_digest


class ScreenWatch:
    """Takes down what is printed and displayed, once it has begun.

    A shell of IPython's stands behind it, as behind the notebook's cells: ``display`` and
    figures ask it for the forms in which things are shown.
    """

    def __init__(self, request: dict[str, Any]) -> None:
        from IPython.core.displaypub import CapturingDisplayPublisher
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config

        config = Config()
        config.HistoryManager.enabled = False
        config.InlineBackend.update(request["inline"])
        shell = InteractiveShell.instance(
            config=config, ipython_dir=f"{request['scratch']}/tmp/ipython"
        )
        self._printed: list[str] = []
        printed = self._printed

        class Publisher(CapturingDisplayPublisher):
            def clear_output(self, wait: bool = False) -> None:
                printed.clear()
                self.outputs.clear()

        self._publisher: Any = Publisher()  # type: ignore[no-untyped-call]
        shell.display_pub = self._publisher
        self._shell: Any = shell

    def begin(self) -> None:
        self._publisher.outputs.clear()
        stream: Any = sys.stdout
        write = stream.write

        def taken_down(text: str) -> Any:
            self._printed.append(text)
            return write(text)

        stream.write = taken_down

    def end_cell(self) -> None:
        """What libraries do when a cell has ended: draw and show figures, and close them."""
        self._shell.events.trigger("post_execute")

    def digest(self, home: dict[str, str]) -> ValueDigest:
        displayed = [as_compared(o["data"], home) for o in self._publisher.outputs]
        return shown_digest("".join(self._printed), displayed, home)
