"""Frames and series: setting in place, columns, alignment, functions called by pandas."""

import pytest

from tests.picture import check_slice

FRAME = "df = pd.DataFrame({'a': [3, 1, 2], 'b': [4.0, None, 6.0], 'c': list('xyx')})"

IN_PLACE = {
    "loc": "df.loc[0, 'a'] = 10",
    "loc of a mask": "df.loc[df['a'] > 1, 'a'] = 0",
    "loc of a new row": "df.loc[9] = [7, 8.0, 'z']",
    "iloc": "df.iloc[1, 0] = 20",
    "iloc of a column": "df.iloc[:, 0] = [7, 8, 9]",
    "at": "df.at[2, 'a'] = 30",
    "iat": "df.iat[0, 0] = 40",
    "mask": "df[df['a'] == 3] = 0",
    "new column": "df['d'] = df['a'] * 2",
    "replaced column": "df['a'] = df['a'] - 1",
    "augmented column": "df['a'] += 5",
    "attribute column": "df.a = [0, 0, 1]",
    "several columns": "df[['a', 'b']] = 1",
    "fillna": "df.fillna(0, inplace=True)",
    "dropna": "df.dropna(inplace=True)",
    "sort_values": "df.sort_values('a', inplace=True)",
    "sort_index": "df.sort_index(ascending=False, inplace=True)",
    "reset_index": "df.reset_index(inplace=True)",
    "set_index": "df.set_index('c', inplace=True)",
    "rename": "df.rename(columns={'a': 'A'}, inplace=True)",
    "drop": "df.drop(columns='b', inplace=True)",
    "drop rows": "df.drop([0], inplace=True)",
    "drop_duplicates": "df.drop_duplicates('c', inplace=True)",
    "replace": "df.replace({'x': 'w'}, inplace=True)",
    "where": "df.where(df['a'] > 1, inplace=True)",
    "clip": "df['a'] = df['a'].clip(1, 2)",
    "columns": "df.columns = ['p', 'q', 'r']",
    "index": "df.index = [5, 6, 7]",
    "index name": "df.index.name = 'key'",
    "columns as an index": "df.columns.name = 'c'; df.index = df.columns.rename('d')",
    "insert": "df.insert(1, 'm', 0)",
    "pop": "gone = df.pop('b')",
    "del": "del df['b']",
    "update": "df.update(pd.DataFrame({'a': [9, 9, 9]}))",
    "eval": "df.eval('d = a * 2', inplace=True)",
    "query in place": "df.query('a > 1', inplace=True)",
    "isetitem": "df.isetitem(0, [1, 1, 1])",
    "interpolate": "df['b'] = df['b'].interpolate()",
    "mask method": "df['a'].mask(df['a'] > 2, inplace=True); df['a'] = df['a'] * 1.0",
}


@pytest.mark.parametrize("name", IN_PLACE)
def test_a_frame_is_changed_by(name):
    last = "  # keep 2" if name == "mask method" else "  # keep"
    check_slice(
        f"""
        # %%
        import pandas as pd  # keep
        {FRAME}  # keep
        other = pd.DataFrame()
        # %%
        df.head()
        # %%
        {IN_PLACE[name]}{last}
        # %%
        print(df.describe())
        # %%
        x = df.to_csv()  # keep
        """,
        of="x",
        minimal=name != "mask method",
    )


SERIES = {
    "item": "s['a'] = 9",
    "loc": "s.loc['b':] = 0",
    "iloc": "s.iloc[0] = 7",
    "mask": "s[s > 1] = 0",
    "append": "s['z'] = 1",
    "augmented": "s += 1",
    "name": "s.name = 'speed'",
    "index": "s.index = list('xyz')",
    "sort": "s.sort_values(ascending=False, inplace=True)",
    "drop": "s.drop('a', inplace=True)",
    "pop": "first = s.pop('a')",
    "update": "s.update(pd.Series({'a': 5}))",
    "rename": "s.rename('n', inplace=True)",
    "at": "s.at['c'] = 33",
}


@pytest.mark.parametrize("name", SERIES)
def test_a_series_is_changed_by(name):
    check_slice(
        f"""
        # %%
        import pandas as pd  # keep
        s = pd.Series([1, 2, 3], index=list("abc"))  # keep
        # %%
        {SERIES[name]}  # keep
        mean = s.mean()
        # %%
        x = (s.to_dict(), s.name)  # keep
        """,
        of="x",
    )


