"""The five answers of a fresh run."""

import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

import pytest

from jupyter_slicer.domain import FileUse, Verdict
from jupyter_slicer.values import value_digest
from jupyter_slicer.verify import FreshRunRequest, start, verify


def run(program, *values, expressions=("x",), **more):
    digests = tuple(value_digest(value) for value in values)
    return verify(FreshRunRequest(program, expressions, digests, **{"timeout": 60, **more}))


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path_factory, monkeypatch):
    """Other tests leave and remove scratch folders at the same time."""
    folder = str(tmp_path_factory.mktemp("scratch"))
    monkeypatch.setenv("TMPDIR", folder)
    monkeypatch.setattr(tempfile, "tempdir", folder)


def left_behind():
    return {
        name for name in os.listdir(tempfile.gettempdir()) if name.startswith("slicer-run-")
    }


def test_same():
    found = run("x = [1, {2}]", [1, {2}])
    assert (found.verdict, found.reason, found.runs) == (Verdict.SAME, "", 1)


def test_the_same_today_need_not_be_the_same_tomorrow():
    import datetime

    today = datetime.date.today()
    found = run("import datetime\nx = datetime.date.today()", today)
    if datetime.date.today() == today:
        assert found.verdict is Verdict.SAME
        assert found.reason == "today: it asks for the date (datetime.date.today)"


def test_different_says_what_and_by_how_much():
    found = run("x = 1.0000001\ny = [1]", 1.0, [2], expressions=("x", "y"))
    assert found.verdict is Verdict.DIFFERENT
    assert "float 1.0 in the kernel, float 1.0000001 in the fresh run" in found.reason
    assert "max relative difference 1e-07" in found.reason
    assert [value.verdict for value in found.values] == [Verdict.DIFFERENT] * 2
    assert found.runs == 2


@pytest.mark.parametrize(
    ("program", "source"),
    [
        ("import random\nx = random.random()", "the unseeded random module"),
        ("import numpy as np\nx = float(np.random.rand())", "the unseeded numpy.random"),
        ("import numpy as np\nx = np.random.default_rng().random()", "default_rng()"),
        ("import time\nx = time.time()", "the clock (time.time)"),
        ("import datetime as d\nx = d.datetime.now()", "the clock (d.datetime.now)"),
        ("import uuid\nx = uuid.uuid4()", "uuid.uuid4"),
        ("import os\nx = os.urandom(4)", "os.urandom"),
        ("x = id(object()) + hash(str(id([])))", "id()"),
        ("x = list({'a','b','c','d','e','f','g','h'})", "the order of sets of strings"),
    ],
)
def test_nondeterministic_names_the_source(program, source):
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONHASHSEED"}
    found = run(program, 0.5, environment=environment)
    assert found.verdict is Verdict.NONDETERMINISTIC
    assert source in found.reason


def test_hash_order_is_the_kernels_where_it_was_fixed():
    text = "list({'a','b','c','d','e','f','g','h'})"
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    said = subprocess.run(
        [sys.executable, "-c", f"print({text})"],
        env=environment,
        capture_output=True,
        text=True,
    )
    found = run(f"x = {text}", eval(said.stdout), environment=environment)
    assert found.verdict is Verdict.SAME


def test_seeded_randomness_is_the_same():
    random.seed(3)
    value = random.random()
    assert run("import random\nrandom.seed(3)\nx = random.random()", value).runs == 1


def test_not_comparable_says_how_far_it_was_compared():
    db = {"db": sqlite3.connect(":memory:"), "n": 1}
    program = "import sqlite3\nx = {'db': sqlite3.connect(':memory:'), 'n': %d}"
    found = run(program % 1, db)
    assert found.verdict is Verdict.NOT_COMPARABLE
    assert "x['db']: sqlite3.Connection cannot be compared" in found.reason
    assert "the rest is the same" in found.reason
    assert run(program % 2, db).verdict is Verdict.DIFFERENT


