"""How long a slice takes without its fresh run, in sessions of growing length.

    python -m tests.benchmarks.latency [--rounds 5] [--sizes 250 500 1000 2000 5000]

Three kinds of sessions: a chain, in which each cell needs the one before; a wide one, in
which one cell needs all others; and a day's work, in which frames, functions and loops are
run again and again. Printed are medians, and the growth from one size to the next beside
the growth of the session: 1.0 is linear.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time

SIZES = [250, 500, 1000, 2000, 5000]


def chain(size: int) -> list[str]:
    return ["x = 1", *("x = x + 1" for _ in range(size - 1))]


def wide(size: int) -> list[str]:
    names = [f"v{i}" for i in range(size - 1)]
    return [*(f"{name} = 1" for name in names), f"x = sum([{', '.join(names)}])"]


def day(size: int) -> list[str]:
    """What people do: load, define, loop, look, and change something again."""
    cells = [
        "import math\nrows = [{'a': i, 'b': i % 7} for i in range(40)]",
        "def scale(row, factor):\n    row = dict(row)\n    row['a'] *= factor\n    return row",
        "log = []\nbest = None",
    ]
    work = [
        "factor = {i}",
        "scaled = [scale(row, factor) for row in rows]",
        "print(len(scaled), math.sqrt(factor + 1))",
        "rows.append({{'a': {i}, 'b': 1}})\nrows.pop(0)",
        "for row in scaled:\n    log.append(row['b'])\n    if best is None or row['a'] > best:\n"
        "        best = row['a']",
        "total_{i} = sum(row['a'] for row in scaled)",
    ]
    for number in range(size - 4):
        cells.append(work[number % len(work)].format(i=number))
    return [*cells, "x = (best, len(log), sum(row['a'] for row in rows))"]


SESSIONS = {"chain": chain, "wide": wide, "a day's work": day}

CHILD = """
import json, os, sys, time
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
cells, rounds = json.loads(sys.stdin.read())
config = Config()
config.HistoryManager.enabled = False
shell = InteractiveShell.instance(config=config)
shell.run_line_magic("load_ext", "jupyter_slicer")
for cell in cells:
    shell.run_cell(cell, store_history=True)
from jupyter_slicer import backward_slice
took = []
for _ in range(rounds):
    began = time.perf_counter()
    program = backward_slice("x")
    source = program.source
    took.append(time.perf_counter() - began)
os.write(int(sys.argv[1]), json.dumps([took, len(program.statements)]).encode())
"""


def run(cells: list[str], rounds: int) -> tuple[list[float], int]:
    """Seconds of each slice, and how many statements it has."""
    import json

    reading, writing = os.pipe()
    environment = {**os.environ, "JUPYTER_SLICER_STORE": ":memory:"}
    subprocess.run(
        [sys.executable, "-c", CHILD, str(writing)],
        input=json.dumps([cells, rounds]), text=True, check=True, pass_fds=[writing],
        stdout=subprocess.DEVNULL, env=environment,
    )  # fmt: skip
    os.close(writing)
    with os.fdopen(reading) as pipe:
        took, kept = json.load(pipe)
    return took, kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    options = parser.parse_args()
    print(
        f"{'session':14s} {'cells':>6s} {'kept':>6s} {'first ms':>9s} {'again ms':>9s} growth"
    )
    for name, made in SESSIONS.items():
        before: tuple[int, float] | None = None
        for size in options.sizes:
            began = time.perf_counter()
            took, kept = run(made(size), options.rounds)
            again = statistics.median(took[1:]) if took[1:] else took[0]
            growth = ""
            if before is not None:
                growth = f"{(took[0] / before[1]) / (size / before[0]):6.2f}"
            before = size, took[0]
            print(
                f"{name:14s} {size:6d} {kept:6d} {took[0] * 1000:9.1f} {again * 1000:9.1f} "
                f"{growth}   (session: {time.perf_counter() - began:.0f} s)",
                flush=True,
            )


if __name__ == "__main__":
    main()
