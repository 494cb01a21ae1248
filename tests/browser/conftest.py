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
    errors = found.errors
    if request.node.failed:
        path = lab.home / f"{request.node.name}.png"
        found.page.screenshot(path=path)
        print(f"what the page showed: {path}")
    found.close()
    assert errors == []
