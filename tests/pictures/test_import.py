"""Imports: names, packages, reloads, modules that were written here."""

from tests.picture import check_slice


def test_only_the_used_names_stay():
    check_slice(
        """
        # %%
        from math import ceil, floor, sqrt  # keep sqrt
        import os, json  # keep json
        # %%
        x = json.dumps(sqrt(4))  # keep
        """,
        of="x",
    )


def test_an_alias_of_a_module():
    check_slice(
        """
        # %%
        import collections as c, itertools as i  # keep c
        # %%
        x = c.Counter("aa")["a"]  # keep
        """,
        of="x",
    )


def test_a_submodule_is_imported_for_its_parent():
    check_slice(
        """
        # %%
        import xml.dom  # keep
        import xml.dom.minidom  # keep
        # %%
        x = xml.dom.minidom.parseString("<a b='3'/>").documentElement.getAttribute("b")  # keep
        """,
        of="x",
        minimal=False,
    )


def test_a_module_under_two_names():
    check_slice(
        """
        # %%
        import math as m  # keep
        import math
        # %%
        m.answer = 42  # keep
        # %%
        x = m.answer  # keep
        """,
        of="x",
    )


def test_a_change_through_one_name_seen_through_the_other():
    check_slice(
        """
        # %%
        import math as m  # keep
        import math  # keep
        # %%
        m.answer = 42  # keep
        # %%
        x = math.answer  # keep
        """,
        of="x",
    )


def test_a_package_written_and_imported():
    check_slice(
        """
        # %%
        import os  # keep
        os.makedirs("mypkg")  # keep
        # %%
        open("mypkg/__init__.py", "w").write("from mypkg.core import f")  # keep
        open("mypkg/core.py", "w").write("def f(v): return v + 5")  # keep
        open("mypkg/extra.py", "w").write("boom = 1")
        # %%
        import mypkg  # keep
        # %%
        x = mypkg.f(1)  # keep
        """,
        of="x",
    )


def test_a_module_reloaded_after_an_edit():
    check_slice(
        """
        # %%
        import importlib, sys  # keep
        sys.dont_write_bytecode = True  # keep
        # %%
        open("conf_q.py", "w").write("level = 1")  # keep
        import conf_q  # keep
        # %%
        open("conf_q.py", "w").write("level = 2222")  # keep
        importlib.reload(conf_q)  # keep
        # %%
        x = conf_q.level  # keep
        """,
        of="x",
        minimal=False,
    )


def test_a_reload_undoes_a_patch():
    check_slice(
        """
        # %%
        import importlib  # keep
        open("conf_r.py", "w").write("level = 1")  # keep
        import conf_r  # keep
        # %%
        conf_r.level = 7
        conf_r.extra = 8  # keep
        importlib.reload(conf_r)
        # %%
        x = (conf_r.level, conf_r.extra)  # keep
        """,
        of="x",
        extra=2,
        minimal=False,
    )


def test_a_folder_added_to_the_path():
    check_slice(
        """
        # %%
        import os, sys  # keep
        os.mkdir("lib_q")  # keep
        open("lib_q/tool_q.py", "w").write("size = 6")  # keep
        # %%
        sys.path.insert(0, "lib_q")  # keep
        # %%
        import tool_q  # keep
        # %%
        x = tool_q.size  # keep
        """,
        of="x",
    )


def test_an_optional_import_that_fails():
    check_slice(
        """
        # %%
        try:  # keep
            import surely_not_there  # keep
            fast = True
        except ImportError:
            fast = False  # keep
        # %%
        x = "slow" if not fast else "fast"  # keep
        """,
        of="x",
    )


def test_import_module_by_text():
    check_slice(
        """
        # %%
        import importlib  # keep
        name = "math"  # keep
        # %%
        module = importlib.import_module(name)  # keep
        # %%
        x = module.floor(3.5)  # keep
        """,
        of="x",
    )


def test_a_module_whose_import_changes_another():
    check_slice(
        """
        # %%
        open("plug_q.py", "w").write("import string\\nstring.plugged = 3")  # keep
        # %%
        import string  # keep
        import plug_q  # keep
        # %%
        x = string.plugged  # keep
        """,
        of="x",
    )


def test_state_inside_an_imported_module():
    check_slice(
        """
        # %%
        open("reg_q.py", "w").write("seen = []\\ndef note(v):\\n    seen.append(v)")  # keep
        from reg_q import note  # keep
        # %%
        note(1)  # keep
        note(2)  # keep
        # %%
        import reg_q  # keep
        x = reg_q.seen  # keep
        """,
        of="x",
    )


def test_a_star_import_shadows_a_name():
    check_slice(
        """
        # %%
        pow = 3
        from math import *  # keep
        # %%
        x = pow(2, 3)  # keep
        """,
        of="x",
    )


def test_a_star_import_of_an_own_module():
    check_slice(
        """
        # %%
        open("names_q.py", "w").write("a = 1\\nb = 2\\n__all__ = ['a']")  # keep
        b = 20  # keep
        # %%
        from names_q import *  # keep
        # %%
        x = a + b  # keep
        """,
        of="x",
    )


def test_a_future_import_changes_the_cells_after_it():
    check_slice(
        """
        # %%
        from __future__ import annotations  # keep
        # %%
        def f(v: not_defined_anywhere):  # keep all
            return v
        # %%
        x = f(3)  # keep
        """,
        of="x",
    )


def test_an_import_that_a_function_needs():
    check_slice(
        """
        # %%
        import statistics  # keep
        import random
        # %%
        def middle(v):  # keep all
            return statistics.median(v)
        # %%
        x = middle([1, 5, 9])  # keep
        """,
        of="x",
    )


def test_an_import_in_a_dead_function_is_not_needed():
    check_slice(
        """
        # %%
        import statistics, random
        def middle(v):
            return statistics.median(v)
        # %%
        x = 3  # keep
        """,
        of="x",
    )


def test_a_name_from_a_module_is_rebound():
    check_slice(
        """
        # %%
        from math import floor
        old = floor(2.5)
        # %%
        from math import ceil as floor  # keep
        # %%
        x = floor(2.5)  # keep
        """,
        of="x",
    )


def test_a_module_attribute_set_before_a_from_import():
    check_slice(
        """
        # %%
        import string  # keep
        string.marker = "a"  # keep
        from string import marker  # keep
        string.marker = "b"
        # %%
        x = marker  # keep
        """,
        of="x",
    )


def test_an_import_that_puts_a_class_into_another_module_of_its_library():
    check_slice(
        """
        # %%
        import math
        from sklearn.experimental import enable_halving_search_cv   # keep
        from sklearn.model_selection import HalvingGridSearchCV     # keep
        # %%
        noise = math.pi
        # %%
        x = HalvingGridSearchCV.__name__                            # keep
        """,
        of="x",
    )
