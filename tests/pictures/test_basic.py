"""Plain names, control flow and what of compound statements is needed."""

from tests.picture import check_slice


def test_independent_lines_are_left_out():
    check_slice(
        """
        # %%
        a = 1  # keep
        b = 2
        c = a + b
        # %%
        x = a * 10  # keep
        """,
        of="x",
    )


def test_several_statements_on_a_line():
    check_slice(
        """
        # %%
        a = 1; b = 2; c = a + 1  # keep 1 3
        # %%
        d = 0; x = c; e = 4  # keep 2
        """,
        of="x",
    )


def test_a_chained_assignment_binds_the_same_object():
    check_slice(
        """
        # %%
        a = b = []  # keep
        # %%
        a.append(1)  # keep
        # %%
        x = b[0]  # keep
        """,
        of="x",
    )


def test_starred_unpacking():
    check_slice(
        """
        # %%
        values = [1, 2, 3, 4]  # keep
        head, *middle, last = values  # keep
        # %%
        spare = head + last
        # %%
        x = middle  # keep
        """,
        of="x",
    )


def test_an_annotation_without_a_value_binds_nothing():
    check_slice(
        """
        # %%
        n: int
        n = 3  # keep
        m: int = 4
        # %%
        x: int = n + 1  # keep
        """,
        of="x",
    )


def test_a_deleted_and_remade_name():
    check_slice(
        """
        # %%
        a = 1
        del a
        # %%
        a = 2  # keep
        # %%
        x = a  # keep
        """,
        of="x",
    )


def test_nested_loops_with_noise():
    check_slice(
        """
        # %%
        total = 0  # keep
        seen = []
        # %%
        for i in range(3):  # keep
            row = []
            for j in range(2):  # keep
                total += i * j  # keep
                row.append(j)
            seen.append(row)
            if i % 2 == 0:
                print(i, row)
        # %%
        x = total  # keep
        """,
        of="x",
    )


def test_a_while_loop_with_a_counter():
    check_slice(
        """
        # %%
        n, steps, history = 27, 0, []  # keep
        # %%
        while n != 1:  # keep
            history.append(n)
            n = n // 2 if n % 2 == 0 else 3 * n + 1  # keep
            steps += 1  # keep
        # %%
        x = steps  # keep
        """,
        of="x",
        minimal=False,
    )


def test_a_loop_with_an_else():
    check_slice(
        """
        # %%
        for v in [1, 3, 5]:  # keep
            if v % 2 == 0:  # may
                break  # may
        else:
            odd = True  # keep
        # %%
        x = odd  # keep
        """,
        of="x",
        minimal=False,
    )


def test_continue_decides_what_counts():
    check_slice(
        """
        # %%
        total = 0  # keep
        for v in range(6):  # keep
            if v % 2:  # keep
                continue  # keep
            print(v)
            total += v  # keep
        # %%
        x = total  # keep
        """,
        of="x",
    )


def test_an_elif_that_ran():
    check_slice(
        """
        # %%
        kind = "b"  # keep
        label = "none"
        # %%
        if kind == "a":  # keep
            v = 1  # may
        elif kind == "b":  # keep
            label = "bee"
            v = 2  # keep
        else:
            v = 3  # may
        # %%
        x = v  # keep
        """,
        of="x",
        minimal=False,
    )


def test_a_branch_needs_what_its_test_needs():
    check_slice(
        """
        # %%
        a, b = 3, 4  # keep
        limit = a + b  # keep
        other = a * b
        # %%
        if limit > 5:  # keep
            size = "large"  # keep
        # %%
        x = size  # keep
        """,
        of="x",
        minimal=False,
    )


def test_a_finally_that_ran():
    check_slice(
        """
        # %%
        log = []  # keep
        # %%
        try:  # keep
            value = 1
        finally:
            log.append("done")  # keep
        # %%
        x = log  # keep
        """,
        of="x",
        minimal=False,
        extra=1,
    )


def test_a_try_with_an_else():
    check_slice(
        """
        # %%
        text = "12"  # keep
        # %%
        try:  # keep
            n = int(text)  # keep
        except ValueError:
            n = 0  # may
        else:
            n += 1  # keep
        # %%
        x = n  # keep
        """,
        of="x",
    )


def test_a_bound_exception_is_used():
    check_slice(
        """
        # %%
        d = {}  # keep
        try:  # keep
            d["missing"]  # keep
            print("never")
        except KeyError as error:
            name = error.args[0]  # keep
        # %%
        x = name  # keep
        """,
        of="x",
    )