def test_what_could_be_looked_into_and_cannot_in_the_fresh_run_is_different():
    found = run("import sqlite3\nx = sqlite3.connect(':memory:')", 1)
    assert found.verdict is Verdict.DIFFERENT
    assert "sqlite3.Connection cannot be looked into; in the kernel it could" in found.reason


def test_did_not_run_names_the_error_and_the_line():
    found = run("d = {}\n\ndef f():\n    return d['age']\nx = f()", 1)
    assert found.verdict is Verdict.DID_NOT_RUN
    assert found.reason == "KeyError: 'age' (line 4: return d['age'])"


def test_did_not_run_for_a_text_that_is_no_python():
    assert "SyntaxError" in run("x = (", 1).reason


def test_an_expression_that_fails_is_said():
    found = run("y = 1", 1)
    assert found.verdict is Verdict.DID_NOT_RUN
    assert "NameError" in found.reason
    assert "asked for x" in found.reason


def test_exit_with_status_zero_is_an_end():
    assert run("import sys\nx = 1\nsys.exit()", 1).verdict is Verdict.SAME
    assert run("import sys\nx = 1\nsys.exit(3)", 1).reason.startswith("SystemExit: 3")


def test_a_program_that_kills_itself_is_told_so():
    assert "SIGSEGV" in run("import os\nos.kill(os.getpid(), 11)", 1).reason
    assert "exit status 3" in run("import os\nprint('bye')\nos._exit(3)", 1).reason


def test_a_program_that_hangs_is_stopped_with_all_it_has_started():
    mark = f"86399.{os.getpid()}"
    program = f"""
import subprocess, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen(["sleep", "{mark}"], start_new_session=True)
while True: pass
"""
    started = time.monotonic()
    found = run(program, 1, timeout=1)
    assert found.reason == "did not finish within 1 s"
    assert time.monotonic() - started < 5
    assert not running(mark)


def running(mark):
    said = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    return [line for line in said.splitlines() if mark in line and "ps -eo" not in line]


def test_a_program_that_ends_leaves_no_process():
    mark = f"86398.{os.getpid()}"
    program = f"import subprocess\nsubprocess.Popen(['sleep', '{mark}'], start_new_session=True)\nx = 1"
    assert run(program, 1).verdict is Verdict.SAME
    assert not running(mark)


def test_memory_has_a_bound():
    found = run("x = bytearray(2_000_000_000)", 1, memory_bytes=500_000_000)
    assert found.verdict is Verdict.DID_NOT_RUN
    assert "MemoryError" in found.reason


def test_interrupting_kills_the_run_and_leaves_nothing():
    before = left_behind()
    mark = f"86397.{os.getpid()}"
    program = f"import subprocess\nsubprocess.run(['sleep', '{mark}'])"

    def interrupt(words):
        if "1 s" in words:
            raise KeyboardInterrupt

    request = FreshRunRequest(program, (), (), timeout=60)
    with pytest.raises(KeyboardInterrupt):
        verify(request, progress=interrupt)
    assert not running(mark)
    assert left_behind() == before


def test_cancelling_from_another_thread():
    before = left_behind()
    running_ = start(FreshRunRequest("while True: pass", (), (), timeout=60))
    threading.Timer(0.3, running_.cancel).start()
    found = running_.wait()
    assert (found.verdict, found.reason) == (Verdict.DID_NOT_RUN, "it was interrupted")
    assert left_behind() == before


def test_a_run_ends_when_its_caller_dies():
    mark = f"86396.{os.getpid()}"
    caller = f"""
import os, threading
from jupyter_slicer.verify import FreshRunRequest, start
run = start(FreshRunRequest("import subprocess\\nsubprocess.run(['sleep', '{mark}'])", (), ()))
threading.Event().wait(1.5)
print(run._run._scratch.top, flush=True)
os._exit(1)
"""
    said = subprocess.run([sys.executable, "-c", caller], capture_output=True, text=True).stdout
    until = time.monotonic() + 10
    while (running(mark) or left_behind()) and time.monotonic() < until:
        time.sleep(0.05)
    assert said.strip().startswith(tempfile.gettempdir())
    assert not running(mark)
    assert not left_behind()


