"""What may go from the store: runs that are old, and files that no checkpoint needs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jupyter_slicer.hindsight.runs import Checkpoint, Run, RunStore, files_of

DAY = 86400.0
YOUNG = 3600.0
"""Seconds: a file that nothing refers to may belong to a checkpoint on its way."""
JUST = 60.0
"""The same for a file that a run had of which the checkpoints go."""


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """What a sweep would do: logs stay, checkpoints go."""

    runs: tuple[int, ...]
    """Their checkpoints go, the oldest first."""
    bytes: int
    """That the files of all checkpoints take now."""
    left: int
    """That they take afterwards, about."""
    thinned: tuple[tuple[int, tuple[tuple[int, bool], ...]], ...] = ()
    """Of other runs, checkpoints that go: number, and whether it is that of the end."""

    def __str__(self) -> str:
        if not self.runs and not self.thinned:
            return f"nothing has to go: {self.bytes / 1e6:.1f} MB"
        said = []
        if self.runs:
            said.append(f"checkpoints of runs {', '.join(map(str, self.runs))} go")
        said += [f"{len(gone)} checkpoints of run {run} go" for run, gone in self.thinned]
        sizes = f"{self.bytes / 1e6:.1f} MB, then {self.left / 1e6:.1f} MB"
        return f"{'; '.join(said)}: {sizes}"


def sweep_plan(
    runs: Sequence[tuple[Run, Sequence[Checkpoint]]],
    keep: int | None,
    limit: int | None,
    now: float | None = None,
) -> SweepPlan:
    """Keep checkpoints of the newest ``keep`` runs, and no more than ``limit`` bytes: of the
    newest run, and of one that is going on, fewer before none.

    A run that is going on keeps some in any case; one of a kernel that died is taken for such for
    a day.
    """
    now = time.time() if now is None else now
    sizes = {digest: size for _, found in runs for c in found for digest, size in files_of(c)}
    held = {run.id: list(found) for run, found in runs if found}
    ended = [run.id for run, found in runs if found and not _goes_on(run, now)]

    def taken() -> int:
        return sum(
            sizes[d] for d in {d for f in held.values() for c in f for d, _ in files_of(c)}
        )

    def is_large() -> bool:
        return limit is not None and taken() > limit

    total, gone = taken(), []
    newest = max(held, default=0)
    while ended and ((keep is not None and len(held) > keep) or is_large()):
        # Rather fewer checkpoints of the last run than none.
        if ended[0] == newest and (keep is None or len(held) <= keep) and _thin(held, is_large):
            break
        gone.append(ended.pop(0))
        del held[gone[-1]]
    if is_large():
        _thin(held, is_large)
    thinned = [
        (run.id, tuple((c.number, c.ending) for c in found if c not in held[run.id]))
        for run, found in runs
        if run.id in held
    ]
    return SweepPlan(tuple(gone), total, taken(), tuple((r, g) for r, g in thinned if g))


def _thin(held: dict[int, list[Checkpoint]], is_large: Callable[[], bool]) -> bool:
    """Drop every second checkpoint, and again, but never the first and the last; whether
    what is left is no longer too large."""
    while is_large():
        run = max(held, key=lambda r: len(held[r]), default=0)
        found = held.get(run, [])
        if len(found) <= 2:
            return False
        held[run] = [*found[:-1][::2], found[-1]]
    return True


def _goes_on(run: Run, now: float) -> bool:
    return run.outcome == "running" and now - (run.started + run.seconds) < DAY


def sweep(store: RunStore, plan: SweepPlan, now: float | None = None) -> int:
    """Do it; gives the bytes that were freed, leftovers of killed kernels included."""
    freed_now: set[str] = set()
    for run in plan.runs:
        found = store.checkpoints(run)
        freed_now.update(digest for c in found for digest, _ in files_of(c))
        store.drop_checkpoints(run, [(c.number, c.ending) for c in found])
    for run, numbers in plan.thinned:
        dropped = [c for c in store.checkpoints(run) if (c.number, c.ending) in numbers]
        freed_now.update(digest for c in dropped for digest, _ in files_of(c))
        store.drop_checkpoints(run, numbers)
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
