"""A fresh run never changes anything of the user's, and has no network."""

import os
import subprocess
import sys

import pytest

from jupyter_slicer.domain import FileUse, Verdict
from jupyter_slicer.values import value_digest
from jupyter_slicer.verify import FreshRunRequest, enforcement, verify


@pytest.fixture
def mine(tmp_path):
    """A folder of the user's with something in it."""
    (tmp_path / "precious.txt").write_text("precious")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text("a")
    (tmp_path / "link").symlink_to(tmp_path / "precious.txt")
    return tmp_path


def picture(folder):
    """Names, contents, modes and times of all that is there."""
    found = {}
    for top, names, files in os.walk(folder):
        for name in [*names, *files]:
            path = os.path.join(top, name)
            status = os.lstat(path)
            text = open(path).read() if os.path.isfile(path) else None
            found[path] = (status.st_mode, status.st_mtime_ns, status.st_size, text)
    return found


def run(program, folder, value=1, **more):
    request = FreshRunRequest(
        program, ("x",), (value_digest(value),), folder=str(folder), timeout=60, **more
    )
    return verify(request)


DEEDS = """
open("{mine}/new.txt", "w")
open("{mine}/precious.txt", "a")
open("{mine}/precious.txt", "r+")
open(b"{mine}/precious.txt", "wb")
io.FileIO("{mine}/precious.txt", "w")
os.open("{mine}/precious.txt", os.O_WRONLY | os.O_TRUNC)
os.open("{mine}/new.txt", os.O_RDONLY | os.O_CREAT)
pathlib.Path("{mine}/precious.txt").write_text("")
os.remove("{mine}/precious.txt")
os.unlink("precious.txt", dir_fd=os.open("{mine}", os.O_RDONLY))
os.rename("{mine}/precious.txt", "stolen.txt")
open("own.txt", "w").close(), os.replace("own.txt", "{mine}/precious.txt")
os.mkdir("{mine}/new")
os.makedirs("{mine}/new/new")
shutil.rmtree("{mine}/sub")
shutil.move("{mine}/sub", "sub")
shutil.copy("{mine}/sub/a.txt", "{mine}/b.txt")
os.chmod("{mine}/precious.txt", 0)
os.utime("{mine}/precious.txt", (0, 0))
os.truncate("{mine}/precious.txt", 0)
os.link("{mine}/precious.txt", "own.txt")
os.symlink("a", "{mine}/new.txt")
os.setxattr("{mine}/precious.txt", "user.a", b"a")
os.symlink("{mine}/precious.txt", "own.txt"), open("own.txt", "w")
os.chdir("{mine}"), open("new.txt", "w")
sqlite3.connect("{mine}/new.db")
np.save("{mine}/new.npy", [1])
pd.DataFrame([1]).to_csv("{mine}/new.csv")
""".strip().splitlines()
IMPORTS = "import io, os, pathlib, shutil, sqlite3\nimport ctypes, socket, subprocess, sys\n"


@pytest.mark.parametrize("guard", [True, False], ids=["kernel", "hook alone"])
@pytest.mark.parametrize("deed", DEEDS)
def test_a_change_outside_is_refused_and_named_even_if_the_error_is_caught(deed, guard, mine):
    before = picture(mine)
    needed = "import numpy as np, pandas as pd\n" * ("np." in deed or "pd." in deed)
    program = (
        f"{IMPORTS}{needed}x = 1\ntry:\n    {deed.format(mine=mine)}\nexcept OSError: pass\n"
    )
    found = run(program, mine, kernel_guard=guard)
    assert found.verdict is Verdict.DID_NOT_RUN
    assert "refused" in found.reason
    assert str(mine) in found.reason
    assert picture(mine) == before


BELOW = """
ctypes.CDLL(None).unlink(b"{mine}/precious.txt")
ctypes.CDLL(None).chmod(b"{mine}/precious.txt", 0)
ctypes.CDLL(None).truncate(b"{mine}/precious.txt", 0)
ctypes.CDLL(None).rename(b"{mine}/precious.txt", b"{mine}/other.txt")
ctypes.CDLL(None).mkdir(b"{mine}/new", 0o700)
ctypes.CDLL(None).creat(b"{mine}/new.txt", 0o600)
subprocess.run(["rm", "-rf", "{mine}"])
subprocess.run("echo bad > {mine}/precious.txt", shell=True)
subprocess.run(["touch", "{mine}/precious.txt"])
subprocess.run(["chmod", "000", "{mine}/precious.txt"])
os.system("mv {mine}/sub {mine}/bus")
subprocess.run([sys.executable, "-c", "open('{mine}/new.txt', 'w')"])
os.posix_spawn("/bin/rm", ["rm", "{mine}/precious.txt"], {{}})
""".strip().splitlines()


@pytest.mark.parametrize("deed", BELOW)
def test_c_libraries_and_subprocesses_change_nothing_either(deed, mine):
    before = picture(mine)
    run(f"{IMPORTS}x = 1\n{deed.format(mine=mine)}", mine)
    assert picture(mine) == before


@pytest.mark.parametrize("deed", [deed for deed in BELOW if "ctypes" not in deed])
def test_where_the_kernel_cannot_help_no_other_program_is_started(deed, mine):
    before = picture(mine)
    found = run(f"{IMPORTS}x = 1\n{deed.format(mine=mine)}", mine, kernel_guard=False)
    assert found.verdict is Verdict.DID_NOT_RUN
    assert "refused to start" in found.reason
    assert picture(mine) == before


