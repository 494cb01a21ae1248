"""What leaves a kept statement: inner lines of loops, functions, classes and blocks."""

from tests.picture import check_slice


def test_logging_in_a_training_loop():
    check_slice(
        """
        # %%
        w, lr = 1.0, 0.1  # keep
        history, norms = [], {}
        # %%
        for step in range(10):  # keep
            grad = 2 * w  # keep
            loss = w * w
            history.append(loss)
            norms[step] = abs(grad)
            if step % 5 == 0:
                print(f"{step}: {loss:.3f}")
            w -= lr * grad  # keep
        # %%
        x = round(w, 9)  # keep
        """,
        of="x",
    )


def test_the_history_instead_of_the_weight():
    check_slice(
        """
        # %%
        w, lr = 1.0, 0.1  # keep
        history = []  # keep
        norms = []
        # %%
        for step in range(5):  # keep
            grad = 2 * w  # keep
            norms.append(abs(grad))
            history.append(round(w * w, 6))  # keep
            w -= lr * grad  # keep
        # %%
        x = history  # keep
        """,
        of="x",
    )


def test_plotting_in_a_loop():
    check_slice(
        """
        # %%
        import matplotlib.pyplot as plt
        total = 0  # keep
        # %%
        for i in range(3):  # keep
            plt.figure()
            plt.plot([i, i + 1])
            plt.close()
            total += i  # keep
        # %%
        x = total  # keep
        """,
        of="x",
    )


def test_a_counter_that_only_reports():
    check_slice(
        """
        # %%
        done = 0
        out = []  # keep
        for v in [3, 1, 2]:  # keep
            out.append(v * 2)  # keep
            done += 1
            print(f"{done}/3")
        # %%
        x = out  # keep
        """,
        of="x",
    )


def test_one_of_two_results_of_a_loop():
    check_slice(
        """
        # %%
        low, high = 0, 0  # keep
        for v in [5, 1, 8]:  # keep
            if v < 4:  # keep
                low += v  # keep
            else:
                high += v
        # %%
        x = low  # keep
        """,
        of="x",
    )


def test_a_loop_that_carries_values_around():
    check_slice(
        """
        # %%
        a, b = 0, 1  # keep
        steps = []
        for _ in range(6):  # keep
            c = a + b  # keep
            steps.append(c)
            a = b  # keep
            b = c  # keep
        # %%
        x = a  # keep
        """,
        of="x",
    )


def test_timing_inside_a_block():
    check_slice(
        """
        # %%
        import time
        # %%
        def run(n):  # keep
            start = time.perf_counter()
            total = sum(range(n))  # keep
            took = time.perf_counter() - start
            print(f"took {took}")
            return total  # keep
        # %%
        x = run(10)  # keep
        """,
        of="x",
    )


def test_checks_that_passed_are_noise():
    check_slice(
        """
        # %%
        def half(v):  # keep
            assert v > 0
            if not isinstance(v, int):
                raise TypeError(v)
            return v / 2  # keep
        # %%
        data = [2, 4]  # keep
        assert len(data) == 2
        # %%
        x = [half(v) for v in data]  # keep
        """,
        of="x",
        extra=3,
    )


def test_an_unneeded_result_of_a_function():
    check_slice(
        """
        # %%
        def split(v):  # keep
            middle = len(v) // 2  # keep
            left = v[:middle]  # keep
            right = v[middle:]  # keep
            report = {"left": len(left), "right": len(right)}
            print(report)
            return left, right  # keep
        # %%
        x, rest = split([1, 2, 3, 4])  # keep
        """,
        of="x",
    )


def test_an_unneeded_nested_function():
    check_slice(
        """
        # %%
        def outer(v):  # keep
            def helper(w):  # keep all
                return w + 1
            def logger(w):
                print("at", w)
            logger(v)
            return helper(v) * 2  # keep
        # %%
        x = outer(3)  # keep
        """,
        of="x",
    )


