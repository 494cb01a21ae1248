"""What the sidebar says when it has nothing to show, and in other settings."""

import json
import sys

import pytest

from tests.browser.lab import Tab


def test_without_a_notebook_the_panel_offers_one(lab, tab):
    tab.page.goto(f"{lab.url}/lab/workspaces/empty?reset")
    tab.started()
    tab.show_slicer()
    tab.panel.get_by_text("Open a notebook to see").wait_for()
    assert tab.panel.get_by_role("button", name="New notebook").is_visible()


def test_without_a_kernel_the_panel_offers_to_choose_one(lab, tab):
    lab.write("none.ipynb", ["x = 1"])
    tab.open("none.ipynb")
    tab.show_slicer()
    # Else JupyterLab itself says that what it asked of the kernel was never answered.
    tab.panel.get_by_role("button", name="Record from here").wait_for()
    tab.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    tab.panel.get_by_text("This notebook has no kernel").wait_for()
    tab.panel.get_by_role("button", name="Choose a kernel").click()
    tab.page.locator(".jp-Dialog").get_by_text("Select Kernel").first.wait_for()


@pytest.fixture
def bare_kernel(lab):
    """A kernel whose Python has no jupyter_slicer."""
    folder = lab.home / "data" / "kernels" / "bare"
    folder.mkdir(parents=True, exist_ok=True)
    start = """if True:
        import sys
        class Without:
            def find_spec(self, name, path=None, target=None):
                if name == 'jupyter_slicer':
                    raise ModuleNotFoundError(name)
        sys.meta_path.insert(0, Without())
        from ipykernel import kernelapp
        kernelapp.launch_new_instance()
    """
    spec = {
        "argv": [sys.executable, "-c", start, "-f", "{connection_file}"],
        "display_name": "Bare",
        "language": "python",
    }
    (folder / "kernel.json").write_text(json.dumps(spec))
    return "bare"


def test_a_kernel_without_the_package_is_told(lab, tab, bare_kernel):
    lab.write("bare.ipynb", ["x = 1"])
    path = lab.folder / "bare.ipynb"
    path.write_text(path.read_text().replace('"name": "python3"', f'"name": "{bare_kernel}"'))
    tab.open("bare.ipynb")
    tab.show_slicer()
    tab.panel.get_by_role("button", name="Record from here").click()
    tab.panel.get_by_text("has no jupyter_slicer").wait_for()
    assert tab.panel.get_by_role("button", name="Try again").is_visible()


def first_cell(lab, tab, name, code):
    """A notebook whose first cell has run before the sidebar is opened."""
    lab.write(f"{name}.ipynb", [f"%load_ext jupyter_slicer\n{code}", "x = 1"])
    tab.open(f"{name}.ipynb")
    tab.run(1, 2)
    tab.show_slicer()


@pytest.mark.parametrize(
    "code",
    [
        "from jupyter_slicer.frontends import requests\nrequests.PROTOCOL += 1",
        pytest.param(
            "from jupyter_slicer.frontends import messages\n"
            "messages.StatusMessage.to_json = lambda self: {'kind': 'state', 'version': 7}",
            marks=pytest.mark.exhaustive,
        ),
    ],
    ids=["says-so", "says-something-else"],
)
def test_a_kernel_with_another_version_is_told(lab, tab, code, request):
    first_cell(lab, tab, request.node.callspec.id, code)
    tab.panel.get_by_text("another version of jupyter_slicer").wait_for()
    assert tab.panel.get_by_role("status").count() == 1
    tab.panel.get_by_role("button", name="Restart the kernel").click()
    tab.page.locator(".jp-Dialog .jp-mod-accept").click()
    tab.panel.get_by_text("This kernel does not record").wait_for()
    tab.panel.get_by_role("button", name="Record from here").click()
    tab.panel.get_by_role("grid", name="Variables").wait_for()


def test_an_error_of_the_kernel_is_told_and_asked_again(lab, tab):
    first_cell(
        lab,
        tab,
        "error",
        "import os\n"
        "from jupyter_slicer.frontends import panel\n"
        "known = panel.Panel._variables\n"
        "def broken(self, request):\n"
        "    if os.path.exists('mended'): return known(self, request)\n"
        "    raise RuntimeError('<b>no</b>')\n"
        "panel.Panel._variables = broken",
    )
    state = tab.panel.locator('[data-state="error"]')
    state.get_by_text("The kernel could not answer.").wait_for()
    assert state.get_by_text("RuntimeError: <b>no</b>").is_visible()
    # Not by a cell: the panel would ask by itself when that ends.
    (lab.folder / "mended").touch()
    state.get_by_role("button", name="Ask again").click()
    tab.row("x").wait_for()
    assert state.count() == 0


def test_a_disabled_extension_leaves_nothing_behind(lab, tab):
    lab.write("off.ipynb", ["x = 1"])
    with lab.without("jupyter-slicer"):
        tab.open("off.ipynb")
    tab.run(1)
    assert tab.panel.count() == 0
    found = tab.page.evaluate(
        "() => window.jupyterapp.commands.listCommands().filter(c => c.startsWith('slicer:'))"
    )
    assert found == []


@pytest.mark.exhaustive
def test_the_marks_can_be_disabled_alone(lab, tab):
    lab.write("unmarked.ipynb", ["x = 1"])
    with lab.without("jupyter-slicer:highlights", "jupyter-slicer:status"):
        tab.open("unmarked.ipynb")
    tab.load()
    tab.run(1)
    tab.select("x")
    tab.verdict("same")
    assert tab.marked() == []
    assert "Slicer" not in tab.page.locator("#jp-main-statusbar").inner_text()


@pytest.mark.exhaustive
@pytest.mark.parametrize("plugin", ["slicer", "panel", "commands"])
def test_each_part_can_be_left_out(lab, tab, plugin):
    """Those that stand on it are left out with it; nothing raises."""
    lab.write("part.ipynb", ["x = [1]"])
    with lab.without(f"jupyter-slicer:{plugin}"):
        tab.open("part.ipynb")
    tab.run(1)
    commands = tab.page.evaluate(
        "() => window.jupyterapp.commands.listCommands().filter(c => c.startsWith('slicer:'))"
    )
    if plugin == "slicer":
        assert (commands, tab.panel.count()) == ([], 0)
    if plugin == "panel":
        assert tab.panel.count() == 0
        assert "slicer:open-panel" not in commands
        # What is left is a command that has nothing to show its answer in.
        tab.command("slicer:slice-output")
    if plugin == "commands":
        assert "slicer:copy-program" not in commands
        tab.load()
        tab.run(1)
        tab.select("x")
        tab.verdict("same")


def test_it_works_in_notebook_7(browser, lab):
    pytest.importorskip("notebook")
    lab.write("seven.ipynb", ["x = [1]", "y = x + [2]"])
    tab = Tab(browser, lab)
    tab.page.goto(f"{lab.url}/notebooks/seven.ipynb")
    tab.ready()
    tab.load()
    tab.run(1, 2)
    tab.select("y")
    tab.verdict("same")
    assert tab.marked() == ["x = [1]", "y = x + [2]"]
    # Notebook 7.6 has an error of its own when it reads its settings.
    assert [e for e in tab.errors if "jupyter-slicer" in e] == []
    tab.close()
