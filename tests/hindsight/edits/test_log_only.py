"""What an edit may do to training, by its text."""

from __future__ import annotations

import textwrap

import pytest

from jupyter_slicer.hindsight.edits import compare, judge, offences
from tests.hindsight.edits.pictures import picture

CELL = """
import random
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader
from collections import defaultdict

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)
        self.drop = nn.Dropout(0.5)
    def forward(self, x):
        return self.drop(self.fc(x))
{members}
def evaluate(model, data):
    model.eval()
    good = 0
    with torch.no_grad():
        for x, y in data:
            good += (model(x).argmax(1) == y).sum().item()
    model.train()
    return good

def augment(x):
    return x + float(rng.normal())

net = Net()
plain = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
opt = torch.optim.SGD(net.parameters(), lr=0.1)
sched = torch.optim.lr_scheduler.StepLR(opt, 5)
rng = np.random.default_rng(0)
loader = DataLoader(train_set, batch_size=4, shuffle=True)
valid = DataLoader(valid_set, batch_size=4)
own = DataLoader(valid_set, generator=torch.Generator())
stream = iter(loader)
counts = defaultdict(int)
config = {{"lr": 0.1}}
losses = [1.0, 2.0, 3.0]
np.save("last.npy", losses)
{before}
for epoch in range(2):
    for x, y in loader:
        opt.zero_grad()
        out = net(augment(x))
        loss = F.cross_entropy(out, y)
        loss.backward()
{inside}
        opt.step()
        counts[epoch] += 1
    losses.append(loss.item())
    sched.step()
{after}
"""


def cell(before="", inside="", after="", members=""):
    def block(text, depth):
        text = textwrap.dedent(text).strip("\n")
        return textwrap.indent(text, " " * depth) if text else ""

    return picture(
        CELL.format(
            before=block(before, 0),
            inside=block(inside, 8),
            after=block(after, 4),
            members=block(members, 4),
        )
    )


def check(shown, **known):
    judgement = judge(compare(shown.recorded, shown.edited), shown.edited, **known)
    for expected, found in (
        (shown.offences, judgement.offences),
        (shown.cautions, judgement.cautions),
    ):
        assert [o.line for o in found] == [line for line, _ in expected], found
        for offence, (_, words) in zip(found, expected, strict=True):
            assert words in offence.why
            assert offence.why.endswith(".")
            assert offence.text in shown.edited


