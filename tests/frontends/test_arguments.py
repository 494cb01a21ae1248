"""Lines as users type them after ``%slice``."""

import pytest

from jupyter_slicer.errors import BadCriterion, UsageError
from jupyter_slicer.frontends.arguments import parse_arguments
from jupyter_slicer.frontends.question import OPTIONS, question_from_line

FILE, FLAG = "--export", "--no-verify"


def expressions(line):
    return list(parse_arguments(line, OPTIONS).expressions)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("model", ["model"]),
        ("a b", ["a", "b"]),
        ("a, b", ["a", "b"]),
        ("(a, b)", ["(a, b)"]),
        ("model.coef_", ["model.coef_"]),
        ('df["age"].mean()', ['df["age"].mean()']),
        ('df["the age"].mean() n', ['df["the age"].mean()', "n"]),
        ("f(x, 1) + 2 --no-verify", ["f(x, 1) + 2"]),
        ("f(x, 1)  y", ["f(x, 1)", "y"]),
        ("a + b c", ["a + b", "c"]),
        ("a - -b", ["a - -b"]),
        ("x if y else z", ["x if y else z"]),
        ("[i for i in xs if i] ys", ["[i for i in xs if i]", "ys"]),
        ("{'a b': x}['a b']", ["{'a b': x}['a b']"]),
        ("lambda v: v + x", ["lambda v: v + x"]),
        ("df['it\\'s'] b", ["df['it\\'s']", "b"]),
        ("d['--export'] b", ["d['--export']", "b"]),
        ("f(' --no-verify ', x)", ["f(' --no-verify ', x)"]),
        ('f"{a} b" c', ['f"{a} b"', "c"]),
        ("not a", ["not a"]),
        ("a  # what it was", ["a"]),
        ("größe Δ", ["größe", "Δ"]),
        ("(y := x)", ["(y := x)"]),
        ("x[1:2, ::3].T", ["x[1:2, ::3].T"]),
        ("", []),
        ("   ", []),
    ],
)
def test_a_line_is_split_into_the_expressions_that_the_user_means(line, wanted):
    assert expressions(line) == wanted


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("a --export train.py", "train.py"),
        ("--export train.py a", "train.py"),
        ('a --export "my train.py" --force', "my train.py"),
        ("a --export 'my train.py'", "my train.py"),
        ('a --export="my train.py"', "my train.py"),
        ("a --export=train.py", "train.py"),
        ("a --export it's.py b", "it's.py"),
        ("a --export out/it's.py b", "out/it's.py"),
        (r"a --export C:\new\train.py", r"C:\new\train.py"),
        ("a --export first.py --export train.py", "train.py"),
    ],
)
def test_file_names_may_have_spaces_quotes_and_backslashes(line, path):
    given = parse_arguments(line, OPTIONS)
    assert given.last(FILE) == path
    assert given.expressions[0] == "a"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a --expor x", "Did you mean --export?"),
        ("a --wat", "There is no option --wat"),
        ("a --export", "--export needs a value: --export FILE"),
        ("a --export --force", "--export needs a value"),
        ("a --force=yes", "--force takes no value"),
        ("a --format xml", "--format is text or json, not 'xml'"),
        ("a --verify-timeout soon", "--verify-timeout is a number of seconds"),
        ("a --minimize --no-verify", "leave out --no-verify"),
        ("--no-verify", "Name what to slice"),
        ("", "Name what to slice"),
    ],
)
def test_a_wrong_option_is_told_with_what_would_be_right(line, words):
    with pytest.raises(UsageError, match=words.replace("?", r"\?")):
        question_from_line(line)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a +", "invalid syntax"),
        ("a = 3", "invalid syntax|cannot assign"),
        ("(a", "never closed"),
        ('"a', "unterminated"),
        ("3", "it names no variable"),
        ('"df.age"', "it names no variable"),
        ("await a", "awaited"),
        ("del a", "invalid syntax"),
        ("a\0b", "null"),
        ("[" * 5000, "Cannot slice"),
    ],
)
def test_what_is_not_an_expression_is_refused_in_words(line, words):
    with pytest.raises(BadCriterion, match=words):
        question_from_line(line)


def test_cut_may_be_given_several_times():
    asked = question_from_line("a --cut x --cut y --cut x")
    assert asked.slicing.cut == ("x", "y")


def test_variables_are_put_into_file_names_but_not_into_expressions(tmp_path):
    asked = question_from_line(
        "f'{a}' --export {name}.py", expanded=lambda text: text.replace("{name}", "found")
    )
    assert asked.expressions == ("f'{a}'",)
    assert asked.export.endswith("/found.py")


def test_settings_decide_unless_the_line_does():
    assert not question_from_line("a", verify=False).verify
    assert question_from_line("a --minimize", verify=False).verify
    assert question_from_line("a", verify_timeout=7).verify_timeout == 7
    assert question_from_line("a --verify-timeout 2.5", verify_timeout=7).verify_timeout == 2.5
