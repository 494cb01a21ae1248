"""What a user does with the sidebar."""

import json
import subprocess
import sys

import pytest

PRICES = [
    "import math",
    "prices = [12.0, 7.5, 31.0]\nnames = ['pen', 'cup', 'lamp']",
    "print(sorted(names))\nexpensive = [p for p in prices if p > 10]",
    "prices.append(18.5)\ncount = len(names)",
    "print('so far:', math.fsum(expensive))\ntotal = sum(prices)",
]


@pytest.fixture
def prices(lab, tab, request):
    """A notebook whose cells have run, with the sidebar open."""
    name = f"{request.node.name}.ipynb"
    lab.write(name, PRICES)
    return shown(tab, name)


@pytest.fixture
def seen_prices(handed_on):
    """The same, for tests that change neither cells nor sections: they share a page.

    Each begins with the first cell active and the slice of ``prices`` shown.
    """
    tab = handed_on("prices.ipynb", PRICES, lambda tab: shown(tab, "prices.ipynb"))
    tab.page.evaluate(
        "() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 0 }"
    )
    tab.select_command("prices")
    return tab


def shown(tab, notebook):
    tab.open(notebook)
    tab.load()
    tab.run(1, 2, 3, 4, 5)
    tab.row("total").wait_for()
    return tab


def test_a_variable_is_selected_and_its_program_lines_and_verdict_appear(seen_prices):
    seen_prices.select("total")
    assert seen_prices.program().split() == (
        "prices = [12.0, 7.5, 31.0] prices.append(18.5) total = sum(prices)".split()
    )
    assert seen_prices.marked() == [
        "prices = [12.0, 7.5, 31.0]",
        "prices.append(18.5)",
        "total = sum(prices)",
    ]
    seen_prices.verdict("same")
    assert "Slicer: on" in seen_prices.page.locator("#jp-main-statusbar").inner_text()
    seen_prices.select("count")
    assert seen_prices.marked() == ["names = ['pen', 'cup', 'lamp']", "count = len(names)"]


def test_cells_that_ran_out_of_order_give_the_program_that_ran(prices):
    prices.run(4, 5)
    prices.run(2)
    prices.select("total")
    program = prices.program()
    assert program.count("prices.append(18.5)") == 2
    prices.verdict("same")


def test_a_line_says_why_it_is_kept_and_leads_to_its_cell(seen_prices):
    seen_prices.select("total")
    line = seen_prices.panel.locator(".jp-Slicer-program li", has_text="append")
    line.hover()
    reason = seen_prices.panel.locator(".jp-Slicer-reason")
    assert reason.inner_text().startswith("In[")
    line.click()
    seen_prices.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex === 3"
    )


def test_the_program_is_read_by_keyboard(seen_prices):
    seen_prices.select("total")
    lines = seen_prices.panel.locator(".jp-Slicer-program li[tabindex]")
    lines.first.focus()
    seen_prices.page.keyboard.press("End")
    reason = seen_prices.panel.locator(".jp-Slicer-reason")
    assert "total" in reason.inner_text()
    seen_prices.page.keyboard.press("ArrowUp")
    assert "changes prices" in reason.inner_text()
    seen_prices.page.keyboard.press("Enter")
    seen_prices.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex === 3"
    )


def test_the_list_of_variables_is_used_by_keyboard(seen_prices):
    seen_prices.row("count").focus()
    seen_prices.page.keyboard.press("ArrowDown")
    seen_prices.page.keyboard.press("Enter")
    seen_prices.panel.locator('tr[data-name="expensive"][aria-selected="true"]').wait_for()


def test_variables_are_filtered_and_sorted(prices):
    def names():
        rows = prices.panel.locator("tbody tr")
        return [row.get_attribute("data-name") for row in rows.all()]

    assert names() == ["count", "expensive", "names", "prices", "total"]
    prices.panel.get_by_label("imports and functions").check()
    assert "math" in names()
    prices.panel.get_by_label("Filter variables").fill("list")
    assert names() == ["expensive", "names", "prices"]
    prices.panel.get_by_role("button", name="Shape").click()
    prices.panel.get_by_role("button", name="Shape").click()
    assert names() == ["prices", "names", "expensive"]
    prices.panel.get_by_label("Filter variables").fill("nothing at all")
    assert prices.panel.get_by_text("No variable matches.").is_visible()