HARMLESS = {
    "log a number": 'log("loss", loss.item())   # +',
    "print": 'print(epoch, loss, f"{loss.item():.3f}")   # +',
    "a new name": """
        norm = sum(p.grad.norm() for p in net.parameters())   # +
        log("norm", norm)   # +
        """,
    "every tenth epoch": """
        if epoch % 10 == 0:   # +
            log("last", losses[-1])   # |
        else:   # |
            print("not yet")   # |
        """,
    "a loop over parameters": """
        for name, p in net.named_parameters():   # +
            if p.grad is None:   # |
                continue   # |
            log(name, p.grad.abs().mean().item())   # |
        """,
    "without gradients": """
        with torch.no_grad():   # +
            log("weights", (net.fc.weight ** 2).sum().sqrt().item())   # |
        """,
    "evaluation mode and back": """
        net.eval()   # +
        log("p", net(x).softmax(1).max())   # +
        net.train()   # +
        """,
    "the mode that was": """
        was = net.training   # +
        net.eval()   # +
        held = net(x)   # +
        net.train(was)   # +
        """,
    "the mode in a try": """
        net.eval()   # +
        try:   # +
            log("p", net(x).max())   # |
        finally:   # |
            net.train()   # |
        """,
    "a model without modes": 'log("p", plain(x).mean())   # +',
    "a validation in a fork of the generator": """
        with torch.random.fork_rng():   # +
            log("good", evaluate(net, valid))   # |
        """,
    "a generator of its own": """
        mine = np.random.default_rng(3)   # +
        log("noise", mine.normal())   # +
        yours = random.Random(0)   # +
        yours.shuffle([1, 2])   # +
        """,
    "a torch generator of its own": """
        mine = torch.Generator().manual_seed(0)   # +
        log("noise", torch.rand(3, generator=mine))   # +
        """,
    "a state that is saved and put back": """
        state = torch.get_rng_state()   # +
        log("noise", torch.rand(3).sum())   # +
        torch.set_rng_state(state)   # +
        """,
    "a state of random that is put back": """
        state = random.getstate()   # +
        log("noise", random.random())   # +
        random.setstate(state)   # +
        """,
    "the learning rate": 'log("lr", opt.param_groups[0]["lr"])   # +',
    "the schedule": 'log("lr", sched.get_last_lr()[0])   # +',
    "a copy that is changed": """
        mine = list(losses)   # +
        mine.append(0)   # +
        deep = torch.clone(net.fc.weight)   # +
        top = sorted(losses)[-3:]   # +
        top[0] = 0   # +
        """,
    "a clone that is changed": """
        w = net.fc.weight.detach().clone()   # +
        w.mul_(2)   # +
        w[0] = 3   # +
        """,
    "gradients again, with the graph kept": """
        g = torch.autograd.grad(loss, net.fc.weight, retain_graph=True)   # +
        log("g", g[0].norm())   # +
        """,
    "a comprehension": 'log("best", min(v for v in losses))   # +',
    "a dropout that is off": 'log("p", F.dropout(out, 0.5, training=False).sum())   # +',
    "a string": 'log("shape", "x".join(str(s) for s in x.shape))   # +',
    "an import": """
        import math   # +
        from time import perf_counter   # +
        log("root", math.sqrt(loss.item()))   # +
        """,
    "an import that is there already": """
        import numpy as np   # +
        log("mean", np.mean(losses))   # +
        """,
    "a function of NumPy": 'log("norm", np.linalg.norm(net.fc.weight.detach().numpy()))   # +',
    "a documentation": '"""what is logged here"""   # +',
    "nothing": "pass   # +",
    "a read of a known key": 'log("lr", config["lr"])   # +',
    "a count that is asked for": 'log("n", counts.get(epoch, 0))   # +',
    "a lambda": 'log("far", max(losses, key=lambda v: abs(v)))   # +',
    "a dictionary of its own": """
        row = {"loss": loss.item(), "epoch": epoch}   # +
        row["more"] = 3   # +
        row.update(n=2)   # +
        """,
    "an error that is caught": """
        try:   # +
            log("inverse", 1 / loss.item())   # |
        except ZeroDivisionError as why:   # |
            print(why)   # |
        """,
    "a part of a list that is changed": """
        mine = losses[-2:]   # +
        mine.append(0)   # +
        """,
    "a loader of its own with a generator of its own": """
        mine = DataLoader(valid_set, generator=torch.Generator())   # +
        log("n", sum(len(a) for a, b in mine))   # +
        """,
    "parameters as one vector": """
        log("norm", nn.utils.parameters_to_vector(net.parameters()).norm())   # +
        """,
    "a frame": """
        import pandas as pd   # +
        frame = pd.DataFrame({"loss": losses})   # +
        frame["more"] = 3   # +
        log("mean", frame["loss"].mean())   # +
        """,
    "a copy of the model": """
        import copy   # +
        twin = copy.deepcopy(net).eval()   # +
        log("p", twin(x).max())   # +
        other = copy.deepcopy(net)   # +
        other.eval()   # +
        log("p", other(x).max())   # +
        """,
    "a loss of its own": """
        own_cost = nn.CrossEntropyLoss()   # +
        log("cost", own_cost(out, y).item())   # +
        """,
    "the larger of two": 'log("max", max(loss.item(), losses[-1]))   # +',
    "a figure": """
        import matplotlib.pyplot as plt   # +
        figure, axes = plt.subplots()   # +
        axes.plot(losses)   # +
        plt.close(figure)   # +
        """,
    "a tensor elsewhere": 'log("loss", loss.detach().cpu().numpy())   # +',
    "a walrus": """
        if (size := x.shape[0]) < 4:   # +
            print(size)   # |
        """,
}


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_what_only_logs_is_told_to(text):
    check(cell(inside=text))


