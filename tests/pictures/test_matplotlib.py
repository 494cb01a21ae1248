"""Figures: objects that calls change, and the current figure that they find by themselves."""

import pytest

from tests.picture import check_slice

AXES = {
    "plot": ("ax.plot([1, 2])", "len(ax.lines)"),
    "scatter": ("ax.scatter([1], [2])", "len(ax.collections)"),
    "bar": ("ax.bar([1, 2], [3, 4])", "len(ax.patches)"),
    "text": ("ax.text(0, 0, 'hi')", "ax.texts[0].get_text()"),
    "limits": ("ax.set_xlim(2, 5)", "ax.get_xlim()"),
    "several": ("ax.set(xlabel='t', ylabel='v')", "ax.get_xlabel()"),
    "scale": ("ax.set_yscale('log')", "ax.get_yscale()"),
    "ticks": ("ax.set_xticks([0, 1])", "ax.get_xticks().tolist()"),
    "legend": (
        "ax.plot([1], label='a'); ax.legend()",
        "ax.get_legend().get_texts()[0].get_text()",
    ),
    "image": ("ax.imshow([[1, 2]])", "ax.images[0].get_array().tolist()"),
    "annotation": ("ax.annotate('n', (0, 0))", "len(ax.texts)"),
    "line at": ("ax.axhline(3)", "ax.lines[0].get_ydata()[0]"),
    "cleared": ("ax.plot([1]); ax.cla(); ax.set_title('c')", "(len(ax.lines), ax.get_title())"),
    "inverted": ("ax.invert_yaxis()", "ax.yaxis_inverted()"),
    "figure title": ("fig.suptitle('S')", "fig.get_suptitle()"),
    "figure size": ("fig.set_size_inches(3, 2)", "fig.get_size_inches().tolist()"),
    "new axes": ("fig.add_axes([0, 0, 1, 1])", "len(fig.axes)"),
    "twin": ("ax.twinx()", "len(fig.axes)"),
    "hidden": ("ax.set_visible(False)", "ax.get_visible()"),
    "removed": ("ax.remove()", "len(fig.axes)"),
}


@pytest.mark.parametrize("name", AXES)
def test_a_figure_is_changed_by(name):
    change, read = AXES[name]
    mark = "# keep 3" if name == "cleared" else "# keep"
    check_slice(
        f"""
        # %%
        import matplotlib.pyplot as plt  # keep
        fig, ax = plt.subplots()  # keep
        noise = plt.rcParams["font.size"]
        # %%
        {change}  {mark}
        # %%
        x = {read}  # keep
        """,
        of="x",
        exact=name != "cleared",
        extra=1 if name == "legend" else 0,
        minimal=name not in ("legend", "cleared"),
    )


CURRENT = {
    "plot": ("plt.plot([1, 2])", "len(plt.gca().lines)"),
    "title": ("plt.title('T')", "plt.gca().get_title()"),
    "limits": ("plt.xlim(1, 4)", "plt.xlim()"),
    "label": ("plt.xlabel('t')", "plt.gca().get_xlabel()"),
    "histogram": ("plt.hist([1, 1, 2], bins=2)", "len(plt.gca().patches)"),
    "subplot": ("plt.subplot(2, 2, 1)", "len(plt.gcf().axes)"),
    "axis": ("plt.axis('off')", "plt.gca().axison"),
    "scale": ("plt.yscale('log')", "plt.gca().get_yscale()"),
}


@pytest.mark.parametrize("name", CURRENT)
def test_the_current_figure_is_changed_by(name):
    change, read = CURRENT[name]
    check_slice(
        f"""
        # %%
        import matplotlib.pyplot as plt  # keep
        # %%
        {change}  # keep
        # %%
        noise = 3
        # %%
        x = {read}  # keep
        """,
        of="x",
    )


def test_a_line_is_changed_after_it_was_drawn():
    check_slice(
        """
        # %%
        import matplotlib.pyplot as plt  # keep
        fig, ax = plt.subplots()  # keep
        # %%
        (line,) = ax.plot([1, 2])  # keep
        ax.plot([3, 4])
        # %%
        line.set_ydata([5, 6])  # keep
        line.set_color("r")
        # %%
        x = list(ax.lines[0].get_ydata())  # keep
        """,
        of="x",
        extra=2,
    )


def test_axes_of_a_grid():
    check_slice(
        """
        # %%
        import matplotlib.pyplot as plt  # keep
        fig, axes = plt.subplots(1, 2)  # keep
        # %%
        for i, ax in enumerate(axes):  # keep
            print("drawing", i)
            ax.set_title(f"plot {i}")  # keep
        # %%
        x = axes[1].get_title()  # keep
        """,
        of="x",
    )


def test_one_of_two_axes():
    check_slice(
        """
        # %%
        import matplotlib.pyplot as plt  # keep
        fig, (left, right) = plt.subplots(1, 2)  # keep
        # %%
        left.set_title("L")  # keep
        right.set_title("R")
        # %%
        x = left.get_title()  # keep
        """,
        of="x",
        extra=1,
    )


