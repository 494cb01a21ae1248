"""What is added, removed, changed or moved in a cell."""

from __future__ import annotations

import textwrap

import pytest

from jupyter_slicer.errors import UnreadableCell
from jupyter_slicer.hindsight.edits import compare, only
from tests.hindsight.edits.pictures import picture

ADDED = {
    "a log in the inner loop": """
        for epoch in range(3):
            for x in loader:
                loss = step(x)
                log("loss", loss)   # +
        """,
    "a log at the end of the epoch": """
        for epoch in range(3):
            for x in loader:
                loss = step(x)
            log("loss", loss)   # +
        """,
    "a print before the loop": """
        net = make()
        print(net)   # +
        for epoch in range(3):
            net.train_once()
        """,
    "a log in a function of the cell": """
        def step(x):
            y = x * 2
            log("y", y)   # +
            return y
        for x in loader:
            step(x)
        """,
    "every tenth step": """
        for step in range(100):
            train(step)
            if step % 10 == 0:   # +
                log("step", step)   # |
        """,
    "a helper statement beside its log": """
        for x in loader:
            net(x)
            g = norm(net)   # +
            log("norm", g)   # +
        """,
    "a helper function": """
        import torch
        def norm(net):   # +
            return sum(p.norm() for p in net.parameters())   # |
        for x in loader:
            net(x)
            log("norm", norm(net))   # +
        """,
    "an import": """
        import torch
        import math   # +
        for x in loader:
            log("root", math.sqrt(net(x)))   # +
            opt.step()
        """,
    "a with block": """
        for x in loader:
            opt.step()
            with torch.no_grad():   # +
                # the larger one
                log("p", net(x).max())   # |
        """,
    "a loop that only logs": """
        for x in loader:
            opt.step()
            for name, p in net.named_parameters():   # +
                log(name, p.norm())   # |
        """,
    "in the branch of an if": """
        for x in loader:
            if x > 3:
                skip(x)
                print("skipped")   # +
            else:
                opt.step()
                log("x", x)   # +
        """,
    "in a while loop": """
        while loss > 0.1:
            loss = step()
            log("loss", loss)   # +
        """,
    "in a method": """
        class Trainer:
            def fit(self):
                for x in self.data:
                    self.step(x)
                    log("x", x)   # +
        Trainer().fit()
        """,
    "in an exception handler": """
        try:
            train()
        except ValueError as error:
            print(error)   # +
            net = old
        finally:
            print("done")   # +
            close()
        """,
    "in a case": """
        match kind:
            case "a":
                train()
                log("kind", kind)   # +
        """,
    "a method": """
        class Net(nn.Module):
            def forward(self, x):
                return x
            def norm(self):   # +
                return self.w.norm()   # |
        """,
    "before an equal statement": """
        print(x)
        print(y)   # +
        print(x)
        """,
    "two at the end": """
        for x in loader:
            step(x)
        print(1)   # +
        log("x", 2)   # +
        """,
    "in the second of two loops that say the same": """
        for x in loader:
            step(x)
        for x in loader:
            log("x", x)   # +
            step(x)
        """,
    "among statements that are alike": """
        a = f(1)
        a = f(2)
        log("a", a)   # +
        a = f(3)
        """,
    "a statement that begins like the next": """
        loss = f(x)
        loss_mean = f(x).mean()   # +
        loss = f(y)
        """,
    "an async loop": """
        async for x in source:
            await step(x)
            log("x", x)   # +
        """,
}


@pytest.mark.parametrize("text", ADDED.values(), ids=ADDED)
def test_what_is_added_is_found(text):
    shown = picture(text)
    edit = compare(shown.recorded, shown.edited)
    assert [a.line for a in edit.added] == shown.added
    assert (edit.removed, edit.changed, edit.moved, edit.renamed) == ((), (), (), {})


@pytest.mark.parametrize("text", ADDED.values(), ids=ADDED)
def test_the_other_way_round_it_is_removed(text):
    shown = picture(text)
    edit = compare(shown.edited, shown.recorded)
    assert edit.added == ()
    assert [r.line for r in edit.removed] == shown.added


@pytest.mark.parametrize("text", ADDED.values(), ids=ADDED)
def test_a_text_is_the_same_as_itself(text):
    assert compare(picture(text).edited, picture(text).edited).same


SAME = {
    "quotes, brackets and spaces": ("x=f( 'a',\n  1)\n", 'x = f("a", 1)\n'),
    "comments and empty lines": ("x = 1\ny = 2\n", "# one\nx = 1  # here\n\n\ny = 2\n"),
    "brackets that say nothing": ("x = a + (b * c)\n", "x = a + b * c\n"),
    "a trailing comma": ("f(a, b)\n", "f(\n    a,\n    b,\n)\n"),
    "statements on one line": ("a(); b()\n", "a()\nb()\n"),
    "a loop on one line": ("for x in y: f(x)\n", "for x in y:\n    f(x)\n"),
    "other indentation": ("if a:\n  f()\n", "if a:\n        f()\n"),
    "elif and else if": ("if a:\n f()\nelif b:\n g()\n", "if a:\n f()\nelse:\n if b:\n  g()\n"),
    "numbers in another notation": ("x = 1000\n", "x = 1_000\n"),
    "strings in pieces": ("x = 'ab'\n", "x = 'a' 'b'\n"),
    "no text at all": ("", "# nothing\n"),
}


@pytest.mark.parametrize(("old", "new"), SAME.values(), ids=SAME)
def test_layout_does_not_count(old, new):
    assert compare(old, new).same


def edit(old, new):
    return compare(textwrap.dedent(old), textwrap.dedent(new))


