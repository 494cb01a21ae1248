"""Replays in fresh processes, seen from outside: started, followed, interrupted."""

from __future__ import annotations

import ast
import json
import os
import pickle
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Protocol

from jupyter_slicer.domain import FileUse, Step
from jupyter_slicer.errors import Cancelled
from jupyter_slicer.hindsight.plan import ReplayPlan, Segment
from jupyter_slicer.hindsight.prints import missing_lines
from jupyter_slicer.hindsight.probes import Probe
from jupyter_slicer.hindsight.recording import digest_of_text
from jupyter_slicer.hindsight.runs import Checkpoint, Logged, Run
from jupyter_slicer.hindsight.surroundings import SurroundingsProgram
from jupyter_slicer.values import value_digest
from jupyter_slicer.verify import FreshRunRequest
from jupyter_slicer.verify.run_process import RunProcess

_FOREVER = 1e7
"""Seconds: a replay ends when it is done, or when its user stops it."""


@dataclass
class Replayed:
    """What a replay has given so far."""

    run: Run
    logged: list[Logged] = field(default_factory=list)
    printed: dict[int, str] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)
    """For each iteration that ran, or in whose state something ran."""
    divergent: dict[int | None, list[str]] = field(default_factory=dict)
    """What differed from the record after an iteration; None is outside the loop."""
    checked: set[int | None] = field(default_factory=set)
    failed: list[tuple[int | None, str]] = field(default_factory=list)
    around: dict[str, str] = field(default_factory=dict)
    """What was printed ``before`` and ``after`` the loop."""
    notes: list[str] = field(default_factory=list)
    raised: str = ""
    """The exception with which the run broke off; empty where it did not."""
    doubts: set[int | str | None] = field(default_factory=set)
    """Iterations, and ``after`` the loop, in which a file was read that the run had written."""
    again: set[int] = field(default_factory=set)
    """Iterations that ran although only their state was to be restored: something below the
    added line changes what it reads."""
    parameters: dict[str, Any] = field(default_factory=dict)
    """What ``param`` named that the run had not."""
    beside: list[Logged] = field(default_factory=list)
    """What the run itself logged in iterations of which only the state was restored: there
    nobody logs it again."""
    starting: float = 0.0
    """Seconds from the call to the first worker that was ready."""
    took: float = 0.0
    interrupted: bool = False

    def take(self, words: tuple[Any, ...]) -> None:
        match words:
            case ("logged", iteration, path, number, name, value):
                self.logged.append(Logged(self.run.id, iteration, path, name, value, number))
            case ("iteration", iteration, seconds, text):
                self.seconds[iteration] = seconds
                self.printed[iteration] = text
            case ("again", iteration):
                self.again.add(iteration)
            case ("parameter", name, value):
                self.parameters[name] = value
            case ("printed", place, text):
                self.around[place] = text
            case ("compared", iteration, differing):
                self.checked.add(iteration)
                if differing:
                    self.divergent[iteration] = differing
            case ("doubt", place, file):
                self.doubts.add(place)
                where = "after the loop" if place == "after" else f"in iteration {place}"
                note = _DOUBT.format(file=file)
                if not any(n.endswith(note) for n in self.notes):
                    self.notes.append(f"{where}, {note}")
            case ("note", why):
                self.notes.append(why)
            case ("failed", iteration, why) if self._raised_in_the_run(iteration, why):
                self.notes.append(f"iteration {iteration} ended as it did in the run: {why}")
            case ("failed", iteration, why):
                self.failed.append((iteration, why))

    def _raised_in_the_run(self, iteration: int | None, why: str) -> bool:
        last = self.run.outcome == "left" and iteration == self.run.iterations - 1
        return last and why.partition(":")[0].rpartition(".")[2] == (self.raised or None)

    def judge(
        self, plan: ReplayPlan, recorded: Iterable[Logged], printed: Mapping[int, str]
    ) -> None:
        """Say of each value what is known of it; compare what the run logged and printed."""
        ran = {
            k: t for k, t in self.printed.items() if k in self.again or not _is_skipped(k, plan)
        }
        for k, line in missing_lines(printed, ran).items():
            self.notes.append(f"iteration {k} printed this in the run, and not again: {line}")
        recorded = list(recorded)
        known = {(v.iteration, v.after, v.name, n): v.value for v, n in counted(recorded)}
        for value, number in counted(self.logged):
            place = (value.iteration, value.after, value.name, number)
            if place in known and not same_value(known[place], value.value):
                where = self.divergent.setdefault(value.iteration, [])
                if f"log {value.name}" not in where:
                    where.append(f"log {value.name}")
        verdicts = {k: v for s in plan.segments for k, v in self._verdicts(s).items()}
        end = next((self._verdict_at_end(s) for s in plan.segments if s.after), NOT_CHECKED)
        self.logged = [
            replace(
                v, verdict=self._with_doubt(v, end if v.after else verdicts.get(v.iteration))
            )
            for v in self.logged
        ]

        restored = {v.iteration for v in self.logged if v.verdict == RESTORED and not v.after}
        again = {(v.iteration, v.name) for v in self.logged}
        self.beside = [
            v
            for v in recorded
            if v.iteration in restored and (v.iteration, v.name) not in again
        ]

    def _with_doubt(self, value: Logged, verdict: str | None) -> str:
        doubtful = ("after" if value.after else value.iteration) in self.doubts
        known = verdict == DIFFERENT or (verdict is not None and not doubtful)
        return verdict if known and verdict is not None else NOT_CHECKED

    @property
    def table(self) -> list[Logged]:
        """All that is known now of the iterations that were asked for."""
        return [*self.logged, *self.beside]

    def _verdict_at_end(self, segment: Segment) -> str:
        return self._verdicts(segment)[segment.last] if segment.runs else RESTORED

    def _verdicts(self, segment: Segment) -> dict[int | None, str]:
        """Iterations of a segment stand and fall together: each leads to the next."""
        if segment.after and not segment.runs:
            return {}
        if segment.skips and segment.last not in self.again:
            return dict.fromkeys(segment.wanted, RESTORED)
        if segment.skips:
            segment = replace(segment, first=segment.last)
        inside: list[int | None] = list(range(segment.first, segment.last + 1)) or [None]
        if any(k in self.divergent for k in inside):
            verdict = DIFFERENT
        else:
            verdict = SAME if inside[-1] in self.checked else NOT_CHECKED
        return dict.fromkeys(inside, verdict)


