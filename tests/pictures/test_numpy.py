"""Arrays: views, in-place operations, writing through other objects."""

import pytest

from tests.picture import check_slice

IN_PLACE = {
    "slice": ("np.arange(6)", "v[2:5] = 1"),
    "mask": ("np.arange(6)", "v[v > 3] = 0"),
    "fancy index": ("np.arange(6)", "v[[0, 2]] = 9"),
    "ellipsis": ("np.arange(6).reshape(2, 3)", "v[..., 1] = 7"),
    "boolean all": ("np.arange(6)", "v[:] = v[::-1].copy()"),
    "augmented slice": ("np.arange(6)", "v[1:] *= 2"),
    "augmented all": ("np.arange(6.0)", "v /= 2"),
    "matrix power": ("np.eye(2)", "v @= np.array([[0., 1.], [1., 0.]])"),
    "put": ("np.arange(6)", "np.put(v, [0, 1], [5, 6])"),
    "place": ("np.arange(6)", "np.place(v, v > 2, [44])"),
    "putmask": ("np.arange(6)", "np.putmask(v, v > 2, 8)"),
    "copyto": ("np.arange(6)", "np.copyto(v, 3)"),
    "out": ("np.arange(6)", "np.add(v, 1, out=v)"),
    "out of a method": ("np.arange(6.0)", "v.clip(1, 3, out=v)"),
    "add at": ("np.arange(6)", "np.add.at(v, [0, 0], 5)"),
    "sort": ("np.array([3, 1, 2])", "v.sort()"),
    "partition": ("np.array([3, 1, 2, 0])", "v.partition(1)"),
    "fill": ("np.arange(6)", "v.fill(4)"),
    "flat": ("np.arange(6).reshape(2, 3)", "v.flat[::2] = 0"),
    "transposed": ("np.arange(6).reshape(2, 3)", "v.T[0] = 5"),
    "ravel": ("np.arange(6).reshape(2, 3)", "v.ravel()[0] = 5"),
    "resize": ("np.arange(6)", "v.resize(3, refcheck=False)"),
    "shape": ("np.arange(6)", "v.shape = (2, 3)"),
    "reshape by attribute": ("np.arange(6)", "v.shape = 3, 2"),
    "itemset by view": ("np.arange(6)", "v.view()[5] = 1"),
    "byteswap": ("np.arange(3, dtype='int16')", "v.byteswap(inplace=True)"),
    "fill diagonal": ("np.zeros((3, 3))", "np.fill_diagonal(v, 2)"),
    "put along": ("np.zeros((2, 2))", "np.put_along_axis(v, np.array([[0], [1]]), 3, axis=1)"),
    "swap rows": ("np.arange(6).reshape(3, 2)", "v[[0, 2]] = v[[2, 0]]"),
    "field": ("np.zeros(2, dtype=[('a', int), ('b', int)])", "v['a'] = 7"),
    "record": ("np.zeros(2, dtype=[('a', int), ('b', int)])", "v[0] = (1, 2)"),
    "object array": ("np.array([[], {}], dtype=object)", "v[0].append(5)"),
    "imaginary part": ("np.zeros(2, dtype=complex)", "v.imag = 3"),
    "nditer": (
        "np.arange(4)",
        "for e in np.nditer(v, op_flags=['readwrite']): e[...] = e * e",
    ),
    "nan to num": ("np.array([1.0, np.nan])", "np.nan_to_num(v, copy=False)"),
    "char array": ("np.array(['a', 'b'])", "v[0] = 'z'"),
    "datetime": ("np.array(['2020-01-01'], dtype='M8[D]')", "v += 1"),
    "masked": ("np.ma.array([1, 2, 3])", "v[1] = np.ma.masked"),
    "setfield": ("np.arange(4)", "v.setfield(9, v.dtype)"),
}


@pytest.mark.parametrize("name", IN_PLACE)
def test_an_array_is_changed_by(name):
    make, change = IN_PLACE[name]
    check_slice(
        f"""
        # %%
        import numpy as np  # keep
        v = {make}  # keep
        other = np.zeros(3)
        # %%
        {change}  # keep
        # %%
        other[0] = 1
        # %%
        x = v.tolist()  # keep
        """,
        of="x",
    )


VIEWS = {
    "slice": "v[1:4]",
    "reshaped": "v.reshape(2, 3)[0]",
    "transposed": "v.reshape(2, 3).T[1]",
    "ravelled": "v.ravel()",
    "reversed": "v[::-1]",
    "new axis": "v[:, None][:, 0]",
    "as array": "np.asarray(v)",
    "cast": "v.view('int64')",
    "split": "np.split(v, 2)[1]",
    "squeezed": "v[None].squeeze()",
    "broadcast": "np.broadcast_arrays(v)[0]",
    "strided": "np.lib.stride_tricks.as_strided(v, (3,), (16,))",
    "without copying": "np.array(v, copy=False)",
    "buffer": "np.frombuffer(memoryview(v), dtype=v.dtype)",
    "diagonal view of rows": "v.reshape(3, 2)[:, 1]",
    "memory": "memoryview(v)",
    "flattened iterator": "v.flat",
    "at least two": "np.atleast_2d(v)[0]",
    "swapped": "v.reshape(2, 3).swapaxes(0, 1)[0]",
}


@pytest.mark.parametrize("name", VIEWS)
def test_a_write_through_a_view(name):
    check_slice(
        f"""
        # %%
        import numpy as np  # keep
        v = np.arange(6)  # keep
        # %%
        w = {VIEWS[name]}  # keep
        size = len(w)
        # %%
        w[1] = 50  # keep
        # %%
        x = v.tolist()  # keep
        """,
        of="x",
    )


