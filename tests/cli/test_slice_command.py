import json
import os
import signal
import subprocess
import sys
import time

import nbformat
import pytest

from tests.cli.conftest import write_notebook


def running_kernels(folder):
    """Command lines of kernels whose working folder is this one."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{pid}/cwd") == str(folder):
                found.append(open(f"/proc/{pid}/cmdline").read())
        except OSError:
            continue
    return [line for line in found if "ipykernel" in line]


def test_a_notebook_becomes_a_verified_script(slicer):
    before = (slicer.folder / "analysis.ipynb").read_bytes()
    done = slicer("slice", "analysis.ipynb", "--variable", "model", "--output", "train.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "random.seed(7)" in done.stdout
    assert "notes" not in done.stdout
    assert "same: a fresh run gave the same value" in done.stdout
    assert "cell 5 of 5" in done.stderr
    script = slicer.folder / "train.py"
    show = f"import runpy; print(runpy.run_path({str(script)!r})['model'])"
    ran = subprocess.run(
        [sys.executable, "-c", show], capture_output=True, text=True, check=True
    )
    assert ran.stdout.startswith("[1, 2, 3, 0.32")
    assert (slicer.folder / "analysis.ipynb").read_bytes() == before
    assert sorted(os.listdir(slicer.folder)) == ["analysis.ipynb", "ipython", "train.py"]


def test_what_is_printed_is_itself_a_program(slicer):
    done = slicer("slice", "analysis.ipynb", "--variable", "score", "--why")
    namespace = {}
    exec(done.stdout, namespace)
    assert 1.5 < namespace["score"] < 1.7
    assert "# line" in done.stdout


def test_json_for_machines(slicer):
    done = slicer(
        "slice", "analysis.ipynb", "--variable", "model", "--variable", "rows", "--json"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    reply = json.loads(done.stdout)
    assert reply["kind"] == "slice"
    assert reply["verdict"]["verdict"] == "same"
    assert {s["cell_id"] for s in reply["statements"]} == {"c1", "c2", "c5"}
    assert reply["exported"] is None
    assert compile(reply["program"], "program", "exec")


def test_without_verification_nobody_vouches_and_the_status_is_that_of_writing(slicer):
    done = slicer("slice", "analysis.ipynb", "-v", "model", "--no-verify", "-o", "m.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "not verified" in done.stdout
    assert (slicer.folder / "m.py").exists()


def test_a_value_that_a_fresh_run_cannot_repeat_has_status_1(slicer):
    write_notebook(slicer.folder / "clock.ipynb", ["import time", "t = time.time_ns()"])
    done = slicer("slice", "clock.ipynb", "--variable", "t")
    assert done.returncode == 1, done.stdout + done.stderr


def test_an_unknown_variable_is_a_failure_with_a_suggestion(slicer):
    done = slicer("slice", "analysis.ipynb", "--variable", "modle", "--json")
    assert done.returncode == 2
    reply = json.loads(done.stdout)
    assert (reply["kind"], reply["slug"]) == ("failure", "unknown-variable")
    assert "model" in reply["message"]


def test_an_expression_with_spaces_is_a_criterion(slicer):
    done = slicer("slice", "analysis.ipynb", "--variable", "sum(rows) if rows else 'no rows'")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "rows = [3, 1, 2]" in done.stdout
    assert "model" not in done.stdout


def test_a_file_of_the_users_is_not_replaced_without_force(slicer):
    (slicer.folder / "my train.py").write_text("mine = 1\n")
    done = slicer("slice", "analysis.ipynb", "-v", "model", "--no-verify", "-o", "my train.py")
    assert done.returncode == 2
    assert "--force" in done.stderr
    assert "kernel started" not in done.stderr
    assert (slicer.folder / "my train.py").read_text() == "mine = 1\n"
    done = slicer(
        "slice", "analysis.ipynb", "-v", "model", "--no-verify", "-o", "my train.py", "--force"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "random.seed(7)" in (slicer.folder / "my train.py").read_text()


def test_kept_cells_become_a_notebook(slicer):
    done = slicer(
        "slice", "analysis.ipynb", "-v", "model", "--no-verify", "--notebook", "out.ipynb"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    text = "\n".join(c.source for c in nbformat.read(slicer.folder / "out.ipynb", 4).cells)
    assert "random.seed(7)" in text
    assert "notes" not in text


def test_the_notebook_runs_in_its_own_folder(slicer):
    inner = slicer.folder / "inner"
    inner.mkdir()
    (inner / "numbers.txt").write_text("1 2 3")
    write_notebook(inner / "reads.ipynb", ["text = open('numbers.txt').read()"])
    done = slicer("slice", "inner/reads.ipynb", "-v", "text", "-o", "script.py", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    reply = json.loads(done.stdout)
    assert reply["exported"] == str(slicer.folder / "script.py")
    assert [os.path.basename(i["path"]) for i in reply["inputs"]] == ["numbers.txt"]


RAISES = ["x = 1", "y = 1 / 0", "z = x + 1"]


def test_a_cell_that_raises_stops_the_run_and_is_named(slicer):
    write_notebook(slicer.folder / "raises.ipynb", RAISES)
    done = slicer("slice", "raises.ipynb", "--variable", "z")
    assert done.returncode == 2
    assert "cell 2 of 3 (id c1, 'y = 1 / 0'): ZeroDivisionError" in done.stderr
    assert "--allow-errors" in done.stderr


def test_errors_may_be_allowed_for_all_cells_or_for_one(slicer):
    path = write_notebook(slicer.folder / "raises.ipynb", RAISES)
    done = slicer("slice", "raises.ipynb", "--variable", "z", "--allow-errors")
    assert done.returncode == 0, done.stdout + done.stderr
    notebook = nbformat.read(path, 4)
    notebook.cells[1].metadata["tags"] = ["raises-exception"]
    nbformat.write(notebook, path)
    done = slicer("slice", "raises.ipynb", "--variable", "z", "--no-verify")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_kernel_that_dies_is_a_clear_failure(slicer):
    write_notebook(slicer.folder / "dies.ipynb", ["import os", "os._exit(3)"])
    done = slicer("slice", "dies.ipynb", "--variable", "os")
    assert done.returncode == 2
    assert "The kernel died" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.ipynb", "-v", "x"], "There is no notebook missing.ipynb"),
        (["text.ipynb", "-v", "x"], "text.ipynb is not a notebook"),
        (["analysis.ipynb", "-v", "x", "--kernel", "nope"], "There is no kernel 'nope'"),
        (["-v", "x"], "Name one notebook"),
        (["analysis.ipynb", "--history", "3f", "-v", "x"], "Name one notebook"),
        (["analysis.ipynb"], "--variable"),
        (["analysis.ipynb", "-v", "x", "--verify-timeout", "-3"], "not a number of seconds"),
        (["analysis.ipynb", "-v", "x", "--minimize", "--no-verify"], "leave out --no-verify"),
    ],
)
def test_bad_usage_has_status_2_and_says_what_to_do(slicer, arguments, message):
    (slicer.folder / "text.ipynb").write_text("no notebook")
    done = slicer("slice", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_stops_the_kernel(slicer):
    write_notebook(slicer.folder / "slow.ipynb", ["x = 1", "import time; time.sleep(100)"])
    command = [sys.executable, "-m", "jupyter_slicer.frontends.cli"]
    process = subprocess.Popen(
        [*command, "slice", "slow.ipynb", "-v", "x"],
        cwd=slicer.folder,
        env=slicer.environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    while "cell 1 of 2" not in process.stderr.readline():
        pass
    assert running_kernels(slicer.folder)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "Interrupted" in errors
    time.sleep(0.2)
    assert not running_kernels(slicer.folder)


def test_a_static_slice_says_that_it_guesses_and_runs_nothing(slicer):
    cells = ["import os", "os._exit(3)", "x = 1", "y = 2", "z = x + 1"]
    write_notebook(slicer.folder / "static.ipynb", cells)
    done = slicer("slice", "static.ipynb", "--variable", "z", "--static", "--json")
    assert done.returncode == 1, done.stdout + done.stderr
    reply = json.loads(done.stdout)
    assert reply["verdict"]["verdict"] == "not verified"
    assert "guess" in reply["verdict"]["reason"]
    assert " ".join(reply["program"].split()) == "x = 1 z = x + 1"
    assert [s["cell_id"] for s in reply["statements"]] == ["c2", "c4"]


def test_a_static_slice_can_be_written(slicer):
    done = slicer(
        "slice", "analysis.ipynb", "-v", "model", "--static", "--no-verify", "-o", "s.py"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "a guess from the text" in (slicer.folder / "s.py").read_text()


def test_a_static_slice_translates_magics(slicer):
    cells = ["%matplotlib inline\n%time x = 1", "!ls", "y = x + 1"]
    write_notebook(slicer.folder / "magics.ipynb", cells)
    done = slicer("slice", "magics.ipynb", "-v", "y", "--static", "--no-verify", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " ".join(json.loads(done.stdout)["program"].split()) == "x = 1 y = x + 1"


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--output-of", "3"), 0, "✓ same: a fresh run gave the same output"),
        (("--output-of", "last"), 0, "print(json.dumps(notes))"),
        (("--error-of", "2"), 2, "In[2] has not ended with an error"),
        (("--file", "missing.csv"), 2, "No recorded cell has written the file"),
        ((), 2, "Say what to slice: one of  --variable EXPR,  --file FILE"),
        (("--variable", "rows", "--output-of", "3"), 2, "Say what to slice: one of"),
        (("--static", "--output-of", "3"), 2, "--output-of needs a run of the notebook."),
    ],
)
def test_what_else_can_be_sliced(slicer, words, status, said):
    done = slicer("slice", "analysis.ipynb", *words)
    assert done.returncode == status, done.stdout + done.stderr
    assert said in done.stdout + done.stderr
