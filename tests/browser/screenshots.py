"""Pictures of every state of the sidebar: light, dark, and dark with high contrast.

    python -m tests.browser.screenshots FOLDER

Needs what the browser tests need, and Pillow. The pictures in ``docs/images`` are made by it.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.browser.lab import Lab, Tab, launch

CHURN = [
    "import math\nimport random",
    "prices = [12.0, 7.5, 31.0]\nnames = ['pen', 'cup', 'lamp']",
    "print(sorted(names), max(prices))\nexpensive = [p for p in prices if p > 10]",
    "prices.append(18.5)\ncount = len(names)",
    "print('so far:', math.fsum(expensive))\ntotal = sum(prices)",
    "lucky = [random.random() for _ in range(3)]\nopened = open(__import__('os').devnull)",
    """\
import matplotlib.pyplot as plt
width = 2.5 * len(names)
plt.figure(figsize=(5, 2.5))
plt.bar(range(len(prices)), prices)
plt.axhline(total / len(prices), color="tab:orange")
label = f"{count} names"
plt.title(f"total {total:g}");""",
]


SETUP = """\
import time
import numpy as np
from jupyter_slicer import log
rng = np.random.default_rng()
X = rng.normal(size=(2000, 10))
y = X @ np.arange(10.0)"""
TRAINING = """\
lr = 0.1
w = np.zeros(10)
for epoch in range(12):
    order = rng.permutation(len(X))
    for i in range(0, len(X), 200):
        batch = order[i:i + 200]
        error = X[batch] @ w - y[batch]
        w -= lr * X[batch].T @ error / len(batch)
    time.sleep(0.1)
    log("loss", float((error ** 2).mean()))"""


BROKEN = {
    "not-installed": """\
import sys
class Without:
    def find_spec(self, name, path=None, target=None):
        if name == 'jupyter_slicer':
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Without())""",
    "other-version": """\
from jupyter_slicer.frontends import requests
requests.PROTOCOL += 1""",
    "error": """\
from jupyter_slicer.frontends import panel
def broken(self, request):
    raise RuntimeError('what is wrong')
