"""The magics: ``%slice``, ``%slicer``, ``%why``, ``%%no_record``."""

from __future__ import annotations

import inspect
import json
import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand

from jupyter_slicer.errors import SlicerError, UsageError
from jupyter_slicer.frontends import question
from jupyter_slicer.frontends.arguments import Option, parse_arguments
from jupyter_slicer.frontends.config import Slicer as Settings
from jupyter_slicer.frontends.messages import FailureMessage, our_fault
from jupyter_slicer.frontends.screens import say, screen_of
from jupyter_slicer.slicer import Slicer

COMMANDS = {
    "status": "whether it records, what there is, what recording has cost so far",
    "history": "executions of this kernel, and earlier kernels",
    "pause": "record nothing from here",
    "resume": "record again",
    "config": "show settings, or set one:  %slicer config budget 0.1",
}
OPTIONS: dict[str, tuple[Option, ...]] = {
    "slice": question.OPTIONS,
    "why": question.OUTCOMES,
    "slicer": (),
}

Magic = Callable[[Any, str], None]


def _documented(rows: dict[str, str]) -> Callable[[Any], Any]:
    """Put names and what they do at the end of a magic's help."""

    def documented(magic: Any) -> Any:
        width = max(map(len, rows))
        lines = "".join(f"\n        {name:{width}}  {words}" for name, words in rows.items())
        magic.__doc__ = f"{magic.__doc__}{lines}\n"
        return magic

    return documented


def _tells_errors(magic: Magic) -> Magic:
    """One clear line instead of a traceback; JSON when that was asked for."""

    @wraps(magic)
    def telling(self: Any, line: str) -> None:
        try:
            if line.strip() in ("-h", "--help"):
                say(inspect.cleandoc(getattr(type(self), magic.__name__).__doc__))
            else:
                magic(self, line)
        except SlicerError as error:
            _tell(line, error)
        except KeyboardInterrupt:
            _tell(line, SlicerError("interrupted"))
        except Exception as error:  # ours, not the user's
            if os.environ.get("JUPYTER_SLICER_DEBUG"):
                raise
            _tell(line, our_fault(error))

    return telling


def _tell(line: str, error: SlicerError) -> None:
    if line.partition("--format")[2].lstrip(" =").startswith("json"):
        say(json.dumps(FailureMessage.of(error).to_json()))
    else:
        say(str(error), sys.stderr)


@magics_class
class SlicerMagics(Magics):
    """What a user can type once the extension is loaded."""

    shell: Any

    def __init__(self, shell: Any, slicer: Slicer, settings: Settings) -> None:
        super().__init__(shell)
        self.recording = slicer
        self.settings = settings

    @_documented({f"{o.name} {o.value or ''}".strip(): o.help for o in question.OPTIONS})
    @no_var_expand
    @line_magic
    @_tells_errors
    def slice(self, line: str) -> None:
        """Show the compact program behind a value, and check it with a fresh run.

        %slice EXPR [EXPR ...] [options]
        %slice --file FILE | --output-of N | --error-of N   [options]

        An expression is a variable, an attribute, a column, or any Python expression.
        A file that cells have written, what a cell showed (text, figures, values), and
        the error that ended a cell are asked for by options; N is the number in In[N].
        The program is shown at once. Then it runs in a fresh process, in a scratch
        folder, and its value is compared with the one in this kernel; interrupt the
        cell to stop that.

        Examples:
            %slice model
            %slice df["age"].mean() --why
            %slice features labels --export train.py
            %slice --file results/table.csv
            %slice --output-of 12
            %slice model --export "my model.py" --force --minimize

        Options:"""
        asked = question.question_from_line(
            line,
            self.settings.verify,
            self.settings.verify_timeout,
            self.shell.var_expand,
        )
        form = parse_arguments(line, question.OPTIONS).last("--format")
        question.answer(self.recording, asked, screen_of(self.shell, form))

    @no_var_expand
    @line_magic
    @_tells_errors
    def why(self, line: str) -> None:
        """Tell in words where a value comes from: each statement, and why it matters.

        %why EXPR
        %why --file FILE | --output-of N | --error-of N

        Nothing is run for it.

        Examples:
            %why model
            %why df["age"]
            %why --file results/table.csv
        """
        from jupyter_slicer.frontends.display import slice_message
        from jupyter_slicer.frontends.reports import why_lines

        given = parse_arguments(line, question.OUTCOMES)
        outcome = question.outcome_of(given, self.shell.var_expand)
        if not given.expressions and outcome is None:
            raise UsageError("Name what to explain, for example  %why model")
        program = question.program_behind(self.recording, given.expressions, outcome)
        say("\n".join(why_lines(slice_message(program))))

    @_documented(COMMANDS)
    @no_var_expand
    @line_magic
    @_tells_errors
    def slicer(self, line: str) -> None:
        """Look at recording, and steer it.

        %slicer [status | history | pause | resume | config [NAME [VALUE]]]

        Examples:
            %slicer status
            %slicer history
            %slicer config budget 0.1

        Commands:"""
        command, *rest = line.split() or ["status"]
        if command == "config" and rest[1:2] == ["="]:
            del rest[1]
        if command not in COMMANDS:
            raise UsageError(f"%slicer has no {command!r}. There are {', '.join(COMMANDS)}.")
        if rest and command != "config":
            raise UsageError(f"%slicer {command} takes nothing more.")
        getattr(self, f"_{command}")(*rest[:1], *([" ".join(rest[1:])] if rest[1:] else []))

    def _status(self) -> None:
        from jupyter_slicer.frontends.reports import status_lines

        say("\n".join(status_lines(self.recording)))

    def _history(self) -> None:
        from jupyter_slicer.frontends.reports import history_lines

        say("\n".join(history_lines(self.recording)))

    def _pause(self) -> None:
        self.recording.recorder.pause()
        say("Recording is paused. What cells do now is not recorded; %slicer resume goes on.")

    def _resume(self) -> None:
        self.recording.recorder.resume()
        say("Recording is on.")

    def _config(self, name: str | None = None, value: str | None = None) -> None:
        if name is None:
            say("\n".join(self.settings.lines()))
        elif value is None:
            self.settings.check_name(name)
            say(f"{name} = {getattr(self.settings, name)!r}")
        else:
            self.settings.set(name, value)
            say(f"{name} = {getattr(self.settings, name)!r}")

    @no_var_expand
    @cell_magic
    def no_record(self, line: str, cell: str) -> None:
        """Run this cell without recording it.

        Neither its text nor what it reads is kept. What it changed is known to come
        from an unrecorded cell: a slice that needs it says so.

        Example:
            %%no_record
            password = ask_for_it()
        """
        # Usually an input transformer has taken the first line away before IPython looks;
        # this is for get_ipython().run_cell_magic and for cells inside cells.
        self.shell.run_cell(cell)