def test_running_an_upstream_cell_again_makes_what_came_from_it_stale(prices):
    prices.run(2)
    mark = prices.row("total").locator(".jp-mod-stale")
    mark.wait_for()
    assert "was run again as In[6]" in mark.get_attribute("title")
    assert prices.row("names").locator(".jp-mod-stale").count() == 0
    prices.run(4, 5)
    mark.wait_for(state="detached")


def test_an_edited_cell_shows_what_ran_and_what_it_says_now(prices):
    prices.select("total")
    prices.edit(2, "prices = [1.0]\nnames = ['pen', 'cup', 'lamp']")
    prices.row("total").locator(".jp-mod-stale").wait_for()
    assert prices.marked() == ["prices.append(18.5)", "total = sum(prices)"]
    difference = prices.panel.get_by_text("In[2] says something else now")
    difference.click()
    merged = prices.panel.locator(".jp-Slicer-merge")
    merged.locator(".cm-deletedChunk", has_text="prices = [12.0, 7.5, 31.0]").wait_for()
    assert "prices = [1.0]" in merged.inner_text()
    prices.edit(2, PRICES[1])
    difference.wait_for(state="detached")
    assert len(prices.marked()) == 3


def test_what_a_deleted_cell_defined_has_no_code(prices):
    prices.page.evaluate(
        """() => {
            const panel = window.jupyterapp.shell.currentWidget;
            panel.content.model.sharedModel.deleteCell(3);
        }"""
    )
    prices.row("count").locator(".jp-mod-orphaned").wait_for()
    prices.select("count")
    assert prices.panel.get_by_text("In[4] is no longer in the notebook").is_visible()


def test_the_program_is_exported_to_a_file_that_runs(seen_prices, lab):
    seen_prices.select("total")
    seen_prices.verdict("same")
    seen_prices.panel.get_by_role("button", name="Export the Slice").click()
    dialog = seen_prices.page.locator(".jp-Dialog")
    dialog.locator("input").fill("exported total.py")
    dialog.get_by_role("button", name="Export").click()
    seen_prices.page.get_by_text("The program was written to").wait_for()
    path = lab.folder / "exported total.py"
    text = path.read_text()
    assert "same" in text
    path.write_text(text + "\nprint(total)\n")
    ran = subprocess.run([sys.executable, path], capture_output=True, text=True, check=True)
    assert ran.stdout == "69.0\n"


def test_a_file_is_not_replaced_without_asking(seen_prices, lab):
    (lab.folder / "mine.py").write_text("precious")
    seen_prices.select("count")
    seen_prices.panel.get_by_role("button", name="Export the Slice").click()
    dialog = seen_prices.page.locator(".jp-Dialog")
    dialog.locator("input").fill("mine.py")
    dialog.get_by_role("button", name="Export").click()
    seen_prices.page.get_by_text("A file of that name exists.").wait_for()
    seen_prices.page.get_by_role("button", name="Cancel").click()
    assert (lab.folder / "mine.py").read_text() == "precious"


def test_the_program_is_opened_as_a_notebook(prices, lab):
    prices.select("total")
    prices.panel.get_by_role("button", name="Open the Slice as a Notebook").click()
    prices.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.context?.path?.startsWith('total')"
    )
    made = json.loads(next(lab.folder.glob("total*.ipynb")).read_text())
    cells = ["".join(c["source"]) for c in made["cells"] if c["cell_type"] == "code"]
    assert cells[-1].strip() == "total = sum(prices)"


def test_the_program_is_copied_and_inserted(prices):
    prices.select("count")
    prices.panel.get_by_role("button", name="Copy the Slice").click()
    copied = prices.page.evaluate("() => navigator.clipboard.readText()")
    assert copied == "names = ['pen', 'cup', 'lamp']\n\ncount = len(names)\n"
    prices.panel.get_by_role("button", name="Insert the Slice").click()
    inserted = prices.page.evaluate(
        """() => window.jupyterapp.shell.currentWidget.content.activeCell
            .model.sharedModel.getSource()"""
    )
    assert inserted == copied.strip()


@pytest.mark.exhaustive
def test_a_slice_is_minimised(lab, tab):
    lab.write(
        "minimise.ipynb",
        ["rows = [2, 1]\nrows.reverse()\nrows.reverse()\nhow_many = len(rows)"],
    )
    tab.open("minimise.ipynb")
    tab.load()
    tab.run(1)
    tab.select("how_many")
    tab.verdict("same")
    before = tab.program().count("reverse")
    tab.panel.get_by_role("button", name="Minimise").click()
    tab.page.wait_for_function(
        """before => {
            const lines = [...document.querySelectorAll('.jp-Slicer-program li')];
            return lines.filter(l => l.textContent.includes('reverse')).length < before;
        }""",
        arg=before,
    )
    tab.verdict("same")


