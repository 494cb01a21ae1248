"""What cells with magics are in plain Python; faithful texts are run and compared."""

from __future__ import annotations

import ast
import os

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from jupyter_slicer.analysis.magics import Plain, plain_statement
from jupyter_slicer.analysis.python_text import block_literal, expanded


def plain(cell: str) -> Plain | None:
    source = TransformerManager().transform_cell(cell)
    return plain_statement(ast.parse(source).body[0], source)


def text(cell: str) -> str:
    found = plain(cell)
    assert found is not None
    assert found.faithful, found.note
    assert found.matters
    return found.text


def run(cell: str, **names: object) -> dict[str, object]:
    namespace: dict[str, object] = {"__name__": "__main__", **names}
    exec(compile(text(cell), "plain.py", "exec"), namespace)
    return namespace


def test_a_statement_without_magic_is_left_alone():
    assert plain("x = 1") is None


@pytest.mark.parametrize(
    "cell",
    ["%matplotlib inline", "%autoreload 2", "%pip install x", "!pip install x",
     "x?", "?x", "%who", "!ls -l | head", "%%html\n<b>", "%%markdown\n# t", "%pwd"],
)  # fmt: skip
def test_what_only_shows_or_configures_does_not_matter(cell):
    found = plain(cell)
    assert found is not None
    assert not found.matters
    assert found.text == ""


def test_timed_code_is_the_code():
    assert text("%time b = a + 1") == "b = a + 1"
    assert text("x = %time f(1)") == "x = f(1)"
    assert text("%%time\na = 1  # one\nb = 2\n") == "a = 1  # one\nb = 2"
    assert text("%prun -s time -q f(x)") == "f(x)"
    assert text("%memit -r 1 f(x)") == "f(x)"


def test_magics_inside_the_body_of_a_magic_are_translated_too():
    found = text("%%time\nif a:\n    !touch {a}\nn = 1")
    assert found == (
        'import subprocess\nif a:\n    subprocess.run(f"touch {a}", shell=True)\nn = 1'
    )


def test_captured_output_is_bound_only_where_it_has_a_name():
    assert run("%%capture out\nprint('hi')\nv = 42")["out"].stdout == "hi\n"
    assert text("%%capture\nprint('hi')\nv = 42") == "print('hi')\nv = 42"
    assert "capture_output(stderr=False)" in text("%%capture out --no-stderr\nv = 1")


@pytest.mark.parametrize(
    "body",
    ["x = 1\n", "", "a\nb", 'a = """q"""\nb = "\\n"\n', "tail\\\nx\n", 'q"', "\ttab\n\x0c\n",
     "é\n'\"\n", 'one\n"', "\\\n\\", 'a\n\\"""'],
)  # fmt: skip
def test_a_written_file_has_exactly_the_same_bytes(body):
    assert ast.literal_eval(block_literal(body)) == body


def test_writefile_writes_and_appends(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run("%%writefile {name}.py\ndef f():\n    return '\\n'\n", name="h")
    run("%%writefile -a h.py\nx = 1\n")
    assert (tmp_path / "h.py").read_text() == "def f():\n    return '\\n'\nx = 1\n"


def test_a_script_that_is_run_has_names_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.py").write_text(
        "import sys\nk = 2\ndef f(): return k\nargs = sys.argv[1:]\n"
    )
    monkeypatch.setattr("sys.argv", ["here"])
    namespace = run("%run s.py a 'b c'")
    namespace["k"] = 10
    assert namespace["f"]() == 2
    assert namespace["args"] == ["a", "b c"]
    assert "exec(compile(" in text("%run -i s")
    assert "sys.path.insert" in text("%run sub/s.py")


def test_environment_and_folder(tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    monkeypatch.setenv("SLICED", "0")
    run("%env SLICED=a=b")
    assert os.environ["SLICED"] == "a=b"
    assert run("x = %env SLICED")["x"] == "a=b"
    run("%cd -q {folder}", folder=tmp_path)
    assert run("x = %pwd")["x"] == os.path.realpath(tmp_path)


def test_shell_commands_run_with_python_values_put_in(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run("!printf '%s' $word {number + 1} $$HOME > out", word="hi", number=1)
    assert (tmp_path / "out").read_text().startswith("hi2")
    assert run("files = !echo a; echo b >&2")["files"] == ["a", "b"]


@pytest.mark.parametrize(
    ("command", "shown"),
    [("awk '{print $1}' f", '"awk \'{print $1}\' f"'), ("echo $HOME", '"echo $HOME"'),
     ("a {b}", 'f"a {b}"'), ("a $b.c", 'f"a {b.c}"'), ("$$b", '"$b"'), ("plain", '"plain"'),
     ("{x[1:2]}", 'f"{x[1:2]}"'), ("'$b'", "\"'$b'\"")],
)  # fmt: skip
def test_expansion_follows_the_rules_of_ipython(command, shown):
    assert expanded(command) == shown


def test_names_that_did_not_exist_are_left_to_the_shell():
    assert expanded("echo $word", lambda name: False) == '"echo $word"'


def test_scripts_in_other_languages():
    assert run("%%bash --out res\necho hi")["res"] == "hi\n"
    assert "check=True" in text("%%bash\nexit 1")
    assert "check=True" not in text("%%sh --no-raise-error\nexit 1")


@pytest.mark.parametrize("cell", ["%store -r x", "%rerun 1", "%cd -", "%run n.ipynb", "%foo 1"])
def test_what_we_do_not_know_keeps_calling_ipython(cell):
    found = plain(cell)
    assert found is not None
    assert not found.faithful
    assert "get_ipython = InteractiveShell.instance" in found.text
    assert found.note


def test_an_extension_may_bring_magics_that_are_needed():
    found = plain("%load_ext x")
    assert found.matters
    assert "run_line_magic('load_ext', 'x')" in found.text


def test_the_lines_of_a_command_may_be_needed_as_the_last_output():
    assert plain("!!ls").text.endswith(".stdout.splitlines()")


def test_timeit_runs_its_statement_nobody_knows_how_often():
    found = plain("%timeit f(x)")
    assert 'timeit.Timer("f(x)", "pass", globals=globals())' in found.text
    assert not found.faithful
    assert "unpredictable" in found.note


def test_timeit_with_numbers_runs_its_statement_as_often():
    found = plain("%timeit -n 3 -r 2 f(x)")
    assert found == Plain(
        'import timeit\ntimeit.Timer("f(x)", "pass", globals=globals()).repeat(2, 3)'
    )


def test_comments_and_layout_of_a_compound_statement_survive():
    cell = "for i in a:\n    # why\n    !touch {i}\n    n = (i,   1)  # odd\nelse:\n    files = !ls"
    found = text(cell)
    assert "    # why\n    subprocess.run(" in found
    assert "n = (i,   1)  # odd" in found


def test_pylab_is_its_imports():
    assert "import numpy\n" in text("%pylab inline")
