"""An edit carried into an older version of the cell.

Each picture shows the newest version and an older one, both with the added lines marked.
"""

from __future__ import annotations

import textwrap

import pytest

from jupyter_slicer.hindsight.edits import carry, compare
from tests.hindsight.edits.pictures import picture, tree

CARRIED = {
    "the same code with another value": (
        """
        lr = 0.1
        for x in loader:
            loss = step(x, lr)
            log("loss", loss)   # +
        """,
        """
        lr = 0.5
        for x in loader:
            loss = step(x, lr)
            log("loss", loss)   # +
        """,
    ),
    # What flordb 4.0.1 does not carry (hindsight.md 1.2): renamed variables and one
    # statement more, helper statements, helper functions.
    "other names and a statement more": (
        """
        net = make()
        for epoch in range(3):
            for x, y in loader:
                out = net(x)
                loss = cost(out, y)
                loss.backward()
                opt.step()
                log("loss", loss.item())   # +
        """,
        """
        model = make()
        for e in range(3):
            for inputs, targets in loader:
                prediction = model(inputs)
                batch_loss = cost(prediction, targets)
                batch_loss.backward()
                clip(model)
                opt.step()
                log("loss", batch_loss.item())   # +
        """,
    ),
    "a helper statement": (
        """
        net = make()
        for x in loader:
            loss = step(net, x)
            opt.step()
            g = gnorm(net)   # +
            log("gnorm", g)   # +
        """,
        """
        model = make()
        for x in loader:
            loss = step(model, x)
            opt.step()
            g = gnorm(model)   # +
            log("gnorm", g)   # +
        """,
    ),
    "a helper function and its import": (
        """
        import torch
        import math   # +
        def gnorm(net):   # +
            return math.sqrt(sum(p.grad.norm() ** 2 for p in net.parameters()))   # |
        model = make()
        for x in loader:
            loss = step(model, x)
            log("gnorm", gnorm(model))   # +
        """,
        """
        import torch
        import math   # +
        def gnorm(net):   # +
            return math.sqrt(sum(p.grad.norm() ** 2 for p in net.parameters()))   # |
        net = make()
        for x in loader:
            loss = step(net, x)
            log("gnorm", gnorm(net))   # +
        """,
    ),
    "moved into a function": (
        """
        net = make()
        for epoch in range(3):
            for x, y in loader:
                loss = cost(net(x), y)
                loss.backward()
            log("loss", loss)   # +
        """,
        """
        def train(model, data, epochs=3):
            for epoch in range(epochs):
                for x, y in data:
                    loss = cost(model(x), y)
                    loss.backward()
                log("loss", loss)   # +
            return model
        net = train(make(), loader)
        """,
    ),
    "moved out of a function": (
        """
        def train(model, data):
            for x, y in data:
                loss = cost(model(x), y)
                loss.backward()
                log("p", model(x))   # +
        train(net, loader)
        """,
        """
        for x, y in loader:
            loss = cost(net(x), y)
            loss.backward()
            log("p", net(x))   # +
        """,
    ),
    "in a deeper block": (
        """
        for x in loader:
            loss = cost(x)
            log("loss", loss)   # +
            loss.backward()
        """,
        """
        with autocast():
            if train:
                for x in loader:
                    loss = cost(x)
                    log("loss", loss)   # +
                    loss.backward()
        """,
    ),
    "in a function that has another name": (
        """
        def training_step(x, y):
            out = net(x)
            loss = cost(out, y)
            log("loss", loss)   # +
            return loss
        for x, y in loader:
            training_step(x, y).backward()
        """,
        """
        def step(a, b):
            out = net(a)
            loss = cost(out, b)
            log("loss", loss)   # +
            return loss
        for x, y in loader:
            step(x, y).backward()
        """,
    ),
    "in a method": (
        """
        class Trainer:
            def __init__(self, net):
                self.net = net
            def fit(self, data):
                for x in data:
                    loss = self.step(x)
                    loss.backward()
                    log("loss", loss)   # +
        """,
        """
        class Trainer:
            def fit(self, rows):
                for row in rows:
                    loss = self.step(row)
                    loss.backward()
                    log("loss", loss)   # +
                    self.count += 1
        """,
    ),
    "an attribute that is called differently": (
        """
        class Net(nn.Module):
            def __init__(self):
                self.fc1 = nn.Linear(2, 3)
                self.fc2 = nn.Linear(3, 2)
            def forward(self, x):
                return self.fc2(self.fc1(x))
        net = Net()
        for x in loader:
            step(net, x)
            log("w", net.fc1.weight.norm())   # +
        """,
        """
        class Net(nn.Module):
            def __init__(self):
                self.first = nn.Linear(2, 3)
                self.fc2 = nn.Linear(3, 2)
            def forward(self, x):
                return self.fc2(self.first(x))
        net = Net()
        for x in loader:
            step(net, x)
            log("w", net.first.weight.norm())   # +
        """,
    ),
    "every tenth step": (
        """
        for epoch in range(9):
            step(epoch)
            if epoch % 10 == 0:   # +
                log("epoch", epoch)   # |
                print(f"{epoch=}", epoch)   # |
        """,
        """
        for e in range(9):
            step(e)
            if e % 10 == 0:   # +
                log("epoch", e)   # |
                print(f"{e=}", e)   # |
        """,
    ),
    "a with block with a comment": (
        """
        for x in loader:
            out = net(x)
            step(out)
            with torch.no_grad():   # +
                log("top", out.max())   # |
        """,
        """
        for x in loader:
            y = net(x)
            step(y)
            with torch.no_grad():   # +
                log("top", y.max())   # |
        """,
    ),
    "an else for a test of training": (
        """
        for x in loader:
            if ok(x):
                step(x)
            else:   # |
                log("skipped", x)   # +
        """,
        """
        for row in loader:
            if ok(row):
                step(row)
            else:   # |
                log("skipped", row)   # +
        """,
    ),
    "another order of the statements around it": (
        """
        seed()
        net = make()
        data = load()
        log("size", len(data))   # +
        for x in data:
            step(net, x)
        """,
        """
        data = load()
        log("size", len(data))   # +
        net = make()
        for x in data:
            step(net, x)
        """,
    ),
    "a for loop that was a while loop": (
        """
        for epoch in range(9):
            total = train(net)
            best = min(best, total)
            log("total", total)   # +
            sched.step(total)
        """,
        """
        epoch = 0
        while epoch < 9:
            total = train(net)
            best = min(best, total)
            log("total", total)   # +
            sched.step(total)
            epoch += 1
        """,
    ),
    "a value that is there only later": (
        """
        for x in loader:
            out = net(x)
            log("loss", loss(out))   # +
            opt.step()
        """,
        """
        for x in loader:
            out = net(x)
            log("loss", loss(out))   # +
            opt.step()
            out2 = out
        """,
    ),
    "a helper that collects": (
        """
        net = make()
        seen = []   # +
        for x in loader:
            loss = step(net, x)
            seen.append(loss)   # +
        log("mean", sum(seen) / len(seen))   # +
        """,
        """
        model = make()
        seen = []   # +
        for x in loader:
            loss = step(model, x)
            seen.append(loss)   # +
        log("mean", sum(seen) / len(seen))   # +
        """,
    ),
    "statements on one line": (
        """
        for x in loader: a(x); b(x)
        c(); log("c", 1)
        d()
        """.replace('c(); log("c", 1)', 'c()\n        log("c", 1)   # +'),
        """
        for y in loader: a(y); b(y)
        c()
        log("c", 1)   # +
        d()
        """,
    ),
    "a seed loop around it all": (
        """
        net = make()
        for x in loader:
            loss = step(net, x)
            log("loss", loss)   # +
        print("done")
        """,
        """
        for seed in range(3):
            net = make()
            for x in loader:
                loss = step(net, x)
                log("loss", loss)   # +
            print("done")
        """,
    ),
    "two loops that are alike": (
        """
        for x in train:
            loss = cost(x)
            loss.backward()
        for x in valid:
            loss = cost(x)
            log("valid", loss)   # +
            count(loss)
        """,
        """
        for a in train:
            loss = cost(a)
            loss.backward()
        for a in valid:
            loss = cost(a)
            log("valid", loss)   # +
            count(loss)
        """,
    ),
    "strings over several lines": (
        '''
        for x in loader:
            step(x)
            log("text", """
        at the margin""")   # +
        ''',
        '''
        if True:
            for x in loader:
                step(x)
                log("text", """
        at the margin""")   # +
        ''',
    ),
}