def test_a_branch_inside_a_function_that_only_logs():
    check_slice(
        """
        # %%
        def work(v, verbose=True):  # keep
            if verbose:
                print("working on", v)
            result = v ** 2  # keep
            if verbose:
                print("done", result)
            return result  # keep
        # %%
        x = work(4)  # keep
        """,
        of="x",
    )


def test_a_try_inside_a_loop():
    check_slice(
        """
        # %%
        good, bad = [], []  # keep
        for t in ["1", "x", "3"]:  # keep
            try:  # keep
                n = int(t)  # keep
                print("read", n)
                good.append(n)  # keep
            except ValueError:
                bad.append(t)
                print("skipped", t)
        # %%
        x = good  # keep
        """,
        of="x",
    )


def test_a_with_block_with_noise():
    check_slice(
        """
        # %%
        with open("n.txt", "w") as f:  # keep
            print("writing")
            f.write("1\\n2\\n")  # keep
            size = f.tell()
        # %%
        rows = []  # keep
        with open("n.txt") as f:  # keep
            for i, line in enumerate(f):  # keep
                print(i, line)
                rows.append(int(line))  # keep
        # %%
        x = rows  # keep
        """,
        of="x",
    )


def test_a_while_loop_with_noise():
    check_slice(
        """
        # %%
        lo, hi = 0, 100  # keep
        trace = []
        while hi - lo > 1:  # keep
            mid = (lo + hi) // 2  # keep
            trace.append(mid)
            print(lo, hi)
            if mid * mid <= 50:  # keep
                lo = mid  # keep
            else:
                hi = mid  # keep
        # %%
        x = lo  # keep
        """,
        of="x",
        minimal=False,
    )


def test_class_members_that_nobody_used():
    check_slice(
        """
        # %%
        class Shop:  # keep
            tax = 2  # keep
            motto = "buy"
            def __init__(self):  # keep
                self.prices = []  # keep
                self.visitors = 0
            def add(self, p):  # keep
                self.visitors += 1
                self.prices.append(p * self.tax)  # keep
                print("added", p)
            def total(self):  # keep all
                return sum(self.prices)
            def report(self):
                print(self.motto, self.total())
        # %%
        shop = Shop()  # keep
        shop.add(3)  # keep
        shop.report()
        # %%
        x = shop.total()  # keep
        """,
        of="x",
        extra=2,
    )


def test_an_import_inside_a_needed_function_that_only_logs():
    check_slice(
        """
        # %%
        def work(v):  # keep
            import pprint
            pprint.pprint(v)
            return v * 2  # keep
        # %%
        x = work(2)  # keep
        """,
        of="x",
    )


def test_random_draws_in_noise_must_stay():
    check_slice(
        """
        # %%
        import random  # keep
        random.seed(0)  # keep
        kept, jitter = [], []  # keep
        # %%
        for i in range(3):  # keep
            jitter.append(random.random())  # keep
            print(i)
            kept.append(random.randint(0, 9))  # keep
        # %%
        x = kept  # keep
        """,
        of="x",
    )


def test_an_iterator_moved_by_noise_must_stay():
    check_slice(
        """
        # %%
        ids = iter(range(100))  # keep
        rows = []  # keep
        for name in "abc":  # keep
            print("row", next(ids))  # keep
            rows.append((name, next(ids)))  # keep
        # %%
        x = rows  # keep
        """,
        of="x",
    )


def test_a_docstring_and_comments_in_a_function():
    check_slice(
        '''
        # %%
        def f(v):  # keep
            """Doubles."""
            # the shown value
            shown = repr(v)
            print(shown)
            return v * 2  # keep
        # %%
        x = f(4)  # keep
        ''',
        of="x",
    )


def test_a_progress_bar_around_an_iterable():
    check_slice(
        """
        # %%
        def progress(it):  # keep
            n = 0
            for v in it:  # keep
                n += 1
                print(n, end=" ")
                yield v  # keep
        # %%
        total = 0  # keep
        for v in progress([1, 2, 3]):  # keep
            total += v  # keep
        # %%
        x = total  # keep
        """,
        of="x",
    )