panel.Panel._variables = broken""",
}


VERDICTS = [
    "import sys\ninside = 'ipykernel' in sys.modules",
    "share = 1 if inside else 1 / 0",
    "import time\nslow = [time.sleep(0 if 'ipykernel' in sys.modules else 60)]",
]


class Camera:
    """One theme's pictures."""

    def __init__(self, browser: Any, lab: Lab, folder: Path, theme: str) -> None:
        self.lab, self.folder, self.theme = lab, folder, theme
        self.tab = Tab(browser, lab, 1280, 800)

    def shoot(self, name: str) -> None:
        self.tab.page.mouse.move(640, 795)
        # A click on a row that is wider than the table has moved it.
        self.tab.page.evaluate(
            "() => document.querySelectorAll('.jp-Slicer-table').forEach(t => t.scrollTo(0, t.scrollTop))"
        )
        time.sleep(0.4)
        path = self.folder / f"{name}-{self.theme}.png"
        self.tab.page.screenshot(path=path)
        smaller(path)
        print(path.name, flush=True)

    def widen(self) -> None:
        """Give the sidebar room, as a user does who drags its edge."""
        box = self.tab.panel.bounding_box()
        mouse = self.tab.page.mouse
        mouse.move(box["x"] - 2, 400)
        mouse.down()
        mouse.move(800, 400, steps=4)
        mouse.up()

    def run(self) -> None:
        tab = self.tab
        tab.page.goto(f"{self.lab.url}/lab/workspaces/{self.theme}?reset")
        tab.started()
        tab.show_slicer()
        tab.command("application:toggle-left-area")
        self.widen()
        self.shoot("no-notebook")
        self.lab.write("prices.ipynb", CHURN)
        tab.command("docmanager:open", path="prices.ipynb")
        tab.ready()
        tab.panel.get_by_text("This kernel does not record").wait_for()
        self.shoot("not-loaded")
        tab.load()
        self.shoot("no-variables")
        tab.run(1, 2, 3, 4, 5, 6)
        tab.select("total")
        tab.verdict("same")
        line = tab.panel.locator(".jp-Slicer-program li", has_text="append")
        line.focus()
        self.shoot("slice")
        for name, verdict in (("lucky", "nondeterministic"), ("opened", "not comparable")):
            tab.select(name)
            tab.verdict(verdict)
            self.shoot(verdict.replace(" ", "-"))
        tab.run(7)
        tab.command("slicer:slice-output")
        tab.verdict("same", seconds=60)
        tab.page.locator(".jp-CodeCell").nth(6).scroll_into_view_if_needed()
        self.shoot("output")
        tab.edit(2, "prices = [12.0, 7.5, 31.5]\nnames = ['pen', 'cup', 'lamp']")
        tab.run(4)
        tab.select("total")
        tab.panel.get_by_text("says something else now").click()
        tab.row("total").locator(".jp-mod-stale").wait_for()
        self.shoot("stale")
        tab.panel.get_by_text("Variables", exact=True).click()
        tab.select_command("names")
        tab.panel.get_by_text("Slice", exact=True).click()
        tab.panel.get_by_text("Depends on it", exact=True).click()
        tab.panel.get_by_text("Graph", exact=True).click()
        tab.panel.locator(".jp-Slicer-box").first.wait_for()
        self.shoot("forward-and-graph")
        self.graph()
        self.training()
        self.verdicts()
        self.errors()

    def graph(self) -> None:
        tab = self.tab
        cells = ["values = []\n" + "\n".join(f"v{i} = [{i}]" for i in range(8))]
        cells += [
            f"w{n} = [{n}, *v{n % 8}]\nx{n} = w{n} + w{max(n - 3, 0)}\nvalues.append(x{n})"
            for n in range(24)
        ]
        self.lab.write("wide.ipynb", cells)
        tab.command("docmanager:open", path="wide.ipynb")
        tab.page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget.context?.path === 'wide.ipynb'"
        )
        tab.ready()
        tab.panel.get_by_role("button", name="Record from here").click()
        tab.panel.get_by_text("Graph", exact=True).wait_for()
        tab.run(*range(1, len(cells) + 1))
        tab.select_command("values")
        tab.command("slicer:open-graph")
        main = tab.page.locator(".jp-Slicer-mainGraph")
        main.locator(".jp-Slicer-box").nth(3).wait_for()
        self.shoot("graph")

    def training(self) -> None:
        tab = self.tab
        tab.command("docmanager:save-all")
        tab.command("application:close-all")
        self.lab.write("train.ipynb", [SETUP, TRAINING], ids="train")
        tab.command("docmanager:open", path="train.ipynb")
        tab.page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget.context?.path === 'train.ipynb'"
        )
        tab.ready()
        tab.panel.get_by_role("button", name="Record from here").click()
        for section in ("Slice", "Depends on it", "Graph"):
            tab.panel.get_by_text(section, exact=True).click()
        tab.run(1, 2)
        slower = TRAINING.replace("lr = 0.1", "lr = 0.05")
        tab.edit(2, slower)
        tab.run(2)
        tab.command("slicer:show-runs")
        curve = tab.panel.get_by_role("img", name="loss from")
        curve.wait_for()
        self.shoot("training-runs")
        tab.edit(2, TRAINING.replace("lr = 0.1", "lr = 0.02"))
        tab.run(2)
        tab.edit(2, slower)
        tab.panel.locator("tr[data-run]").nth(2).wait_for()
        tab.panel.get_by_text("Compare runs").click()
        legend = tab.panel.get_by_role("group", name="Runs that are compared")
        for number in range(3):
            legend.get_by_role("checkbox").nth(number).check()
        tab.panel.locator(".jp-mod-curve-2[data-run]").wait_for()
        self.shoot("compared")
        for number in range(3):
            legend.get_by_role("checkbox").nth(number).uncheck()
        tab.panel.locator("tr[data-run]").nth(1).click()
        replay = tab.panel.get_by_role("button", name="Replay with the cell as it is now")
        start = tab.panel.get_by_role("button", name="Start")
        tab.edit(2, f'{slower}\n    log("distance", float(np.abs(w - np.arange(10)).max()))')
        replay.click()
        start.wait_for()
        tab.panel.get_by_text("More options").click()
        self.shoot("replay-plan")
        tab.panel.get_by_role("button", name="Older versions too").click()
        tab.panel.locator(".jp-Slicer-carried").nth(2).wait_for()
        self.shoot("older-versions")
        tab.panel.get_by_role("button", name="Cancel").click()
        replay.click()
        start.click()
        tab.panel.get_by_text("worker 1").wait_for()
        self.shoot("replaying")
        tab.panel.get_by_role("table", name="What was logged").wait_for()
        tab.panel.get_by_role("img", name="distance from").wait_for()
        self.shoot("replayed")
        changed = slower.replace("lr * X", "0.5 * lr * X") + '\n    log("w", float(w[0]))'
        tab.edit(2, changed)
        replay.click()
        tab.panel.get_by_role("button", name="Replay all the same").wait_for()
        self.shoot("replay-refused")
        tab.panel.get_by_role("button", name="Replay all the same").click()
        start.click()
        tab.panel.get_by_role("list", name="Divergences").wait_for()
        self.shoot("diverged")
        for section in ("Slice", "Training runs"):
            tab.panel.get_by_text(section, exact=True).click()

    def verdicts(self) -> None:
        """Of values that a fresh run does not give."""
        tab = self.tab
        self.lab.write("verdicts.ipynb", VERDICTS)
        tab.command("docmanager:open", path="verdicts.ipynb")
        tab.page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget.context?.path === 'verdicts.ipynb'"
        )
        tab.ready()
        tab.panel.get_by_role("button", name="Record from here").click()
        tab.panel.get_by_text("Variables", exact=True).click()
        tab.run(1, 2)
        for name, verdict in (("inside", "different"), ("share", "did not run")):
            tab.select(name)
            tab.verdict(verdict)
            self.shoot(verdict.replace(" ", "-"))
        tab.run(3)
        tab.select("slow")
        tab.verdict("verifying")
        self.shoot("verifying")
        tab.panel.get_by_role("button", name="Stop").click()
        tab.panel.get_by_text("Variables", exact=True).click()

    def errors(self) -> None:
        tab = self.tab
        self.lab.write(
            "busy.ipynb", ["x = [1]", "import time\ntime.sleep(4)", "sum(range(3 * 10**8))"]
        )
        tab.command("docmanager:open", path="busy.ipynb")
        tab.page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget.context?.path === 'busy.ipynb'"
        )
        tab.ready()
        tab.panel.get_by_role("button", name="Record from here").click()
        tab.panel.get_by_text("Variables", exact=True).click()
        tab.panel.get_by_role("grid", name="Variables").wait_for()
        tab.run(1)
        tab.start(2)
        tab.panel.get_by_text("A cell is running").wait_for()
        self.shoot("running")
        tab.panel.get_by_text("A cell is running").wait_for(state="detached")
        tab.start(3)
        tab.page.wait_for_timeout(300)
        tab.row("x").click()
        tab.panel.locator('[data-state="busy"]').wait_for()
        self.shoot("busy")
        tab.panel.locator('[data-state="busy"]').wait_for(state="detached", timeout=60_000)
        tab.command("slicer:toggle-recording")
        tab.panel.locator('[data-state="paused"]').wait_for()
        self.shoot("paused")
        tab.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()"
        )
        tab.panel.get_by_text("This notebook has no kernel").wait_for()
        self.shoot("no-kernel")
        self.broken("not-installed", "Try again")
        self.broken("other-version", "Restart the kernel")
        self.broken("error", "Ask again")

    def broken(self, state: str, action: str) -> None:
        """A kernel with which something is wrong."""
        tab = self.tab
        self.lab.write(f"{state}.ipynb", [BROKEN[state], "x = 1"])
        tab.command("docmanager:open", path=f"{state}.ipynb")
        tab.page.wait_for_function(
            "path => window.jupyterapp.shell.currentWidget.context?.path === path",
            arg=f"{state}.ipynb",
        )
        tab.ready()
        tab.run(1)
        load = tab.panel.get_by_role("button", name="Record from here")
        button = tab.panel.get_by_role("button", name=action)
        load.or_(button).wait_for()
        if load.is_visible():
            load.click()
        button.wait_for()
        self.shoot(state)


def smaller(path: Path) -> None:
    """With a palette a picture of a page takes a third."""
    from PIL import Image

    with Image.open(path) as image:
        found = image.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    found.save(path, optimize=True)


def main() -> None:
    from playwright.sync_api import sync_playwright

    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for theme in ("light", "dark", "dark-high-contrast"):
            home = Path(tempfile.mkdtemp(prefix="slicer-screenshots-"))
            name = theme.replace("-", " ").title()
            lab = Lab(home, theme=f"JupyterLab {name}")
            try:
                Camera(browser, lab, folder, theme).run()
            finally:
                lab.stop()
        browser.close()


if __name__ == "__main__":
    main()