def test_the_figure_that_was_made_current():
    check_slice(
        """
        # %%
        import matplotlib.pyplot as plt  # keep
        plt.figure(1)  # keep
        plt.figure(2)
        # %%
        plt.figure(1)  # keep
        plt.title("first")  # keep
        # %%
        x = plt.figure(1).gca().get_title()  # keep
        """,
        of="x",
        extra=1,
        minimal=False,
    )


def test_numbers_of_a_histogram():
    check_slice(
        """
        # %%
        import matplotlib.pyplot as plt  # keep
        fig, ax = plt.subplots()  # keep
        data = [1, 1, 2, 5]  # keep
        # %%
        counts, edges, bars = ax.hist(data, bins=4)  # keep
        ax.set_title("histogram")
        # %%
        x = counts.tolist()  # keep
        """,
        of="x",
    )


def test_plots_beside_the_numbers():
    check_slice(
        """
        # %%
        import matplotlib.pyplot as plt
        values = [1, 4, 9]  # keep
        # %%
        plt.figure()
        plt.plot(values)
        plt.title("values")
        plt.show()
        # %%
        fig, ax = plt.subplots()
        ax.bar(range(3), values)
        fig.savefig("bars.png")
        # %%
        x = sum(values)  # keep
        """,
        of="x",
    )


def test_all_figures_closed():
    check_slice(
        """
        # %%
        import matplotlib.pyplot as plt  # keep
        plt.figure()
        # %%
        plt.close("all")
        # %%
        plt.figure()  # keep
        # %%
        x = len(plt.get_fignums())  # keep
        """,
        of="x",
        extra=2,
        minimal=False,
    )


def test_a_style_within_a_block():
    check_slice(
        """
        # %%
        import matplotlib.pyplot as plt  # keep
        # %%
        with plt.style.context("dark_background"):  # keep
            colour = plt.rcParams["axes.facecolor"]  # keep
            plt.plot([1])
        # %%
        x = colour  # keep
        """,
        of="x",
    )


def test_pandas_draws_into_given_axes():
    check_slice(
        """
        # %%
        import matplotlib.pyplot as plt, pandas as pd  # keep
        fig, ax = plt.subplots()  # keep
        s = pd.Series([1, 2, 3])  # keep
        # %%
        s.plot(ax=ax)  # keep
        # %%
        x = len(ax.lines)  # keep
        """,
        of="x",
    )


def test_an_import_that_changes_parameters():
    check_slice(
        """
        # %%
        open("mystyle_q.py", "w").write("import matplotlib\\nmatplotlib.rcParams['font.size'] = 33")  # keep
        # %%
        import matplotlib  # keep
        import mystyle_q  # keep
        # %%
        x = matplotlib.rcParams["font.size"]  # keep
        """,
        of="x",
    )


def test_parameters_put_back():
    check_slice(
        """
        # %%
        import matplotlib.pyplot as plt  # keep
        plt.rcParams["font.size"] = 40
        # %%
        plt.rcdefaults()
        # %%
        x = plt.rcParams["font.size"]  # keep
        """,
        of="x",
        extra=2,
    )


def test_what_a_loop_draws_is_kept_when_its_axes_are_asked_for():
    check_slice(
        """
        # %%
        import matplotlib.pyplot as plt     # keep
        # %%
        noise = 3
        plt.figure()                        # keep
        for number in range(2):             # keep
            ax = plt.subplot(1, 2, number + 1)      # keep
            plt.plot([1, number])           # keep
            plt.title(f"part {number}")     # keep
            print(noise)
        """,
        of="ax",
        value="[(len(a.lines), a.get_title()) for a in ax.figure.axes]",
        minimal=False,
    )


def test_the_bars_of_a_histogram_lead_to_the_figure():
    check_slice(
        """
        # %%
        import matplotlib.pyplot as plt     # keep
        fig, ax = plt.subplots()            # keep
        # %%
        counts, edges, bars = ax.hist([1, 2, 2])    # keep
        # %%
        shade = "red"                       # keep
        for bar in bars:                    # keep
            bar.set_facecolor(shade)        # keep
        """,
        of="bars",
        value="[b.get_facecolor() for b in bars]",
    )


def test_a_norm_that_data_have_scaled():
    check_slice(
        """
        # %%
        from matplotlib.colors import Normalize     # keep
        # %%
        norm = Normalize()                  # keep
        other = Normalize()
        # %%
        norm.autoscale([2, 6])              # keep
        other.autoscale([0, 1])
        """,
        of="norm",
        value="(norm.vmin, norm.vmax)",
    )


def test_a_library_draws_on_the_current_figure():
    check_slice(
        """
        # %%
        import matplotlib.pyplot as plt     # keep
        from sklearn.tree import DecisionTreeClassifier, plot_tree      # keep
        # %%
        model = DecisionTreeClassifier().fit([[0], [1]], [0, 1])        # keep
        plt.figure()
        # %%
        plot_tree(model)                    # keep
        # %%
        x = len(plt.gca().texts)            # keep
        """,
        of="x",
        extra=1,
    )