def counted(values: Iterable[Logged]) -> Iterator[tuple[Logged, int]]:
    """With their order among values of the same name in the same iteration: while a run is
    recorded, nobody counts the turns of its innermost loops."""
    counts: Counter[Any] = Counter()
    for value in values:
        place = (value.iteration, value.after, value.name)
        yield value, counts[place]
        counts[place] += 1


def _is_skipped(iteration: int, plan: ReplayPlan) -> bool:
    return any(s.skips and s.last == iteration for s in plan.segments)


_DOUBT = "{file} is read, which the run itself wrote: a replay need not have it as it was then"
RESTORED, SAME, DIFFERENT, NOT_CHECKED = "restored", "same", "different", "not checked"


def same_value(a: Any, b: Any) -> bool:
    if type(a) in (int, float, str, bool, type(None)) and type(a) is type(b):
        return bool(a == b or (a != a and b != b))
    return value_digest(a).digest == value_digest(b).digest


@dataclass(frozen=True, slots=True)
class WorkerState:
    """How far a worker has come."""

    number: int
    """From 1."""
    iterations: int
    of: int
    """That it was asked for."""
    state: str
    """``running``, ``done``, or ``ended`` before it was done."""

    def __str__(self) -> str:
        return f"worker {self.number}: {self.iterations} iterations, {self.state}"


Progress = Callable[[Sequence[WorkerState]], None]
"""Is told of every worker; ends the replay by raising ``Cancelled``."""


def request_of(
    plan: ReplayPlan,
    segments: Sequence[Segment],
    program: SurroundingsProgram,
    probe: Probe,
    checkpoints: Iterable[Checkpoint],
    blobs: str,
    parameters: Mapping[str, Any],
    given: Mapping[str, Any] | None = None,
    kept: Iterable[str] = (),
    computed: bool = False,
) -> str:
    """All that a worker needs to know, as JSON.

    ``kept``: variables that the loop found as its cell did. ``computed``: added lines before
    the loop read what is computed again; then all is, and nothing may look the same by half.
    """
    run = plan.run
    texts = [
        {
            "text": probe.texts.get(text, text),
            "added": probe.starts(text) if text in probe.texts else [],
            "marked": probe.marks(text) if text in probe.texts else [],
            "functions": probe.functions(text) if text in probe.texts else [],
            "digest": digest_of_text(ast.parse(text)),
        }
        # A function that a function made is in the state: its text need not run again.
        for text in dict.fromkeys((*program.texts, *probe.texts))
    ]
    return json.dumps(
        {
            "program": {**program.to_json(), "texts": texts},
            "segments": [asdict(s) for s in segments],
            "checkpoints": [
                {**asdict(c), "lost": [p.to_json() for p in c.lost]} for c in checkpoints
            ],
            "blobs": blobs,
            "folder": run.folder,
            "digest": run.loop_source,
            "ordinal": run.ordinal,
            "entry": run.entry,
            "iterator": run.names.get("iterator", True),
            "generators": run.surroundings.get("generators"),
            "turn": run.surroundings.get("turn"),
            "cell": None if computed else run.surroundings.get("cell"),
            "kept": sorted(kept),
            "around": run.surroundings.get("around", []),
            "turns": run.surroundings.get("turns", []),
            "argv": run.surroundings.get("argv"),
            "at_end": list(probe.at_end),
            "below": list(probe.below),
            "gathers": list(probe.gathers),
            "threads": run.threads,
            "parameters": dict(parameters),
            "given": given,
        }
    )