def versions(newest, older):
    return picture(newest), picture(older)


def lines_of(text):
    """The picture above marks the last line of a statement over several."""
    return text.replace('log("text", """\n', 'log("text", """   # |\n')


@pytest.mark.parametrize(("newest", "older"), CARRIED.values(), ids=CARRIED)
def test_added_statements_find_their_place_in_an_older_version(newest, older):
    new, old = versions(lines_of(newest), lines_of(older))
    carried = carry(compare(new.recorded, new.edited), new.recorded, new.edited, old.recorded)
    assert carried.unplaced == ()
    assert tree(carried.source) == tree(old.edited), carried.diff
    edit = compare(old.recorded, carried.source)
    assert edit.added
    assert (edit.removed, edit.changed, edit.moved) == ((), (), ())


@pytest.mark.parametrize(("newest", "older"), CARRIED.values(), ids=CARRIED)
def test_carrying_to_the_recorded_text_itself_gives_the_edited_one(newest, older):
    for shown in versions(lines_of(newest), lines_of(older)):
        carried = carry(
            compare(shown.recorded, shown.edited), shown.recorded, shown.edited, shown.recorded
        )
        assert carried.unplaced == ()
        assert tree(carried.source) == tree(shown.edited)


@pytest.mark.parametrize(("newest", "older"), CARRIED.values(), ids=CARRIED)
def test_what_is_carried_twice_stands_there_once(newest, older):
    new, old = versions(lines_of(newest), lines_of(older))
    edit = compare(new.recorded, new.edited)
    once = carry(edit, new.recorded, new.edited, old.recorded)
    twice = carry(edit, new.recorded, new.edited, once.source)
    assert tree(twice.source) == tree(once.source)
    assert twice.diff == ""


