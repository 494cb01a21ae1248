"""Random draws: each one moves a generator that later draws read."""

import pytest

from tests.picture import check_slice

PYTHON_DRAWS = [
    "random.random()",
    "random.randint(1, 9)",
    "random.choice('abc')",
    "random.sample(range(9), 3)",
    "random.gauss(0, 1)",
    "random.shuffle([1, 2, 3])",
    "random.getrandbits(40)",
    "random.choices('ab', k=5)",
]


@pytest.mark.parametrize("draw", PYTHON_DRAWS)
def test_an_earlier_draw_moves_the_python_generator(draw):
    check_slice(
        f"""
        # %%
        import random  # keep
        random.seed(11)  # keep
        # %%
        first = {draw}  # keep
        other = 1
        # %%
        x = [random.random() for _ in range(3)]  # keep
        """,
        of="x",
    )


NUMPY_DRAWS = [
    "np.random.rand(2)",
    "np.random.randn()",
    "np.random.randint(0, 5, 3)",
    "np.random.permutation(4)",
    "np.random.choice([1, 2, 3])",
    "np.random.normal(size=3)",
    "np.random.multinomial(3, [0.5, 0.5])",
]


@pytest.mark.parametrize("draw", NUMPY_DRAWS)
def test_an_earlier_draw_moves_the_numpy_generator(draw):
    check_slice(
        f"""
        # %%
        import numpy as np  # keep
        np.random.seed(11)  # keep
        # %%
        {draw}  # keep
        # %%
        x = np.random.rand(3).tolist()  # keep
        """,
        of="x",
    )


def test_a_seed_after_the_draw_makes_it_unneeded():
    check_slice(
        """
        # %%
        import random  # keep
        random.seed(1)
        a = random.random()
        # %%
        random.seed(2)  # keep
        # %%
        x = random.random()  # keep
        """,
        of="x",
    )


def test_python_and_numpy_generators_are_apart():
    check_slice(
        """
        # %%
        import random  # keep
        import numpy as np
        random.seed(1)  # keep
        np.random.seed(1)
        # %%
        a = np.random.rand(3)
        # %%
        x = random.random()  # keep
        """,
        of="x",
    )


def test_own_generators_are_apart():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        a, b = np.random.default_rng(1), np.random.default_rng(2)  # keep
        # %%
        first = a.normal(size=3)  # keep
        other = b.normal(size=3)
        # %%
        x = a.normal()  # keep
        """,
        of="x",
    )


def test_an_own_python_generator():
    check_slice(
        """
        # %%
        import random  # keep
        r = random.Random(5)  # keep
        random.seed(1)
        # %%
        r.shuffle([1, 2, 3])  # keep
        random.random()
        # %%
        x = r.random()  # keep
        """,
        of="x",
    )


def test_a_bound_draw():
    check_slice(
        """
        # %%
        from random import random, seed, shuffle  # keep random seed
        seed(3)  # keep
        # %%
        random()  # keep
        # %%
        x = random()  # keep
        """,
        of="x",
    )


def test_a_state_saved_and_put_back():
    check_slice(
        """
        # %%
        import random  # keep
        random.seed(3)  # keep
        state = random.getstate()  # keep
        # %%
        a = random.random()
        # %%
        random.setstate(state)  # keep
        # %%
        x = random.random()  # keep
        """,
        of="x",
        minimal=False,
    )


def test_a_numpy_state_saved_and_put_back():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        np.random.seed(3)  # keep
        a = np.random.rand()  # keep
        state = np.random.get_state()  # keep
        # %%
        b = np.random.rand(5)
        # %%
        np.random.set_state(state)  # keep
        # %%
        x = np.random.rand()  # keep
        """,
        of="x",
        extra=1,
        minimal=False,
    )


def test_draws_inside_a_function():
    check_slice(
        """
        # %%
        import random  # keep
        random.seed(9)  # keep
        def roll(n):  # keep all
            return [random.randint(1, 6) for _ in range(n)]
        # %%
        warmup = roll(3)  # keep
        print(warmup)
        # %%
        x = roll(2)  # keep
        """,
        of="x",
    )


def test_a_shuffle_through_an_alias():
    check_slice(
        """
        # %%
        import random  # keep
        random.seed(9)  # keep
        deck = list(range(8))  # keep
        hand = deck  # keep
        # %%
        random.shuffle(hand)  # keep
        # %%
        x = deck[:3]  # keep
        """,
        of="x",
    )