def test_the_program_may_write_in_its_own_folder(mine):
    before = picture(mine)
    program = """
import os, pathlib, shutil, sqlite3, tempfile
open("precious.txt", "w").write("1")
os.makedirs("out/deep")
open("out/deep/b", "w").close()
os.rename("out/deep/b", "../c")
shutil.rmtree("out")
sqlite3.connect("a.db").execute("create table t (n)")
with tempfile.NamedTemporaryFile("w") as file:
    file.write("x")
open(os.devnull, "w").write("x")
x = int(open("precious.txt").read())
"""
    inputs = (FileUse(str(mine / "precious.txt"), 0, "r"),)
    found = run(program, mine, inputs=inputs)
    assert (found.verdict, found.reason) == (Verdict.SAME, "")
    assert picture(mine) == before


def test_a_large_input_is_linked_and_copied_when_it_is_written_to(mine, monkeypatch):
    monkeypatch.setattr("jupyter_slicer.verify.scratch.COPIED", 3)
    before = picture(mine)
    program = """
import os
assert os.path.islink("precious.txt")
x = open("precious.txt").read()
open("precious.txt", "a").write(" no more")
x += open("precious.txt").read()
"""
    inputs = (FileUse(str(mine / "precious.txt"), 0, "r"),)
    found = run(program, mine, "preciousprecious no more", inputs=inputs)
    assert (found.verdict, found.reason) == (Verdict.SAME, "")
    assert picture(mine) == before


@pytest.mark.parametrize(
    "deed",
    [
        'socket.create_connection(("192.0.2.1", 80), timeout=2)',
        'socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 9))',
        'socket.socket().bind(("", 0))',
        'socket.getaddrinfo("example.org", 80)',
        '__import__("urllib.request").request.urlopen("http://example.org", timeout=2)',
        'socket.socket(socket.AF_UNIX).connect("/run/some.sock")',
    ],
)
def test_a_connection_is_refused_and_named(deed, mine):
    program = f"{IMPORTS}x = 1\ntry:\n    {deed}\nexcept OSError: pass\n"
    found = run(program, mine)
    assert found.verdict is Verdict.DID_NOT_RUN
    assert "refused to connect" in found.reason


def test_a_subprocess_has_no_network_either(mine):
    """A listener of ours on this machine is not to be reached."""
    import socket

    if not any("no network" in words for words in enforcement()):
        assert not any("mounted read-only" in words for words in enforcement())
        return
    with socket.create_server(("127.0.0.1", 0)) as server:
        call = f"import socket; socket.create_connection({server.getsockname()!r}, 2)"
        program = f"{IMPORTS}x = subprocess.run([sys.executable, '-c', {call!r}]).returncode"
        assert run(program, mine).verdict is Verdict.SAME


def test_a_process_of_the_users_is_not_signalled(mine):
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        found = run(f"import os\nx = 1\nos.kill({other.pid}, 9)", mine)
        assert found.verdict is Verdict.DID_NOT_RUN
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()
        other.stdin.close()


def test_workers_run(mine):
    program = """
import multiprocessing, concurrent.futures
with multiprocessing.get_context("fork").Pool(2) as pool:
    x = sum(pool.map(abs, [-1, -2]))
with concurrent.futures.ProcessPoolExecutor(1) as pool:
    x += pool.submit(abs, -3).result()
"""
    assert str(run(program, mine, 6)) == "same"


def test_parallel_fitting_runs(mine):
    program = """
from joblib import Parallel, delayed
x = sum(Parallel(2)(delayed(abs)(-n) for n in range(4)))
"""
    assert str(run(program, mine, 6)) == "same"


def test_how_it_is_enforced_is_told():
    assert "refuses writes" in enforcement()[0]


def test_a_fresh_run_in_a_fresh_run_does_with_the_fences_it_gets(mine):
    """Inside, mounting is forbidden: the same as where a system forbids it."""
    program = f"""
from jupyter_slicer.values import value_digest
from jupyter_slicer.verify import FreshRunRequest, enforcement, verify
deed = "import subprocess\\nx = subprocess.run(['rm', '{mine}/precious.txt']).returncode"
x = str(verify(FreshRunRequest(deed, ("x",), (value_digest(1),))))
said = enforcement()
"""
    before = picture(mine)
    assert str(run(program, mine, "same")) == "same"
    assert picture(mine) == before


def test_spawned_workers_import_the_program(mine):
    program = """
import multiprocessing
def double(n):
    return 2 * n
if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        x = pool.map(double, [1])[0]
"""
    assert str(run(program, mine, 2)) == "same"


def test_a_database_outside_may_be_read(mine):
    import sqlite3

    with sqlite3.connect(mine / "a.db") as database:
        database.execute("create table t as select 1 as n")
    database.close()
    program = f"""
import sqlite3
x = sqlite3.connect("file:{mine}/a.db?mode=ro", uri=True).execute("select n from t").fetchone()[0]
"""
    assert str(run(program, mine)) == "same"
    writing = program.replace("mode=ro", "mode=rwc")
    assert "refused to open the database" in run(writing, mine, kernel_guard=False).reason


def test_common_libraries_start_without_a_refusal(mine):
    program = """
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
plt.plot([1, 2])
plt.savefig("a.png")
pd.DataFrame({"a": [1]}).to_csv("a.csv")
RandomForestClassifier(4, n_jobs=2).fit(np.eye(4), [0, 1, 0, 1])
x = 1
"""
    home = {**os.environ, "HOME": str(mine)}
    before = picture(mine)
    assert str(run(program, mine)) == "same"
    assert str(run(program, mine, environment=home)) == "same"
    assert picture(mine) == before
