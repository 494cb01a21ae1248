"""Slices of every variable of real notebooks, each really run.

    python -m tests.benchmarks.notebooks --folder DIR [--only WORD ...] [--longest S] [--ipyflow]
                                         [--results FILE] [--sizes] [--minimal N]

Each notebook runs twice without us: variables whose value is the same both times are
sliced after a third run, with recording. Every slice runs as a program of its own, and its
value is compared with the plain run's; where it differs, the slice that a user gets after
fresh runs and repair is tried in the same way. Sizes are top-level statements, against all that
ran and against the slices of a purely static slicer, which run too, and with ``--ipyflow``
against those of ipyflow. All of them take a day: ``--results`` keeps each notebook's figures
in a file as they come, leaves out those that are there and sums them all up, and ``--sizes``
does not run the slices of the static slicer. ``--minimal`` cuts N slices of each notebook down
by fresh runs, until no statement can go. Needed beside the project: ``unearth``, which
downloads the distributions, the packages that the notebooks import, and ``ipyflow``.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

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


class Beside(NamedTuple):
    """One variable's slice beside that of another slicer."""

    ours: int
    """Statements kept."""
    theirs: int
    sound: bool | None
    """Whether theirs gives the value; None where it was not run."""


@dataclass
class Report:
    """What came of one notebook."""

    name: str
    failure: str = ""
    judged: int = 0
    sound: int = 0
    wrong: dict[str, str] = field(default_factory=dict)
    """Why, by name, without fresh runs."""
    kept: list[float] = field(default_factory=list)
    """Kept over executed statements, for each variable."""
    told: list[str] = field(default_factory=list)
    """Those of the wrong that a fresh run says to be wrong, and cannot repair."""
    untold: list[str] = field(default_factory=list)
    """Those of the wrong whose verdict is "same"."""
    over_static: list[Beside] = field(default_factory=list)
    """For each variable that is not just imported."""
    over_ipyflow: list[Beside] = field(default_factory=list)
    over_minimal: list[Beside] = field(default_factory=list)
    """For some of the variables."""
    ipyflow: str = ""
    """Why ipyflow did not get to the end."""
    ipyflow_time: float = 0.0
    """Its seconds for the cells over those of plain IPython."""
    overhead: Overhead | None = None
    incomplete: list[str] = field(default_factory=list)
    slicing: list[float] = field(default_factory=list)


