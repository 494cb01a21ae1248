"""What the sidebar is told by a real kernel."""

import time

import pytest

from tests.kernel.notebook import Notebook
from tests.kernel.sidebar import Sidebar


def ids(notebook, code, cell):
    """Run a cell that has an id, as JupyterLab does."""
    message = notebook.client.session.msg(
        "execute_request",
        {"code": code, "silent": False, "store_history": True, "user_expressions": {},
         "allow_stdin": False, "stop_on_error": True},
        metadata={"cellId": cell},
    )  # fmt: skip
    notebook.client.shell_channel.send(message)
    return message["header"]["msg_id"]


def run(notebook, cell, code):
    return notebook.wait(ids(notebook, code, cell))


@pytest.fixture
def sidebar(notebook):
    return Sidebar(notebook)


def marks(sidebar, **fields):
    found = sidebar.ask("variables", **fields)
    return {v.name: (bool(v.stale), bool(v.orphaned)) for v in found.variables}


def test_variables_have_type_shape_size_and_a_short_value(notebook, sidebar):
    run(notebook, "a", "rows = [3, 1, 2]\nname = '<b>bold</b>'\nimport math")
    found = {v.name: v for v in sidebar.ask("variables").variables}
    assert set(found) == {"rows", "name", "math"}
    assert (found["rows"].type, found["rows"].shape) == ("list", "3")
    assert found["rows"].value == "[3, 1, 2]"
    assert found["rows"].bytes > 0
    assert found["name"].value == "'<b>bold</b>'"
    assert found["math"].type == "module"


def test_executions_are_told_once(notebook, sidebar):
    run(notebook, "a", "x = 1")
    run(notebook, "b", "y = 2")
    first = sidebar.ask("variables").executions
    assert [(e.cell_id, e.text, e.outcome) for e in first] == [
        ("a", "x = 1", "done"),
        ("b", "y = 2", "done"),
    ]
    run(notebook, "a", "x = 3")
    assert [e.text for e in sidebar.ask("variables", known=2).executions] == ["x = 3"]


def test_a_slice_tells_the_lines_of_its_cells(notebook, sidebar):
    run(notebook, "a", "\n# numbers\nrows = [\n  3,\n  1,\n]\nother = 5")
    run(notebook, "b", "for r in rows:\n    print(r)\n    last = r")
    told = sidebar.ask("slice", name="last")
    where = {s.cell_id: s.cell_lines for s in told.statements}
    assert where == {"a": ((3, 6),), "b": ((1, 1), (3, 3))}
    assert told.program.startswith("# numbers\nrows = [")
    assert all(s.reason for s in told.statements)


def test_a_fresh_run_is_told_as_it_goes_on_and_the_panel_is_answered_meanwhile(
    notebook, sidebar
):
    run(notebook, "a", "import time\ntime.sleep(1.5)\nx = [1]\nx.append(time.sleep(0))")
    number = sidebar.start("slice", name="x")
    assert sidebar.answer(number).verdict.verdict == "not verified"
    verification = sidebar.start("verify", of=number)
    assert sidebar.ask("status").recording == "on"
    told = list_until_answer(sidebar, verification)
    assert "progress" in {m["kind"] for m in told[:-1]}
    assert told[-1]["verdict"]["verdict"] == "same"


def list_until_answer(sidebar, number):
    told = []
    for message in sidebar.messages(number):
        told.append(message)
        if message["kind"] != "progress":
            return told
    return told


def test_a_fresh_run_can_be_ended(notebook, sidebar):
    run(
        notebook,
        "a",
        "import sys, time\nx = time.sleep(0 if 'ipykernel' in sys.modules else 60)",
    )
    number = sidebar.start("slice", name="x")
    sidebar.answer(number)
    verification = sidebar.start("verify", of=number)
    next(sidebar.messages(verification))
    assert sidebar.ask("cancel", of=verification).recording == "on"
    assert sidebar.answer(verification).slug == "cancelled"  # and not its end, in a minute


