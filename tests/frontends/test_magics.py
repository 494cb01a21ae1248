"""The magics in a shell that prints."""

import json
import re

import pytest

from jupyter_slicer.recording.shown import OutputWatch
from tests.frontends.test_extension import run, shell  # noqa: F401


@pytest.fixture
def typed(shell, capsys):  # noqa: F811
    """Runs cells of a recording shell; gives what they print."""
    shell.run_line_magic("load_ext", "jupyter_slicer")
    capsys.readouterr()

    def typed(text):
        run(shell, text)
        said = capsys.readouterr()
        return re.sub(r"\x1b\[[0-9;]*m", "", said.out + said.err)

    return typed


def test_a_terminal_gets_the_program_its_facts_and_the_verdict(typed):
    typed("x = 3\ny = 4")
    typed("z = x + 1")
    lines = typed("%slice z").splitlines()
    assert lines[:4] == ["x = 3", "", "z = x + 1", ""]
    assert lines[4].startswith("2 of 3 statements, 2 of 2 cell executions")
    assert lines[5] == "verifying…"
    assert lines[6].startswith("✓ same: a fresh run gave the same value (")


def test_expressions_columns_and_several_names_can_be_asked_for(typed):
    typed("import pandas as pd\ndf = pd.DataFrame({'age': [1, 2], 'big': [3, 4]})")
    typed("df['age'] = df['age'] * 2\ndf['big'] = 0")
    shown = typed('%slice df["age"].mean() --no-verify')
    assert 'result = df["age"].mean()' in shown
    assert "df['age'] * 2" in shown
    typed("a = 1\nb = 2\nc = 3")
    shown = typed("%slice a b --no-verify")
    assert "a = 1\nb = 2\n" in shown
    assert "c = 3" not in shown


def test_reasons_stand_beside_the_lines(typed):
    typed("x = 3")
    typed("z = x + 1")
    assert "# <- makes x, which In[" in typed("%slice z --why --no-verify")


def test_why_tells_the_chain_in_words(typed):
    typed("x = 3\nnoise = 1")
    typed("z = x + 1")
    said = typed("%why z")
    assert "makes x, which In[" in said
    assert "makes z, which you ask for" in said
    assert "noise" not in said


def test_a_cell_that_shall_not_be_recorded_is_not(typed):
    assert "Out[" in typed("%%no_record\nsecret = 'hunter2'\nsecret")
    typed("length = len(secret)")
    history = typed("%slicer history")
    assert "hunter2" not in history
    assert "(%%no_record)" in history
    shown = typed("%slice length --no-verify")
    assert "hunter2" not in shown
    assert "not recorded completely: %%no_record" in shown


def test_a_cell_that_is_not_recorded_behaves_like_any_other(typed):
    shown = typed("%%no_record\nx = 1\n1 / 0")
    assert "ZeroDivisionError" in shown
    assert "----> 3" in shown
    assert "7" in typed("%%no_record\n%%time\nprint(7)")


def test_nothing_is_recorded_in_a_pause_and_slices_say_so(typed):
    typed("base = 1")
    assert "paused" in typed("%slicer pause")
    assert "paused" in typed("%slicer status")
    typed("token = 'hunter2'")
    assert "not recorded completely: recording was paused" in typed("%slice token --no-verify")
    assert "Recording is on" in typed("%slicer resume")
    typed("after = base + 1")
    assert "hunter2" not in typed("%slicer history")
    shown = typed("%slice after")
    assert "base = 1\n" in shown
    assert "✓ same" in shown


def test_status_tells_what_recording_has_cost(typed):
    typed("x = 1\ny = 2")
    said = typed("%slicer status")
    assert "recording   on" in said
    assert "executions  1" in said
    assert "statements  2" in said
    assert " ms; your cells took less than 0.1 s" in said
    assert "in memory only" in said


def test_settings_are_shown_and_set(typed):
    assert "budget = 0.05" in typed("%slicer config")
    assert "budget = 0.2" in typed("%slicer config budget 0.2")
    assert "verify = False" in typed("%slicer config verify False")
    typed("x = 1")
    assert "not verified: no fresh run was made" in typed("%slice x")
    assert "Cannot set budget to 'much'" in typed("%slicer config budget much")
    assert "There is no setting bugdet" in typed("%slicer config bugdet 1")


