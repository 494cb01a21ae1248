"""Estimators: fitted in place, cloned, joined, set anew."""

from tests.picture import check_slice


def test_a_scaler_fitted_in_one_cell_and_used_in_another():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        from sklearn.preprocessing import MinMaxScaler, StandardScaler  # keep StandardScaler
        X = np.array([[1.0], [3.0]])  # keep
        # %%
        scaler = StandardScaler()  # keep
        scaler.fit(X)  # keep
        other = MinMaxScaler().fit(X)
        # %%
        x = scaler.transform([[5.0]]).tolist()  # keep
        """.replace("        other = MinMaxScaler().fit(X)\n", ""),
        of="x",
    )


def test_fit_transform_fits():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        from sklearn.preprocessing import StandardScaler  # keep
        X = np.array([[1.0], [3.0]])  # keep
        # %%
        scaler = StandardScaler()  # keep
        Z = scaler.fit_transform(X)  # keep
        # %%
        x = scaler.mean_.tolist()  # keep
        """,
        of="x",
    )


def test_partial_fits_add_up():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        from sklearn.linear_model import SGDRegressor  # keep
        X, y = np.array([[1.0], [2.0]]), np.array([1.0, 2.0])  # keep
        # %%
        m = SGDRegressor(random_state=0)  # keep
        # %%
        m.partial_fit(X, y)  # keep
        score = m.score(X, y)
        # %%
        m.partial_fit(X, y)  # keep
        # %%
        x = m.coef_.tolist()  # keep
        """,
        of="x",
    )


def test_a_second_fit_makes_the_first_unneeded():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        from sklearn.linear_model import LinearRegression  # keep
        X, y = np.array([[1.0], [2.0]]), np.array([1.0, 2.0])  # keep
        # %%
        m = LinearRegression()  # keep
        m.fit(X, -y)
        # %%
        m.fit(X, y)  # keep
        # %%
        x = m.coef_.round(6).tolist()  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_fit_that_failed_is_mended():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        from sklearn.linear_model import LinearRegression  # keep
        X, y = np.array([[1.0], [2.0]]), np.array([1.0, 2.0])  # keep
        m = LinearRegression()  # keep
        # %%
        m.fit(y, X)
        # %%
        m.fit(X, y)  # keep
        # %%
        x = m.predict([[4.0]]).round(6).tolist()  # keep
        """,
        of="x",
        extra=4,
    )


def test_a_pipeline_holds_its_steps():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        from sklearn.pipeline import make_pipeline  # keep
        from sklearn.preprocessing import StandardScaler  # keep
        from sklearn.linear_model import Ridge  # keep
        X, y = np.array([[1.0], [2.0], [4.0]]), np.array([1.0, 2.0, 3.0])  # keep
        # %%
        scaler, ridge = StandardScaler(), Ridge()  # keep
        pipe = make_pipeline(scaler, ridge)  # keep
        # %%
        pipe.fit(X, y)  # keep
        print(pipe.score(X, y))
        # %%
        x = ridge.coef_.tolist()  # keep
        """,
        of="x",
    )


def test_parameters_set_inside_a_pipeline():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        from sklearn.pipeline import Pipeline  # keep
        from sklearn.linear_model import Ridge  # keep
        X, y = np.array([[1.0], [2.0], [4.0]]), np.array([1.0, 2.0, 3.0])  # keep
        # %%
        pipe = Pipeline([("model", Ridge())])  # keep
        # %%
        pipe.set_params(model__alpha=10.0)  # keep
        # %%
        pipe.fit(X, y)  # keep
        x = pipe.predict([[3.0]]).tolist()  # keep
        """,
        of="x",
    )


def test_a_parameter_set_as_an_attribute():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        from sklearn.linear_model import Ridge  # keep
        X, y = np.array([[1.0], [2.0], [4.0]]), np.array([1.0, 2.0, 3.0])  # keep
        m = Ridge()  # keep
        # %%
        m.alpha = 100.0  # keep
        # %%
        x = m.fit(X, y).coef_.tolist()  # keep
        """,
        of="x",
    )


def test_a_clone_is_unfitted_and_apart():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        from sklearn.base import clone  # keep
        from sklearn.linear_model import Ridge  # keep
        X, y = np.array([[1.0], [2.0], [4.0]]), np.array([1.0, 2.0, 3.0])  # keep
        # %%
        m = Ridge(alpha=3.0)  # keep
        m.fit(X, y)
        # %%
        twin = clone(m)  # keep
        m.set_params(alpha=1.0)
        # %%
        twin.fit(X, -y)  # keep
        x = twin.coef_.tolist()  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_grid_search():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        from sklearn.model_selection import GridSearchCV, cross_val_score  # keep GridSearchCV
        from sklearn.tree import DecisionTreeRegressor  # keep
        X = np.arange(12.0).reshape(-1, 1)  # keep
        y = (X.ravel() > 5) * 1.0  # keep
        # %%
        grid = {"max_depth": [1]}  # keep
        grid["max_depth"].append(3)  # keep
        grid["min_samples_leaf"] = [1, 5]  # keep
        # %%
        search = GridSearchCV(DecisionTreeRegressor(random_state=0), grid, cv=3)  # keep
        search.fit(X, y)  # keep
        # %%
        print(search.best_score_)
        # %%
        x = len(search.cv_results_["params"])  # keep
        """,
        of="x",
    )


