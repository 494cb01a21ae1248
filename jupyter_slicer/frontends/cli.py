"""The command line: ``jupyter slicer``, also ``jupyter-slicer``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, NoReturn

from jupyter_slicer.errors import SlicerError, UsageError

if TYPE_CHECKING:
    from jupyter_slicer.store import SessionSummary

# Importing nbclient, nbformat, libcst or IPython costs seconds: only in the functions
# that need them, so that --help answers at once.

SAME, NOT_SAME, FAILED = 0, 1, 2
"""Exit statuses: verified; not the same or not verified; usage or failure."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The console script; gives the exit status."""
    if isinstance(sys.stdout, TextIOWrapper):  # a terminal may not show every character
        sys.stdout.reconfigure(errors="backslashreplace")
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.run is None:
        parser.print_help()
        return FAILED
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        status = run(options)
        sys.stdout.flush()
        return status
    except SlicerError as error:
        return _fail(options, error.slug, str(error))
    except KeyboardInterrupt:
        return _fail(options, "interrupted", "Interrupted.")
    except BrokenPipeError:
        # The reader went away, as in  jupyter slicer history | head -1
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _fail(options: argparse.Namespace, slug: str, message: str) -> int:
    if getattr(options, "json", False):
        _print_json({"kind": "failure", "slug": slug, "message": message})
    print(f"jupyter slicer: {message}", file=sys.stderr)
    return FAILED


# -- slice ---------------------------------------------------------------------


def _slice(options: argparse.Namespace) -> int:
    _check_usage(options)
    _check_places(options)
    if options.static or options.history:
        from jupyter_slicer.frontends.without_kernel import answer_without_kernel

        reply = answer_without_kernel(options).to_json()
    else:
        from jupyter_slicer.frontends.notebook_run import RunOptions, slice_notebook

        run = RunOptions(options.kernel, options.kernel_timeout, options.allow_errors)
        reply = slice_notebook(options.document, slice_question(options), run, _progress)
    if reply["kind"] == "failure":
        return _fail(options, reply["slug"], reply["message"])
    if options.json:
        _print_json(reply)
    else:
        _print_slice(reply, options)
    return _status(reply, options)


def _check_usage(options: argparse.Namespace) -> None:
    if bool(options.document) == bool(options.history):
        raise UsageError("Name one notebook, or one recorded kernel with --history.")
    if options.history and options.static:
        raise UsageError("--static reads a notebook; leave out --history.")
    if options.minimize and options.no_verify:
        raise UsageError("--minimize needs fresh runs; leave out --no-verify.")
    if options.document and not os.path.exists(options.document):
        raise UsageError(f"There is no notebook {options.document}.")
    from jupyter_slicer.slicer import check_expression

    others = [o for o in (options.file, options.output_of, options.error_of) if o]
    if len(others) + bool(options.variable) != 1:
        raise UsageError(
            "Say what to slice: one of  --variable EXPR,  --file FILE,  --output-of N,  "
            "--error-of N."
        )
    for expression in options.variable:
        check_expression(expression)
    if options.static or options.history:
        for name in ("minimize", "pin_random", "cut", "file", "output_of", "error_of"):
            if getattr(options, name):
                raise UsageError(f"--{name.replace('_', '-')} needs a run of the notebook.")


def _check_places(options: argparse.Namespace) -> None:
    """Say before the notebook runs for an hour that its slice could not be kept."""
    from jupyter_slicer.export.script import check_place

    places = [os.path.realpath(p) for p in (options.output, options.notebook) if p]
    if options.document and os.path.realpath(options.document) in places:
        raise UsageError(
            "The notebook that is sliced is not written over; choose another name."
        )
    if len(places) == 2 and places[0] == places[1]:
        raise UsageError("--output and --notebook name the same file.")
    for path in filter(None, (options.output, options.notebook)):
        check_place(os.path.abspath(path), force=options.force)