class Running(Protocol):
    """A fresh process that replays, here or elsewhere."""

    ended: threading.Event
    failure: str

    def news(self) -> Iterator[tuple[Any, ...]]: ...
    def close(self) -> None: ...


class Worker:
    """One fresh process, fenced in as a verification is."""

    def __init__(
        self,
        request: str,
        folder: str,
        inputs: Iterable[str],
        environment: Mapping[str, str] | None,
    ) -> None:
        package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        program = (
            f"import sys\nsys.path.append({package!r})\n"
            "from jupyter_slicer.hindsight import worker as __jupyter_slicer_worker__\n"
            f"__jupyter_slicer_worker__.main({request!r})\n"
        )
        self._process = RunProcess(
            FreshRunRequest(
                program, (), (), folder=folder, timeout=_FOREVER, environment=environment,
                inputs=tuple(FileUse(path, Step(0), "r") for path in inputs),
            ),
            sys.executable,
        )  # fmt: skip
        # Held open: what was told can be read when the folder is gone.
        path = os.path.join(self._process.temporary, "replayed")
        self._told = open(path, "a+b")  # noqa: SIM115
        self._position = 0
        self.ended = threading.Event()
        self.failure = ""
        self._thread = threading.Thread(target=self._wait, daemon=True)
        self._thread.start()

    def _wait(self) -> None:
        try:
            outcome = self._process.wait(lambda words: None)
            self.failure = outcome.failure
        except Exception as error:
            self.failure = f"{type(error).__name__}: {error}"
        finally:
            self.ended.set()

    def news(self) -> Iterator[tuple[Any, ...]]:
        """What it has told since the last call."""
        self._told.seek(self._position)
        while True:
            try:
                words = pickle.load(self._told)
            except (EOFError, pickle.UnpicklingError):
                return
            self._position = self._told.tell()
            yield words

    def cancel(self) -> None:
        self._process.cancel()

    def close(self) -> None:
        self.cancel()
        self._thread.join(10)
        self._told.close()


def follow(
    workers: Sequence[Running],
    found: Replayed,
    keep: Callable[[Replayed], None],
    progress: Progress = lambda states: None,
    wanted: Sequence[int] = (),
) -> Replayed:
    """Until all have ended or the user interrupts; what is done is kept either way.

    ``wanted``: how many iterations each was asked for.
    """
    began = time.monotonic()
    done = [False] * len(workers)
    counts = [0] * len(workers)
    running = True
    try:
        while running:
            running = not all(worker.ended.is_set() for worker in workers)
            for n, worker in enumerate(workers):
                for words in worker.news():
                    found.take(words)
                    done[n] |= words[0] == "done"
                    counts[n] += words[0] == "iteration"
                    if words[0] == "ready" and not found.starting:
                        found.starting = time.monotonic() - began
            progress(
                [
                    WorkerState(n + 1, counts[n], sum(wanted[n : n + 1]), _state(done[n], w))
                    for n, w in enumerate(workers)
                ]
            )
            if running:
                workers[0].ended.wait(0.05) if len(workers) == 1 else time.sleep(0.05)
    except (KeyboardInterrupt, Cancelled):
        found.interrupted = True
    finally:
        for n, worker in enumerate(workers):
            if not done[n] and not found.interrupted and worker.ended.is_set():
                found.failed.append((None, worker.failure or "it ended too early"))
            worker.close()
        found.took = time.monotonic() - began
        keep(found)
    return found


def _state(done: bool, worker: Running) -> str:
    return "done" if done else "ended" if worker.ended.is_set() else "running"
