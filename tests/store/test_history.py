import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
from dataclasses import replace
from functools import partial

import pytest

from jupyter_slicer.domain import (
    CellExecution,
    Dependence,
    DependenceKind,
    ExecutionId,
    FileUse,
    Outcome,
    StatementInstance,
    Step,
    Voucher,
)
from jupyter_slicer.domain.location import ambient, file, part, variable
from jupyter_slicer.errors import DamagedStore, NewerStore, StoreError, UnknownKernel
from jupyter_slicer.store import (
    MEMORY,
    AmbientChange,
    ExecutionRecord,
    HistoryReader,
    HistoryWriter,
    KernelInfo,
    LocationWrite,
    WriteKind,
    describe_kernel,
    store_path,
)
from jupyter_slicer.store.database import open_database, transaction

KERNEL = KernelInfo("5a0c-one", 1000.0, 7, "3.11.7", "/home/ada", "/home/ada/a.ipynb", "e1")


def record(n, statements=3, text=None):
    first = n * statements
    return ExecutionRecord(
        execution=CellExecution(
            ExecutionId(n),
            raw=text or f"%time x = {n}",
            source=text or f"get_ipython().run_line_magic('time', 'x = {n}')",
            cell_id=f"cell-{n}",
            count=n + 1,
            started=1000.0 + n,
            seconds=0.5,
            recording_seconds=0.001,
            outcome=Outcome.RAISED,
            error="ZeroDivisionError",
            incomplete="paused",
        ),
        instances=tuple(
            StatementInstance(Step(first + k), ExecutionId(n), k) for k in range(statements)
        ),
        dependences=(
            Dependence(Step(0), Step(first), DependenceKind.DATA, variable("x")),
            Dependence(Step(0), Step(first + 1), DependenceKind.CONTROL, None, Voucher.STATIC),
            Dependence(
                Step(1), Step(first), DependenceKind.DATA, part('df["a"]'), Voucher.ASSUMED
            ),
        ),
        writes=(
            LocationWrite(Step(first), variable("x"), WriteKind.DEFINITION, ("x",)),
            LocationWrite(Step(first), part('df["a"]'), WriteKind.UPDATE, ("df", "alias")),
            LocationWrite(Step(first), ambient("numpy.random"), WriteKind.UPDATE),
        ),
        files=(FileUse("/data/train.csv", Step(first), "r", 12, "ab"),),
        seeds={"x": (Step(first), Step(first + 2)), "gone": ()},
        digests={"x": "d1"},
        ambient=(AmbientChange(Step(first), "numpy.random", '{"seed": 0}'),),
        displayed=Step(first + 2),
    )


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "data" / "history.sqlite")


@pytest.fixture
def told():
    return []


@pytest.fixture
def writer(path, told):
    writer = HistoryWriter(KERNEL, path, warn=told.append)
    yield writer
    writer.close()


def test_what_is_appended_is_read_back_as_it_was(writer, path):
    records = tuple(record(n) for n in range(3))
    for each in records:
        writer.append(each)
    history = HistoryReader(path).load(KERNEL.id)
    assert history.kernel == KERNEL
    assert history.records == records


def test_the_writer_gives_its_own_record_even_in_memory():
    writer = HistoryWriter(KERNEL, MEMORY)
    writer.append(record(0))
    assert writer.load().records == (record(0),)
    assert writer.status().path == MEMORY


def test_an_execution_that_is_appended_again_takes_the_place_of_the_first(writer, path):
    writer.append(record(0))
    writer.append(record(1))
    later = replace(record(0), dependences=(), digests={"x": "d2"})
    writer.append(later)
    assert HistoryReader(path).load(KERNEL.id).records == (later, record(1))


def test_the_state_at_the_end_leaves_out_deleted_variables(writer):
    writer.append(replace(record(0), seeds={"x": (Step(0),), "y": (Step(1), Step(2))}))
    writer.append(replace(record(1), seeds={"x": ()}))
    assert writer.load().seeds() == {"y": (1, 2)}


def test_a_text_that_ran_twice_is_stored_once(writer, path):
    for n in range(5):
        writer.append(record(n, text="x = 1"))
    assert HistoryReader(path).size().sources == 1


