"""What only a notebook has: magics, shell lines, kept outputs, top-level await."""

import pytest

from tests.picture import check_slice

EXPRESSIONS = {"_": "_", "_1": "_1", "Out[1]": "Out[1]", "_oh": "_oh[1]"}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_a_shown_value_is_read_as(name):
    check_slice(
        f"""
        # %%
        3 + 4  # keep
        # %%
        x = {EXPRESSIONS[name]} * 2  # keep
        """,
        of="x",
    )


def test_the_last_value_but_one():
    check_slice(
        """
        # %%
        1 + 1  # keep
        # %%
        5 + 5  # keep
        # %%
        y = 0
        # %%
        x = __ + 1  # keep
        """,
        of="x",
    )


def test_a_shown_object_is_changed_through_the_underscore():
    check_slice(
        """
        # %%
        rows = [3, 1]  # keep
        rows  # keep
        # %%
        _.sort()  # keep
        # %%
        x = rows[0]  # keep
        """,
        of="x",
    )


def test_the_input_of_an_earlier_cell():
    check_slice(
        """
        # %%
        secret = 5
        # %%
        x = len(In) > 1  # keep
        """,
        of="x",
        exact=False,
    )


def test_shown_values_that_nobody_reads():
    check_slice(
        """
        # %%
        a = [1, 2]  # keep
        a
        # %%
        len(a)
        # %%
        sum(a);
        # %%
        x = a[0]  # keep
        """,
        of="x",
    )


def test_timing_a_line():
    check_slice(
        """
        # %%
        items = []  # keep
        # %%
        %time items.append(3)  # keep
        # %%
        x = items[0]  # keep
        """,
        of="x",
    )


def test_timing_a_cell():
    check_slice(
        """
        # %%
        %%time  # keep
        a = 1
        b = [a, a]
        c = 3
        # %%
        d = 4
        # %%
        x = sum(b)  # keep
        """,
        of="x",
    )


def test_a_timed_cell_that_nobody_needs():
    check_slice(
        """
        # %%
        a = 2  # keep
        # %%
        %%time
        b = a + 1
        # %%
        x = a * 3  # keep
        """,
        of="x",
    )


def test_measuring_a_line_leaves_no_names():
    check_slice(
        """
        # %%
        a = [3, 1, 2]  # keep
        # %%
        %timeit -n 2 -r 1 sorted(a)
        # %%
        x = a[0]  # keep
        """,
        of="x",
    )


def test_measuring_a_cell_changes_objects():
    check_slice(
        """
        # %%
        a = []  # keep
        # %%
        %%timeit -n 2 -r 1
        b = 3
        # %%
        a.append(1)  # keep
        # %%
        x = len(a)  # keep
        """,
        of="x",
    )


def test_captured_output_of_a_cell():
    check_slice(
        """
        # %%
        word = "hello"  # keep
        # %%
        %%capture shown  # keep
        print(word)
        # %%
        x = shown.stdout.strip()  # keep
        """,
        of="x",
    )


def test_a_capture_without_a_name():
    check_slice(
        """
        # %%
        %%capture  # keep
        print("quiet")
        v = [1]
        # %%
        v.append(2)  # keep
        # %%
        x = v[:]  # keep
        """,
        of="x",
    )