NOT_IN_PLACE = {
    "head": "df.head(2)",
    "sort": "df.sort_values('a')",
    "drop": "df.drop(columns='a')",
    "fillna": "df.fillna(0)",
    "assign": "df.assign(a=0)",
    "groupby": "df.groupby('c')['a'].sum()",
    "rename": "df.rename(columns={'a': 'z'})",
    "query": "df.query('a > 1')",
    "chained": "df[df['a'] > 1]['a'].rename('k')",
    "copy": "df.copy()",
    "describe": "df.describe()",
    "info": "df.info()",
    "value counts": "df['c'].value_counts()",
    "merge": "df.merge(df, on='c')",
    "pivot": "df.pivot_table(index='c', values='a')",
    "apply": "df['a'].apply(lambda v: v + 1)",
    "plot": "df['a'].plot()",
}


@pytest.mark.parametrize("name", NOT_IN_PLACE)
def test_exploring_a_frame_is_left_out(name):
    check_slice(
        f"""
        # %%
        import pandas as pd  # keep
        {FRAME}  # keep
        # %%
        {NOT_IN_PLACE[name]}
        # %%
        look = {NOT_IN_PLACE[name]}
        # %%
        x = int(df["a"].sum())  # keep
        """,
        of="x",
    )


def test_a_subset_is_a_copy():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        df = pd.DataFrame({"a": [1, 2]})  # keep
        # %%
        sub = df[df["a"] > 1]
        sub["a"] = 100
        s = df["a"]
        s.iloc[0] = 50
        # %%
        x = df["a"].tolist()  # keep
        """,
        of="x",
        extra=2,
    )


def test_chained_assignment_changes_nothing():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        df = pd.DataFrame({"a": [1, 2]})  # keep
        # %%
        df["a"][0] = 99
        # %%
        x = df["a"].tolist()  # keep
        """,
        of="x",
    )


def test_an_alias_of_a_frame():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        df = pd.DataFrame({"a": [1, 2]})  # keep
        same = df  # keep
        apart = df.copy()
        # %%
        same["b"] = 5  # keep
        apart["c"] = 6
        # %%
        x = list(df.columns)  # keep
        """,
        of="x",
    )


def test_a_frame_over_an_array():
    check_slice(
        """
        # %%
        import numpy as np, pandas as pd  # keep
        raw = np.zeros((2, 2))  # keep
        df = pd.DataFrame(raw, copy=False)  # keep
        # %%
        raw[0, 0] = 5  # keep
        # %%
        x = float(df.iloc[0, 0])  # keep
        """,
        of="x",
    )


def test_lists_inside_an_object_column():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        df = pd.DataFrame({"tags": [[], []]})  # keep
        # %%
        df["tags"][0].append("new")  # keep
        # %%
        x = df["tags"].tolist()  # keep
        """,
        of="x",
    )


def test_notes_on_a_frame():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        df = pd.DataFrame({"a": [1]})  # keep
        # %%
        df.attrs["unit"] = "m"  # keep
        # %%
        x = df.attrs["unit"]  # keep
        """,
        of="x",
    )


def test_columns_that_nobody_reads():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        df = pd.DataFrame({"a": [1, 2], "b": [3, 4]})  # keep
        # %%
        df["log"] = df["a"] ** 0.5
        df["ratio"] = df["a"] / df["b"]  # keep
        df["note"] = "none"
        df["half"] = df["log"] / 2
        # %%
        x = df["ratio"].tolist()  # keep
        """,
        of="x",
    )


def test_a_column_made_from_made_columns():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        df = pd.DataFrame({"a": [1, 2], "b": [3, 4]})  # keep
        # %%
        df["sum"] = df["a"] + df["b"]  # keep
        df["diff"] = df["a"] - df["b"]
        # %%
        df["twice"] = df["sum"] * 2  # keep
        df["minus"] = df["diff"] * 2
        # %%
        x = int(df["twice"].max())  # keep
        """,
        of="x",
    )


def test_a_filtered_frame_keeps_only_read_columns():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        df = pd.DataFrame({"a": [1, 2, 3], "b": [3, 4, 5]})  # keep
        df["extra"] = df["a"] * 100
        # %%
        big = df[df["a"] > 1]  # keep
        # %%
        x = big["b"].tolist()  # keep
        """,
        of="x",
        extra=1,
    )


