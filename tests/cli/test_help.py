import re
import shlex
import subprocess
import sys

import pytest

from jupyter_slicer.frontends.cli import main

COMMANDS = ["", "slice", "history", "purge", "enable", "disable"]
HEAVY = {"nbclient", "nbformat", "libcst", "networkx", "IPython", "jupyter_client", "sqlite3"}


def help_of(command):
    words = [command] if command else []
    done = subprocess.run(
        [sys.executable, "-m", "jupyter_slicer.frontends.cli", *words, "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def examples_of(command):
    return re.findall(r"^  (jupyter slicer .*)$", help_of(command), re.M)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_help_has_an_example(command):
    assert examples_of(command)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_example_runs_as_it_is_printed(command, slicer):
    for example in examples_of(command):
        if "3f2a" in example:
            remember_a_kernel(slicer)
        done = subprocess.run(
            shlex.split(example),
            cwd=slicer.folder,
            env=slicer.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        # A recorded kernel's values are not stored: nothing to compare them with.
        allowed = {1} if "--history" in example else {0}
        assert done.returncode in allowed, f"{example}\n{done.stdout}\n{done.stderr}"


def remember_a_kernel(slicer):
    """A session in which ``model`` was made, recorded as any kernel records it."""
    code = """
import uuid
uuid.uuid4 = lambda: uuid.UUID("3f2a" + 28 * "0")
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "jupyter_slicer")
shell.run_cell("rows = [3, 1, 2]", store_history=True)
shell.run_cell("model = sorted(rows)", store_history=True)
shell.run_line_magic("unload_ext", "jupyter_slicer")
"""
    subprocess.run(
        [sys.executable, "-c", code], cwd=slicer.folder, env=slicer.environment, check=True
    )


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from jupyter_slicer.frontends.cli import main\n"
        "try: main(['slice', '--help'])\n"
        f"except SystemExit: print('loaded:', sorted({HEAVY} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("loaded: []\n")


def test_no_command_prints_the_help(capsys):
    assert main([]) == 2
    assert "jupyter slicer slice" in capsys.readouterr().out


def test_the_version_is_printed(capsys):
    with pytest.raises(SystemExit) as done:
        main(["--version"])
    assert done.value.code == 0
    assert re.match(r"jupyter_slicer \d+\.\d+", capsys.readouterr().out)