def test_a_cell_that_raised_half_way_gives_what_it_did(typed):
    typed("rows = [1]\nrows.append(2)\nrows.append(1 / 0)\nrows.append(3)")
    shown = typed("%slice rows")
    assert "rows.append(2)" in shown
    assert "rows.append(3)" not in shown


def test_a_syntax_error_is_recorded_as_one_and_breaks_nothing(typed):
    assert "SyntaxError" in typed("x = = 1")
    typed("x = 1")
    assert "SyntaxError" in typed("%slicer history")
    assert "✓ same" in typed("%slice x")


def test_failures_are_json_when_json_is_asked_for(typed):
    for line, slug in (
        ("%slice nope --format json", "nothing-recorded"),
        ("%slice --format json", "usage-error"),
        ("%slice a + --format json", "bad-criterion"),
    ):
        assert json.loads(typed(line))["slug"] == slug


def test_minimizing_leaves_out_what_fresh_runs_do_not_need(typed):
    typed("x = [1]\nx.sort()\nx.append(2)")
    shown = typed("%slice x --minimize")
    assert shown.rstrip().splitlines()[-1].startswith("✓ same")
    assert "x.append(2)" in shown.split("the fresh runs changed the program:")[-1]


def test_minimizing_looks_inside_statements(typed):
    typed("x = 0\nfor i in range(3):\n    x += i\n    x *= 1\n    y = sorted([x])")
    shown = typed("%slice x --minimize")
    assert shown.rstrip().splitlines()[-1].startswith("✓ same")
    last = shown.split("the fresh runs changed the program:")[-1]
    assert "x += i" in last
    assert "x *= 1" not in last


def test_settings_may_be_written_with_an_equals_sign(typed):
    assert typed("%slicer config budget = 0.1").strip() == "budget = 0.1"


def test_a_notebook_of_the_kept_cells_is_written(typed, tmp_path):
    typed("x = [1]\ny = 2")
    shown = typed(f"%slice x --notebook {tmp_path}/clean.ipynb --no-verify")
    assert f"wrote {tmp_path}/clean.ipynb" in shown
    cells = json.loads((tmp_path / "clean.ipynb").read_text())["cells"]
    assert any("".join(c["source"]) == "x = [1]" for c in cells)


def test_help_is_printed_too(typed):
    for magic in ("slice", "slicer", "why"):
        assert f"%{magic} " in typed(f"%{magic} --help")
    assert "--verify-timeout S" in typed("%slice --help")


def test_what_a_cell_showed_in_a_terminal(typed):
    typed("rows = [3, 1]\nspare = 1")
    typed("print(len(rows))\nspare = 2\nrows[0]")
    shown = typed("%slice --output-of last")
    assert "spare" not in shown
    assert "display(rows[0])" in shown
    assert (
        shown.rstrip().splitlines()[-1].startswith("✓ same: a fresh run gave the same output")
    )


def test_an_older_ipython_has_not_kept_what_cells_printed(typed, shell, monkeypatch):  # noqa: F811
    typed("print(3)")
    monkeypatch.setattr(OutputWatch, "knows", False)
    last = typed("%slice --output-of last").rstrip().splitlines()[-1]
    assert last.startswith("• not comparable: what was printed, which IPython did not keep")


def test_why_a_cell_showed_something(typed):
    typed("rows = [3, 1]\nspare = 1")
    typed("print(len(rows))")
    told = typed("%why --output-of last")
    assert "shows something, which you ask for" in told
    assert "makes rows" in told
    assert "spare" not in told


def test_packages_that_are_installed_elsewhere_are_no_code_of_the_users(typed, tmp_path):
    place = tmp_path / "lib" / "site-packages"
    place.mkdir(parents=True)
    (place / "addon.py").write_text("value = [3]\n")
    typed(f"import sys\nsys.path.insert(0, {str(place)!r})")
    typed("import addon\nx = addon.value")
    shown = typed("%slice x --no-verify")
    assert "import addon" in shown
    assert "reads" not in shown
