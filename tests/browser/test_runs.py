"""Training runs in the sidebar: looked at, and replayed."""

import re

import pytest

from tests.browser.lab import Tab

SETUP = (
    "import time\nimport numpy as np\nfrom jupyter_slicer import log\n"
    "rng = np.random.default_rng()"
)
TRAINING = """\
scale = 0.5
w = np.ones(100)
for epoch in range(6):
    for step in range(3):
        w = w * rng.random(100)
    time.sleep(0.12)
    log("loss", float(w.sum()))
"""
ADDED = TRAINING + '    log("largest", float(w.max()))\n'


def trained(lab, tab, name, cells=(SETUP, TRAINING)):
    """A notebook whose training has run, with the section open."""
    lab.write(f"{name}.ipynb", cells, ids=name)
    tab.open(f"{name}.ipynb")
    tab.load()
    tab.run(1, 2)
    tab.command("slicer:show-runs")
    tab.panel.get_by_role("grid", name="Training runs").wait_for()
    return tab


@pytest.fixture
def runs(lab, tab, request):
    return trained(lab, tab, request.node.name.replace("_", "-"))


def propose(tab, text):
    tab.edit(2, text)
    tab.panel.get_by_role("button", name="Replay with the cell as it is now").click()
    return tab.panel.get_by_role("group", name="Plan")


def table(tab):
    """What a replay has logged, row by row."""
    found = tab.panel.get_by_role("table", name="What was logged")
    found.wait_for(timeout=60_000)
    return [row.split("\t") for row in found.inner_text().strip().splitlines()]


def test_a_run_is_listed_with_its_curve(runs):
    row = runs.panel.get_by_role("grid", name="Training runs").locator("tbody tr").first
    assert "for epoch in range(6)" in row.inner_text()
    assert row.get_attribute("aria-selected") == "true"
    curve = runs.panel.get_by_role("img", name="loss from")
    curve.wait_for()
    last = runs.page.evaluate(
        """async () => {
            const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            const future = kernel.requestExecute(
                {code: '', user_expressions: {w: 'float(w.sum())'}, silent: true});
            const reply = await future.done;
            return Number(reply.content.user_expressions.w.data['text/plain']);
        }"""
    )
    runs.panel.get_by_text("6 numbers").click()
    rows = runs.panel.get_by_role("table", name="loss").locator("tbody tr")
    assert rows.count() == 6
    assert float(rows.last.locator("td").last.inner_text()) == last


def test_a_line_that_was_added_afterwards_is_replayed_and_its_table_survives_a_reload(runs):
    plan = propose(runs, ADDED)
    plan.get_by_text("A replay would log largest").wait_for()
    assert plan.get_by_text("about").is_visible()
    plan.get_by_role("button", name="Start").click()
    rows = table(runs)
    assert rows[0][:2] == ["epoch", "largest"]
    assert [row[0] for row in rows[1:]] == ["0", "1", "2", "3", "4", "5"]
    assert all(0 < float(row[1]) <= 1 for row in rows[1:])
    runs.panel.get_by_role("status").get_by_text("as recorded").wait_for()
    runs.panel.get_by_role("img", name="largest from").wait_for()
    runs.command("docmanager:save")
    runs.page.reload()
    runs.ready()
    runs.command("slicer:show-runs")
    assert table(runs) == rows


def test_a_replay_goes_on_while_the_page_is_loaded_again_and_is_stopped_there(runs):
    waits = ADDED + "    print(time.sleep(0.5 if epoch < 2 else 600))\n"
    plan = propose(runs, waits)
    plan.get_by_role("button", name="Start").click()
    runs.panel.get_by_role("button", name="Stop").wait_for()
    runs.command("docmanager:save")
    runs.page.reload()
    runs.ready()
    runs.command("slicer:show-runs")
    progress = runs.panel.get_by_role("group", name="Replay")
    progress.get_by_text("worker 1").wait_for()
    progress.get_by_role("button", name="Stop").click()
    runs.panel.get_by_role("status").get_by_text("stopped").wait_for()
    # What was done by then is there.
    assert runs.panel.get_by_text("what was done is kept").is_visible()
    propose(runs, ADDED).get_by_role("button", name="Start").wait_for()