def test_nothing_is_left_in_the_temporary_folder():
    before = left_behind()
    run("import os\nos.mkdir('a')\nopen('a/b', 'w').close()\nos.chmod('a', 0)\nx = 1", 1)
    run("1/0", 1)
    assert left_behind() == before


def test_inputs_are_where_the_program_expects_them(tmp_path):
    home = tmp_path / "project" / "notebooks"
    (home / "data").mkdir(parents=True)
    (home / "data" / "a.txt").write_text("a")
    (tmp_path / "project" / "b.txt").write_text("b")
    (tmp_path / "c.txt").write_text("c")
    uses = [home / "data" / "a.txt", tmp_path / "project" / "b.txt", tmp_path / "c.txt"]
    program = f"""
x = open("data/a.txt").read() + open("../b.txt").read() + open("{tmp_path}/c.txt").read()
"""
    inputs = tuple(FileUse(str(path), 0, "r") for path in uses)
    assert str(run(program, "abc", folder=str(home), inputs=inputs)) == "same"


def test_an_input_that_changed_since_is_named(tmp_path):
    (tmp_path / "a.txt").write_text("new")
    inputs = (FileUse(str(tmp_path / "a.txt"), 0, "r", size=3, sha256="0" * 64),)
    found = run("x = open('a.txt').read()", "old", folder=str(tmp_path), inputs=inputs)
    assert found.verdict is Verdict.DIFFERENT
    assert "a.txt changed since the session read it" in found.reason


def test_local_modules_are_imported_and_not_compiled_to_disk(tmp_path):
    (tmp_path / "helper.py").write_text("class A:\n    pass\nVALUE = 3\n")
    program = "import helper\nx = helper.VALUE"
    assert str(run(program, 3, folder=str(tmp_path))) == "same"
    assert os.listdir(tmp_path) == ["helper.py"]


def test_the_program_is_main():
    program = """
import pickle, sys
class A:
    pass
x = [__name__, A.__module__, type(pickle.loads(pickle.dumps(A()))) is A, sys.stdin.read()]
"""
    assert str(run(program, ["__main__", "__main__", True, ""])) == "same"


def test_the_working_folder_reads_like_the_users(tmp_path):
    assert str(run("import os\nx = os.getcwd()", str(tmp_path), folder=str(tmp_path))) == "same"


def test_what_the_program_prints_or_patches_does_not_disturb():
    program = """
import builtins, json, os, sys
for number in range(20000):
    print("x" * 100)
os.write(1, b"\\x00\\xff")
json.dumps = json.loads = None
builtins.open = builtins.print = os.write = os.replace = None
sys.stdout = sys.stderr = None
os.closerange(3, 20)
x = 1
"""
    assert str(run(program, 1)) == "same"


def test_a_child_that_comes_to_the_end_too_says_nothing():
    program = "import os\nx = 1\nif os.fork() == 0:\n    x = 2\nelse:\n    os.wait()"
    assert str(run(program, 1)) == "same"


def test_output_can_be_read_and_progress_is_told():
    said = []
    fresh = start(FreshRunRequest("print('hello')\nx = 1", ("x",), (value_digest(1),)))
    fresh.wait(said.append)
    assert fresh.outcome.output.strip() == "hello"
    assert said[0] == "fresh run"


def test_a_python_that_is_not_there_is_an_error_with_advice():
    from jupyter_slicer.errors import VerificationError

    before = left_behind()
    with pytest.raises(VerificationError, match="still there"):
        verify(FreshRunRequest("", (), ()), python="/nowhere/python")
    assert left_behind() == before


def test_a_plot_is_the_same(tmp_path):
    from matplotlib.figure import Figure

    figure = Figure()
    figure.subplots().plot([1, 2])
    program = """
import matplotlib.pyplot as plt
x, axes = plt.subplots()
axes.plot([1, 2])
"""
    assert str(run(program, figure)) == "same"
