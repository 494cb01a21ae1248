"""Fitted models, tensors, figures: equal when made again, different when changed."""

import numpy as np
import pytest

from jupyter_slicer.values import value_digest


def digest(value):
    found = value_digest(value)
    assert found.digest, found
    return found.digest


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    x = rng.random((60, 4))
    return x, (x[:, 0] > 0.5).astype(int)


def estimators():
    from sklearn.cluster import KMeans
    from sklearn.decomposition import PCA
    from sklearn.ensemble import (
        GradientBoostingClassifier,
        HistGradientBoostingClassifier,
        RandomForestClassifier,
    )
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC
    from sklearn.tree import DecisionTreeClassifier

    return [
        lambda s: DecisionTreeClassifier(random_state=s),
        lambda s: RandomForestClassifier(5, random_state=s),
        lambda s: GradientBoostingClassifier(n_estimators=3, subsample=0.5, random_state=s),
        lambda s: HistGradientBoostingClassifier(max_iter=3, random_state=s),
        lambda s: LogisticRegression(C=1 + s),
        lambda s: make_pipeline(StandardScaler(), SVC(C=1 + s)),
        lambda s: KNeighborsClassifier(3 + s),
        lambda s: KMeans(2 + s, n_init=1, random_state=s),
        lambda s: PCA(2 + s),
        lambda s: MLPClassifier((3,), max_iter=3, random_state=s),
    ]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("number", range(10))
def test_fitting_again_gives_the_same_digest_and_another_setting_another(number, rows):
    make = estimators()[number]
    once, again, other = (make(seed).fit(*rows) for seed in (0, 0, 1))
    assert digest(once) == digest(again)
    assert digest(once) != digest(other)
    assert digest(once) != digest(make(0))


def test_tensors_and_training_state():
    torch = pytest.importorskip("torch")

    def trained(steps):
        torch.manual_seed(0)
        net = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
        optimizer = torch.optim.Adam(net.parameters())
        for _ in range(steps):
            optimizer.zero_grad()
            net(torch.rand(5, 3)).sum().backward()
            optimizer.step()
        return net, optimizer, torch.optim.lr_scheduler.StepLR(optimizer, 2)

    for one, same, other in zip(trained(2), trained(2), trained(3), strict=True):
        assert digest(one) == digest(same)
        assert digest(one) != digest(other)
    assert digest(torch.ones(2, dtype=torch.bfloat16)) != digest(torch.ones(2))
    assert digest(torch.arange(6).reshape(2, 3).T) == digest(
        torch.tensor([[0, 3], [1, 4], [2, 5]])
    )
    assert digest(torch.eye(3).to_sparse()) == digest(torch.eye(3).to_sparse())


def test_polars_frames():
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
    assert digest(frame) == digest(pl.DataFrame({"a": [1, 2], "b": ["x", None]}))
    assert digest(frame) != digest(frame.with_columns(b=pl.lit("x")))


def test_a_figure_is_its_picture_and_is_left_as_it_was():
    from matplotlib.figure import Figure

    def figure(last):
        made = Figure(dpi=120)
        made.subplots().plot([1, last])
        return made

    one = figure(2)
    canvas, dpi = one.canvas, one.dpi
    assert digest(one) == digest(figure(2))
    assert digest(one) != digest(figure(3))
    assert digest(one.axes[0]) == digest(figure(2).axes[0])
    assert one.canvas is canvas
    assert one.dpi == dpi


def test_graphs_and_formulas_do_not_depend_on_their_caches():
    networkx = pytest.importorskip("networkx")
    one, two = networkx.path_graph(4), networkx.path_graph(4)
    assert one.adj
    assert one.degree
    assert digest(one) == digest(two)


def test_a_cached_property_that_was_read_does_not_count():
    import functools

    class Lazy:
        @functools.cached_property
        def costly(self):
            return 3

    read = Lazy()
    assert read.costly == 3
    assert digest(read) == digest(Lazy())


def test_a_module_is_the_same_whatever_number_torch_gives_its_hooks():
    torch = pytest.importorskip("torch")

    def made(*functions):
        module = torch.nn.Linear(1, 1)
        torch.nn.init.zeros_(module.weight)
        torch.nn.init.zeros_(module.bias)
        for function in functions:
            module.register_forward_hook(function)
        return digest(module)

    assert made(print) == made(print)
    assert made(print) != made()
    assert made(print, repr) != made(repr, print)


def test_names_that_eval_sees_are_no_part_of_its_dictionary():
    import builtins

    plain, evaluated = {"a": 1}, {"a": 1}
    eval("a", evaluated)
    before = digest(evaluated)
    builtins.of_the_test = object()
    try:
        assert digest(evaluated) == before != digest(plain)
    finally:
        del builtins.of_the_test
