"""The lines that users type after our magics: options, and Python expressions between them.

``shlex`` would eat the quotes of ``df["age"]``, so brackets and strings are followed here.
"""

from __future__ import annotations

import ast
import difflib
import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jupyter_slicer.errors import BadCriterion, UsageError

_PREFIXES = ("r", "u", "b", "f", "t", "br", "rb", "fr", "rf", "tr", "rt")
_BEFORE_STRINGS = frozenset((*_PREFIXES, *keyword.kwlist))


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a magic, as its help and its completion show it."""

    name: str
    """With its dashes."""
    help: str
    value: str | None = None
    """What stands for its value in the help; None for a switch."""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Arguments:
    """A line taken apart."""

    expressions: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Options that were given; a switch has an empty value."""

    def has(self, name: str) -> bool:
        return name in self.values

    def last(self, name: str) -> str | None:
        """The value of an option; the last one counts when it was given twice."""
        return self.values[name][-1] if name in self.values else None

    def all(self, name: str) -> tuple[str, ...]:
        return self.values.get(name, ())


def parse_arguments(line: str, options: Sequence[Option]) -> Arguments:
    """Take options out of a line and split what is left into expressions.

    An option is a word that begins with two dashes, outside strings and brackets:
    who means ``a - (-b)`` writes ``a - -b``.
    """
    known = {option.name: option for option in options}
    found: dict[str, list[str]] = {}
    words: list[str] = []
    rest = iter(split_words(line))
    for word in rest:
        if not is_option(word):
            words.append(word)
            continue
        name, equals, value = word.partition("=")
        option = known.get(name) or _unknown(name, known)
        if option.value is None and equals:
            raise UsageError(f"{name} takes no value.")
        if option.value is not None and not equals:
            value = next(rest, "")
        found.setdefault(name, []).append(_checked(option, unquoted(value)))
    values = {name: tuple(given) for name, given in found.items()}
    return Arguments(tuple(split_expressions(words)), values)


def is_option(word: str) -> bool:
    return word.startswith("--") and word[2:3].isalpha()


def _unknown(name: str, known: Mapping[str, Option]) -> Option:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(known)}."
    raise UsageError(f"There is no option {name}. {hint}")


def _checked(option: Option, value: str) -> str:
    if option.value is None:
        return ""
    if not value or is_option(value):
        raise UsageError(f"{option.name} needs a value: {option.name} {option.value}")
    if option.choices and value not in option.choices:
        raise UsageError(f"{option.name} is {' or '.join(option.choices)}, not {value!r}.")
    return value


def unquoted(word: str) -> str:
    """A file name without the quotes that hold its spaces together."""
    if len(word) >= 2 and word[0] in "'\"" and word[-1] == word[0]:
        return word[1:-1].replace("\\" + word[0], word[0])
    return word


# -- words -----------------------------------------------------------------------------


def split_words(line: str) -> list[str]:
    """Split at spaces outside strings and brackets; a comment ends the line."""
    words: list[str] = []
    start: int | None = None
    depth = at = 0
    while at < len(line):
        character = line[at]
        if character == "#" and depth == 0:
            break
        if character.isspace() and depth == 0:
            if start is not None:
                words.append(line[start:at])
                start = None
            at += 1
            continue
        start = at if start is None else start
        if character in "'\"" and not _is_apostrophe(line, start, at):
            at = _end_of_string(line, at)
            continue
        depth = max(0, depth + (character in "([{") - (character in ")]}"))
        at += 1
    return words if start is None else [*words, line[start:at]]


def _is_apostrophe(line: str, start: int, at: int) -> bool:
    """As in the file name ``it's.py``: no string begins in the middle of a plain word."""
    word = re.fullmatch(r"[\w./\\:~-]*?(\w+)", line[start:at])
    return word is not None and word[1].lower() not in _BEFORE_STRINGS


def _end_of_string(line: str, at: int) -> int:
    quote = line[at] * 3 if line.startswith(line[at] * 3, at) else line[at]
    at += len(quote)
    while at < len(line):
        if line[at] == "\\":
            at += 2
        elif line.startswith(quote, at):
            return at + len(quote)
        else:
            at += 1
    return len(line)


# -- expressions -----------------------------------------------------------------------


def split_expressions(words: Sequence[str]) -> Iterator[str]:
    """The fewest, longest expressions that words can be joined to.

    ``a b`` are two, ``a + b`` is one; ``a, b`` are two as well.
    """
    if not words:
        return
    ends = _ends(words)
    if ends[0] is None:
        raise _bad(" ".join(words))
    at = 0
    while at < len(words):
        end = ends[at] or len(words)
        yield from _parts(" ".join(words[at:end]))
        at = end


def _ends(words: Sequence[str]) -> list[int | None]:
    """For each word, how far the longest expression from it goes that leaves a good rest."""
    ends: list[int | None] = [None] * len(words) + [len(words)]
    for start in range(len(words) - 1, -1, -1):
        for end in range(len(words), start, -1):
            if ends[end] is not None and _parsed(" ".join(words[start:end])) is not None:
                ends[start] = end
                break
    return ends


def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _parts(text: str) -> list[str]:
    tree = _parsed(text)
    if isinstance(tree, ast.Tuple) and tree.elts and not text.startswith("("):
        parts = [ast.get_source_segment(text, part) for part in tree.elts]
        if all(parts) and not any(isinstance(p, ast.Starred) for p in tree.elts):
            return [_sliceable(part, _parsed(part)) for part in parts if part]
    return [_sliceable(text, tree)]


def _sliceable(text: str, tree: ast.expr | None) -> str:
    nodes = list(ast.walk(tree)) if tree is not None else []
    if any(isinstance(node, ast.Await | ast.Yield | ast.YieldFrom) for node in nodes):
        raise BadCriterion(text, "a value that must be awaited cannot be compared")
    if not any(isinstance(node, ast.Name) for node in nodes):
        raise BadCriterion(text, "it names no variable")
    return text


def _bad(text: str) -> BadCriterion:
    try:
        ast.parse(text, mode="eval")
    except SyntaxError as error:
        return BadCriterion(text, error.msg)
    except Exception as error:
        return BadCriterion(text, str(error))
    return BadCriterion(text, "it is not an expression")
