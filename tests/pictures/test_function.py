"""Functions: hidden state, late binding, decorators, what of a body is needed."""

from tests.picture import check_slice


def test_closures_made_in_a_loop_bind_late():
    check_slice(
        """
        # %%
        fs = []  # keep
        for i in range(3):  # keep
            fs.append(lambda: i)  # keep
        # %%
        i = 10  # keep
        # %%
        x = [f() for f in fs]  # keep
        """,
        of="x",
    )


def test_a_default_argument_binds_early():
    check_slice(
        """
        # %%
        k = 2  # keep
        def f(v, k=k):  # keep all
            return v * k
        # %%
        k = 100
        # %%
        x = f(1)  # keep
        """,
        of="x",
    )


def test_a_global_read_by_a_function_counts_at_the_call():
    check_slice(
        """
        # %%
        rate = 1
        def cost(v):  # keep all
            return v * rate
        # %%
        rate = 5  # keep
        # %%
        x = cost(2)  # keep
        # %%
        rate = 9
        """,
        of="x",
    )


def test_two_closures_share_a_cell():
    check_slice(
        """
        # %%
        def account():  # keep
            total = 0  # keep
            def put(v):  # keep
                nonlocal total  # keep
                total += v  # keep
            def get():  # keep all
                return total
            return put, get  # keep
        # %%
        put, get = account()  # keep
        other, _ = account()
        # %%
        put(3)  # keep
        other(100)
        # %%
        x = get()  # keep
        """,
        of="x",
    )


def test_a_memo_that_a_decorator_keeps():
    check_slice(
        """
        # %%
        calls = []  # keep
        def memo(f):  # keep
            known = {}  # keep
            def inner(v):  # keep
                if v not in known:  # keep
                    known[v] = f(v)  # keep
                return known[v]  # keep
            return inner  # keep
        # %%
        @memo  # keep
        def square(v):
            calls.append(v)  # keep
            return v * v
        # %%
        square(2)  # keep
        square(2)
        square(3)  # keep
        # %%
        x = list(calls)  # keep
        """,
        of="x",
        minimal=False,
        extra=2,
    )


def test_a_decorator_that_registers():
    check_slice(
        """
        # %%
        registry = {}  # keep
        def register(name):  # keep all
            def note(f):
                registry[name] = f
                return f
            return note
        # %%
        @register("double")  # keep all
        def double(v):
            return v * 2
        @register("half")
        def half(v):
            return v / 2
        # %%
        x = registry["double"](4)  # keep
        """,
        of="x",
        minimal=False,
    )


def test_a_function_attribute_counts_calls():
    check_slice(
        """
        # %%
        def f():  # keep all
            f.calls += 1
        f.calls = 0  # keep
        # %%
        f()  # keep
        f()  # keep
        # %%
        x = f.calls  # keep
        """,
        of="x",
    )


def test_a_body_that_logs_beside_its_work():
    check_slice(
        """
        # %%
        import math  # keep
        notes = []
        def area(r):  # keep
            notes.append(r)
            print("computing", r)
            square = r * r  # keep
            shown = f"{square:.2f}"
            return math.pi * square  # keep
        # %%
        x = area(2)  # keep
        """,
        of="x",
    )


def test_star_arguments_carry_an_alias():
    check_slice(
        """
        # %%
        def put(*targets, **options):  # keep all
            for t in targets:
                t.append(options["value"])
        # %%
        a, b = [], []  # keep
        put(a, b, value=4)  # keep
        # %%
        x = a + b  # keep
        """,
        of="x",
    )


def test_keyword_dictionaries_are_copies():
    check_slice(
        """
        # %%
        def change(**kw):
            kw["a"] = 100
        # %%
        options = {"a": 1}  # keep
        change(**options)
        # %%
        x = options["a"]  # keep
        """,
        of="x",
    )


def test_recursion_over_a_global_memo():
    check_slice(
        """
        # %%
        memo = {0: 0, 1: 1}  # keep
        def fib(n):  # keep
            if n not in memo:  # keep
                memo[n] = fib(n - 1) + fib(n - 2)  # keep
            return memo[n]  # keep
        # %%
        fib(5)  # keep
        # %%
        x = len(memo)  # keep
        """,
        of="x",
    )