def test_a_warm_start_goes_on_from_the_last_fit():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        from sklearn.ensemble import GradientBoostingRegressor  # keep
        X = np.arange(10.0).reshape(-1, 1)  # keep
        y = X.ravel() ** 2  # keep
        # %%
        m = GradientBoostingRegressor(n_estimators=2, warm_start=True, random_state=0)  # keep
        m.fit(X, y)  # keep
        # %%
        m.n_estimators = 4  # keep
        m.fit(X, -y)  # keep
        # %%
        x = m.predict([[4.0]]).tolist()  # keep
        """,
        of="x",
    )


def test_models_in_a_dictionary_fitted_in_a_loop():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        from sklearn.linear_model import LinearRegression, Ridge  # keep
        X, y = np.array([[1.0], [2.0], [4.0]]), np.array([1.0, 2.0, 3.0])  # keep
        models = {"lin": LinearRegression(), "ridge": Ridge()}  # keep
        scores = {}
        # %%
        for name, m in models.items():  # keep
            m.fit(X, y)  # keep
            scores[name] = m.score(X, y)
            print(name, scores[name])
        # %%
        x = models["ridge"].coef_.tolist()  # keep
        """,
        of="x",
    )


def test_coefficients_changed_by_hand():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        from sklearn.linear_model import LinearRegression  # keep
        X, y = np.array([[1.0], [2.0]]), np.array([1.0, 2.0])  # keep
        m = LinearRegression().fit(X, y)  # keep
        # %%
        m.coef_[0] = 5.0  # keep
        m.intercept_ = 1.0  # keep
        # %%
        x = m.predict([[2.0]]).tolist()  # keep
        """,
        of="x",
    )


def test_an_own_estimator_with_needed_and_unneeded_methods():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        from sklearn.base import BaseEstimator, RegressorMixin  # keep BaseEstimator
        class Mean(BaseEstimator):  # keep
            def fit(self, X, y):  # keep
                self.mean_ = y.mean()  # keep
                self.n_ = len(y)
                return self  # keep
            def predict(self, X):  # keep all
                return np.full(len(X), self.mean_)
            def explain(self):
                print("the mean", self.mean_)
        # %%
        m = Mean().fit(None, np.array([1.0, 5.0]))  # keep
        # %%
        x = m.predict([0, 0]).tolist()  # keep
        """,
        of="x",
    )


def test_a_model_saved_and_loaded():
    check_slice(
        """
        # %%
        import joblib  # keep
        from sklearn.linear_model import Ridge  # keep
        m = Ridge().fit([[0.0], [1.0]], [0.0, 2.0])  # keep
        # %%
        joblib.dump(m, "m.joblib")  # keep
        # %%
        back = joblib.load("m.joblib")  # keep
        # %%
        x = back.coef_.tolist()  # keep
        """,
        of="x",
    )


def test_an_encoder_learns_its_categories():
    check_slice(
        """
        # %%
        from sklearn.preprocessing import LabelEncoder  # keep
        enc = LabelEncoder()  # keep
        # %%
        codes = enc.fit_transform(["b", "a"])  # keep
        # %%
        x = enc.classes_.tolist()  # keep
        """,
        of="x",
    )


def test_a_column_transformer():
    check_slice(
        """
        # %%
        import pandas as pd  # keep
        from sklearn.compose import ColumnTransformer  # keep
        from sklearn.preprocessing import OneHotEncoder, StandardScaler  # keep
        df = pd.DataFrame({"n": [1.0, 2.0, 3.0], "c": list("aba")})  # keep
        df["unused"] = 0
        # %%
        steps = [("num", StandardScaler(), ["n"])]  # keep
        steps.append(("cat", OneHotEncoder(), ["c"]))  # keep
        # %%
        ct = ColumnTransformer(steps)  # keep
        Z = ct.fit_transform(df)  # keep
        # %%
        x = Z.tolist()  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_shared_scaler_fitted_again_by_another_use():
    check_slice(
        """
        # %%
        from sklearn.preprocessing import StandardScaler  # keep
        scaler = StandardScaler()  # keep
        train, test = [[1.0], [3.0]], [[5.0], [9.0]]  # keep
        # %%
        a = scaler.fit_transform(train)
        # %%
        b = scaler.fit_transform(test)  # keep
        # %%
        x = scaler.inverse_transform([[0.0]]).tolist()  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_metric_only_printed():
    check_slice(
        """
        # %%
        from sklearn.linear_model import Ridge  # keep
        from sklearn.metrics import mean_squared_error
        X, y = [[0.0], [1.0], [2.0]], [0.0, 1.0, 2.5]  # keep
        # %%
        m = Ridge(alpha=0.1).fit(X, y)  # keep
        # %%
        pred = m.predict(X)
        print("mse", mean_squared_error(y, pred))
        # %%
        x = m.intercept_  # keep
        """,
        of="x",
    )


def test_arrays_in_memory_that_compiled_code_lends():
    check_slice(
        """
        # %%
        from sklearn.tree import DecisionTreeClassifier             # keep
        # %%
        model = DecisionTreeClassifier().fit([[0], [1]], [0, 1])    # keep
        path = model.decision_path([[1]])   # keep
        # %%
        ends = path.indices[0:1]
        passed = path.toarray()
        # %%
        x = path.toarray().tolist()         # keep
        """,
        of="x",
    )
