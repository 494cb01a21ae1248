"""What recording a loop costs, and what a replay saves: ratios, side by side in one run.

    python -m tests.benchmarks.hindsight [fast] [long] [record] [replay] [MLP] [NumPy] …

Recording: the same cell with and without us, an epoch of one and an epoch of the other in
turns, in one process; processor time of all threads counts, since other programs disturb the
wall clock. Libraries compute with one thread. Replay: against running the
cell again, and how many values are equal, as floats, to those of the run itself.
"""

from __future__ import annotations

import builtins
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_slicer.hindsight import recording, watch
from tests.hindsight.session import Session, logged, plain_session


@dataclass(frozen=True)
class Workload:
    """A loop that trains something."""

    name: str
    setup: str
    loop: str
    outer: tuple[str, str]
    """A line of the cell, and the log line that is put below it: at the end of an epoch."""
    inner: tuple[str, str]


_TORCH = """
import torch
from torch import nn
torch.set_num_threads(1)
torch.manual_seed(0)
losses, norms = [], []
def norm(model):
    return sum(float(p.detach().square().sum()) for p in model.parameters())
"""
_TRAIN = """
for epoch in range(EPOCHS):
    order = torch.randperm(len(X))
    for i in range(0, len(X), BATCH):
        b = order[i:i + BATCH]
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(X[b]), y[b])
        loss.backward()
        opt.step()
        losses.append(loss.item())
    norms.append(norm(net))
"""
_OUTER = ("    norms.append(norm(net))\n", "    log('norm', norm(net))\n")
_INNER = ("        losses.append(loss.item())\n", "        log('loss', loss)\n")

WORKLOADS = (
    Workload(
        "MLP, 5 M parameters, Adam",
        _TORCH
        + """
EPOCHS, BATCH = 6, 64
X, y = torch.randn(1024, 512), torch.randint(0, 10, (1024,))
net = nn.Sequential(nn.Linear(512, 1800), nn.ReLU(), nn.Dropout(0.2), nn.Linear(1800, 2000),
                    nn.ReLU(), nn.Linear(2000, 10))
opt = torch.optim.Adam(net.parameters())
""",
        _TRAIN, _OUTER, _INNER,
    ),
    Workload(
        "CNN with BatchNorm, Adam",
        _TORCH
        + """
EPOCHS, BATCH = 10, 64
X, y = torch.randn(1024, 1, 16, 16), torch.randint(0, 10, (1024,))
net = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(),
                    nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32),
                    nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(512, 10))
opt = torch.optim.Adam(net.parameters())
""",
        _TRAIN, _OUTER, _INNER,
    ),
    Workload(
        "scikit-learn, partial_fit",
        """
import numpy as np
from sklearn.linear_model import SGDClassifier
rng = np.random.default_rng()
X = rng.normal(size=(20000, 100)); y = (X[:, 0] > 0).astype(int)
clf = SGDClassifier()
losses, norms = [], []
""",
        """
for epoch in range(20):
    order = rng.permutation(len(X))
    for i in range(0, len(X), 1000):
        b = order[i:i + 1000]
        clf.partial_fit(X[b], y[b], classes=[0, 1])
        losses.append(float(clf.intercept_[0]))
    norms.append(float(np.abs(clf.coef_).sum()))
""",
        ("    norms.append(float(np.abs(clf.coef_).sum()))\n",
         "    log('norm', float(np.abs(clf.coef_).sum()))\n"),
        ("        losses.append(float(clf.intercept_[0]))\n",
         "        log('loss', float(clf.intercept_[0]))\n"),
    ),
    Workload(
        "NumPy gradient descent, 80 MB of data",
        """
import numpy as np
rng = np.random.default_rng()
X = rng.normal(size=(50000, 200)); y = X @ rng.normal(size=200)
w = np.zeros(200)
losses, norms = [], []
""",
        """
for epoch in range(120):
    for half in (slice(0, 25000), slice(25000, None)):
        r = X[half] @ w - y[half]
        w -= 0.1 * X[half].T @ r / len(r)
        losses.append(float(r @ r))
    norms.append(float(np.abs(w).sum()))
""",
        ("    norms.append(float(np.abs(w).sum()))\n",
         "    log('norm', float(np.abs(w).sum()))\n"),
        ("        losses.append(float(r @ r))\n", "        log('loss', float(r @ r))\n"),
    ),
)  # fmt: skip
ROUNDS = 5
FAST = {
    "for i in range(6_000_000): s += i": "s = 0\nfor i in range(6_000_000):\n    s += i\n",
    "while n: n -= 1": "n = 6_000_000\nwhile n:\n    n -= 1\n",
    "a loop of short loops": "s = 0\nfor i in range(800_000):\n    for j in range(5):\n        s += j\n",
    "the same in a function": (
        "def f():\n    s = 0\n    for i in range(1_500_000):\n        for j in range(5):\n"
        "            s += j\nf()\n"
    ),
}