def test_the_output_of_a_cell_is_sliced_from_its_toolbar_and_its_menu(lab, tab):
    figure = "spare = 3\nplt.plot([x, 1])"
    cells = ["import matplotlib.pyplot as plt\nx = 20", figure, "spare = 4\nx / 0", "del spare"]
    lab.write("output.ipynb", cells)
    tab.open("output.ipynb")
    tab.load()
    tab.run(1, 2)
    button = tab.page.locator(".jp-cell-toolbar").get_by_role("button", name="Slice This Cell")
    button.click()
    tab.panel.locator(".jp-Slicer-criterion", has_text="what In[2] showed").wait_for()
    assert "spare" not in tab.program()
    assert tab.program().splitlines()[-1] == "plt.show()"
    tab.verdict("same", seconds=60)
    assert tab.marked() == ["import matplotlib.pyplot as plt", "x = 20", "plt.plot([x, 1])"]
    for number, said in ((3, "the same error"), (4, "This cell has left nothing to slice")):
        tab.run(number)
        tab.page.locator(".jp-CodeCell").nth(number - 1).click(button="right")
        tab.page.get_by_role("menuitem", name="Slice This Cell").click()
        tab.panel.get_by_text(said).wait_for()


def test_an_expression_is_sliced(prices):
    prices.panel.get_by_role("button", name="Slice a Variable or an Expression").click()
    dialog = prices.page.locator(".jp-Dialog")
    dialog.locator("input").fill("sum(prices) / count")
    dialog.locator(".jp-mod-accept").click()
    prices.panel.locator(".jp-Slicer-criterion", has_text="sum(prices) / count").wait_for()
    assert prices.program().splitlines()[-1] == "result = sum(prices) / count"
    prices.verdict("same")
    prices.run(4)
    prices.row("prices").wait_for()
    assert "result = sum(prices) / count" in prices.program()


def test_what_depends_on_a_variable_is_listed(prices):
    prices.select("prices")
    prices.panel.get_by_text("Depends on it", exact=True).click()
    statements = prices.panel.get_by_role("list", name="Statements that depend on it")
    statements.wait_for()
    assert statements.locator("code").all_text_contents() == ["total = sum(prices)"]
    prices.panel.locator(".jp-Slicer-chip", has_text="total").click()
    prices.panel.locator(".jp-Slicer-criterion", has_text="total").wait_for()


def test_the_graph_is_folded_into_cells_and_leads_to_them(prices):
    prices.edit(2, "prices = [12.0, 7.5]\nprices.append(31.0)\nnames = ['pen']")
    prices.run(2, 3, 4, 5)
    prices.select("total")
    prices.panel.get_by_text("Graph", exact=True).click()
    boxes = prices.panel.locator(".jp-Slicer-box")
    boxes.first.wait_for()
    folded = boxes.count()
    assert prices.panel.locator(".jp-Slicer-box.jp-mod-selected").count() >= 1
    prices.panel.get_by_role("button", name="Unfold").first.click()
    prices.panel.get_by_role("button", name="Fold into the cell").first.wait_for()
    assert boxes.count() > folded
    prices.panel.get_by_role("button", name="Show the Dependence Graph").click()
    main = prices.page.locator(".jp-Slicer-mainGraph")
    main.locator(".jp-Slicer-box", has_text="sum").first.click()
    prices.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex === 4"
    )


def test_the_panel_answers_while_a_cell_runs(lab, tab):
    waits = "import os, time\nwhile not os.path.exists('go on'): time.sleep(0.05)"
    lab.write("busy.ipynb", ["x = [1, 2]\ny = sum(x)", waits])
    tab.open("busy.ipynb")
    tab.load()
    tab.run(1)
    tab.row("y").wait_for()
    tab.start(2)
    tab.panel.get_by_text("A cell is running").wait_for()
    tab.select("y")
    assert "y = sum(x)" in tab.program()
    tab.verdict("same")
    assert tab.panel.get_by_text("A cell is running").is_visible()
    (lab.folder / "go on").touch()
    tab.panel.get_by_text("A cell is running").wait_for(state="detached")


