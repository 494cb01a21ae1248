"""Values that are equal have equal digests, others have not, in any process."""

import os
import subprocess
import sys

import pytest

from jupyter_slicer.values import value_digest

# One line, one family: expressions in it give one value; lines differ from each other.
FAMILIES = """
None
True
1 | int("1")
1.0 | 2 / 2
0.0
-0.0
float("nan") | float("inf") - float("inf")
1j
"1" | str(1)
b"1"
2**100 | 1 << 100
-(2**100)
"\\ud800"
[1] | list((1,))
(1,)
[1, [2]] | (lambda: [1, [2]])()
[[1], [1]] | (lambda a: [a, a])([1])
[1, 2, 3] * 40 | [*([1, 2, 3] * 40)]
[0.5] * 40
{1: 2, 3: 4} | dict([(1, 2), (3, 4)])
{3: 4, 1: 2}
{"a", "b", "c", ("d", 1)} | set(["c", ("d", 1), "b", "a"])
frozenset("abc") | frozenset("cba")
{frozenset("abc"), frozenset("xyz")} | {frozenset("zyx"), frozenset("cba")}
collections.OrderedDict(a=1)
collections.Counter("abca")
collections.deque([1, 2], 5)
collections.deque([1, 2])
collections.defaultdict(list, {1: [2]}) | collections.defaultdict(list, {1: [2]})
collections.defaultdict(set, {1: [2]})
Pair(1, 2) | Pair(*[1, 2])
Colour.RED | Colour(1)
Colour.BLUE
Stack([1], "x") | Stack([1], "x")
Stack([1], "y")
Point(1, [2]) | Point(1, [2])
Point(1, [3])
Slotted(1) | Slotted(1)
Slotted(2)
circle(3) | circle(3)
circle(4)
circle(100) | circle(100)
tree(3) | tree(3)
tree(2)
datetime.datetime(2020, 1, 1) | datetime.datetime.fromisoformat("2020-01-01")
datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
datetime.datetime(2020, 1, 1, tzinfo=zoneinfo.ZoneInfo("Europe/Paris"))
datetime.date(2020, 1, 1)
datetime.timedelta(1) | datetime.timedelta(hours=24)
decimal.Decimal("1.50")
decimal.Decimal("1.5")
fractions.Fraction(1, 2) | fractions.Fraction(2, 4)
pathlib.Path("a") | pathlib.Path("./a")
re.compile("a") | re.compile("a", 0)
re.compile("a", re.I)
uuid.UUID(int=1) | uuid.UUID("00000000-0000-0000-0000-000000000001")
range(3) | range(0, 3, 1)
slice(3)
...
NotImplemented
int
Point
Colour
math
len
[].append
math.sqrt
str.upper
add
(lambda x: x + 1) | (lambda x: x + 1)
(lambda x: x + 2)
adder(1) | adder(1)
adder(2)
functools.partial(add, 1) | functools.partial(add, 1)
functools.partial(add, 2)
Point(1, 2).norm
ValueError("x") | ValueError("x")
ValueError("y")
iter([1, 2]) | iter([1, 2])
advanced(iter([1, 2]))
zip([1], [2])
map(len, ["a"])
itertools.count(3)
advanced(itertools.count(3))
enumerate("ab")
io.StringIO("a")
io.BytesIO(b"a")
array.array("d", [1.0])
bytearray(b"x")
memoryview(b"x")
random.Random(3) | random.Random(3)
random.Random(4)
types.SimpleNamespace(a=1) | types.SimpleNamespace(a=1)
np.arange(12).reshape(3, 4) | np.arange(12).reshape(4, 3).copy().reshape(3, 4)
np.arange(12).reshape(4, 3).T | np.ascontiguousarray(np.arange(12).reshape(4, 3).T)
np.arange(12)[::2] | np.array([0, 2, 4, 6, 8, 10])
np.arange(12.0)
np.array(3)
np.int64(3)
np.float64(3)
np.array([{}, [1]], dtype=object) | np.array([{}, [1]], dtype=object)
np.array([{}, [2]], dtype=object)
np.array([(1, "a")], dtype=[("n", "i4"), ("s", "O")])
np.array([(2, "a")], dtype=[("n", "i4"), ("s", "O")])
np.ma.array([1, 2], mask=[0, 1]) | np.ma.array([1, 9], mask=[0, 1])
np.ma.array([1, 2])
np.array(["a", "bc"])
np.array(["a", "bc"], dtype=np.dtypes.StringDType())
np.datetime64("2020-01-01")
np.longdouble(1) | np.longdouble("1")
np.dtype("i4")
np.sin
np.random.default_rng(0) | np.random.default_rng(0)
np.random.default_rng(1)
np.random.RandomState(0) | np.random.RandomState(0)
np.random.RandomState(1)
scipy.sparse.csr_matrix(np.eye(3)) | scipy.sparse.csr_matrix(np.eye(3))
scipy.sparse.csr_matrix(np.eye(3) * 2)
pd.DataFrame({"a": [1], "b": ["x"]}) | pd.DataFrame([[1, "x"]], columns=["a", "b"])
pd.DataFrame({"b": ["x"], "a": [1]})
pd.DataFrame({"a": [1.0], "b": ["x"]})
pd.DataFrame({"a": [1], "b": ["y"]})
pd.DataFrame({"a": [1], "b": ["x"]}, index=[7])
pd.DataFrame({"a": [1, 2, 3]})[1:] | pd.DataFrame({"a": [2, 3]}, index=[1, 2])
pd.Series([1, 2], name="a")
pd.Series([1, 2], name="b")
pd.Series([1, None], dtype="Int64") | pd.Series([1, 5], dtype="Int64").where([True, False])
pd.Series(["a", "b"], dtype="category")
pd.Series(["a", "b"], dtype=pd.CategoricalDtype(["b", "a"]))
pd.Series(pd.date_range("2020", periods=3))
pd.Series(pd.date_range("2020", periods=3, tz="UTC"))
pd.Series(["a", None], dtype="string")
pd.Series(pd.arrays.SparseArray([0, 1]))
pd.interval_range(0, 3)
pd.RangeIndex(3) | pd.Index([0, 1, 2])
pd.Index([0, 1, 2], name="n")
pd.MultiIndex.from_product([[1, 2], ["a"]])
pd.Timestamp("2020-01-01")
pd.Timedelta(1, "s")
pd.NaT
pd.NA
fractions.Fraction
""".strip().splitlines()

