"""Parts of objects: keys, indices, attributes; and reads that need the whole."""

import pytest

from tests.picture import check_slice

WHOLE_READS = {
    "length": ("len(d)", 2),
    "keys": ("list(d)", 2),
    "values": ("sum(d.values())", 2),
    "membership": ("'b' in d", 1),
    "copy": ("dict(d)", 2),
    "unpacking": ("{**d}", 2),
    "text": ("str(d)", 2),
    "loop": ("[v for v in d.values()]", 2),
    "equality": ("d == {'a': 1, 'b': 2}", 2),
}


@pytest.mark.parametrize("name", WHOLE_READS)
def test_a_read_of_the_whole_dictionary(name):
    read, needed = WHOLE_READS[name]
    first = "  # keep" if needed == 2 else ""
    check_slice(
        f"""
        # %%
        d = {{}}  # keep
        # %%
        d["a"] = 1{first}
        d["b"] = 2  # keep
        # %%
        x = {read}  # keep
        """,
        of="x",
        extra=2 - needed,
    )


ELEMENT_READS = {
    "subscript": "d['b']",
    "get": "d.get('b')",
    "get with a default": "d.get('b', 0)",
    "computed key": "d[''.join(['b'])]",
    "formatted key": "d[f'{\"b\"}']",
    "pop": "d.pop('b')",
    "setdefault": "d.setdefault('b', 0)",
    "item getter": "__import__('operator').itemgetter('b')(d)",
}


@pytest.mark.parametrize("name", ELEMENT_READS)
def test_a_read_of_one_key(name):
    plain = name in ("subscript", "get", "get with a default")
    check_slice(
        f"""
        # %%
        d = {{}}  # keep
        # %%
        d["a"] = 1
        d["b"] = 2  # keep
        # %%
        x = {ELEMENT_READS[name]}  # keep
        """,
        of="x",
        extra=0 if plain else 1,
    )


def test_a_key_that_is_a_name():
    check_slice(
        """
        # %%
        d = {}  # keep
        key = "b"  # keep
        # %%
        d["a"] = 1
        d[key] = 2  # keep
        # %%
        x = d["b"]  # keep
        """,
        of="x",
    )


def test_a_key_that_moved_on_before_the_read():
    check_slice(
        """
        # %%
        d, key = {}, "a"  # keep
        d[key] = 1  # keep
        # %%
        key = "b"
        d[key] = 2
        # %%
        x = d["a"]  # keep
        """,
        of="x",
        extra=0,
    )


def test_nested_keys():
    check_slice(
        """
        # %%
        cfg = {"model": {}, "data": {}}  # keep
        # %%
        cfg["model"]["depth"] = 3  # keep
        cfg["model"]["width"] = 8
        cfg["data"]["path"] = "/x"
        # %%
        x = cfg["model"]["depth"]  # keep
        """,
        of="x",
        extra=1,
    )


def test_an_inner_dictionary_replaced():
    check_slice(
        """
        # %%
        cfg = {"model": {"depth": 1}}  # keep
        cfg["model"]["depth"] = 2
        # %%
        cfg["model"] = {"depth": 5}  # keep
        # %%
        x = cfg["model"]["depth"]  # keep
        """,
        of="x",
        extra=1,
    )


def test_an_element_through_an_alias_of_the_inner_part():
    check_slice(
        """
        # %%
        cfg = {"model": {"depth": 1}}  # keep
        model = cfg["model"]  # keep
        # %%
        model["depth"] = 7  # keep
        cfg["other"] = 1
        # %%
        x = cfg["model"]["depth"]  # keep
        """,
        of="x",
    )


def test_an_element_of_a_list():
    check_slice(
        """
        # %%
        v = [0, 0, 0]  # keep
        # %%
        v[0] = 1
        v[1] = 2  # keep
        v[2] = 3
        # %%
        x = v[1]  # keep
        """,
        of="x",
    )


def test_a_negative_index_is_the_same_element():
    check_slice(
        """
        # %%
        v = [0, 0, 0]  # keep
        # %%
        v[2] = 5  # keep
        # %%
        x = v[-1]  # keep
        """,
        of="x",
    )


def test_an_insertion_moves_the_elements():
    check_slice(
        """
        # %%
        v = [1, 2]  # keep
        # %%
        v.insert(0, 9)  # keep
        # %%
        x = v[2]  # keep
        """,
        of="x",
    )


def test_appending_behind_does_not_matter_to_the_first():
    check_slice(
        """
        # %%
        v = [1, 2]  # keep
        # %%
        v.append(3)
        # %%
        x = v[0]  # keep
        """,
        of="x",
        extra=1,
    )


