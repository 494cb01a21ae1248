"""One text for two versions.

A line that ends in ``# +`` was added, and so were lines inside it that end in ``# |``; the
other lines were recorded. ``# + no: words`` is an offence whose sentence has the words,
``# + perhaps: words`` a caution. Only the first line of an added statement has a ``+``.
"""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass

_MARK = re.compile(r"[ \t]*# ([+|])(?: (no|perhaps): ([^\n]*))?[ \t]*$")


@dataclass(frozen=True)
class Picture:
    recorded: str
    edited: str
    added: list[int]
    """Lines of the edited text where an added statement begins."""
    offences: list[tuple[int, str]]
    cautions: list[tuple[int, str]]


def picture(text: str) -> Picture:
    recorded, edited, added = [], [], []
    expected: dict[str, list[tuple[int, str]]] = {"no": [], "perhaps": []}
    for line in textwrap.dedent(text).strip("\n").split("\n"):
        mark = _MARK.search(line)
        edited.append(_MARK.sub("", line))
        if mark is None:
            recorded.append(line)
        elif mark[1] == "+":
            added.append(len(edited))
        if mark is not None and mark[2]:
            expected[mark[2]].append((len(edited), mark[3].strip()))
    return Picture(
        "\n".join(recorded) + "\n",
        "\n".join(edited) + "\n",
        added,
        expected["no"],
        expected["perhaps"],
    )


def tree(source: str) -> str:
    """What a text says, without its layout."""
    return ast.dump(ast.parse(source))