def carried(newest, older):
    new = picture(newest)
    older = textwrap.dedent(older).lstrip("\n")
    return carry(compare(new.recorded, new.edited), new.recorded, new.edited, older)


def test_the_layout_of_the_older_version_stays_as_it_is():
    found = carried(
        """
        net = make()
        for x in loader:
            loss = step(net, x)
            # how far we are
            log("loss", loss)   # +
        """.replace("# how far we are", "# how far we are   # |"),
        """
        # the first try
        net   =   make()   # big

        for x in loader:
          loss = step( net,x )  # one step

        # the end
        """,
    )
    assert found.source == textwrap.dedent(
        """\
        # the first try
        net   =   make()   # big

        for x in loader:
          loss = step( net,x )  # one step
          # how far we are
          log("loss", loss)

        # the end
        """
    )


def test_the_diff_shows_what_was_added():
    found = carried(
        """
        for x in loader:
            loss = step(x)
            log("loss", loss)   # +
        """,
        "for row in loader:\n    cost = step(row)\n",
    )
    shown = [line for line in found.diff.splitlines() if line[:1] in "+-"]
    assert shown == ["--- recorded", "+++ with the added lines", '+    log("loss", cost)']
    assert found.renamed == {"loss": "cost"}
    assert [p.text for p in found.placed] == ['log("loss", cost)']


def test_a_helper_gets_another_name_where_the_older_version_uses_its_own():
    found = carried(
        """
        for x in loader:
            loss = step(x)
            g = loss * 2   # +
            log("g", g)   # +
        """,
        """
        g = Generator()
        for x in loader:
            loss = step(x)
        use(g)
        """,
    )
    assert "    g_logged = loss * 2\n" in found.source
    assert '    log("g", g_logged)\n' in found.source
    assert found.unplaced == ()