def test_an_edit_that_does_more_than_log_leads_to_its_line(runs):
    changed = ADDED.replace("w * rng", "0.5 * w * rng")
    plan = propose(runs, changed)
    plan.get_by_role("alert").wait_for()
    assert plan.get_by_role("button", name="Start").count() == 0
    plan.get_by_role("button", name="line 5").click()
    runs.page.wait_for_function(
        """() => {
            const cell = window.jupyterapp.shell.currentWidget.content.activeCell;
            return cell.editor?.getCursorPosition().line === 4;
        }"""
    )
    plan.get_by_role("button", name="Replay all the same").click()
    plan.get_by_role("button", name="Start").click()
    divergences = runs.panel.get_by_role("list", name="Divergences")
    divergences.wait_for(timeout=60_000)
    assert "log loss" in divergences.inner_text()
    runs.panel.locator("tr[data-run] .jp-Slicer-mark", has_text="diverged").wait_for()


def test_the_cell_s_menu_and_the_keyboard_lead_through_a_replay(runs):
    runs.panel.get_by_text("Training runs", exact=True).click()
    runs.edit(2, ADDED)
    runs.page.locator(".jp-CodeCell").nth(1).click(button="right")
    runs.page.get_by_role("menuitem", name="Replay This Cell").click()
    plan = runs.panel.get_by_role("group", name="Plan")
    iterations = plan.get_by_label("Iterations")
    iterations.fill("1,3:5")
    iterations.press("Enter")
    # How many more, depends on where checkpoints lie; all six would need none.
    told = re.compile("runs 3 iterations again|only to get there|restores")
    plan.get_by_text(told).first.wait_for()
    plan.get_by_role("button", name="Start").focus()
    runs.page.keyboard.press("Enter")
    assert [row[0] for row in table(runs)] == ["epoch", "1", "3", "4"]


@pytest.mark.exhaustive
def test_nothing_added_is_told_in_one_sentence(runs):
    plan = propose(runs, TRAINING)
    plan.get_by_role("alert").get_by_text("Nothing was added").wait_for()
    plan.get_by_role("button", name="Cancel").click()
    assert runs.panel.get_by_role("button", name="Replay with the cell").is_visible()


def test_a_run_is_seen_while_it_goes_on(lab, tab):
    longer = TRAINING.replace("range(6)", "range(30)")
    name = "goes-on"
    lab.write(f"{name}.ipynb", [SETUP, longer], ids=name)
    tab.open(f"{name}.ipynb")
    tab.load()
    tab.run(1)
    tab.command("slicer:show-runs")
    tab.panel.get_by_text("No training run yet").wait_for()
    tab.start(2)
    tab.panel.locator(".jp-Slicer-mark", has_text="running").wait_for()
    assert tab.panel.get_by_role("button", name="Replay with the cell").is_disabled()
    tab.panel.locator(".jp-Slicer-mark", has_text="running").wait_for(state="detached")
    tab.panel.get_by_role("img", name="loss from").wait_for()


@pytest.mark.exhaustive
def test_a_closed_section_asks_nothing(lab, tab):
    sent = []
    tab.page.on("websocket", lambda ws: ws.on("framesent", lambda frame: sent.append(frame)))
    lab.write("closed.ipynb", [SETUP, TRAINING], ids="closed")
    tab.open("closed.ipynb")
    tab.load()
    tab.run(1, 2)
    tab.page.wait_for_timeout(1500)
    asked = [f for f in sent if b'"runs"' in (f if isinstance(f, bytes) else f.encode())]
    assert asked == []


def test_after_a_restart_the_run_is_still_there_and_is_replayed(runs):
    runs.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()"
    )
    runs.panel.get_by_role("button", name="Record from here").click()
    runs.panel.locator("tr[data-run]").first.wait_for()
    propose(runs, ADDED).get_by_role("button", name="Start").click()
    assert len(table(runs)) == 7


@pytest.mark.exhaustive
def test_text_of_a_run_is_never_markup(lab, tab):
    evil = "<img src=x onerror='window.hacked=1'>"
    text = (
        TRAINING.replace("scale = 0.5", f"scale = {evil!r}")
        + f"    log({evil!r}, 1.0)\n    log('text', {evil!r})\n"
    )
    trained(lab, tab, "hostile-runs", (SETUP, text))
    tab.edit(2, text.replace("src=x", "src=y"))
    tab.run(2)
    tab.panel.locator("tr[data-run]").nth(1).wait_for()
    propose(tab, text.replace("src=x", "src=y") + f"    print({evil!r})\n")
    tab.panel.get_by_role("button", name="Start").click()
    assert evil.replace("src=x", "src=y") in table(tab)[1]
    assert tab.panel.locator("img[src], img[onerror]").count() == 0
    assert tab.page.evaluate("() => window.hacked") is None


OLDER = TRAINING.replace("scale = 0.5", "scale = 0.25")


@pytest.fixture
def two_runs(lab, tab, request):
    """Two versions of a cell have run."""
    trained(lab, tab, request.node.name.replace("_", "-"), (SETUP, OLDER))
    tab.edit(2, TRAINING)
    tab.run(2)
    tab.panel.locator("tr[data-run]").nth(1).wait_for()
    return tab


