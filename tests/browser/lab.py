"""A real JupyterLab with a real kernel, in a real browser."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

CHROMIUM = (
    os.environ.get("JUPYTER_SLICER_CHROMIUM"),
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
)
_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage"
).split()
_ONLY_HERE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


def chromium() -> str | None:
    """The browser of this machine; nothing is downloaded."""
    return next((path for path in CHROMIUM if path and os.path.exists(path)), None)


class Lab:
    """A server with a folder of its own; nothing of the user's is read or written."""

    def __init__(self, home: Path, theme: str = "") -> None:
        self.home = home
        self.folder = home / "work"
        self.folder.mkdir(parents=True)
        self._settings = home / "settings"
        self.kept: set[str] = set()
        self._behind = ThreadPoolExecutor(1)
        self._ending: dict[str, Future[Any]] = {}
        self._set("@jupyterlab/apputils-extension/notification", fetchNews="false")
        if theme:
            self._set("@jupyterlab/apputils-extension/themes", theme=theme)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._log = open(home / "server.log", "w")
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
                "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}",
                "--ServerApp.port_retries=0", "--IdentityProvider.token=",
                "--ServerApp.password=", "--ServerApp.disable_check_xsrf=True",
                f"--ServerApp.root_dir={self.folder}", "--LabApp.expose_app_in_browser=True",
                "--JupyterNotebookApp.expose_app_in_browser=True",
                "--LabApp.news_url=None",
                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            ],
            cwd=self.folder, env=self._environment(), stdout=self._log, stderr=self._log,
        )  # fmt: skip
        self._wait()

    def _set(self, plugin: str, **values: Any) -> None:
        path = self._settings / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))

    def _environment(self) -> dict[str, str]:
        own = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
        }
        found = {**os.environ, **{name: str(self.home / place) for name, place in own.items()}}
        found.pop("MPLBACKEND", None)  # kernels show figures
        found["JUPYTERLAB_SETTINGS_DIR"] = str(self._settings)
        found["JUPYTER_SLICER_STORE"] = str(self.home / "store" / "history.sqlite")
        (self.home / "store").mkdir(mode=0o700, exist_ok=True)
        return found

    def _wait(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(f"{self.url}/api/status", timeout=2)
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"the server did not start\n{self.told()}")

    def told(self) -> str:
        """The end of what the server has logged."""
        lines = (self.home / "server.log").read_text(errors="replace").splitlines()
        return "\n".join(["the server's log ends:", *lines[-25:]])

    def start_kernel(self, notebook: str) -> None:
        """What opening a notebook does first, while the page is still loaded."""
        content = json.loads((self.folder / notebook).read_text())
        kernel = {"name": content["metadata"]["kernelspec"]["name"]}
        told = {"path": notebook, "name": notebook, "type": "notebook", "kernel": kernel}
        self._ask("POST", "", told)

    def shut_kernels_down(self) -> None:
        """All but those of ``kept`` notebooks; the next test need not wait for it."""
        for session in self._ask("GET", ""):
            if session["path"] not in self.kept and session["id"] not in self._ending:
                end = self._behind.submit(self._ask, "DELETE", f"/{session['id']}")
                self._ending[session["id"]] = end

    def _ask(self, method: str, path: str, told: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self.url}/api/sessions{path}",
            data=None if told is None else json.dumps(told).encode(),
            headers={"Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request) as reply:
            text = reply.read()
        return json.loads(text) if text else None

    @contextlib.contextmanager
    def without(self, *parts: str) -> Iterator[None]:
        """Pages that are loaded meanwhile lack these extensions or plugins."""
        page = self.home / "config" / "labconfig" / "page_config.json"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(json.dumps({"disabledExtensions": dict.fromkeys(parts, True)}))
        try:
            yield
        finally:
            page.unlink()

    def stop(self) -> None:
        self._behind.shutdown()
        for end in self._ending.values():
            end.result()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def write(self, name: str, cells: Iterable[str], ids: str = "cell") -> None:
        """A notebook whose cells have the ids ``cell-1``, ``cell-2``, …

        ``ids``: another word; what is recorded of a cell is known by its id.
        """
        content = {
            "cells": [
                {
                    "cell_type": "code", "id": f"{ids}-{number}", "source": text,
                    "metadata": {}, "outputs": [], "execution_count": None,
                }
                for number, text in enumerate(cells, 1)
            ],
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3",
                                        "language": "python"}},
            "nbformat": 4, "nbformat_minor": 5,
        }  # fmt: skip
        (self.folder / name).write_text(json.dumps(content))


def launch(playwright: Any) -> Any:
    """A browser that keeps what it has loaded, as a user's does, and reaches no other machine."""
    return playwright.chromium.launch_persistent_context(
        "", executable_path=chromium(), headless=True, args=[*_FLAGS, _ONLY_HERE]
    )


class Late(Exception):
    """A page did not come as far as it should."""


_workspaces = itertools.count(1)

# Two of these fit into what a test may take.
PATIENCE = 45
_BOUNDED = """async patience => {
    const app = window.jupyterapp;
    let step;
    const late = new Promise(go => setTimeout(() => go(true), patience));
    const until = async found => {
        while (!found()) await new Promise(go => setTimeout(go, 20));
    };
    const steps = async () => { %s };
    return (await Promise.race([steps(), late])) ? step() : '';
}"""
_RESTORED = """
    step = () => 'app.restored';
    await app.restored;
    step = () => 'the end of the splash screen';
    await until(() => !document.querySelector('#jupyterlab-splash'));
"""
_KERNEL = """
    step = () => 'a notebook in front';
    await until(() => app.shell.currentWidget?.sessionContext);
    const panel = app.shell.currentWidget;
    step = () => 'panel.context.ready';
    await panel.context.ready;
    step = () => 'sessionContext.ready';
    await panel.sessionContext.ready;
    const kernel = panel.sessionContext.session.kernel;
    step = () => `kernel.info (kernel ${kernel.status}, ${kernel.connectionStatus})`;
    await kernel.info;
"""


