"""The edits of ``test_log_only`` really run: what is said of them is true of torch."""

from __future__ import annotations

import contextlib
import io
import os
import random
import warnings

import numpy as np
import pytest
import torch

from tests.hindsight.edits.test_log_only import HARMFUL, HARMLESS, cell

DATA = """
import torch
from torch.utils.data import TensorDataset
x = torch.randn(12, 3, generator=torch.Generator().manual_seed(0))
train_set = TensorDataset(x, (x.sum(1) > 0).long())
valid_set = TensorDataset(x[:6], (x[:6].sum(1) > 0).long())
def log(name, value): return value
"""
UNFELT = {
    "a new schedule": "the optimizer has a schedule already",
    "training mode": "the model is in training mode already",
    "a break in an if": "the loss is never that small here",
    "threads": "there is one thread already",
    "a file that training reads": "training wrote it and does not read it again",
    "a module elsewhere": "the model is on the CPU already",
    "a star": "`math` and training have no name in common",
}
"""Offences that this one run does not feel."""


@pytest.fixture(autouse=True)
def one_thread_and_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    torch.set_grad_enabled(True)
    torch.backends.cudnn.benchmark = False


def state_after(source: str) -> dict[str, object]:
    space: dict[str, object] = {}
    random.seed(5)
    np.random.seed(6)
    torch.manual_seed(7)
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(DATA, space)
        exec(compile(source, "cell", "exec"), space)
    names = ("losses", "loss", "config", "counts", "x", "y", "out", "epoch", "opt", "sched")
    state: dict[str, object] = {name: shown(space[name]) for name in names}
    for name in ("net", "plain"):
        model = space[name]
        state[name] = shown(model), [m.training for m in model.modules()]
        state[f"{name}.grad"] = [shown(p.grad) for p in model.parameters()]
    state["rng"] = str(space["rng"].bit_generator.state)
    state["own"] = space["own"].generator.get_state().tolist()
    state["stream"] = space["stream"]._num_yielded
    state["generators"] = (
        str(random.getstate()),
        str(np.random.get_state()),
        torch.get_rng_state().tolist(),
    )
    state["options"] = (
        torch.is_grad_enabled(),
        torch.backends.cudnn.benchmark,
        os.getcwd(),
        os.environ.pop("A", None),
    )
    return state


def shown(value: object) -> str:
    if hasattr(value, "state_dict"):
        return shown(value.state_dict())
    if isinstance(value, torch.Tensor):
        return str(value.tolist())
    if isinstance(value, dict):
        return str({k: shown(v) for k, v in value.items()})
    return str(value)


@pytest.mark.parametrize("name", HARMLESS)
def test_what_only_logs_leaves_everything_as_it_was(name):
    shown = cell(inside=HARMLESS[name])
    if name == "gradients again, with the graph kept":
        # After `backward()` the graph is gone, before it the graph is there.
        line = "        loss.backward()\n"
        before, _, after = shown.edited.partition(line)
        added, rest = after.split("        opt.step()", 1)
        edited = f"{before}{added}{line}        opt.step(){rest}"
    else:
        edited = shown.edited
    assert state_after(edited) == state_after(shown.recorded)


@pytest.mark.parametrize("name", HARMFUL)
def test_what_is_called_an_offence_is_felt(name):
    shown = cell(inside=HARMFUL[name])
    before = state_after(shown.recorded)
    try:
        after = state_after(shown.edited)
    except (Exception, SystemExit):
        return  # training did not raise
    assert (after == before) == (name in UNFELT)
