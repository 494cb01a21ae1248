"""Scripts whose loops are recorded, and replayed, from the command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_slicer.errors import NotebookError, NotLogOnly, UsageError
from jupyter_slicer.frontends.hindsight_options import iterations_of
from jupyter_slicer.frontends.hindsight_reports import outcome_lines
from jupyter_slicer.frontends.screens import say


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """What ``jupyter slicer replay`` was asked for."""

    script: str
    run: int | None = None
    iterations: str | None = None
    workers: int | None = None
    plan: bool = False
    force: bool = False
    csv: str | None = None
    store: str | None = None


def record_script(path: str, arguments: Sequence[str]) -> int:
    """Run a script as ``python path …`` would, with its loops recorded; its exit status."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    from jupyter_slicer.frontends.extension import active, load, unload

    text = _text_of(path)
    config = Config()
    config.HistoryManager.enabled = False
    sys.argv[:] = [path, *arguments]
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    shell: Any = InteractiveShell.instance(config=config)
    shell.user_ns["__file__"] = path
    load(shell)
    slicer = active()
    before = {run.id for run in slicer.hindsight.store.runs()}
    try:
        result = shell.run_cell(text, store_history=True)
        slicer.hindsight.background.wait()
        for run in slicer.hindsight.store.runs():
            if run.id not in before:
                say(
                    f"recorded run {run.id}: {run.head}, {run.iterations} iterations",
                    sys.stderr,
                )
    finally:
        unload(shell)
    return _status(result.error_before_exec or result.error_in_exec)


def _text_of(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError as error:
        raise NotebookError(f"Cannot read {path}: {error.strerror}.") from error


def _status(error: BaseException | None) -> int:
    if isinstance(error, SystemExit):
        code = error.code
        return code if isinstance(code, int) else int(code is not None)
    return int(error is not None)


def replay_script(options: ReplayOptions) -> int:
    """Replay the run of a script with the log lines that it has now; 1 where it diverged."""
    from IPython.core.inputtransformer2 import TransformerManager

    from jupyter_slicer.hindsight.frame import frame_of
    from jupyter_slicer.hindsight.replays import Replays
    from jupyter_slicer.hindsight.runs import RunStore
    from jupyter_slicer.slicer import stored_graph

    store = RunStore(options.store)
    replays = Replays(store, lambda run: stored_graph(run, options.store))
    transformer: Any = TransformerManager
    text = transformer().transform_cell(_text_of(options.script))
    runs = store.runs() if options.run is None else (store.run(options.run),)
    run, recorded = replays.find(text, runs)
    probe = replays.probe(run, {recorded: text})
    if not probe.texts:
        raise UsageError(f"Nothing was added to what run {run.id} ran. Add a log line first.")
    listed = options.iterations
    wanted = None if listed is None else iterations_of(listed, run.iterations)
    proposed = replays.propose(run, probe, wanted, options.workers, options.force)
    if proposed.plan is None:
        raise NotLogOnly([str(line) for line in proposed.offending])
    for line in (*proposed.offending, *proposed.cautions):
        say(f"watch: {line}", sys.stderr)
    plan = proposed.plan
    say(str(plan), sys.stderr)
    if options.plan:
        return 0
    found = replays.replay(plan, probe)
    say("\n".join(outcome_lines(found, plan)), sys.stderr)
    table: Any = frame_of(found.table)
    if options.csv is not None:
        table.to_csv(options.csv, index=False)
    elif len(table):
        say(table.to_string(index=False))
    return int(bool(found.divergent or found.failed or found.interrupted))
