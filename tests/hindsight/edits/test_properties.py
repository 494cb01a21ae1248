"""Laws of edits, on loops that hypothesis makes up."""

from __future__ import annotations

import ast

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from jupyter_slicer.hindsight.edits import carry, compare, judge
from jupyter_slicer.hindsight.edits.surgery import remove
from tests.hindsight.edits.pictures import tree
from tests.hindsight.edits.programs import ADDED_LINES, HEAD, Failed, cells, final_state

EXAMPLES = settings(
    max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


@EXAMPLES
@given(cells())
def test_a_text_is_the_same_as_itself_whatever_its_layout(pair):
    for text in pair:
        assert compare(text, text).same
        assert compare(text, ast.unparse(ast.parse(text))).same


@EXAMPLES
@given(cells())
def test_adding_lines_removes_and_changes_nothing(pair):
    recorded, edited = pair
    edit = compare(recorded, edited)
    # An empty block has a `pass` that an added line makes needless.
    assert {r.text for r in edit.removed} <= {"pass"}
    assert {c.recorded_text for c in edit.changed} <= {"pass"}
    assert not edit.renamed


@EXAMPLES
@given(cells())
def test_taking_away_what_was_added_gives_the_recorded_text(pair):
    recorded, edited = pair
    edit = compare(recorded, edited)
    assume(not edit.removed and not edit.changed and not edit.moved)
    added = {a.statement for a in edit.added}
    assert tree(remove(edited, added)) == tree(recorded)


@EXAMPLES
@given(cells())
def test_carrying_to_the_recorded_text_itself_gives_the_edited_one(pair):
    recorded, edited = pair
    edit = compare(recorded, edited)
    assume(not edit.removed and not edit.changed and not edit.moved)
    carried = carry(edit, recorded, edited, recorded)
    assert carried.unplaced == ()
    assert tree(carried.source) == tree(edited)


@EXAMPLES
@given(cells(), st.randoms(use_true_random=False))
def test_carrying_to_another_version_only_adds_and_accounts_for_all(pair, choices):
    recorded, edited = pair
    edit = compare(recorded, edited)
    assume(not edit.removed and not edit.changed and not edit.moved)
    older = another_version(recorded, choices)
    carried = carry(edit, recorded, edited, older)
    again = compare(older, carried.source)
    assert not again.removed
    assert {c.recorded_text for c in again.changed} <= {"pass"}
    assert not again.renamed
    told = {u.line for u in carried.unplaced} | {p.edited_line for p in carried.placed}
    assert {a.line for a in edit.added} - told <= lines_there_before(edit, older)


def lines_there_before(edit, older):
    """What the older version has already is neither placed nor unplaced."""
    return {a.line for a in edit.added if tree(a.text)[13:-19] in tree(older)}


def another_version(recorded, choices):
    """The cell with statements left out and names changed."""
    module = ast.parse(recorded)
    for node in ast.walk(module):
        body = getattr(node, "body", None)
        if isinstance(body, list) and len(body) > 1 and choices.random() < 0.5:
            del body[choices.randrange(len(body))]
    new = {
        n: f"{n}_old" for n in ("loss", "net", "x", "epoch", "losses") if choices.random() < 0.4
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Name):
            node.id = new.get(node.id, node.id)
        elif isinstance(node, ast.arg):
            node.arg = new.get(node.arg, node.arg)
    return ast.unparse(module)


def unchanged(recorded: str, edited: str) -> bool | None:
    """Whether both end in the same state; None if one of them fails."""
    try:
        before = final_state(recorded)
        after = final_state(edited, set(before))
    except Failed:
        return None
    return after == before


def check_that_no_harm_is_done(recorded, edited):
    judgement = judge(compare(recorded, edited), edited)
    assume(judgement.log_only and not judgement.cautions)
    assert unchanged(recorded, edited) is not False, edited


@settings(EXAMPLES, max_examples=50)
@given(cells())
def test_an_edit_without_offences_and_cautions_changes_no_state(pair):
    check_that_no_harm_is_done(*pair)


@pytest.mark.exhaustive
@pytest.mark.timeout(3600)
@settings(EXAMPLES, max_examples=6_000)
@given(cells())
def test_an_edit_without_offences_and_cautions_changes_no_state_at_length(pair):
    check_that_no_harm_is_done(*pair)


BODY = """
for epoch in range(2):
    for x in data[:2]:
        loss = update(net, x)
        losses.append(net(x))
{added}
        total += rng.random() + next(stream)
"""


def one_line(added: str) -> tuple[str, str]:
    text = "\n".join(" " * 8 + line for line in added.splitlines())
    return HEAD + BODY.replace("{added}\n", ""), HEAD + BODY.replace("{added}", text)


@pytest.mark.parametrize("added", ADDED_LINES)
def test_each_line_alone_that_does_harm_is_noticed(added):
    recorded, edited = one_line(added)
    judgement = judge(compare(recorded, edited), edited)
    if unchanged(recorded, edited) is False:
        assert judgement.offences or judgement.cautions


QUIET = [line for line in ADDED_LINES if line.startswith(("log(", "print(", "["))]


@pytest.mark.parametrize("added", QUIET)
def test_each_line_alone_that_does_no_harm_is_no_offence(added):
    recorded, edited = one_line(added)
    if unchanged(recorded, edited):
        assert judge(compare(recorded, edited), edited).offences == ()
