"""Notebooks that were not written for these tests."""

import shutil
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture
def opened(lab, tab):
    """Open one of the notebooks of the project; gives the places of its code cells."""

    def open_(name):
        shutil.copytree(NOTEBOOKS, lab.folder, dirs_exist_ok=True)
        tab.open(name)
        cells = tab.page.evaluate(
            """() => window.jupyterapp.shell.currentWidget.content.widgets
                .map(cell => [cell.model.type, cell.model.sharedModel.getSource()])"""
        )
        return [(n, text) for n, (kind, text) in enumerate(cells, 1) if kind == "code"]

    return open_


def test_an_analysis_is_sliced(opened, tab):
    pytest.importorskip("pandas")
    pytest.importorskip("matplotlib")
    cells = opened("churn_analysis.ipynb")
    if not cells[0][1].startswith("%load_ext"):
        tab.load()
    tab.run(*(number for number, _ in cells))
    tab.show_slicer()
    tab.row("rates").wait_for()
    tab.select("rates")
    tab.verdict("same", 120)
    assert "read_csv" in tab.program()
    assert len(tab.program().split()) < sum(len(text.split()) for _, text in cells)


@pytest.mark.exhaustive
@pytest.mark.timeout(300)
def test_a_training_of_a_network_is_replayed(opened, tab):
    pytest.importorskip("torch")
    cells = opened("hindsight.ipynb")
    training = next(n for n, text in cells if text.startswith("lr = 0.02"))
    tab.run(*(number for number, _ in cells if number <= training))
    tab.command("slicer:show-runs")
    tab.panel.get_by_role("grid", name="Training runs").wait_for()
    text = dict(cells)[training]
    tab.edit(
        training, f'{text}\n    log("grad_norm", grad_norm(net))\n    log("accuracy", accuracy)'
    )
    tab.panel.get_by_role("button", name="Replay with the cell as it is now").click()
    tab.panel.get_by_role("button", name="Start").click()
    tab.panel.get_by_role("status").get_by_text("as recorded").wait_for(timeout=120_000)
    table = tab.panel.get_by_role("table", name="What was logged")
    assert table.locator("tbody tr").count() == 30
    heads = table.locator("th").all_text_contents()
    last = table.locator("tbody tr").last.locator("td").nth(heads.index("accuracy"))
    known = tab.page.evaluate(
        """async () => {
            const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            const future = kernel.requestExecute(
                {code: '', user_expressions: {a: 'accuracy'}, silent: true});
            return (await future.done).content.user_expressions.a.data['text/plain'];
        }"""
    )
    assert last.get_attribute("title") == known
    tab.panel.get_by_role("img", name="grad_norm from").wait_for()
