import ast
import textwrap

import pytest

from jupyter_slicer.analysis.static_slice import static_slice
from jupyter_slicer.domain import CellExecution, ExecutionId
from jupyter_slicer.errors import BadCriterion, UnknownVariable


def cells_of(picture):
    texts = textwrap.dedent(picture).split("# %%\n")[1:]
    return [CellExecution(ExecutionId(n), text, text) for n, text in enumerate(texts)]


def kept_lines(program):
    lines = set()
    for kept in program.statements:
        statement = ast.parse(kept.execution.source).body[kept.instance.position]
        text = kept.execution.source.splitlines()
        lines |= {
            text[n - 1].strip() for n in range(statement.lineno, statement.end_lineno + 1)
        }
    return lines


def check(picture, of):
    """Lines marked ``# keep`` are the slice; running them gives the whole's value."""
    cells = cells_of(picture)
    marked = {line.strip() for line in picture.splitlines() if "# keep" in line}
    program = static_slice(cells, [of])
    assert kept_lines(program) == marked
    whole, part = {}, {}
    exec("".join(cell.source for cell in cells), whole)
    for kept in program.statements:
        body = ast.parse(kept.execution.source).body
        exec(compile(ast.Module([body[kept.instance.position]], []), "cell", "exec"), part)
    assert eval(of, part) == eval(of, whole)


def test_names_lead_back_to_what_defined_them():
    check(
        """
        # %%
        a = 1            # keep
        b = 2
        # %%
        c = a + 1        # keep
        d = b + 1
        """,
        of="c",
    )


def test_a_new_definition_hides_the_old_one():
    check(
        """
        # %%
        a = 1
        a = 2            # keep
        c = a            # keep
        """,
        of="c",
    )


def test_a_call_may_change_its_arguments_and_its_receiver():
    check(
        """
        # %%
        import heapq             # keep
        h = [5, 4]               # keep
        other = [1]
        heapq.heapify(h)         # keep
        h.append(7)              # keep
        other.append(8)
        """,
        of="h",
    )


def test_printing_changes_nothing():
    check(
        """
        # %%
        h = [5, 4]       # keep
        print(h)
        print(len(h))
        """,
        of="h",
    )


def test_a_change_through_an_alias_counts():
    check(
        """
        # %%
        rows = [3, 1, 2]         # keep
        alias = rows             # keep
        alias.sort()             # keep
        first = rows[0]          # keep
        """,
        of="first",
    )


def test_a_rebound_name_is_no_alias_any_more():
    check(
        """
        # %%
        rows = [3, 1, 2]         # keep
        alias = rows
        alias = [7, 8]
        alias.sort()
        """,
        of="rows",
    )


def test_a_function_brings_what_its_body_needs_when_it_is_called():
    check(
        """
        # %%
        rate = 1
        unused = 5
        def price(x):            # keep
            return x * rate      # keep
        # %%
        rate = 3                 # keep
        total = price(2)         # keep
        """,
        of="total",
    )


def test_a_function_that_changes_a_global_is_kept_where_it_is_called():
    check(
        """
        # %%
        count = 0                # keep
        def tick():              # keep
            global count         # keep
            count += 1           # keep
        tick()                   # keep
        """,
        of="count",
    )


def test_seeding_and_drawing_are_kept_in_order():
    check(
        """
        # %%
        import random            # keep
        random.seed(3)           # keep
        a = random.random()      # keep
        b = random.random()      # keep
        c = 3
        """,
        of="b",
    )


def test_a_file_that_is_named_twice_joins_writer_and_reader(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check(
        """
        # %%
        words = "a b"                            # keep
        with open("w.txt", "w") as out:          # keep
            n = out.write(words)                 # keep
        # %%
        with open("w.txt") as source:            # keep
            text = source.read()                 # keep
        """,
        of="text",
    )


def test_a_branch_that_may_define_keeps_the_definition_before_it():
    check(
        """
        # %%
        flag = False             # keep
        x = 1                    # keep
        if flag:                 # keep
            x = 2                # keep
        """,
        of="x",
    )


def test_an_unknown_name_may_come_from_a_star_import():
    check(
        """
        # %%
        from math import *       # keep
        import json
        x = sqrt(4)              # keep
        """,
        of="x",
    )


def test_an_expression_may_be_asked_for():
    check(
        """
        # %%
        d = {"k": [1, 2]}        # keep
        e = {}
        """,
        of="sum(d['k'])",
    )


def test_only_needed_names_of_an_import_are_named():
    program = static_slice(
        cells_of(
            """
            # %%
            from math import pi, tau
            x = pi
            """
        ),
        ["x"],
    )
    assert program.statements[0].names == {"pi"}


def test_a_cell_that_does_not_parse_is_left_out_and_told():
    program = static_slice(cells_of("\n# %%\nx = 1\n# %%\nx = = 2\n"), ["x"])
    assert len(program.statements) == 1
    assert "cell 2 is left out" in program.notes[1]


def test_an_unknown_name_is_an_error_with_a_suggestion():
    with pytest.raises(UnknownVariable, match="Did you mean 'model'"):
        static_slice(cells_of("\n# %%\nmodel = 1\n"), ["modle"])


def test_what_is_no_expression_is_an_error():
    with pytest.raises(BadCriterion):
        static_slice(cells_of("\n# %%\nmodel = 1\n"), ["model ="])


def test_it_says_that_it_guesses():
    assert "guess" in static_slice(cells_of("\n# %%\nx = 1\n"), ["x"]).notes[0]


def test_a_magic_counts_as_the_plain_python_that_it_stands_for():
    magics = "get_ipython().run_line_magic('time', 'y = [x]')\n"
    shown = "get_ipython().run_line_magic('matplotlib', 'inline')\n"
    texts = [shown + "x = 1\n", magics, "z = y\n"]
    cells = [CellExecution(ExecutionId(n), t, t) for n, t in enumerate(texts)]
    program = static_slice(cells, ["z"])
    assert [(k.step, k.plain) for k in program.statements] == [
        (1, None),
        (2, "y = [x]"),
        (3, None),
    ]
