"""Sessions as people have them: exploring, plotting, trying again, with a value at the end."""

from tests.picture import check_slice


def test_an_analysis_of_sales():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        import pandas as pd  # keep
        import matplotlib.pyplot as plt
        # %%
        rng = np.random.default_rng(42)  # keep
        df = pd.DataFrame({  # keep
            "shop": rng.choice(["a", "b", "c"], 60),
            "units": rng.integers(1, 20, 60),
            "price": rng.normal(10, 2, 60).round(2),
        })
        # %%
        df.head()
        # %%
        df.describe()
        # %%
        df["revenue"] = df["units"] * df["price"]  # keep
        df["log_price"] = np.log(df["price"].clip(lower=0.1))
        # %%
        df["shop"].value_counts()
        # %%
        fig, ax = plt.subplots()
        ax.hist(df["price"], bins=10)
        ax.set_title("prices")
        # %%
        big = df[df["units"] > 5]  # keep
        print(len(big), "rows")
        # %%
        by_shop = big.groupby("shop")["revenue"].sum()  # keep
        by_shop.plot(kind="bar")
        # %%
        best = by_shop.sort_values(ascending=False).round(4)  # keep
        best
        # %%
        x = best.to_dict()  # keep
        """,
        of="x",
    )


def test_a_model_tried_with_several_depths():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        from sklearn.model_selection import cross_val_score, train_test_split  # keep train_test_split
        from sklearn.tree import DecisionTreeClassifier  # keep
        # %%
        rng = np.random.default_rng(0)  # keep
        X = rng.normal(size=(80, 3))  # keep
        y = (X[:, 0] + X[:, 1] > 0).astype(int)  # keep
        # %%
        X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)  # keep
        # %% [P]
        depth = 1
        # %% [F]
        model = DecisionTreeClassifier(max_depth=depth, random_state=0)
        model.fit(X_train, y_train)
        print(model.score(X_test, y_test))
        # %% [P]
        depth = 5
        # %% [F]
        model = DecisionTreeClassifier(max_depth=depth, random_state=0)
        model.fit(X_train, y_train)
        print(model.score(X_test, y_test))
        # %% [P]
        depth = 3  # keep
        # %% [F]
        model = DecisionTreeClassifier(max_depth=depth, random_state=0)  # keep
        model.fit(X_train, y_train)  # keep
        print(model.score(X_test, y_test))
        # %%
        cross_val_score(model, X, y, cv=2)
        # %%
        x = model.predict(X_test).tolist()  # keep
        """,
        of="x",
    )


def test_cleaning_with_mistakes_on_the_way():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        raw = pd.DataFrame({"name": [" Ann", "bob ", None], "age": ["31", "x", "40"]})  # keep
        # %%
        raw.info()
        # %%
        df = raw.dropna()
        df["age"].astype(int)
        # %%
        df = raw.copy()  # keep
        # %%
        df["age"] = pd.to_numeric(df["age"], errors="coerce")  # keep
        # %%
        df.isna().sum()
        # %%
        df["name"] = df["name"].str.strip().str.title()
        # %%
        df = df.dropna(subset=["age"])  # keep
        # %%
        df.plot(x="nothing")
        # %%
        df["decade"] = (df["age"] // 10 * 10).astype(int)  # keep
        # %%
        x = df["decade"].tolist()  # keep
        """,
        of="x",
        extra=1,
    )


def test_gradient_descent_by_hand():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        np.random.seed(1)  # keep
        # %%
        X = np.random.randn(30, 2)  # keep
        noise = np.random.randn(30) * 0.1  # keep
        y = X @ np.array([2.0, -1.0]) + noise  # keep
        # %%
        def loss(w):
            return ((X @ w - y) ** 2).mean()
        def gradient(w):  # keep all
            return 2 * X.T @ (X @ w - y) / len(y)
        # %%
        w = np.zeros(2)  # keep
        losses = []
        # %%
        for i in range(25):  # keep
            g = gradient(w)  # keep
            losses.append(loss(w))
            if i % 10 == 0:
                print(i, losses[-1])
            w -= 0.1 * g  # keep
        # %%
        import matplotlib.pyplot as plt
        plt.plot(losses)
        plt.show()
        # %%
        x = w.round(6).tolist()  # keep
        """,
        of="x",
    )