def test_the_index_is_needed_for_alignment():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        a = pd.DataFrame({"k": ["p", "q"], "v": [1, 2]})  # keep
        w = pd.Series({"q": 10, "p": 20})  # keep
        # %%
        a = a.set_index("k")  # keep
        a["w"] = w  # keep
        # %%
        x = a["w"].tolist()  # keep
        """,
        of="x",
    )


def test_the_index_set_in_place_is_needed_for_one_column():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        df = pd.DataFrame({"v": [1, 2], "u": [0, 0]})  # keep
        # %%
        df.index = ["p", "q"]  # keep
        df["u"] = 5
        # %%
        x = df["v"].to_dict()  # keep
        """,
        of="x",
    )


def test_apply_over_groups_with_a_side_effect():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        seen = []  # keep
        df = pd.DataFrame({"g": ["a", "b", "a"], "v": [1, 2, 3]})  # keep
        # %%
        def look(part):  # keep
            seen.append(len(part))  # keep
            return part["v"].sum()
        # %%
        r = df.groupby("g")[["v"]].apply(look)  # keep
        # %%
        x = seen  # keep
        """,
        of="x",
        extra=1,
    )


def test_rows_collected_in_a_loop():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        df = pd.DataFrame({"v": [1, 2, 3]})  # keep
        rows, logs = [], []  # keep
        # %%
        for i, row in df.iterrows():  # keep
            logs.append(i)
            rows.append(int(row["v"]) * 2)  # keep
            if i == 1:
                print("halfway")
        # %%
        x = rows  # keep
        """,
        of="x",
    )


def test_values_set_in_a_loop():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        df = pd.DataFrame({"v": [1, 2, 3]})  # keep
        # %%
        for i in df.index:  # keep
            df.loc[i, "w"] = df.loc[i, "v"] ** 2  # keep
            df.loc[i, "noise"] = 0
        # %%
        x = df["w"].tolist()  # keep
        """,
        of="x",
        extra=1,
    )


def test_query_reads_a_name_from_its_text():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        df = pd.DataFrame({"v": [1, 2, 3]})  # keep
        low, high = 1, 3  # keep
        other = 5
        # %%
        part = df.query("@low < v < @high")  # keep
        # %%
        x = part["v"].tolist()  # keep
        """,
        of="x",
    )


def test_eval_of_a_frame_with_a_name():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        df = pd.DataFrame({"a": [1, 2]})  # keep
        k = 10  # keep
        # %%
        x = df.eval("a * @k").tolist()  # keep
        """,
        of="x",
    )


def test_pieces_concatenated():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        pieces, names = [], []  # keep
        for i in range(3):  # keep
            piece = pd.DataFrame({"i": [i]})  # keep
            piece["sq"] = piece["i"] ** 2  # keep
            names.append(f"piece {i}")
            pieces.append(piece)  # keep
        # %%
        whole = pd.concat(pieces, ignore_index=True)  # keep
        whole.plot()
        # %%
        x = whole["sq"].tolist()  # keep
        """,
        of="x",
        extra=0,
    )


def test_a_merge_needs_both_sides():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        left = pd.DataFrame({"k": [1, 2], "a": [5, 6]})  # keep
        right = pd.DataFrame({"k": [2, 3], "b": [7, 8]})  # keep
        third = pd.DataFrame({"k": [2], "c": [0]})
        # %%
        both = left.merge(right, on="k", how="outer")  # keep
        wide = both.merge(third, on="k")
        # %%
        x = len(both)  # keep
        """,
        of="x",
    )


def test_categories_are_renamed():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        s = pd.Series(["a", "b"], dtype="category")  # keep
        # %%
        s = s.cat.rename_categories({"a": "z"})  # keep
        counts = s.value_counts()
        # %%
        x = s.tolist()  # keep
        """,
        of="x",
    )


def test_a_pipe_of_functions():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        def scale(df, k):  # keep all
            return df.assign(v=df["v"] * k)
        def label(df):
            return df.assign(n="x")
        # %%
        df = pd.DataFrame({"v": [1, 2]})  # keep
        # %%
        out = df.pipe(scale, k=3)  # keep
        named = out.pipe(label)
        # %%
        x = out["v"].tolist()  # keep
        """,
        of="x",
    )


def test_a_groupby_object_sees_its_frame():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        df = pd.DataFrame({"g": list("aba"), "v": [1, 2, 3]})  # keep
        # %%
        groups = df.groupby("g")["v"]  # keep
        mean = groups.mean()
        # %%
        x = groups.sum().to_dict()  # keep
        """,
        of="x",
    )