def slice_question(options: argparse.Namespace) -> str:
    """The ``%slice`` line that asks the kernel what the user asked us."""
    # Commas, because  a -b  would be one expression.
    words = ["%slice", *filter(None, [", ".join(options.variable)]), "--format", "json"]
    if options.file:
        words += ["--file", _quoted(os.path.abspath(options.file))]
    for name in ("output-of", "error-of"):
        if number := getattr(options, name.replace("-", "_")):
            words += [f"--{name}", number]
    for name in ("no-verify", "minimize", "why", "pin-random", "force"):
        if getattr(options, name.replace("-", "_")):
            words.append(f"--{name}")
    if options.verify_timeout is not None:
        words += ["--verify-timeout", f"{options.verify_timeout:g}"]
    for name in options.cut:
        words += ["--cut", name]
    # The kernel works in the notebook's folder, we in the user's.
    if options.output:
        words += ["--export", _quoted(os.path.abspath(options.output))]
    if options.notebook:
        words += ["--notebook", _quoted(os.path.abspath(options.notebook))]
    return " ".join(words)


def _quoted(path: str) -> str:
    return path if path.isalnum() else '"' + path.replace('"', '\\"') + '"'


def _print_slice(reply: dict[str, Any], options: argparse.Namespace) -> None:
    """The program, and what is to be said of it as comments: all of it is Python."""
    from jupyter_slicer.frontends.display import outcome_lines
    from jupyter_slicer.frontends.messages import SliceMessage, message_from_json

    message = message_from_json(reply)
    assert isinstance(message, SliceMessage)
    print(message.program.rstrip("\n"))
    print(f"\n# {message.facts}")
    for statement in message.statements if options.why else ():
        print(f"# {_lines(statement.line, statement.end_line)}: {statement.reason}")
    for line in outcome_lines(message):
        print("# " + line.replace("\n", "\n# "))


def _lines(first: int, last: int) -> str:
    return f"line {first}" if first == last else f"lines {first}-{last}"


def _status(reply: dict[str, Any], options: argparse.Namespace) -> int:
    if options.no_verify:
        return SAME
    return SAME if reply["verdict"]["verdict"] == "same" else NOT_SAME


def _progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


# -- the history ---------------------------------------------------------------


def _history(options: argparse.Namespace) -> int:
    from jupyter_slicer.store import HistoryReader

    reader = HistoryReader(options.store)
    sessions, size = reader.sessions(), reader.size()
    if options.json:
        found = [_session_json(s) for s in sessions]
        _print_json({"path": reader.path, "bytes": size.bytes, "kernels": found})
    elif not sessions:
        print(f"Nothing is recorded in {reader.path}")
    else:
        print(f"{'kernel':10}{'last execution':18}{'executions':>10}  notebook or folder")
        for session in sessions:
            print(_session_line(session))
        print(f"{size.bytes / 1e6:.1f} MB in {reader.path}")
    return SAME


def _session_line(session: SessionSummary) -> str:
    kernel = session.kernel
    last = datetime.fromtimestamp(session.last).strftime("%Y-%m-%d %H:%M")
    where = kernel.notebook or kernel.folder
    return f"{kernel.id[:8]:10}{last:18}{session.executions:10}  {where}"


def _session_json(session: SessionSummary) -> dict[str, Any]:
    kernel = session.kernel
    return {
        "id": kernel.id,
        "started": kernel.started,
        "last": session.last,
        "executions": session.executions,
        "statements": session.statements,
        "notebook": kernel.notebook,
        "folder": kernel.folder,
        "python": kernel.python,
    }


def _purge(options: argparse.Namespace) -> int:
    from jupyter_slicer.store import HistoryReader

    if bool(options.kernel_id) == options.all:
        raise UsageError("Name one kernel of  jupyter slicer history , or say --all.")
    reader = HistoryReader(options.store)
    if options.all:
        print(f"Purged {reader.purge_all()} kernels from {reader.path}")
    else:
        print(f"Purged {reader.purge(options.kernel_id)} from {reader.path}")
    return SAME


# -- scripts -------------------------------------------------------------------


