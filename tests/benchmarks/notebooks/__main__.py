"""Slices of every variable of real notebooks, each really run.

    python -m tests.benchmarks.notebooks --folder DIR [--only WORD ...] [--longest S]

Each notebook runs twice without us: variables whose value is the same both times are
sliced after a third run, with recording. Every slice runs as a program of its own, and its
value is compared with the plain run's. Sizes are top-level statements, against all that
ran and against the slices of a purely static slicer, which run too. Needed beside the project: ``unearth``, which
downloads the distributions, and the packages that the notebooks import.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.notebooks.corpus import Example, copy_around, examples, fetch
from tests.benchmarks.notebooks.static import only_imported, static_slices

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Overhead:
    """Recorded over plain, each the median of neighbouring runs."""

    cells: float
    """Seconds that the cells took."""
    processor: float
    """The processor's time for the cells, threads of the store included."""
    whole: float
    """The processor's time from the start of Python to the end of the last cell."""


@dataclass
class Report:
    """What came of one notebook."""

    name: str
    failure: str = ""
    judged: int = 0
    sound: int = 0
    wrong: list[str] = field(default_factory=list)
    kept: list[float] = field(default_factory=list)
    """Kept over executed statements, for each variable."""
    over_static: list[tuple[int, int, bool]] = field(default_factory=list)
    """For each variable that is not just imported: kept statements, those of the static
    slice, and whether that one gives the value."""
    overhead: Overhead | None = None
    incomplete: list[str] = field(default_factory=list)
    slicing: list[float] = field(default_factory=list)