def test_mutual_recursion():
    check_slice(
        """
        # %%
        def even(n):  # keep all
            return n == 0 or odd(n - 1)
        # %%
        def odd(n):  # keep all
            return n != 0 and even(n - 1)
        def third(n):
            return even(n // 3)
        # %%
        x = even(6)  # keep
        """,
        of="x",
    )


def test_a_helper_edited_between_two_calls():
    check_slice(
        """
        # %% [H]
        def helper(v):  # keep all
            return v + 1
        # %% [F]
        def f(v):  # keep all
            return helper(v) * 2
        # %% [A]
        a = f(1)  # keep
        # %% [H]
        def helper(v):  # keep all
            return v + 100
        # %% [B]
        b = f(1)  # keep
        # %% [C]
        x = (a, b)  # keep
        """,
        of="x",
    )


def test_a_function_kept_under_another_name_survives_its_redefinition():
    check_slice(
        """
        # %%
        def f(v):  # keep all
            return v + 1
        old = f  # keep
        # %%
        def f(v):
            return v - 1
        # %%
        x = old(1)  # keep
        """,
        of="x",
    )


def test_a_wrapper_around_its_old_self():
    check_slice(
        """
        # %%
        def f(v):  # keep all
            return v + 1
        # %%
        plain = f  # keep
        f = lambda v: plain(v) * 10  # keep
        # %%
        x = f(1)  # keep
        """,
        of="x",
    )


def test_changing_defaults_of_a_function():
    check_slice(
        """
        # %%
        def f(v=1):  # keep all
            return v
        # %%
        f.__defaults__ = (8,)  # keep
        # %%
        x = f()  # keep
        """,
        of="x",
    )


def test_changing_the_code_of_a_function():
    check_slice(
        """
        # %%
        def f(v):  # keep all
            return v
        def g(v):  # keep all
            return v * 9
        # %%
        f.__code__ = g.__code__  # keep
        # %%
        x = f(2)  # keep
        """,
        of="x",
        minimal=False,
    )


def test_a_cache_cleared_and_counted():
    check_slice(
        """
        # %%
        from functools import cache  # keep
        @cache  # keep all
        def f(v):
            return v * 2
        # %%
        f(1)
        f.cache_clear()  # keep
        f(2)  # keep
        f(2)  # keep
        # %%
        x = f.cache_info().hits  # keep
        """,
        of="x",
        minimal=False,
        extra=2,
    )


def test_singledispatch_is_changed_by_registering():
    check_slice(
        """
        # %%
        from functools import singledispatch  # keep
        @singledispatch  # keep all
        def show(v):
            return "any"
        # %%
        @show.register  # keep all
        def _(v: int):
            return "int"
        @show.register
        def _(v: str):
            return "str"
        # %%
        x = show(1)  # keep
        """,
        of="x",
        minimal=False,
        extra=2,
    )


def test_wraps_copies_a_name():
    check_slice(
        """
        # %%
        from functools import wraps  # keep
        def loud(f):  # keep all
            @wraps(f)
            def inner(*a):
                return f(*a).upper()
            return inner
        # %%
        @loud  # keep
        def hello(name):
            "say it"
            return "hi " + name
        # %%
        x = hello.__name__  # keep
        """,
        of="x",
        minimal=False,
        extra=1,
    )


def test_a_generator_function_with_a_cleanup():
    check_slice(
        """
        # %%
        log = []  # keep
        def rows():  # keep
            try:  # keep
                yield 1  # keep
                yield 2
            finally:
                log.append("closed")  # keep
        # %%
        r = rows()  # keep
        next(r)  # keep
        r.close()  # keep
        # %%
        x = log[0]  # keep
        """,
        of="x",
        minimal=False,
        extra=1,
    )


def test_a_function_that_returns_functions_of_a_dictionary():
    check_slice(
        """
        # %%
        settings = {"scale": 1}  # keep
        scaler = lambda: (lambda v: v * settings["scale"])  # keep
        scale = scaler()  # keep
        # %%
        settings["scale"] = 4  # keep
        # %%
        x = scale(3)  # keep
        """,
        of="x",
        minimal=False,
    )


