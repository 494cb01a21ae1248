"""A pytest plugin: outcomes as lines of JSON, and the extension in shells of the tests.

``PEERS_OUTCOMES`` names the file of outcomes. With ``PEERS_LOAD`` the extension is loaded
into the shell that there is after collection, and into the shell of each fixture that has
one. Kernels and other processes are told by ``ipython_config.py``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

_LOAD = bool(os.environ.pop("PEERS_LOAD", ""))
_OUTCOMES = os.environ.pop("PEERS_OUTCOMES")
_WORST = ("error", "failed", "xpassed", "xfailed", "skipped", "passed")


class Outcomes:
    """Each test's worst phase, written when the test has ended."""

    def __init__(self) -> None:
        self._phases: dict[str, list[str]] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        self._phases.setdefault(report.nodeid, []).append(_outcome(report))

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        phases = self._phases.pop(nodeid, ["error"])
        self._write(nodeid, min(phases, key=_WORST.index))

    def pytest_collectreport(self, report: Any) -> None:
        if report.outcome == "failed":
            self._write(f"collecting {report.nodeid}", "error")

    def _write(self, test: str, outcome: str) -> None:
        with open(_OUTCOMES, "a", encoding="utf-8") as file:
            file.write(json.dumps([test, outcome]) + "\n")


def _outcome(report: Any) -> str:
    if hasattr(report, "wasxfail"):
        return "xfailed" if report.skipped else "xpassed"
    return "error" if report.failed and report.when != "call" else str(report.outcome)


class Loader:
    """Loads the extension as a user does."""

    def pytest_collection_finish(self) -> None:
        from IPython.core.interactiveshell import InteractiveShell

        if InteractiveShell.initialized():
            _load_into(InteractiveShell.instance())

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self) -> Iterator[None]:
        from IPython.core.interactiveshell import InteractiveShell

        value = yield
        shell = getattr(value, "shell", None)
        if isinstance(shell, InteractiveShell):
            _load_into(shell)
        return value


def _load_into(shell: Any) -> None:
    shell.run_line_magic("load_ext", "jupyter_slicer")


def pytest_configure(config: Any) -> None:
    config.pluginmanager.register(Outcomes())
    if _LOAD:
        config.pluginmanager.register(Loader())
