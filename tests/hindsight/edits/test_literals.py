"""Hyper-parameters, found in the texts of a cell's versions."""

from __future__ import annotations

import textwrap

import pytest

from jupyter_slicer.hindsight.edits import ABSENT, Expression, literals


def found(*sources):
    return dict(literals([textwrap.dedent(s) for s in sources]).values)


ONE = {
    "an assigned name": ("lr = 0.1", "lr = 0.2", "lr", (0.1, 0.2)),
    "a keyword": ("o = Adam(p, lr=0.1)", "o = Adam(p, lr=0.2)", "Adam.lr", (0.1, 0.2)),
    "a keyword of a module's": (
        "o = torch.optim.Adam(p, lr=1e-3)",
        "o = torch.optim.Adam(p, lr=1e-4)",
        "Adam.lr",
        (0.001, 0.0001),
    ),
    "an argument with a known name": (
        "o = SGD(net.parameters(), 0.1)", "o = SGD(net.parameters(), 0.5)", "SGD.lr", (0.1, 0.5),
    ),
    "an argument of the cell's function": (
        "def fit(net, rate):\n    go(net)\nfit(net, 0.1)",
        "def fit(net, rate):\n    go(net)\nfit(net, 0.2)",
        "fit.rate",
        (0.1, 0.2),
    ),
    "an argument of the cell's class": (
        "class Net:\n    def __init__(self, width):\n        go()\nnet = Net(3)",
        "class Net:\n    def __init__(self, width):\n        go()\nnet = Net(4)",
        "Net.width",
        (3, 4),
    ),
    "an unknown argument": ("x = f(a, 3)", "x = f(a, 4)", "f[1]", (3, 4)),
    "a default": ("def f(hidden=32): go()", "def f(hidden=64): go()", "hidden", (32, 64)),
    "a default by keyword": ("def f(*, p=0.5): go()", "def f(*, p=0.1): go()", "p", (0.5, 0.1)),
    "a dictionary": ('c = {"lr": 1, "n": 2}', 'c = {"lr": 1, "n": 3}', "c.n", (2, 3)),
    "dict()": ("c = dict(lr=1)", "c = dict(lr=2)", "c.lr", (1, 2)),
    "an item": ('c["lr"] = 1', 'c["lr"] = 2', "c.lr", (1, 2)),
    "an attribute": ("cfg.lr = 1", "cfg.lr = 2", "cfg.lr", (1, 2)),
    "an attribute of self": (
        "class A:\n    def f(self):\n        self.n = 1",
        "class A:\n    def f(self):\n        self.n = 2",
        "n",
        (1, 2),
    ),
    "an annotated name": ("lr: float = 0.1", "lr: float = 0.2", "lr", (0.1, 0.2)),
    "two at once": ("lr, n = 0.1, 3", "lr, n = 0.1, 4", "n", (3, 4)),
    "a tuple": ("sizes = (1, 2)", "sizes = (1, 2, 3)", "sizes", ((1, 2), (1, 2, 3))),
    "a list": ("sizes = [1, 2]", "sizes = [2, 2]", "sizes", ((1, 2), (2, 2))),
    "a negative number": ("x = -1", "x = 1", "x", (-1, 1)),
    "a power": ("x = 10 ** -3", "x = 1e-4", "x", (0.001, 0.0001)),
    "a product": ("x = 64 * 1024", "x = 1024", "x", (65536, 1024)),
    "a string": ('kind = "adam"', 'kind = "sgd"', "kind", ("adam", "sgd")),
    "a truth": ("x = f(a, shuffle=True)", "x = f(a, shuffle=False)", "f.shuffle", (True, False)),
    "one and true": ("x = f(s=1)", "x = f(s=True)", "f.s", (1, True)),
    "none": ("x = f(s=None)", "x = f(s=3)", "f.s", (None, 3)),
    "epochs": (
        "for epoch in range(10): go()", "for epoch in range(20): go()", "epochs", (10, 20),
    ),
    "a seed": ("torch.manual_seed(0)", "torch.manual_seed(1)", "seed", (0, 1)),
    "numpy's seed": ("np.random.seed(0)", "np.random.seed(1)", "seed", (0, 1)),
    "a factor": ("loss = a + 0.1 * reg", "loss = a + 0.2 * reg", "reg *", (0.1, 0.2)),
    "a threshold": (
        "if loss < 0.1:\n    stop()", "if loss < 0.2:\n    stop()", "loss <", (0.1, 0.2),
    ),
    "an argument that came later": (
        "o = Adam(p, lr=0.1)", "o = Adam(p, lr=0.1, eps=3)", "Adam.eps", (ABSENT, 3),
    ),
    "a name in its place": ("x = f(lr=0.1)", "x = f(lr=rate)", "f.lr", (0.1, Expression("rate"))),
    "an expression in its place": (
        "x = f(lr=0.1)", "x = f(lr=rate / n)", "f.lr", (0.1, Expression("rate / n")),
    ),
    "inside an expression": ("x = f(lr=b * 2)", "x = f(lr=b * 3)", "b *", (2, 3)),
    "a step of a renamed variable": (
        "total = 0\nfor x in y:\n    total += step(x, lr=0.1)",
        "acc = 0\nfor x in y:\n    acc += step(x, lr=0.2)",
        "step.lr",
        (0.1, 0.2),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "name", "values"), ONE.values(), ids=ONE)
