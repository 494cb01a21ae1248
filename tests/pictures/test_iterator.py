"""Iterators and generators: reading them is changing them."""

import pytest

from tests.picture import check_slice

CONSUMED = {
    "zip": "zip([1, 2, 3], 'abc')",
    "enumerate": "enumerate('abc')",
    "map": "map(str, [1, 2, 3])",
    "filter": "filter(None, [1, 2, 3])",
    "reversed": "reversed([1, 2, 3])",
    "generator expression": "(i * i for i in range(4))",
    "dict items": "iter({'a': 1, 'b': 2, 'c': 3}.items())",
    "range": "iter(range(4))",
    "string": "iter('hello')",
}


@pytest.mark.parametrize("name", CONSUMED)
def test_a_partly_consumed(name):
    check_slice(
        f"""
        # %%
        source = {CONSUMED[name]}  # keep
        other = iter([1])
        # %%
        first = next(source)  # keep
        next(other)
        # %%
        x = list(source)  # keep
        """,
        of="x",
    )


ITERTOOLS = {
    "chain": "chain([1, 2], [3, 4])",
    "cycle": "cycle([1, 2, 3])",
    "count": "count(5)",
    "islice": "islice([1, 2, 3, 4, 5], 4)",
    "accumulate": "accumulate([1, 2, 3, 4])",
    "product": "product([1, 2], [3, 4])",
    "permutations": "permutations([1, 2, 3])",
    "pairwise": "pairwise([1, 2, 3, 4])",
    "takewhile": "takewhile(bool, [1, 2, 3])",
    "dropwhile": "dropwhile(bool, [1, 0, 3, 4])",
    "zip_longest": "zip_longest([1, 2], [3])",
    "starmap": "starmap(pow, [(2, 1), (2, 2), (2, 3)])",
    "repeat": "repeat(7, 2)",
    "compress": "compress([1, 2, 3], [1, 1, 1])",
}


@pytest.mark.parametrize("name", ITERTOOLS)
def test_itertools_consumed(name):
    # A repeat of one value differs only in how many are left.
    read = "len(list(it))" if name == "repeat" else "next(it)"
    check_slice(
        f"""
        # %%
        from itertools import {name}  # keep
        it = {ITERTOOLS[name]}  # keep
        # %%
        next(it)  # keep
        # %%
        x = {read}  # keep
        """,
        of="x",
    )


def test_a_loop_that_breaks_leaves_the_rest():
    check_slice(
        """
        # %%
        it = iter(range(10))  # keep
        # %%
        for v in it:  # keep
            print(v)
            if v == 3:  # keep
                break  # keep
        # %%
        x = next(it)  # keep
        """,
        of="x",
    )


def test_tee_gives_two_readers_of_one_source():
    check_slice(
        """
        # %%
        from itertools import tee  # keep
        a, b = tee(iter([1, 2, 3]))  # keep
        # %%
        next(a)
        next(b)  # keep
        # %%
        x = next(b)  # keep
        """,
        of="x",
        extra=1,
    )


def test_groupby_shares_its_source():
    check_slice(
        """
        # %%
        from itertools import groupby  # keep
        groups = groupby([1, 1, 2, 2, 3], key=lambda v: v)  # keep
        # %%
        key, members = next(groups)  # keep
        # %%
        next(groups)  # keep
        # %%
        x = list(members)  # keep
        """,
        of="x",
        minimal=False,
    )


def test_a_generator_that_is_sent_to():
    check_slice(
        """
        # %%
        def averager():  # keep
            total, n = 0, 0  # keep
            while True:  # keep
                value = yield total / max(n, 1)  # keep
                total += value  # keep
                n += 1  # keep
                print("got", value)
        # %%
        avg = averager()  # keep
        next(avg)  # keep
        avg.send(10)  # keep
        # %%
        x = avg.send(20)  # keep
        """,
        of="x",
    )


def test_a_generator_that_is_thrown_into():
    check_slice(
        """
        # %%
        def worker():  # keep
            mode = "up"  # keep
            while True:  # keep
                try:  # keep
                    yield mode  # keep
                except ValueError:
                    mode = "down"  # keep
        # %%
        w = worker()  # keep
        next(w)  # keep
        w.throw(ValueError())  # keep
        # %%
        x = next(w)  # keep
        """,
        of="x",
        minimal=False,
    )


def test_yield_from_passes_the_inner_generator_on():
    check_slice(
        """
        # %%
        def inner():  # keep all
            yield 1
            yield 2
            yield 3
        def outer(g):  # keep all
            yield from g
        # %%
        g = inner()  # keep
        o = outer(g)  # keep
        # %%
        next(o)  # keep
        # %%
        x = next(g)  # keep
        """,
        of="x",
        extra=0,
        minimal=False,
    )


def test_a_generator_reads_a_list_that_grows():
    check_slice(
        """
        # %%
        data = [1, 2]  # keep
        doubled = (v * 2 for v in data)  # keep
        # %%
        data.append(3)  # keep
        # %%
        x = list(doubled)  # keep
        """,
        of="x",
    )


