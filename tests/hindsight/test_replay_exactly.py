"""What a replay logs is what the run itself would have logged, bit for bit."""

import importlib
import itertools

import pytest

from jupyter_slicer.hindsight import recording
from tests.hindsight.session import logged

NUMPY = """
w = np.zeros(20)
norms, inner = [], []
for epoch in range(8):
    order = rng.permutation(len(X))
    for i in range(0, len(X), 500):
        batch = order[i:i + 500]
        grad = X[batch].T @ (X[batch] @ w - y[batch]) / len(batch)
        w -= 0.05 * grad + rng.normal(scale=1e-3, size=20)
        inner.append(float(grad @ grad))
    time.sleep(0.02)
    norms.append(float(np.abs(w).sum()))
"""


def test_a_numpy_loop_that_nobody_seeded(session):
    session.run("""
        import time
        import numpy as np
        rng = np.random.default_rng()
        X = rng.normal(size=(5000, 20))
        y = X @ rng.normal(size=20)
    """)
    session.run(NUMPY)
    last = "norms.append(float(np.abs(w).sum()))\n"
    probe, found = session.replay({last: last + "    log('norm', float(np.abs(w).sum()))\n"})
    assert probe.at_end
    assert logged(found, "norm") == dict(enumerate(session["norms"]))
    assert found.divergent == {}
    step = "inner.append(float(grad @ grad))\n"
    _, found = session.replay({step: step + "        log('g', float(grad @ grad))\n"}, [2, 5])
    truth = {(k, n): session["inner"][10 * k + n] for k in (2, 5) for n in range(10)}
    assert logged(found, "g") == truth
    assert found.divergent == {}


TORCH = """
import random
import time
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(10, 32), nn.BatchNorm1d(32), nn.ReLU())
        self.drop = nn.Dropout(0.3)
        self.head = nn.Linear(32, 3)

    def forward(self, x):
        return self.head(self.drop(self.body(x)))

rng = np.random.default_rng()
X, y = torch.randn(400, 10), torch.randint(0, 3, (400,))
loader = DataLoader(TensorDataset(X, y), batch_size=50, shuffle=True)
net = Net()
opt = OPTIMIZER
sched = torch.optim.lr_scheduler.StepLR(opt, 2, 0.5)

def augment(x):
    return x * (1 + 0.1 * random.random()) + float(rng.normal()) * np.random.rand()

def grad_norm(model):
    return sum(float((p.grad ** 2).sum()) for p in model.parameters())

losses, norms = [], []
"""
TRAINING = """
for epoch in range(8):
    net.train()
    for xb, yb in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(augment(xb)), yb)
        loss.backward()
        opt.step()
        losses.append(loss.item())
    sched.step()
    time.sleep(0.02)
    norms.append(grad_norm(net))
"""


