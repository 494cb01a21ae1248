"""Objects that are changed where they lie, in every way that Python offers."""

import pytest

from tests.picture import check_slice

IN_PLACE = {
    "slice assignment": ("v = [1, 2, 3, 4]", "v[1:3] = [9]", "list(v)"),
    "deleting all": ("v = [1, 2, 3]", "del v[:]", "len(v)"),
    "extended slice": ("v = [1, 2, 3, 4]", "v[::2] = [0, 0]", "list(v)"),
    "item dunder": ("v = [1, 2]", "v.__setitem__(0, 7)", "v[0]"),
    "insert": ("v = [1, 2]", "v.insert(0, 5)", "v[0]"),
    "pop": ("v = [1, 2]", "last = v.pop()", "list(v)"),
    "remove": ("v = [1, 2]", "v.remove(1)", "v[0]"),
    "clear": ("v = [1, 2]", "v.clear()", "len(v)"),
    "times": ("v = [1]", "v *= 3", "len(v)"),
    "plus": ("v = [1]", "v += (2,)", "len(v)"),
    "dict pop": ("v = {'a': 1, 'b': 2}", "got = v.pop('a')", "list(v)"),
    "dict popitem": ("v = {'a': 1, 'b': 2}", "v.popitem()", "list(v)"),
    "dict or": ("v = {'a': 1}", "v |= {'b': 2}", "list(v)"),
    "dict setdefault": ("v = {}", "v.setdefault('k', 4)", "v['k']"),
    "dict clear": ("v = {'a': 1}", "v.clear()", "len(v)"),
    "set minus": ("v = {1, 2, 3}", "v -= {1}", "sorted(v)"),
    "set and": ("v = {1, 2, 3}", "v &= {1, 2}", "sorted(v)"),
    "set xor": ("v = {1, 2}", "v ^= {2, 3}", "sorted(v)"),
    "set pop": ("v = {1}", "v.pop()", "len(v)"),
    "set symmetric update": ("v = {1, 2}", "v.symmetric_difference_update({2})", "sorted(v)"),
    "bytearray": ("v = bytearray(b'ab')", "v.extend(b'c')", "bytes(v)"),
    "bytearray item": ("v = bytearray(b'ab')", "v[0] = 122", "bytes(v)"),
    "bytearray delete": ("v = bytearray(b'abcd')", "del v[1:3]", "bytes(v)"),
}


@pytest.mark.parametrize("name", IN_PLACE)
def test_changed_in_place_by(name):
    make, change, read = IN_PLACE[name]
    check_slice(
        f"""
        # %%
        {make}  # keep
        # %%
        other = 1
        # %%
        {change}  # keep
        # %%
        x = {read}  # keep
        """,
        of="x",
    )


