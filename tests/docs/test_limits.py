"""Each line of ``docs/limits.md`` as a picture.

What is exact passes. What is too careful or missed fails, with the true answer in its
marks: when a picture begins to pass, its line in the document is wrong.
"""

import re
from pathlib import Path

import pytest

from tests.picture import ORACLE, check_slice

LIMITS = Path(__file__).parents[2] / "docs" / "limits.md"
ROW = re.compile(r"^\| .* \| `(test_\w+)` \|$", re.M)

too_careful = pytest.mark.xfail(
    not ORACLE, reason="keeps more than the value needs", strict=True
)
missed = pytest.mark.xfail(not ORACLE, reason="recording does not see it", strict=True)


# -- exact -----------------------------------------------------------------------------


def test_a_change_through_another_name():
    check_slice(
        """
        # %%
        rows = [3, 1, 2]        # keep
        other = rows            # keep
        # %%
        other.sort()            # keep
        notes = []
        # %%
        first = rows[0]         # keep
        """,
        of="first",
    )


def test_a_cell_that_ran_twice():
    check_slice(
        """
        # %% [load]
        price = 100             # keep
        # %% [raise]
        price = price * 1.1     # keep
        # %% [look]
        print(price)
        # %% [raise]
        price = price * 1.1     # keep
        """,
        of="price",
    )


def test_a_cell_that_was_edited_after_it_ran():
    check_slice(
        """
        # %% [a]
        rate = 2                # keep
        # %% [b]
        total = 10 * rate       # keep
        # %% [a]
        rate = 3
        """,
        of="total",
    )


def test_a_draw_moves_the_generator():
    check_slice(
        """
        # %%
        import random           # keep
        random.seed(3)          # keep
        # %%
        first = random.random()     # keep
        # %%
        second = random.random()    # keep
        """,
        of="second",
    )


def test_one_column_does_not_need_another():
    check_slice(
        """
        # %%
        import pandas as pd                             # keep
        df = pd.DataFrame({"a": [1, 2], "b": [3, 4]})   # keep
        # %%
        df["c"] = df["a"] * 2                           # keep
        # %%
        df["d"] = df["b"] * 2
        # %%
        total = df["c"].sum()                           # keep
        """,
        of="total",
    )


def test_an_array_changed_inside_a_function():
    check_slice(
        """
        # %%
        import numpy as np      # keep
        a = np.zeros(4)         # keep
        b = np.zeros(4)
        # %%
        def fill(x):            # keep
            x[1:3] = 7          # keep
        # %%
        fill(a)                 # keep
        fill(b)
        # %%
        total = a.sum()         # keep
        """,
        of="total",
    )


def test_a_file_written_and_read():
    check_slice(
        """
        # %%
        with open("a.txt", "w") as file:    # keep
            _ = file.write("one")           # keep
        # %%
        with open("b.txt", "w") as file:
            _ = file.write("two")
        # %%
        text = open("a.txt").read()         # keep
        """,
        of="text",
    )


def test_an_option_of_a_library():
    check_slice(
        """
        # %%
        import decimal                          # keep
        # %%
        decimal.getcontext().prec = 5           # keep
        # %%
        third = decimal.Decimal(1) / 3          # keep
        """,
        of="third",
    )


def test_logging_in_a_loop():
    check_slice(
        """
        # %%
        losses = []
        weight = 1.0                    # keep
        # %%
        for step in range(3):           # keep
            weight = weight * 0.5       # keep
            losses.append(weight)
            print(step, weight)
        """,
        of="weight",
    )


def test_a_cell_that_raised_half_way():
    check_slice(
        """
        # %%
        a = 1               # keep
        # %%
        a = a + 1           # keep
        b = 1 / 0
        a = 100
        # %%
        c = a * 10          # keep
        """,
        of="c",
    )


def test_an_element_does_not_need_one_added_later():
    check_slice(
        """
        # %%
        rows = [1, 2]           # keep
        # %%
        rows.append(3)
        # %%
        first = rows[0]         # keep
        """,
        of="first",
    )


def test_a_file_in_a_folder_that_was_renamed():
    check_slice(
        """
        # %%
        import os                               # keep
        os.mkdir("a")                           # keep
        # %%
        with open("a/f.txt", "w") as file:      # keep
            _ = file.write("hi")                # keep
        # %%
        os.rename("a", "b")                     # keep
        # %%
        text = open("b/f.txt").read()           # keep
        """,
        of="text",
    )