def test_an_iterator_of_a_list_that_shrinks():
    check_slice(
        """
        # %%
        data = [1, 2, 3]  # keep
        it = iter(data)  # keep
        next(it)  # keep
        # %%
        data.pop()  # keep
        # %%
        x = list(it)  # keep
        """,
        of="x",
    )


def test_an_iterator_shared_by_two_names():
    check_slice(
        """
        # %%
        it = iter("abcd")  # keep
        same = it  # keep
        # %%
        next(same)  # keep
        # %%
        x = next(it)  # keep
        """,
        of="x",
    )


def test_the_grouping_trick_of_one_iterator_twice():
    check_slice(
        """
        # %%
        it = iter([1, 2, 3, 4, 5, 6])  # keep
        pairs = zip(it, it)  # keep
        # %%
        next(pairs)  # keep
        next(it)  # keep
        # %%
        x = next(pairs)  # keep
        """,
        of="x",
    )


def test_membership_consumes_an_iterator():
    check_slice(
        """
        # %%
        it = iter(range(8))  # keep
        # %%
        found = 3 in it  # keep
        # %%
        x = next(it)  # keep
        """,
        of="x",
    )


def test_unpacking_consumes_an_iterator():
    check_slice(
        """
        # %%
        it = iter(range(8))  # keep
        # %%
        a, b = next(it), next(it)  # keep
        # %%
        x = next(it)  # keep
        """,
        of="x",
    )


def test_any_stops_an_iterator_midway():
    check_slice(
        """
        # %%
        it = iter([0, 0, 1, 5])  # keep
        # %%
        if any(it):  # keep
            print("found")
        # %%
        x = list(it)  # keep
        """,
        of="x",
        minimal=False,
    )


def test_an_exhausted_generator_gives_nothing():
    check_slice(
        """
        # %%
        squares = (v * v for v in range(3))  # keep
        # %%
        total = sum(squares)  # keep
        # %%
        x = list(squares)  # keep
        """,
        of="x",
    )


def test_a_generator_remade_needs_no_earlier_reads():
    check_slice(
        """
        # %%
        def make():  # keep all
            yield 1
            yield 2
        # %%
        g = make()
        next(g)
        # %%
        g = make()  # keep
        # %%
        x = next(g)  # keep
        """,
        of="x",
        extra=0,
        minimal=False,
    )


def test_an_open_file_is_read_line_by_line():
    check_slice(
        """
        # %%
        with open("t.txt", "w") as out:  # keep
            out.write("one\\ntwo\\nthree\\n")  # keep
        # %%
        f = open("t.txt")  # keep
        # %%
        head = next(f)  # keep
        # %%
        x = next(f)  # keep
        """,
        of="x",
    )


def test_a_csv_reader_is_consumed():
    check_slice(
        """
        # %%
        import csv, io  # keep
        rows = csv.reader(io.StringIO("a,b\\n1,2\\n3,4\\n"))  # keep
        # %%
        header = next(rows)  # keep
        # %%
        x = list(rows)  # keep
        """,
        of="x",
    )


def test_a_regular_expression_iterator():
    check_slice(
        """
        # %%
        import re  # keep
        found = re.finditer("[0-9]+", "1 22 333")  # keep
        # %%
        next(found)  # keep
        # %%
        x = next(found).group()  # keep
        """,
        of="x",
    )


def test_a_database_cursor_is_consumed():
    check_slice(
        """
        # %%
        import sqlite3  # keep
        con = sqlite3.connect(":memory:")  # keep
        rows = con.execute("select 1 union select 2 union select 3")  # keep
        # %%
        rows.fetchone()  # keep
        # %%
        x = rows.fetchone()  # keep
        """,
        of="x",
    )


def test_an_id_counter_used_as_a_default():
    check_slice(
        """
        # %%
        from itertools import count  # keep
        ids = count(1)  # keep
        def new(name):  # keep all
            return (next(ids), name)
        # %%
        a = new("a")  # keep
        b = new("b")  # keep
        # %%
        x = new("c")  # keep
        """,
        of="x",
    )


def test_a_generator_with_a_hidden_closure():
    check_slice(
        """
        # %%
        def stream():  # keep all
            n = 0
            while True:
                n += 3
                yield n
        # %%
        read = stream().__next__  # keep
        read()  # keep
        read()  # keep
        # %%
        x = read()  # keep
        """,
        of="x",
    )


def test_batches_drawn_in_two_cells():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        data = np.arange(12)  # keep
        def batches(a, n):  # keep
            for i in range(0, len(a), n):  # keep
                print("batch", i)
                yield a[i:i + n]  # keep
        # %%
        loader = batches(data, 4)  # keep
        # %%
        warm = next(loader)  # keep
        # %%
        x = next(loader).tolist()  # keep
        """,
        of="x",
    )


def test_what_is_read_in_the_block_that_opened_the_file():
    check_slice(
        """
        # %%
        open("t.txt", "w").write("1\\n2\\n")    # keep
        # %%
        with open("t.txt", "rb") as file:       # keep
            noise = 3
            lines = list(file)                  # keep
            end = file.tell()                   # keep
        """,
        of="end",
    )
