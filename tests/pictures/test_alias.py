"""Two names, one object; and two objects that only look like one."""

from tests.picture import check_slice


def test_sorting_through_an_alias_changes_the_original():
    check_slice(
        """
        # %%
        rows = [3, 1, 2]        # keep
        names = ["a", "b"]
        # %%
        alias = rows            # keep
        alias.sort()            # keep
        print(names)
        # %%
        first = rows[0]         # keep
        """,
        of="first",
    )


def test_a_shallow_copy_shares_its_inner_lists():
    check_slice(
        """
        # %%
        a = [[1], [2]]  # keep
        b = list(a)  # keep
        # %%
        b.append([3])
        b[0].append(9)  # keep
        # %%
        x = (len(a), a[0][:])  # keep
        """,
        of="x",
    )


def test_a_slice_of_a_list_is_a_copy():
    check_slice(
        """
        # %%
        a = [1, 2, 3]  # keep
        b = a[:]
        b.sort(reverse=True)
        # %%
        x = a[0]  # keep
        """,
        of="x",
    )


def test_a_dict_copy_does_not_carry_changes_back():
    check_slice(
        """
        # %%
        base = {"lr": 1}  # keep
        other = base.copy()
        other["lr"] = 5
        # %%
        x = base["lr"]  # keep
        """,
        of="x",
    )


def test_a_multiplied_list_repeats_one_object():
    check_slice(
        """
        # %%
        grid = [[0] * 2] * 3  # keep
        size = 3
        # %%
        grid[0][1] = 7  # keep
        # %%
        x = grid[2]  # keep
        """,
        of="x",
    )


def test_an_attribute_is_an_alias():
    check_slice(
        """
        # %%
        class Box:  # keep
            label = "box"
        # %%
        box = Box()  # keep
        items = [1]  # keep
        box.items = items  # keep
        # %%
        items.append(2)  # keep
        # %%
        x = sum(box.items)  # keep
        """,
        of="x",
    )


def test_unpacking_makes_aliases():
    check_slice(
        """
        # %%
        pair = ([1], [2])  # keep
        left, right = pair  # keep
        # %%
        left.append(5)  # keep
        right.append(6)  # keep
        # %%
        x = [list(p) for p in pair]  # keep
        """,
        of="x",
    )


def test_a_loop_variable_is_an_alias_of_each_element():
    check_slice(
        """
        # %%
        rows = [{"v": 1}, {"v": 2}]  # keep
        # %%
        for row in rows:  # keep
            row["double"] = row["v"] * 2  # keep
            print(row)
        # %%
        x = [r["double"] for r in rows]  # keep
        """,
        of="x",
    )


def test_a_loop_variable_outlives_its_loop_as_an_alias():
    check_slice(
        """
        # %%
        rows = [[1], [2]]  # keep
        for row in rows:  # keep
            pass
        # %%
        row.append(3)  # keep
        # %%
        x = rows[1]  # keep
        """,
        of="x",
    )


def test_rebinding_one_name_leaves_the_other():
    check_slice(
        """
        # %%
        a = [1]  # keep
        b = a  # keep
        # %%
        a = a + [2]
        # %%
        x = list(b)  # keep
        """,
        of="x",
    )


def test_an_argument_is_an_alias_inside_a_function():
    check_slice(
        """
        # %%
        def grow(items, n=3):  # keep all
            items.extend(range(n))
        # %%
        mine = []  # keep
        yours = []
        grow(mine)  # keep
        grow(yours)
        # %%
        x = len(mine)  # keep
        """,
        of="x",
    )


def test_a_returned_argument_is_an_alias():
    check_slice(
        """
        # %%
        def same(v):  # keep all
            return v
        # %%
        a = {1}  # keep
        b = same(a)  # keep
        b.add(2)  # keep
        # %%
        x = sorted(a)  # keep
        """,
        of="x",
    )


def test_aliases_in_a_chain_of_containers():
    check_slice(
        """
        # %%
        leaf = []  # keep
        twig = {"leaf": leaf}  # keep
        branch = (twig, 0)  # keep
        tree = [branch]  # keep
        # %%
        tree[0][0]["leaf"].append("bird")  # keep
        # %%
        x = leaf[0]  # keep
        """,
        of="x",
    )


def test_a_cyclic_structure():
    check_slice(
        """
        # %%
        node = {"name": "a"}  # keep
        other = {"name": "b", "next": node}  # keep
        node["next"] = other  # keep
        # %%
        node["next"]["next"]["name"] = "z"  # keep
        # %%
        x = node["name"]  # keep
        """,
        of="x",
    )


def test_swapping_two_elements():
    check_slice(
        """
        # %%
        a = [1, 2, 3]  # keep
        b = [4, 5, 6]
        # %%
        a[0], a[2] = a[2], a[0]  # keep
        b[0], b[1] = b[1], b[0]
        # %%
        x = list(a)  # keep
        """,
        of="x",
    )


def test_swapping_two_names():
    check_slice(
        """
        # %%
        a, b = [1], [2]  # keep
        a, b = b, a  # keep
        # %%
        a.append(9)  # keep
        b.append(8)
        # %%
        x = list(a)  # keep
        """,
        of="x",
    )


def test_a_weak_reference_reaches_its_object():
    check_slice(
        """
        # %%
        import weakref  # keep
        class Node:  # keep
            pass
        # %%
        node = Node()  # keep
        link = weakref.ref(node)  # keep
        # %%
        link().size = 4  # keep
        # %%
        x = node.size  # keep
        """,
        of="x",
    )


