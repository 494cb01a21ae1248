"""Loading leaves what it must, unloading leaves nothing."""

import ast
import builtins
import os
import subprocess
import sys
from typing import ClassVar

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from jupyter_slicer.frontends.extension import _extensions


@pytest.fixture
def shell(monkeypatch):
    monkeypatch.setenv("JUPYTER_SLICER_STORE", ":memory:")
    config = Config()
    config.HistoryManager.enabled = False
    found = InteractiveShell(config=config)
    # Newer IPythons build the magic itself on its first use.
    found.run_line_magic("unload_ext", "jupyter_slicer")
    yield found
    found.run_line_magic("unload_ext", "jupyter_slicer")


def run(shell, text):
    return shell.run_cell(text, store_history=True)


def state(shell):
    """All that an extension could have changed in a shell and its process."""
    manager = shell.magics_manager
    return {
        "magics": {kind: dict(table) for kind, table in manager.magics.items()},
        "registry": dict(manager.registry),
        "events": {name: list(found) for name, found in shell.events.callbacks.items()},
        "ast": list(shell.ast_transformers),
        "cleanup": list(shell.input_transformers_cleanup),
        "post": list(shell.input_transformers_post),
        "lines": list(shell.input_transformer_manager.line_transforms),
        "matchers": list(shell.Completer.custom_matchers),
        "configurables": list(map(id, shell.configurables)),
        "builtins": dict(vars(builtins)),
        "environ": (type(os.environ._data), id(os.environ._data), dict(os.environ)),
        "namespace": {
            k: id(v) for k, v in shell.user_ns.items() if k not in ("In", "Out", "_ih")
        },
        "path": list(sys.path),
        "hooks": (sys.displayhook, sys.excepthook, sys.gettrace(), sys.getprofile()),
    }


class Doubled(ast.NodeTransformer):
    """A transformer of the user's: each integer is doubled and counted."""

    seen: ClassVar[list[int]] = []

    def visit_Constant(self, node):
        if type(node.value) is not int:
            return node
        self.seen.append(node.value)
        return ast.copy_location(ast.Constant(2 * node.value), node)


def test_transformers_of_the_user_see_his_cell_alone(shell):
    shell.run_line_magic("load_ext", "jupyter_slicer")
    try:
        shell.ast_transformers.append(Doubled())
        run(shell, "n = 3\nfor i in range(4):\n    n += i")
        assert (shell.user_ns["n"], Doubled.seen) == (6 + 28, [3, 4])
        recorder = _extensions[id(shell)].slicer.recorder
        assert recorder.records[-1].execution.incomplete is None
    finally:
        shell.ast_transformers[:] = [
            t for t in shell.ast_transformers if type(t) is not Doubled
        ]
        shell.run_line_magic("unload_ext", "jupyter_slicer")


def test_unloading_leaves_the_shell_as_it_was(shell):
    before = state(shell)
    shell.run_line_magic("load_ext", "jupyter_slicer")
    assert state(shell) != before
    shell.run_line_magic("unload_ext", "jupyter_slicer")
    after = state(shell)
    for part, was in before.items():
        assert after[part] == was, part


def test_unloading_in_a_longer_cell_leaves_the_shell_as_it_was(shell):
    run(shell, "a = 1")
    before = state(shell)
    run(shell, "%load_ext jupyter_slicer")
    run(shell, "b = 1\n%unload_ext jupyter_slicer\nc = 2")
    assert shell.user_ns["c"] == 2
    after = state(shell)
    for part in before.keys() - {"namespace"}:
        assert after[part] == before[part], part


def test_loading_twice_is_harmless(shell):
    shell.run_line_magic("load_ext", "jupyter_slicer")
    once = state(shell)
    import jupyter_slicer

    jupyter_slicer.load_ipython_extension(shell)
    assert state(shell) == once


def test_a_magic_of_the_users_comes_back(shell):
    shell.register_magic_function(lambda line: "mine", "line", "why")
    shell.run_line_magic("load_ext", "jupyter_slicer")
    shell.run_line_magic("unload_ext", "jupyter_slicer")
    assert shell.run_line_magic("why", "") == "mine"


def test_reloading_records_again(shell, capsys):
    for _ in range(2):
        shell.run_line_magic("load_ext", "jupyter_slicer")
        run(shell, "x = [1]\nx.append(2)")
        run(shell, "%slice x --no-verify")
        assert "x.append(2)" in capsys.readouterr().out
        shell.run_line_magic("unload_ext", "jupyter_slicer")


def test_loading_imports_nothing_heavy():
    code = (
        "import sys, os, time\nos.environ['JUPYTER_SLICER_STORE'] = ':memory:'\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell(); before = set(sys.modules)\n"
        "began = time.process_time(); shell.run_line_magic('load_ext', 'jupyter_slicer')\n"
        "took = time.process_time() - began\n"
        "shell.run_cell('x = 1')\n"
        "print(took, *{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    took, *modules = done.stdout.split()
    heavy = {"libcst", "networkx", "nbformat", "numpy", "pandas", "torch", "jsonschema"}
    assert not heavy & set(modules)
    assert float(took) < 1, "a third of a second on a quiet machine"