def test_an_exception_group_is_split():
    check_slice(
        """
        # %%
        seen = []  # keep
        try:  # keep
            raise ExceptionGroup("all", [ValueError(1), KeyError(2)])  # keep
        except* ValueError as g:
            seen.append("value")  # keep
        except* KeyError as g:
            print("key")
        # %%
        x = seen  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_match_on_a_class_pattern():
    check_slice(
        """
        # %%
        from dataclasses import dataclass  # keep
        @dataclass  # keep all
        class P:
            a: int
            b: int
        # %%
        match P(1, 2):  # keep
            case P(a=1, b=b):
                print("one")
                found = b  # keep
            case _:
                found = None  # may
        # %%
        x = found  # keep
        """,
        of="x",
        minimal=False,
    )


def test_with_several_managers():
    check_slice(
        """
        # %%
        import io  # keep
        # %%
        with io.StringIO("ab") as a, io.StringIO("cd") as b:  # keep
            print("reading")
            left = a.read()  # keep
            right = b.read()
        # %%
        x = left  # keep
        """,
        of="x",
    )


def test_a_conditional_expression_needs_its_test():
    check_slice(
        """
        # %%
        flag = True  # keep
        a = 1  # keep
        b = 2
        # %%
        x = a if flag else 0  # keep
        """,
        of="x",
    )


def test_short_circuit_in_an_expression_statement():
    check_slice(
        """
        # %%
        log = []  # keep
        debug = True  # keep
        # %%
        debug and log.append("on")  # keep
        debug or log.append("off")
        # %%
        x = log  # keep
        """,
        of="x",
    )


def test_a_dictionary_comprehension_over_an_updated_list():
    check_slice(
        """
        # %%
        names = ["a"]  # keep
        sizes = [1]
        # %%
        names += ["bb"]  # keep
        # %%
        x = {n: len(n) for n in names}  # keep
        """,
        of="x",
    )


def test_a_loop_over_the_target_of_a_subscript():
    check_slice(
        """
        # %%
        d = {}  # keep
        for d["k"] in range(3):  # keep
            pass
        # %%
        x = d["k"]  # keep
        """,
        of="x",
    )


def test_names_that_shadow_builtins():
    check_slice(
        """
        # %%
        list = [1, 2]  # keep
        max = 3
        # %%
        x = list[0]  # keep
        """,
        of="x",
    )


def test_unicode_names_and_wide_characters():
    check_slice(
        """
        # %%
        größe = 2; s = "日本語"; unused = "é"  # keep 1 2
        # %%
        x = s[größe]  # keep
        """,
        of="x",
    )


def test_a_long_expression_over_lines():
    check_slice(
        """
        # %%
        a = [  # keep
            1,
            2,
        ]
        b = {
            "k": a,
        }
        # %%
        x = (sum(a)  # keep
             + len(a))
        """,
        of="x",
    )


def test_a_docstring_and_comments_do_not_matter():
    check_slice(
        '''
        # %%
        """Load the data."""
        a = 3  # keep
        # a = 4
        # %%
        # only a comment
        # %%
        x = a  # keep
        ''',
        of="x",
    )


def test_an_empty_cell_and_a_cell_of_a_text():
    check_slice(
        """
        # %%
        a = 1  # keep
        # %%

        # %%
        "nothing"
        # %%
        x = a  # keep
        """,
        of="x",
    )


def test_a_type_alias_and_a_typed_dictionary():
    check_slice(
        """
        # %%
        from typing import TypedDict, NamedTuple  # keep NamedTuple
        class Row(NamedTuple):  # keep all
            a: int
            b: str = "z"
        class Bag(TypedDict):
            k: int
        # %%
        x = tuple(Row(3))  # keep
        """,
        of="x",
    )


def test_the_target_is_an_expression():
    check_slice(
        """
        # %%
        a = [1, 2]  # keep
        b = [3]
        a.append(5)  # keep
        """,
        of="sum(a)",
    )


def test_the_target_is_an_attribute():
    check_slice(
        """
        # %%
        class O:  # keep
            pass
        o = O()  # keep
        o.a = 1  # keep
        o.b = [2]
        """,
        of="o.a",
    )


def test_the_target_is_an_element():
    check_slice(
        """
        # %%
        d = {}  # keep
        d["a"] = 1  # keep
        d["b"] = 2
        """,
        of="d['a']",
    )


def test_an_earlier_value_of_the_target_is_not_kept():
    check_slice(
        """
        # %%
        x = 1
        y = x + 1
        # %%
        x = 2  # keep
        # %%
        z = x + y
        """,
        of="x",
    )


def test_the_target_depends_on_its_earlier_self():
    check_slice(
        """
        # %%
        x = 1  # keep
        # %%
        x = x + 1  # keep
        # %%
        y = x
        # %%
        x = [x, x]  # keep
        """,
        of="x",
    )


def test_a_long_chain():
    check_slice(
        """
        # %%
        a = 1  # keep
        b = a + 1  # keep
        n1 = b
        # %%
        c = b + 1  # keep
        n2 = c
        # %%
        d = c + 1  # keep
        n3 = d
        # %%
        e = d + 1  # keep
        n4 = e
        # %%
        x = e + 1  # keep
        """,
        of="x",
    )


def test_a_dead_branch_does_not_bring_its_inputs():
    check_slice(
        """
        # %%
        fast = False  # keep
        table = list(range(1000))
        # %%
        if fast:  # keep
            y = table[5]  # may
        else:
            y = 2  # keep
        # %%
        x = y  # keep
        """,
        of="x",
        minimal=False,
    )


def test_a_branch_that_only_printed_is_left_out():
    check_slice(
        """
        # %%
        verbose = True
        data = [1, 2]  # keep
        # %%
        if verbose:
            print(data)
            print(len(data))
        # %%
        for v in data:
            print(v)
        # %%
        x = data[1]  # keep
        """,
        of="x",
    )


def test_a_with_block_that_holds_needed_and_unneeded():
    check_slice(
        """
        # %%
        import contextlib, io  # keep
        buffer = io.StringIO()  # keep
        # %%
        with contextlib.redirect_stdout(buffer):  # keep
            print("captured")
            y = 4  # keep
        # %%
        x = y  # keep
        """,
        of="x",
        exact=False,
    )


def test_captured_output_is_a_value():
    check_slice(
        """
        # %%
        import contextlib, io  # keep
        buffer = io.StringIO()  # keep
        # %%
        with contextlib.redirect_stdout(buffer):  # keep
            print("captured")  # keep
        print("not captured")
        # %%
        x = buffer.getvalue()  # keep
        """,
        of="x",
    )