HARMFUL = {
    "another value": "loss = 3   # + no: `loss`, and this gives it another value",
    "a loop variable": """
        for x in range(3):   # + no: `x`
            print(x)   # |
        """,
    "a sum": "loss += 1   # + no: `loss`",
    "a walrus": "print(y := 3)   # + no: `y`",
    "a with name": """
        with open("f") as net:   # + no: `net`
            pass   # |
        """,
    "an import of a used name": "import math as opt   # + no: opt_logged",
    "a function of a used name": """
        def augment(x):   # + no: `augment`
            return x   # |
        """,
    "a deletion": "del loss   # + no: deletes",
    "a deleted item": "del losses[0]   # + no: `losses[0]`",
    "an item": "losses[0] = 3   # + no: work on a copy",
    "an attribute": "net.fc = None   # + no: work on a copy",
    "a group": 'opt.param_groups[0]["lr"] = 0.5   # + no: work on a copy',
    "a method that changes": "losses.append(3)   # + no: `losses`",
    "a method of another name": """
        mine = losses   # +
        mine.append(3)   # + no: training's `losses`
        """,
    "a part of a new list": """
        nets = [net]   # +
        nets[0].fc = None   # + no: work on a copy
        """,
    "a loop over a new list": """
        for layer in [net.fc]:   # +
            layer.weight.data.zero_()   # | no: work on a copy
        """,
    "in place": "net.fc.weight.mul_(2)   # + no: `net.fc.weight`",
    "in place on a view": """
        w = net.fc.weight.detach()   # +
        w.mul_(2)   # + no: training's `net.fc.weight`
        """,
    "augmented in place": """
        w = net.fc.weight.data   # +
        w += 1   # + no: `w`
        """,
    "setattr": 'setattr(net, "fc", None)   # + no: `net`',
    "out": "np.add(1, 2, out=losses)   # + no: `losses`",
    "a shuffle": "rng.shuffle(losses)   # + no: draws from `rng`",
    "clipping": "nn.utils.clip_grad_norm_(net.parameters(), 1.0)   # + no: training's `net`",
    "zero_grad": "opt.zero_grad()   # + no: gradients",
    "backward": "loss.backward()   # + no: retain_graph",
    "a step": "if epoch: opt.step()   # + no: training step",
    "a step of the schedule": "sched.step()   # + no: training step",
    "a new schedule": "s = torch.optim.lr_scheduler.StepLR(opt, 3)   # + no: `opt`",
    "a step of a new optimizer": """
        mine = torch.optim.SGD(net.parameters(), lr=1)   # +
        mine.step()   # + no: training step
        """,
    "the graph is freed": "torch.autograd.grad(loss, net.fc.weight)   # + no: retain_graph=True",
    "random": "r = random.random()   # + no: random.Random(0)",
    "numpy": "r = np.random.rand(3)   # + no: default_rng",
    "torch": "r = torch.rand(3)   # + no: fork_rng",
    "torch like": "r = torch.randn_like(x)   # + no: fork_rng",
    "a layer": "probe = nn.Linear(3, 3)   # + no: fork_rng",
    "a user's model": "other = Net()   # + no: It calls `__init__`",
    "a generator of training": "r = rng.normal()   # + no: `rng`",
    "a dropout": "d = F.dropout(out)   # + no: training=False",
    "in place randomly": "n = torch.empty(3).normal_()   # + no: fork_rng",
    "a generator of training handed on": """
        r = torch.rand(3, generator=own.generator)   # + no: own.generator
        """,
    "a seed": "torch.manual_seed(0)   # + no: sets",
    "numpy's seed": "np.random.seed(0)   # + no: generator of its own",
    "a foreign state": "random.setstate(old)   # + no: generator of its own",
    "a state put back before the draw": """
        state = torch.get_rng_state()   # +
        torch.set_rng_state(state)   # +
        r = torch.rand(3)   # + no: fork_rng
        """,
    "a state saved after the draw": """
        r = torch.rand(3)   # + no: fork_rng
        state = torch.get_rng_state()   # +
        torch.set_rng_state(state)   # +
        """,
    "the wrong state": """
        state = random.getstate()   # +
        r = np.random.rand()   # + no: default_rng
        random.setstate(state)   # +
        """,
    "evaluation mode": "net.eval()   # + no: net.train(was)",
    "a wrong mode": "net.train(False)   # + no: net.train(was)",
    "training mode": "net.train()   # + no: net.train(was)",
    "the modes in the wrong order": """
        net.train()   # + no: net.train(was)
        net.eval()   # +
        """,
    "the mode of a part": "net.drop.eval()   # + no: net.drop.train",
    "the mode put back only sometimes": """
        net.eval()   # + no: net.train()
        if epoch:   # +
            net.train()   # |
        """,
    "the mode changed only sometimes": """
        if epoch % 2:   # +
            net.eval()   # | no: net.train()
        """,
    "a model in training mode": 'log("p", net(x).max())   # + no: `net.eval()` before',
    "a validation": 'log("good", evaluate(net, valid))   # + no: DataLoader `valid`',
    "a loader": """
        for a, b in valid:   # + no: fork_rng
            print(a)   # |
        """,
    "a loader with a generator": """
        with torch.random.fork_rng():   # +
            for a in own:   # | no: its generator
                print(a)   # |
        """,
    "a new loader": """
        mine = DataLoader(valid_set, batch_size=2)   # +
        for a, b in mine:   # + no: fork_rng
            print(a)   # |
        """,
    "a new loader in a helper": """
        def count(rows):   # +
            return sum(1 for row in rows)   # |
        log("n", count(DataLoader(valid_set)))   # + no: It calls `count`
        """,
    "a copy of a loader": """
        import copy   # +
        log("n", len(list(copy.deepcopy(valid))))   # + no: fork_rng
        """,
    "a copy of the model in training mode": """
        import copy   # +
        twin = copy.deepcopy(net)   # +
        log("p", twin(x).max())   # + no: twin.eval
        """,
    "the largest list": """
        max(losses, [0.0]).append(3)   # + no: `max(losses, [0.0])`
        """,
    "a loader with progress": """
        from itertools import islice   # +
        for a in islice(valid, 1):   # + no: fork_rng
            print(a)   # |
        """,
    "a sorting that gives nothing": 'log("sorted", losses.sort())   # + no: `losses`',
    "the environment": """
        import os   # +
        os.environ.update(A="1")   # + no: os.environ
        """,
    "a list of a loader": 'log("n", len(list(loader)))   # + no: fork_rng',
    "next": "first = next(stream)   # + no: once",
    "an iterator": """
        for a in stream:   # + no: once
            print(a)   # |
        """,
    "a list of an iterator": 'log("n", list(stream))   # + no: once',
    "break": "break   # + no: `break`",
    "a break in an if": """
        if loss < 0.1:   # +
            break   # | no: `break`
        """,
    "continue": "continue   # + no: `continue`",
    "raise": "raise ValueError   # + no: `raise`",
    "exit": "exit()   # + no: ends the run",
    "global": "global loss   # + no: global",
    "an option of a library": "torch.backends.cudnn.benchmark = True   # + no: sets",
    "threads": "torch.set_num_threads(1)   # + no: sets",
    "gradients off": "torch.set_grad_enabled(False)   # + no: sets",
    "the working directory": "import os   # +\nos.chdir('/')   # + no: sets",
    "a file that training reads": 'np.save("last.npy", [1])   # + no: last.npy',
    "a helper that changes what it is given": """
        def reset(layer):   # +
            layer.weight.zero_()   # |
        reset(net.fc)   # + no: It calls `reset`
        """,
    "a helper in a helper": """
        def inner(rows):   # +
            rows.append(1)   # |
        def outer(rows):   # +
            return inner(rows)   # |
        log("n", outer(losses))   # + no: `outer`
        """,
    "a lambda that changes": "(lambda rows: rows.append(1))(losses)   # + no: a lambda",
    "a function of training's that draws": 'log("a", augment(x))   # + no: `augment`',
    "a training estimator": "net.fit(x)   # + no: `net`",
    "a module elsewhere": "net.cpu()   # + no: deepcopy",
    "a star": "from math import *   # + no: star import",
    "a global in a helper": """
        def helper():   # +
            global loss   # |
            loss = 0   # |
        helper()   # + no: global loss
        """,
}


