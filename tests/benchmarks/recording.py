"""What recording costs: the same cells with and without it, side by side in one run.

    python -m tests.benchmarks.recording [--rounds 5] [--only pandas loop]

Each round runs every workload in two fresh processes, plain IPython and IPython with the
extension, in alternating order. Printed are medians of ratios taken pair by pair, so that
a machine whose speed drifts does not spoil them.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys

WORKLOADS: dict[str, tuple[list[str], list[str]]] = {
    "200 trivial cells": ([], [f"v{i} = {i}" for i in range(200)]),
    "loop of 2 million": ([], ["s = 0\nfor i in range(2_000_000):\n    s += i"] * 3),
    "function, hot loop": (
        ["def f(n):\n    s = 0\n    for i in range(n):\n        s += i * i\n    return s"],
        ["r = f(2_000_000)"] * 3,
    ),
    "map with a lambda": ([], ["r = sum(map(lambda v: v + 1, range(1_000_000)))"] * 3),
    "numpy": (
        ["import numpy as np\na = np.random.default_rng(0).random((1000, 1000))"],
        ["b = a @ a", "c = float((a * 2).sum())", "d = np.linalg.svd(a[:300, :300])[1]"] * 4,
    ),
    "pandas pipeline": (
        [
            "import numpy as np, pandas as pd",
            "rng = np.random.default_rng(0)",
            "df = pd.DataFrame(rng.random((300_000, 8)), columns=list('abcdefgh'))",
        ],
        [
            "df['key'] = (df['a'] * 10).astype(int)",
            "g = df.groupby('key').mean()",
            "m = df.merge(g, on='key')",
            "top = m.sort_values('b_x').head(1000)",
            "top.describe()",
        ]
        * 3,
    ),
    "scikit-learn fit": (
        [
            "import numpy as np\nfrom sklearn.ensemble import RandomForestClassifier",
            "X = np.random.default_rng(0).random((5000, 20))\ny = X[:, 0] > X[:, 1]",
        ],
        ["m = RandomForestClassifier(20, random_state=0)", "m.fit(X, y)", "p = m.predict(X)"]
        * 2,
    ),
    "1 GB array passed around": (
        ["import numpy as np\nbig = np.ones(1 << 27)"],
        ["t = float(big.sum())", "view = big[::2]", "u = float(big.mean())", "n = big.size"]
        * 2,
    ),
    "nested list of 100,000": (
        ["nest = [[i, i + 1] for i in range(100_000)]"],
        ["n = len(nest)", "q = [row[0] for row in nest]", "z = nest[5]"] * 4,
    ),
}

CHILD = """
import json, os, resource, sys, time
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
setup, cells, on = json.loads(sys.stdin.read())
config = Config()
config.HistoryManager.enabled = False
shell = InteractiveShell.instance(config=config)
began = time.perf_counter()
if on:
    shell.run_line_magic("load_ext", "jupyter_slicer")
loaded = time.perf_counter() - began
for cell in setup:
    shell.run_cell(cell, store_history=True)
began = time.perf_counter()
for cell in cells:
    shell.run_cell(cell + ";", store_history=True)
spent = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
os.write(int(sys.argv[1]), json.dumps([spent, peak, loaded]).encode())
"""


def run(setup: list[str], cells: list[str], on: bool) -> tuple[float, float, float]:
    """Seconds of the cells, peak memory in KiB, seconds of loading the extension."""
    reading, writing = os.pipe()
    environment = {**os.environ, "JUPYTER_SLICER_STORE": ":memory:"}
    subprocess.run(
        [sys.executable, "-c", CHILD, str(writing)],
        input=json.dumps([setup, cells, on]), text=True, check=True, pass_fds=[writing],
        stdout=subprocess.DEVNULL, env=environment,
    )  # fmt: skip
    os.close(writing)
    with os.fdopen(reading) as pipe:
        spent, peak, loaded = json.load(pipe)
    return spent, peak, loaded


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=[])
    options = parser.parse_args()
    print(f"{'workload':28s} {'time ratio':>10s} {'extra ms/cell':>14s} {'peak memory':>12s}")
    loads = []
    for name, (setup, cells) in WORKLOADS.items():
        if options.only and not any(word in name for word in options.only):
            continue
        ratios, extras, memory = [], [], []
        for number in range(options.rounds):
            order = (False, True) if number % 2 else (True, False)
            found = {on: run(setup, cells, on) for on in order}
            ratios.append(found[True][0] / found[False][0])
            extras.append((found[True][0] - found[False][0]) / len(cells) * 1000)
            memory.append(found[True][1] / found[False][1])
            loads.append(found[True][2])
        median = statistics.median
        print(
            f"{name:28s} {median(ratios):10.3f} {median(extras):14.2f} {median(memory):12.3f}"
        )
    print(f"%load_ext: {statistics.median(loads):.2f} s after import IPython")


if __name__ == "__main__":
    main()