FROM_A_LIBRARY = {
    "heapq.heappush": ("heapq", "v = [5]", "heapq.heappush(v, 3)", "v[0]"),
    "heapq.heapify": ("heapq", "v = [5, 1, 4]", "heapq.heapify(v)", "v[0]"),
    "heapq.heappop": ("heapq", "v = [1, 5]", "got = heapq.heappop(v)", "v[0]"),
    "heapq.heapreplace": ("heapq", "v = [1, 5]", "heapq.heapreplace(v, 9)", "v[0]"),
    "bisect.insort": ("bisect", "v = [1, 5]", "bisect.insort(v, 3)", "v[1]"),
    "deque.rotate": ("collections", "v = collections.deque([1, 2, 3])", "v.rotate(1)", "v[0]"),
    "deque.appendleft": (
        "collections",
        "v = collections.deque([1])",
        "v.appendleft(0)",
        "v[0]",
    ),
    "bounded deque": (
        "collections",
        "v = collections.deque([1, 2], maxlen=2)",
        "v.append(3)",
        "list(v)",
    ),
    "Counter.update": (
        "collections",
        "v = collections.Counter('a')",
        "v.update('ab')",
        "v['a']",
    ),
    "Counter.subtract": (
        "collections",
        "v = collections.Counter('aa')",
        "v.subtract('a')",
        "v['a']",
    ),
    "OrderedDict.move_to_end": (
        "collections",
        "v = collections.OrderedDict(a=1, b=2)",
        "v.move_to_end('a')",
        "list(v)",
    ),
    "reading a defaultdict": (
        "collections",
        "v = collections.defaultdict(list)",
        "v['new']",
        "len(v)",
    ),
    "UserDict": ("collections", "v = collections.UserDict(a=1)", "v['b'] = 2", "len(v)"),
    "UserList": ("collections", "v = collections.UserList([3, 1])", "v.sort()", "v[0]"),
    "array.array": ("array", "v = array.array('i', [1, 2])", "v.append(3)", "v.tolist()"),
    "array.byteswap": ("array", "v = array.array('h', [1])", "v.byteswap()", "v.tolist()"),
    "operator.setitem": ("operator", "v = {}", "operator.setitem(v, 'a', 3)", "v['a']"),
    "operator.iadd": ("operator", "v = [1]", "operator.iadd(v, [2])", "len(v)"),
    "operator.delitem": ("operator", "v = [1, 2]", "operator.delitem(v, 0)", "v[0]"),
    "struct.pack_into": (
        "struct",
        "v = bytearray(4)",
        "struct.pack_into('<i', v, 0, 258)",
        "bytes(v)",
    ),
    "random.shuffle with own generator": (
        "random",
        "v = [1, 2, 3, 4, 5]",
        "random.Random(3).shuffle(v)",
        "list(v)",
    ),
    "namespace attribute": ("types", "v = types.SimpleNamespace(a=1)", "v.a = 5", "v.a"),
    "namespace dict": ("types", "v = types.SimpleNamespace(a=1)", "vars(v)['a'] = 6", "v.a"),
    "ctypes array": ("ctypes", "v = (ctypes.c_int * 3)(1, 2, 3)", "v[1] = 20", "list(v)"),
    "StringIO": ("io", "v = io.StringIO()", "v.write('hello')", "v.getvalue()"),
    "BytesIO position": ("io", "v = io.BytesIO(b'abcdef')", "v.seek(2)", "v.read()"),
    "StringIO consumed": ("io", "v = io.StringIO('one\\ntwo\\n')", "v.readline()", "v.read()"),
    "queue": ("queue", "v = queue.Queue()", "v.put(4)", "v.get()"),
    "queue size": ("queue", "v = queue.PriorityQueue()", "v.put(4)", "v.qsize()"),
    "configparser": (
        "configparser",
        "v = configparser.ConfigParser()",
        "v.read_string('[a]\\nb = 3')",
        "v['a']['b']",
    ),
    "graph sorter": (
        "graphlib",
        "v = graphlib.TopologicalSorter()",
        "v.add('b', 'a')",
        "list(v.static_order())",
    ),
    "xml element": (
        "xml.etree.ElementTree as ET",
        "v = ET.Element('a')",
        "ET.SubElement(v, 'b')",
        "ET.tostring(v)",
    ),
    "argument parser": (
        "argparse",
        "v = argparse.ArgumentParser()",
        "v.add_argument('--n', default=3)",
        "v.parse_args([]).n",
    ),
    "hash object": ("hashlib", "v = hashlib.sha1()", "v.update(b'abc')", "v.hexdigest()"),
    "zlib compressor": (
        "zlib",
        "v = zlib.decompressobj()",
        "v.decompress(zlib.compress(b'abc')[:-4])",
        "v.eof",
    ),
    "event": ("threading", "v = threading.Event()", "v.set()", "v.is_set()"),
    "lock": ("threading", "v = threading.Lock()", "v.acquire()", "v.locked()"),
    "context variable": (
        "contextvars",
        "v = contextvars.ContextVar('v', default=1)",
        "token = v.set(5)",
        "v.get()",
    ),
    "fractions by name": (
        "fractions",
        "v = {'half': fractions.Fraction(1, 2)}",
        "v['half'] += 1",
        "str(v['half'])",
    ),
}


@pytest.mark.parametrize("name", FROM_A_LIBRARY)
def test_changed_in_place_by_the_library_call(name):
    library, make, change, read = FROM_A_LIBRARY[name]
    minimal = name not in {"zlib compressor"}
    check_slice(
        f"""
        # %%
        import {library}  # keep
        {make}  # keep
        # %%
        unused = [0]
        unused.append(1)
        # %%
        {change}  # keep
        # %%
        x = {read}  # keep
        """,
        of="x",
        minimal=minimal,
    )


