"""Objects that raise, lie, run deep or in circles: none of their code is called."""

import collections
import sqlite3
import threading

import pytest

from jupyter_slicer.values import value_digest

called = []


def trap(name):
    def method(self, *args, **kwargs):
        called.append(name)
        raise SystemError(name)

    return method


DUNDERS = [
    "__repr__",
    "__str__",
    "__eq__",
    "__hash__",
    "__reduce__",
    "__reduce_ex__",
    "__getstate__",
    "__getattr__",
    "__getattribute__",
    "__iter__",
    "__len__",
    "__bool__",
    "__dir__",
    "__format__",
    "__contains__",
    "__getitem__",
    "__getnewargs__",
    "__getnewargs_ex__",
    "__array__",
    "__float__",
    "__int__",
    "__index__",
    "__del__x",
    "__deepcopy__",
    "__copy__",
    "__sizeof__",
    "items",
    "keys",
    "values",
    "__torch_function__",
    "__class_getitem__",
    "__array_finalize__x",
    "__fspath__",
    "__bytes__",
    "__complex__",
    "__call__",
    "__next__",
    "__length_hint__",
]
BASES = [
    object, int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset,
    collections.OrderedDict, collections.defaultdict, collections.deque, collections.Counter,
    Exception,
]  # fmt: skip


@pytest.mark.parametrize("base", BASES, ids=lambda base: base.__name__)
def test_no_method_of_the_users_is_called(base):
    body = {name: trap(name) for name in DUNDERS}
    body["__class__"] = property(trap("__class__"))
    body["__dict__x"] = property(trap("__dict__"))
    body["attribute"] = property(trap("property"))
    hostile = type("Hostile", (base,), body)
    value = base.__new__(hostile)
    del called[:]
    found = value_digest([value, {"k": value}])
    assert found.digest is not None
    assert value_digest(value).summary.startswith("Hostile")
    assert called == []


def test_no_method_of_a_metaclass_is_called():
    body = {name: trap(name) for name in DUNDERS if name != "__call__"}
    meta = type("Meta", (type,), body)
    cls = type.__call__(meta, "Cls", (), {"x": 1})
    del called[:]
    assert value_digest(cls).digest
    assert value_digest(object.__new__(cls)).digest
    assert called == []


def test_a_class_that_says_it_is_a_librarys_is_not_believed():
    body = {name: trap(name) for name in DUNDERS} | {"__module__": "numpy"}
    liar = type("ndarray", (), body)
    del called[:]
    assert value_digest(object.__new__(liar)).digest
    assert called == []


def test_hostile_arrays_and_frames_are_read_from_below():
    import numpy as np
    import pandas as pd

    hooks = {"__array_finalize__", "__array__", "__len__"}
    body = {name: trap(name) for name in DUNDERS if name not in hooks}
    array = np.ndarray.__new__(type("Array", (np.ndarray,), body), (3,))
    frame_class = type("Frame", (pd.DataFrame,), {n: body[n] for n in ("__eq__", "__repr__")})
    del called[:]
    assert value_digest(array).digest
    assert value_digest(frame_class({"a": [1]})).digest
    assert called == []


def test_nesting_has_no_limit():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert value_digest(deep).digest != value_digest([deep]).digest


def test_a_long_chain_of_objects_that_know_each_other_has_a_digest():
    class Link:
        pass

    first = previous = Link()
    for _ in range(20_000):
        following = Link()
        previous.next, following.back = following, previous
        previous = following
    assert value_digest(first).digest


def test_circles_are_told_apart():
    one: list = []
    one.append(one)
    two: list = [1]
    two.append(two)
    assert value_digest(one).digest != value_digest(two).digest


def test_what_cannot_be_compared_is_named():
    found = value_digest({"db": sqlite3.connect(":memory:"), "n": 1})
    assert found.digest is not None
    assert found.opaque == ("['db']: sqlite3.Connection",)
    assert found.digest != value_digest({"db": sqlite3.connect(":memory:"), "n": 2}).digest


@pytest.mark.parametrize(
    "value", [sqlite3.connect(":memory:"), threading.Lock(), (x for x in ()), open(__file__)]
)
def test_a_resource_has_no_digest(value):
    found = value_digest(value)
    assert found.digest is None
    assert found.opaque


def test_a_generator_is_not_advanced():
    generator = (n for n in range(3))
    value_digest([generator])
    assert list(generator) == [0, 1, 2]


def test_an_iterator_is_not_advanced():
    for iterator in (iter([1, 2]), iter({1, 2}), enumerate("a"), iter({"a": 1}), map(abs, [1])):
        value_digest(iterator)
        assert list(iterator)


def test_the_budget_is_kept():
    rows = [[object(), [n]] for n in range(300_000)]
    found = value_digest(rows, budget_seconds=0.1)
    assert found.digest is None
    assert "0.1 s" in found.opaque[0]


def test_a_large_array_is_not_copied():
    import tracemalloc

    import numpy as np

    array = np.ones(20_000_000)
    view = np.ones((4000, 4000))[:, ::2]
    tracemalloc.start()
    value_digest(array)
    value_digest(view)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50_000_000


def test_summaries_are_short_and_say_the_shape():
    import numpy as np
    import pandas as pd

    assert value_digest(0.8213).summary == "float 0.8213"
    assert value_digest(pd.DataFrame({"a": range(3), "b": 0})).summary == "DataFrame 3×2"
    assert value_digest(np.zeros((3, 4))).summary == "ndarray float64 3×4"
    assert value_digest([1, 2]).summary == "list of 2"
    assert value_digest(10**5000).summary == "int of 16610 bits"
    assert len(value_digest("x" * 1000).summary) < 60
