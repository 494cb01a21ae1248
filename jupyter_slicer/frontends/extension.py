"""Turning everything on and off in a shell."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from jupyter_slicer.errors import NothingRecorded
from jupyter_slicer.frontends.ahead import grow_old
from jupyter_slicer.frontends.screens import say
from jupyter_slicer.slicer import Slicer

_extensions: dict[int, Extension] = {}


def load(shell: Any) -> None:
    """Record this shell from now on; loading twice changes nothing."""
    if id(shell) not in _extensions:
        extension = _extensions[id(shell)] = Extension(shell)
        extension.start()


def unload(shell: Any) -> None:
    """Stop recording and leave nothing behind."""
    extension = _extensions.pop(id(shell), None)
    if extension is not None:
        extension.stop()


def active() -> Slicer:
    """The slicer of the shell that runs here."""
    from IPython.core.getipython import get_ipython

    extension = _extensions.get(id(get_ipython()))
    if extension is None:
        raise NothingRecorded
    return extension.slicer


class Extension:
    """Everything that we put into one shell, and how to take it out again."""

    def __init__(self, shell: Any) -> None:
        from jupyter_slicer.frontends.config import Slicer as Settings

        self.shell = shell
        self.settings = Settings(parent=shell)
        self.slicer = Slicer(shell, self.settings.store_place(), _teller())
        self._undo: list[Callable[[], None]] = []

    def start(self) -> None:
        try:
            self._add_settings()
            self._add_magics()
            self._add_completion()
            self._add_transformer()
            self._add_panel()
            self._undo.append(self.slicer.stop)
            self.slicer.start()
            grow_old()
        except BaseException:
            self.stop()
            _extensions.pop(id(self.shell), None)
            raise

    def stop(self) -> None:
        while self._undo:
            self._undo.pop()()

    def _add_settings(self) -> None:
        budget = self.slicer.recorder.observer.budget

        hindsight = self.slicer.hindsight

        def obey(change: Any = None) -> None:
            budget.share = self.settings.budget
            hindsight.watch.paused = not self.settings.hindsight
            policy = hindsight.keeper.policy
            share = self.settings.hindsight_share
            hindsight.keeper.policy = replace(policy, share=share)

        obey()
        self.settings.observe(obey, ["budget", "hindsight", "hindsight_share"])
        # Now  %config Slicer.budget = 0.1  works too.
        self.shell.configurables.append(self.settings)
        self._undo.append(lambda: _remove(self.shell.configurables, self.settings))

    def _add_magics(self) -> None:
        from jupyter_slicer.frontends.hindsight_magics import HindsightMagics
        from jupyter_slicer.frontends.magics import SlicerMagics

        self._register(SlicerMagics(self.shell, self.slicer, self.settings))
        self._register(HindsightMagics(self.shell, self.slicer))

    def _register(self, magics: Any) -> None:
        manager = self.shell.magics_manager
        before = {kind: dict(manager.magics[kind]) for kind in manager.magics}
        self.shell.register_magics(magics)

        def undo() -> None:
            for kind, names in magics.magics.items():
                for name, function in names.items():
                    if manager.magics[kind].get(name) == function:
                        _put_back(manager.magics[kind], name, before[kind])
            manager.registry.pop(type(magics).__name__, None)
            _remove(self.shell.configurables, magics)

        self._undo.append(undo)

    def _add_completion(self) -> None:
        from jupyter_slicer.frontends import hindsight_magics
        from jupyter_slicer.frontends.completion import matcher
        from jupyter_slicer.frontends.magics import COMMANDS, OPTIONS

        completer: Any = getattr(self.shell, "Completer", None)
        if not hasattr(completer, "custom_matchers"):
            return
        commands: dict[str, dict[str, Sequence[str]]] = {
            "slicer": {**dict.fromkeys(COMMANDS, ()), "config": self.settings.names()},
            "hindsight": dict.fromkeys(hindsight_magics.COMMANDS, ()),
        }
        options = {**OPTIONS, "hindsight": hindsight_magics.OPTIONS}
        found = matcher(self._names, options, commands)
        completer.custom_matchers.append(found)
        self._undo.append(lambda: _remove(completer.custom_matchers, found))

    def _add_panel(self) -> None:
        """Only a kernel has front ends with a sidebar."""
        if getattr(self.shell, "kernel", None) is not None:
            from jupyter_slicer.frontends.comm import PanelComms

            comms = PanelComms(self.slicer, lambda: self.settings.verify_timeout)
            self._undo.append(comms.register())

    def _names(self) -> Iterable[str]:
        """Variables, without those that IPython keeps there."""
        return [name for name in self.slicer.recorder.observer.bindings if name[0] != "_"]

    def _add_transformer(self) -> None:
        transformers = self.shell.input_transformers_cleanup
        transformers.append(without_no_record)
        self._undo.append(lambda: _remove(transformers, without_no_record))


def without_no_record(lines: list[str]) -> list[str]:
    """``%%no_record`` is taken away before IPython looks at the cell.

    So the cell displays, awaits and raises as it would without it. Line numbers stay,
    unless another cell magic follows, which must be on the first line.
    """
    from jupyter_slicer.recording.hook import is_not_to_be_recorded

    if not lines or not is_not_to_be_recorded(lines[0]):
        return lines
    magic_follows = len(lines) > 1 and lines[1].startswith("%%")
    return lines[1:] if magic_follows else ["\n", *lines[1:]]


def _teller() -> Callable[[str], None]:
    """Warnings of ours on stderr, each once."""
    told: set[str] = set()

    def tell(message: str) -> None:
        if message not in told:
            told.add(message)
            say(f"jupyter_slicer: {message}", sys.stderr)

    return tell


def _put_back(table: dict[str, Any], name: str, before: dict[str, Any]) -> None:
    if name in before:
        table[name] = before[name]
    else:
        table.pop(name, None)


def _remove(things: list[Any], thing: object) -> None:
    """By identity: what else is in the list may compare in any way it likes."""
    things[:] = [other for other in things if other is not thing]