def curves(tab):
    """The runs of which a curve is drawn over those of others."""
    found = tab.panel.locator(".jp-Slicer-compare path[data-run]")
    return [path.get_attribute("class") for path in found.all()]


def test_a_metric_of_two_runs_is_compared(two_runs):
    two_runs.panel.get_by_text("Compare runs").click()
    legend = two_runs.panel.get_by_role("group", name="Runs that are compared")
    legend.get_by_label("scale=0.5").check()
    two_runs.panel.get_by_role("img", name="loss: run").wait_for()
    legend.get_by_label("scale=0.25").focus()
    two_runs.page.keyboard.press("Space")
    two_runs.panel.locator(".jp-mod-curve-1[data-run]").wait_for()
    assert curves(two_runs) == ["jp-mod-curve-0", "jp-mod-curve-1"]
    legend.get_by_label("scale=0.5").uncheck()
    two_runs.panel.locator(".jp-mod-curve-1[data-run]").wait_for(state="detached")


def test_a_line_is_carried_to_an_older_version_and_its_difference_shown_first(two_runs):
    plan = propose(two_runs, ADDED)
    plan.get_by_role("button", name="Older versions too").click()
    # Other notebooks of this server have run such a cell, too.
    older = plan.locator(".jp-Slicer-carried pre").first
    older.wait_for()
    assert '+    log("largest", float(w.max()))' in older.inner_text()
    plan.get_by_role("button", name="Start").click()
    rows = table(two_runs)
    assert rows[0][:3] == ["run", "epoch", "largest"]
    assert len(rows) >= 13
    two_runs.panel.locator(".jp-mod-curve-1[data-run]").wait_for()
    chosen = two_runs.panel.get_by_label("Metric")
    assert chosen.input_value() == "largest"


@pytest.mark.exhaustive
def test_options_of_a_replay_are_kept_where_they_are_wrong(runs):
    plan = propose(runs, ADDED)
    plan.get_by_text("More options").click()
    plan.get_by_label("Workers").fill("1")
    plan.get_by_label("Workers").press("Enter")
    plan.get_by_text("1 worker,").wait_for()
    plan.get_by_label("Iterations").fill("90")
    plan.get_by_label("Iterations").press("Enter")
    plan.get_by_role("alert").wait_for()
    plan.get_by_label("Iterations").fill("1:3")
    plan.get_by_label("Iterations").press("Enter")
    plan.get_by_role("button", name="Start").click()
    assert [row[0] for row in table(runs)] == ["epoch", "1", "2"]
    plan = propose(runs, ADDED)
    plan.get_by_text("More options").click()
    plan.get_by_label("only where it has not been logged yet").check()
    plan.get_by_text("about").wait_for()
    plan.get_by_role("button", name="Start").click()
    runs.panel.get_by_role("cell", name="5", exact=True).first.wait_for()
    assert [row[0] for row in table(runs)] == ["epoch", "0", "3", "4", "5"]


@pytest.mark.exhaustive
def test_logs_are_exported_to_a_file(runs, lab):
    runs.panel.get_by_role("button", name="Export…").click()
    dialog = runs.page.locator(".jp-Dialog")
    dialog.locator("input").fill("logs of a run.csv")
    dialog.get_by_role("button", name="Export").click()
    runs.page.get_by_text("The logs were written to").wait_for()
    rows = (lab.folder / "logs of a run.csv").read_text().splitlines()
    assert len(rows) == 7
    assert rows[0].endswith("epoch,loss,check")


@pytest.mark.exhaustive
def test_it_works_in_notebook_7(browser, lab):
    pytest.importorskip("notebook")
    lab.write("seven-runs.ipynb", [SETUP, TRAINING], ids="seven-runs")
    tab = Tab(browser, lab)
    tab.page.goto(f"{lab.url}/notebooks/seven-runs.ipynb")
    tab.ready()
    tab.load()
    tab.run(1, 2)
    tab.command("slicer:show-runs")
    tab.panel.get_by_role("img", name="loss from").wait_for()
    propose(tab, ADDED).get_by_role("button", name="Start").click()
    assert len(table(tab)) == 7
    assert [e for e in tab.errors if "jupyter-slicer" in e] == []
    tab.close()


def test_the_section_can_be_disabled_alone(lab, tab):
    lab.write("without.ipynb", ["x = 1"])
    with lab.without("jupyter-slicer:runs"):
        tab.open("without.ipynb")
    tab.load()
    assert tab.panel.get_by_text("Graph", exact=True).is_visible()
    assert tab.panel.get_by_text("Training runs").count() == 0
