"""Names that no text shows: exec, globals, setattr on modules, patched modules."""

import pytest

from tests.picture import check_slice

BOUND_BY = {
    "exec": "exec('v = 5')",
    "exec of compiled code": "exec(compile('v = 5', 'made', 'exec'))",
    "globals item": "globals()['v'] = 5",
    "globals update": "globals().update(v=5)",
    "globals setdefault": "globals().setdefault('v', 5)",
    "locals at the top": "locals()['v'] = 5",
    "vars without arguments": "vars()['v'] = 5",
    "setattr on the main module": "setattr(__import__('__main__'), 'v', 5)",
    "main module attribute": "import __main__; __main__.v = 5",
    "for loop": "for v in range(6): pass",
    "walrus": "print(v := 5)",
    "with": "import io\nwith io.StringIO('5') as f: v = int(f.read())",
    "match": "match [5]:\n    case [v]: pass",
    "import as": "import math as v; v = v.floor(5.5)",
    "function that sets a global": "def put():\n    global v\n    v = 5\nput()",
    "exec in a function": "(lambda: exec('v = 5', globals()))()",
}


@pytest.mark.parametrize("name", BOUND_BY)
def test_bound_by(name):
    body = "\n".join(f"{line}  # keep" for line in BOUND_BY[name].split("\n"))
    check_slice(f"# %%\n{body}\n# %%\nother = 2\n# %%\nx = v + 1  # keep\n", of="x", exact=True)


def test_eval_reads_names_that_its_text_names():
    check_slice(
        """
        # %%
        a, b = 2, 3  # keep
        formula = "a * b"  # keep
        other = "a / 0"
        # %%
        x = eval(formula)  # keep
        """,
        of="x",
    )


def test_eval_with_its_own_names():
    check_slice(
        """
        # %%
        a = 100
        scope = {"a": 2}  # keep
        # %%
        x = eval("a + 1", scope)  # keep
        """,
        of="x",
    )


def test_exec_into_a_dictionary():
    check_slice(
        """
        # %%
        scope = {}  # keep
        # %%
        exec("def f(v): return v * 3", scope)  # keep
        exec("g = 4", scope)
        # %%
        x = scope["f"](2)  # keep
        """,
        of="x",
    )


def test_functions_made_in_a_loop_by_exec():
    check_slice(
        """
        # %%
        for name in ["one", "two"]:  # keep
            exec(f"def {name}(): return '{name}'")  # keep
            print(name)
        # %%
        x = two()  # keep
        """,
        of="x",
    )


def test_a_name_read_through_globals():
    check_slice(
        """
        # %%
        alpha = 3  # keep
        beta = 4
        key = "alp" + "ha"  # keep
        # %%
        x = globals()[key]  # keep
        """,
        of="x",
    )


def test_a_name_deleted_through_globals():
    check_slice(
        """
        # %%
        alpha = 3  # keep
        # %%
        del globals()["alpha"]  # keep
        # %%
        x = globals().get("alpha", "gone")  # keep
        """,
        of="x",
        minimal=False,
        extra=0,
    )


def test_whether_a_name_exists():
    check_slice(
        """
        # %%
        model = None  # keep
        # %%
        if "model" in globals():  # keep
            found = "yes"  # keep
        else:
            found = "no"  # may
        # %%
        x = found  # keep
        """,
        of="x",
        minimal=False,
    )


def test_a_name_that_is_tried_before_it_is_made():
    check_slice(
        """
        # %%
        try:  # keep
            cache  # keep
        except NameError:
            cache = {}  # keep
        # %%
        cache["a"] = 1  # keep
        # %%
        x = cache  # keep
        """,
        of="x",
        minimal=False,
    )


def test_getattr_with_a_computed_name():
    check_slice(
        """
        # %%
        import math  # keep
        which = "flo" + "or"  # keep
        # %%
        x = getattr(math, which)(2.7)  # keep
        """,
        of="x",
    )


def test_setattr_in_a_loop():
    check_slice(
        """
        # %%
        class C:  # keep
            pass
        c = C()  # keep
        # %%
        for name, value in {"a": 1, "b": 2}.items():  # keep
            setattr(c, name, value)  # keep
            print(name)
        # %%
        x = c.b  # keep
        """,
        of="x",
    )


def test_delattr():
    check_slice(
        """
        # %%
        class C:  # keep
            v = 1  # keep
        c = C()  # keep
        c.v = 2  # keep
        # %%
        delattr(c, "v")  # keep
        # %%
        x = c.v  # keep
        """,
        of="x",
        minimal=False,
    )


def test_a_patched_module_function():
    check_slice(
        """
        # %%
        import time  # keep
        # %%
        time.time = lambda: 1000.0  # keep
        # %%
        x = time.time() + 1  # keep
        """,
        of="x",
    )


def test_a_patched_class_of_a_library():
    check_slice(
        """
        # %%
        from collections import Counter, OrderedDict  # keep Counter
        # %%
        Counter.top = lambda self: self.most_common(1)[0][0]  # keep
        # %%
        x = Counter("aab").top()  # keep
        """,
        of="x",
    )