def test_a_library_makes_the_current_figure():
    check_slice(
        """
        # %%
        import matplotlib.pyplot as plt     # keep
        from sklearn.tree import DecisionTreeClassifier, plot_tree      # keep
        # %%
        model = DecisionTreeClassifier().fit([[0], [1]], [0, 1])        # keep
        plot_tree(model)                    # keep
        plt.title("tree")
        # %%
        x = len(plt.gca().texts)            # keep
        """,
        of="x",
        extra=1,
    )


def test_a_library_that_draws_keeps_nothing_else():
    check_slice(
        """
        # %%
        from sklearn.tree import DecisionTreeClassifier, plot_tree  # keep DecisionTreeClassifier
        # %%
        model = DecisionTreeClassifier().fit([[0], [1]], [0, 1])    # keep
        plot_tree(model)
        # %%
        x = model.predict([[1]]).tolist()   # keep
        """,
        of="x",
    )


def test_what_a_loop_draws_beside_its_work_on_the_current_figure():
    check_slice(
        """
        # %%
        import matplotlib.pyplot as plt
        total = []                          # keep
        # %%
        plt.figure()
        plt.plot([0, 1])
        for v in [1, 2]:                    # keep
            total.append(v)                 # keep
            plt.plot([0, v])
        plt.title("values")
        # %%
        x = sum(total)                      # keep
        """,
        of="x",
    )


def test_what_a_loop_draws_beside_its_work_on_axes():
    check_slice(
        """
        # %%
        import matplotlib.pyplot as plt
        total = []                          # keep
        # %%
        fig, ax = plt.subplots()
        ax.plot([0, 1])
        for v in [1, 2]:                    # keep
            total.append(v)                 # keep
            ax.plot([0, v])
        ax.set_title("values")
        # %%
        x = sum(total)                      # keep
        """,
        of="x",
    )


def test_what_a_function_draws_beside_its_work():
    check_slice(
        """
        # %%
        import matplotlib.pyplot as plt
        def work(v):                        # keep
            plt.plot([0, v])
            return v + 1                    # keep
        # %%
        plt.figure()
        first = work(1)
        # %%
        x = work(3)                         # keep
        """,
        of="x",
    )


def test_a_loop_that_asks_the_axes_on_which_it_draws():
    check_slice(
        """
        # %%
        import matplotlib.pyplot as plt     # keep
        total = []                          # keep
        # %%
        fig, ax = plt.subplots()            # keep
        ax.plot([0, 1])                     # keep
        for v in [3, 4]:                    # keep
            total.append(v + ax.get_ylim()[1])      # keep
            ax.plot([0, v])                 # keep
        ax.set_title("values")
        # %%
        x = sum(total)                      # keep
        """,
        of="x",
    )


def test_a_figure_by_another_name_on_which_a_loop_draws():
    check_slice(
        """
        # %%
        import matplotlib.pyplot as plt     # keep
        total = []
        # %%
        fig, ax = plt.subplots()            # keep
        for v in [1, 2]:                    # keep
            total.append(v)
            ax.plot([0, v])                 # keep
        ax.set_title("values")              # keep
        # %%
        picture = fig                       # keep
        """,
        of="picture",
        value="[(len(a.lines), a.get_title()) for a in picture.axes]",
        extra=2,
    )


def test_what_a_loop_draws_on_axes_of_a_grid():
    check_slice(
        """
        # %%
        import matplotlib.pyplot as plt
        total = []                          # keep
        # %%
        fig, axes = plt.subplots(2, 2)
        axes = axes.ravel()
        for i in range(4):                  # keep
            image = axes[i].imshow([[i, 1]])
            axes[i].set(title=str(i))
            fig.colorbar(image, ax=axes[i])
            total.append(i)                 # keep
        # %%
        x = sum(total)                      # keep
        """,
        of="x",
    )


def test_axes_that_a_loop_adds_beside_its_work():
    check_slice(
        """
        # %%
        import matplotlib.pyplot as plt
        total = []                          # keep
        # %%
        fig = plt.figure()
        for i in range(4):                  # keep
            ax = fig.add_subplot(2, 2, i + 1)
            ax.scatter([i], [i])
            total.append(i)                 # keep
        # %%
        x = sum(total)                      # keep
        """,
        of="x",
    )


def test_columns_that_a_loop_plots_beside_its_work():
    check_slice(
        """
        # %%
        import pandas as pd                 # keep
        import matplotlib.pyplot as plt
        df = pd.DataFrame({"a": [1, 2], "b": [3, 4]})       # keep
        total = []                          # keep
        # %%
        fig, ax = plt.subplots()
        for name in df.columns:             # keep
            df[name].plot(ax=ax)
            total.append(df[name].sum())    # keep
        # %%
        x = sum(total)                      # keep
        """,
        of="x",
    )


def test_an_object_that_remembers_where_it_was_plotted():
    check_slice(
        """
        # %%
        from sklearn.metrics import RocCurveDisplay         # keep
        curve = RocCurveDisplay(fpr=[0, 1], tpr=[0, 1])     # keep
        total = []
        # %%
        for i in range(2):                  # keep
            curve.plot()                    # keep
            total.append(i)
        # %%
        x = hasattr(curve, "line_")         # keep
        """,
        of="x",
    )