def test_an_option_that_only_matters_for_display():
    check_slice(
        """
        # %%
        import pandas as pd                         # keep
        pd.set_option("display.max_columns", 20)
        # %%
        df = pd.DataFrame({"a": [1, 2]})            # keep
        # %%
        total = df["a"].sum()                       # keep
        """,
        of="total",
    )


def test_a_number_that_comes_to_lie_where_the_old_one_was():
    check_slice(
        """
        # %%
        x = 1000                    # keep
        # %%
        for _ in range(2):          # keep
            x += 1                  # keep
        """,
        of="x",
    )


def test_a_thread_that_works_later():
    check_slice(
        """
        # %%
        import threading                        # keep
        import time                             # keep
        done = []                               # keep
        # %%
        def later():                            # keep
            time.sleep(0.2)                     # keep
            done.append(1)                      # keep
        # %%
        threading.Thread(target=later).start()  # keep
        # %%
        time.sleep(0.5)                         # keep
        """,
        of="done",
        minimal=False,
    )


def test_a_timer():
    check_slice(
        """
        # %%
        import signal                                       # keep
        import time                                         # keep
        done = []                                           # keep
        def ring(*_):                                       # keep
            done.append(1)                                  # keep
        # %%
        old = signal.signal(signal.SIGALRM, ring)           # keep
        # %%
        _ = signal.setitimer(signal.ITIMER_REAL, 0.2)       # keep
        # %%
        time.sleep(0.5)                                     # keep
        """,
        of="done",
        minimal=False,
    )


def test_all_names_that_begin_alike():
    check_slice(
        """
        # %%
        column_a = 1                    # keep
        column_b = 2                    # keep
        # %%
        y = sum(v for n, v in list(globals().items()) if n.startswith("column_"))   # keep
        """,
        of="y",
    )


def test_a_frame_that_is_grouped():
    check_slice(
        """
        # %%
        import pandas as pd                                         # keep
        df = pd.DataFrame({"k": ["x", "y", "x"], "a": [1, 2, 3]})   # keep
        # %%
        df["b"] = df["a"] * 2
        # %%
        means = df.groupby("k")["a"].mean()                         # keep
        """,
        of="means",
    )


def test_a_name_read_through_a_frame():
    check_slice(
        """
        # %%
        import sys                          # keep
        x = 1                               # keep
        other = 2
        # %%
        y = sys._getframe().f_globals["x"]  # keep
        """,
        of="y",
    )


def test_what_a_class_only_collects():
    check_slice(
        """
        # %%
        class Model:                            # keep
            def __init__(self):                 # keep
                self.w = 1.0                    # keep
                self.losses = []
            def step(self):                     # keep
                self.w *= 0.5                   # keep
                self.losses.append(self.w)
                return self
            def plot(self):
                print(self.losses)
        # %%
        model = Model()                         # keep
        model.step()                            # keep
        model.plot()
        # %%
        weight = model.w                        # keep
        """,
        of="weight",
    )


def test_a_number_that_a_library_counts_up():
    check_slice(
        """
        # %%
        from concurrent.futures import ThreadPoolExecutor   # keep
        first = ThreadPoolExecutor(1)                       # keep
        # %%
        second = ThreadPoolExecutor(1)                      # keep
        # %%
        y = second._thread_name_prefix                      # keep
        """,
        of="y",
    )


# -- too careful -----------------------------------------------------------------------


@too_careful
def test_a_change_that_the_value_does_not_feel():
    check_slice(
        """
        # %%
        rows = [3, 1, 2]        # keep
        # %%
        rows.sort()
        # %%
        total = sum(rows)       # keep
        """,
        of="total",
    )


@too_careful
def test_a_question_to_an_object_that_shows_nothing():
    check_slice(
        """
        # %%
        import sqlite3                                                  # keep
        db = sqlite3.connect(":memory:")                                # keep
        _ = db.execute("create table t (a)")                            # keep
        _ = db.execute("insert into t values (4)")                      # keep
        # %%
        count = db.execute("select count(*) from t").fetchone()
        # %%
        total = db.execute("select sum(a) from t").fetchone()           # keep
        """,
        of="total",
    )


