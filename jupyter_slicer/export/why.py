"""In words: why a statement is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from jupyter_slicer.domain import (
    Dependence,
    DependenceKind,
    KeptStatement,
    LocationKind,
    ProgramSlice,
    Step,
    Voucher,
)
from jupyter_slicer.domain.location import root_name
from jupyter_slicer.export.render import RenderedProgram

_VERBS = {LocationKind.AMBIENT: "sets", LocationKind.FILE: "writes"}
_DOUBTS = {
    Voucher.STATIC: " (its text says that it could)",
    Voucher.ASSUMED: " (assumed: looking inside was too costly or impossible)",
}


def reason_text(kept: KeptStatement, users: Mapping[Step, KeptStatement] | None = None) -> str:
    """What a kept statement gives, and to whom: "makes clf, which In[7] uses".

    ``users`` finds kept statements by step; without it the reason names no cell.
    """
    whole = {r.location.name for r in kept.reasons if r.location is not None}
    grouped: dict[tuple[str, str, Voucher], list[Step]] = {}
    for reason in kept.reasons:
        key = (*_given(reason, kept, whole), reason.voucher)
        grouped.setdefault(key, []).append(reason.target)
    said = [
        f"{verb} {what}".strip() + _for_whom(targets, users) + _DOUBTS.get(voucher, "")
        for (verb, what, voucher), targets in grouped.items()
    ]
    return "; ".join(dict.fromkeys(said)) or _without_reason(kept)


def _given(reason: Dependence, kept: KeptStatement, whole: Collection[str]) -> tuple[str, str]:
    if reason.kind is DependenceKind.CONTROL:
        return "decides whether a kept statement runs", ""
    place = reason.location
    if place is None:
        return "is needed by a kept statement", ""
    if place.kind is LocationKind.OUTPUT:
        return place.name, ""
    if place.kind in _VERBS:
        return _VERBS[place.kind], str(place)
    root = root_name(place.name)
    if root in kept.defines:
        return "makes", root
    return "changes", root if root in whole else place.name


def _for_whom(targets: Iterable[Step], users: Mapping[Step, KeptStatement] | None) -> str:
    if users is None:
        return ""
    cells = []
    for target in dict.fromkeys(targets):
        user = users.get(target)
        if user is None:
            cells.append("you ask for")
        elif user.execution.count is not None:
            cells.append(f"In[{user.execution.count}] uses")
    cells = list(dict.fromkeys(cells))
    if not cells:
        return ""
    more = f" and {len(cells) - 2} more" if len(cells) > 2 else ""
    return f", which {' and '.join(cells[:2])}{more}"


def _without_reason(kept: KeptStatement) -> str:
    if kept.execution.id < 0:
        return "written by jupyter_slicer: you asked for it"
    return "a fresh run showed that it is needed"


def annotated(rendered: RenderedProgram, program: ProgramSlice) -> str:
    """The program with the reason beside each kept statement, as a comment.

    Reasons stand behind the last line of a statement if that is one line, else above it,
    so that the text still is the same program.
    """
    users = {kept.step: kept for kept in program.statements}
    lines = rendered.text.rstrip("\n").split("\n")
    said = {
        span.first - 1: (span.last - span.first, reason_text(users[span.step], users))
        for span in rendered.spans
        if span.step in users
    }
    widths = [len(lines[at]) for at, (more, _) in said.items() if not more]
    width = min(max(widths, default=0), 60)
    shown: list[str] = []
    for at, line in enumerate(lines):
        more, reason = said.get(at, (0, ""))
        if reason and more:
            margin = line[: len(line) - len(line.lstrip())]
            shown += [f"{margin}# -> {reason}", line]
        else:
            shown.append(f"{line.ljust(width)}  # <- {reason}" if reason else line)
    return "\n".join(shown) + "\n"