def test_a_function_of_the_recorded_text_comes_along_if_the_older_one_lacks_it():
    found = carried(
        """
        import math
        def size(net):
            return math.sqrt(len(net))
        print(size(net))
        for x in loader:
            loss = step(x)
            log("size", size(net))   # +
        """,
        """
        import torch
        for x in loader:
            loss = step(x)
        """,
    )
    assert tree(found.source) == tree(
        textwrap.dedent(
            """
            import torch
            import math
            def size(net):
                return math.sqrt(len(net))
            for x in loader:
                loss = step(x)
                log("size", size(net))
            """
        )
    )


def test_a_log_around_a_value_is_carried():
    recorded = "for x in y:\n    loss = f(x)\n    g(loss)\n"
    edited = 'for x in y:\n    loss = log("loss", f(x))\n    g(loss)\n'
    older = "for row in y:\n    l = f(row); g(l)\n"
    found = carry(compare(recorded, edited), recorded, edited, older)
    assert tree(found.source) == tree('for row in y:\n    l = log("loss", f(row)); g(l)\n')
    other = "for row in y:\n    l = f(row, 3)\n    g(l)\n"
    found = carry(compare(recorded, edited), recorded, edited, other)
    assert tree(found.source) == tree(other.replace("f(row, 3)", "log('loss', f(row, 3))"))
    # Around a part of a value there is no telling what would be the same part.
    edited = 'for x in y:\n    loss = f(log("x", x))\n    g(loss)\n'
    found = carry(compare(recorded, edited), recorded, edited, other)
    assert found.source == other
    assert "this version has `l = f(row, 3)` instead" in found.unplaced[0].why


UNPLACED = {
    "no such function": (
        """
        def helper(x):
            y = twice(x)
            log("y", y)   # +
            return y
        for x in loader:
            step(x)
            helper(x)
        """,
        """
        for x in loader:
            step(x)
        """,
        "this version has nothing like `def helper(x):`",
    ),
    "no such variable": (
        """
        ema = make_average()
        for x in loader:
            step(x)
            ema.update()
            log("ema", ema.value)   # +
        """,
        """
        for x in loader:
            step(x)
            done()
        """,
        "it uses `ema`, which this version does not have",
    ),
    "no such argument": (
        """
        def fit(net, scale):
            for x in loader:
                step(net, x, scale)
                tidy(net)
                log("scale", scale)   # +
        """,
        """
        def fit(net):
            for x in loader:
                step(net, x)
                tidy(net)
        """,
        "it uses `scale`, which this version does not have",
    ),
    "a helper without a place": (
        """
        ema = make_average()
        for x in loader:
            step(x)
            tidy(x)
            v = ema.value   # +
            log("ema", v)   # +
        """,
        """
        for x in loader:
            step(x)
            tidy(x)
        """,
        "it needs `v`, which could not be placed",
    ),
    "nothing alike": (
        """
        for x in loader:
            step(x)
            log("x", x)   # +
        """,
        "import os\nprint(os.getcwd())\n",
        "this version has nothing like `for x in loader:`",
    ),
}


@pytest.mark.parametrize(("newest", "older", "why"), UNPLACED.values(), ids=UNPLACED)
def test_what_has_no_place_is_named_with_the_reason(newest, older, why):
    found = carried(newest, older)
    assert found.source == textwrap.dedent(older).lstrip("\n")
    assert found.diff == ""
    assert why in found.unplaced[-1].why
    assert found.unplaced[-1].names_logged


def test_a_value_that_the_older_version_computes_later_moves_the_log():
    found = carried(
        """
        for x in loader:
            loss = cost(x)
            total = sum(net)
            opt.zero_grad()
            log("both", loss, total)   # +
            opt.step(x)
        """,
        """
        for x in loader:
            loss = cost(x)
            opt.zero_grad()
            opt.step(x)
            total = sum(net)
        """,
    )
    assert tree(found.source) == tree(
        textwrap.dedent(
            """
            for x in loader:
                loss = cost(x)
                opt.zero_grad()
                opt.step(x)
                total = sum(net)
                log("both", loss, total)
            """
        )
    )