def test_a_shell_line_writes_a_file():
    check_slice(
        """
        # %%
        !echo one > f.txt  # keep
        !echo two >> f.txt  # keep
        !echo no > g.txt
        # %%
        x = open("f.txt").read().split()  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_shell_line_with_a_python_name():
    check_slice(
        """
        # %%
        word = "hey"  # keep
        # %%
        out = !echo {word} there  # keep
        # %%
        x = out[0]  # keep
        """,
        of="x",
    )


def test_a_shell_line_with_a_dollar_name():
    check_slice(
        """
        # %%
        word = "hey"  # keep
        # %%
        out = !echo $word  # keep
        # %%
        x = out[0]  # keep
        """,
        of="x",
    )


def test_a_shell_result_split_into_fields():
    check_slice(
        """
        # %%
        files = !printf 'a 1\\nb 2\\n'  # keep
        # %%
        x = files.fields(1)  # keep
        """,
        of="x",
    )


def test_a_bash_cell():
    check_slice(
        """
        # %%
        %%bash  # keep
        mkdir -p data
        echo 5 > data/n.txt
        # %%
        x = int(open("data/n.txt").read())  # keep
        """,
        of="x",
    )


def test_a_bash_cell_into_a_name():
    check_slice(
        """
        # %%
        %%bash --out text  # keep
        echo five
        # %%
        x = text.strip()  # keep
        """,
        of="x",
    )


def test_a_shell_cell():
    check_slice(
        """
        # %%
        %%sh  # keep
        printf abc > s.txt
        # %%
        x = open("s.txt").read()  # keep
        """,
        of="x",
    )


def test_changing_the_folder_by_magic():
    check_slice(
        """
        # %%
        import os  # keep
        os.mkdir("sub")  # keep
        # %%
        %cd sub  # keep
        # %%
        x = os.path.basename(os.getcwd())  # keep
        """,
        of="x",
    )


def test_setting_the_environment_by_magic():
    check_slice(
        """
        # %%
        %env MODE_Q=fast  # keep
        %env OTHER_Q=none
        # %%
        import os  # keep
        x = os.environ["MODE_Q"]  # keep
        """,
        of="x",
        extra=1,
    )


def test_setting_the_environment_with_a_name():
    check_slice(
        """
        # %%
        level = 3  # keep
        %set_env MODE_Q={level}  # keep
        # %%
        import os  # keep
        x = os.environ["MODE_Q"]  # keep
        """,
        of="x",
    )


def test_running_a_script_with_arguments():
    check_slice(
        """
        # %%
        open("s.py", "w").write("import sys\\nval = int(sys.argv[1]) * 2")  # keep
        # %%
        %run s.py 21  # keep
        # %%
        x = val  # keep
        """,
        of="x",
    )


def test_running_a_script_in_our_names():
    check_slice(
        """
        # %%
        base = 20  # keep
        open("s.py", "w").write("val = base + 1")  # keep
        # %%
        %run -i s.py  # keep
        # %%
        x = val  # keep
        """,
        of="x",
    )


def test_running_a_script_twice_with_an_edit():
    check_slice(
        """
        # %%
        open("s.py", "w").write("val = 1")
        %run s.py
        # %%
        open("s.py", "w").write("val = 2")  # keep
        %run s.py  # keep
        # %%
        x = val  # keep
        """,
        of="x",
    )


def test_writing_a_file_by_magic_and_appending():
    check_slice(
        """
        # %%
        %%writefile notes.txt  # keep
        first
        # %%
        %%writefile -a notes.txt  # keep
        second
        # %%
        x = open("notes.txt").read().split()  # keep
        """,
        of="x",
    )


def test_a_written_module_is_edited_before_its_import():
    check_slice(
        """
        # %%
        %%writefile tools_w.py
        def f(v):
            return v + 1
        # %%
        %%writefile tools_w.py  # keep
        def f(v):
            return v + 2
        # %%
        from tools_w import f  # keep
        # %%
        x = f(1)  # keep
        """,
        of="x",
    )


def test_a_magic_that_the_user_registered():
    check_slice(
        """
        # %%
        from IPython.core.magic import register_line_magic, register_cell_magic  # keep register_line_magic
        # %%
        @register_line_magic  # keep
        def double(line):
            return int(line) * 2  # keep
        # %%
        y = %double 21  # keep
        # %%
        x = y  # keep
        """,
        of="x",
        exact=False,
    )


def test_a_cell_magic_that_the_user_registered():
    check_slice(
        """
        # %%
        from IPython.core.magic import register_cell_magic  # keep
        # %%
        blocks = {}  # keep
        @register_cell_magic  # keep all
        def block(line, cell):
            blocks[line.strip()] = cell.split()
        # %%
        %%block first  # keep
        a b c
        # %%
        x = blocks["first"]  # keep
        """,
        of="x",
        exact=False,
        minimal=False,
    )


def test_help_and_noise_magics():
    check_slice(
        """
        # %%
        %pprint
        a = 3  # keep
        # %%
        a?
        # %%
        %who
        %pwd
        %lsmagic
        # %%
        x = a + 1  # keep
        """,
        of="x",
    )


def test_top_level_await():
    check_slice(
        """
        # %%
        import asyncio  # may
        async def fetch(v):  # keep
            await asyncio.sleep(0)  # may
            print("fetched")
            return v * 2  # keep
        # %%
        got = await fetch(4)  # keep
        # %%
        x = got + 1  # keep
        """,
        of="x",
        extra=1,
    )


def test_an_asynchronous_loop_at_the_top():
    check_slice(
        """
        # %%
        async def numbers():  # keep all
            for i in range(3):
                yield i
        # %%
        seen = []  # keep
        async for n in numbers():  # keep
            seen.append(n)  # keep
            print(n)
        # %%
        x = seen  # keep
        """,
        of="x",
    )


def test_an_asynchronous_with_at_the_top():
    check_slice(
        """
        # %%
        import asyncio  # keep
        lock = asyncio.Lock()  # keep
        # %%
        async with lock:  # keep
            inside = lock.locked()  # keep
        # %%
        x = inside  # keep
        """,
        of="x",
    )


def test_awaiting_several_tasks():
    check_slice(
        """
        # %%
        import asyncio  # keep
        done = []  # keep
        async def job(n):  # keep
            await asyncio.sleep(0.01 * n)  # keep
            done.append(n)  # keep
        # %%
        await asyncio.gather(job(2), job(1))  # keep
        # %%
        x = done  # keep
        """,
        of="x",
    )


def test_display_leaves_nothing():
    check_slice(
        """
        # %%
        from IPython.display import HTML, display
        a = 2  # keep
        # %%
        display(a)
        display(HTML("<b>x</b>"))
        # %%
        x = a  # keep
        """,
        of="x",
    )


def test_a_cell_run_from_a_cell():
    check_slice(
        """
        # %%
        ip = get_ipython()  # keep
        # %%
        ip.run_cell("v = 5")  # keep
        # %%
        x = v + 1  # keep
        """,
        of="x",
        exact=False,
    )


def test_running_a_magic_by_its_function():
    check_slice(
        """
        # %%
        get_ipython().run_line_magic("env", "MODE_Q=7")  # keep
        # %%
        import os  # keep
        x = os.environ["MODE_Q"]  # keep
        """,
        of="x",
    )


def test_user_names_read_through_the_shell():
    check_slice(
        """
        # %%
        alpha = 4  # keep
        # %%
        x = get_ipython().user_ns["alpha"] + 1  # keep
        """,
        of="x",
        exact=False,
    )


def test_resetting_one_name_by_magic():
    check_slice(
        """
        # %%
        abc = 1
        keep = 2  # keep
        # %%
        %reset_selective -f ^abc$
        # %%
        x = keep  # keep
        """,
        of="x",
    )


def test_deleting_a_name_by_magic():
    check_slice(
        """
        # %%
        abc = 1  # keep
        # %%
        %xdel abc  # keep
        # %%
        x = "abc" in globals()  # keep
        """,
        of="x",
        exact=False,
        minimal=False,
    )


def test_a_magic_inside_a_loop():
    check_slice(
        """
        # %%
        for name in ["a", "b"]:  # keep
            !echo {name} > {name}.txt  # keep
            print(name)
        # %%
        x = open("b.txt").read().strip()  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_magic_inside_a_function():
    check_slice(
        """
        # %%
        def count(text):  # keep
            out = !printf {text} | wc -c  # keep
            return int(out[0])  # keep
        # %%
        x = count("abcd")  # keep
        """,
        of="x",
    )


def test_a_magic_inside_a_branch():
    check_slice(
        """
        # %%
        fast = True  # keep
        if fast:  # keep
            %env SPEED_Q=9  # keep
        # %%
        import os  # keep
        x = os.environ["SPEED_Q"]  # keep
        """,
        of="x",
    )


def test_a_script_magic_cell_of_python():
    check_slice(
        """
        # %%
        %%python  # keep
        open("p.txt", "w").write("child")
        # %%
        x = open("p.txt").read()  # keep
        """,
        of="x",
    )


def test_precision_set_by_magic():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        # %%
        %precision 2  # keep
        # %%
        x = str(np.array([1 / 3]))  # keep
        """,
        of="x",
        extra=0,
    )


def test_a_prompt_pasted_with_its_signs():
    check_slice(
        """
        # %%
        >>> a = 3  # keep
        >>> b = 4
        # %%
        x = a  # keep
        """,
        of="x",
    )


def test_automatic_call_and_quoting_is_not_needed():
    check_slice(
        """
        # %%
        %%html
        <b>title</b>
        # %%
        %%javascript
        1 + 1
        # %%
        x = 3  # keep
        """,
        of="x",
    )


def test_names_like_those_of_earlier_inputs_are_the_users_where_he_binds_them():
    check_slice(
        """
        # %%
        class Squares:  # keep all
            of = {}
            for _i in range(3):
                of[_i] = _i * _i
        # %%
        twice = [_i * 2 for _i in range(3)]  # keep
        # %%
        noise = 1
        # %%
        x = (Squares.of, twice)  # keep
        """,
        of="x",
    )