def main() -> int:
    options = _options()
    folder = Path(options.folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    # As an installed package is; the runs themselves write nothing beside the notebooks.
    compileall.compile_dir(ROOT / "jupyter_slicer", quiet=1)
    reports = []
    for example in examples(options.only, options.longest):
        try:
            root = fetch(example.sdist, folder)
        except subprocess.CalledProcessError:
            print(f"--    {example.sdist} could not be fetched", flush=True)
            continue
        report = judge(example, root, options.timeout, options.rounds, options.show)
        reports.append(report)
        print(_line(report), flush=True)
        for words in report.wrong + report.incomplete:
            print(f"      {words}", flush=True)
    print(_summary(reports))
    return int(any(r.wrong for r in reports))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", default="corpus", help="where distributions are kept")
    parser.add_argument("--only", nargs="*", default=[], help="notebooks whose name has a word")
    parser.add_argument("--longest", type=float, default=1e9, help="listed seconds at most")
    parser.add_argument("--timeout", type=float, default=600, help="seconds for one run")
    parser.add_argument("--rounds", type=int, default=1, help="more runs for the overhead")
    parser.add_argument("--show", action="store_true", help="print the slices that are wrong")
    return parser.parse_args()


def judge(example: Example, root: Path, timeout: float, rounds: int, show: bool) -> Report:
    report = Report(example.name)
    once = _run("plain", root, example, timeout)
    again = _run("plain", root, example, timeout)
    recorded = _run("recorded", root, example, timeout)
    for run, what in ((once, "plain"), (again, "plain"), (recorded, "recorded")):
        if "error" in run:
            report.failure = f"{what} run: {run['error']}"
            return report
    stable = [
        name
        for name, (digest, _, _) in once["values"].items()
        if digest is not None and digest == again["values"].get(name, [None])[0]
    ]
    report.incomplete = [f"not recorded: {w}" for w in recorded["recording"]["incomplete"]]
    for name in stable:
        if recorded["values"].get(name, [None])[0] != once["values"][name][0]:
            report.wrong.append(f"{name}: recording changed the value")
    programs = {n: s["source"] for n, s in recorded["slices"].items() if "source" in s}
    for name in stable:
        if name in programs:
            report.slicing.append(recorded["slices"][name]["seconds"])
        else:
            report.wrong.append(f"{name}: no slice: {recorded['slices'][name]['error']}")
    report.judged = len(stable)
    wanted = {n: once["values"][n] for n in stable}
    wrong = _wrong(programs, wanted, lambda *run: _run("program", root, example, timeout, *run))
    report.sound = sum(n in programs and n not in wrong for n in stable)
    report.wrong += [f"{name}: {why}" for name, why in wrong.items()]
    if show:
        print("\n\n".join({programs[name] for name in wrong}))
    _against_static(report, recorded, wanted, root, example, timeout)
    report.overhead = _overhead(once, again, recorded, root, example, timeout, rounds)
    return report


Runner = Callable[[str, list[str]], dict[str, Any]]


def _wrong(programs: dict[str, str], wanted: dict[str, Any], run: Runner) -> dict[str, str]:
    """What does not come out as wanted, and why. Variables with one program share its run."""
    sharing: dict[str, list[str]] = {}
    for name in wanted:
        if name in programs:
            sharing.setdefault(programs[name], []).append(name)
    wrong = {}
    for source, names in sharing.items():
        ran = run(source, names)
        for name in names:
            if "error" in ran:
                wrong[name] = ran["error"]
            elif (ran["values"][name] or [None])[0] != wanted[name][0]:
                wrong[name] = _difference(wanted[name], ran["values"][name])
    return wrong


def _difference(wanted: list[Any], got: list[Any] | None) -> str:
    return f"{wanted[1]} in the notebook, {got[1] if got else 'nothing'} from the slice"


def _against_static(
    report: Report,
    recorded: dict[str, Any],
    wanted: dict[str, Any],
    root: Path,
    example: Example,
    timeout: float,
) -> None:
    cells = recorded["statements"]
    static = static_slices(cells, wanted)
    compared = {n: "\n".join(static[n]) for n in wanted.keys() - only_imported(cells)}
    wrong = _wrong(compared, wanted, lambda *run: _run("program", root, example, timeout, *run))
    for name in wanted:
        found = recorded["slices"][name]
        if "kept" in found and found["executed"] and static[name]:
            report.kept.append(found["kept"] / found["executed"])
            if name in compared:
                report.over_static.append((found["kept"], len(static[name]), name not in wrong))


def _overhead(
    once: dict[str, Any],
    again: dict[str, Any],
    recorded: dict[str, Any],
    root: Path,
    example: Example,
    timeout: float,
    rounds: int,
) -> Overhead:
    pairs = [(again, recorded)]
    for _ in range(rounds - 1):
        plain, watched = (_run(how, root, example, timeout) for how in ("plain", "recorded"))
        if "error" not in plain and "error" not in watched:
            pairs.append((plain, watched))

    def ratio(what: str) -> float:
        return statistics.median(watched[what] / plain[what] for plain, watched in pairs)

    return Overhead(ratio("seconds"), ratio("processor"), ratio("whole"))


def _run(
    how: str,
    root: Path,
    example: Example,
    timeout: float,
    program: str = "",
    names: list[str] | None = None,
) -> dict[str, Any]:
    environment = {
        **os.environ, "MPLBACKEND": "Agg", "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1", "JUPYTER_SLICER_STORE": ":memory:",
        "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    with copy_around(root, example.path) as notebook, tempfile.TemporaryDirectory() as scratch:
        out, source = Path(scratch, "out.json"), str(notebook)
        if how == "program":
            source = os.path.join(scratch, "program.py")
            Path(source).write_text(program, encoding="utf-8", errors="surrogatepass")
        command = [sys.executable, "-m", "tests.benchmarks.notebooks.child", how, source]
        began = time.monotonic()
        try:
            done = subprocess.run(
                [*command, str(out), *(names or ())], cwd=notebook.parent, env=environment,
                capture_output=True, timeout=timeout,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return {"error": f"not done after {time.monotonic() - began:.0f} s"}
        if not out.exists():
            last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
            return {"error": f"exit status {done.returncode} {last}"}
        return dict(json.loads(out.read_text()))


def _line(report: Report) -> str:
    if report.failure:
        return f"--    {report.name}: {report.failure}"
    mark = "ok " if not report.wrong else "BAD"
    spent = report.overhead
    assert spent is not None
    return (
        f"{mark}   {report.name}: {report.sound}/{report.judged} sound, "
        f"{_mean(report.kept):.2f} of executed, {_over_static(report.over_static):.2f} of static, "
        f"{spent.cells:.2f} x time ({spent.processor:.2f} cpu, {spent.whole:.2f} whole)"
    )


def _over_static(rows: list[tuple[int, int, bool]]) -> float:
    """All statements that we keep over all that the static slices keep."""
    return sum(ours for ours, _, _ in rows) / max(sum(theirs for _, theirs, _ in rows), 1)


def _summary(reports: list[Report]) -> str:
    ran = [r for r in reports if not r.failure]
    judged, sound = sum(r.judged for r in ran), sum(r.sound for r in ran)
    rows = [v for r in ran for v in r.over_static]
    right = [row for row in rows if row[2]]
    spent = [r.overhead for r in ran if r.overhead is not None]
    latency = [v for r in ran for v in r.slicing]
    lines = [
        ("notebooks that ran", f"{len(ran)} of {len(reports)}"),
        ("notebooks without a wrong slice", f"{sum(not r.wrong for r in ran)}"),
        ("variables sliced", f"{judged}"),
        ("sound", f"{sound} = {sound / max(judged, 1):.4f}"),
        ("kept over executed, mean", f"{_mean([v for r in ran for v in r.kept]):.3f}"),
        ("the static slicer sound", f"{len(right)} of {len(rows)} that are not just imported"),
        ("kept over the static slicer's", f"{_over_static(rows):.3f}"),
        ("  where that one is sound", f"{_over_static(right):.3f}"),
        ("  mean of the ratios there", f"{_mean([a / b for a, b, _ in right]):.3f}"),
        ("a slice without a fresh run", f"{1000 * _median(latency):.1f} ms at the median"),
    ]
    for what, ratios in (
        ("the cells", [s.cells for s in spent]),
        ("the cells, processor", [s.processor for s in spent]),
        ("from start to end, processor", [s.whole for s in spent]),
    ):
        figures = f"{_median(ratios):.3f} at the median, {max(ratios, default=0):.3f} at most"
        lines.append((f"recorded over plain: {what}", figures))
    return "\n" + "\n".join(f"{what:50s} {figure}" for what, figure in lines)


def _median(values: list[float]) -> float:
    return statistics.median(values) if values else float("nan")


def _mean(values: list[float]) -> float:
    return statistics.fmean(values) if values else float("nan")


if __name__ == "__main__":
    sys.exit(main())