def test_a_sort_key_with_side_effects():
    check_slice(
        """
        # %%
        seen = []  # keep
        def key(v):  # keep
            seen.append(v)  # keep
            return -v  # keep
        # %%
        ranked = sorted([2, 3, 1], key=key)  # keep
        # %%
        x = list(seen)  # keep
        """,
        of="x",
        minimal=False,
    )


def test_reduce_with_side_effects():
    check_slice(
        """
        # %%
        from functools import lru_cache, reduce  # keep reduce
        path = []  # keep
        # %%
        total = reduce(lambda a, b: path.append(a) or a + b, [1, 2, 3])  # keep
        # %%
        x = list(path)  # keep
        """,
        of="x",
    )


def test_a_comprehension_that_changes_another_list():
    check_slice(
        """
        # %%
        log = []  # keep
        # %%
        squares = [log.append(i) or i * i for i in range(3)]  # keep
        # %%
        x = len(log)  # keep
        """,
        of="x",
    )


def test_a_walrus_in_a_test_binds_a_name():
    check_slice(
        """
        # %%
        words = ["a", "bbb"]  # keep
        noise = 2
        # %%
        if (n := max(map(len, words))) > 2:  # keep
            print("long", noise)
        # %%
        x = n + 1  # keep
        """,
        of="x",
    )


def test_a_walrus_in_a_comprehension_binds_outside():
    check_slice(
        """
        # %%
        total = 0  # keep
        partial = [total := total + v for v in [1, 2, 3]]  # keep
        # %%
        x = total  # keep
        """,
        of="x",
    )


def test_an_argument_that_changes_what_a_later_argument_reads():
    check_slice(
        """
        # %%
        stack = [1, 2, 3]  # keep
        # %%
        pair = (stack.pop(), stack.pop())  # keep
        # %%
        x = (pair, stack[:])  # keep
        """,
        of="x",
    )


def test_a_condition_with_a_side_effect():
    check_slice(
        """
        # %%
        todo = [3, 2, 1]  # keep
        # %%
        while todo.pop() < 3:  # keep
            print("popped")
        # %%
        x = len(todo)  # keep
        """,
        of="x",
        minimal=False,
    )


def test_an_assert_with_a_side_effect():
    check_slice(
        """
        # %%
        stack = [1, 2]  # keep
        assert stack.pop() == 2  # keep
        # %%
        x = stack[-1]  # keep
        """,
        of="x",
    )


def test_a_formatted_string_with_a_side_effect():
    check_slice(
        """
        # %%
        stack = [1, 2]  # keep
        print(f"popped {stack.pop()}")  # keep
        # %%
        x = stack[-1]  # keep
        """,
        of="x",
    )


def test_printing_alone_leaves_nothing():
    check_slice(
        """
        # %%
        values = [1, 2]  # keep
        print(values)
        print(f"{values!r}", sum(values))
        values
        len(values);
        # %%
        x = values[-1]  # keep
        """,
        of="x",
    )


def test_a_change_and_its_undoing_are_seen_by_what_stands_between():
    check_slice(
        """
        # %%
        flags = {"fast": False}  # keep
        # %%
        flags["fast"] = True  # keep
        used = dict(flags)  # keep
        flags["fast"] = False
        # %%
        x = used["fast"]  # keep
        """,
        of="x",
    )


def test_changes_after_the_last_use_are_left_out():
    check_slice(
        """
        # %%
        values = [1, 2]  # keep
        # %%
        x = sum(values)  # keep
        # %%
        values.append(100)
        values.clear()
        """,
        of="x",
    )


def test_changes_to_the_target_itself_after_its_making():
    check_slice(
        """
        # %%
        x = {"a": 1}  # keep
        y = dict(x)
        # %%
        x["b"] = 2  # keep
        y["c"] = 3
        # %%
        x.pop("a")  # keep
        """,
        of="x",
    )


def test_an_overwritten_list_needs_no_earlier_change():
    check_slice(
        """
        # %%
        values = [1]
        values.append(2)
        # %%
        values = [5]  # keep
        values.append(6)  # keep
        # %%
        x = sum(values)  # keep
        """,
        of="x",
    )