def test_an_unused_function_between():
    check_slice(
        """
        # %%
        def load():  # keep all
            return [3, 1, 2]
        def plot(values):
            for v in values:
                print("*" * v)
        def clean(values):  # keep
            print("cleaning", len(values))
            return sorted(values)  # keep
        # %%
        values = load()  # keep
        plot(values)
        # %%
        x = clean(values)  # keep
        plot(x)
        """,
        of="x",
    )


def test_a_function_that_changes_one_argument_and_reads_another():
    check_slice(
        """
        # %%
        def move(source, target):  # keep all
            target.append(source.pop())
        # %%
        a, b, c = [1, 2], [], []  # keep
        move(a, b)  # keep
        move(a, c)
        # %%
        x = b[0]  # keep
        """,
        of="x",
    )


def test_a_parameter_shadows_a_global():
    check_slice(
        """
        # %%
        data = [100]
        def total(data):  # keep all
            return sum(data)
        # %%
        data.append(5)
        # %%
        x = total([1, 2])  # keep
        """,
        of="x",
    )


def test_a_local_shadows_a_global():
    check_slice(
        """
        # %%
        factor = 7
        def f(v):  # keep all
            factor = 2
            return v * factor
        # %%
        x = f(3)  # keep
        """,
        of="x",
    )


def test_several_globals_set_by_one_call():
    check_slice(
        """
        # %%
        def setup():  # keep
            global a, b  # keep
            a = 1  # keep
            b = 2
        # %%
        setup()  # keep
        # %%
        x = a  # keep
        """,
        of="x",
    )


def test_an_early_return_decides():
    check_slice(
        """
        # %%
        def sign(v):  # keep
            if v < 0:  # keep
                return -1  # keep
            print("not negative")
            return 1
        # %%
        x = sign(-5)  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_contextmanager_function_changes_and_restores():
    check_slice(
        """
        # %%
        from contextlib import contextmanager, suppress  # keep contextmanager
        state = {"mode": "slow"}  # keep
        @contextmanager  # keep
        def fast():
            old = state["mode"]
            state["mode"] = "fast"  # keep
            yield  # keep
            state["mode"] = old
        # %%
        with fast():  # keep
            seen = state["mode"]  # keep
            print(seen)
        # %%
        x = seen  # keep
        """,
        of="x",
        extra=2,
        minimal=False,
    )


def test_a_lambda_in_a_dictionary_is_replaced():
    check_slice(
        """
        # %%
        table = {"f": lambda v: v, "g": lambda v: -v}  # keep
        # %%
        table["f"] = lambda v: v + 1  # keep
        table["g"] = abs
        # %%
        x = table["f"](1)  # keep
        """,
        of="x",
    )


def test_map_and_filter_are_lazy_over_a_global():
    check_slice(
        """
        # %%
        limit = 100
        big = filter(lambda v: v > limit, [1, 5, 9])  # keep
        # %%
        limit = 4  # keep
        # %%
        x = list(big)  # keep
        """,
        of="x",
    )


def test_a_callback_stored_in_an_object_is_called_later():
    check_slice(
        """
        # %%
        events = []  # keep
        class Bus:  # keep
            def __init__(self):  # keep all
                self.handlers = []
            def fire(self, v):  # keep all
                for h in self.handlers:
                    h(v)
            def size(self):
                return len(self.handlers)
        # %%
        bus = Bus()  # keep
        bus.handlers.append(events.append)  # keep
        # %%
        bus.fire(3)  # keep
        bus.size()
        # %%
        x = events[0]  # keep
        """,
        of="x",
    )


def test_annotations_of_a_function_as_its_data():
    check_slice(
        """
        # %%
        unit = "m"  # keep
        def length(v: unit) -> float:  # keep
            return v * 1.0
        # %%
        x = length.__annotations__["v"]  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_function_deletes_a_global_that_must_be_there():
    check_slice(
        """
        # %%
        spare = 3  # keep
        other = 4
        # %%
        def clean():  # keep all
            global spare
            del spare
        # %%
        clean()  # keep
        # %%
        x = "spare" in globals()  # keep
        """,
        of="x",
    )