def _record(options: argparse.Namespace) -> int:
    from jupyter_slicer.frontends.scripts import record_script

    return record_script(options.script, options.arguments)


def _replay(options: argparse.Namespace) -> int:
    from jupyter_slicer.frontends.scripts import ReplayOptions, replay_script

    return replay_script(
        ReplayOptions(
            options.script, options.number, options.iterations, options.workers,
            options.plan, options.force, options.csv, options.store,
        )
    )  # fmt: skip


# -- enable, disable -----------------------------------------------------------


def _enable(options: argparse.Namespace) -> int:
    from jupyter_slicer.frontends.enable import enable

    print(enable(options.profile))
    return SAME


def _disable(options: argparse.Namespace) -> int:
    from jupyter_slicer.frontends.enable import disable

    print(disable(options.profile))
    return SAME


# -- the parser ----------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jupyter slicer",
        description="The compact, reproducible program behind any value in a notebook.",
        epilog=_examples("jupyter slicer slice analysis.ipynb --variable model"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add_slice(commands)
    _add_record(commands)
    _add_replay(commands)
    _add_history(commands)
    _add_purge(commands)
    _add_switches(commands)
    return parser


class _Version(argparse.Action):
    """Asks for the version only when it is wanted: importlib.metadata is slow."""

    def __call__(self, *_: object) -> NoReturn:
        from importlib.metadata import version

        print(f"jupyter_slicer {version('jupyter_slicer')}")
        raise SystemExit(0)


def _add_slice(commands: Any) -> None:
    parser = _command(
        commands,
        "slice",
        _slice,
        "run a notebook and print the program behind a value",
        "Runs the notebook in a fresh kernel, takes the statements that the value came from,\n"
        "runs them alone in a fresh process, and compares the value. The notebook's file is\n"
        "not changed.\n\n"
        "Exit status: 0 same value, 1 not the same or not verified, 2 usage or failure.",
        "jupyter slicer slice analysis.ipynb --variable model --output train.py",
        "jupyter slicer slice analysis.ipynb --variable model --variable score --json",
        "jupyter slicer slice analysis.ipynb --variable 'score * 2' --no-verify --why",
        "jupyter slicer slice analysis.ipynb --output-of last --output figure.py",
        "jupyter slicer slice analysis.ipynb --variable model --static --no-verify",
        "jupyter slicer slice --history 3f2a --variable model",
    )
    add = parser.add_argument
    add("document", nargs="?", metavar="NOTEBOOK.ipynb")
    add(
        "--variable",
        "-v",
        action="append",
        default=[],
        metavar="EXPR",
        help="slice a name or an expression; may be given several times",
    )
    add("--file", metavar="FILE", help="slice a file that the notebook writes")
    add(
        "--output-of",
        metavar="N",
        help="slice what the N-th code cell shows: text, figures, values; or  last",
    )
    add(
        "--error-of", metavar="N", help="slice the error that ends the N-th code cell; or  last"
    )
    add("--output", "-o", metavar="FILE.py", help="write the program as a script")
    add("--notebook", metavar="FILE.ipynb", help="write the kept cells as a notebook")
    add("--force", action="store_true", help="replace files that are in the way")
    add("--json", action="store_true", help="print one JSON object")
    add("--why", action="store_true", help="say of each statement why it is kept")
    add("--no-verify", action="store_true", help="do not run the program")
    add("--verify-timeout", type=_seconds, metavar="S", help="seconds for each fresh run")
    add("--minimize", action="store_true", help="try to leave out each statement")
    add("--pin-random", action="store_true", help="write generator states into the program")
    add(
        "--cut",
        action="append",
        default=[],
        metavar="NAME",
        help="load NAME from a saved artifact instead of recomputing it",
    )
    add("--static", action="store_true", help="run nothing: guess from the text")
    add("--history", metavar="KERNEL_ID", help="slice a recorded kernel instead of a notebook")
    add("--store", metavar="PATH", help="the history's file, if not the usual one")
    add("--kernel", metavar="NAME", help="kernel to run in, if not the notebook's own")
    add(
        "--kernel-timeout",
        type=_seconds,
        default=60.0,
        metavar="S",
        help="seconds to wait for the kernel to start (60)",
    )
    add("--allow-errors", action="store_true", help="go on after a cell that raises")


def _add_record(commands: Any) -> None:
    parser = _command(
        commands,
        "record",
        _record,
        "run a script and record its loops",
        "Runs a script as Python would. Loops that run for half a second or longer are\n"
        "recorded, to be replayed with log lines that are added later.\n\n"
        "Exit status: the script's own.",
        "jupyter slicer record train.py --epochs 20",
    )
    parser.add_argument("script", metavar="SCRIPT.py")
    parser.add_argument(
        "arguments", nargs=argparse.REMAINDER, metavar="ARGUMENT", help="given to the script"
    )


def _add_replay(commands: Any) -> None:
    parser = _command(
        commands,
        "replay",
        _replay,
        "replay a recorded script with its new log lines",
        "Replays the newest run of a script, with the log lines that its text has now, in\n"
        "fresh processes from checkpoints, and prints what they logged.\n\n"
        "Exit status: 0 as recorded, 1 it diverged or failed, 2 usage or failure.",
        "jupyter slicer replay train.py",
        "jupyter slicer replay train.py --iterations 3,7:12 --csv logs.csv",
    )
    add = parser.add_argument
    add("script", metavar="SCRIPT.py")
    add("--number", type=int, metavar="RUN", help="this run instead of the newest")
    add("--iterations", metavar="LIST", help="as in 3,7:12; all of them if not given")
    add("--workers", type=int, metavar="N", help="how many processes")
    add("--plan", action="store_true", help="say what would be done, and do nothing")
    add("--force", action="store_true", help="replay an edit that does more than log")
    add("--csv", metavar="FILE", help="write the table instead of printing it")
    add("--store", metavar="PATH", help="the history's file, if not the usual one")


def _add_history(commands: Any) -> None:
    parser = _command(
        commands,
        "history",
        _history,
        "list the recorded kernels",
        "Lists the kernels whose cells were recorded, the last one first.",
        "jupyter slicer history",
        "jupyter slicer history --json",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--store", metavar="PATH", help="the history's file")


def _add_purge(commands: Any) -> None:
    parser = _command(
        commands,
        "purge",
        _purge,
        "forget a recorded kernel",
        "Deletes all that was recorded of a kernel, and overwrites it on disk.",
        "jupyter slicer purge 3f2a",
        "jupyter slicer purge --all",
    )
    parser.add_argument(
        "kernel_id", nargs="?", metavar="KERNEL_ID", help="its id, or the beginning of it"
    )
    parser.add_argument("--all", action="store_true", help="forget every kernel")
    parser.add_argument("--store", metavar="PATH", help="the history's file")


def _add_switches(commands: Any) -> None:
    for name, run, brief in (
        ("enable", _enable, "record in every new kernel"),
        ("disable", _disable, "take  enable  back"),
    ):
        parser = _command(
            commands,
            name,
            run,
            brief,
            "A startup file in the IPython profile loads jupyter_slicer; your own\n"
            "configuration is not touched.",
            f"jupyter slicer {name}",
            f"jupyter slicer {name} --profile default",
        )
        parser.add_argument("--profile", default="default", help="IPython profile (default)")


def _command(
    commands: Any,
    name: str,
    run: Callable[[argparse.Namespace], int],
    brief: str,
    description: str,
    *examples: str,
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=brief,
        description=description,
        epilog=_examples(*examples),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser


def _examples(*lines: str) -> str:
    return "examples:\n" + "\n".join(f"  {line}" for line in lines)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < 1e7:
        raise argparse.ArgumentTypeError(f"not a number of seconds: {text}")
    return seconds


def _print_json(reply: dict[str, Any]) -> None:
    print(json.dumps(reply, indent=2))


if __name__ == "__main__":
    sys.exit(main())
