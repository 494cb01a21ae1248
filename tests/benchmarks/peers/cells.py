"""One file of tests in a fresh IPython, each top-level statement a cell.

``python -m tests.benchmarks.peers.cells plain|recorded FILE OUT``: outcomes go to OUT as
lines of JSON. Once all cells have run, each class of tests is run by a cell of its own.
"""

from __future__ import annotations

import ast
import importlib
import json
import os
import sys
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_WORST = ("error", "failed", "xpassed", "xfailed", "skipped", "passed")


def main() -> None:
    how, source, out = sys.argv[1:]
    sys.argv[1:] = []
    shell = _shell(source)
    if how == "recorded":
        shell.run_line_magic("load_ext", "jupyter_slicer")
    with open(out, "a", encoding="utf-8", buffering=1) as file:

        def write(test: str, outcome: str) -> None:
            file.write(json.dumps([test, outcome]) + "\n")

        for number, cell in enumerate(cells_of(Path(source).read_text(encoding="utf-8"))):
            failure = _failure(shell.run_cell(cell, store_history=True))
            if failure is not None:
                write(f"cell {number}", type(failure).__name__)
        # One module, whether it is asked for by the cells or by us.
        tests = importlib.import_module("tests.benchmarks.peers.cells")
        tests.found = Found(write)  # type: ignore[attr-defined]
        shell.run_cell("from tests.benchmarks.peers.cells import run_tests")
        for name in tests.classes_of(shell.user_module):
            failure = _failure(shell.run_cell(f"run_tests({name!r})", store_history=True))
            if failure is not None:
                write(f"running {name}", type(failure).__name__)
        write("to the end", "passed")
    if how == "recorded":
        shell.run_line_magic("unload_ext", "jupyter_slicer")
    os._exit(0)


def _shell(source: str) -> Any:
    from IPython.core.interactiveshell import InteractiveShell
    from test import support
    from traitlets.config import Config

    # As CPython's own runner does where nothing is said: no network, no big files.
    support.use_resources = []
    support.verbose = 0
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    shell.user_ns["__file__"] = source
    return shell


def cells_of(text: str) -> Iterator[str]:
    """Top-level statements as they stand, but not the one that runs the tests."""
    lines = text.splitlines(keepends=True)
    pending: tuple[int, int] | None = None
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test):
            continue
        decorators = getattr(statement, "decorator_list", [])
        first = min(node.lineno for node in (statement, *decorators))
        last = statement.end_lineno or first
        if pending is not None and first > pending[1]:
            yield "".join(lines[pending[0] - 1 : pending[1]])
        elif pending is not None:  # two statements on one line
            first = pending[0]
        pending = first, last
    if pending is not None:
        yield "".join(lines[pending[0] - 1 : pending[1]])


def _failure(result: Any) -> BaseException | None:
    failure = result.error_before_exec or result.error_in_exec
    return failure if isinstance(failure, BaseException) else None


class Found(unittest.TestResult):
    """Writes each test's worst outcome; subtests count for the test that holds them."""

    def __init__(self, write: Any) -> None:
        super().__init__()
        self._write = write
        self._outcomes: list[str] = []

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        self._outcomes = []

    def stopTest(self, test: unittest.TestCase) -> None:
        super().stopTest(test)
        self._write(test.id(), min(self._outcomes, key=_WORST.index, default="passed"))

    def addError(self, test: Any, err: Any) -> None:
        super().addError(test, err)
        self._outcomes.append("error")
        if not isinstance(test, unittest.TestCase):  # a class or module could not be set up
            self._write(test.id(), "error")

    def addFailure(self, test: Any, err: Any) -> None:
        super().addFailure(test, err)
        self._outcomes.append("failed")

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._outcomes.append("failed")

    def addSkip(self, test: Any, reason: str) -> None:
        super().addSkip(test, reason)
        self._outcomes.append("skipped")

    def addExpectedFailure(self, test: Any, err: Any) -> None:
        super().addExpectedFailure(test, err)
        self._outcomes.append("xfailed")

    def addUnexpectedSuccess(self, test: Any) -> None:
        super().addUnexpectedSuccess(test)
        self._outcomes.append("xpassed")


found: Found
_by_class: dict[str, unittest.TestSuite] = {}


def classes_of(module: Any) -> list[str]:
    """Names of the classes of tests in a module, in the order in which they run."""
    suite = unittest.TestLoader().loadTestsFromModule(module)
    for test in _tests(suite):
        name = type(test).__qualname__
        _by_class.setdefault(name, unittest.TestSuite()).addTest(test)
    return list(_by_class)


def _tests(suite: Any) -> Iterator[unittest.TestCase]:
    for part in suite:
        if isinstance(part, unittest.TestSuite):
            yield from _tests(part)
        else:
            yield part


def run_tests(name: str) -> None:
    """Run the tests of one class; this is what its cell calls."""
    _by_class[name].run(found)


if __name__ == "__main__":
    main()
