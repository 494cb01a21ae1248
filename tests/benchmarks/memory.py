"""What recording keeps in memory: the same cells with and without it, side by side.

    python -m tests.benchmarks.memory [--rounds 3] [--only pandas list] [--array 1.0]

Each workload runs in fresh processes, plain IPython and IPython with the extension, in
alternating order. Printed are medians: the highest resident size of the whole process, what
the cells added to it (so without what the extension is by itself), what is still there
after the cells, and how many values of variables went away in a later cell than they do
without us. The status is 1 if any did.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys

PIPELINE = [
    "import numpy as np, pandas as pd\nrng = np.random.default_rng(0)",
    "df = pd.DataFrame(rng.random((1_000_000, 8)), columns=list('abcdefgh'))",
    "df['key'] = (df['a'] * 10).astype(int)",
    "g = df.groupby('key').mean()",
    "m = df.merge(g, on='key')",
    "df = df[df['b'] > 0.5]",
    "m = m.sort_values('b_x').head(1000)",
    "df = None",
    "g = g.describe()",
]

FIGURE = [
    "import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt, numpy as np",
    "fig, axes = plt.subplots(4, 4, figsize=(12, 12))",
    "for ax in axes.flat:\n    ax.plot(np.arange(20_000), np.arange(20_000) % 7)",
    "fig.canvas.draw()",
    "plt.close(fig)",
    "del fig, axes, ax",
    "fig = plt.figure(); _ax = fig.add_subplot(); image = _ax.imshow(np.zeros((1000, 1000)))",
    "plt.close('all'); fig = _ax = None",
    "image = None",
]

CLASSES = [
    "class Node:\n    def __init__(self, **held): self.__dict__.update(held)",
    "a = Node(); b = Node(a=a); c = [Node(), Node()]",
    "a = None",
    "b = Node(b=b)",
    "c.pop()\nn = c[0]\nc.clear()",
    "del n",
    "b = b.b",
    "def counter():\n    held = Node()\n    return lambda: held\nf = counter(); n = f()",
    "del f",
    "n = Node(); n.me = n",
    "n = 1",
    "def numbers():\n    held = Node()\n    yield held\ng = numbers(); n = next(g)",
    "g.close(); del n",
    "try:\n    n = Node(); raise ValueError(n)\nexcept ValueError as e:\n    kept = e",
    "del n",
    "kept = None",
    "for n in [Node() for _ in range(5)]:\n    pass",
    "n = {1: Node(), 2: {3: Node()}}; held = n[2][3]",
    "n[2][3] = 0\nheld = 0",
    "s = {Node(), Node()}; t = s.pop()",
    "del s, t",
    "class Later: other = Node()\nlater = Later()",
    "later = Later = None",
]

SCRATCH = [
    "import numpy as np",
    "a = np.ones((1000, 1000)); v = a[10:]; w = v.T",
    "a = a * 2; v = v.copy()",
    "w = None",
    "rows = [np.full(1000, i) for i in range(100)]; first = rows[0]",
    "rows[0] = None; first = None",
    "stack = np.stack(rows[1:]); rows = stack[::2]",
    "del stack",
    "rows += 1",
    "a, v = v, None",
]


def array(gigabytes: float) -> list[str]:
    """One array that is passed around, and two that replace it."""
    size = int(gigabytes * (1 << 27))
    return [
        "import numpy as np",
        f"big = np.ones({size})",
        "def total(values):\n    return float(values.sum())\nt = total(big)",
        "other = big; held = {'big': big}; view = big[::2]",
        "u = view.mean(); n = big.size",
        "del held, other, view",
        "big[0] = 5",
        f"big = None\nbig = np.zeros({size})\nbig[:] = 2",
        "u = total(big)",
        "del big",
    ]


def workloads(gigabytes: float) -> dict[str, list[str]]:
    return {
        f"array of {gigabytes:g} GB": array(gigabytes),
        "nested list of 100,000": [
            "nest = [[i, i + 1] for i in range(100_000)]",
            "n = len(nest)",
            "q = [row[0] for row in nest]",
            "nest[5].append(1)",
            "for row in nest:\n    row.append(0)",
            "deep = {i: nest[i:i + 2] for i in range(0, 100_000, 2)}",
            "del nest, row, deep",
        ],
        "pandas pipeline": PIPELINE,
        "200 trivial cells": [f"v{i} = {i}" for i in range(200)],
        "figures": FIGURE,
        "objects that hold objects": CLASSES,
        "arrays and views": SCRATCH,
    }


CHILD = """
import gc, json, os, sys, weakref
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
cells, on = json.loads(sys.stdin.read())
config = Config()
config.HistoryManager.enabled = False
shell = InteractiveShell.instance(config=config)
empty = set(shell.user_ns)

