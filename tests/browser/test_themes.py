"""The sidebar can be read in every theme that JupyterLab brings."""

from pathlib import Path

import pytest

from tests.browser.test_runs import ADDED, SETUP, TRAINING

LOW = (Path(__file__).parent / "contrast.js").read_text()
THEMES = (
    "JupyterLab Light",
    "JupyterLab Dark",
    "JupyterLab Dark High Contrast",
)


def low(tab, theme):
    """Texts of the panel that are hard to read."""
    tab.command("apputils:change-theme", theme=theme)
    tab.page.wait_for_function(
        "theme => document.body.dataset.jpThemeName === theme", arg=theme
    )
    return tab.panel.evaluate(LOW)


@pytest.mark.parametrize(
    "theme", [THEMES[0], *(pytest.param(t, marks=pytest.mark.exhaustive) for t in THEMES[1:])]
)
def test_text_has_enough_contrast(lab, tab, theme):
    name = theme.replace(" ", "-").lower()
    lab.write(f"{name}.ipynb", [SETUP, TRAINING, "x = [1]\nx.append(2)"], ids=name)
    tab.open(f"{name}.ipynb")
    tab.show_slicer()
    tab.panel.get_by_role("button", name="Record from here").wait_for()
    assert low(tab, theme) == []
    tab.load()
    tab.run(1, 2, 3)
    tab.edit(3, "x = [3]")
    tab.select("x")
    tab.verdict("same")
    tab.row("x").locator(".jp-Slicer-mark").first.wait_for()
    tab.panel.get_by_text("Depends on it", exact=True).click()
    tab.panel.get_by_text("Graph", exact=True).click()
    tab.panel.locator(".jp-Slicer-box").first.wait_for()
    assert low(tab, theme) == []
    for section in ("Slice", "Depends on it", "Graph"):
        tab.panel.get_by_text(section, exact=True).click()
    tab.command("slicer:show-runs")
    tab.panel.get_by_role("img", name="loss from").wait_for()
    tab.edit(2, ADDED.replace("w * rng", "0.5 * w * rng"))
    tab.panel.get_by_role("button", name="Replay with the cell as it is now").click()
    again = tab.panel.get_by_role("button", name="Replay all the same")
    again.wait_for()
    assert low(tab, theme) == []
    again.click()
    tab.panel.get_by_role("button", name="Start").click()
    tab.panel.get_by_role("list", name="Divergences").wait_for()
    assert low(tab, theme) == []
    # The theme is a setting of the server's, which other tests share.
    tab.command("apputils:change-theme", theme=THEMES[0])