@pytest.mark.parametrize("text", HARMFUL.values(), ids=HARMFUL)
def test_what_changes_training_is_an_offence_and_the_sentence_says_what_to_do(text):
    shown = cell(inside=text)
    judgement = judge(compare(shown.recorded, shown.edited), shown.edited)
    lines = sorted({o.line for o in judgement.offences})
    assert lines == [line for line, _ in shown.offences], judgement
    for line, words in shown.offences:
        assert any(words in o.why for o in judgement.offences if o.line == line), judgement
    assert not judgement.log_only


UNCERTAIN = {
    "an unknown function": "probe(net)   # + perhaps: the text",
    "an unknown method": "net.summary()   # + perhaps: cannot be seen",
    "an unknown module": "import seaborn   # + perhaps: seaborn",
    "a library's function": "import wandb   # + perhaps: wandb\nwandb.log({})   # + perhaps: cannot be seen",
    "a new file": 'np.save("mine.npy", losses)   # + perhaps: writes outside',
    "an assertion": "assert loss > 0   # + perhaps: ends the replay",
    "a default dictionary": 'log("n", counts[99])   # + perhaps: .get',
    "an unknown iterable": """
        for row in table:   # + perhaps: iterator
            print(row)   # |
        """,
    "an unknown loader": """
        for row in test_loader:   # + perhaps: DataLoader
            print(row)   # |
        """,
    "pruning": "nn.utils.prune.identity(net.fc, 'weight')   # + perhaps: cannot be seen",
    "a new file of a frame": """
        import pandas as pd   # +
        pd.DataFrame({"l": losses}).to_csv("mine.csv")   # + perhaps: writes outside
        """,
    "what a data set does": "log('x', valid.dataset[0])   # + perhaps: cannot be seen",
    "an array that may be the same": "a = np.array(losses, copy=False)   # + perhaps: nobody",
    "a distribution": """
        d = torch.distributions.Normal(0.0, 1.0)   # +
        log("s", d.sample())   # + perhaps: may draw
        """,
    "a queue": "log('n', todo.get())   # + perhaps: cannot be seen",
    "an infinite clip": """
        n = nn.utils.clip_grad_norm_(net.parameters(), float("inf"))   # + perhaps: infinite
        """,
    "exec": 'exec("1")   # + perhaps: exec',
    "a helper that is not known": """
        def helper(x):   # +
            return mystery(x)   # |
        helper(loss)   # + perhaps: mystery
        """,
}