def test_texts_and_paths_that_are_not_unicode_come_back(writer, path):
    odd = record(0, text="name = '\udcff\0'")
    odd = replace(odd, files=(FileUse("/data/\udcff.csv", Step(0), "w"),))
    odd = replace(odd, writes=(LocationWrite(Step(0), file("/\udcff"), WriteKind.UPDATE),))
    writer.append(odd)
    assert HistoryReader(path).load(KERNEL.id).records == (odd,)


def test_a_kernel_in_which_nothing_ran_leaves_no_session(writer, path):
    assert HistoryReader(path).sessions() == ()


def test_sessions_are_listed_last_first(path):
    for n, name in enumerate(["first", "second"]):
        writer = HistoryWriter(replace(KERNEL, id=name), path)
        writer.append(record(n))
        writer.close()
    sessions = HistoryReader(path).sessions()
    assert [s.kernel.id for s in sessions] == ["second", "first"]
    assert (sessions[0].executions, sessions[0].statements, sessions[0].last) == (1, 3, 1001.0)


def test_a_kernel_may_be_named_by_the_beginning_of_its_id(path):
    for name in ["abc-1", "abd-2"]:
        writer = HistoryWriter(replace(KERNEL, id=name), path)
        writer.append(record(0))
        writer.close()
    reader = HistoryReader(path)
    assert reader.load("abd").kernel.id == "abd-2"
    with pytest.raises(UnknownKernel, match="More than one"):
        reader.load("ab")
    with pytest.raises(UnknownKernel, match="newest is abd-2"):
        reader.load("zzz")


def test_no_history_yet_is_an_empty_history(path):
    reader = HistoryReader(path)
    assert reader.sessions() == ()
    assert reader.size().bytes == 0
    with pytest.raises(UnknownKernel, match="Nothing is recorded"):
        reader.load("x")
    assert not os.path.exists(path)


def test_purging_a_kernel_leaves_nothing_of_it_in_the_file(path):
    for name, text in [("a", "token = 'SECRET'"), ("b", "kept = 1")]:
        writer = HistoryWriter(replace(KERNEL, id=name), path)
        writer.append(record(0, text=text))
        writer.append(record(1, text="shared = 1"))
        writer.close()
    assert HistoryReader(path).purge("a") == "a"
    history = HistoryReader(path).load("b")
    assert [r.execution.raw for r in history.records] == ["kept = 1", "shared = 1"]
    folder = os.path.dirname(path)
    on_disk = b"".join(open(os.path.join(folder, n), "rb").read() for n in os.listdir(folder))
    assert b"SECRET" not in on_disk
    assert HistoryReader(path).purge_all() == 1
    assert HistoryReader(path).sessions() == ()


def test_a_kernel_that_is_purged_while_it_runs_begins_again(writer, path):
    writer.append(record(0))
    HistoryReader(path).purge(KERNEL.id)
    writer.append(record(1))
    assert HistoryReader(path).load(KERNEL.id).records == (record(1),)


def test_folder_and_file_are_for_their_user_alone(writer, path):
    writer.append(record(0))
    assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700
    for name in os.listdir(os.path.dirname(path)):
        mode = os.stat(os.path.join(os.path.dirname(path), name)).st_mode
        assert stat.S_IMODE(mode) == 0o600


def test_a_folder_that_others_can_write_to_is_refused(tmp_path, told):
    tmp_path.chmod(0o777)
    writer = HistoryWriter(KERNEL, tmp_path / "history.sqlite", warn=told.append)
    writer.append(record(0))
    assert "chmod go-w" in told[0]
    assert writer.status().path == MEMORY
    assert writer.load().records == (record(0),)
    assert os.listdir(tmp_path) == []


def test_a_damaged_file_is_kept_aside_and_a_new_one_begun(path, told):
    os.mkdir(os.path.dirname(path), 0o700)
    with open(path, "wb") as damaged:
        damaged.write(b"no database at all " * 100)
    writer = HistoryWriter(KERNEL, path, warn=told.append)
    writer.append(record(0))
    aside = [n for n in os.listdir(os.path.dirname(path)) if ".damaged-" in n]
    assert len(aside) == 1
    assert aside[0] in told[0]
    assert len(told) == 1
    assert HistoryReader(path).load(KERNEL.id).records == (record(0),)


