"""Scripts that are recorded and replayed from the command line."""

SCRIPT = """
import sys
import time

from jupyter_slicer import log, loop, param

rate = param("rate", 0.5)
if __name__ == "__main__":
    w = float(sys.argv[1])
    for epoch in loop("epoch", range(4)):
        w = w * rate
        log("w", w)
        time.sleep(0.05)
    print("done", w)
    sys.exit(3)
"""


def test_a_script_runs_as_python_would_run_it_and_is_replayed(slicer):
    script = slicer.folder / "train.py"
    script.write_text(SCRIPT)
    done = slicer("record", "train.py", "8")
    assert done.returncode == 3
    assert "done 0.5" in done.stdout
    assert "recorded run 1: for epoch in loop('epoch', range(4)), 4 iterations" in done.stderr
    script.write_text(
        SCRIPT.replace('log("w", w)', 'log("w", w)\n        log("double", 2 * w)')
    )
    planned = slicer("replay", "train.py", "--plan")
    assert (planned.returncode, planned.stdout) == (0, "")
    replayed = slicer("replay", "train.py", "--csv", "logs.csv")
    assert replayed.returncode == 0, replayed.stderr
    rows = (slicer.folder / "logs.csv").read_text().splitlines()
    assert rows[0] == "run,epoch,w,double,check"
    assert [row.split(",")[3] for row in rows[1:]] == ["8.0", "4.0", "2.0", "1.0"]


def test_an_edit_that_changes_the_training_is_refused(slicer):
    script = slicer.folder / "train.py"
    script.write_text(SCRIPT)
    slicer("record", "train.py", "8")
    script.write_text(SCRIPT.replace("w = w * rate", "w = w * rate\n        w += 1"))
    refused = slicer("replay", "train.py")
    assert refused.returncode == 2
    assert "w += 1" in refused.stderr
    assert slicer("replay", "train.py", "--force").returncode == 1
