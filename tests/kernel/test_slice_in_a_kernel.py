"""``%slice`` as a front end sees it."""

import json
import os
import time

from tests.kernel.notebook import MIME


def test_the_program_is_shown_at_once_and_the_verdict_follows_in_the_same_display(notebook):
    notebook.run("rows = [3, 1, 2]\nother = 5")
    notebook.run("rows.sort()")
    shown = notebook.run("%slice rows")
    assert len(shown.displays) == 1
    assert len(set(shown.ids)) == 1
    first = shown.displays[0]
    assert "rows.sort()" in first["text/plain"]
    assert "other" not in first["text/plain"]
    assert first["text/plain"].endswith("verifying…")
    assert first[MIME]["verdict"]["verdict"] == "not verified"
    assert shown.message["verdict"]["verdict"] == "same"
    assert "✓ same: a fresh run gave the same value" in shown.last["text/plain"]
    assert shown.stdout == shown.stderr == ""
    assert shown.value is None


def test_a_slow_fresh_run_shows_its_progress(notebook):
    notebook.run("import time\ntime.sleep(2.5)\nx = 1 if time else 2")
    notebook.run("time.sleep(1.2)\ny = x\ntime.sleep(1.2)\ny = [y, time.sleep(2.2)]")
    shown = notebook.run("%slice y")
    assert any("verifying… fresh run, 2 s" in u["text/plain"] for u in shown.updates)
    assert shown.message["verdict"]["verdict"] == "same"


def test_an_interrupt_stops_the_fresh_run_and_keeps_the_program(notebook):
    notebook.run("import time, os")
    notebook.run("flag = os.environ.setdefault('SLOW_ONLY_LATER', '')")
    notebook.run("x = [time.sleep(0 if 'ipykernel' in __import__('sys').modules else 77)]")
    request = notebook.start("%slice x")
    notebook.interrupt_when_displayed(request)
    shown = notebook.wait(request)
    assert shown.status == "ok"
    assert shown.error is None
    assert shown.stderr == ""
    assert shown.last["text/plain"].endswith("• not verified: interrupted")
    assert children_of(notebook) == []
    assert notebook.run("1 + 1").value == "2"


def children_of(notebook):
    code = (
        "import os\n"
        "[p for p in os.listdir('/proc') if p.isdigit() and os.path.exists(f'/proc/{p}/stat')\n"
        " and open(f'/proc/{p}/stat').read().rsplit(')', 1)[1].split()[1] == str(os.getpid())]"
    )
    for _ in range(20):
        found = json.loads(notebook.run(code, store_history=False).value.replace("'", '"'))
        if not found:
            break
        time.sleep(0.2)
    return found


def test_json_goes_to_stdout_and_nothing_else_does(notebook):
    notebook.run("a = 1")
    shown = notebook.run("%slice a --format json --no-verify")
    told = json.loads(shown.stdout)
    assert (told["kind"], told["criterion"], told["program"]) == ("slice", "a", "a = 1\n")
    assert told["statements"][0]["count"] == 2
    assert shown.displays == []
    failed = notebook.run("%slice b --format json")
    assert json.loads(failed.stdout)["slug"] == "unknown-variable"
    assert failed.stderr == ""


def test_the_script_is_written_after_the_fresh_run_with_its_verdict(notebook, tmp_path):
    notebook.run("a = 1")
    notebook.run("folder = 'out put'\nimport os; os.mkdir(folder)")
    shown = notebook.run('%slice a --export "{folder}/my script.py"')
    path = tmp_path / "out put" / "my script.py"
    assert shown.message["exported"] == str(path)
    assert f"wrote {path}" in shown.last["text/plain"]
    assert "same" in path.read_text()


def test_a_file_of_the_users_is_not_replaced_and_no_fresh_run_is_wasted_on_it(
    notebook, tmp_path
):
    (tmp_path / "mine.py").write_text("print('precious')\n")
    notebook.run("a = 1")
    shown = notebook.run("%slice a --export mine.py")
    assert shown.displays == []
    assert "was not written by jupyter_slicer" in shown.stderr
    assert (tmp_path / "mine.py").read_text() == "print('precious')\n"
    notebook.run("%slice a --export mine.py --force --no-verify")
    assert "a = 1" in (tmp_path / "mine.py").read_text()