def test_a_file_that_breaks_while_the_kernel_runs_is_replaced(writer, path, told):
    for n in range(50):
        writer.append(record(n))
    other = sqlite3.connect(path)
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    with open(path, "r+b") as broken:
        broken.seek(4096)
        broken.write(random.Random(0).randbytes(os.path.getsize(path) - 4096))
    writer._connection.close()
    writer._connection = sqlite3.connect(path, isolation_level=None)
    writer.append(record(50))
    assert len(told) == 1
    assert writer.load().records[-1] == record(50)
    assert writer.status().trouble is None


def test_reading_a_damaged_file_says_so_and_leaves_it(path):
    os.mkdir(os.path.dirname(path), 0o700)
    with open(path, "wb") as damaged:
        damaged.write(b"no database at all " * 100)
    with pytest.raises(DamagedStore, match="cannot be read"):
        HistoryReader(path).sessions()
    assert os.listdir(os.path.dirname(path)) == ["history.sqlite"]


def test_a_newer_format_is_left_alone(path, told):
    HistoryWriter(KERNEL, path).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA user_version = 99")
    other.close()
    with pytest.raises(NewerStore, match="later version"):
        HistoryReader(path).sessions()
    writer = HistoryWriter(KERNEL, path, warn=told.append)
    writer.append(record(0))
    assert len(told) == 1
    assert writer.load().records == (record(0),)
    assert sqlite3.connect(path).execute("SELECT count(*) FROM kernel").fetchone() == (0,)


def test_a_database_of_another_program_is_left_alone(path):
    os.mkdir(os.path.dirname(path), 0o700)
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE mine (x)")
    other.close()
    with pytest.raises(StoreError, match="another program"):
        HistoryReader(path).sessions()


def test_an_older_format_is_carried_over(path):
    steps = ["CREATE TABLE kernel (key, id);", "ALTER TABLE kernel ADD COLUMN note;"]
    os.mkdir(os.path.dirname(path), 0o700)
    connection = open_database(path, migrations=steps[:1])
    connection.execute("INSERT INTO kernel VALUES (1, 'old')")
    connection.close()
    connection = open_database(path, migrations=steps)
    assert connection.execute("SELECT * FROM kernel").fetchall() == [(1, "old", None)]
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)


def test_a_kernel_that_makes_the_tables_meanwhile_is_no_other_program(path, monkeypatch):
    os.mkdir(os.path.dirname(path), 0o700)
    connect = sqlite3.connect

    class Slow(sqlite3.Connection):
        def execute(self, question, *values):
            if "sqlite_master" in question and sqlite3.connect is not connect:
                monkeypatch.setattr(sqlite3, "connect", connect)
                open_database(path).close()
            return super().execute(question, *values)

    monkeypatch.setattr(sqlite3, "connect", partial(connect, factory=Slow))
    open_database(path).close()
    assert sqlite3.connect is connect  # the other kernel came in between


def test_a_migration_that_fails_half_way_changes_nothing(path):
    steps = ["CREATE TABLE kernel (key);", "CREATE TABLE more (x);\nNOT SQL;\n"]
    os.mkdir(os.path.dirname(path), 0o700)
    open_database(path, migrations=steps[:1]).close()
    with pytest.raises(StoreError):
        open_database(path, migrations=steps)
    tables = sqlite3.connect(path).execute("SELECT name FROM sqlite_master").fetchall()
    assert tables == [("kernel",)]


def test_a_full_disk_moves_the_record_into_memory(writer, path, told):
    writer.append(record(0))
    pages = writer._connection.execute("PRAGMA page_count").fetchone()[0]
    writer._connection.execute(f"PRAGMA max_page_count = {pages}")
    for n in range(1, 40):
        writer.append(record(n, text="x = 1\n" * 500 + str(n)))
    assert "full" in writer.status().trouble
    assert len(told) == 1
    assert [r.execution.id for r in writer.load().records] == list(range(40))


def test_what_cannot_be_stored_is_dropped_and_told(writer, told):
    bad = replace(record(0), digests={"x": object()})
    writer.append(bad)
    writer.append(record(1))
    assert writer.load().records == (record(1),)
    assert len(told) == 1


