"""Tab completion of variable names and options after our magics."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from jupyter_slicer.frontends.arguments import Option, split_words

_LINE = re.compile(r"(?:^|[=\s])%(slice|slicer|why|hindsight)\s+(.*)$")


def matcher(
    names: Callable[[], Iterable[str]],
    options: Mapping[str, Sequence[Option]],
    commands: Mapping[str, Mapping[str, Sequence[str]]],
) -> Callable[[Any], Any]:
    """A matcher for ``shell.Completer.custom_matchers``."""
    from IPython.core.completer import SimpleCompletion, context_matcher

    def slicer_matcher(context: Any) -> dict[str, Any]:
        typed = _LINE.search(context.line_with_cursor[: context.cursor_position])
        if typed is None:
            return {"completions": [], "suppress": False}
        fragment = _last_word(typed[2])
        offered = _offers(typed[1], typed[2], fragment, names, options, commands)
        found = [SimpleCompletion(text, type=kind) for text, kind in offered]
        return {
            "completions": found,
            "matched_fragment": fragment,
            "suppress": bool(found),
        }

    marked: Callable[[Any], Any] = context_matcher()(slicer_matcher)
    return marked


def _offers(
    magic: str,
    rest: str,
    fragment: str,
    names: Callable[[], Iterable[str]],
    options: Mapping[str, Sequence[Option]],
    commands: Mapping[str, Mapping[str, Sequence[str]]],
) -> list[tuple[str, str]]:
    before = split_words(rest[: len(rest) - len(fragment)])
    if magic in ("slicer", "hindsight") and not fragment.startswith("-"):
        own = commands[magic]
        known = own if not before else dict.fromkeys(own.get(before[0], ()), ())
        return (
            [(n, "keyword") for n in known if n.startswith(fragment)] if len(before) < 2 else []
        )
    after = (
        {option.name: option for option in options[magic]}.get(before[-1]) if before else None
    )
    if after is not None and after.choices:
        return [(choice, "keyword") for choice in after.choices if choice.startswith(fragment)]
    if after is not None and after.value is not None and after.value != "NAME":
        return []  # IPython completes file names itself
    if fragment.startswith("-"):
        return [(o.name, "option") for o in options[magic] if o.name.startswith(fragment)]
    return [(name, "instance") for name in sorted(names()) if name.startswith(fragment)]


def _last_word(rest: str) -> str:
    """What is being typed: an option, or the name at the end of an expression."""
    option = re.search(r"(?:^|\s)(--?[\w-]*)$", rest)
    if option is not None:
        return option[1]
    word = re.search(r"[\w.]*$", rest)
    return word[0] if word is not None else ""