@pytest.mark.parametrize("text", UNCERTAIN.values(), ids=UNCERTAIN)
def test_what_nobody_can_tell_is_a_caution(text):
    check(cell(inside=text))


def test_a_list_that_the_edit_made_may_grow():
    check(cell(before="seen = []   # +", inside="seen.append(loss.item())   # +"))


def test_a_list_that_got_something_of_trainings_may_grow_but_that_may_not_change():
    check(
        cell(
            before="seen = []   # +",
            inside="""
            seen.append(net.fc.weight)   # +
            seen[0].zero_()   # + no: work on a copy
            """,
        )
    )


def test_a_name_that_is_set_later_in_the_loop_counts_from_its_start():
    shown = cell(
        inside="mine.append(1)   # + no: `losses`",
        before="mine = []   # +",
        after="mine = losses   # +",
    )
    check(shown)


def test_a_mode_must_be_put_back_before_training_goes_on():
    text = """
        import torch
        net.eval()   # + no: net.train(was)
        loss = step(net)
        net.train()   # + no: net.train(was)
        """
    check(picture(text))


def test_a_helper_at_the_top_with_its_call_in_the_loop():
    check(
        cell(
            before="""
            def norm(model, kind=2):   # +
                total = 0.0   # |
                for p in model.parameters():   # |
                    total += p.grad.norm(kind).item() ** 2   # |
                return total ** 0.5   # |
            """,
            inside="""
            g = norm(net)   # +
            log("norm", g)   # +
            """,
        )
    )


def test_a_name_that_training_has_inside_a_function_is_free_outside():
    check(cell(after="good = 3   # +"))


def test_a_name_that_a_function_of_training_reads_is_not_free():
    text = """
        def scale(x):
            return x * factor
        for x in data:
            factor = 3   # + no: `factor`
            scale(x)
        """
    check(picture(text))


