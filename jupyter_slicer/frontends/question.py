"""``%slice`` from the line that was typed to the answer on a screen."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jupyter_slicer.domain import Verdict, Verification
from jupyter_slicer.errors import SlicerError, UsageError, VerificationError
from jupyter_slicer.frontends.arguments import Arguments, Option, parse_arguments
from jupyter_slicer.frontends.screens import Screen, View
from jupyter_slicer.program import PLAIN, Program, SliceOptions
from jupyter_slicer.slicer import Slicer

if TYPE_CHECKING:
    from jupyter_slicer.criteria import Wanted

OUTCOMES = (
    Option("--file", "slice a file that cells have written", "FILE"),
    Option("--output-of", "slice what In[N] showed; N may be  last", "N"),
    Option("--error-of", "slice the error that ended In[N]; N may be  last", "N"),
)
OPTIONS = (
    *OUTCOMES,
    Option("--export", "write the program as a script", "FILE"),
    Option("--notebook", "write the kept cells as a notebook", "FILE"),
    Option("--force", "replace files that jupyter_slicer did not write"),
    Option("--no-verify", "make no fresh run"),
    Option("--verify-timeout", "seconds for each fresh run", "S"),
    Option("--minimize", "leave out, by fresh runs, every statement that can go"),
    Option("--why", "beside each kept line, the reason why it is kept"),
    Option("--pin-random", "write the generators' states of the start into the program"),
    Option("--cut", "load NAME from a saved file instead of recomputing it", "NAME"),
    Option("--format", "what to show", "text|json", ("text", "json")),
)

INTERRUPTED = Verification(Verdict.NOT_VERIFIED, "interrupted")


@dataclass(frozen=True, slots=True)
class Question:
    """What ``%slice`` was asked to do."""

    expressions: tuple[str, ...]
    outcome: Wanted | None = None
    """What is asked about in place of expressions."""
    export: str | None = None
    """Absolute path, as is ``notebook``."""
    notebook: str | None = None
    force: bool = False
    verify: bool = True
    verify_timeout: float = 600.0
    """Seconds."""
    minimize: bool = False
    why: bool = False
    slicing: SliceOptions = field(default_factory=SliceOptions)


def question_from_line(
    line: str,
    verify: bool = True,
    verify_timeout: float = 600.0,
    expanded: Callable[[str], str] = str,
) -> Question:
    """Read a line; ``expanded`` puts values of variables into file names."""
    given = parse_arguments(line, OPTIONS)
    outcome = outcome_of(given, expanded)
    if not given.expressions and outcome is None:
        raise UsageError("Name what to slice, for example  %slice model   (help: %slice?)")
    if given.has("--minimize") and given.has("--no-verify"):
        raise UsageError("--minimize needs fresh runs; leave out --no-verify.")
    export = _path(given.last("--export"), expanded)
    timeout = given.last("--verify-timeout")
    return Question(
        expressions=given.expressions,
        outcome=outcome,
        export=export,
        notebook=_path(given.last("--notebook"), expanded),
        force=given.has("--force"),
        verify=(verify or given.has("--minimize")) and not given.has("--no-verify"),
        verify_timeout=verify_timeout if timeout is None else _seconds(timeout),
        minimize=given.has("--minimize"),
        why=given.has("--why"),
        slicing=SliceOptions(
            pin_random=given.has("--pin-random"),
            cut=tuple(dict.fromkeys(given.all("--cut"))),
            artifacts=os.path.dirname(export) if export else None,
            force=given.has("--force"),
        ),
    )


def outcome_of(given: Arguments, expanded: Callable[[str], str] = str) -> Wanted | None:
    """What else than expressions is asked about; one thing at a time."""
    from jupyter_slicer.criteria import CellError, CellOutput, WrittenFile

    found: list[Wanted] = [WrittenFile(expanded(path)) for path in given.all("--file")]
    found += [CellOutput(_number("--output-of", text)) for text in given.all("--output-of")]
    found += [CellError(_number("--error-of", text)) for text in given.all("--error-of")]
    if found and (len(found) > 1 or given.expressions):
        raise UsageError("Slice one file, output or error at a time, without variables.")
    return found[0] if found else None


def _number(option: str, text: str) -> int | None:
    if text == "last":
        return None
    if not text.isdecimal():
        raise UsageError(f"{option} takes the number in In[…], or  last , not {text!r}.")
    return int(text)


def _path(given: str | None, expanded: Callable[[str], str]) -> str | None:
    return None if given is None else os.path.abspath(os.path.expanduser(expanded(given)))


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e7:
        raise UsageError(f"--verify-timeout is a number of seconds, not {text!r}.")
    return seconds


def answer(slicer: Slicer, question: Question, screen: Screen) -> None:
    """Show the program at once, then what fresh runs say of it, then where it was written.

    Ctrl-C ends the fresh run; the program stays and is written as not verified.
    """
    _check_places(question)
    program = program_behind(slicer, question.expressions, question.outcome, question.slicing)
    if question.verify:
        screen.show(View(program, question.why))
        _verify(program, question, screen)
    try:
        exported, notebook = _written(program, question)
    except SlicerError:
        screen.finish(View(program, question.why))
        raise
    screen.finish(View(program, question.why, exported, notebook))


def program_behind(
    slicer: Slicer,
    expressions: Sequence[str],
    outcome: Wanted | None,
    options: SliceOptions = PLAIN,
) -> Program:
    if outcome is not None:
        return slicer.outcome_slice(outcome, options)
    return slicer.backward_slice(*expressions, options=options)


def _check_places(question: Question) -> None:
    """Say before the fresh run that its result could not be kept."""
    from jupyter_slicer.export.script import check_place

    if question.export is not None and question.export == question.notebook:
        raise UsageError("--export and --notebook name the same file.")
    for path in (question.export, question.notebook):
        if path is not None:
            check_place(path, force=question.force)


def _verify(program: Program, question: Question, screen: Screen) -> None:
    def progress(words: str) -> None:
        screen.progress(View(program, question.why), words)

    try:
        found = program.verify(question.verify_timeout, progress)
        if question.minimize and found.verdict is Verdict.SAME:
            program.minimize(question.verify_timeout, progress)
    except KeyboardInterrupt:
        program.verification = INTERRUPTED
    except VerificationError as error:
        program.verification = Verification(Verdict.NOT_VERIFIED, str(error))


def _written(program: Program, question: Question) -> tuple[str | None, str | None]:
    if question.export is not None:
        program.export(question.export, force=question.force)
    if question.notebook is not None:
        program.export_notebook(question.notebook, force=question.force)
    return question.export, question.notebook
