"""What is settled between cells, and whether the next cell waits for it.

    python -m tests.benchmarks.idle [--rounds 30] [--gigabytes 1.0]

One real kernel holds large arrays; a cell calls functions with them, which is too costly to
look into at once. Printed are the objects that may have been changed, and the statements
that a slice keeps, right after the cell and when the kernel was idle for a while; then how
long a cell takes that comes at some moment of the idle time, beside the same cell after one
that left nothing to settle.
"""

from __future__ import annotations

import argparse
import ast
import os
import statistics
import tempfile
import time

from tests.kernel.notebook import Notebook

ASK = """
def _ask():
    from jupyter_slicer.frontends.extension import active
    slicer = active()
    records = slicer.recorder.observer.heap.records.values()
    suspects = sum(bool(r.suspicion) or r.unseen for r in records)
    return suspects, len(slicer.backward_slice("other", patience=0.0).statements)
"""
CALLS = "a = mean(big)\nb = mean(other)\nc = mean(other[::2])\nd = mean(big)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30, help="cells in the idle time")
    parser.add_argument("--gigabytes", type=float, default=1.0, help="size of the arrays")
    options = parser.parse_args()
    numbers = int(options.gigabytes * 2**30 / 16)
    os.environ["JUPYTER_SLICER_STORE"] = ":memory:"
    with tempfile.TemporaryDirectory() as folder:
        notebook = Notebook(folder)
        try:
            notebook.run("%load_ext jupyter_slicer\nimport numpy as np")
            notebook.run(f"big = np.ones({numbers})\nother = np.ones({numbers})", timeout=600)
            notebook.run("def mean(x):\n    return float(x[:1000].mean())")
            notebook.run(ASK)
            time.sleep(3)
            _settled(notebook)
            _delay(notebook, options.rounds)
        finally:
            notebook.close()


def _settled(notebook: Notebook) -> None:
    print(f"{'':36s}{'suspects':>10s}{'statements':>12s}")
    for seconds in (0.0, 3.0):
        notebook.run(CALLS)
        time.sleep(seconds)
        suspects, statements = _asked(notebook)
        when = f"after {seconds:.0f} s without a cell" if seconds else "right after the cell"
        print(f"{when:36s}{suspects:10d}{statements:12d}")
        time.sleep(3)


def _asked(notebook: Notebook) -> tuple[int, int]:
    """Without a cell, which would begin anew what is to be seen."""
    request = notebook.client.execute("", silent=True, user_expressions={"found": "_ask()"})
    while True:
        reply = notebook.client.get_shell_msg(timeout=600)
        if reply["parent_header"].get("msg_id") == request:
            found = reply["content"]["user_expressions"]["found"]["data"]["text/plain"]
            suspects, statements = ast.literal_eval(found)
            return suspects, statements


def _delay(notebook: Notebook, rounds: int) -> None:
    """Cells that come while looks are taken, and cells that come when there are none."""
    waits: dict[str, list[float]] = {"a = mean(big)": [], "a = 1": []}
    for number in range(rounds):
        for before, seconds in waits.items():
            notebook.run(before)
            time.sleep(0.3 + 0.3 * number / rounds)
            began = time.perf_counter()
            notebook.run("pass")
            seconds.append(time.perf_counter() - began)
    busy, quiet = waits.values()
    print(
        f"\nthe next cell, looks going on   {1000 * statistics.median(busy):8.1f} ms at the median"
    )
    print(
        f"the next cell, nothing to do    {1000 * statistics.median(quiet):8.1f} ms at the median"
    )
    print(
        f"ratio                           {statistics.median(busy) / statistics.median(quiet):8.2f}"
    )


if __name__ == "__main__":
    main()
