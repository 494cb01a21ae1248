import os
import subprocess
import sys

import pytest

from jupyter_slicer.frontends.cli import main
from jupyter_slicer.frontends.enable import FILE_NAME

SHOW = "print('loaded:', 'jupyter_slicer' in get_ipython().extension_manager.loaded)"


@pytest.fixture
def profile(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_SLICER_STORE", ":memory:")
    return tmp_path / "ipython" / "profile_default"


def files_in(folder):
    return {
        os.path.join(where, name): open(os.path.join(where, name), "rb").read()
        for where, _, names in os.walk(folder)
        for name in names
        if not name.startswith("history.sqlite")
    }


def ipython(code):
    """The installed ``ipython -c``."""
    command = [sys.executable, "-m", "IPython", "--no-banner", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def kernel(code):
    """The same in a real kernel."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel()
    shown = []
    try:
        client.execute_interactive(
            code, output_hook=lambda m: shown.append(m["content"].get("text", "")), timeout=60
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return "".join(shown)


def test_enabled_it_loads_in_a_terminal_and_in_a_kernel_and_disabled_it_does_not(profile):
    assert main(["enable"]) == 0
    assert "loaded: True" in ipython(SHOW)
    assert "loaded: True" in kernel(SHOW)
    assert main(["disable"]) == 0
    assert "loaded: False" in ipython(SHOW)


def test_it_says_what_it_did_and_where(profile, capsys):
    main(["enable"])
    assert f"Wrote {profile / 'startup' / FILE_NAME}" in capsys.readouterr().out
    main(["enable"])
    assert "Already enabled" in capsys.readouterr().out
    main(["disable"])
    assert f"Deleted {profile / 'startup' / FILE_NAME}" in capsys.readouterr().out
    main(["disable"])
    assert "Already disabled" in capsys.readouterr().out


def test_the_users_own_configuration_works_on_and_is_left_byte_for_byte(profile):
    (profile / "startup").mkdir(parents=True)
    (profile / "ipython_config.py").write_bytes(
        b"c = get_config()\r\nc.InteractiveShellApp.extensions = ['autoreload']\n"
        b"c.InteractiveShellApp.exec_lines = ['mine = 3']  # no newline at the end"
    )
    (profile / "startup" / "10-mine.py").write_text("also_mine = 4\n")
    before = files_in(profile)
    main(["enable"])
    code = "print(get_ipython().find_line_magic('autoreload') is not None, mine, also_mine)"
    assert "True 3 4" in ipython(SHOW + "\n" + code)
    main(["disable"])
    after = files_in(profile)
    assert {name: after[name] for name in before} == before
    assert not any(name.endswith(FILE_NAME) for name in after)


def test_it_leaves_no_name_in_the_users_namespace(profile):
    before = ipython("print(sorted(globals()))")
    main(["enable"])
    assert ipython("print(sorted(globals()))") == before


def test_a_file_of_that_name_that_we_did_not_write_stays(profile, capsys):
    (profile / "startup").mkdir(parents=True)
    (profile / "startup" / FILE_NAME).write_text("mine = 1\n")
    assert main(["enable"]) == 2
    assert main(["disable"]) == 2
    assert "was not written by jupyter_slicer" in capsys.readouterr().err
    assert (profile / "startup" / FILE_NAME).read_text() == "mine = 1\n"


def test_without_the_package_the_startup_file_does_nothing(profile):
    from jupyter_slicer.frontends.enable import CONTENT

    (profile / "startup").mkdir(parents=True)
    gone = CONTENT.replace("jupyter_slicer", "no_such_package")
    (profile / "startup" / FILE_NAME).write_text(gone)
    assert ipython("print('fine')").strip() == "fine"


def test_another_profile_may_be_named(profile):
    main(["enable", "--profile", "work"])
    assert (profile.parent / "profile_work" / "startup" / FILE_NAME).exists()