def test_a_minimised_slice_has_no_statement_too_many(notebook, sidebar):
    run(notebook, "a", "rows = [3, 1, 2]\nrows.sort()\nrows.sort()\nfirst = rows[0]")
    number = sidebar.start("slice", name="first")
    assert len(sidebar.answer(number).statements) >= 3
    told = sidebar.answer(sidebar.start("verify", of=number, minimize=True))
    assert told.verdict.verdict == "same"
    assert told.program.count("sort") == 1


def test_rerunning_and_editing_make_a_value_stale(notebook, sidebar):
    run(notebook, "a", "x = [1]")
    run(notebook, "b", "y = x + [2]")
    run(notebook, "c", "z = [5]")
    assert marks(sidebar) == dict.fromkeys("xyz", (False, False))
    run(notebook, "a", "x = [1]")
    found = {v.name: v for v in sidebar.ask("variables").variables}
    assert found["y"].stale == "x = [1] of In[2] was run again as In[5]"
    assert found["x"].stale is None
    assert found["z"].stale is None
    run(notebook, "b", "y = x + [2]")
    assert marks(sidebar) == dict.fromkeys("xyz", (False, False))
    edited = {"a": "x = [7]"}
    assert marks(sidebar, edited=edited) == {
        "x": (False, True),
        "y": (True, False),
        "z": (False, False),
    }
    assert not any(any(m) for m in marks(sidebar, edited={"a": "x  =  [1]  # one"}).values())


def test_another_name_for_an_object_is_stale_with_it(notebook, sidebar):
    run(notebook, "a", "rows = [1]")
    run(notebook, "b", "alias = rows")
    run(notebook, "c", "rows.append([2])")
    assert "rows.append([2])" in sidebar.ask("slice", name="alias").program
    edited = {"c": "rows.append([3])"}
    assert marks(sidebar, edited=edited) == {"rows": (False, True), "alias": (False, True)}


def test_a_verdict_holds_until_the_value_is_written_again(notebook, sidebar):
    run(notebook, "a", "x = [1]")
    number = sidebar.start("slice", name="x")
    sidebar.answer(number)
    sidebar.answer(sidebar.start("verify", of=number))
    run(notebook, "b", "y = 2")
    assert sidebar.ask("slice", name="x").verdict.verdict == "same"
    run(notebook, "c", "x.append(y)")
    assert sidebar.ask("slice", name="x").verdict.verdict == "not verified"


def test_running_an_import_again_makes_nothing_stale(notebook, sidebar):
    run(notebook, "a", "import math")
    run(notebook, "b", "y = math.sqrt(4)")
    run(notebook, "a", "import math")
    assert marks(sidebar)["y"] == (False, False)


def test_a_cell_that_adds_to_what_it_made_before_is_not_stale(notebook, sidebar):
    run(notebook, "a", "rows = []")
    for _ in range(3):
        run(notebook, "b", "rows.append(1)")
    assert marks(sidebar)["rows"] == (False, False)


def test_what_a_deleted_cell_defined_is_orphaned_and_what_came_from_it_is_stale(
    notebook, sidebar
):
    run(notebook, "a", "x = [1]")
    run(notebook, "b", "y = x + [2]")
    assert marks(sidebar, gone=["a"]) == {"x": (False, True), "y": (True, False)}