def test_a_folder_that_cannot_be_written_to_is_told_in_one_line(notebook):
    notebook.run("a = 1")
    shown = notebook.run("%slice a --no-verify --export /proc/none/a.py")
    assert shown.status == "ok"
    assert "Cannot write /proc/none/a.py" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_errors_are_one_clear_line_without_a_traceback(notebook):
    notebook.run("model = 1")
    for line, words in (
        ("%slice modle", "Did you mean 'model'?"),
        ("%slice model +", "Cannot slice 'model +': invalid syntax"),
        ("%slice", "Name what to slice"),
        ("%slice model --wat", "There is no option --wat"),
        ("%why modle", "Did you mean 'model'?"),
        ("%slicer stats", "There are status, history"),
        ("%slice model.nothing", "AttributeError"),
    ):
        shown = notebook.run(line)
        assert words in shown.stderr, line
        assert shown.error is None
        assert len(shown.stderr.strip().splitlines()) == 1, line


def test_help_has_an_example_and_every_option(notebook):
    from jupyter_slicer.frontends.question import OPTIONS

    text = notebook.help("%slice")
    assert "%slice model" in text
    for option in OPTIONS:
        assert option.name in text
    for magic in ("%slicer", "%why", "%%no_record"):
        assert "Example" in notebook.help(magic)


def test_names_options_and_commands_complete(notebook):
    notebook.run("model_a = 1; model_b = 2; frame = {'model_c': 1}")
    assert notebook.complete("%slice mod") == ["model_a", "model_b"]
    assert notebook.complete("x = 1\n%slice model_a mo") == ["model_a", "model_b"]
    assert notebook.complete("%slice model_a --ver") == ["--verify-timeout"]
    assert notebook.complete("%slice model_a --format j") == ["json"]
    assert notebook.complete("%slice frame[mod") == ["model_a", "model_b"]
    assert notebook.complete("%why mod") == ["model_a", "model_b"]
    assert notebook.complete("%slicer pa") == ["pause"]
    assert notebook.complete("%slicer config verify_") == ["verify_timeout"]
    assert notebook.complete("%slice frame.it") == ["items"]


def test_a_question_in_the_middle_of_a_cell_is_answered_from_what_ran_before_it(notebook):
    shown = notebook.run("a = 1\nb = a + 1\n%slice b --no-verify\nc = b * 2")
    assert shown.message["program"] == "a = 1\nb = a + 1\n"
    shown = notebook.run("%slice c")
    assert shown.message["program"] == "a = 1\nb = a + 1\nc = b * 2\n"
    assert shown.message["verdict"]["verdict"] == "same"


def test_a_value_from_before_recording_is_sliced_as_far_as_it_is_known(plain_notebook):
    plain_notebook.run("old = [1]")
    plain_notebook.run("%load_ext jupyter_slicer")
    plain_notebook.run("new = old + [2]")
    shown = plain_notebook.run("%slice new")
    assert "new = old + [2]" in shown.message["program"]
    assert any("before recording began" in note for note in shown.message["notes"])
    assert shown.message["verdict"]["verdict"] == "did not run"


def test_what_ran_before_recording_is_known_once_it_runs_again(plain_notebook):
    cells = ["import math", "x = 1\nname = 'a'", "y = [math.sqrt(x)]"]
    for cell in cells:
        plain_notebook.run(cell)
    plain_notebook.run("%load_ext jupyter_slicer")
    for cell in cells:
        plain_notebook.run(cell)
    shown = plain_notebook.run("%slice y")
    assert shown.message["program"] == "import math\n\nx = 1\n\ny = [math.sqrt(x)]\n"
    assert shown.message["verdict"]["verdict"] == "same"


def test_recording_may_begin_in_the_middle_of_a_cell(plain_notebook):
    plain_notebook.run("a = 1\n%load_ext jupyter_slicer\nb = 2\nc = b + 1")
    shown = plain_notebook.run("%slice c")
    assert "b = 2" in shown.message["program"]
    assert shown.message["verdict"]["verdict"] == "same"


def test_the_kernel_saves_nothing_of_a_killed_fresh_run_in_the_users_folder(notebook, tmp_path):
    notebook.run("a = [1]")
    before = sorted(os.listdir(tmp_path))
    notebook.run("%slice a")
    assert sorted(os.listdir(tmp_path)) == before
