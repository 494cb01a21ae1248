"""``%hindsight`` and ``%%hindsight``."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from jupyter_slicer.errors import CannotReplay, NotLogOnly, SlicerError, UsageError
from jupyter_slicer.frontends.arguments import (
    Arguments,
    Option,
    is_option,
    split_words,
    unquoted,
)
from jupyter_slicer.frontends.hindsight_options import bytes_of, iterations_of, number_of
from jupyter_slicer.frontends.hindsight_reports import (
    ReplayScreen,
    outcome_lines,
    runs_lines,
    status_lines,
)
from jupyter_slicer.frontends.messages import our_fault
from jupyter_slicer.frontends.screens import say
from jupyter_slicer.slicer import Slicer

# What a replay needs is imported when one is asked for: loading the extension is quick.
if TYPE_CHECKING:
    from jupyter_slicer.hindsight.on_dask import Cluster
    from jupyter_slicer.hindsight.plan import ReplayPlan
    from jupyter_slicer.hindsight.probes import Probe
    from jupyter_slicer.hindsight.replaying import Replayed
    from jupyter_slicer.hindsight.runs import Run

COMMANDS = {
    "status": "runs, loops, iterations, checkpoints, bytes, and what recording cost",
    "runs": "every run, its hyper-parameters and what it logged",
    "replay": "replay a run with the log lines that its cells have now",
    "frame": "logs of all runs in one table:  %hindsight frame grad_norm",
    "load": "a past value:  old = %hindsight load 3:5 model",
    "resume": "bring the latest checkpoint of a run into this kernel and go on from there",
    "backfill": "carry a new log line to older versions of the cell, and replay them",
    "gc": "delete checkpoints of old runs:  %hindsight gc --keep 5 --limit 2GB",
}
OPTIONS = (
    Option("--iterations", "which iterations, as in 3,7:12", "LIST"),
    Option("--missing", "only iterations that have not logged these names yet"),
    Option("--workers", "how many processes", "N"),
    Option("--plan", "say what would be done, and do nothing"),
    Option("--force", "replay an edit that does more than log"),
    Option("--plot", "draw what was logged"),
    Option("--on", "replay on a Dask cluster, as in tcp://host:8786", "ADDRESS"),
    Option("--keep", "for gc: checkpoints of so many runs stay", "N"),
    Option("--limit", "for gc: bytes that checkpoints may take, as in 2GB", "SIZE"),
)


@magics_class
class HindsightMagics(Magics):
    """Loops that were recorded, and their replays."""

    shell: Any

    def __init__(self, shell: Any, slicer: Slicer) -> None:
        super().__init__(shell)
        self.slicer = slicer
        self._edits: list[tuple[str, str]] = []
        """Texts that were replayed in this kernel, as recorded and as edited."""

    @no_var_expand
    @line_cell_magic
    def hindsight(self, line: str, cell: str | None = None) -> Any:
        """Look at recorded loops, and replay them with log lines added afterwards.

        %hindsight [status | runs | frame | load | replay | resume | backfill | gc] …
        %%hindsight replay [RUN] [options], above the edited text of a recorded cell

        Examples:
            %hindsight runs
            %hindsight replay 3 --iterations 7:12
            %hindsight frame grad_norm
            old = %hindsight load 3:5 model

        Commands:"""
        try:
            if line.strip() == "--help":
                return say(inspect.cleandoc(type(self).hindsight.__doc__ or ""))
            return self._do(line, cell)
        except SlicerError as error:
            return say(str(error), sys.stderr)
        except KeyboardInterrupt:
            return say("interrupted", sys.stderr)
        except Exception as error:  # ours, not the user's
            if os.environ.get("JUPYTER_SLICER_DEBUG"):
                raise
            return say(str(our_fault(error)), sys.stderr)

    def _do(self, line: str, cell: str | None) -> Any:
        words, given = _read(line)
        command, *rest = words or ["status"]
        if command not in COMMANDS:
            raise UsageError(f"%hindsight has no {command!r}. There are {', '.join(COMMANDS)}.")
        if cell is not None and command != "replay":
            raise UsageError(f"%%hindsight {command} takes no cell; use %hindsight {command}.")
        self.slicer.hindsight.background.wait(10.0)
        if command == "replay":
            return self._replay(rest, given, cell)
        action: Callable[[Sequence[str], Arguments], Any] = getattr(self, f"_{command}")
        return action(rest, given)

    # -- looking -----------------------------------------------------------------------

    def _status(self, rest: Sequence[str], given: Arguments) -> None:
        say("\n".join(status_lines(self.slicer.hindsight)))

    def _runs(self, rest: Sequence[str], given: Arguments) -> None:
        say("\n".join(runs_lines(self.slicer.hindsight.store)))

    def _frame(self, rest: Sequence[str], given: Arguments) -> Any:
        return self.slicer.hindsight_frame([n for word in rest for n in word.split(",") if n])

    def _load(self, rest: Sequence[str], given: Arguments) -> Any:
        if len(rest) != 2 or ":" not in rest[0]:
            raise UsageError(
                "Name a run, an iteration and a variable: %hindsight load 3:5 model"
            )
        run, _, iteration = rest[0].partition(":")
        return self.slicer.past_value(number_of(run), number_of(iteration), rest[1])

    def _gc(self, rest: Sequence[str], given: Arguments) -> None:
        from jupyter_slicer.hindsight.sweeping import sweep, sweep_plan

        store = self.slicer.hindsight.store
        keep, limit = given.last("--keep"), given.last("--limit")
        runs = [(run, store.checkpoints(run.id)) for run in store.runs()]
        bytes_ = self.slicer.hindsight.keeper.limit if limit is None else bytes_of(limit)
        plan = sweep_plan(runs, None if keep is None else number_of(keep), bytes_)
        say(str(plan))
        if not given.has("--plan"):
            say(f"freed {sweep(store, plan) / 1e6:.1f} MB")

    # -- replaying ---------------------------------------------------------------------

    def _replay(self, rest: Sequence[str], given: Arguments, cell: str | None) -> Any:
        if len(rest) > 1:
            raise UsageError("Name one run:  %hindsight replay 3")
        run = self.slicer.hindsight.store.run(number_of(rest[0])) if rest else None
        run, texts = self._edited(run, cell)
        probe = self.slicer.replays.probe(run, texts)
        if not probe.texts:
            raise UsageError(
                f"Nothing was added to what run {run.id} ran. Add a log line first."
            )
        from jupyter_slicer.hindsight.on_dask import cluster_at

        with cluster_at(given.last("--on")) as cluster:
            return self._replay_on(cluster, run, probe, given)

    def _replay_on(
        self, cluster: Cluster | None, run: Run, probe: Probe, given: Arguments
    ) -> Any:
        plan = self._planned(run, probe, given, cluster)
        say(str(plan))
        self._edits += probe.texts.items()
        if given.has("--plan"):
            return None
        found = self._replayed(plan, probe, cluster)
        return self._shown(found, given)

    def _edited(self, run: Run | None, cell: str | None) -> tuple[Run, Mapping[str, str]]:
        """The run, and its texts with what became of them."""
        if cell is None:
            runs = self.slicer.hindsight.store.runs()
            if run is None and not runs:
                raise UsageError("No loop was recorded yet.")
            run = run or runs[-1]
            return run, self.slicer.texts_now(run)
        text = self.slicer.transformed(cell)
        runs = (run,) if run is not None else self.slicer.hindsight.store.runs()
        newest = self.slicer.newest_like(text)
        try:
            found, recorded = self.slicer.replays.find(text, runs)
        except CannotReplay:
            if newest is None:
                raise
            raise CannotReplay(_TOO_BRIEF.format(cell=_cell(newest.count))) from None
        own = found.kernel == self.slicer.kernel.id and recorded == found.source
        if run is None and own and newest is not None and newest.id > found.execution:
            say(
                f"note: {_cell(newest.count)} ran this text later, too briefly to be kept; what "
                f"follows is of run {found.id}, {_cell(found.count)}"
            )
        return found, {recorded: text}

    def _planned(
        self, run: Run, probe: Probe, given: Arguments, cluster: Cluster | None = None
    ) -> ReplayPlan:
        replays = self.slicer.replays
        listed = given.last("--iterations")
        workers = given.last("--workers")
        wanted = list(range(run.iterations))
        if listed is not None:
            wanted = iterations_of(listed, run.iterations)
        if given.has("--missing"):
            done = replays.iterations_that_logged(run, probe.names)
            wanted = [k for k in wanted if k not in done]
        count = self._count(workers, cluster)
        found = replays.propose(run, probe, wanted, count, given.has("--force"))
        if found.plan is None:
            raise NotLogOnly([str(line) for line in found.offending])
        for line in (*found.offending, *found.cautions):
            say(f"watch: {line}", sys.stderr)
        return found.plan

    def _count(self, asked: str | None, cluster: Cluster | None) -> int | None:
        if asked is not None:
            return number_of(asked)
        return None if cluster is None else cluster.workers

    def _replayed(
        self, plan: ReplayPlan, probe: Probe, cluster: Cluster | None = None
    ) -> Replayed:
        screen = ReplayScreen(self.shell)
        with self.slicer.aside():
            found = self.slicer.replays.replay(plan, probe, screen.progress, cluster)
        screen.finish()
        say("\n".join(outcome_lines(found, plan)))
        return found

    def _shown(self, found: Replayed, given: Arguments) -> Any:
        from jupyter_slicer.hindsight.frame import frame_of

        table = frame_of(found.table)
        if given.has("--plot") and len(table):
            from jupyter_slicer.frontends.hindsight_reports import plot

            plot(table)
        return table if len(table) else None

    def _resume(self, rest: Sequence[str], given: Arguments) -> None:
        if len(rest) != 1:
            raise UsageError("Name one run:  %hindsight resume 3")
        run, iteration = self.slicer.resume(number_of(rest[0]))
        say(f"run {run.id} went on from iteration {iteration}")

    def _backfill(self, rest: Sequence[str], given: Arguments) -> Any:
        if len(rest) != 1:
            raise UsageError("Name what was logged:  %hindsight backfill grad_norm")
        name = rest[0]
        recorded, edited = self._edit_that_logs(name)
        for carried in self.slicer.replays.carried([name], recorded, edited):
            say(f"run {carried.run.id}:")
            if carried.why:
                say(f"    not carried: {carried.why}")
                continue
            say(carried.diff.rstrip("\n") or "    the text is the same as now")
            probe = self.slicer.replays.probe(carried.run, {carried.text: carried.source})
            if carried.diff and not probe.texts:
                continue
            plan = self._planned(carried.run, probe, given)
            say(str(plan))
            if not given.has("--plan"):
                found = self._replayed(plan, probe)
                if found.interrupted:
                    break
        return None if given.has("--plan") else self.slicer.hindsight_frame([name])

    def _edit_that_logs(self, name: str) -> tuple[str, str]:
        """The newest edit in which a name is logged: a replayed one, or a cell's text now."""
        from jupyter_slicer.hindsight.edits import compare

        for recorded, edited in reversed(self._edits):
            if name in compare(recorded, edited).names_logged:
                return recorded, edited
        for run in reversed(self.slicer.hindsight.store.runs()):
            for recorded, edited in self.slicer.texts_now(run).items():
                if recorded != edited and name in compare(recorded, edited).names_logged:
                    return recorded, edited
        raise UsageError(
            f"No cell logs {name!r} yet. Add the line, replay it once with "
            "%%hindsight replay, and carry it back then."
        )


def _cell(count: int | None) -> str:
    return "a cell" if count is None else f"In[{count}]"


_TOO_BRIEF = (
    "{cell} ran this text, but no loop in it took half a second, so nothing of it was kept. Run "
    'it again with the new line. A loop that is marked, as in  for epoch in loop("epoch", '
    "range(5)):  is kept however short it is."
)


def _read(line: str) -> tuple[list[str], Arguments]:
    """Words and options; what is after ``--iterations`` is no expression."""
    known = {option.name: option for option in OPTIONS}
    words: list[str] = []
    values: dict[str, list[str]] = {}
    rest = iter(split_words(line))
    for word in rest:
        if not is_option(word):
            words.append(word)
            continue
        name, equals, value = word.partition("=")
        option = known.get(name)
        if option is None:
            raise UsageError(f"There is no option {name}. There are {', '.join(known)}.")
        if option.value is not None and not equals:
            value = next(rest, "")
            if not value or is_option(value):
                raise UsageError(f"{name} needs a value: {name} {option.value}")
        values.setdefault(name, []).append(unquoted(value))
    return words, Arguments(tuple(words), {n: tuple(v) for n, v in values.items()})
