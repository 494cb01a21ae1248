"""Slices of what the cells of real notebooks show, each really run.

    python -m tests.benchmarks.outputs NOTEBOOK [NOTEBOOK ...]

Each notebook runs in a kernel that records and shows figures as notebooks do. Then the output
of each cell that showed something is sliced as a user does it, with the fresh runs that come with
it. Printed are verdicts, those that are not "same" with their reasons, and statements kept, after
fresh runs, over those that had run by then. Notebooks are .ipynb files or scripts with ``# %%`` between cells; they run in a copy of their folder.
"""

from __future__ import annotations

import os
import re
import statistics
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from tests.benchmarks.notebooks.corpus import cells_of, copy_around
from tests.kernel.notebook import Notebook

_INLINE = "module://matplotlib_inline.backend_inline"
_FACTS = re.compile(r"(\d+) of (\d+) statements?")


def main() -> None:
    verdicts: Counter[str] = Counter()
    shares: list[float] = []
    for path in (Path(name).resolve() for name in sys.argv[1:]):
        with copy_around(path.parents[1], f"{path.parent.name}/{path.name}") as copy:
            found = list(_outputs(copy))
        kept = [share for _, _, share in found]
        counts = Counter(verdict for verdict, _, _ in found)
        verdicts += counts
        shares += kept
        words = ", ".join(f"{n} {v}" for v, n in counts.most_common())
        print(f"{path.name:45} {words}", flush=True)
        for verdict, why, _ in found:
            if verdict not in ("same", "nondeterministic"):
                print(f"    {verdict}: {why[:200]}", flush=True)
    print(f"\n{sum(verdicts.values())} outputs:", dict(verdicts.most_common()))
    if shares:
        print(f"statements kept over executed: {statistics.mean(shares):.3f}")


def _outputs(path: Path) -> Any:
    os.environ["MPLBACKEND"] = _INLINE
    os.environ["JUPYTER_SLICER_STORE"] = ":memory:"
    notebook = Notebook(str(path.parent))
    try:
        notebook.run("%load_ext jupyter_slicer", store_history=False)
        showed = []
        for cell in cells_of(path):
            ran = notebook.run(cell, timeout=600)
            if ran.stdout or ran.displays or ran.value or ran.status == "error":
                showed.append(ran.count)
        for count in showed:
            told = notebook.run(f"%slice --output-of {count}", 600, store_history=False)
            if not told.displays:
                yield "no slice", f"In[{count}]: {told.stderr.strip()}", 1.0
                continue
            message = told.message
            kept, of = map(int, _FACTS.search(message["facts"]).groups())
            verdict = message["verdict"]
            why = f"In[{count}]: {verdict['reason']}"
            if message["notes"]:
                why += f" ({'; '.join(message['notes'])})"
            repaired = any("fresh run showed" in note for note in message["notes"])
            name = verdict["verdict"] + (" after repair" if repaired else "")
            yield name, why, kept / max(of, 1)
    finally:
        notebook.close()


if __name__ == "__main__":
    main()