def test_a_name_that_a_function_of_another_cell_reads_is_not_free():
    text = """
        for x in data:
            factor = 3   # + no: `factor`
            scale(x)
        """
    check(picture(text), definitions=["def scale(x):\n    return x * factor\n"])


def test_a_name_of_another_cell_is_doubtful():
    shown = picture("for x in data:\n    acc = 3   # + perhaps: Another cell\n    f(x)\n")
    check(shown, names_elsewhere=["acc", "data"])


def test_an_assignment_in_a_function_makes_the_name_its_own():
    text = """
        factor = 2
        def scale(x):
            y = x * factor
            factor = 1   # + no: `factor`
            return y
        scale(3)
        """
    check(picture(text))


def test_a_return_or_a_yield_in_a_function_of_training():
    text = """
        def step(x):
            return 3   # + no: `return`
            f(x)
        def steps(x):
            yield x   # + no: `yield`
            f(x)
        step(1)
        """
    check(picture(text))


def test_functions_of_other_cells_are_looked_through():
    text = """
        for x in data:
            log("a", quiet(net))   # +
            log("b", loud(net))   # + no: It calls `loud`
            net.step_once(x)
        """
    definitions = [
        "import torch\ndef quiet(n):\n    return sum(p.norm() for p in n.parameters())\n",
        "def loud(n):\n    n.history.append(3)\n    return 3\n",
        "this is no Python",
    ]
    check(picture(text), definitions=definitions)


def test_a_model_of_another_cell_is_looked_through():
    text = """
        for x in data:
            log("p", net(x))   # + no: `net.eval()` before
            net.fit_once(x)
        """
    other = """
from torch import nn
class Net(nn.Module):
    def __init__(self):
        self.body = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    def forward(self, x):
        return self.body(x)
net = Net().to("cpu")
"""
    check(picture(text), definitions=[other])


def test_what_a_class_is_given():
    check(
        cell(
            members="""
            def norm(self):   # +
                return self.fc.weight.norm().item()   # |
            """,
            inside='log("n", net.norm())   # +',
        )
    )
    check(cell(members="def forward(self, x):   # + no: `forward`\n    return 0   # |"))
    check(cell(members="def __len__(self):   # + no: Python calls\n    return 0   # |"))


def test_a_method_that_changes_its_object():
    check(
        cell(
            members="""
            def count(self):   # +
                self.n = 1   # |
            """,
            inside="net.count()   # + no: It calls `count`",
        )
    )


def test_a_property_is_looked_through():
    text = """
        class Box:
            @property
            def size(self):
                self.asked = True
                return 3
        box = Box()
        for x in data:
            log("size", box.size)   # + no: It calls `size`
            box.fill(x)
        """
    check(picture(text))


def test_what_python_calls_by_itself_is_looked_through():
    text = """
        class Rows:
            def __init__(self):
                self.asked = 0
            def __len__(self):
                self.asked += 1
                return 3
            def __getitem__(self, i):
                self.asked += 1
                return i
            def __iter__(self):
                self.asked += 1
                return iter([1])
            def __str__(self):
                self.asked += 1
                return ""
        rows = Rows()
        for x in data:
            log("n", len(rows))   # + no: `__len__`
            log("first", rows[0])   # + no: `__getitem__`
            log("all", sum(rows))   # + no: `__iter__`
            print(rows)   # + no: `__str__`
            print(f"{rows}")   # + no: `__str__`
            train(rows, x)
        """
    check(picture(text))


def test_a_model_of_which_only_the_use_is_seen():
    text = """
        for x in data:
            net.cpu()   # + no: deepcopy
            loss = net(x)
            log("loss", loss.cpu())   # +
            step(loss)
        """
    check(picture(text))


def test_a_generator_function_can_be_stepped_over_once():
    text = """
        def batches():
            yield from rows
        todo = batches()
        for x in data:
            log("n", sum(todo))   # + no: once
            train(next(todo))
        """
    check(picture(text))


def test_a_decorated_validation_that_restores_the_mode_is_harmless():
    text = """
        import torch
        from contextlib import contextmanager
        net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Dropout())
        rows = [1, 2]
        @contextmanager   # +
        def evaluating(model):   # |
            was = model.training   # |
            model.eval()   # |
            try:   # |
                yield   # |
            finally:   # |
                model.train(was)   # |
        for x in rows:
            with evaluating(net):   # +
                print(x)   # |
            train(net, x)
        """
    check(picture(text))


