"""What a replay logs is what the run itself would have logged, bit for bit."""

import itertools

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
opt = torch.optim.Adam(net.parameters(), lr=0.01)
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


def test_a_torch_loop_with_dropout_shuffling_a_schedule_and_four_generators(session):
    session.run(TORCH)
    session.run(TRAINING)
    last = "norms.append(grad_norm(net))\n"
    probe, found = session.replay({last: last + "    log('norm', grad_norm(net))\n"})
    assert probe.at_end
    assert logged(found, "norm") == dict(enumerate(session["norms"]))
    assert found.divergent == {}
    assert sum(v.verdict == "restored" for v in found.logged) >= 2
    step = "losses.append(loss.item())\n"
    _, found = session.replay({step: step + "        log('loss', loss)\n"})
    truth = {(n // 8, n % 8): value for n, value in enumerate(session["losses"])}
    assert logged(found, "loss") == truth
    assert found.divergent == {}
    assert 7 in found.checked


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