class Tab:
    """One page with one notebook open, and what a user does there."""

    def __init__(self, browser: Any, lab: Lab, width: int = 1400, height: int = 900) -> None:
        self.lab = lab
        browser.grant_permissions(["clipboard-read", "clipboard-write"], origin=lab.url)
        self.page = browser.new_page()
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.set_default_timeout(30_000)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(error.stack or str(error)))

    def open(self, notebook: str) -> None:
        self.lab.start_kernel(notebook)
        # Of two pages with the same workspace, one would go elsewhere by itself.
        workspace = f"tests-{next(_workspaces)}"
        self.page.goto(f"{self.lab.url}/lab/workspaces/{workspace}/tree/{notebook}?reset")
        self.ready()

    def started(self) -> None:
        self._loaded(_RESTORED)

    def ready(self) -> None:
        """Until the notebook's kernel can be asked; cells that run earlier open a dialog."""
        self._loaded(_RESTORED + _KERNEL)

    def _loaded(self, steps: str) -> None:
        """Wait for what a page does when it is loaded; where that stops, load it again once.

        A user would do the same. Nothing here waits without an end, and what did not come is
        named: in a warning, which a test run shows even where the second time went well.
        """
        try:
            self._wait_for(steps)
        except Late as late:
            warnings.warn(f"{late}\nThe page is loaded again.", stacklevel=3)
            self.page.reload()
            self._wait_for(steps)

    def _wait_for(self, steps: str) -> None:
        try:
            self.page.wait_for_function("() => window.jupyterapp", timeout=1000 * PATIENCE)
        except Exception as error:
            raise Late(f"JupyterLab did not come: {error}\n{self.lab.told()}") from None
        missing = self.page.evaluate(_BOUNDED % steps, 1000 * PATIENCE)
        if missing:
            raise Late(f"{missing} did not come in {PATIENCE} s\n{self.lab.told()}")

    def command(self, name: str, /, **arguments: Any) -> None:
        self.page.evaluate(
            "([name, args]) => window.jupyterapp.commands.execute(name, args).then(() => 0)",
            [name, arguments],
        )

    def run(self, *numbers: int) -> None:
        """Run cells by their place from 1, each to its end."""
        for number in numbers:
            self.start(number)
            self.page.wait_for_function(
                """number => {
                    const panel = window.jupyterapp.shell.currentWidget;
                    const cell = panel.content.widgets[number - 1];
                    return cell.model.executionState !== 'running' &&
                        cell.model.executionCount !== null && !window.slicerTestPending;
                }""",
                arg=number,
            )

    def start(self, number: int) -> None:
        """Begin to run a cell."""
        self.page.evaluate(
            """number => {
                const app = window.jupyterapp;
                const notebook = app.shell.currentWidget.content;
                notebook.deselectAll();
                notebook.activeCellIndex = number - 1;
                window.slicerTestPending = true;
                app.commands.execute('notebook:run-cell')
                    .finally(() => { window.slicerTestPending = false; });
            }""",
            number,
        )

    def edit(self, number: int, text: str) -> None:
        self.page.evaluate(
            """([number, text]) => window.jupyterapp.shell.currentWidget.content
                .widgets[number - 1].model.sharedModel.setSource(text)""",
            [number, text],
        )

    def show_slicer(self) -> None:
        self.command("slicer:open-panel")
        self.panel.wait_for()

    @property
    def panel(self) -> Any:
        return self.page.locator("#jupyter-slicer-panel")

    def load(self) -> None:
        """Turn recording on by the panel's own button."""
        self.show_slicer()
        self.panel.get_by_role("button", name="Record from here").click()
        self.panel.get_by_role("grid", name="Variables").wait_for()

    def row(self, name: str) -> Any:
        return self.panel.locator(f'tr[data-name="{name}"]')

    def select(self, name: str) -> None:
        self.row(name).click()
        self.page.wait_for_function(
            """name => document.querySelector('.jp-Slicer-criterion')?.textContent === name""",
            arg=name,
        )

    def select_command(self, name: str) -> None:
        """As ``select``, where the list of variables is closed."""
        self.command("slicer:slice-variable", name=name)
        self.page.wait_for_function(
            """name => document.querySelector('.jp-Slicer-criterion')?.textContent === name""",
            arg=name,
        )

    def program(self) -> str:
        lines = self.panel.locator(".jp-Slicer-program li code")
        return "\n".join(lines.all_text_contents())

    def verdict(self, wanted: str, seconds: float = 30) -> None:
        """Wait for a verdict."""
        kind = wanted.replace(" ", "-")
        found = self.panel.locator(
            f".jp-Slicer-verdict.jp-mod-{kind}"
        ).first  # a replay has its own
        found.wait_for(timeout=seconds * 1000)

    def marked(self) -> list[str]:
        """The lines that are marked in the notebook."""
        return self.page.locator(".jp-Notebook .cm-line.jp-Slicer-kept").all_text_contents()

    def close(self) -> None:
        self.page.close()
        self.lab.shut_kernels_down()
