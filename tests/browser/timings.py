"""How fast the sidebar is, measured in the browser.

    python -m tests.browser.timings

Needs what the browser tests need. Times are from what the user does to what is on the screen.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.browser.lab import Lab, Tab, launch

CELL_TO_LIST = """async name => {
    const app = window.jupyterapp;
    const panel = app.shell.currentWidget;
    panel.content.activeCellIndex = panel.content.widgets.length - 1;
    let ended = 0;
    const kernel = panel.sessionContext.session.kernel;
    const listen = (_, message) => {
        if (message.header.msg_type === 'status' &&
            message.content.execution_state === 'idle' &&
            message.parent_header.msg_type === 'execute_request') {
            ended ||= performance.now();
        }
    };
    kernel.iopubMessage.connect(listen);
    void app.commands.execute('notebook:run-cell');
    while (!document.querySelector(`tr[data-name="${name}"]`)) {
        await new Promise(requestAnimationFrame);
    }
    kernel.iopubMessage.disconnect(listen);
    return performance.now() - ended;
}"""
SELECT_TO_SLICE = """async name => {
    const began = performance.now();
    document.querySelector(`tr[data-name="${name}"]`).click();
    while (document.querySelector('.jp-Slicer-criterion')?.textContent !== name) {
        await new Promise(requestAnimationFrame);
    }
    return performance.now() - began;
}"""


def told(what: str, times: list[float]) -> None:
    shown = ", ".join(f"{t:.0f}" for t in sorted(times))
    print(f"{what:60} median {statistics.median(times):6.0f} ms   ({shown})", flush=True)


def lists(browser: Any, lab: Lab) -> None:
    """500 variables, 1,000 cell executions."""
    cells = [
        "for i in range(500):\n    globals()[f'v{i:03}'] = [i, 'text', {'k': i}]",
        "for i in range(500):\n"
        "    get_ipython().run_cell(f'v{i:03} = v{i:03} + [{i}]', store_history=True)",
    ]
    chain = "\n".join(f"c{i} = [{i}] + c{i - 1}[-3:]" if i else "c0 = [0]" for i in range(5))
    cells += [chain, "new0 = 1"]
    lab.write("many.ipynb", cells)
    tab = Tab(browser, lab)
    tab.page.set_default_timeout(120_000)
    tab.open("many.ipynb")
    tab.load()
    tab.run(1, 2, 3)
    tab.page.evaluate(
        """async () => {
            const panel = window.jupyterapp.shell.currentWidget;
            const kernel = panel.sessionContext.session.kernel;
            for (let i = 0; i < 1000; i++) {
                const code = `link${i % 7} = [${i}] + (link${(i + 6) % 7}[-2:] if ${i} else [])`;
                await kernel.requestExecute({code, store_history: true}).done;
            }
        }"""
    )
    tab.row("link3").wait_for()
    times = []
    for number in range(7):
        tab.edit(4, f"new{number} = {number}")
        times.append(tab.page.evaluate(CELL_TO_LIST, f"new{number}"))
        tab.page.wait_for_timeout(300)
    told("end of a cell to the list, 500 variables, 1,000 executions", times)
    times = []
    for name in ("v100", "c4", "link3", "v200", "link5", "v300", "link1"):
        times.append(tab.page.evaluate(SELECT_TO_SLICE, name))
        tab.page.wait_for_timeout(2500)
    told("click on a variable to its slice, 1,000 executions", times[1:])
    print(f"{'  the first click, with what has to be imported':60}        {times[0]:6.0f} ms")
    assert tab.errors == []
    tab.close()


def graph(browser: Any, lab: Lab) -> None:
    cells = ["\n".join(f"a{i} = [{i}] + (a{i - 1}[:2] if {i} else [])" for i in range(500))]
    lab.write("graph.ipynb", ["a0 = [0]", *cells[0].splitlines()[1:]])
    tab = Tab(browser, lab)
    tab.page.set_default_timeout(120_000)
    tab.open("graph.ipynb")
    tab.load()
    tab.command("notebook:run-all-cells")
    tab.row("a499").wait_for()
    tab.select("a250")
    began = time.monotonic()
    tab.command("slicer:open-graph")
    tab.page.locator(".jp-Slicer-mainGraph .jp-Slicer-box").first.wait_for()
    print(
        f"{'graph of 500 cell executions to the screen':60}        {1000 * (time.monotonic() - began):6.0f} ms"
    )
    tab.close()


def opening(browser: Any) -> None:
    """With the extension and without, in turns."""
    labs = {}
    for kind, disabled in (("with", []), ("without", ["jupyter-slicer"])):
        home = Path(tempfile.mkdtemp(prefix="slicer-timings-"))
        config = home / "config" / "labconfig"
        config.mkdir(parents=True)
        page = {"disabledExtensions": dict.fromkeys(disabled, True)}
        (config / "page_config.json").write_text(json.dumps(page))
        labs[kind] = Lab(home)
        labs[kind].write("a.ipynb", ["x = 1"])
    times: dict[str, list[float]] = {kind: [] for kind in labs}
    for _ in range(8):
        for kind, lab in labs.items():
            tab = Tab(browser, lab)
            began = time.monotonic()
            tab.page.goto(f"{lab.url}/lab/workspaces/t/tree/a.ipynb?reset")
            tab.started()
            times[kind].append(1000 * (time.monotonic() - began))
            tab.close()
    for kind, found in times.items():
        told(f"opening JupyterLab {kind} the extension", found[1:])
        labs[kind].stop()


def main() -> None:
    from playwright.sync_api import sync_playwright

    chosen = sys.argv[1:] or ["lists", "graph", "opening"]
    with sync_playwright() as playwright:
        browser = launch(playwright)
        lab = Lab(Path(tempfile.mkdtemp(prefix="slicer-timings-")))
        try:
            if "lists" in chosen:
                lists(browser, lab)
            if "graph" in chosen:
                graph(browser, lab)
        finally:
            lab.stop()
        if "opening" in chosen:
            opening(browser)
        browser.close()


if __name__ == "__main__":
    main()