COPIES = {
    "copy": "v.copy()",
    "fancy": "v[[0, 1, 2]]",
    "mask": "v[v > 0]",
    "flatten": "v.flatten()",
    "array": "np.array(v)",
    "astype": "v.astype(float)",
    "sum": "v + 0",
    "sorted": "np.sort(v)",
    "concatenated": "np.concatenate([v, v])",
    "repeated": "np.repeat(v, 2)",
    "list": "v.tolist()",
}


@pytest.mark.parametrize("name", COPIES)
def test_a_write_into_a_copy_is_left_out(name):
    check_slice(
        f"""
        # %%
        import numpy as np  # keep
        v = np.arange(6)  # keep
        # %%
        w = {COPIES[name]}
        w[1] = 50
        # %%
        x = int(v.sum())  # keep
        """,
        of="x",
    )


def test_a_bytearray_behind_an_array():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        raw = bytearray(4)  # keep
        v = np.frombuffer(raw, dtype="uint8")  # keep
        # %%
        raw[2] = 7  # keep
        # %%
        x = v.tolist()  # keep
        """,
        of="x",
    )


def test_an_array_behind_a_standard_library_array():
    check_slice(
        """
        # %%
        import array  # keep
        import numpy as np  # keep
        raw = array.array("i", [1, 2, 3])  # keep
        v = np.frombuffer(raw, dtype="int32")  # keep
        # %%
        v[0] = 10  # keep
        # %%
        x = raw.tolist()  # keep
        """,
        of="x",
    )


def test_write_protection_decides():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        v = np.arange(3)  # keep
        # %%
        v.setflags(write=False)  # keep
        # %%
        try:  # keep
            v[0] = 9  # keep
        except ValueError:
            print("protected")
        # %%
        x = v.tolist()  # keep
        """,
        of="x",
        minimal=False,
    )


def test_two_overlapping_views():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        base = np.zeros(6, dtype=int)  # keep
        left, right = base[:4], base[2:]  # keep
        # %%
        left[:] = 1  # keep
        right += 1  # keep
        # %%
        x = left.tolist()  # keep
        """,
        of="x",
    )


def test_views_of_disjoint_parts():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        base = np.zeros(6, dtype=int)  # keep
        left, right = base[:3], base[3:]  # keep
        # %%
        left[:] = 1  # keep
        right[:] = 2
        # %%
        x = left.tolist()  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_row_filled_in_a_loop():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        table = np.zeros((3, 2))  # keep
        times = np.zeros(3)
        # %%
        for i in range(3):  # keep
            row = table[i]  # keep
            row[:] = i  # keep
            times[i] = i * 0.1
        # %%
        x = table.tolist()  # keep
        """,
        of="x",
    )


def test_a_ufunc_from_a_python_function_with_a_side_effect():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        seen = []  # keep
        f = np.frompyfunc(lambda v: seen.append(int(v)) or v, 1, 1)  # keep
        # %%
        y = f(np.arange(3))  # keep
        # %%
        x = seen  # keep
        """,
        of="x",
    )


def test_vectorized_state():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        offset = 10  # keep
        shift = np.vectorize(lambda v: v + offset)  # keep
        # %%
        offset = 20  # keep
        # %%
        x = shift(np.arange(3)).tolist()  # keep
        """.replace("offset = 10  # keep", "offset = 10"),
        of="x",
    )


def test_an_array_held_by_an_object():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        class Net:  # keep
            def __init__(self):  # keep
                self.w = np.zeros(2)  # keep
                self.b = np.zeros(2)
            def step(self, g):  # keep
                self.w -= g  # keep
                self.b -= g
        # %%
        net = Net()  # keep
        w = net.w  # keep
        # %%
        net.step(np.array([1.0, 2.0]))  # keep
        # %%
        x = w.tolist()  # keep
        """,
        of="x",
        extra=2,
    )


def test_a_broadcast_view_is_read_after_a_write():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        row = np.arange(3)  # keep
        wide = np.broadcast_to(row, (2, 3))  # keep
        # %%
        row[0] = 9  # keep
        # %%
        x = wide.tolist()  # keep
        """,
        of="x",
    )


def test_an_element_is_not_a_view():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        v = np.arange(3)  # keep
        e = v[1]
        e += 10
        # %%
        x = v.tolist()  # keep
        """,
        of="x",
    )


def test_an_augmented_row_is_a_write_into_the_matrix():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        m = np.ones((2, 2))  # keep
        # %%
        row = m[0]  # keep
        row += 5  # keep
        row = row + 1
        # %%
        x = m.tolist()  # keep
        """,
        of="x",
    )


def test_unneeded_statistics_of_an_array():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        v = np.linspace(0, 1, 5)  # keep
        # %%
        v.mean(), v.std()
        print(v.min())
        hist, edges = np.histogram(v)
        # %%
        v *= 2  # keep
        # %%
        x = v.tolist()  # keep
        """,
        of="x",
    )


def test_a_poly_object_and_its_coefficients():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        p = np.polynomial.Polynomial([1, 2])  # keep
        # %%
        p.coef[0] = 5  # keep
        # %%
        x = float(p(2))  # keep
        """,
        of="x",
    )


def test_a_sparse_matrix_is_filled():
    check_slice(
        """
        # %%
        from scipy import sparse, stats  # keep sparse
        m = sparse.lil_matrix((2, 2))  # keep
        # %%
        m[0, 1] = 4  # keep
        # %%
        x = m.toarray().tolist()  # keep
        """,
        of="x",
    )