def main(arguments: Sequence[str]) -> int:
    wanted = set(arguments) or {"fast", "long", "record", "replay"}
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"  # read when the cells import what computes
    folder = tempfile.mkdtemp(prefix="bench-hindsight-")
    os.chdir(folder)
    if "fast" in wanted:
        fast_loops()
    if "long" in wanted:
        long_epochs()
    # Any other word chooses workloads whose name has it.
    words = wanted - {"fast", "long", "record", "replay"}
    for workload in WORKLOADS:
        if words and not any(word in workload.name for word in words):
            continue
        if "record" in wanted:
            record(workload)
        if "replay" in wanted:
            replay(workload)
    return 0


def long_epochs() -> None:
    """20 epochs of the MLP that take about 10 s each, most of it spent waiting."""
    workload, session = WORKLOADS[0], _session("long")
    setup = workload.setup.replace("EPOCHS, BATCH = 6, 64", "EPOCHS, BATCH = 20, 256")
    session.run("import time\n" + setup)
    _, plain = _timed(
        session, workload.loop.replace("    norms", "    time.sleep(8)\n    norms")
    )
    run = session.runs()[-1]
    print(
        f"20 long epochs: {plain:.0f} s, recording took {run.cost / run.seconds:.2%}, "
        f"{len(session.checkpoints(run))} checkpoints",
        flush=True,
    )
    for name, (line, added), some in (
        ("end of epoch", workload.outer, None), ("inner loop of one epoch", workload.inner, [7])
    ):  # fmt: skip
        began = time.perf_counter()
        _, found = session.replay({line: line + added}, some)
        took = time.perf_counter() - began
        print(
            f"    {name}: {took:.1f} s of which start {found.starting:.1f} s, "
            f"{plain / took:.0f} times faster than running again, one epoch is "
            f"{plain / run.iterations:.1f} s, {len(found.divergent)} divergences",
            flush=True,
        )
    session.end()


def _session(name: str) -> Session:
    os.environ["JUPYTER_SLICER_STORE"] = os.path.join(os.getcwd(), name, "history.sqlite")
    return Session.begin(eager=False)


def _timed(session: Session, cell: str) -> tuple[float, float]:
    """CPU seconds of this thread, and seconds by the clock."""
    wall, cpu = time.perf_counter(), time.thread_time()
    session.run(cell)
    return time.thread_time() - cpu, time.perf_counter() - wall


def fast_loops() -> None:
    for name, cell in FAST.items():
        ours, plain = _session("fast"), plain_session()
        pairs = [(_timed(ours, cell)[0], _timed(plain, cell)[0]) for _ in range(5)]
        ours.end()
        first = pairs[0][0] / pairs[0][1]
        ratio = statistics.median(a / b for a, b in pairs)
        print(f"{name:40} recorded/plain {ratio:.3f} (first time {first:.3f})", flush=True)


