"""A value in a few words, without asking the value."""

import sys

import numpy as np
import pandas as pd
import pytest

from jupyter_slicer.values.preview import Preview, preview


@pytest.mark.parametrize(
    ("value", "type_", "shape", "text"),
    [
        (3, "int", "", "3"),
        (10**100, "int", "", "of 333 bits"),
        (2.5, "float", "", "2.5"),
        (True, "bool", "", "True"),
        (None, "NoneType", "", "None"),
        ("a\n<b>", "str", "5", "'a\\n<b>'"),
        (b"ab", "bytes", "2", "b'ab'"),
        ([3, "a", [1], {}], "list", "4", "[3, 'a', list, {}]"),
        ({"k": 1, (): None}, "dict", "2", "{'k': 1, (): None}"),
        (set(), "set", "0", "set()"),
        ((), "tuple", "0", "()"),
        (range(9), "range", "9", "range(0, 9)"),
        (np.zeros((3, 4)), "ndarray float64", "3×4", "[0, 0, 0, 0, 0, 0, …]"),
        (np.array(["x"]), "ndarray <U1", "1", ""),
        (pd.DataFrame({"a": [1], "b": [2]}), "DataFrame", "1×2", "a, b"),
        (pd.Series([1.0, 2.0], name="s"), "Series float64", "2", "'s'"),
        (len, "builtin_function_or_method", "", "len"),
        (Preview, "class", "", "Preview"),
        (sys, "module", "", ""),
    ],
)
def test_a_value_has_type_shape_and_text(value, type_, shape, text):
    found = preview(value)
    assert (found.type, found.shape, found.text) == (type_, shape, text)


def test_sizes_are_those_of_the_content():
    assert preview(np.zeros(1000)).bytes == 8000
    assert preview(pd.DataFrame({"a": np.zeros(1000)})).bytes == 8000
    assert preview([]).bytes == sys.getsizeof([])


@pytest.mark.parametrize(
    "value", ["x" * 10_000, list(range(10_000)), b"y" * 500, {"k" * 900: 1}]
)
def test_texts_are_short(value):
    assert len(preview(value).text) < 130


class Hostile:
    """Anything that asks it, fails."""

    def __getattribute__(self, name):
        raise RuntimeError(name)

    __repr__ = __str__ = __len__ = __sizeof__ = __iter__ = __bool__ = __getattribute__


class HostileMeta(type):
    def __getattribute__(cls, name):
        raise RuntimeError(name)

    def __hash__(cls):
        raise RuntimeError("hash")

    def __eq__(cls, other):
        raise RuntimeError("eq")


class HostileList(list):
    def __len__(self):
        raise RuntimeError("len")

    def __iter__(self):
        raise RuntimeError("iter")


def test_nothing_of_the_values_own_is_run():
    strange = HostileMeta("Strange", (), {})
    assert preview(Hostile()) == Preview("Hostile")
    assert preview(type.__call__(strange)).type == "Strange"
    assert preview(strange).text == "Strange"
    assert preview(HostileList([1, 2])) == Preview("HostileList", "2")
    assert preview([Hostile(), HostileList()]).text == "[Hostile, HostileList]"
    assert preview({1: Hostile()}).text == "{1: Hostile}"