def test_a_patch_through_sys_modules():
    check_slice(
        """
        # %%
        import sys, types  # keep
        fake = types.ModuleType("fakelib")  # keep
        fake.version = "9"  # keep
        # %%
        sys.modules["fakelib"] = fake  # keep
        # %%
        import fakelib  # keep
        # %%
        x = fakelib.version  # keep
        """,
        of="x",
    )


def test_mock_patch_started_and_not_stopped():
    check_slice(
        """
        # %%
        from unittest import mock  # keep
        import os  # keep
        # %%
        patch = mock.patch("os.getpid", return_value=77)  # keep
        patch.start()  # keep
        # %%
        x = os.getpid()  # keep
        """,
        of="x",
    )


def test_mock_patch_as_a_block():
    check_slice(
        """
        # %%
        from unittest import mock  # keep
        import os  # keep
        # %%
        with mock.patch("os.getpid", return_value=77):  # keep
            inside = os.getpid()  # keep
            print("patched")
        # %%
        x = inside  # keep
        """,
        of="x",
    )


def test_patching_a_builtin():
    check_slice(
        """
        # %%
        import builtins  # keep
        plain = builtins.abs  # keep
        # %%
        builtins.abs = lambda v: plain(v) + 100  # keep
        # %%
        x = abs(-1)  # keep
        # %%
        builtins.abs = plain
        """,
        of="x",
    )


def test_patching_print_collects_lines():
    check_slice(
        """
        # %%
        import builtins  # keep
        lines = []  # keep
        original = print
        # %%
        builtins.print = lambda *a, **k: lines.append(a)  # keep
        print("one")  # keep
        # %%
        x = lines[0]  # keep
        # %%
        builtins.print = original
        """,
        of="x",
    )


def test_a_patched_method_that_is_put_back():
    check_slice(
        """
        # %%
        import json  # keep
        real = json.dumps
        # %%
        json.dumps = lambda v: "fake"
        before = json.dumps(1)
        json.dumps = real
        # %%
        x = json.dumps([1])  # keep
        """,
        of="x",
        extra=3,
    )


def test_an_attribute_hung_on_a_module():
    check_slice(
        """
        # %%
        import string  # keep
        string.favourite = "z"  # keep
        string.other = "y"
        # %%
        x = string.favourite  # keep
        """,
        of="x",
    )


def test_sys_settings():
    check_slice(
        """
        # %%
        import sys  # keep
        old = sys.getrecursionlimit()
        # %%
        sys.setrecursionlimit(1717)  # keep
        # %%
        x = sys.getrecursionlimit()  # keep
        """,
        of="x",
    )


def test_arguments_of_the_program():
    check_slice(
        """
        # %%
        import sys  # keep
        sys.argv = ["prog", "--n", "4"]  # keep
        # %%
        import argparse  # keep
        parser = argparse.ArgumentParser()  # keep
        parser.add_argument("--n", type=int)  # keep
        # %%
        x = parser.parse_args().n  # keep
        """,
        of="x",
    )


def test_a_function_found_by_its_name_in_a_dictionary_of_globals():
    check_slice(
        """
        # %%
        def step_a(v):  # keep all
            return v + 1
        def step_b(v):
            return v * 2
        # %%
        steps = [k for k in list(globals()) if k == "step_a"]  # keep
        # %%
        x = globals()[steps[0]](1)  # keep
        """,
        of="x",
    )


def test_pickle_finds_a_class_by_its_name():
    check_slice(
        """
        # %%
        import pickle  # keep
        class P:  # keep
            def __init__(self, v):  # keep all
                self.v = v
        # %%
        raw = pickle.dumps(P(4))  # keep
        # %%
        x = pickle.loads(raw).v  # keep
        """,
        of="x",
    )


def test_pickle_state_hooks():
    check_slice(
        """
        # %%
        import pickle  # keep
        class P:  # keep
            def __init__(self):  # keep all
                self.a, self.b = 1, 2
            def __getstate__(self):  # keep all
                return {"a": self.a * 10}
        # %%
        q = pickle.loads(pickle.dumps(P()))  # keep
        # %%
        x = vars(q)  # keep
        """,
        of="x",
    )


def test_a_type_looked_up_among_the_subclasses():
    check_slice(
        """
        # %%
        class Base:  # keep
            pass
        class Left(Base):  # keep
            pass
        # %%
        x = [c.__name__ for c in Base.__subclasses__()]  # keep
        """,
        of="x",
    )


def test_ast_transform_and_exec():
    check_slice(
        """
        # %%
        import ast  # keep
        tree = ast.parse("v = 1 + 1")  # keep
        # %%
        tree.body[0].value.right.value = 41  # keep
        exec(compile(tree, "made", "exec"))  # keep
        # %%
        x = v  # keep
        """,
        of="x",
    )