class Turns:
    """Two notebooks that take turns at each epoch: what disturbs one, disturbs the other.

    Time in which one waits for the other is none for its clock.
    """

    def __init__(self) -> None:
        self._may = {True: threading.Semaphore(0), False: threading.Semaphore(0)}
        self._waited, self._alone = 0.0, False

    def clock(self) -> float:
        return time.perf_counter() - self._waited

    def turn(self) -> None:
        if self._alone:
            return
        ours = threading.current_thread() is threading.main_thread()
        began = time.perf_counter()
        self._may[not ours].release()
        self._may[ours].acquire()
        if ours:
            self._waited += time.perf_counter() - began

    def run(
        self, ours: Session, plain: dict[str, Any], cell: str
    ) -> tuple[float, float, float]:
        """Processor seconds of the recorded cell, of the other thread behind it, and of the
        plain cell."""
        self._alone = False
        found: list[float] = []
        code = compile(cell, "<plain>", "exec")

        def beside() -> None:
            self._may[False].acquire()
            began = time.thread_time()
            exec(code, plain)
            found.append(time.thread_time() - began)
            self._alone = True
            self._may[True].release()

        thread = threading.Thread(target=beside)
        thread.start()
        before = seconds_of_others()
        began = time.thread_time()
        ours.run(cell)
        cpu = time.thread_time() - began
        self._may[False].release()
        self._alone = True
        thread.join()
        ours.runs()
        return cpu, seconds_of_others() - before - found[0], found[0]


def seconds_of_others() -> float:
    """Of all threads but the one that asks."""
    return time.process_time() - time.thread_time()


def record(workload: Workload) -> None:
    """The loop with and without us, epoch by epoch in turns; all threads count."""
    turns = Turns()
    ours, plain = _session("record"), {"__name__": "__main__"}
    recording._clock = watch._clock = turns.clock
    builtins.turn = int
    head, _, body = workload.loop.partition(":\n")
    cell = f"{head}:\n{body.rstrip()}\n    turn()\n"
    exec(workload.setup, plain)
    exec(cell, plain)
    ours.run(workload.setup)
    ours.run(cell)  # until the allocator has settled
    builtins.turn = turns.turn
    found = [turns.run(ours, plain, cell) for _ in range(ROUNDS)]
    recording._clock = watch._clock = time.perf_counter
    ratios = sorted((main + behind) / bare for main, behind, bare in found)
    behind = sum(b for _, b, _ in found) / sum(p for _, _, p in found)
    kernel = ours.slicer.kernel.id
    runs = [run for run in ours.runs() if run.kernel == kernel][1:]
    kept = [c for run in runs for c in ours.checkpoints(run)]
    share = sum(run.cost for run in runs) / max(sum(run.seconds for run in runs), 1e-9)
    ours.end()
    print(
        f"{workload.name:40} recorded/plain {statistics.median(ratios):.3f} "
        f"({ratios[0]:.3f} to {ratios[-1]:.3f}), {behind:.2%} of it in the other thread; "
        f"by our own clock {share:.2%}; a loop of {found[0][2]:.1f} s; "
        f"{len(kept) / ROUNDS:.1f} checkpoints, "
        f"{sum(c.written for c in kept) / ROUNDS / 1e6:.1f} MB a run",
        flush=True,
    )


def replay(workload: Workload) -> None:
    session = _session("replay")
    session.run(workload.setup)
    _, plain = _timed(session, workload.loop)
    for name, (line, added) in (
        ("end of epoch", workload.outer),
        ("inner loop", workload.inner),
    ):
        truth = session["norms"] if name == "end of epoch" else session["losses"]
        some = None if name == "end of epoch" else [1]
        began = time.perf_counter()
        _, found = session.replay({line: line + added}, some)
        took = time.perf_counter() - began
        values = logged(found, "norm" if some is None else "loss")
        epochs = session.runs()[-1].iterations
        steps = len(truth) // epochs
        equal = sum(
            value == truth[place if isinstance(place, int) else place[0] * steps + place[1]]
            for place, value in values.items()
        )
        print(
            f"{workload.name:40} {name:13} {equal}/{len(values)} equal, "
            f"{len(found.divergent)} divergences {found.divergent or ''}; running again "
            f"{plain:.1f} s, "
            f"replay {took:.1f} s of which start {found.starting:.1f} s",
            flush=True,
        )
    session.end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