def resident(which):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(which))

if on:
    shell.run_line_magic("load_ext", "jupyter_slicer")
shell.run_cell("before_all = 1", store_history=True)
gc.collect()
before = resident("VmRSS")
now, seen, gone = [0], {}, {}

def watch(name, value):
    label = f"{name} of cell {now[0]}"
    def note(_):
        gone[label] = now[0]
        seen.pop(label, None)
    try:
        seen[label] = weakref.ref(value, note)
    except TypeError:
        pass

# What goes away in a cycle goes at the same place with us and without us.
gc.disable()
known = {}
for number, cell in enumerate(cells):
    now[0] = number
    result = shell.run_cell(cell + ("" if cell.endswith(":") else "\\npass"), store_history=True)
    failure = result.error_before_exec or result.error_in_exec
    if failure is not None:
        raise failure
    del result
    for name, value in list(shell.user_ns.items()):
        if name not in empty and name[:2] != "_i" and known.get(name) != id(value):
            known[name] = id(value)
            watch(name, value)
    value = None
    now[0] = number + 0.5
    gc.collect()
peak, left = resident("VmHWM"), resident("VmRSS")
os.write(int(sys.argv[1]), json.dumps([before, peak, left, gone, len(seen)]).encode())
os._exit(0)
"""


def run(cells: list[str], on: bool) -> tuple[int, int, int, dict[str, float], int]:
    """KiB before the cells, at the highest, at the end; which value went after which cell."""
    reading, writing = os.pipe()
    environment = {**os.environ, "JUPYTER_SLICER_STORE": ":memory:"}
    subprocess.run(
        [sys.executable, "-c", CHILD, str(writing)],
        input=json.dumps([cells, on]), text=True, check=True, pass_fds=[writing],
        stdout=subprocess.DEVNULL, env=environment,
    )  # fmt: skip
    os.close(writing)
    with os.fdopen(reading) as pipe:
        before, peak, left, gone, alive = json.load(pipe)
    return before, peak, left, gone, alive


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--array", type=float, default=1.0, help="gigabytes of the array")
    options = parser.parse_args()
    print(
        f"{'workload':27s} {'plain MB':>9s} {'with MB':>9s} {'ratio':>6s} {'of cells':>9s} "
        f"{'left MB':>8s} {'went':>5s} {'late':>5s}"
    )
    ratios, own, empties, late = [], [], [], 0
    for name, cells in workloads(options.array).items():
        if options.only and not any(word in name for word in options.only):
            continue
        pairs = []
        for number in range(options.rounds):
            order = (False, True) if number % 2 else (True, False)
            found = {on: run(cells, on) for on in order}
            pairs.append((found[False], found[True]))
        median = statistics.median
        plain, ours = median(p[1] for p, _ in pairs), median(o[1] for _, o in pairs)
        added = median((o[1] - o[0]) / max(p[1] - p[0], 1) for p, o in pairs)
        left = median((o[2] - o[0]) - (p[2] - p[0]) for p, o in pairs)
        words = _late(pairs[-1][0][3], pairs[-1][1][3])
        late += len(words)
        ratios.append(ours / plain)
        own.append(added)
        empties += [o[0] - p[0] for p, o in pairs]
        print(
            f"{name:27s} {plain / 1024:9.1f} {ours / 1024:9.1f} {ours / plain:6.3f} {added:9.3f} "
            f"{left / 1024:8.1f} {len(pairs[-1][0][3]):5d} {len(words):5d}",
            flush=True,
        )
        for line in words:
            print(f"    {line}")
    print(
        f"median of the ratios: {statistics.median(ratios):.3f}, of the cells alone: ", end=""
    )
    print(f"{statistics.median(own):.3f}")
    print(f"the extension itself: {statistics.median(empties) / 1024:.1f} MB")
    return int(late > 0)


def _late(plain: dict[str, float], ours: dict[str, float]) -> list[str]:
    """Values that did not go when they do in plain IPython."""
    return [
        f"{what}: gone after cell {when}, with the extension {ours.get(what, 'never')}"
        for what, when in plain.items()
        if ours.get(what) != when
    ]


if __name__ == "__main__":
    sys.exit(main())
