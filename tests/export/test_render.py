"""Pictures: cells above, the program below; each program is run."""

from __future__ import annotations

from textwrap import dedent

from jupyter_slicer.domain import Cut, Outcome, Place, Replacement
from jupyter_slicer.export import render
from tests.export.pictures import program_of, rendered, value_after


def picture(text: str) -> str:
    return dedent(text).strip("\n") + "\n"


def cut(*places: tuple[int, int]) -> dict[str, object]:
    return {"cuts": frozenset(Cut(Place(*place)) for place in places)}


def test_cells_are_one_blank_line_apart_and_comments_stay_with_their_statement():
    text = rendered("# far away\n\n# why\na = 1  # one", "x = a + 1;")
    assert text == picture(
        """
        # why
        a = 1  # one

        x = a + 1
        """
    )
    assert value_after(text) == 2


def test_a_comment_behind_two_statements_belongs_to_the_second():
    assert rendered("x = 1; y = 2  # two", changes={1: {"keep": False}}) == "x = 1\n"
    assert rendered("y = 1; x = 2  # two", changes={0: {"keep": False}}) == "x = 2  # two\n"


def test_inner_statements_are_cut_with_tabs_and_comments_intact():
    cell = "x = 0\nfor i in range(3):\n\t# why\n\tx += i\n\tprint(x)  # loud\nelse:\n\tprint(4)"
    text = rendered(cell, changes={1: cut((5, 1), (7, 1))})
    assert text == "x = 0\nfor i in range(3):\n\t# why\n\tx += i\n"
    assert value_after(text) == 3


def test_an_emptied_body_passes_and_an_emptied_else_goes():
    cell = "x = 1\nif x.real:\n    print(1)\nelse:\n    print(2)\nwhile x < 3: x += 1; print(x)"
    text = rendered(cell, changes={1: cut((3, 4), (5, 4)), 2: cut((6, 21))})
    assert text == "x = 1\nif x.real:\n    pass\nwhile x < 3: x += 1\n"
    assert value_after(text) == 3


def test_an_emptied_if_whose_test_does_nothing_goes():
    cell = "for x in range(3):\n    if x and not False:\n        print(x)\n    y = x"
    text = rendered(cell, changes={0: cut((3, 8))})
    assert text == "for x in range(3):\n    y = x\n"


def test_a_decorated_function_and_an_elif_can_be_cut():
    cell = picture(
        """
        def f(a):
            @staticmethod
            def g(): pass
            if a == 1:
                return 1
            elif a == 2:
                return 2
        x = f(1)
        """
    )
    text = rendered(cell, changes={0: cut((2, 4), (6, 4))})
    assert text == "def f(a):\n    if a == 1:\n        return 1\nx = f(1)\n"
    assert value_after(text) == 1


def test_an_emptied_finally_goes():
    cell = "try:\n    x = 1\nexcept ValueError:\n    x = 2\nfinally:\n    print(3)"
    text = rendered(cell, changes={0: cut((6, 4))})
    assert text == "try:\n    x = 1\nexcept ValueError:\n    x = 2\n"


def test_unneeded_names_leave_imports_but_not_from_a_guarded_one():
    text = rendered(
        "import os, json as j\nfrom math import (pi,\n    tau)  # circle",
        "try:\n    import ujson, json\nexcept ImportError:\n    import json",
        "x = j.dumps(round(tau))",
        changes={0: {"names": frozenset({"j"})}, 1: {"names": frozenset({"tau"})}},
    )
    assert text.startswith("import json as j\nfrom math import tau  # circle\n\ntry:")
    assert value_after(text) == "6"


def test_the_same_import_stands_once_unless_its_name_was_used_otherwise():
    assert rendered("import math", "import math\nx = math.pi").count("import math") == 1
    text = rendered("import math", "math = 1", "import math\nx = math.floor(2.5)")
    assert text.count("import math") == 2
    assert value_after(text) == 2


