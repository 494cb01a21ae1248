"""Cells run again, edited, deleted, out of order, failed half-way."""

from tests.picture import check_slice


def test_a_cell_run_three_times():
    check_slice(
        """
        # %% [A]
        total = 1  # keep
        # %% [B]
        total += 5  # keep
        # %% [B]
        total += 5  # keep
        # %% [B]
        total += 5  # keep
        # %% [C]
        x = total  # keep
        """,
        of="x",
    )


def test_a_harmless_cell_run_three_times():
    check_slice(
        """
        # %% [A]
        a = 1
        # %% [A]
        a = 1
        # %% [A]
        a = 1  # keep
        # %% [B]
        x = a  # keep
        """,
        of="x",
    )


def test_a_list_filled_by_running_a_cell_again():
    check_slice(
        """
        # %% [A]
        rows = []  # keep
        # %% [B]
        rows.append(len(rows))  # keep
        print(rows)
        # %% [B]
        rows.append(len(rows))  # keep
        print(rows)
        # %% [C]
        x = rows  # keep
        """,
        of="x",
    )


def test_starting_over_forgets_earlier_runs():
    check_slice(
        """
        # %% [A]
        rows = []
        # %% [B]
        rows.append(1)
        # %% [A]
        rows = []  # keep
        # %% [B]
        rows.append(1)  # keep
        # %% [C]
        x = rows  # keep
        """,
        of="x",
    )


def test_values_from_both_versions_of_a_cell():
    check_slice(
        """
        # %% [A]
        k = 2  # keep
        # %% [B]
        low = k * 10  # keep
        # %% [A]
        k = 3  # keep
        # %% [C]
        high = k * 10  # keep
        # %% [D]
        x = (low, high)  # keep
        """,
        of="x",
    )


def test_a_function_edited_after_its_result_was_kept():
    check_slice(
        """
        # %% [F]
        def clean(v):  # keep all
            return v.strip()
        # %% [A]
        text = clean("  A ")  # keep
        # %% [F]
        def clean(v):
            return v.strip().lower()
        # %% [B]
        x = text + "!"  # keep
        """,
        of="x",
    )


def test_a_class_edited_between_two_instances():
    check_slice(
        """
        # %% [C]
        class P:  # keep
            size = 1  # keep
        # %% [A]
        a = P()  # keep
        # %% [C]
        class P:  # keep
            size = 2  # keep
        # %% [B]
        b = P()  # keep
        # %% [D]
        x = (a.size, b.size)  # keep
        """,
        of="x",
    )


def test_running_cells_bottom_up():
    check_slice(
        """
        # %% [C]
        c = 3  # keep
        # %% [B]
        b = c + 1  # keep
        # %% [A]
        a = b + 1  # keep
        # %% [C]
        c = 30
        # %% [X]
        x = a  # keep
        """,
        of="x",
    )


def test_parameters_tried_one_after_the_other():
    check_slice(
        """
        # %% [P]
        alpha = 0.1
        # %% [T]
        score = 1 - alpha
        # %% [P]
        alpha = 0.5
        # %% [T]
        score = 1 - alpha
        # %% [P]
        alpha = 0.2  # keep
        # %% [T]
        score = 1 - alpha  # keep
        # %% [X]
        x = score  # keep
        """,
        of="x",
    )


def test_the_best_of_several_runs():
    check_slice(
        """
        # %% [I]
        best = None  # keep
        # %% [P]
        k = 3  # keep
        # %% [T]
        s = -(k - 5) ** 2  # keep
        if best is None or s > best[0]:  # keep
            best = (s, k)  # keep
        # %% [P]
        k = 6  # keep
        # %% [T]
        s = -(k - 5) ** 2  # keep
        if best is None or s > best[0]:  # keep
            best = (s, k)  # keep
        # %% [X]
        x = best  # keep
        """,
        of="x",
        minimal=False,
    )


def test_a_cell_that_failed_and_was_mended():
    check_slice(
        """
        # %% [A]
        data = [1, 2]  # keep
        # %% [B]
        data.append(3)  # keep
        total = sum(dta)
        # %% [B]
        data.append(3)  # keep
        total = sum(data)  # keep
        # %% [C]
        x = total  # keep
        """,
        of="x",
    )


def test_a_cell_that_does_not_parse():
    check_slice(
        """
        # %%
        a = 1  # keep
        # %%
        b = = 2
        # %%
        x = a  # keep
        """,
        of="x",
    )