def test_a_dictionary_of_frames():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        frames = {n: pd.DataFrame({"v": [n]}) for n in (1, 2)}  # keep
        # %%
        frames[1]["w"] = 5  # keep
        frames[2]["w"] = 6
        # %%
        x = frames[1]["w"].tolist()  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_frame_in_a_function_that_changes_it():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        def prepare(df):  # keep
            df["w"] = df["v"] + 1  # keep
            print(df.shape)
            return df
        # %%
        df = pd.DataFrame({"v": [1]})  # keep
        prepare(df)  # keep
        # %%
        x = df["w"].tolist()  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_time_series_resampled():
    check_slice(
        """
        # %%
        import numpy as np, pandas as pd  # keep
        idx = pd.date_range("2024-01-01", periods=6, freq="D")  # keep
        ts = pd.Series(np.arange(6.0), index=idx)  # keep
        # %%
        rolling = ts.rolling(2).mean()
        ts[ts > 4] = 0  # keep
        # %%
        x = ts.resample("3D").sum().tolist()  # keep
        """,
        of="x",
    )


def test_several_levels_of_an_index():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        df = pd.DataFrame({"a": [1, 1, 2], "b": [1, 2, 1], "v": [5, 6, 7]})  # keep
        # %%
        df = df.set_index(["a", "b"])  # keep
        df.loc[(1, 2), "v"] = 60  # keep
        flat = df.reset_index()
        # %%
        x = df.loc[1, "v"].tolist()  # keep
        """,
        of="x",
    )


def test_a_registered_accessor():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        @pd.api.extensions.register_series_accessor("geo_q")  # keep
        class Geo:
            def __init__(self, s):  # keep all
                self.s = s
            def width(self):  # keep all
                return int(self.s.max() - self.s.min())
        # %%
        x = pd.Series([1, 5]).geo_q.width()  # keep
        """,
        of="x",
    )


def test_a_string_method_and_a_map_with_a_dictionary():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        codes = {"a": 1}  # keep
        df = pd.DataFrame({"k": ["A", "B"]})  # keep
        # %%
        codes["b"] = 2  # keep
        df["k"] = df["k"].str.lower()  # keep
        df["n"] = df["k"].map(codes)  # keep
        # %%
        x = df["n"].tolist()  # keep
        """,
        of="x",
    )


def test_the_target_is_a_column():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        df = pd.DataFrame({"a": [1, 2]})  # keep
        df["b"] = df["a"] * 2  # keep
        df["c"] = df["a"] * 3
        """,
        of="df['b']",
    )


def test_the_target_is_a_mean_of_a_column():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        df = pd.DataFrame({"age": [1.0, 2.0], "b": [1, 1]})  # keep
        df["b"] = 9
        # %%
        df["age"] = df["age"] + 1  # keep
        """,
        of="df['age'].mean()",
    )


SELECTED = {
    "a list of columns": 'df[["k", "v"]]',
    "a group": 'df.groupby("k")["v"].sum()',
    "groups by several": 'df.groupby(["k", "v"], sort=False)[["v"]].max()',
    "rows of a column": 'df.loc[df["k"] != "z", "v"].sum()',
    "an attribute of a group": 'df.groupby("k").v.sum()',
    "aggregates by column": 'df.groupby("k").agg({"v": ["sum", "max"]})',
    "aggregates by name": 'df.groupby("k", as_index=False).agg(top=("v", "max"))',
    "a pivot table": 'df.pivot_table(index="k", values="v", aggfunc="sum")',
}


@pytest.mark.parametrize("name", SELECTED)
def test_columns_that_are_not_selected(name):
    check_slice(
        f"""
        # %%
        import pandas as pd                                                 # keep
        df = pd.DataFrame({{"k": list("aab"), "v": [1, 2, 3], "w": [4, 5, 6]}})  # keep
        # %%
        df["w"] = df["w"] ** 2
        df["v"] = df["v"] + 1       # keep
        # %%
        df.loc[df["w"] > 20, "w"] = 0
        df.loc[df["k"] == "b", "v"] = 7     # keep
        # %%
        x = {SELECTED[name]}        # keep
        """,
        of="x",
    )


def test_what_a_group_has_itself_is_no_column():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        df = pd.DataFrame({"k": list("aab"), "count": [1, 2, 3], "w": [4, 5, 6]})  # keep
        # %%
        df["w"] = [1, None, 2]  # keep
        # %%
        x = df.groupby("k").count()["w"].to_dict()  # keep
        """,
        of="x",
    )
