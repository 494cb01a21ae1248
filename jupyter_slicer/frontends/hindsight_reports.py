"""What ``%hindsight`` prints."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from jupyter_slicer.errors import UsageError
from jupyter_slicer.frontends.screens import prints_displays

if TYPE_CHECKING:
    from jupyter_slicer.hindsight.kernel import Hindsight
    from jupyter_slicer.hindsight.plan import ReplayPlan
    from jupyter_slicer.hindsight.replaying import Replayed, WorkerState
    from jupyter_slicer.hindsight.runs import Checkpoint, Run, RunStore


def status_lines(hindsight: Hindsight) -> Iterator[str]:
    """Runs, checkpoints, bytes, and what recording cost."""
    store = hindsight.store
    runs = store.runs()
    if not runs:
        yield "no loop was recorded yet: a loop is when it runs for half a second or longer"
        return
    yield f"{'run':>4}  {'loop':34}{'iterations':>10}{'checkpoints':>12}{'MB':>9}{'seconds':>9}{'cost':>7}"
    seen: dict[str, int] = {}
    for run in runs:
        found = store.checkpoints(run.id)
        yield _status_line(run, found)
        seen |= {d: s for c in found for d, s in ((c.stream, c.stream_size), *c.buffers)}
        yield from (f"        {note}" for note in run.notes)
    yield f"{sum(seen.values()) / 1e6:.1f} MB in {store.folder}"


def _status_line(run: Run, found: Iterable[Checkpoint]) -> str:
    found = list(found)
    written = sum(c.written for c in found)
    share = run.cost / run.seconds if run.seconds else 0.0
    head = run.head if len(run.head) <= 32 else run.head[:31] + "…"
    state = "" if run.outcome == "done" else f"  {run.outcome}"
    return (
        f"{run.id:>4}  {head:34}{run.iterations:>10}{len(found):>12}{written / 1e6:>9.1f}"
        f"{run.seconds:>9.1f}{share:>7.1%}{state}"
    )


def runs_lines(store: RunStore) -> Iterator[str]:
    """Each run: when, where, hyper-parameters, names logged."""
    from jupyter_slicer.hindsight.versions import parameters_of

    runs = store.runs()
    if not runs:
        yield "no loop was recorded yet"
        return
    parameters = parameters_of(store, runs)
    for run in runs:
        when = datetime.fromtimestamp(run.started).strftime("%Y-%m-%d %H:%M")
        cell = f"In[{run.count}]" if run.count is not None else "a cell"
        yield f"run {run.id}  {when}  {cell}  {run.head}  {run.iterations} iterations, {run.outcome}"
        values = parameters.get(run.id, {})
        if values:
            yield "    " + ", ".join(f"{name}={value!r}" for name, value in values.items())
        names = dict.fromkeys(v.name for v in store.logged(run.id))
        if names:
            yield "    logged: " + ", ".join(names)


def outcome_lines(found: Replayed, plan: ReplayPlan) -> list[str]:
    """What came of a replay, divergences first."""
    lines = []
    for iteration, names in sorted(found.divergent.items(), key=lambda i: (i[0] is None, i[0])):
        where = "outside the loop" if iteration is None else f"after iteration {iteration}"
        lines.append(f"✗ diverged {where}: {', '.join(names)} differs from the record")
    for iteration, why in found.failed:
        where = "" if iteration is None else f" in iteration {iteration}"
        lines.append(f"✗ failed{where}: {why}")
    if found.interrupted:
        lines.append(f"• interrupted; {len(found.seconds)} iterations are kept")
    if not lines:
        checked = [k for k in found.checked if k is not None]
        restored = sum(1 for s in plan.segments if s.skips and s.last not in found.again)
        words = []
        if restored:
            words.append(f"{restored} state{'s' * (restored != 1)} restored as recorded")
        if any(s.after and not s.runs for s in plan.segments):
            words.append("the state at the loop's end restored as recorded")
        if checked:
            words.append(f"{len(checked)} compared with the record and the same")
        lines.append("✓ " + ("; ".join(words) or "done; no checkpoint follows to compare with"))
    lines[-1] += f" ({found.took:.1f} s, {found.starting:.1f} s of it to start)"
    if found.again:
        lines.append(
            f"note: {len(found.again)} iterations ran again all the same: below the added line "
            "the loop changes what it reads"
        )
    lines += [f"note: {note}" for note in found.notes[:10]]
    return lines + printed_lines(found)


def printed_lines(found: Replayed) -> list[str]:
    """What was printed, each line with the iteration that it comes from."""
    lines = []
    for place, text in found.around.items():
        lines += [f"[{place}] {line}" for line in text.rstrip("\n").split("\n") if text.strip()]
    printed = {k: text for k, text in sorted(found.printed.items()) if text.strip()}
    for iteration, text in list(printed.items())[:50]:
        lines += [f"[{iteration}] {line}" for line in text.rstrip("\n").split("\n")]
    return lines


def plot(table: Any) -> None:
    """One line for each name and run, over epochs and steps."""
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise UsageError("--plot needs matplotlib:  pip install matplotlib") from None
    steps = [c for c in table.columns if c.startswith("step")]
    names = [c for c in table.columns if c not in ("run", "epoch", "check", *steps)]
    numbers = [n for n in names if table[n].dtype.kind in "fiub"]
    if not numbers:
        return
    _, axes = plt.subplots(len(numbers), 1, squeeze=False, sharex=True)
    for axis, name in zip(axes[:, 0], numbers, strict=True):
        for run, rows in table.groupby("run"):
            axis.plot(range(len(rows)), rows[name], label=f"run {run}")
        axis.set_ylabel(name)
        axis.legend()
    axes[-1, 0].set_xlabel(" and ".join(["epoch", *steps]))
    plt.show()


class ReplayScreen:
    """Progress of each worker: one display in a notebook, nothing in a terminal's log."""

    def __init__(self, shell: Any, clock: Callable[[], float] = time.monotonic) -> None:
        self._publisher = shell.display_pub
        self._prints = prints_displays(shell)
        self._id: str | None = None
        self._clock, self._last = clock, clock()

    def progress(self, states: Sequence[WorkerState]) -> None:
        lines = [str(state) for state in states]
        if self._clock() - self._last < 0.5:
            return
        self._last = self._clock()
        if not self._prints:
            self._publish("\n".join(lines))
        elif sys.stdout.isatty():
            sys.stdout.write(f"\r\x1b[K{'; '.join(lines)[:100]}")
            sys.stdout.flush()

    def finish(self) -> None:
        if self._id is not None:
            self._publish("")
        elif self._prints and sys.stdout.isatty():
            sys.stdout.write("\r\x1b[K")

    def _publish(self, text: str) -> None:
        update = self._id is not None
        self._id = self._id or uuid.uuid4().hex
        self._publisher.publish(
            data={"text/plain": text}, metadata={},
            transient={"display_id": self._id}, update=update,
        )  # fmt: skip