@too_careful
def test_a_column_of_a_frame_that_goes_through_a_method_whole():
    check_slice(
        """
        # %%
        import pandas as pd                                         # keep
        df = pd.DataFrame({"a": [1, None], "b": [3, 4]})            # keep
        # %%
        df["c"] = df["b"] * 2
        # %%
        clean = df.dropna(subset=["a"])                             # keep
        # %%
        total = clean["b"].sum()                                    # keep
        """,
        of="total",
    )


@too_careful
def test_files_before_a_process():
    check_slice(
        """
        # %%
        import subprocess, sys              # keep
        # %%
        with open("a.txt", "w") as file:
            _ = file.write("one")
        # %%
        done = subprocess.run([sys.executable, "-c", "print(5)"], capture_output=True)  # keep
        # %%
        number = int(done.stdout)           # keep
        """,
        of="number",
    )


# -- misses ----------------------------------------------------------------------------


@missed
def test_a_callback_of_the_interpreter():
    check_slice(
        """
        # %%
        import sys                          # keep
        calls = []                          # keep
        def work():                         # keep
            return 1                        # may
        def look(frame, event, _):          # keep
            if frame.f_code.co_name == "work":  # keep
                calls.append(event)         # keep
        # %%
        sys.setprofile(look)                # keep
        # %%
        _ = work()                          # keep
        # %%
        sys.setprofile(None)                # may
        """,
        of="calls",
        exact=False,
    )


@missed
def test_a_name_that_is_put_together():
    check_slice(
        """
        # %%
        x1 = 5                          # keep
        # %%
        y = eval("x" + str(1))          # keep
        """,
        of="y",
    )


@missed
def test_all_objects_of_the_process():
    check_slice(
        """
        # %%
        import gc                       # keep
        class Item: pass                # keep
        # %%
        a = Item()                      # keep
        # %%
        y = sum(type(o) is Item for o in gc.get_objects())  # keep
        """,
        of="y",
    )


@missed
def test_a_list_in_a_column_of_a_frame():
    check_slice(
        """
        # %%
        import pandas as pd                         # keep
        df = pd.DataFrame({"a": [[1], [2]]})        # keep
        # %%
        df["a"][0].append(5)                        # keep
        # %%
        y = sum(df["a"][0])                         # keep
        """,
        of="y",
    )


@missed
def test_a_process_that_writes_later():
    check_slice(
        """
        # %%
        import subprocess, sys, time            # keep
        code = "import time; time.sleep(0.2); open('o.txt', 'w').write('5')"    # keep
        # %%
        process = subprocess.Popen([sys.executable, "-c", code])                # keep
        # %%
        time.sleep(1)                           # keep
        # %%
        y = int(open("o.txt").read())           # keep
        """,
        of="y",
    )


@missed
def test_a_pipe():
    check_slice(
        """
        # %%
        import os                       # keep
        r, w = os.pipe()                # keep
        os.set_blocking(r, False)       # may
        # %%
        _ = os.write(w, b"abc")         # keep
        # %%
        got = os.read(r, 3)             # keep
        """,
        of="got",
    )


@missed
def test_how_many_figures_there_are():
    check_slice(
        """
        # %%
        import matplotlib.pyplot as plt     # keep
        _ = plt.figure()                    # keep
        # %%
        _ = plt.figure()                    # keep
        # %%
        y = len(plt.get_fignums())          # keep
        """,
        of="y",
    )


# -- the document ----------------------------------------------------------------------


def test_each_line_of_the_document_has_a_picture_and_each_picture_a_line():
    text = LIMITS.read_text()
    parts = {
        "Exact": (),
        "Too careful": ("keeps more than the value needs",),
        "Misses": ("recording does not see it",),
    }
    for title, reasons in parts.items():
        rows = ROW.findall(text.split(f"\n## {title}\n")[1].split("\n## ")[0])
        assert rows == [n for n in PICTURES if _reasons(n) == reasons], title


def _reasons(name):
    marks = getattr(globals()[name], "pytestmark", [])
    return tuple(mark.kwargs["reason"] for mark in marks if mark.name == "xfail")


PICTURES = [
    name
    for name in list(globals())
    if name.startswith("test_")
    and name != "test_each_line_of_the_document_has_a_picture_and_each_picture_a_line"
]
