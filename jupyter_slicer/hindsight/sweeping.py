"""What may go from the store: runs that are old, and files that no checkpoint needs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_slicer.hindsight.runs import Checkpoint, Run, RunStore

DAY = 86400.0
YOUNG = 3600.0
"""Seconds: a file that nothing refers to may belong to a checkpoint on its way."""
JUST = 60.0
"""The same for a file that a run had of which the checkpoints go."""


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """What a sweep would do: logs stay, checkpoints of whole runs go."""

    runs: tuple[int, ...]
    """Their checkpoints go, the oldest first."""
    bytes: int
    """That the files of all checkpoints take now."""
    left: int
    """That they take afterwards, about."""

    def __str__(self) -> str:
        if not self.runs:
            return f"nothing has to go: {self.bytes / 1e6:.1f} MB"
        names = ", ".join(map(str, self.runs))
        return f"checkpoints of runs {names} go: {self.bytes / 1e6:.1f} MB, then {self.left / 1e6:.1f} MB"


def sweep_plan(
    runs: Sequence[tuple[Run, Sequence[Checkpoint]]],
    keep: int | None,
    limit: int | None,
    now: float | None = None,
) -> SweepPlan:
    """Keep checkpoints of the newest ``keep`` runs, and no more than ``limit`` bytes.

    A run that is going on keeps its own; one of a kernel that died is taken for such for
    a day.
    """
    now = time.time() if now is None else now
    sizes = {digest: size for _, found in runs for c in found for digest, size in _files(c)}
    total = sum(sizes.values())
    held = [(run, {d for c in found for d, _ in _files(c)}) for run, found in runs if found]
    gone: list[int] = []
    waiting = [(run, files) for run, files in held if not _goes_on(run, now)]
    while waiting:
        left = {d for run, files in held if run.id not in gone for d in files}
        many = keep is not None and len(held) - len(gone) > keep
        large = limit is not None and sum(sizes[d] for d in left) > limit
        if not (many or large):
            break
        gone.append(waiting.pop(0)[0].id)
    left = {d for run, files in held if run.id not in gone for d in files}
    return SweepPlan(tuple(gone), total, sum(sizes[d] for d in left))


def _goes_on(run: Run, now: float) -> bool:
    return run.outcome == "running" and now - (run.started + run.seconds) < DAY


def _files(checkpoint: Checkpoint) -> list[tuple[str, int]]:
    return [(checkpoint.stream, checkpoint.stream_size), *checkpoint.buffers]


def sweep(store: RunStore, plan: SweepPlan, now: float | None = None) -> int:
    """Do it; gives the bytes that were freed, leftovers of killed kernels included."""
    freed_now: set[str] = set()
    for run in plan.runs:
        found = store.checkpoints(run)
        freed_now.update(digest for c in found for digest, _ in _files(c))
        store.drop_checkpoints(run, [(c.number, c.ending) for c in found])
    needed = store.references()
    now = time.time() if now is None else now
    freed, unneeded = 0, []
    for digest, size, written in store.blobs.sizes():
        # Another kernel may be about to refer to what it has just written or touched.
        age = JUST if digest in freed_now else YOUNG
        if digest not in needed and written < now - age:
            unneeded.append(digest)
            freed += size
    store.blobs.drop(unneeded)
    return freed
