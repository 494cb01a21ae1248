"""The part of an edit that one log line needs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from jupyter_slicer.hindsight.edits.edit import Added, Edit
from jupyter_slicer.hindsight.edits.names import Names, names_of


def only(edit: Edit, names: Collection[str]) -> Edit:
    """The added statements that log one of ``names``, and those that they need.

    A helper is needed if it gives a name that a kept statement uses, or if it works on such
    a name and logs nothing itself: ``seen.append(loss)`` for ``log("mean", mean(seen))``.
    """
    facts = {added.statement: names_of(added.text) for added in edit.added}
    given = {name for found in facts.values() for name in found.bound}
    kept = {a.statement for a in edit.added if set(a.names_logged) & set(names)}
    while True:
        used = {n for statement in kept for n in facts[statement].needed} & given
        more = {
            a.statement
            for a in edit.added
            if a.statement not in kept and _helps(a, facts[a.statement], used)
        }
        if not more:
            break
        kept |= more
    return replace(
        edit,
        added=tuple(a for a in edit.added if a.statement in kept),
        changed=tuple(
            c for c in edit.changed if not c.wraps or set(c.names_logged) & set(names)
        ),
    )


def _helps(added: Added, facts: Names, used: Collection[str]) -> bool:
    if facts.bound & set(used):
        return True
    return not added.names_logged and bool(facts.needed & set(used)) and not facts.bound
