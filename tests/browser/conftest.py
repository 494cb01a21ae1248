"""One server and one browser for all tests; for each test a page of its own."""

import importlib.util
import os
from pathlib import Path

import pytest

from tests.browser.lab import Lab, Tab, chromium, launch

BUILT = Path(__file__).parents[2] / "jupyter_slicer" / "labextension" / "package.json"


def missing():
    """What keeps these tests from running."""
    found = [n for n in ("playwright", "jupyterlab") if importlib.util.find_spec(n) is None]
    found += [] if chromium() else ["chromium"]
    return found + ([] if BUILT.exists() else ["the built sidebar (jlpm build)"])


def pytest_collection_modifyitems(items):
    lacking = missing()
    left_out = lacking and not os.environ.get("JUPYTER_SLICER_BROWSER")
    for item in items:
        if Path(__file__).parent not in item.path.parents:
            continue
        # What waits in a browser waits for ever; a test of half a minute is a long one here.
        item.add_marker(pytest.mark.timeout(120))
        if left_out:
            item.add_marker(pytest.mark.skip(reason=f"needs {', '.join(lacking)}"))


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = launch(playwright)
        yield found
        found.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    found = Lab(tmp_path_factory.mktemp("lab"))
    yield found
    found.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    item.failed = getattr(item, "failed", False) or report.failed
    return report


@pytest.fixture
def tab(browser, lab, request):
    found = Tab(browser, lab)
    yield found
    _look_at(found, request)
    found.close()
    assert found.errors == []


def _look_at(tab, request):
    """Keep what a page showed whose test has failed; whether it has."""
    if request.node.failed:
        path = tab.lab.home / f"{request.node.name}.png"
        tab.page.screenshot(path=path)
        print(f"what the page showed: {path}")
    return request.node.failed


@pytest.fixture(scope="session")
def kept(lab):
    """Pages that tests hand on to each other, by a name."""
    pages = {}
    yield pages
    for tab in pages.values():
        tab.page.close()


@pytest.fixture
def handed_on(browser, lab, kept, request):
    """A page that is opened for the first test and handed on by each that left it as it was."""
    used = []

    def one(notebook, cells, prepare):
        if notebook not in kept:
            lab.write(notebook, cells)
            kept[notebook] = Tab(browser, lab)
            lab.kept.add(notebook)
            used.append(notebook)
            prepare(kept[notebook])
        else:
            used.append(notebook)
        kept[notebook].page.bring_to_front()
        return kept[notebook]

    yield one
    for notebook in used:
        tab = kept[notebook]
        dialogs = 0 if _look_at(tab, request) else tab.page.locator(".jp-Dialog").count()
        if request.node.failed or tab.errors or dialogs:
            del kept[notebook]
            lab.kept.remove(notebook)
            tab.close()
        assert (tab.errors, dialogs) == ([], 0)