def test_the_output_of_a_cell_can_be_sliced(notebook, sidebar):
    run(notebook, "a", "x = 20")
    run(notebook, "b", "x + 1")
    run(notebook, "c", "y = 2\nprint(x)")
    run(notebook, "d", "y = 3\nx / 0")
    run(notebook, "e", "import math")
    for cell, ran in (("b", "x + 1"), ("c", "print(x)"), ("d", "x / 0")):
        number = sidebar.start("slice-cell", cell=cell)
        told = sidebar.answer(number)
        assert "x = 20" in told.program.splitlines()
        assert told.program.splitlines()[-1] in (ran, f"display({ran})")
        assert "y = " not in told.program
        assert sidebar.answer(sidebar.start("verify", of=number)).verdict.verdict == "same"
        graph = sidebar.ask("graph", name=told.criterion)
        texts = {step.step: step.text for step in graph.steps}
        assert [texts[step] for step in graph.selected] == [ran]
        assert sidebar.ask("forward", name=told.criterion).places == ()
    assert sidebar.ask("slice-cell", cell="a").criterion == "x"
    assert sidebar.ask("slice-cell", cell="e").slug == "no-output"


def test_a_slice_becomes_a_script_and_a_notebook(notebook, sidebar):
    run(notebook, "a", "x = 20\nunused = 1")
    number = sidebar.start("slice", name="x")
    sidebar.answer(number)
    sidebar.answer(sidebar.start("verify", of=number))
    script = sidebar.ask("document", of=number, format="script")
    assert script.name == "x.py"
    assert "x = 20" in script.text
    assert "same" in script.text
    assert "unused" not in script.text
    made = sidebar.ask("document", of=number, format="notebook")
    assert made.name == "x.ipynb"
    assert '"cell_type": "code"' in made.text
    assert sidebar.ask("document", of=99, format="script").slug == "forgotten-slice"


def test_forward_names_what_depends_on_a_variable(notebook, sidebar):
    run(notebook, "a", "a, b = 1.5, 2.5")
    run(notebook, "b", "from_a = a * 2\nfrom_b = b * 2")
    run(notebook, "c", "later = from_a + 1")
    told = sidebar.ask("forward", name="a")
    assert told.variables == ("from_a", "later")
    assert [(p.cell_id, p.text) for p in told.places] == [
        ("b", "from_a = a * 2"),
        ("c", "later = from_a + 1"),
    ]


def test_the_graph_around_a_variable_has_its_statements_and_what_joins_them(notebook, sidebar):
    run(notebook, "a", "a = 1.5\nalone = 2")
    run(notebook, "b", "b = a * 2")
    run(notebook, "c", "c = b + 1")
    told = sidebar.ask("graph", name="b")
    assert [s.text for s in told.steps] == ["a = 1.5", "b = a * 2", "c = b + 1"]
    assert [e.names for e in told.edges] == [("a",), ("b",)]
    assert {e.voucher for e in told.edges} == {"observed"}
    small = sidebar.ask("graph", name="b", most=2)
    assert (len(small.steps), small.left_out) == (2, 1)


def test_the_panel_is_answered_while_a_cell_runs(notebook, sidebar, tmp_path):
    run(notebook, "a", "import os, time\nx = [1]")
    waits = "while not os.path.exists('go on'): time.sleep(0.05)"
    running = ids(notebook, f"x.append(2)\nopen('begun', 'w')\n{waits}", "b")
    while not (tmp_path / "begun").exists():
        time.sleep(0.05)
    variables = sidebar.ask("variables")
    told = sidebar.ask("slice", name="x")
    assert variables.running
    # As the last cell that ended has left it.
    assert told.program == "x = [1]\n"
    (tmp_path / "go on").touch()
    notebook.wait(running)
    assert "x.append(2)" in sidebar.ask("slice", name="x").program


def test_looking_while_a_cell_runs_is_not_put_down_to_the_cell(notebook, sidebar, tmp_path):
    (tmp_path / "rows.csv").write_text("1\n2\n")
    run(notebook, "a", "import time\nx = [1]")
    running = ids(notebook, "time.sleep(2)\ntext = open('rows.csv').read()", "b")
    time.sleep(0.3)
    number = sidebar.start("slice", name="x")
    sidebar.answer(number)
    sidebar.answer(sidebar.start("verify", of=number))
    notebook.wait(running)
    told = sidebar.ask("slice", name="text")
    # The cell's own file is heard although the sidebar's fresh run went on meanwhile.
    assert [i.path for i in told.inputs] == [str(tmp_path / "rows.csv")]