def test_an_overwritten_element_needs_no_earlier_write():
    check_slice(
        """
        # %%
        d = {"a": 0}  # keep
        d["a"] = 1
        d["a"] = 2  # keep
        # %%
        x = d["a"]  # keep
        """,
        of="x",
    )


def test_a_queue_worked_off_by_a_loop():
    check_slice(
        """
        # %%
        from collections import deque  # keep
        queue = deque([1, 2, 3])  # keep
        done = []  # keep
        times = []
        # %%
        while queue:  # keep
            job = queue.popleft()  # keep
            times.append(job / 10)
            done.append(job * job)  # keep
        # %%
        x = done  # keep
        """,
        of="x",
        minimal=False,
    )


def test_a_list_that_is_filled_by_a_thread():
    check_slice(
        """
        # %%
        import threading  # keep
        results = []  # keep
        # %%
        worker = threading.Thread(target=lambda: results.append(7))  # keep
        worker.start()  # keep
        worker.join()  # may
        # %%
        x = results[0]  # keep
        """,
        of="x",
        minimal=False,
    )


def test_a_pool_that_fills_a_dictionary():
    check_slice(
        """
        # %%
        from concurrent.futures import ThreadPoolExecutor  # keep
        found = {}  # keep
        def work(n):  # keep all
            found[n] = n * n
        # %%
        with ThreadPoolExecutor(1) as pool:  # keep
            list(pool.map(work, range(3)))  # keep
        # %%
        x = sorted(found.items())  # keep
        """,
        of="x",
    )


def test_a_slot_object_is_changed():
    check_slice(
        """
        # %%
        class P:  # keep
            __slots__ = ("a", "b")  # may
        # %%
        p = P()  # keep
        p.a = 1  # keep
        p.b = 2
        # %%
        x = p.a  # keep
        """,
        of="x",
    )


def test_an_object_is_changed_through_its_dict():
    check_slice(
        """
        # %%
        class P:  # keep
            pass
        p = P()  # keep
        # %%
        p.__dict__.update(a=1)  # keep
        vars(p)["b"] = 2  # keep
        # %%
        x = p.a + p.b  # keep
        """,
        of="x",
    )


def test_a_deleted_attribute_uncovers_the_class():
    check_slice(
        """
        # %%
        class P:  # keep
            a = "class"  # keep
        p = P()  # keep
        p.a = "own"  # keep
        # %%
        del p.a  # keep
        # %%
        x = p.a  # keep
        """,
        of="x",
        minimal=False,
    )


def test_a_deleted_name_uncovers_the_builtin():
    check_slice(
        """
        # %%
        sum = lambda v: -1
        before = sum([1])
        # %%
        del sum
        # %%
        x = sum([1, 2])  # keep
        """,
        of="x",
    )


def test_adding_to_a_dictionary_in_a_loop_over_another():
    check_slice(
        """
        # %%
        prices = {"a": 1, "b": 2}  # keep
        index = {}  # keep
        counts = {}
        # %%
        for name, price in prices.items():  # keep
            counts[name] = counts.get(name, 0) + 1
            index.setdefault(price, []).append(name)  # keep
        # %%
        x = index  # keep
        """,
        of="x",
    )


def test_what_sympy_finds_out_about_a_symbol_changes_no_expression():
    check_slice(
        """
        # %%
        import sympy as sp                  # keep
        a, b = sp.symbols("a b")            # keep
        # %%
        square = a**2 + b                   # keep
        root = sp.simplify(sp.sqrt(a**2) * b)
        positive = square.is_positive
        # %%
        x = str(square.diff(a))             # keep
        """,
        of="x",
    )


def test_a_matrix_of_sympy_in_which_an_entry_is_set():
    check_slice(
        """
        # %%
        import sympy as sp                  # keep
        a = sp.Symbol("a")                  # keep
        matrix = sp.zeros(2, 2)             # keep
        # %%
        matrix[0, 1] = a                    # keep
        rank = matrix.rank()
        # %%
        x = str(matrix)                     # keep
        """,
        of="x",
    )