def test_a_weak_dictionary_forgets_what_is_deleted():
    check_slice(
        """
        # %%
        import weakref  # keep
        class Node:  # keep
            pass
        # %%
        a, b = Node(), Node()  # keep
        names = weakref.WeakKeyDictionary()  # keep
        names[a] = "a"  # keep
        names[b] = "b"  # keep
        # %%
        del a  # keep
        # %%
        x = sorted(names.values())  # keep
        """,
        of="x",
        minimal=False,
    )


def test_a_chain_map_writes_into_its_first_map():
    check_slice(
        """
        # %%
        from collections import ChainMap, Counter  # keep ChainMap
        defaults = {"a": 1}
        user = {}  # keep
        # %%
        both = ChainMap(user)  # keep
        both["b"] = 5  # keep
        # %%
        x = user["b"]  # keep
        """,
        of="x",
    )


def test_a_mapping_proxy_shows_later_changes():
    check_slice(
        """
        # %%
        from types import MappingProxyType  # keep
        source = {"a": 1}  # keep
        view = MappingProxyType(source)  # keep
        # %%
        source["b"] = 2  # keep
        # %%
        x = dict(view)  # keep
        """,
        of="x",
    )


def test_a_dict_view_shows_later_changes():
    check_slice(
        """
        # %%
        stock = {"a": 1}  # keep
        keys = stock.keys()  # keep
        # %%
        stock["b"] = 0  # keep
        # %%
        x = list(keys)  # keep
        """,
        of="x",
    )


def test_a_memoryview_writes_into_its_buffer():
    check_slice(
        """
        # %%
        raw = bytearray(b"abcd")  # keep
        view = memoryview(raw)[1:3]  # keep
        # %%
        view[0] = 120  # keep
        size = len(view)
        # %%
        x = bytes(raw)  # keep
        """,
        of="x",
    )


def test_replacing_a_frozen_dataclass_shares_its_list():
    check_slice(
        """
        # %%
        from dataclasses import dataclass, replace  # keep
        @dataclass(frozen=True)  # keep
        class Run:
            name: str  # keep
            log: list  # keep
        # %%
        first = Run("a", [])  # keep
        second = replace(first, name="b")  # keep
        # %%
        second.log.append(1)  # keep
        # %%
        x = len(first.log)  # keep
        """,
        of="x",
    )


def test_copying_an_object_shares_its_attributes():
    check_slice(
        """
        # %%
        import copy  # keep
        class Job:  # keep
            def __init__(self):  # keep all
                self.steps = []
        # %%
        job = Job()  # keep
        twin = copy.copy(job)  # keep
        deep = copy.deepcopy(job)
        # %%
        twin.steps.append("fit")  # keep
        deep.steps.append("nothing")
        # %%
        x = job.steps[0]  # keep
        """,
        of="x",
    )


def test_a_list_inside_a_tuple_grows_though_the_assignment_fails():
    check_slice(
        """
        # %%
        t = ([1],)  # keep
        # %%
        t[0] += [2]  # keep
        # %%
        x = t[0][-1]  # keep
        """,
        of="x",
    )


def test_identity_of_aliases_is_part_of_the_value():
    check_slice(
        """
        # %%
        a = [1]  # keep
        b = a  # keep
        c = [1]
        # %%
        x = a is b  # keep
        """,
        of="x",
    )


def test_a_namedtuple_holds_the_same_list():
    check_slice(
        """
        # %%
        from collections import namedtuple  # keep
        Point = namedtuple("Point", "name values")  # keep
        values = []  # keep
        point = Point("p", values)  # keep
        # %%
        values.append(3)  # keep
        point = point._replace(name="q")
        # %%
        x = point.values  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_partial_holds_its_arguments():
    check_slice(
        """
        # %%
        from functools import partial  # keep
        seen = []  # keep
        note = partial(seen.append)  # keep
        # %%
        note(1)  # keep
        note(2)  # keep
        # %%
        x = sum(seen)  # keep
        """,
        of="x",
    )


def test_a_bound_method_remembers_its_object():
    check_slice(
        """
        # %%
        stock = {"a": 3}  # keep
        take = stock.pop  # keep
        # %%
        got = take("a")  # keep
        # %%
        x = len(stock)  # keep
        """,
        of="x",
    )


def test_two_lists_built_apart_do_not_touch():
    check_slice(
        """
        # %%
        train, valid = [], []  # keep
        # %%
        for i in range(6):  # keep
            if i % 2:  # keep
                train.append(i)  # keep
            else:
                valid.append(i)
        # %%
        x = list(train)  # keep
        """,
        of="x",
    )


def test_reading_fills_a_cache_of_the_library():
    check_slice(
        """
        # %%
        import networkx as nx  # keep
        g = nx.Graph()  # keep
        # %%
        g.add_edge("a", "b")  # keep
        # %%
        shown = [len(g.nodes), list(g.adj), dict(g.degree)]
        largest = max(nx.connected_components(g))
        # %%
        x = nx.to_dict_of_lists(g)  # keep
        """,
        of="x",
    )


def test_what_a_cache_of_the_library_holds_is_changed():
    check_slice(
        """
        # %%
        import networkx as nx  # keep
        g = nx.path_graph(3)  # keep
        # %%
        shown = list(g.nodes)
        # %%
        g.nodes[1]["weight"] = 7  # keep
        # %%
        x = dict(g.nodes(data=True))  # keep
        """,
        of="x",
    )


def test_a_cache_of_the_users_own_class_may_be_stale():
    check_slice(
        """
        # %%
        from functools import cached_property  # keep
        class Rows:  # keep
            def __init__(self):  # keep
                self.held = [1]  # keep
            @cached_property  # keep
            def total(self):  # keep
                return sum(self.held)  # keep
        rows = Rows()  # keep
        # %%
        first = rows.total  # keep
        # %%
        rows.held.append(5)
        # %%
        x = rows.total  # keep
        """,
        of="x",
    )