def test_a_changed_value_is_told_as_one():
    found = edit("opt = Adam(net, lr=0.1)\nrun()\n", "opt = Adam(net, lr=0.01)\nrun()\n")
    assert [c.literals for c in found.changed] == [(("0.1", "0.01"),)]
    assert not found.added
    assert not found.removed


def test_a_changed_loop_keeps_what_is_inside():
    found = edit(
        """
        for x, y in loader:
            step(x, y)
            opt.step()
        """,
        """
        for i, (x, y) in enumerate(loader):
            step(x, y)
            opt.step()
        """,
    )
    assert [(c.recorded_text, c.text) for c in found.changed] == [
        ("for x, y in loader:", "for i, (x, y) in enumerate(loader):")
    ]
    assert not found.added
    assert not found.removed


def test_a_name_that_is_changed_throughout_is_told_once():
    found = edit(
        """
        total = 0
        for x in loader:
            total += loss(x)
        print(total)
        """,
        """
        running = 0
        for x in loader:
            running += loss(x)
            log("so far", running)
        print(running)
        """,
    )
    assert found.renamed == {"total": "running"}
    assert [a.text for a in found.added] == ['log("so far", running)']
    assert not found.changed


def test_a_function_that_was_moved_is_told_as_moved():
    found = edit(
        """
        a = 1
        b = f(a)
        def helper(x):
            y = x + 1
            return y
        c = helper(b)
        """,
        """
        def helper(x):
            y = x + 1
            return y
        a = 1
        b = f(a)
        c = helper(b)
        """,
    )
    assert not found.added
    assert not found.removed
    assert len(found.moved) >= 1


def test_a_statement_that_was_put_into_an_added_block_is_moved():
    found = edit(
        """
        for x in loader:
            loss = f(x)
            loss.backward()
        """,
        """
        for x in loader:
            with timer():
                loss = f(x)
            loss.backward()
        """,
    )
    assert [m.text for m in found.moved] == ["loss = f(x)"]
    assert [a.text.splitlines()[0] for a in found.added] == ["with timer():"]


def test_the_path_names_loops_and_functions_by_their_number_in_the_recorded_text():
    old = """
        def fit(net):
            for epoch in range(3):
                for x in loader:
                    step(x)
        fit(net)
        """
    new = """
        def norm(net):
            return [p for p in net]
        def fit(net):
            for p in net.parameters():
                log("p", p)
            for epoch in range(3):
                for x in loader:
                    step(x)
                    log("x", x)
        fit(net)
        """
    found = edit(old, new)
    last = found.added[-1]
    assert last.names_logged == ("x",)
    assert [(e.kind, e.index, e.edited_index) for e in last.path] == [
        ("function", 0, 1),
        ("for", 0, 1),
        ("for", 1, 2),
    ]
    assert [e.header for e in last.path][1:] == ["for epoch in range(3):", "for x in loader:"]
    assert found.loops == {0: 1, 1: 2}


def test_names_are_those_of_log_calls_and_not_of_logarithms():
    found = edit(
        "x = 1\n",
        """
        x = 1
        log("a", x)
        hindsight.log("b", math.log(x))
        for i in range(3):
            if i: log("c", np.log(x), 3); print("d")
        """,
    )
    assert [a.names_logged for a in found.added] == [("a",), ("b",), ("c",)]
    assert found.names_logged == ("a", "b", "c")


def test_the_text_of_what_is_added_stands_at_the_margin():
    found = edit(
        "for x in y:\n    f(x)\n",
        '''
        for x in y:
            f(x)
            if x:
                log("x", """
        text""")
        ''',
    )
    assert found.added[0].text == 'if x:\n    log("x", """\ntext""")'


def test_a_text_that_is_not_python_is_said_to_be_none():
    with pytest.raises(UnreadableCell, match="line 1"):
        compare("x = 1\n", "x = = 1\n")


def test_a_long_cell_with_one_added_line():
    old = "\n".join(f"x{i % 7} = f{i % 5}(x{i % 3}, {i})" for i in range(400)) + "\n"
    lines = old.splitlines()
    lines.insert(200, 'log("x", x1)')
    found = compare(old, "\n".join(lines))
    assert [a.line for a in found.added] == [201]
    assert not found.changed
    assert not found.removed


def test_a_part_of_an_edit_is_one_log_line_with_what_it_needs():
    shown = picture(
        """
        import math   # +
        import json   # +
        def root(x):   # +
            return math.sqrt(x)   # |
        def other(x):   # +
            return x   # |
        seen = []   # +
        for x in loader:
            loss = step(x)
            r = root(loss)   # +
            seen.append(r)   # +
            log("loss", loss)   # +
            print(seen)   # +
            log("other", other(json.dumps(x)))   # +
        log("mean", sum(seen))   # +
        """
    )
    edit = compare(shown.recorded, shown.edited)
    assert [a.text.splitlines()[0] for a in only(edit, ["mean"]).added] == [
        "import math",
        "def root(x):",
        "seen = []",
        "r = root(loss)",
        "seen.append(r)",
        "print(seen)",
        'log("mean", sum(seen))',
    ]
    assert [a.text for a in only(edit, ["loss"]).added] == ['log("loss", loss)']
    assert only(edit, []).added == ()


def test_a_line_ends_where_python_says_so():
    recorded = "a = 'x\u2028y'\nfor x in y:\n    f(x)\n"
    edited = "a = 'x\u2028y'\r\nfor x in y:\r\n    f(x)\r\n    log('é', x)\r\n"
    (added,) = compare(recorded, edited).added
    assert (added.line, added.text) == (4, "log('é', x)")
