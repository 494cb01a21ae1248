"""A cell with loops behaves as it would without us."""

import inspect
import subprocess
import sys
import textwrap

import pytest

from jupyter_slicer.hindsight.loops import NAME
from tests.hindsight.session import plain_session

CELLS = {
    "else and break": """
        seen = []
        for i in range(4):
            for j in range(3):
                if j == i:
                    break
                seen.append((i, j))
            else:
                seen.append(("else", i))
        else:
            seen.append("end")
        print(seen, i, j)
    """,
    "while": """
        n = 300
        steps = 0
        while n != 1:
            n = n // 2 if n % 2 == 0 else 3 * n + 1
            steps += 1
            if steps % 7 == 0:
                continue
        else:
            print("else")
        while True:
            n += 1
            if n > 5:
                break
        print(n, steps)
    """,
    "a long fast loop": """
        total = 0
        for i in range(1000):
            total += i
        k = 1000
        while k:
            k -= 1
        print(total, i, k)
    """,
    "generators": """
        def count(n):
            for i in range(n):
                got = yield i
                if got:
                    yield "got", got
        g = count(200)
        print(next(g), g.send("x"), list(g)[-1])
    """,
    "a generator is closed at once": """
        def numbers():
            try:
                yield from range(10)
            finally:
                print("closed")
        for n in numbers():
            if n == 2:
                break
        print("after")
    """,
    "recursion": """
        def walk(tree):
            for part in tree:
                if isinstance(part, list):
                    for leaf in walk(part):
                        yield leaf
                else:
                    yield part
        print(list(walk([1, [2, [3, 4], 5], 6])))
    """,
    "awaiting": """
        import asyncio
        async def ticks(n):
            for i in range(n):
                await asyncio.sleep(0)
                yield i
        async for t in ticks(3):
            print(t)
        for i in range(3):
            await asyncio.sleep(0)
        print(i)
    """,
    "values go when their last name goes": """
        import weakref
        class Big:
            pass
        def work(turns):
            big = Big()
            seen = weakref.ref(big)
            for i in range(turns):
                pass
            big = None
            gone = seen() is None
            inner = Big()
            seen = weakref.ref(inner)
            for i in range(turns):
                inner = i
            return gone, seen() is None
        print(work(3), work(500))
    """,
    "local variables that the user holds": """
        def work():
            x = 1
            held = locals()
            for i in range(3):
                pass
            return sorted(held), held["x"]
        print(work())
    """,
    "a weak proxy whose object is gone": """
        import weakref
        class Big:
            pass
        def work():
            big = Big()
            proxy = weakref.proxy(big)
            del big
            for i in range(3):
                pass
            return i
        print(work())
    """,
    "not an iterable": "for x in 5:\n    pass",
    "an error in the body": """
        for i in range(3):
            for j in range(3):
                1 / (i - j - 1)
    """,
    "an error in the iterator": """
        def bad():
            yield 1
            raise KeyError("inside")
        for x in bad():
            y = x
    """,
    "an error in the test": """
        n = 2
        while 1 / n:
            n -= 1
    """,
    "threads": """
        import threading
        found = []
        def work():
            for i in range(100):
                found.append(i)
        pool = [threading.Thread(target=work) for _ in range(4)]
        for t in pool:
            t.start()
        for t in pool:
            t.join()
        print(len(found))
    """,
    "comprehensions over a loop's variables": """
        rows = []
        for i in range(3):
            rows.append([j * i for j in range(i)])
            late = lambda: i
        print(rows, late())
    """,
}


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_a_cell_says_the_same_with_us_as_without_us(session, cell):
    cell = textwrap.dedent(cell)
    fails = "not an" in cell or any(w in cell for w in ("1 / (", "KeyError", "1 / n", "in 5"))
    ours = session.run(cell, fails=fails)
    theirs = plain_session().run(cell, fails=fails)
    assert ours == theirs


def test_a_for_loop_known_to_be_fast_after_a_while_loop_that_is_let_go(session):
    session.slicer.hindsight.keeper.policy = type(session.slicer.hindsight.keeper.policy)()
    said = session.run("""
        def work(rows, n):
            if n:
                while n:
                    n -= 1
            found = []
            for row in rows:
                found.append(row)
                if len(found) > 9:
                    break
            return found
        for _ in range(20):
            work([1, 2], 0)
        print(work([1, 2], 5000))
    """)
    assert said == "[1, 2]\n"


def test_source_signature_and_lines_of_a_function_stay(session):
    text = "def train(n: int = 3) -> int:\n    for i in range(n):\n        pass\n    return i\n"
    session.run(text)
    train = session["train"]
    assert inspect.getsource(train) == text
    assert str(inspect.signature(train)) == "(n: int = 3) -> int"
    assert session.run("print(train(5))") == "4\n"


def test_the_program_of_a_function_with_loops_is_verified_as_the_same(session):
    session.run("def train(n):\n    for i in range(n):\n        total = i\n    return total\n")
    assert "✓ same" in session.run("%slice train")


def test_after_unloading_functions_with_loops_still_run(session):
    session.run("def train(n):\n    for i in range(n):\n        pass\n    return i\n")
    session.run("%unload_ext jupyter_slicer")
    assert session.run("print(train(5))") == "4\n"
    session.run("%load_ext jupyter_slicer")
    assert session.run("print(train(6))") == "5\n"


def test_after_a_reset_in_the_same_cell_loops_still_run(session):
    assert session.run("%reset -f\nfor i in range(3):\n    pass\nprint(i)") == "2\n"


def test_a_function_that_is_sent_to_another_process_needs_nothing_of_ours(session, tmp_path):
    import cloudpickle

    session.run("""
    def train(n):
        total = 0
        for i in range(n):
            for j in range(2):
                total += i
        while total > 100:
            total -= 1
        return total
    """)
    assert session[NAME] is session.slicer.hindsight.watch
    (tmp_path / "sent").write_bytes(cloudpickle.dumps(session["train"]))
    said = subprocess.run(
        [sys.executable, "-c", "import pickle, sys; f = pickle.load(open(sys.argv[1], 'rb')); "
         "print(f(30), any(m.startswith('jupyter_slicer') for m in sys.modules))",
         str(tmp_path / "sent")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout == "100 False\n"


def test_a_fast_loop_is_left_to_itself(session):
    session.slicer.hindsight.keeper.policy = type(session.slicer.hindsight.keeper.policy)()
    session.run("for i in range(100_000):\n    pass\n")
    site = list(session.slicer.hindsight.watch.sites.values())[-1]
    assert site.fast
    assert session.runs() == ()


def test_an_interrupt_in_the_middle_of_an_iteration(session):
    session.run("""
    import time
    n = 0
    try:
        for epoch in range(100):
            n += 1
            time.sleep(0.01)
            if epoch == 4:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        print("stopped")
    """)
    run = session.runs()[-1]
    assert (run.outcome, run.iterations) == ("left", 5)


def test_our_own_failure_is_told_once_and_the_loop_goes_on(session, monkeypatch):
    def fail(*given, **named):
        raise RuntimeError("no room")

    monkeypatch.setattr("jupyter_slicer.hindsight.recording.dump", fail)
    said = session.run("for i in range(5):\n    x = i\nprint(x)")
    assert said.startswith(("4\n", "jupyter_slicer: "))
    assert "4\n" in said
    assert said.count("no room") == 1
