"""Outcomes of tests, and where two runs of the same tests differ."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

ORDER = ("passed", "skipped", "xfailed", "xpassed", "failed", "error")


@dataclass(frozen=True)
class Run:
    """What became of the tests, and of the cells that they ran."""

    outcomes: Mapping[str, str]
    recorded: int = 0
    """Cell executions in the history."""
    kernels: int = 0
    incomplete: Mapping[str, int] = field(default_factory=Counter)
    """Why executions were not recorded as a whole, and how often."""

    def outcome(self, test: str) -> str:
        return self.outcomes.get(test, "not there")

    def counts(self) -> str:
        found = Counter(self.outcomes.values())
        return ", ".join(f"{found[kind]} {kind}" for kind in ORDER if found[kind]) or "no tests"


@dataclass(frozen=True)
class Comparison:
    """One suite, plain and with the extension."""

    name: str
    plain: Run
    ours: Run
    unsteady: tuple[str, ...] = ()
    """Tests that differed once and then did not."""

    def unequal(self) -> list[str]:
        tests = {**self.plain.outcomes, **self.ours.outcomes}
        return [
            t
            for t in tests
            if t not in self.unsteady and self.plain.outcome(t) != self.ours.outcome(t)
        ]

    @property
    def differs(self) -> bool:
        """Also where nothing was tested, or where the extension was not there."""
        absent = not self.ours.recorded or bool(self.plain.recorded)
        return bool(self.unequal()) or absent or not self.plain.outcomes

    def after(self, plain: Run, ours: Run) -> Comparison:
        """With what the tests that differ did when they ran again."""
        steady = [t for t in self.unequal() if plain.outcome(t) == ours.outcome(t)]
        return replace(self, unsteady=(*self.unsteady, *steady))

    def told(self) -> Iterable[str]:
        for test in self.unsteady:
            yield f"unsteady: {test}"
        for test in self.unequal():
            yield f"DIFFERS: {test}: {self.plain.outcome(test)}, with the extension {self.ours.outcome(test)}"
        for why, times in self.ours.incomplete.items():
            yield f"not recorded as a whole, {times} times: {why}"
        if not self.ours.recorded:
            yield f"{self.name}: nothing was recorded, so the extension was not there"
        if self.plain.recorded:
            yield f"{self.name}: the plain run recorded, so it was none"

    def line(self) -> str:
        cells = f"{self.ours.recorded} cells in {self.ours.kernels} kernels"
        return (
            f"{self.name:28s} {self.plain.counts():>38s} {self.ours.counts():>38s} "
            f"{len(self.unequal()):7d} {cells}"
        )


def read_run(outcomes: Path, store: Path) -> Run:
    """From the files that a run leaves."""
    found = {}
    if outcomes.exists():
        for line in outcomes.read_text(encoding="utf-8").splitlines():
            test, outcome = json.loads(line)
            found[test] = outcome
    if not store.exists():
        return Run(found)
    with sqlite3.connect(store) as held:
        (cells,) = held.execute("SELECT count(*) FROM execution").fetchone()
        (kernels,) = held.execute("SELECT count(DISTINCT kernel) FROM execution").fetchone()
        reasons = "SELECT incomplete, count(*) FROM execution WHERE incomplete IS NOT NULL "
        incomplete = dict(held.execute(reasons + "GROUP BY incomplete"))
    return Run(found, cells, kernels, incomplete)
