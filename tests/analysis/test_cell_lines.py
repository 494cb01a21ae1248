"""Where a statement stands in the cell that the user sees."""

import ast

import pytest

from jupyter_slicer.analysis.cell_lines import statement_lines, statement_text, still_says
from jupyter_slicer.domain import Place


def test_blank_lines_at_the_top_count():
    assert statement_lines("\n\nx = 1\ny = 2", "x = 1\ny = 2", 1) == ((4, 4),)


def test_decorators_and_bodies_belong_to_a_statement():
    text = "import a\n\n@a.b\n@c\ndef f(\n    x,\n):\n    return x\ny = 1"
    assert statement_lines(text, text, 1) == ((3, 8),)


def test_two_statements_on_one_line_are_on_that_line():
    text = "a = 1; b = 2\nc = 3"
    assert [statement_lines(text, text, i) for i in range(3)] == [
        ((1, 1),),
        ((1, 1),),
        ((2, 2),),
    ]


def test_inner_statements_that_are_left_out_leave_a_gap():
    text = "for x in y:\n    print(\n        x)\n    z = x\n    log(x)"
    places = (Place(2, 4), Place(5, 4))
    assert statement_lines(text, text, 0, places) == ((1, 1), (4, 4))


def test_a_joined_command_does_not_move_what_stands_below():
    raw = "!ls \\\n  -l\nx = 1\ny = 2"
    source = "get_ipython().system('ls   -l')\nx = 1\ny = 2"
    assert statement_lines(raw, source, 1) == ((3, 3),)


def test_what_cannot_be_told_apart_is_the_whole_cell():
    raw = "%%time\nx = 1\ny = 2"
    source = "get_ipython().run_cell_magic('time', '', 'x = 1\\ny = 2\\n')\n"
    assert statement_lines(raw, source, 0) == ((1, 3),)
    assert statement_lines("x = (", "x = (", 0) == ((1, 1),)
    assert statement_lines("x = 1", "x = 1", 5) == ((1, 1),)


def test_a_statement_has_the_text_of_its_lines():
    text = "x = 1  # one\ny = [\n  2,\n]"
    assert statement_text(text, text, 1) == "y = [\n  2,\n]"


@pytest.mark.parametrize(
    ("text", "current", "there"),
    [
        ("x = 1", "a = 0\nx = 1\nb", True),
        ("x = 1  # one", "x = 1", True),
        ("x = f(1,\n  2)", "x = f(1, 2)", True),
        ("x = 1", "x = 2", False),
        ("x = 1", "", False),
        ("x = 1", "if a:\n    x = 1", False),
        ("!ls", "!ls\nx = 1", True),
        ("!ls", "!ls -l", False),
    ],
)
def test_a_cell_still_says_a_statement(text, current, there):
    assert still_says(text, current) is there


def test_lines_of_random_statements_hold_their_text():
    text = "\n\nimport os\nx = [\n 1,\n]\nwith open(os.devnull) as f:\n    x.append(f)\n\ny = x"
    source = text.lstrip("\n")
    for position, statement in enumerate(ast.parse(source).body):
        found = statement_text(text, source, position)
        assert ast.dump(ast.parse(found).body[0]) == ast.dump(statement)