def test_recursion_ends():
    text = """
        def depth(tree):   # +
            return 1 + max((depth(t) for t in tree.children()), default=0)   # |
        for x in rows:
            log("depth", depth(net))   # +
            train(net, x)
        """
    shown = picture(text)
    assert offences(compare(shown.recorded, shown.edited), shown.edited) == ()


def why(old, new):
    old, new = textwrap.dedent(old), textwrap.dedent(new)
    return judge(compare(old, new), new)


def test_a_changed_value_is_called_one():
    found = why("opt = Adam(net, lr=0.1)\n", "opt = Adam(net, lr=0.01)\n")
    assert "from 0.1 to 0.01: that is another run" in found.offences[0].why


def test_a_changed_statement_is_an_offence():
    found = why("x = f(a, b)\n", "x = f(a, b, True)\n")
    assert "Training had `x = f(a, b)` here" in found.offences[0].why


def test_a_changed_loop_is_an_offence():
    found = why("for x in y:\n    f(x)\n", "for i, x in enumerate(y):\n    f(x)\n")
    assert "Training had `for x in y:` here" in found.offences[0].why


def test_a_removed_statement_is_an_offence():
    found = why("a = f()\nb = g(a)\n", "a = f()\n")
    assert [(o.text, o.line) for o in found.offences] == [("b = g(a)", 2)]


def test_a_removed_print_is_a_caution():
    found = why("a = f()\nprint(a)\n", "a = f()\n")
    assert found.log_only
    assert "what it printed" in found.cautions[0].why


def test_a_print_that_prints_more_is_log_only():
    assert why("a = f()\nprint(a)\n", "a = f()\nprint(a, a.mean())\n").offences == ()
    assert why("a = f()\nprint(a)\n", "a = f()\nprint(a, a.pop())\n").offences != ()


def test_a_renamed_variable_is_an_offence():
    found = why("total = 0\nfor x in y:\n    total += x\n", "t = 0\nfor x in y:\n    t += x\n")
    assert "`total` is called `t` now" in found.offences[0].why


def test_a_training_statement_in_an_added_block_is_an_offence():
    found = why(
        "for x in y:\n    step(x)\n    f()\n",
        "for x in y:\n    if x:\n        step(x)\n    f()\n",
    )
    assert ["added `if x:`" in o.why for o in found.offences] == [True]


def test_a_moved_statement_is_an_offence_and_a_moved_function_a_caution():
    found = why("a = f(1)\nb = g(2)\nc = h(3)\n", "b = g(2)\nc = h(3)\na = f(1)\n")
    assert "stood at line 1" in found.offences[0].why
    found = why(
        "a = f(1)\nb = g(2)\ndef h(x):\n    return 1\n",
        "def h(x):\n    return 1\na = f(1)\nb = g(2)\n",
    )
    assert found.log_only
    assert found.cautions


def test_a_helper_that_calls_itself_by_many_ways_does_not_take_for_ever():
    lines = [
        f"def f{i}(x):\n    return f{i + 1}(x) + f{i + 1}(x) + f{i + 1}(x)" for i in range(12)
    ]
    text = "\n".join([*lines, "def f12(x):\n    return x", 'log("x", f0(1))', "train()\n"])
    found = judge(compare("train()\n", text), text)
    assert found.log_only


def test_lines_are_those_of_the_edited_text():
    shown = cell(inside="opt.zero_grad()   # + no: x")
    (offence,) = offences(compare(shown.recorded, shown.edited), shown.edited)
    assert shown.edited.splitlines()[offence.line - 1].strip() == offence.text


def test_a_log_around_a_value_is_log_only():
    assert why(
        "loss = f(x)\nfor i in y: g(i)\n", 'loss = log("loss", f(x))\nfor i in y: g(i)\n'
    ) == (why("", ""))
    assert not why("loss = f(x)\n", 'loss = log("loss", f(x + 1))\n').log_only
    assert not why("loss = f(x)\n", 'loss = log("loss", f(x), 3)\n').log_only