def test_a_value_that_changed_during_the_fresh_run_is_not_called_different(notebook, sidebar):
    run(notebook, "a", "x = [1]")
    number = sidebar.start("slice", name="x")
    sidebar.answer(number)
    run(notebook, "b", "x.append(2)")
    told = sidebar.answer(sidebar.start("verify", of=number))
    assert told.verdict.verdict == "not verified"
    assert "cells ran in the meantime" in told.verdict.reason


def test_what_is_no_request_is_answered_with_a_failure(notebook, sidebar):
    run(notebook, "a", "x = 1")
    told = sidebar.ask("slice", name="nothing_here")
    assert told.slug == "unknown-variable"
    assert sidebar.ask("slice", name="1 +").slug == "bad-criterion"
    assert sidebar.ask("slice", name="x.real").slug == "bad-criterion"
    assert sidebar.ask("dance").slug == "slicer-error"
    assert sidebar.ask("slice", name=3).slug == "slicer-error"


def test_a_page_that_is_loaded_again_takes_the_place_of_the_one_before(notebook):
    first = Sidebar(notebook, client="page")
    assert first.ask("status").recording == "on"
    second = Sidebar(notebook, client="page")
    assert second.ask("status").recording == "on"
    first.start("status")
    assert second.ask("status").recording == "on"
    code = "from comm import get_comm_manager\nlen(get_comm_manager().comms)"
    assert notebook.run(code).value == "1"


def test_unloading_closes_the_panel_and_a_kernel_without_us_refuses_it(notebook, sidebar):
    sidebar.ask("status")
    notebook.run("%unload_ext jupyter_slicer")
    code = "from comm import get_comm_manager\n(list(get_comm_manager().targets), get_comm_manager().comms)"
    assert "jupyter_slicer" not in notebook.run(code).value
    late = Sidebar(notebook)
    with pytest.raises(ConnectionError):
        late.ask("status")


def test_a_kernel_without_subshells_answers_between_cells(notebook):
    main = Sidebar(notebook, subshell=False)
    run(notebook, "a", "x = [1]")
    assert main.ask("slice", name="x").program == "x = [1]\n"
    assert marks(main) == {"x": (False, False)}


def test_the_panel_fires_no_execution_events(notebook, sidebar):
    notebook.run(
        "fired = []\n"
        "for e in ('pre_execute', 'pre_run_cell'):\n"
        "    get_ipython().events.register(e, lambda *a: fired.append(1))"
    )
    notebook.run("len(fired)")
    before = int(notebook.run("len(fired)").value)
    for _ in range(5):
        sidebar.ask("status")
    assert int(notebook.run("len(fired)").value) == before + 2


def test_nothing_heavy_is_imported_for_a_panel_that_nobody_opened(notebook):
    code = "import sys\n[m for m in ('networkx', 'libcst', 'nbformat') if m in sys.modules]"
    assert notebook.run(code).value == "[]"


def test_a_notebook_of_a_thousand_cells_is_answered(tmp_path):
    notebook = Notebook(str(tmp_path))
    try:
        notebook.run("%load_ext jupyter_slicer")
        code = "for i in range(300):\n    get_ipython().run_cell(f'v{i} = [{i}] + v{i-1}[:3]' if i else 'v0 = [0]', store_history=True)"
        notebook.run(code)
        for i in range(300):
            notebook.run(f"w{i} = [{i}] + w{i - 1}[:3]" if i else "w0 = [0]")
        sidebar = Sidebar(notebook)
        found = sidebar.ask("variables")
        assert len(found.variables) >= 600
        assert len(sidebar.ask("slice", name="w299").statements) == 300
    finally:
        notebook.close()


def imported(notebook):
    return set(notebook.run("import sys; print(*sys.modules)").stdout.split())