@pytest.mark.parametrize(
    ("optimizer", "workers"),
    [
        ("torch.optim.Adam(net.parameters(), lr=0.01)", 1),
        ("torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, nesterov=True)", 2),
    ],
)
def test_a_torch_loop_with_dropout_shuffling_a_schedule_and_four_generators(
    session, optimizer, workers
):
    session.run(TORCH.replace("OPTIMIZER", optimizer))
    session.run(TRAINING)
    used = set(session.runs()[-1].names["used"])
    assert {"net", "opt", "sched", "rng"} <= used
    assert not used & {"get_ipython", "exit", "In", "DataLoader", "_", "_i"}
    last = "norms.append(grad_norm(net))\n"
    probe, found = session.replay({last: last + "    log('norm', grad_norm(net))\n"})
    assert probe.at_end
    assert logged(found, "norm") == dict(enumerate(session["norms"]))
    assert found.divergent == {}
    assert sum(v.verdict == "restored" for v in found.logged) >= 2
    step = "losses.append(loss.item())\n"
    _, found = session.replay({step: step + "        log('loss', loss)\n"}, workers=workers)
    truth = {(n // 8, n % 8): value for n, value in enumerate(session["losses"])}
    assert logged(found, "loss") == truth
    assert found.divergent == {}
    assert 7 in found.checked


def test_an_optimizer_with_attributes_of_its_own_and_a_function_made_in_the_loop(session):
    session.run("""
        import time
        import torch
        X = torch.randn(60, 4)
        def cost(rows):
            return ((X[rows] @ w - 1) ** 2).mean()
        w = torch.zeros(4, requires_grad=True)
        opt = torch.optim.LBFGS([w], lr=0.5, max_iter=3)
        calls, truth = 0, []
    """)
    session.run("""
        for epoch in range(4):
            def closure():
                global calls
                calls += 1
                opt.zero_grad()
                loss = cost(torch.randint(60, (30,)))
                loss.backward()
                return loss
            loss = opt.step(closure)
            time.sleep(0.02)
            truth.append((float(loss), calls))
    """)
    last = "truth.append((float(loss), calls))"
    for edits in ({last: last + "\n    log('v', (float(loss), calls))"},
                  {"return loss": "log('n', calls)\n        return loss",
                   last: last + "\n    log('v', truth[-1])"}):  # fmt: skip
        _, found = session.replay(edits, [1, 3])
        values = {k: tuple(v) for k, v in logged(found, "v").items()}
        assert values == {k: session["truth"][k] for k in (1, 3)}
        assert found.divergent == {}
    assert [v.value for v in found.logged if v.name == "n"][-1] == session["calls"]


BOOSTED = """
import numpy as np
import LIBRARY as boosting
rng = np.random.default_rng()
X = rng.random((400, 6))
y = (X.sum(1) + rng.random(400) > 3.5).astype(int)
data = DATA
model, said = None, []
"""


@pytest.mark.parametrize(
    ("library", "data", "train", "predict"),
    [
        (
            "xgboost",
            "boosting.DMatrix(X, label=y)",
            "boosting.train({'subsample': 0.5, 'nthread': 1, 'seed': seed}, data,"
            " num_boost_round=2, xgb_model=model)",
            "model.predict(data)",
        ),
        (
            "lightgbm",
            "boosting.Dataset(X, label=y, free_raw_data=False)",
            "boosting.train({'bagging_fraction': 0.5, 'bagging_freq': 1, 'num_threads': 1,"
            " 'verbose': -1, 'seed': seed}, data, num_boost_round=2, init_model=model,"
            " keep_training_booster=True)",
            "model.predict(X)",
        ),
    ],
)
def test_trees_that_are_added_to_a_model(session, library, data, train, predict):
    try:
        importlib.import_module(library)
    except OSError as error:  # LightGBM wants the system's libgomp
        pytest.skip(str(error))
    session.run(BOOSTED.replace("LIBRARY", library).replace("DATA", data))
    session.run(f"""
    for epoch in range(6):
        seed = int(rng.integers(1000))
        model = {train}
        said.append(float({predict}.sum()))
    """)
    # The data of these libraries cannot be kept; they are made again of X and y as they were.
    assert "data" in session.runs()[-1].names["without"]
    start = {"    seed = int": "    log('n', epoch)\n    seed = int"}
    for edits in ({}, start):
        line = f"said.append(float({predict}.sum()))\n"
        added = f"    log('v', float({predict}.sum()))\n"
        _, found = session.replay({line: line + added, **edits})
        assert logged(found, "v") == dict(enumerate(session["said"]))
        assert found.divergent == {}


LOADER = """
import random
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

class Noisy(Dataset):
    def __len__(self):
        return 12

    def __getitem__(self, i):
        return i + random.random() + float(np.random.rand()) + float(torch.rand(()))

loader = DataLoader(Noisy(), batch_size=4, shuffle=True, num_workers=2, KEEP)
total, seen = 0.0, []
"""
EPOCHS = """
for epoch in range(4):
    for batch in loader:
        total += float(batch.sum())
    seen.append(total)
"""


@pytest.mark.parametrize("persistent", [False, True])
def test_loaders_whose_workers_draw_random_numbers(session, persistent):
    session.run(LOADER.replace("KEEP", f"persistent_workers={persistent}"))
    session.run(EPOCHS)
    edits = {"        total +=": "        log('first', float(batch[0]))\n        total +=",
             "seen.append(total)": "seen.append(total)\n    log('v', total)"}  # fmt: skip
    probe, found = session.replay(edits, [2, 3])
    assert {2: session["seen"][2], 3: session["seen"][3]} == logged(found, "v")
    assert found.divergent == {}
    plan = session.slicer.replays.plan(session.runs()[-1], probe, [2, 3])
    # Workers that live on have a state that nobody sees: only the beginning leads there.
    assert (min(s.first for s in plan.segments) == 0) is persistent
    assert ("loader._iterator" in str(plan)) is persistent


def test_a_beginning_without_a_checkpoint_beside_states_that_are_put_back(session, monkeypatch):
    boundaries = itertools.count()
    monkeypatch.setattr(
        recording, "is_due", lambda account, policy: next(boundaries) > 1 and not account.busy
    )
    session.run("""
        import time
        w, seen = 1.0, []
        for epoch in range(8):
            w = w / 2
            seen.append(w)
            time.sleep(0.02)
    """)
    last = "time.sleep(0.02)\n"
    probe, found = session.replay({last: last + "    log('w', w)\n"})
    assert probe.at_end
    kept = [c.number for c in session.checkpoints(session.runs()[-1])]
    assert kept
    assert not {0, 1} & set(kept)
    assert logged(found, "w") == dict(enumerate(session["seen"]))
    assert found.divergent == {}


@pytest.mark.parametrize("early", [True, False])
def test_what_stands_before_the_loop_where_nobody_seeded(session, monkeypatch, early):
    boundaries = itertools.count()
    if not early:
        monkeypatch.setattr(recording, "is_due", lambda *_: next(boundaries) > 2)
    session.run("""
        import time
        import numpy as np
        rng, truth = np.random.default_rng(), []
        X = rng.normal(size=(50, 4))
    """)
    session.run("""
        w = rng.normal(size=4) + np.random.rand()
        truth.append(float(w.sum()))
        for epoch in range(5):
            w = w - 0.1 * X[rng.integers(50)]
            time.sleep(0.02)
            truth.append(float(w.sum()))
    """)
    kept = [c.number for c in session.checkpoints(session.runs()[-1])]
    assert (0 in kept) is early
    edits = {"truth.append(float(w.sum()))\nfor": "truth.append(float(w.sum()))\nlog('w', truth[-1])\nfor",
             "    time.sleep(0.02)": "    log('v', float(w.sum()))\n    time.sleep(0.02)"}  # fmt: skip
    _, found = session.replay(edits)
    assert [v.value for v in found.logged if v.name == "w"] == session["truth"][:1]
    assert logged(found, "v") == dict(enumerate(session["truth"][1:]))
    assert found.divergent == {}


def test_options_that_the_loop_sets_and_those_that_only_an_added_line_feels(session):
    session.run("""
        import decimal, os, time
        import numpy as np
        np.set_printoptions(precision=3)
        os.environ["SCALE"] = "4"
        truth = []
    """)
    session.run("""
        for epoch in range(5):
            decimal.getcontext().prec = 5 + epoch
            time.sleep(0.02)
            truth.append(str(decimal.Decimal(1) / 3))
    """)
    last = "    truth.append(str(decimal.Decimal(1) / 3))"
    added = "(str(decimal.Decimal(1) / 3), str(np.array([1 / 3])), os.environ['SCALE'])"
    probe, found = session.replay({last: f"{last}\n    log('v', {added})"}, [1, 3])
    assert probe.at_end
    assert {k: tuple(v) for k, v in logged(found, "v").items()} == {
        k: (session["truth"][k], "[0.333]", "4") for k in (1, 3)
    }
    assert found.divergent == {}
