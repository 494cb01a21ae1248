"""Suites of IPython, ipykernel, nbclient, jupyter_kernel_test and CPython: same outcomes?

    python -m tests.benchmarks.peers [SUITE ...] --folder DIR

Each suite runs twice in a venv of its own under DIR, plain and with the extension loaded
in the shells of the tests and in every kernel that they start. Printed are the outcomes,
the tests that differ, and how many cell executions were recorded: a run without any fails,
since then the extension was not there. Tests that differ run again, both ways, and count
where they still do. Needed beside the project: ``unearth``, which downloads the source
distributions.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.notebooks.corpus import fetch
from tests.benchmarks.peers.cpython import compare_cpython
from tests.benchmarks.peers.outcomes import Comparison, Run, read_run
from tests.benchmarks.peers.suites import SUITES, Suite

ROOT = Path(__file__).resolve().parents[3]
NAMES = (*(suite.name for suite in SUITES), "cpython")
SHORT = {"kernel_test": "jupyter_kernel_test"}


def main() -> int:
    options = _options()
    folder = Path(options.folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    comparisons = []
    for suite in SUITES:
        if suite.name in options.suites:
            comparisons.append(compare(suite, folder, options.tests, options.timeout))
    if "cpython" in options.suites:
        comparisons.append(compare_cpython(folder, options.tests, options.timeout, say))
    print("\n".join(["", _HEAD, *(c.line() for c in comparisons)]))
    return int(any(c.differs for c in comparisons))


_HEAD = (
    f"{'suite':28s} {'plain':>38s} {'with the extension':>38s} {'differ':>7s} {'recorded':>9s}"
)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("suites", nargs="*", help=f"{', '.join(NAMES)}; all if none is given")
    parser.add_argument("--folder", default="peers", help="where sources and venvs are kept")
    parser.add_argument("--tests", nargs="*", default=[], help="only these files or tests")
    parser.add_argument("--timeout", type=float, default=3600, help="seconds for one run")
    options = parser.parse_args()
    options.suites = [SHORT.get(name, name) for name in options.suites] or list(NAMES)
    unknown = set(options.suites) - set(NAMES)
    if unknown:
        parser.error(f"no suite is called {', '.join(sorted(unknown))}")
    return options


def say(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {words}", flush=True)


def compare(suite: Suite, folder: Path, tests: Sequence[str], timeout: float) -> Comparison:
    """The suite's tests, plain and with the extension."""
    source = fetch(suite.sdist, folder)
    python = _venv(suite, folder, source)
    plain = run(suite, source, python, tests, False, timeout)
    ours = run(suite, source, python, tests, True, timeout)
    comparison = Comparison(suite.sdist, plain, ours)
    for test in comparison.unequal():
        say(f"{test}: {plain.outcome(test)} plain, {ours.outcome(test)} with the extension")
    again = [t for t in comparison.unequal() if not t.startswith("collecting ")]
    if again:
        say(f"once more, {len(again)} tests that differ")
        comparison = comparison.after(
            run(suite, source, python, again, False, timeout),
            run(suite, source, python, again, True, timeout),
        )
    for words in comparison.told():
        say(words)
    return comparison


def _venv(suite: Suite, folder: Path, source: Path) -> Path:
    place = folder / f"venv-{suite.sdist}"
    python = place / "bin" / "python"
    done = place / "installed"
    if not done.exists():
        say(f"{suite.name}: installing")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        subprocess.run([*pip, "-U", "pip>=25.1"], check=True)
        wanted = [word.format(source=source) for word in suite.install]
        subprocess.run([*pip, *wanted, "-e", str(ROOT)], check=True)
        done.touch()
    return python


def run(
    suite: Suite, source: Path, python: Path, tests: Sequence[str], load: bool, timeout: float
) -> Run:
    """One run of the suite, in a home of its own; the log lies beside it."""
    home = source.parent / f"home-{suite.sdist}-{'with' if load else 'plain'}"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(mode=0o700)
    store, outcomes = home / "store" / "history.sqlite", home / "outcomes.jsonl"
    told = python.parents[1] / "etc" / "ipython" / "ipython_config.py"
    told.parent.mkdir(parents=True, exist_ok=True)
    told.unlink(missing_ok=True)
    # What a run that was stopped left; IPython's suite refuses to start with it.
    shutil.rmtree(source / "tmp-ipython-pytest-profiledir", ignore_errors=True)
    environment = _environment(home, python) | {"PEERS_OUTCOMES": str(outcomes)}
    if load:
        told.write_text(
            'c.InteractiveShellApp.extensions = ["jupyter_slicer"]\n'
            f"c.Slicer.store = {str(store)!r}\n"
        )
        environment |= {"PEERS_LOAD": "1", "JUPYTER_SLICER_STORE": str(store)}
    plugin = ["-p", "tests_of_peers_watching"]
    shutil.copy(Path(__file__).with_name("watching.py"), home / "tests_of_peers_watching.py")
    command = [str(python), "-m", "pytest", *plugin, *suite.flags, *(tests or [suite.tests])]
    try:
        with open(home / "log.txt", "wb") as log:
            _follow(
                command,
                source,
                environment,
                log,
                outcomes,
                timeout,
                f"{suite.name}, {home.name}",
            )
    finally:
        told.unlink(missing_ok=True)
    return read_run(outcomes, store)


def _environment(home: Path, python: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "IPYTHON"))}
    path = f"{python.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return kept | {"HOME": str(home), "PATH": path, "PYTHONPATH": str(home)}


def _follow(
    command: list[str], folder: Path, environment: dict[str, str], log: object,
    outcomes: Path, timeout: float, name: str,
) -> None:  # fmt: skip
    """Wait for the run, and tell how far it is."""
    say(f"{name}: starting")
    began = time.monotonic()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
    )
    while True:
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            done = len(outcomes.read_bytes().splitlines()) if outcomes.exists() else 0
            say(f"{name}: {done} tests after {time.monotonic() - began:.0f} s")
            if time.monotonic() - began > timeout:
                process.kill()
                process.wait()
        else:
            break
    say(f"{name}: done after {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