def imported_in_the_end(notebook, module):
    while module not in (found := imported(notebook)):
        time.sleep(0.05)
    return found


LAST = "jupyter_slicer.verify.widening"


def test_what_a_first_slice_needs_is_imported_once_the_sidebar_is_there(notebook):
    run(notebook, "a", "x = [1]\ny = x + [2]")
    time.sleep(0.3)
    assert "networkx" not in imported(notebook)
    sidebar = Sidebar(notebook)
    sidebar.ask("variables")
    ahead = imported_in_the_end(notebook, LAST)
    number = sidebar.start("slice", name="y")
    assert len(sidebar.answer(number).statements) == 2
    sidebar.ask("forward", name="x")
    sidebar.ask("graph", name="x")
    sidebar.answer(sidebar.start("verify", of=number))
    assert imported(notebook) == ahead
    # Nothing of it is laid to the cells that ran meanwhile.
    assert all(not v.stale for v in sidebar.ask("variables").variables)
    assert sidebar.ask("status").incomplete == ()


def test_nothing_is_imported_while_a_cell_runs(notebook):
    sidebar = Sidebar(notebook)
    sidebar.ask("status")
    cell = notebook.start(
        "import sys, time\nbefore = set(sys.modules)\ntime.sleep(1.5)\n"
        "print(sorted(set(sys.modules) - before))"
    )
    sidebar.start("variables")
    assert notebook.wait(cell).stdout == "[]\n"
    imported_in_the_end(notebook, LAST)


def test_an_expression_is_evaluated_once_in_the_thread_of_the_cells(notebook, sidebar):
    run(notebook, "a", "import threading\nseen = []\nrows = [3, 1, 2]\nother = 5")
    run(
        notebook,
        "b",
        "def top(rows):\n    seen.append(threading.current_thread() is threading.main_thread())"
        "\n    return max(rows)",
    )
    number = sidebar.start("slice-expression", expression="top(rows) + 1")
    told = sidebar.answer(number)
    assert "rows = [3, 1, 2]" in told.program
    assert told.program.rstrip().endswith("result = top(rows) + 1")
    assert "other" not in told.program
    assert sidebar.answer(sidebar.start("verify", of=number)).verdict.verdict == "same"
    assert notebook.run("print(seen)").stdout == "[True]\n"
    # What it changed counts for later slices.
    assert "top(rows) + 1" in sidebar.ask("slice", name="seen").program
    told = sidebar.ask("slice-expression", expression="rows[0]")
    assert told.criterion == "rows[0]"


def test_an_expression_that_raises_or_is_none_is_told(notebook, sidebar):
    run(notebook, "a", "rows = [1]")
    for text in ("rows[5]", "rows +", "1 / 0", "nothing_there + 1", ""):
        assert sidebar.ask("slice-expression", expression=text).slug in (
            "bad-criterion",
            "unknown-variable",
        )
    cell = ids(notebook, "import time\ntime.sleep(2)", "b")
    while not sidebar.ask("status").running:
        pass
    told = sidebar.ask("slice-expression", expression="rows[0]")
    assert "a cell is running" in told.message
    notebook.wait(cell)


def test_what_a_sidebar_imports_is_no_file_of_the_cell_that_runs(tmp_path, monkeypatch):
    # Nothing is compiled yet: sources are read.
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path / "compiled"))
    plain_notebook = Notebook(str(tmp_path))
    plain_notebook.run("%load_ext jupyter_slicer")
    request = ids(plain_notebook, "import time\nx = [1]\ny = [x, time.sleep(3)]", "a")
    sidebar = Sidebar(plain_notebook)
    sidebar.ask("status")
    sidebar.ask("variables")
    sidebar.ask("runs")
    plain_notebook.wait(request)
    told = sidebar.ask("slice", name="y")
    plain_notebook.close()
    assert told.inputs == ()
    assert "reads" not in told.facts