def test_a_failure_inside_a_function_keeps_what_it_did():
    check_slice(
        """
        # %%
        seen = []  # keep
        def work(v):  # keep
            seen.append(v)  # keep
            return 1 / v  # keep
        # %%
        for v in [2, 1, 0, 5]:  # keep
            work(v)  # keep
        # %%
        x = seen  # keep
        """,
        of="x",
        extra=2,
    )


def test_a_failure_in_a_with_block_closes_the_file():
    check_slice(
        """
        # %%
        with open("f.txt", "w") as f:  # keep
            f.write("before")  # keep
            raise RuntimeError("stop")
            f.write("after")
        # %%
        x = open("f.txt").read()  # keep
        """,
        of="x",
        extra=2,
    )


def test_a_failed_assertion_stops_a_cell():
    check_slice(
        """
        # %%
        a = 1  # keep
        assert a == 2
        a = 5
        # %%
        x = a  # keep
        """,
        of="x",
    )


def test_a_failed_comprehension_that_changed_a_list():
    check_slice(
        """
        # %%
        got = []  # keep
        # %%
        r = [got.append(10 // v) for v in (5, 2, 0, 1)]  # keep
        # %%
        x = got  # keep
        """,
        of="x",
    )


def test_a_failed_assignment_leaves_the_old_value():
    check_slice(
        """
        # %%
        a = 1  # keep
        # %%
        a = int("zz")
        # %%
        x = a  # keep
        """,
        of="x",
    )


def test_a_failed_call_after_its_argument_changed_something():
    check_slice(
        """
        # %%
        stack = [1, 2]  # keep
        # %%
        int([stack.pop()])  # keep
        # %%
        x = stack  # keep
        """,
        of="x",
    )


def test_an_interrupt_in_a_loop():
    check_slice(
        """
        # %%
        done = []  # keep
        for i in range(100):  # keep
            if i == 3:  # keep
                raise KeyboardInterrupt  # keep
            done.append(i)  # keep
        # %%
        x = done  # keep
        """,
        of="x",
        extra=2,
    )


def test_a_loop_stopped_midway_and_gone_on():
    check_slice(
        """
        # %%
        it = iter([1, 2, "a", 4, 5])  # keep
        total = 0  # keep
        # %% [L]
        for v in it:  # keep
            total += v  # keep
        # %% [L]
        for v in it:  # keep
            total += v  # keep
        # %%
        x = total  # keep
        """,
        of="x",
        extra=2,
    )


def test_a_program_that_exits():
    check_slice(
        """
        # %%
        import sys  # keep
        a = 1  # keep
        # %%
        sys.exit(2)
        # %%
        x = a  # keep
        """.replace("import sys  # keep", "import sys"),
        of="x",
    )


def test_an_exception_kept_by_the_kernel():
    check_slice(
        """
        # %%
        1 / 0  # keep
        # %%
        import sys  # keep
        # %%
        x = sys.last_type.__name__  # keep
        """,
        of="x",
        exact=False,
    )


def test_a_failing_try_that_raises_again():
    check_slice(
        """
        # %%
        log = []  # keep
        try:  # keep
            int("a")  # keep
        except ValueError:
            log.append("seen")  # keep
            raise
        # %%
        x = log  # keep
        """,
        of="x",
        extra=1,
    )


def test_noise_cells_that_fail():
    check_slice(
        """
        # %%
        a = [3, 1]  # keep
        # %%
        a.srt()
        # %%
        undefined_name
        # %%
        a.sort()  # keep
        # %%
        x = a[0]  # keep
        """,
        of="x",
    )


def test_a_cell_whose_names_are_reused_for_other_things():
    check_slice(
        """
        # %%
        df = [1, 2, 3]  # keep
        # %%
        n = len(df)  # keep
        # %%
        df = {"unrelated": 1}
        df["more"] = 2
        # %%
        x = n  # keep
        """,
        of="x",
    )


def test_the_slice_of_a_name_from_a_deleted_cell():
    check_slice(
        """
        # %% [gone]
        x = [1]  # keep
        # %% [other]
        y = 2
        # %% [gone]
        x.append(2)  # keep
        """,
        of="x",
    )


def test_a_rerun_with_a_random_draw():
    check_slice(
        """
        # %% [S]
        import random  # keep
        random.seed(4)  # keep
        # %% [D]
        v = random.random()  # keep
        # %% [D]
        v = random.random()  # keep
        # %% [X]
        x = v  # keep
        """,
        of="x",
    )


def test_an_import_run_again():
    check_slice(
        """
        # %% [I]
        import math
        # %% [A]
        a = math.floor(2.5)
        # %% [I]
        import math  # keep
        # %% [X]
        x = math.floor(3.5)  # keep
        """,
        of="x",
    )
