"""Where an answer appears: in a kernel's display, in a terminal, or as JSON."""

from __future__ import annotations

import json
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from jupyter_slicer.frontends import display

if TYPE_CHECKING:
    from jupyter_slicer.program import Program

# The user may patch print; what we say must not go through his.
_print = print


@dataclass(frozen=True, slots=True)
class View:
    """A program and what has been done with it so far."""

    program: Program
    why: bool = False
    exported: str | None = None
    notebook: str | None = None


class Screen(Protocol):
    """Shows a program first, then what comes of it, in the same place."""

    def show(self, view: View) -> None: ...
    def progress(self, view: View, words: str) -> None: ...
    def finish(self, view: View) -> None: ...


def screen_of(shell: Any, form: str | None) -> Screen:
    """The screen for a shell and for ``--format``."""
    if form == "json":
        return JsonScreen()
    return TerminalScreen() if prints_displays(shell) else DisplayScreen(shell)


def prints_displays(shell: Any) -> bool:
    """The publisher of terminal IPython can only print."""
    from IPython.core.displaypub import DisplayPublisher

    return type(shell.display_pub) is DisplayPublisher


def say(text: str, stream: Any = None) -> None:
    """Print; a stream that cannot show a character gets a question mark for it."""
    stream = sys.stdout if stream is None else stream
    try:
        _print(text, file=stream, flush=True)
    except UnicodeEncodeError as error:
        _print(text.encode(error.encoding, "replace").decode(error.encoding), file=stream)


class DisplayScreen:
    """One display of a front end, updated as the fresh run goes on."""

    def __init__(self, shell: Any, clock: Callable[[], float] = time.monotonic) -> None:
        self._publisher = shell.display_pub
        self._id: str | None = None
        self._clock, self._last = clock, 0.0

    def show(self, view: View) -> None:
        self._publish(view, "verifying…")

    def progress(self, view: View, words: str) -> None:
        if self._clock() - self._last > 0.4:
            self._publish(view, f"verifying… {words}")

    def finish(self, view: View) -> None:
        self._publish(view, None)

    def _publish(self, view: View, status: str | None) -> None:
        self._last = self._clock()
        update = self._id is not None
        self._id = self._id or uuid.uuid4().hex
        self._publisher.publish(
            data=bundle(view, status),
            metadata={},
            transient={"display_id": self._id},
            update=update,
        )


def bundle(view: View, status: str | None) -> dict[str, Any]:
    """The same answer as text, as HTML and as JSON."""
    message = display.slice_message(view.program, view.exported, view.notebook)
    annotated = display.annotated(view.program) if view.why else None
    return display.bundle(message, status, annotated)


class TerminalScreen:
    """Lines of a terminal; the last one tells how the fresh run goes on."""

    def __init__(self) -> None:
        self._colours = self._moves = bool(getattr(sys.stdout, "isatty", bool)())
        self._shown: str | None = None
        self._waiting = False

    def show(self, view: View) -> None:
        self._show_program(view)
        if self._moves:
            self._wait("verifying…")
        else:
            say("verifying…")

    def progress(self, view: View, words: str) -> None:
        if self._moves:
            self._wait(f"verifying… {words}")

    def finish(self, view: View) -> None:
        if self._waiting:
            sys.stdout.write("\r\x1b[K")
        self._show_program(view)
        message = display.slice_message(view.program, view.exported, view.notebook)
        for line in display.outcome_lines(message):
            say(line)

    def _show_program(self, view: View) -> None:
        """Again only if fresh runs have changed it."""
        text = display.annotated(view.program) if view.why else view.program.source
        if text == self._shown:
            return
        if self._shown is not None:
            say("the fresh runs changed the program:")
        self._shown = text
        say(display.coloured(text) if self._colours else text.rstrip("\n"))
        say("\n" + view.program.facts)

    def _wait(self, words: str) -> None:
        self._waiting = True
        sys.stdout.write(f"\r\x1b[K{words[:100]}")
        sys.stdout.flush()


class JsonScreen:
    """One JSON object on stdout, for machines."""

    def show(self, view: View) -> None:
        return None

    def progress(self, view: View, words: str) -> None:
        return None

    def finish(self, view: View) -> None:
        message = display.slice_message(view.program, view.exported, view.notebook)
        say(json.dumps(message.to_json()))