PROLOGUE = """
import array, collections, dataclasses, datetime, decimal, enum, fractions, functools, io
import itertools, json, math, pathlib, random, re, types, uuid, zoneinfo
import numpy as np, pandas as pd, scipy.sparse
class Colour(enum.Enum):
    RED = 1
    BLUE = 2
Pair = collections.namedtuple("Pair", "a b")
class Stack(list):
    def __init__(self, items, name):
        super().__init__(items)
        self.name = name
@dataclasses.dataclass
class Point:
    x: int
    y: object
    def norm(self):
        return self.x
class Slotted:
    __slots__ = ("v",)
    def __init__(self, v):
        self.v = v
class Link:
    pass
def circle(n):
    links = [Link() for _ in range(n)]
    for a, b in zip(links, links[1:] + links[:1]):
        a.next = b
        b.back = a
    return {links[0], links[-1]}
def tree(n):
    root = Link()
    root.up, root.children = None, set()
    for _ in range(n):
        child = Link()
        child.up, child.children = root, set()
        root.children.add(child)
    return root
def add(a, b=1):
    return a + b
def adder(n):
    return lambda x: x + n
def advanced(iterator):
    next(iterator)
    return iterator
"""

CHILD = """
import sys
from jupyter_slicer.values import value_digest
exec(sys.stdin.readline().encode().decode("unicode_escape"))
for line in sys.stdin:
    values = [eval(text) for text in line.split(" | ")]
    print(*[value_digest(value).digest for value in values])
"""


def digests(seed):
    lines = [PROLOGUE.encode("unicode_escape").decode(), *FAMILIES]
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CHILD],
        input="\n".join(lines),
        env={**os.environ, "PYTHONHASHSEED": seed},
        text=True,
        capture_output=True,
        check=True,
    )
    return [line.split() for line in run.stdout.splitlines()]


@pytest.fixture(scope="module")
def found():
    return digests("1")


def test_every_value_has_a_digest(found):
    assert len(found) == len(FAMILIES)
    assert [f for f, d in zip(FAMILIES, found, strict=True) if "None" in d] == []


def test_equal_values_have_one_digest(found):
    assert [f for f, d in zip(FAMILIES, found, strict=True) if len(set(d)) > 1] == []


def test_different_values_have_different_digests(found):
    seen = {}
    for family, (digest, *_) in zip(FAMILIES, found, strict=True):
        seen.setdefault(digest, []).append(family)
    assert [families for families in seen.values() if len(families) > 1] == []


def test_the_digest_is_the_same_with_another_hash_seed(found):
    assert digests("2") == found


def test_where_a_function_was_written_does_not_count():
    one, two = {}, {}
    exec(compile("def f(x):\n    return [y for y in x]", "/a.py", "exec"), one)
    exec(compile("\n\n\ndef f(x):\n\n    return [y for y in x]", "/b.py", "exec"), two)
    assert value_digest(one["f"]).digest == value_digest(two["f"]).digest


def test_what_a_function_was_compiled_with_does_not_count():
    # The compiler loads  np.cos  in another way when the import is in the same unit.
    imports = "import numpy as np"
    body = """
def f(x):
    for i in range(3):
        try:
            x += np.cos(x) + np.array([i, 2], ndmin=1)
        except ValueError:
            x -= np.sin(x)
    class Local:
        y = np.pi
    return [np.exp(v) for v in x], Local
"""
    together, apart, other = {}, {}, {}
    exec(f"{imports}\n\n{body}", together)
    for unit in (imports, body):
        exec(unit, apart)
        exec(unit.replace("-=", "+="), other)
    digests = [value_digest(names["f"]).digest for names in (together, apart, other)]
    assert digests[0] == digests[1] != digests[2]


def test_a_path_in_the_scratch_folder_is_the_path_it_stands_for():
    there = value_digest(["/tmp/x/root/home/me/a.csv"], home={"/tmp/x/root": ""})
    assert there.digest == value_digest(["/home/me/a.csv"]).digest