def test_counting_words():
    check_slice(
        """
        # %%
        import re  # keep
        from collections import Counter, defaultdict  # keep Counter
        text = "the cat and the dog and the bird"  # keep
        # %%
        len(text)
        # %%
        words = re.findall("[a-z]+", text)  # keep
        words[:3]
        # %%
        counts = Counter(words)  # keep
        lengths = defaultdict(list)
        for w in words:
            lengths[len(w)].append(w)
        # %%
        stop = {"the"}  # keep
        stop.add("and")  # keep
        for w in stop:  # keep
            del counts[w]  # keep
            print("dropped", w)
        # %%
        x = sorted(counts.items())  # keep
        """,
        of="x",
    )


def test_a_simulation_with_parameters_in_a_dictionary():
    check_slice(
        """
        # %%
        import random  # keep
        params = {"n": 50, "p": 0.3, "label": "base", "seed": 0}  # keep
        # %%
        params["label"] = "variant"
        params["p"] = 0.6  # keep
        # %%
        def simulate(params):  # keep
            random.seed(params["seed"])  # keep
            hits, path = 0, []  # keep
            for _ in range(params["n"]):  # keep
                if random.random() < params["p"]:  # keep
                    hits += 1  # keep
                path.append(hits)
            return hits, path  # keep
        # %%
        hits, path = simulate(params)  # keep
        print(params["label"], hits)
        # %%
        params["seed"] = 1
        simulate(params)
        # %%
        x = hits  # keep
        """.replace(
            "                path.append(hits)\n", "                path.append(hits)  # may\n"
        ),
        of="x",
    )


def test_files_written_read_and_joined():
    check_slice(
        """
        # %%
        import json, os  # keep
        import pandas as pd  # keep
        os.makedirs("data", exist_ok=True)  # keep
        # %%
        for day in range(3):  # keep
            with open(f"data/{day}.json", "w") as f:  # keep
                json.dump({"day": day, "v": day * 1.5}, f)  # keep
            print("wrote", day)
        # %%
        sorted(os.listdir("data"))
        # %%
        rows = []  # keep
        for name in sorted(os.listdir("data")):  # keep
            with open(os.path.join("data", name)) as f:  # keep
                rows.append(json.load(f))  # keep
        # %%
        df = pd.DataFrame(rows)  # keep
        df.to_csv("all.csv")
        # %%
        df["v"] = df["v"].cumsum()  # keep
        df["note"] = "daily"
        # %%
        x = df["v"].tolist()  # keep
        """,
        of="x",
    )