def test_equal_keys_of_different_types():
    check_slice(
        """
        # %%
        d = {}  # keep
        d[1] = "int"
        d[True] = "bool"  # keep
        # %%
        x = d[1.0]  # keep
        """,
        of="x",
    )


def test_an_augmented_element():
    check_slice(
        """
        # %%
        d = {"a": 1, "b": 1}  # keep
        # %%
        d["a"] += 5  # keep
        d["b"] += 7
        # %%
        x = d["a"]  # keep
        """,
        of="x",
    )


def test_an_updated_dictionary_overwrites_one_key():
    check_slice(
        """
        # %%
        d = {"a": 1}  # keep
        d["a"] = 2
        # %%
        d.update(a=3)  # keep
        # %%
        x = d["a"]  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_removed_key_falls_to_the_default():
    check_slice(
        """
        # %%
        d = {"a": 1}  # keep
        # %%
        del d["a"]  # keep
        # %%
        x = d.get("a", "gone")  # keep
        """,
        of="x",
    )


def test_order_of_keys_is_part_of_the_value():
    check_slice(
        """
        # %%
        d = {"a": 1, "b": 2}  # keep
        # %%
        d["a"] = d.pop("a")  # keep
        # %%
        x = list(d)  # keep
        """,
        of="x",
    )


def test_a_whole_replaced_needs_no_element_writes():
    check_slice(
        """
        # %%
        d = {"a": 1}
        d["b"] = 2
        # %%
        d = {"c": 3}  # keep
        # %%
        x = dict(d)  # keep
        """,
        of="x",
    )


def test_attributes_of_a_namespace():
    check_slice(
        """
        # %%
        from types import SimpleNamespace  # keep
        cfg = SimpleNamespace(lr=1, n=2)  # keep
        # %%
        cfg.lr = 0.1  # keep
        cfg.n = 3
        cfg.tag = "t"
        # %%
        x = cfg.lr * 10  # keep
        """,
        of="x",
    )


def test_an_attribute_of_an_element_of_an_attribute():
    check_slice(
        """
        # %%
        from types import SimpleNamespace as N  # keep
        tree = N(kids=[N(v=1), N(v=2)])  # keep
        # %%
        tree.kids[0].v = 10  # keep
        tree.kids[1].v = 20
        # %%
        x = tree.kids[0].v  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_function_reads_one_key_of_its_argument():
    check_slice(
        """
        # %%
        cfg = {"lr": 1, "tag": "a"}  # keep
        cfg["lr"] = 2  # keep
        cfg["tag"] = "b"
        # %%
        def rate(c):  # keep all
            return c["lr"] * 10
        # %%
        x = rate(cfg)  # keep
        """,
        of="x",
    )


def test_a_function_that_spreads_its_argument_reads_all():
    check_slice(
        """
        # %%
        cfg = {"a": 1}  # keep
        cfg["b"] = 2  # keep
        # %%
        def total(a, b):  # keep all
            return a + b
        # %%
        x = total(**cfg)  # keep
        """,
        of="x",
    )


def test_results_collected_under_keys():
    check_slice(
        """
        # %%
        results = {}  # keep
        def score(n):  # keep all
            return n * n
        # %% [A]
        results["small"] = score(2)
        # %% [B]
        results["large"] = score(9)  # keep
        # %% [C]
        x = results["large"]  # keep
        """,
        of="x",
    )


def test_an_element_made_from_another():
    check_slice(
        """
        # %%
        d = {"raw": [3, 1]}  # keep
        # %%
        d["sorted"] = sorted(d["raw"])  # keep
        d["text"] = str(d["raw"])
        # %%
        d["first"] = d["sorted"][0]  # keep
        # %%
        x = d["first"]  # keep
        """,
        of="x",
    )


def test_a_key_written_in_a_loop():
    check_slice(
        """
        # %%
        table = {}  # keep
        for k in "abc":  # keep
            table[k] = ord(k)  # keep
            table[k.upper()] = 0
        # %%
        x = table["b"]  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_slice_of_a_list_was_written():
    check_slice(
        """
        # %%
        v = [0] * 6  # keep
        # %%
        v[0:3] = [1, 1, 1]  # keep
        v[5] = 9
        # %%
        x = v[1]  # keep
        """,
        of="x",
        extra=1,
    )


def test_arrays_in_a_dictionary():
    check_slice(
        """
        # %%
        import numpy as np  # keep
        params = {"w": np.zeros(2), "b": np.zeros(1)}  # keep
        # %%
        params["w"] += 1  # keep
        params["b"] -= 1
        # %%
        x = params["w"].tolist()  # keep
        """,
        of="x",
        extra=1,
    )
