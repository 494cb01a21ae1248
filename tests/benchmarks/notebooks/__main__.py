"""Slices of every variable of real notebooks, each really run.

    python -m tests.benchmarks.notebooks --folder DIR [--only WORD ...] [--longest S]

Each notebook runs twice without us: variables whose value is the same both times are
sliced after a third run, with recording. Every slice runs as a program of its own, and its
value is compared with the plain run's. Sizes are top-level statements, against all that
ran and against a purely static slicer. Needed beside the project: ``unearth``, which
downloads the distributions, and the packages that the notebooks import.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.notebooks.corpus import Example, copy_around, examples, fetch
from tests.benchmarks.notebooks.static import static_sizes

ROOT = Path(__file__).resolve().parents[3]


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
    over_static: list[float] = field(default_factory=list)
    """Kept statements over those of the static slice, for each variable."""
    overhead: float | None = None
    incomplete: list[str] = field(default_factory=list)
    slicing: list[float] = field(default_factory=list)


def main() -> int:
    options = _options()
    folder = Path(options.folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
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
    _check_slices(
        report, recorded["slices"], stable, once["values"], root, example, timeout, show
    )
    _sizes(report, recorded, stable)
    report.overhead = _overhead(once, again, recorded, root, example, timeout, rounds)
    return report


def _check_slices(
    report: Report,
    slices: dict[str, Any],
    stable: list[str],
    values: dict[str, Any],
    root: Path,
    example: Example,
    timeout: float,
    show: bool,
) -> None:
    """Variables with the same program share its run."""
    sharing: dict[str, list[str]] = {}
    for name in stable:
        report.judged += 1
        if "error" in slices[name]:
            report.wrong.append(f"{name}: no slice: {slices[name]['error']}")
            continue
        report.slicing.append(slices[name]["seconds"])
        sharing.setdefault(slices[name]["source"], []).append(name)
    for source, names in sharing.items():
        ran = _run("program", root, example, timeout, source, names)
        wrong = [
            f"{name}: " + (ran.get("error") or _difference(values[name], ran["values"][name]))
            for name in names
            if "error" in ran or (ran["values"][name] or [None])[0] != values[name][0]
        ]
        report.sound += len(names) - len(wrong)
        report.wrong += wrong
        if wrong and show:
            print(source)


def _difference(wanted: list[Any], got: list[Any] | None) -> str:
    return f"{wanted[1]} in the notebook, {got[1] if got else 'nothing'} from the slice"


def _sizes(report: Report, recorded: dict[str, Any], stable: list[str]) -> None:
    static = static_sizes(recorded["statements"], stable)
    for name in stable:
        found = recorded["slices"][name]
        if "kept" in found and found["executed"] and static[name]:
            report.kept.append(found["kept"] / found["executed"])
            report.over_static.append(found["kept"] / static[name])


def _overhead(
    once: dict[str, Any],
    again: dict[str, Any],
    recorded: dict[str, Any],
    root: Path,
    example: Example,
    timeout: float,
    rounds: int,
) -> float:
    """Recorded over plain seconds of the cells, the median of neighbouring runs."""
    plain = [once["seconds"], again["seconds"]]
    ratios = [recorded["seconds"] / again["seconds"]]
    for _ in range(rounds - 1):
        pair = [_run(how, root, example, timeout) for how in ("plain", "recorded")]
        if "error" not in pair[0] and "error" not in pair[1]:
            plain.append(pair[0]["seconds"])
            ratios.append(pair[1]["seconds"] / pair[0]["seconds"])
    return statistics.median(ratios)


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
    kept, static = _mean(report.kept), _mean(report.over_static)
    return (
        f"{mark}   {report.name}: {report.sound}/{report.judged} sound, "
        f"{kept:.2f} of executed, {static:.2f} of static, {report.overhead:.2f} x time"
    )


def _summary(reports: list[Report]) -> str:
    ran = [r for r in reports if not r.failure]
    judged, sound = sum(r.judged for r in ran), sum(r.sound for r in ran)
    kept = [v for r in ran for v in r.kept]
    static = [v for r in ran for v in r.over_static]
    overheads = [r.overhead for r in ran if r.overhead is not None]
    latency = [v for r in ran for v in r.slicing]
    rows = [
        ("notebooks that ran", f"{len(ran)} of {len(reports)}"),
        ("notebooks without a wrong slice", f"{sum(not r.wrong for r in ran)}"),
        ("variables sliced", f"{judged}"),
        ("sound", f"{sound} = {sound / max(judged, 1):.4f}"),
        ("kept over executed statements, mean", f"{_mean(kept):.3f}"),
        ("kept over a static slicer's, mean", f"{_mean(static):.3f}"),
        ("time recorded over plain, median", f"{statistics.median(overheads or [0]):.3f}"),
        ("time recorded over plain, most", f"{max(overheads, default=0):.3f}"),
        (
            "a slice without a fresh run, median",
            f"{1000 * statistics.median(latency or [0]):.1f} ms",
        ),
    ]
    return "\n" + "\n".join(f"{what:40s} {figure}" for what, figure in rows)


def _mean(values: list[float]) -> float:
    return statistics.fmean(values) if values else float("nan")


if __name__ == "__main__":
    sys.exit(main())