def test_a_displayed_value_gets_the_name_by_which_it_is_read():
    text = rendered(
        "3 + 4;  # seven",
        "x = Out[1] + Out[1]; y = 0",
        changes={
            0: {"display_name": "_1"},
            1: {
                "replacements": (
                    Replacement(Place(1, 4), Place(1, 10), "_1"),
                    Replacement(Place(1, 13), Place(1, 19), "_1"),
                )
            },
        },
    )
    assert text == "_1 = 3 + 4  # seven\n\nx = _1 + _1\ny = 0\n"
    assert value_after(text) == 14


def test_a_replacement_before_a_cut_on_the_same_line_does_not_move_it():
    text = rendered(
        "if 1: x = Out[1]; print(x)",
        changes={
            0: {
                "replacements": (Replacement(Place(1, 10), Place(1, 16), "_1"),),
                **cut((1, 18)),
            }
        },
    )
    assert text == "if 1: x = _1\n"


def test_a_statement_that_raised_raises_again_and_the_program_goes_on():
    text = rendered(
        "x = [1]\nx.append(1 / 0)",
        "import json\njson.loads('')",
        changes={
            1: {"outcome": Outcome.RAISED, "error": "ZeroDivisionError"},
            3: {"outcome": Outcome.RAISED, "error": "json.decoder.JSONDecodeError"},
        },
    )
    assert "except ZeroDivisionError:\n    pass  # it raised in the notebook too" in text
    assert "except Exception:\n    pass  # it raised json.decoder.JSONDecodeError" in text
    assert value_after(text) == [1]


def test_strings_over_several_lines_survive_being_indented():
    cell = 'x = """a\n  b\n"""\n{}[x]'
    text = rendered(cell, changes={0: {"outcome": Outcome.RAISED, "error": "KeyError"}})
    assert value_after(text.replace("{}[x]", "pass")) == "a\n  b\n"


def test_awaits_run_in_one_event_loop_and_names_stay_global():
    text = rendered(
        "import asyncio",
        "async def double(v):\n    await asyncio.sleep(0)\n    return 2 * v",
        "task = asyncio.create_task(double(1))",
        "a: int = await task",
        "b = [await double(i) for i in range(3)]\nfrom math import *",
        "x = (a, b, floor(2.5))",
    )
    assert "async def main():\n    global a, b, task\n" in text
    assert value_after(text) == (2, [0, 2, 4], 2)


def test_a_program_with_its_own_main_gets_another_coroutine_name():
    text = rendered("async def main():\n    return 5", "x = await main()")
    assert value_after(text) == 5


def test_future_imports_come_first():
    text = rendered("a = 1", "from __future__ import annotations\nx: Later = a")
    assert text.startswith("from __future__ import annotations\n")
    assert value_after(text) == 1


def test_display_is_imported_where_it_is_used():
    text = rendered("def show(v):\n    display(v)\n    return v", "x = 1")
    assert text.startswith("from IPython.display import display\n")


def test_a_shell_list_is_plain_unless_somebody_can_tell():
    assert "SList" not in rendered("files = !echo a", "x = files[0]")
    text = rendered("files = !echo a b; echo c", "x = files.fields(0)")
    assert value_after(text) == ["a", "c"]
    asked = rendered("x = !echo a", of="x")
    assert type(value_after(asked)).__name__ == "SList"


def test_spans_lead_from_lines_to_steps():
    program = render(program_of("import math", "# c\ny = (1,\n  2)", "import math\nx = y"))
    lines = program.text.split("\n")
    assert {s.step: lines[s.first - 1 : s.last] for s in program.spans} == {
        0: ["import math"],
        1: ["# c", "y = (1,", "  2)"],
        3: ["x = y"],
    }


def test_cells_of_the_notebook_keep_their_awaits():
    program = render(program_of("import asyncio\nawait asyncio.sleep(0)", "x = 1"))
    assert [cell.text for cell in program.cells] == [
        "import asyncio\nawait asyncio.sleep(0)",
        "x = 1",
    ]


def test_imports_can_be_grouped_and_cells_marked():
    text = rendered("a = 1", "import math\nx = math.pi", group_imports=True, cell_markers=True)
    assert text.index("import math") < text.index("a = 1")
    assert "# %%" in text
