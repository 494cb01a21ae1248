"""A notebook whose loops are recorded, and its replays."""

from __future__ import annotations

import contextlib
import io
import re
import textwrap
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from jupyter_slicer.frontends.extension import _extensions
from jupyter_slicer.hindsight.policy import Policy
from jupyter_slicer.hindsight.probes import Probe
from jupyter_slicer.hindsight.replaying import Replayed
from jupyter_slicer.hindsight.runs import Checkpoint, Run
from jupyter_slicer.slicer import Slicer

EAGER = Policy(share=10.0, grace=10.0, little=10.0, long=0.0, rest=0.0)
"""Every loop is kept, with a checkpoint wherever the last one has been written."""


@dataclass
class Session:
    """One kernel's life."""

    shell: InteractiveShell

    @staticmethod
    def begin(eager: bool = True) -> Session:
        config = Config()
        config.HistoryManager.enabled = False
        shell = InteractiveShell(config=config)
        shell.run_line_magic("load_ext", "jupyter_slicer")
        found = Session(shell)
        if eager:
            found.slicer.hindsight.keeper.policy = EAGER
        return found

    def end(self) -> None:
        self.shell.run_line_magic("unload_ext", "jupyter_slicer")

    def run(self, text: str, fails: bool = False) -> str:
        """A cell; gives what it printed."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            result = self.shell.run_cell(textwrap.dedent(text), store_history=True)
        assert result.success is not fails, said.getvalue()
        return re.sub(r"\x1b\[[0-9;]*m", "", said.getvalue())

    def __getitem__(self, name: str) -> Any:
        return self.shell.user_ns[name]

    @property
    def slicer(self) -> Slicer:
        return _extensions[id(self.shell)].slicer

    def runs(self) -> tuple[Run, ...]:
        self.slicer.hindsight.background.wait(30)
        return self.slicer.hindsight.store.runs()

    def checkpoints(self, run: Run) -> tuple[Checkpoint, ...]:
        return self.slicer.hindsight.store.checkpoints(run.id)

    def replay(
        self,
        edits: Mapping[str, str] | str,
        iterations: Collection[int] | None = None,
        workers: int = 1,
        run: Run | None = None,
    ) -> tuple[Probe, Replayed]:
        """``edits``: pieces of recorded texts and what stands there now; a text alone is
        put at the end of the cell's loop."""
        run = run or self.runs()[-1]
        replays = self.slicer.replays
        texts = {text: _edited(text, edits) for text in replays.texts(run)}
        probe = replays.probe(run, texts)
        plan = replays.plan(run, probe, iterations, workers)
        found = replays.replay(plan, probe)
        assert found.failed == [], found.failed
        return probe, found


def plain_session() -> Session:
    """A notebook without us."""
    config = Config()
    config.HistoryManager.enabled = False
    return Session(InteractiveShell(config=config))


def _edited(text: str, edits: Mapping[str, str] | str) -> str:
    for old, new in edits.items():
        text = text.replace(old, new)
    return text


def logged(found: Replayed, name: str) -> dict[Any, Any]:
    """Values by iteration, or by iteration and position in the loops inside."""
    return {(v.iteration, *v.path) if v.path else v.iteration: v.value
            for v in found.logged if v.name == name}  # fmt: skip