def test_a_value_that_differs_gets_a_sensible_name(old, new, name, values):
    parameters = found(old, new)
    assert list(parameters) == [name]
    assert [(type(v), v) for v in parameters[name]] == [(type(v), v) for v in values]


NONE = {
    "the same values": ("lr = 0.1\nn = 2", "n = 2\nlr = 0.1"),
    "another notation": ("lr = 0.10", "lr = 1e-1"),
    "what is printed": ('print("one", 1)', 'print("two", 2)'),
    "what is logged": ('log("one", 1)', 'log("one", 2)'),
    "a documentation": (
        'def f():\n    """one"""\n    go()',
        'def f():\n    """two"""\n    go()',
    ),
    "an f-string": ('x = f"{a} one"', 'x = f"{a} two"'),
    "an added statement": ("x = f(1)", "x = f(1)\nwhole_other_thing(3, 4, 5)"),
}


@pytest.mark.parametrize(("old", "new"), NONE.values(), ids=NONE)
def test_what_is_no_hyper_parameter(old, new):
    assert found(old, new) == {}


def test_names_that_would_be_equal_are_told_apart():
    old = """
        class Net:
            def __init__(self):
                self.first = Linear(10, 32)
                self.second = Linear(32, 2)
        def fit(rate=0.1): go()
        def test(rate=0.2): go()
        """
    new = (
        old.replace("32", "64").replace("rate=0.1", "rate=0.3").replace("rate=0.2", "rate=0.4")
    )
    assert found(old, new) == {
        "Linear.out_features": (32, 64),
        "Linear.in_features": (32, 64),
        "fit.rate": (0.1, 0.3),
        "test.rate": (0.2, 0.4),
    }
    old, new = "a = Adam(p, lr=1)\nb = Adam(q, lr=2)", "a = Adam(p, lr=3)\nb = Adam(q, lr=4)"
    assert found(old, new) == {"a.lr": (1, 3), "b.lr": (2, 4)}


def test_what_the_user_names_is_always_there():
    parameters = found('lr = param("lr", 0.1)\ngo()', 'lr = param("lr", 0.1)\ngo()')
    assert parameters == {"lr": (0.1, 0.1)}
    parameters = found(
        'x = f(param("rate", 0.1))', 'x = f(param("rate", value=0.2))', "x = f(0.3)"
    )
    assert parameters["rate"] == (0.1, 0.2, ABSENT)


def test_each_version_has_its_values():
    versions = ["lr = 0.1\ngo(n=1)", "lr = 0.2\ngo(n=1)", "lr = 0.2\ngo(n=3)"]
    parameters = literals(versions)
    assert dict(parameters.values) == {"lr": (0.1, 0.2, 0.2), "go.n": (1, 1, 3)}
    assert parameters.of_version(1) == {"lr": 0.2, "go.n": 1}
    assert parameters.lines["go.n"] == (2, 2, 2)
    assert parameters.names == ("lr", "go.n")


def test_an_argument_that_was_gone_for_a_while_is_one_parameter():
    versions = ["o = Adam(p, lr=1, eps=2)", "o = Adam(p, lr=1)", "o = Adam(p, lr=1, eps=3)"]
    parameters = literals(versions)
    assert dict(parameters.values) == {"Adam.eps": (2, ABSENT, 3)}
    assert parameters.of_version(1) == {}


def test_many_versions_and_none():
    assert literals([]).names == ()
    assert literals(["lr = 0.1"]).names == ()
    versions = [f"lr = {n / 10}\nfor epoch in range(10):\n    step(lr)\n" for n in range(30)]
    assert found(*versions) == {"lr": tuple(n / 10 for n in range(30))}