def test_a_class_based_experiment():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        from dataclasses import dataclass, field  # keep
        # %%
        @dataclass  # keep
        class Config:
            lr: float = 0.1  # keep
            steps: int = 5  # keep
            tags: list = field(default_factory=list)  # keep
        # %%
        class Trainer:  # keep
            def __init__(self, cfg):  # keep
                self.cfg = cfg  # keep
                self.w = np.ones(2)  # keep
                self.log = []
            def step(self, i):  # keep
                self.log.append((i, float(self.w.sum())))
                self.w *= 1 - self.cfg.lr  # keep
            def run(self):  # keep
                for i in range(self.cfg.steps):  # keep
                    self.step(i)  # keep
                return self
            def plot(self):
                print(len(self.log))
        # %%
        cfg = Config(lr=0.5)  # keep
        cfg.tags.append("first")
        cfg.steps = 3  # keep
        # %%
        t = Trainer(cfg)  # keep
        t.run()  # keep
        t.plot()
        # %%
        x = t.w.tolist()  # keep
        """,
        of="x",
        extra=3,
        minimal=False,
    )


def test_a_notebook_run_out_of_order():
    check_slice(
        """
        # %% [load]
        data = [5, 3, 8, 1]  # keep
        # %% [stats]
        mean = sum(data) / len(data)
        # %% [clean]
        data = [v for v in data if v > 2]  # keep
        # %% [stats]
        mean = sum(data) / len(data)  # keep
        # %% [scale]
        scaled = [round(v / mean, 4) for v in data]  # keep
        # %% [load]
        data = [5, 3, 8, 1]
        # %% [show]
        print(mean, scaled)
        # %% [end]
        x = scaled  # keep
        """,
        of="x",
    )


def test_bootstrapped_mean():
    check_slice(
        """
        # %%
        import numpy as np, time  # keep np
        data = np.array([2.0, 4.0, 9.0])  # keep
        # %%
        rng = np.random.default_rng(3)  # keep
        preview = rng.choice(data, 3)  # keep
        preview
        # %%
        %time means = [rng.choice(data, 3).mean() for _ in range(20)]  # keep
        # %%
        np.std(means)
        # %%
        x = round(float(np.mean(means)), 8)  # keep
        """,
        of="x",
    )


def test_text_features_and_a_classifier():
    check_slice(
        """
        # %%
        from sklearn.feature_extraction.text import CountVectorizer  # keep
        from sklearn.linear_model import LogisticRegression  # keep
        from sklearn.metrics import accuracy_score
        # %%
        docs = ["good film", "bad film", "good plot", "bad plot"]  # keep
        labels = [1, 0, 1, 0]  # keep
        # %%
        vec = CountVectorizer()  # keep
        X = vec.fit_transform(docs)  # keep
        print(vec.get_feature_names_out())
        # %%
        clf = LogisticRegression(C=0.1)  # keep
        clf.fit(X, labels)  # keep
        # %%
        accuracy_score(labels, clf.predict(X))
        # %%
        docs.append("good and bad")
        # %%
        x = clf.predict(vec.transform(["bad good good"])).tolist()  # keep
        """,
        of="x",
    )


def test_a_pipeline_of_helpers_edited_on_the_way():
    check_slice(
        """
        # %% [H]
        def normalise(v):
            return v / max(v)
        # %% [D]
        values = [4, 8, 2]  # keep
        # %% [A]
        result = normalise(values)
        # %% [H]
        def normalise(v):  # keep
            top = max(v)  # keep
            print("top", top)
            return [e / top for e in v]  # keep
        # %% [A]
        result = normalise(values)  # keep
        # %% [B]
        values.append(100)
        # %% [C]
        result.sort()  # keep
        # %% [X]
        x = result  # keep
        """,
        of="x",
    )


def test_environment_and_options_set_at_the_top():
    check_slice(
        """
        # %%
        import os, warnings  # keep os
        import numpy as np  # keep
        import pandas as pd  # keep
        warnings.filterwarnings("ignore")
        pd.set_option("display.max_columns", 50)
        np.set_printoptions(precision=3)  # keep
        os.environ["DATA_Q"] = "demo"  # keep
        # %%
        def load():  # keep
            name = os.environ["DATA_Q"]  # keep
            return pd.DataFrame({"v": np.arange(4) / 3, "n": name})  # keep
        # %%
        df = load()  # keep
        df
        # %%
        x = (str(df["v"].to_numpy()), df["n"][0])  # keep
        """,
        of="x",
        extra=2,
    )


def test_a_database_session():
    check_slice(
        """
        # %%
        import sqlite3  # keep
        import pandas as pd  # keep
        con = sqlite3.connect(":memory:")  # keep
        # %%
        pd.DataFrame({"k": [1, 2], "v": [3, 4]}).to_sql("t", con, index=False)  # keep
        # %%
        pd.read_sql("select count(*) from t", con)
        # %%
        con.execute("update t set v = v * 10 where k = 2")  # keep
        con.execute("create table log (a)")
        # %%
        df = pd.read_sql("select * from t", con)  # keep
        df.head()
        # %%
        x = df["v"].tolist()  # keep
        """,
        of="x",
        extra=1,
    )