def test_after_a_reload_the_page_shows_the_same_kernel_again(prices):
    prices.select("total")
    prices.command("docmanager:save")
    prices.page.reload()
    prices.ready()
    prices.show_slicer()
    prices.select("total")
    prices.verdict("same")
    assert len(prices.marked()) == 3
    # What the page had opened before is gone from the kernel.
    left = prices.page.evaluate(
        """async () => {
            const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            const reply = await kernel.requestCommInfo({target_name: 'jupyter_slicer'});
            return Object.keys(reply.content.comms).length;
        }"""
    )
    assert left == 1


def test_after_a_restart_the_panel_says_that_nothing_is_recorded_and_mends_it(prices):
    prices.select("total")
    prices.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()"
    )
    prices.panel.get_by_text("This kernel does not record").wait_for()
    assert prices.marked() == []
    prices.panel.get_by_role("button", name="Record from here").click()
    prices.panel.get_by_text("No variables yet").wait_for()
    prices.run(1, 2, 3, 4, 5)
    # What was selected before is shown as soon as it is there again.
    prices.verdict("same")
    assert prices.panel.locator(".jp-Slicer-criterion").inner_text() == "total"


def test_after_the_connection_was_lost_the_same_kernel_is_asked_again(prices):
    prices.select("total")
    prices.verdict("same")
    prices.page.evaluate(
        """async () => {
            const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            await kernel.reconnect();
        }"""
    )
    prices.run(4, 5)
    prices.page.wait_for_function(
        """() => [...document.querySelectorAll('.jp-Slicer-program li')]
            .filter(line => line.textContent.includes('append')).length === 2"""
    )
    prices.select("count")
    prices.verdict("same")


@pytest.mark.exhaustive
@pytest.mark.timeout(300)
def test_a_notebook_of_a_thousand_cells(lab, tab):
    cells = [
        f"v{n} = [{n}] + (v{n - 7}[-2:] if {n} >= 7 else [])"
        if n < 500
        else f"v{n % 500}.sort()"
        for n in range(1000)
    ]
    lab.write("thousand.ipynb", cells)
    tab.page.set_default_timeout(240_000)
    tab.open("thousand.ipynb")
    tab.load()
    tab.command("notebook:run-all-cells")
    tab.page.wait_for_function(
        """() => window.jupyterapp.shell.currentWidget.content.widgets.at(-1)
            .model.executionCount !== null"""
    )
    tab.row("v499").wait_for()
    assert tab.panel.locator("tbody tr").count() == 500
    tab.panel.get_by_label("Filter variables").fill("v499")
    tab.select("v499")
    assert tab.program().splitlines()[-1] in ("v499.sort()", cells[499])
    tab.verdict("same", 60)
    tab.edit(3, "v2 = [20]")
    tab.panel.get_by_label("Filter variables").fill("v9")
    tab.row("v9").locator(".jp-mod-stale").wait_for()


def test_everything_in_the_panel_has_a_name(prices):
    """For who hears the page instead of seeing it."""
    prices.select("total")
    prices.verdict("same")
    for section in ("Depends on it", "Graph", "Training runs"):
        prices.panel.get_by_text(section, exact=True).click()
    prices.panel.locator(".jp-Slicer-box").first.wait_for()
    nameless = prices.panel.evaluate(
        """panel => [...panel.querySelectorAll(
                'button, jp-button, input, select, a[href], [role=grid], [role=img]')]
            .filter(node => node.checkVisibility())
            .filter(node => !(node.getAttribute('aria-label') || node.title ||
                node.textContent.trim() || node.labels?.[0]?.textContent.trim() ||
                node.closest('[title], [aria-label]:not([role=region])')))
            .map(node => node.outerHTML.slice(0, 200))"""
    )
    assert nameless == []


def test_loading_in_a_cell_is_noticed(lab, tab):
    lab.write("load.ipynb", ["%load_ext jupyter_slicer", "x = 1", "%unload_ext jupyter_slicer"])
    tab.open("load.ipynb")
    tab.show_slicer()
    tab.panel.get_by_text("This kernel does not record").wait_for()
    tab.run(1, 2)
    tab.row("x").wait_for()
    tab.run(3)
    tab.panel.get_by_text("This kernel does not record").wait_for()