def test_metrics_under_keys_in_a_loop():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        rng = np.random.default_rng(0)  # keep
        X, y = rng.normal(size=(20, 2)), rng.normal(size=20)  # keep
        w, logs = np.zeros(2), {"loss": [], "norm": []}  # keep
        # %%
        for epoch in range(5):  # keep
            residual = X @ w - y  # keep
            logs["loss"].append(float((residual ** 2).mean()))
            logs["norm"].append(float(np.linalg.norm(w)))
            w = w - 0.1 * X.T @ residual / len(y)  # keep
        # %%
        x = w.round(8).tolist()  # keep
        """,
        of="x",
    )


def test_an_unneeded_column_in_a_function():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        def features(df):  # keep
            df = df.copy()  # keep
            df["ratio"] = df["a"] / df["b"]  # keep
            df["label"] = "row"
            return df  # keep
        # %%
        df = features(pd.DataFrame({"a": [1, 2], "b": [2, 2]}))  # keep
        # %%
        x = df["ratio"].tolist()  # keep
        """,
        of="x",
        extra=1,
        minimal=False,
    )


def test_early_exit_in_a_search():
    check_slice(
        """
        # %%
        tried = []
        found = None
        for n in range(20, 40):  # keep
            tried.append(n)
            if all(n % d for d in range(2, n)):  # keep
                found = n  # keep
                print("prime", n)
                break  # keep
        # %%
        x = found  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_nested_with_and_for():
    check_slice(
        """
        # %%
        import io  # keep
        out = io.StringIO()  # keep
        log = io.StringIO()
        # %%
        with out, log:  # keep
            for i in range(2):  # keep
                log.write("row\\n")
                out.write(str(i))  # keep
            text = out.getvalue()  # keep
        # %%
        x = text  # keep
        """.replace("        log = io.StringIO()\n", "        log = io.StringIO()  # keep\n"),
        of="x",
    )


def test_assigning_results_that_nobody_reads():
    check_slice(
        """
        # %%
        stack = [1, 2, 3]  # keep
        # %%
        for _ in range(2):  # keep
            top = stack.pop()  # keep
            doubled = top * 2
            names = [str(top)] * 3
        # %%
        x = stack  # keep
        """,
        of="x",
    )


def test_drawing_inside_a_needed_function():
    check_slice(
        """
        # %%
        import matplotlib.pyplot as plt
        # %%
        def size(values, title):  # keep
            fig, axes = plt.subplots(1, 2)
            for ax in axes:
                ax.plot(values)
                ax.set_title(title)
            plt.close(fig)
            return len(values)  # keep
        # %%
        x = size([1, 2], "two")  # keep
        """,
        of="x",
    )


def test_a_drawing_that_is_asked_for():
    check_slice(
        """
        # %%
        import io  # keep
        import matplotlib.pyplot as plt  # keep
        # %%
        def drawn(values):  # keep
            fig, ax = plt.subplots()  # keep
            ax.plot(values)  # keep
            out = io.BytesIO()  # keep
            fig.savefig(out, format="svg", metadata={"Date": None})  # keep
            return out.getvalue().count(b"line2d")  # keep
        # %%
        x = drawn([1, 2])  # keep
        """,
        of="x",
    )


def test_what_comprehensions_count_with():
    check_slice(
        """
        # %%
        rows = [1, 2, 3]  # keep
        # %%
        if rows:  # keep
            even = [r for r in rows if r % 2 == 0]  # keep
            odd = [r for r in rows if r % 2]
        # %%
        x = sum(even)  # keep
        """,
        of="x",
    )


def test_what_a_function_logs_is_a_value():
    check_slice(
        """
        # %%
        import io, logging  # keep
        out = io.StringIO()  # keep
        logging.basicConfig(stream=out, force=True)  # keep
        # %%
        def note(text):  # keep
            logging.warning(text)  # keep
        def work(v):  # keep
            note("at work")  # keep
            return v  # keep
        # %%
        y = work(2)  # keep
        # %%
        x = out.getvalue()  # keep
        """,
        of="x",
        minimal=False,
    )