def test_a_shuffle_of_columns_of_an_array():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        rng = np.random.default_rng(4)  # keep
        m = np.arange(12).reshape(3, 4)  # keep
        # %%
        rng.shuffle(m, axis=1)  # keep
        copy = rng.permuted(m)
        # %%
        x = m.tolist()  # keep
        """,
        of="x",
    )


def test_a_legacy_random_state_shared_by_two_calls():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        state = np.random.RandomState(7)  # keep
        # %%
        def noise(rs, n):  # keep all
            return rs.normal(size=n)
        # %%
        a = noise(state, 2)  # keep
        # %%
        x = noise(state, 2).tolist()  # keep
        """,
        of="x",
    )


def test_a_random_state_shared_by_estimators():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        from sklearn.model_selection import train_test_split  # keep
        rs = np.random.RandomState(0)  # keep
        # %%
        a, b = train_test_split(list(range(10)), random_state=rs)  # keep
        print(len(a))
        # %%
        x, rest = train_test_split(list(range(10)), random_state=rs)  # keep
        """,
        of="x",
    )


def test_a_fixed_random_state_needs_no_earlier_draw():
    check_slice(
        """
        # %%
        import numpy as np
        from sklearn.model_selection import train_test_split  # keep
        np.random.seed(0)
        np.random.rand(4)
        # %%
        x, rest = train_test_split(list(range(10)), random_state=3)  # keep
        """,
        of="x",
    )


def test_a_forest_draws_from_the_global_generator():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        from sklearn.ensemble import RandomForestRegressor  # keep
        np.random.seed(2)  # keep
        X = np.arange(20.0).reshape(-1, 1)  # keep
        y = X.ravel() ** 2  # keep
        # %%
        first = RandomForestRegressor(n_estimators=2).fit(X, y)  # keep
        # %%
        second = RandomForestRegressor(n_estimators=2).fit(X, y)  # keep
        # %%
        x = second.predict([[3.3], [11.7], [16.1]]).tolist()  # keep
        """,
        of="x",
    )


def test_pandas_samples_from_the_global_generator():
    check_slice(
        """
        # %%
        import numpy as np, pandas as pd  # keep
        df = pd.DataFrame({"a": range(20)})  # keep
        np.random.seed(5)  # keep
        # %%
        preview = df.sample(3)  # keep
        # %%
        x = df.sample(3)["a"].tolist()  # keep
        """,
        of="x",
    )


def test_a_spawned_generator():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        seq = np.random.SeedSequence(8)  # keep
        # %%
        first = seq.spawn(1)  # keep
        # %%
        child = seq.spawn(1)[0]  # keep
        x = np.random.default_rng(child).integers(0, 1000, 4).tolist()  # keep
        """,
        of="x",
    )


def test_a_jumped_bit_generator():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        bits = np.random.PCG64(5)  # keep
        rng = np.random.Generator(bits)  # keep
        # %%
        bits.advance(10)  # keep
        # %%
        x = int(rng.integers(1000))  # keep
        """,
        of="x",
    )


def test_two_generators_on_one_bit_generator():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        bits = np.random.PCG64(5)  # keep
        a, b = np.random.Generator(bits), np.random.Generator(bits)  # keep
        # %%
        a.random()  # keep
        # %%
        x = b.random()  # keep
        """,
        of="x",
    )


def test_a_cross_validation_splitter_with_a_seed():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        from sklearn.model_selection import KFold  # keep
        folds = KFold(3, shuffle=True, random_state=np.random.RandomState(1))  # keep
        # %%
        list(folds.split(range(9)))  # keep
        # %%
        x = [list(map(int, t)) for _, t in folds.split(range(9))]  # keep
        """,
        of="x",
    )


def test_a_seed_in_the_same_cell_as_noise():
    check_slice(
        """
        # %%
        import random, math  # keep random
        random.seed(6); a = 3; b = math.pi  # keep 1
        # %%
        noise = [random.random() for i in range(4)]  # keep
        print(noise)
        mean = sum(noise) / 4
        # %%
        x = random.random()  # keep
        """,
        of="x",
    )


def test_draws_in_a_branch_that_ran():
    check_slice(
        """
        # %%
        import random  # keep
        random.seed(6)  # keep
        burn = True  # keep
        # %%
        if burn:  # keep
            for i in range(5):  # keep
                random.random()  # keep
                print(i)
        # %%
        x = random.random()  # keep
        """,
        of="x",
    )


def test_the_secret_of_a_uuid_from_a_seed():
    check_slice(
        """
        # %%
        import random, uuid  # keep
        random.seed(1)  # keep
        # %%
        a = uuid.UUID(int=random.getrandbits(128))  # keep
        # %%
        x = str(uuid.UUID(int=random.getrandbits(128)))  # keep
        """,
        of="x",
    )
