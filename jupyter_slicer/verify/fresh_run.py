"""Verification: run the program, compare its values, say what was found."""

from __future__ import annotations

import sys
from collections.abc import Callable

from jupyter_slicer.domain import ValueComparison, Verdict, Verification
from jupyter_slicer.values import ValueDigest
from jupyter_slicer.verify.inputs import changed_inputs
from jupyter_slicer.verify.nondeterminism import calendar, sources
from jupyter_slicer.verify.request import FreshRunRequest
from jupyter_slicer.verify.run_process import RunOutcome, RunProcess

_WORST_FIRST = (
    Verdict.DID_NOT_RUN,
    Verdict.NONDETERMINISTIC,
    Verdict.DIFFERENT,
    Verdict.NOT_COMPARABLE,
    Verdict.SAME,
)
Progress = Callable[[str], None]


def _quiet(words: str) -> None:
    return None


class FreshRun:
    """A verification on its way. ``cancel`` may be called from any thread."""

    def __init__(self, request: FreshRunRequest, python: str) -> None:
        self._request = request
        self._python = python
        self._run = RunProcess(request, python)
        self._cancelled = False
        self.outcome: RunOutcome | None = None
        """Of the first run, once ``wait`` has returned: its output, its fences."""

    def wait(self, progress: Progress = _quiet) -> Verification:
        """The verdict. KeyboardInterrupt kills the run and leaves nothing behind."""
        request = self._request
        progress("fresh run")
        first = self.outcome = self._run.wait(progress)
        if first.failure:
            return _did_not_run(request, first)
        values = _compare(request, first)
        runs, seconds = 1, first.seconds
        differs = any(value.verdict is Verdict.DIFFERENT for value in values)
        if differs and request.twice and not self._cancelled:
            progress("different; a second fresh run")
            self._run = RunProcess(request, self._python)
            second = self._run.wait(progress)
            runs, seconds = 2, seconds + second.seconds
            values = _compare_twice(request, values, first, second)
        return _verdict(request, values, seconds, runs)

    def cancel(self) -> None:
        self._cancelled = True
        self._run.cancel()

    def close(self) -> None:
        self._run.close()


def start(request: FreshRunRequest, *, python: str = sys.executable) -> FreshRun:
    """Begin a verification; ``wait`` or ``close`` it."""
    return FreshRun(request, python)


def verify(
    request: FreshRunRequest, *, progress: Progress = _quiet, python: str = sys.executable
) -> Verification:
    """Run the program in a fresh process and compare."""
    return start(request, python=python).wait(progress)


def _compare(request: FreshRunRequest, run: RunOutcome) -> tuple[ValueComparison, ...]:
    return tuple(
        _compare_one(expression, before, now)
        for expression, before, now in zip(
            request.expressions, request.digests, run.values, strict=True
        )
    )


def _compare_one(
    expression: str, before: ValueDigest, now: ValueDigest | str
) -> ValueComparison:
    if isinstance(now, str):
        return ValueComparison(expression, Verdict.DID_NOT_RUN, now)
    if before.digest is not None and now.digest is not None and before.digest != now.digest:
        said = f"{before.summary} in the kernel, {now.summary} in the fresh run"
        if before.summary == now.summary:
            said = f"{now.summary} with other content"
        return ValueComparison(expression, Verdict.DIFFERENT, said + _distance(before, now))
    hidden = dict.fromkeys(before.opaque + now.opaque)
    names = ", ".join(_placed(expression, part) for part in hidden) or now.summary
    if before.is_whole and not now.is_whole and not now.gave_up:
        said = f"in the fresh run, {names} cannot be looked into; in the kernel it could"
        return ValueComparison(expression, Verdict.DIFFERENT, said)
    if before.digest is None or now.digest is None or hidden:
        rest = "" if now.digest is None or before.digest is None else "; the rest is the same"
        said = f"{names} cannot be compared between processes{rest}"
        return ValueComparison(expression, Verdict.NOT_COMPARABLE, said)
    return ValueComparison(expression, Verdict.SAME, now.summary)


def _placed(expression: str, part: str) -> str:
    return expression + part if part.startswith((".", "[")) else part


def _distance(before: ValueDigest, now: ValueDigest) -> str:
    if not before.sample or len(before.sample) != len(now.sample):
        return ""
    most = max(
        (
            abs(a - b) / max(abs(a), abs(b))
            for a, b in zip(before.sample, now.sample, strict=True)
            if a != b and a - a == 0 == b - b
        ),
        default=0.0,
    )
    return f", max relative difference {most:.1g}" if most else ""


def _compare_twice(
    request: FreshRunRequest,
    values: tuple[ValueComparison, ...],
    first: RunOutcome,
    second: RunOutcome,
) -> tuple[ValueComparison, ...]:
    """A value that two fresh runs do not agree on was never going to be the same."""
    if second.failure:
        return values
    found = []
    for value, one, two in zip(values, first.values, second.values, strict=True):
        if isinstance(one, str) or isinstance(two, str) or one.digest == two.digest:
            found.append(value)
            continue
        causes = sources(request.program, first.used, request.environment)
        why = f"two fresh runs differ from each other{_distance(one, two)}"
        why += f"; likely from {', '.join(causes)}" if causes else ""
        found.append(ValueComparison(value.expression, Verdict.NONDETERMINISTIC, why))
    return tuple(found)


def _did_not_run(request: FreshRunRequest, run: RunOutcome) -> Verification:
    values = tuple(
        ValueComparison(expression, Verdict.DID_NOT_RUN, run.failure)
        for expression in request.expressions
    )
    reason = run.failure + _inputs_note(request)
    return Verification(Verdict.DID_NOT_RUN, reason, run.seconds, values, 1)


def _verdict(
    request: FreshRunRequest, values: tuple[ValueComparison, ...], seconds: float, runs: int
) -> Verification:
    for verdict in _WORST_FIRST:
        found = [value for value in values if value.verdict is verdict]
        if found:
            break
    else:
        verdict, found = Verdict.SAME, []
    reason = (
        "; ".join(_sentence(value) for value in found) if verdict is not Verdict.SAME else ""
    )
    if verdict is Verdict.DIFFERENT:
        reason += _inputs_note(request)
    elif verdict is Verdict.SAME and (days := calendar(request.program)):
        reason = f"today: it asks for the date ({', '.join(days)})"
    return Verification(verdict, reason, seconds, values, runs)


def _sentence(value: ValueComparison) -> str:
    if value.verdict is Verdict.NOT_COMPARABLE:
        return value.reason
    return f"{value.expression}: {value.reason}" if value.expression else value.reason


def _inputs_note(request: FreshRunRequest) -> str:
    changed = changed_inputs(request.inputs)
    return f"; {', '.join(changed)} changed since the session read it" if changed else ""