def test_warnings_as_errors_do_not_reach_the_kernel(tmp_path):
    import warnings

    tmp_path.chmod(0o777)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        HistoryWriter(KERNEL, tmp_path / "h.sqlite").append(record(0))


def test_while_another_process_holds_the_lock_records_wait(writer, path):
    writer.append(record(0))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writer._connection.execute("PRAGMA busy_timeout = 20")
    writer.append(record(1))
    assert writer.status().waiting == 1
    assert len(writer.load().records) == 2
    other.execute("COMMIT")
    writer.append(record(2))
    assert writer.status().waiting == 0
    assert len(HistoryReader(path).load(KERNEL.id).records) == 3


def test_an_interrupt_in_a_transaction_leaves_nothing_half_done(path):
    os.mkdir(os.path.dirname(path), 0o700)
    connection = open_database(path)

    def interrupted():
        with transaction(connection):
            connection.execute("INSERT INTO source VALUES (x'00', 'x')")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert connection.execute("SELECT count(*) FROM source").fetchone() == (0,)
    assert not connection.in_transaction


def test_a_forked_child_writes_nothing_and_the_parent_goes_on(writer, path):
    writer.append(record(0))
    child = os.fork()
    if child == 0:
        writer.append(record(9))
        writer.close()
        os._exit(0 if writer.load().records == () else 1)
    assert os.waitpid(child, 0)[1] == 0
    writer.append(record(1))
    assert HistoryReader(path).load(KERNEL.id).records == (record(0), record(1))


WRITE = """
    import sys, time
    sys.path.insert(0, {tests!r})
    from test_history import *
    writer = HistoryWriter(replace(KERNEL, id=sys.argv[1]), {path!r}, warn=print)
    for n in range(int(sys.argv[2])):
        writer.append(record(n))
        print(n, flush=True)
    if len(sys.argv) > 3:
        time.sleep(60)
    writer.close()
"""


def start_writer(path, *arguments):
    code = textwrap.dedent(WRITE).format(tests=os.path.dirname(__file__), path=path)
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True
    )


def test_several_kernels_begin_and_write_at_once(path):
    writers = [start_writer(path, f"kernel-{n}", "100") for n in range(4)]
    for each in writers:
        assert each.communicate()[0].split() == [str(n) for n in range(100)]
    sessions = HistoryReader(path).sessions()
    assert sorted(s.kernel.id for s in sessions) == [f"kernel-{n}" for n in range(4)]
    assert {s.executions for s in sessions} == {100}
    for session in sessions:
        assert HistoryReader(path).load(session.kernel.id).records[42] == record(42)


def test_a_killed_kernel_loses_nothing_that_was_appended(path):
    for n in range(5):
        process = start_writer(path, f"kernel-{n}", "1000", "sleep")
        seen = 0
        while seen < 5 + 7 * n:
            seen = int(process.stdout.readline()) + 1
        process.send_signal(signal.SIGKILL)
        seen += len(process.stdout.read().split())
        process.wait()
        assert len(HistoryReader(path).load(f"kernel-{n}").records) in (seen, seen + 1)
    check = sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone()
    assert check == ("ok",)


def test_a_thousand_executions_come_back_in_their_order(writer, path):
    records = [record(n, statements=5) for n in range(1000)]
    for each in records:
        writer.append(each)
    assert HistoryReader(path).load(KERNEL.id).records == tuple(records)


def test_the_path_comes_from_the_argument_then_the_environment_then_the_user(tmp_path):
    environ = {"JUPYTER_SLICER_STORE": str(tmp_path / "e.sqlite")}
    assert store_path(tmp_path / "a.sqlite", environ) == str(tmp_path / "a.sqlite")
    assert store_path(None, environ) == str(tmp_path / "e.sqlite")
    assert store_path(None, {"JUPYTER_SLICER_STORE": MEMORY}) == MEMORY
    default = store_path(None, {})
    assert default.endswith(os.path.join("jupyter_slicer", "history.sqlite"))


def test_a_kernel_describes_itself():
    kernel = describe_kernel("id", 1.0, {"__vsc_ipynb_file__": "/n/a.ipynb"})
    assert (kernel.pid, kernel.folder) == (os.getpid(), os.getcwd())
    assert kernel.notebook == "/n/a.ipynb"
    assert kernel.environment == describe_kernel("other", 2.0).environment