def main() -> int:
    options = _options()
    folder = Path(options.folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    # As an installed package is; the runs themselves write nothing beside the notebooks.
    compileall.compile_dir(ROOT / "jupyter_slicer", quiet=1)
    kept = Path(options.results) if options.results else None
    reports = _reports_in(kept) if kept else []
    known = {report.name for report in reports}
    for example in examples(options.only, options.longest):
        if example.name in known:
            continue
        try:
            root = fetch(example.sdist, folder)
        except subprocess.CalledProcessError:
            print(f"--    {example.sdist} could not be fetched", flush=True)
            continue
        report = judge(example, root, options)
        reports.append(report)
        if kept:
            with kept.open("a") as lines:
                lines.write(json.dumps(asdict(report)) + "\n")
        print(_line(report), flush=True)
        for words in [f"{n}: {why}" for n, why in report.wrong.items()] + report.incomplete:
            print(f"      {words}", flush=True)
        for what, found in (("not repaired", report.told), ("NOT TOLD", report.untold)):
            for words in found:
                print(f"      {what}: {words}", flush=True)
    print(_summary(reports))
    return int(any(r.wrong for r in reports))


def _reports_in(results: Path) -> list[Report]:
    """Those that earlier runs have kept."""
    reports = []
    for line in results.read_text().splitlines() if results.exists() else ():
        report = Report(**json.loads(line))
        report.over_static = [Beside(*row) for row in report.over_static]
        report.over_ipyflow = [Beside(*row) for row in report.over_ipyflow]
        report.over_minimal = [Beside(*row) for row in report.over_minimal]
        if report.overhead is not None:
            report.overhead = Overhead(**report.overhead)
        reports.append(report)
    return reports


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", default="corpus", help="where distributions are kept")
    parser.add_argument("--only", nargs="*", default=[], help="notebooks whose name has a word")
    parser.add_argument("--longest", type=float, default=1e9, help="listed seconds at most")
    parser.add_argument("--timeout", type=float, default=600, help="seconds for one run")
    parser.add_argument("--rounds", type=int, default=1, help="more runs for the overhead")
    parser.add_argument("--ipyflow", action="store_true", help="beside ipyflow's slices, too")
    parser.add_argument("--results", help="a file for what comes of each notebook")
    parser.add_argument("--sizes", action="store_true", help="do not run the static slices")
    parser.add_argument("--minimal", type=int, default=0, help="so many slices are cut down")
    parser.add_argument("--show", action="store_true", help="print the slices that are wrong")
    return parser.parse_args()


def judge(example: Example, root: Path, options: argparse.Namespace) -> Report:
    report = Report(example.name)
    timeout = options.timeout
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
    report.wrong = {
        name: "recording changed the value"
        for name in stable
        if recorded["values"].get(name, [None])[0] != once["values"][name][0]
    }
    programs = {n: s["source"] for n, s in recorded["slices"].items() if "source" in s}
    for name in stable:
        if name in programs:
            report.slicing.append(recorded["slices"][name]["seconds"])
        else:
            report.wrong[name] = f"no slice: {recorded['slices'][name]['error']}"
    wanted = {n: once["values"][n] for n in stable}
    report.wrong |= _wrong(
        programs, wanted, lambda *run: _run("program", root, example, timeout, *run)
    )
    if report.wrong:
        # Two runs without seeds can give the same by chance.
        for name in _unstable(wanted, root, example, timeout):
            del wanted[name]
            report.wrong.pop(name, None)
    report.judged, report.sound = len(wanted), len(wanted) - len(report.wrong)
    _after_fresh_runs(report, wanted, root, example, timeout)
    if options.show:
        print("\n\n".join({programs[name] for name in report.wrong if name in programs}))
    _against_static(report, recorded, wanted, root, example, timeout, not options.sizes)
    if options.ipyflow:
        _against_ipyflow(report, recorded, wanted, again["seconds"], root, example, timeout)
    if options.minimal:
        _against_minimal(report, wanted, options.minimal, root, example, timeout)
    report.overhead = _overhead(once, again, recorded, root, example, timeout, options.rounds)
    return report


def _unstable(
    wanted: dict[str, Any], root: Path, example: Example, timeout: float
) -> list[str]:
    runs = [_run("plain", root, example, timeout)["values"] for _ in range(2)]
    return [n for n, (digest, *_) in wanted.items() if any(r[n][0] != digest for r in runs)]


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


def _after_fresh_runs(
    report: Report,
    wanted: dict[str, Any],
    root: Path,
    example: Example,
    timeout: float,
) -> None:
    """What a user is told of the slices that are wrong, and whether that is so."""
    if not report.wrong:
        return
    ran = _run("verified", root, example, 10 * timeout, names=list(report.wrong))
    slices = ran.get("slices", {})
    same = {n: s["source"] for n, s in slices.items() if s.get("verdict") == "SAME"}
    untold = _wrong(same, wanted, lambda *run: _run("program", root, example, timeout, *run))
    for name in report.wrong:
        if name in untold:
            report.untold.append(f"{name}: {untold[name]}")
        elif name not in same:
            found = slices.get(name, ran)
            report.told.append(f"{name}: {found.get('verdict') or found.get('error')}")


def _difference(wanted: list[Any], got: list[Any] | None) -> str:
    return f"{wanted[1]} in the notebook, {got[1] if got else 'nothing'} from the slice"


def _against_static(
    report: Report,
    recorded: dict[str, Any],
    wanted: dict[str, Any],
    root: Path,
    example: Example,
    timeout: float,
    prove: bool,
) -> None:
    cells = recorded["statements"]
    static = static_slices(cells, wanted)
    compared = {n: "\n".join(static[n]) for n in wanted.keys() - only_imported(cells)}
    wrong = {}
    if prove:
        wrong = _wrong(
            compared, wanted, lambda *run: _run("program", root, example, timeout, *run)
        )
    for name in wanted:
        found = recorded["slices"][name]
        if "kept" in found and found["executed"] and static[name]:
            report.kept.append(found["kept"] / found["executed"])
            if name in compared:
                theirs = len(static[name])
                report.over_static.append(
                    Beside(found["kept"], theirs, name not in wrong if prove else None)
                )


def _against_ipyflow(
    report: Report,
    recorded: dict[str, Any],
    wanted: dict[str, Any],
    plain_seconds: float,
    root: Path,
    example: Example,
    timeout: float,
) -> None:
    ran = _run("ipyflow", root, example, timeout)
    if "error" in ran:
        report.ipyflow = ran["error"]
        return
    report.ipyflow_time = ran["seconds"] / plain_seconds
    names = wanted.keys() - only_imported(recorded["statements"])
    slices = {n: ran["slices"][n] for n in names if n in ran["slices"]}
    programs = {n: s["source"] for n, s in slices.items() if "source" in s}
    wrong = _wrong(programs, wanted, lambda *run: _run("program", root, example, timeout, *run))
    for name in names:
        ours, theirs = recorded["slices"][name].get("kept"), slices.get(name, {}).get("kept", 0)
        if ours is not None:
            sound = name in programs and name not in wrong
            report.over_ipyflow.append(Beside(ours, theirs, sound))


def _against_minimal(
    report: Report,
    wanted: dict[str, Any],
    count: int,
    root: Path,
    example: Example,
    timeout: float,
) -> None:
    names = sorted(wanted.keys() - report.wrong.keys())
    chosen = random.Random(example.name).sample(names, min(count, len(names)))
    ran = _run("minimal", root, example, 20 * timeout, names=chosen)
    for found in ran.get("slices", {}).values():
        if found.get("verdict") == "SAME":
            report.over_minimal.append(Beside(found["kept"], found["minimal"], True))


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
    beside = f"; ipyflow: {report.ipyflow}" if report.ipyflow else ""
    if report.over_ipyflow:
        right = sum(row.sound for row in report.over_ipyflow)
        beside = (
            f"; ipyflow: {right}/{len(report.over_ipyflow)}, {report.ipyflow_time:.2f} x time"
        )
    return (
        f"{mark}   {report.name}: {report.sound}/{report.judged} sound, "
        f"{_mean(report.kept):.2f} of executed, {_over(report.over_static):.2f} of static, "
        f"{spent.cells:.2f} x time ({spent.processor:.2f} cpu, {spent.whole:.2f} whole){beside}"
    )


def _over(rows: list[Beside]) -> float:
    """All statements that we keep over all that the others keep."""
    return sum(row.ours for row in rows) / max(sum(row.theirs for row in rows), 1)


def _compared(slicer: str, rows: list[Beside]) -> list[tuple[str, str]]:
    right = [row for row in rows if row.sound]
    ran = sum(row.sound is not None for row in rows)
    ratios = [row.ours / row.theirs for row in right if row.theirs]
    return [
        (f"{slicer} sound", f"{len(right)} of {ran} that ran and are not just imported"),
        (f"kept over those of {slicer}", f"{_over(rows):.3f}"),
        ("  mean of the ratios", f"{_mean([r.ours / r.theirs for r in rows if r.theirs]):.3f}"),
        ("  where it is sound", f"{_over(right):.3f}"),
        ("  mean of the ratios there", f"{_mean(ratios):.3f}"),
    ]


def _summary(reports: list[Report]) -> str:
    ran = [r for r in reports if not r.failure]
    judged, sound = sum(r.judged for r in ran), sum(r.sound for r in ran)
    proven = judged - sum(len(r.told) + len(r.untold) for r in ran)
    static = [v for r in ran for v in r.over_static]
    ipyflow = [v for r in ran for v in r.over_ipyflow]
    minimal = [v for r in ran for v in r.over_minimal]
    spent = [r.overhead for r in ran if r.overhead is not None]
    latency = [v for r in ran for v in r.slicing]
    lines = [
        ("notebooks that ran", f"{len(ran)} of {len(reports)}"),
        ("notebooks without a wrong slice", f"{sum(not r.wrong for r in ran)}"),
        ("variables sliced", f"{judged}"),
        ("sound without fresh runs", f"{sound} = {sound / max(judged, 1):.4f}"),
        ("sound after fresh runs", f"{proven} = {proven / max(judged, 1):.4f}"),
        ("wrong, and said to be the same", f"{sum(len(r.untold) for r in ran)}"),
        ("kept over executed, mean", f"{_mean([v for r in ran for v in r.kept]):.3f}"),
        *_compared("the static slicer", static),
        *(_compared("ipyflow", ipyflow) if ipyflow else ()),
        *(_compared("1-minimal", minimal)[1:2] if minimal else ()),
        ("a slice without a fresh run", f"{1000 * _median(latency):.1f} ms at the median"),
    ]
    slower = [r.ipyflow_time for r in ran if r.ipyflow_time]
    if slower:
        figures = f"{_median(slower):.3f} at the median, {max(slower):.3f} at most"
        lines.append(("ipyflow over plain: the cells", figures))
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