def test_two_notebooks_have_their_own_kernels_and_selections(lab, tab):
    lab.write("one.ipynb", ["a = 1"])
    lab.write("two.ipynb", ["b = 2"])
    tab.open("one.ipynb")
    tab.load()
    tab.run(1)
    tab.select("a")
    tab.command("docmanager:open", path="two.ipynb")
    tab.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.context?.path === 'two.ipynb'"
    )
    tab.ready()
    tab.load()
    tab.run(1)
    tab.select("b")
    assert tab.row("a").count() == 0
    tab.command("docmanager:open", path="one.ipynb")
    tab.panel.locator(".jp-Slicer-criterion", has_text="a").wait_for()
    assert tab.row("b").count() == 0
    assert tab.marked() == ["a = 1"]


def test_a_renamed_notebook_goes_on(prices):
    prices.select("total")
    prices.page.evaluate(
        """async () => {
            const panel = window.jupyterapp.shell.currentWidget;
            await panel.context.save();
            await panel.context.rename('renamed.ipynb');
        }"""
    )
    prices.run(4, 5)
    prices.page.wait_for_function(
        """() => [...document.querySelectorAll('.jp-Slicer-program li')]
            .filter(line => line.textContent.includes('append')).length === 2"""
    )


def test_text_of_values_is_never_markup(lab, tab):
    evil = "<img src=x onerror='window.hacked=1'><b>bold</b>"
    lab.write(
        "hostile.ipynb",
        [
            f"text = {evil!r}\nkeys = {{{evil!r}: 1}}",
            "class Evil:\n    def __repr__(self): raise RuntimeError\n"
            "    def __getattribute__(self, n): raise RuntimeError(n)\n"
            f"Evil.__name__ = {evil!r}\nevil = Evil()",
            f"raise ValueError({evil!r})",
        ],
    )
    tab.open("hostile.ipynb")
    tab.load()
    tab.run(1, 2, 3)
    tab.row("evil").wait_for()
    for name in ("text", "keys", "evil"):
        tab.select(name)
        tab.panel.locator(".jp-Slicer-verdict:not(.jp-mod-verifying)").wait_for()
    assert tab.panel.locator("img, b:text-is('bold')").count() == 0
    assert tab.page.evaluate("() => window.hacked") is None


def test_a_hidden_panel_asks_nothing(lab, tab):
    sent = []
    tab.page.on("websocket", lambda ws: ws.on("framesent", lambda frame: sent.append(frame)))
    lab.write("hidden.ipynb", ["x = 1", "y = x + 1"])
    tab.open("hidden.ipynb")
    tab.run(1)
    comms = [f for f in sent if b"comm_" in (f if isinstance(f, bytes) else f.encode())]
    before = len(comms)
    tab.load()
    tab.run(1)
    tab.select("x")
    tab.verdict("same")
    tab.command("application:toggle-right-area")
    tab.page.wait_for_timeout(300)
    quiet = len(sent)
    tab.run(2)
    tab.page.wait_for_timeout(700)
    own = [
        f for f in sent[quiet:] if b"jupyter_slicer" in _bytes(f) or b'"request"' in _bytes(f)
    ]
    assert own == []
    assert not any(b"jupyter_slicer" in _bytes(f) for f in comms[:before])
    tab.show_slicer()
    tab.row("y").wait_for()


def _bytes(frame):
    return frame if isinstance(frame, bytes) else frame.encode()


def test_commands_are_in_the_palette_and_can_be_typed(seen_prices):
    seen_prices.command("slicer:slice-variable", name="count")
    seen_prices.panel.locator(".jp-Slicer-criterion", has_text="count").wait_for()
    seen_prices.page.locator(".jp-CodeCell").nth(4).locator(".jp-InputPrompt").click()
    seen_prices.page.keyboard.press("Control+Alt+o")
    seen_prices.panel.locator(".jp-Slicer-criterion", has_text="what In[5] showed").wait_for()
    seen_prices.command("slicer:toggle-highlights")
    assert seen_prices.marked() == []
    seen_prices.command("slicer:toggle-highlights")
    assert seen_prices.marked() != []


@pytest.mark.exhaustive
def test_recording_is_paused_and_resumed(prices):
    prices.command("slicer:toggle-recording")
    prices.panel.get_by_text("Recording is paused").wait_for()
    assert "Slicer: paused" in prices.page.locator("#jp-main-statusbar").inner_text()
    prices.panel.get_by_role("button", name="Record again").click()
    prices.panel.get_by_text("Recording is paused").wait_for(state="detached")
