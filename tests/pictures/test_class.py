"""Classes and their instances: state on both, registries, descriptors, metaclasses."""

from tests.picture import check_slice


def test_an_instance_counter_on_the_class():
    check_slice(
        """
        # %%
        class Node:  # keep
            made = 0  # keep
            def __init__(self):  # keep all
                Node.made += 1
            def show(self):
                print(self.made)
        # %%
        a = Node()  # keep
        b = Node()  # keep
        a.show()
        # %%
        x = Node.made  # keep
        """,
        of="x",
    )


def test_a_mutable_class_attribute_is_shared():
    check_slice(
        """
        # %%
        class Bag:  # keep
            items = []  # keep
        a = Bag()  # keep
        b = Bag()  # keep
        # %%
        a.items.append(3)  # keep
        # %%
        x = b.items[0]  # keep
        """,
        of="x",
    )


def test_a_subclass_registry():
    check_slice(
        """
        # %%
        class Base:  # keep
            known = {}  # keep
            def __init_subclass__(cls, **kw):  # keep all
                Base.known[cls.__name__] = cls
        # %%
        class A(Base):  # keep
            size = 1  # keep
        class B(Base):
            size = 2
        # %%
        x = Base.known["A"].size  # keep
        """,
        of="x",
    )


def test_a_metaclass_registry():
    check_slice(
        """
        # %%
        names = []  # keep
        class Meta(type):  # keep
            def __new__(mcls, name, bases, body):  # keep all
                names.append(name)
                return super().__new__(mcls, name, bases, body)
        # %%
        class First(metaclass=Meta):  # keep
            pass
        # %%
        class Second(First):  # keep
            pass
        # %%
        x = names[:]  # keep
        """,
        of="x",
    )


def test_a_property_with_a_side_effect():
    check_slice(
        """
        # %%
        class Meter:  # keep
            reads = 0  # keep
            @property  # keep all
            def value(self):
                self.reads += 1
                return 42
        # %%
        m = Meter()  # keep
        m.value  # keep
        m.value  # keep
        # %%
        x = m.reads  # keep
        """,
        of="x",
        minimal=False,
    )


def test_a_property_setter():
    check_slice(
        """
        # %%
        class Temp:  # keep
            def __init__(self):
                self.c = 0
            @property  # keep all
            def f(self):
                return self.c * 9 / 5 + 32
            @f.setter  # keep all
            def f(self, v):
                self.c = (v - 32) * 5 / 9
        # %%
        t = Temp()  # keep
        t.f = 212  # keep
        # %%
        x = t.c  # keep
        """,
        of="x",
        minimal=False,
        extra=2,
    )


def test_reading_an_item_changes_the_object():
    check_slice(
        """
        # %%
        class Lazy(dict):  # keep
            def __missing__(self, key):  # keep all
                self[key] = len(self)
                return self[key]
        # %%
        ids = Lazy()  # keep
        ids["a"]  # keep
        ids["b"]  # keep
        # %%
        x = ids["b"]  # keep
        """,
        of="x",
        minimal=False,
    )


def test_a_descriptor_keeps_values_elsewhere():
    check_slice(
        """
        # %%
        store = {}  # keep
        class Field:  # keep
            def __set_name__(self, owner, name):  # keep all
                self.name = name
            def __get__(self, obj, owner):  # keep all
                return store[self.name]
            def __set__(self, obj, value):  # keep all
                store[self.name] = value
        # %%
        class Row:  # keep
            a = Field()  # keep
            b = Field()
        # %%
        row = Row()  # keep
        row.a = 4  # keep
        # %%
        x = row.a  # keep
        """,
        of="x",
        minimal=False,
    )


def test_a_cached_property_keeps_the_first_value():
    check_slice(
        """
        # %%
        from functools import cached_property  # keep
        class Data:  # keep
            def __init__(self, v):  # keep all
                self.v = v
            @cached_property  # keep all
            def total(self):
                return sum(self.v)
        # %%
        d = Data([1, 2])  # keep
        first = d.total  # keep
        d.v = [100]
        # %%
        x = d.total  # keep
        """,
        of="x",
        minimal=False,
        extra=1,
    )


def test_a_method_added_later():
    check_slice(
        """
        # %%
        class A:  # keep
            pass
        a = A()  # keep
        # %%
        def size(self):  # keep all
            return 3
        A.size = size  # keep
        A.other = lambda self: 4
        # %%
        x = a.size()  # keep
        """,
        of="x",
    )


def test_a_method_on_one_instance_only():
    check_slice(
        """
        # %%
        import types  # keep
        class A:  # keep
            v = 5  # keep
        a, b = A(), A()  # keep
        # %%
        a.f = types.MethodType(lambda self: self.v * 2, a)  # keep
        # %%
        x = a.f()  # keep
        """,
        of="x",
    )


def test_an_instance_keeps_the_class_it_was_made_from():
    check_slice(
        """
        # %% [C]
        class A:  # keep
            def f(self):  # keep all
                return 1
        # %% [D]
        a = A()  # keep
        # %% [C]
        class A:
            def f(self):
                return 2
        # %% [E]
        x = a.f()  # keep
        """,
        of="x",
    )


def test_changing_the_class_of_an_instance():
    check_slice(
        """
        # %%
        class A:  # keep
            v = 1
        class B:  # keep
            v = 2  # keep
        # %%
        a = A()  # keep
        a.__class__ = B  # keep
        # %%
        x = a.v  # keep
        """,
        of="x",
    )


def test_unneeded_methods_leave_a_class():
    check_slice(
        """
        # %%
        class Model:  # keep
            def __init__(self, k):  # keep all
                self.k = k
            def fit(self, xs):  # keep
                print("fitting")
                self.mean = sum(xs) / len(xs)  # keep
                return self
            def predict(self, v):  # keep all
                return v * self.k + self.mean
            def plot(self):
                print("*" * self.k)
            def __repr__(self):
                return f"Model({self.k})"
        # %%
        m = Model(2)  # keep
        m.fit([1, 2, 3])  # keep
        m.plot()
        # %%
        x = m.predict(5)  # keep
        """,
        of="x",
        extra=1,
    )


def test_an_attribute_that_is_not_read_is_not_kept():
    check_slice(
        """
        # %%
        class Config:  # keep
            pass
        cfg = Config()  # keep
        # %%
        cfg.lr = 0.1  # keep
        cfg.name = "run"
        cfg.path = "/nowhere"
        # %%
        x = cfg.lr * 2  # keep
        """,
        of="x",
    )


def test_an_overwritten_attribute():
    check_slice(
        """
        # %%
        class Config:  # keep
            pass
        cfg = Config()  # keep
        cfg.lr = 0.1
        # %%
        cfg.lr = 0.5  # keep
        # %%
        x = cfg.lr  # keep
        """,
        of="x",
    )


def test_an_augmented_attribute():
    check_slice(
        """
        # %%
        class Counter:  # keep
            n = 0  # keep
        c = Counter()  # keep
        # %%
        c.n += 2  # keep
        c.n *= 3  # keep
        # %%
        x = c.n  # keep
        """,
        of="x",
    )


def test_an_iterator_class_in_use():
    check_slice(
        """
        # %%
        class Count:  # keep
            def __init__(self):  # keep all
                self.n = 0
            def __iter__(self):
                return self
            def __next__(self):  # keep all
                self.n += 1
                return self.n
        # %%
        c = Count()  # keep
        next(c)  # keep
        # %%
        x = next(c)  # keep
        """,
        of="x",
    )


def test_a_context_manager_object():
    check_slice(
        """
        # %%
        class Tracker:  # keep
            def __init__(self):  # keep all
                self.log = []
            def __enter__(self):  # keep all
                self.log.append("in")
                return self
            def __exit__(self, *a):  # keep all
                self.log.append("out")
        # %%
        t = Tracker()  # keep
        with t:  # keep
            print("inside")
        # %%
        x = t.log  # keep
        """,
        of="x",
        minimal=False,
    )


def test_operators_that_change_their_operand():
    check_slice(
        """
        # %%
        class Acc:  # keep
            def __init__(self):  # keep all
                self.v = []
            def __lshift__(self, v):  # keep
                self.v.append(v)  # keep
                return self  # keep
            def __len__(self):
                return len(self.v)
        # %%
        acc = Acc()  # keep
        acc << 1 << 2  # keep
        # %%
        x = acc.v  # keep
        """,
        of="x",
        minimal=False,
    )


def test_a_call_that_changes_the_object():
    check_slice(
        """
        # %%
        class Acc:  # keep
            total = 0  # keep
            def __call__(self, v):  # keep
                self.total += v  # keep
                return self.total
        acc = Acc()  # keep
        # %%
        acc(2)  # keep
        acc(3)  # keep
        # %%
        x = acc.total  # keep
        """,
        of="x",
        extra=1,
    )


def test_getattr_that_makes_attributes():
    check_slice(
        """
        # %%
        class Auto:  # keep
            def __getattr__(self, name):  # keep
                value = []  # keep
                setattr(self, name, value)  # keep
                return value  # keep
        # %%
        a = Auto()  # keep
        a.rows.append(1)  # keep
        # %%
        x = a.rows[0]  # keep
        """,
        of="x",
    )


def test_setattr_that_is_watched():
    check_slice(
        """
        # %%
        changes = []  # keep
        class Watched:  # keep
            def __setattr__(self, name, value):  # keep
                changes.append(name)  # keep
                super().__setattr__(name, value)
        # %%
        w = Watched()  # keep
        w.a = 1  # keep
        w.b = 2  # keep
        # %%
        x = changes  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_singleton():
    check_slice(
        """
        # %%
        class One:  # keep
            _it = None  # keep
            def __new__(cls):  # keep
                if cls._it is None:  # keep
                    cls._it = super().__new__(cls)  # keep
                return cls._it  # keep
        # %%
        a = One()  # keep
        a.v = 3  # keep
        # %%
        x = One().v  # keep
        """,
        of="x",
    )


def test_inheritance_with_super():
    check_slice(
        """
        # %%
        class Base:  # keep
            def __init__(self):  # keep all
                self.parts = ["base"]
        class Child(Base):  # keep
            def __init__(self):  # keep
                super().__init__()  # keep
                self.parts.append("child")  # keep
                self.other = 1
        class Other(Base):
            pass
        # %%
        c = Child()  # keep
        # %%
        x = c.parts  # keep
        """,
        of="x",
    )


def test_an_abstract_class_registers_a_virtual_child():
    check_slice(
        """
        # %%
        from abc import ABC, abstractmethod  # keep ABC
        class Shape(ABC):  # keep
            pass
        class Square:  # keep
            pass
        # %%
        Shape.register(Square)  # keep
        # %%
        x = isinstance(Square(), Shape)  # keep
        """,
        of="x",
    )


def test_an_enum_member_is_used():
    check_slice(
        """
        # %%
        from enum import Enum, auto  # keep
        class Mode(Enum):  # keep
            TRAIN = auto()  # keep
            TEST = auto()  # keep
        # %%
        mode = Mode.TRAIN
        mode = Mode.TEST  # keep
        # %%
        x = mode.value  # keep
        """,
        of="x",
    )


def test_a_dataclass_with_a_hook():
    check_slice(
        """
        # %%
        from dataclasses import dataclass, field  # keep
        @dataclass  # keep
        class Run:
            n: int  # keep
            seen: list = field(default_factory=list)  # keep
            def __post_init__(self):  # keep all
                self.seen.append(self.n)
        # %%
        run = Run(3)  # keep
        # %%
        x = run.seen  # keep
        """,
        of="x",
    )


def test_a_class_variable_changed_through_classmethod():
    check_slice(
        """
        # %%
        class Cfg:  # keep
            depth = 1
            @classmethod  # keep all
            def deepen(cls, n):
                cls.depth = n
            @staticmethod
            def hello():
                print("hi")
        # %%
        Cfg.hello()
        Cfg.deepen(4)  # keep
        # %%
        x = Cfg.depth  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_class_made_by_type():
    check_slice(
        """
        # %%
        body = {"v": 3}  # keep
        K = type("K", (), body)  # keep
        # %%
        K.w = 4  # keep
        # %%
        x = K().v + K.w  # keep
        """,
        of="x",
    )


def test_a_class_body_that_computes():
    check_slice(
        """
        # %%
        base = 4  # keep
        class Table:  # keep
            width = base * 2  # keep
            for i in range(2):  # keep
                height = i + width  # keep
            title = "unused"
        # %%
        x = Table.height  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_decorated_class():
    check_slice(
        """
        # %%
        known = []  # keep
        def note(cls):  # keep all
            known.append(cls)
            return cls
        # %%
        @note  # keep
        class A:
            size = 4  # keep
        # %%
        x = known[0].size  # keep
        """,
        of="x",
        minimal=False,
    )


def test_del_hooks_run_when_an_object_goes():
    check_slice(
        """
        # %%
        gone = []  # keep
        class A:  # keep
            def __del__(self):  # keep all
                gone.append("a")
        # %%
        a = A()  # keep
        # %%
        del a  # keep
        # %%
        x = list(gone)  # keep
        """,
        of="x",
    )


def test_equality_that_counts():
    check_slice(
        """
        # %%
        class K:  # keep
            asked = 0  # keep
            def __eq__(self, other):  # keep
                K.asked += 1  # keep
                return True
        # %%
        k = K()  # keep
        k == 1  # keep
        # %%
        x = K.asked  # keep
        """,
        of="x",
        extra=1,
    )


def test_an_object_graph_with_parent_links():
    check_slice(
        """
        # %%
        class Tree:  # keep
            def __init__(self, name, parent=None):  # keep
                self.name = name
                self.children = []  # keep
                if parent is not None:  # keep
                    parent.children.append(self)  # keep
        # %%
        root = Tree("root")  # keep
        leaf = Tree("leaf", root)  # keep
        twig = Tree("twig", leaf)
        # %%
        x = len(root.children)  # keep
        """,
        of="x",
        extra=1,
    )


def test_a_question_to_a_named_tuple():
    check_slice(
        """
        # %%
        from collections import namedtuple  # keep
        Point = namedtuple("Point", "x tags")  # keep
        # %%
        p = Point(1, [2])  # keep
        # %%
        p.tags.append(3)  # keep
        # %%
        shown = p._asdict()
        # %%
        q = p._replace(x=9)  # keep
        """,
        of="q",
    )


def test_a_comprehension_in_a_class_does_not_see_its_names():
    check_slice(
        """
        # %%
        n = 3  # keep
        m = 4
        # %%
        class K:  # keep
            n = 5  # may
            l = [n for _ in range(2)]  # keep
        # %%
        x = K.l  # keep
        """,
        of="x",
    )


def test_a_manager_that_is_told_of_the_error():
    check_slice(
        """
        # %%
        class Log:  # keep all
            def __init__(self):
                self.seen = []
            def __enter__(self):
                return self
            def __exit__(self, kind, *rest):
                self.seen.append(kind)
                return True
        log = Log()  # keep
        # %%
        with log:  # keep
            1 / 0  # keep
        # %%
        x = len(log.seen), log.seen[0] is ZeroDivisionError  # keep
        """,
        of="x",
    )


def test_an_object_in_the_value_keeps_what_it_only_collects():
    check_slice(
        """
        # %%
        class Model:  # keep
            def __init__(self):  # keep all
                self.seen = []
            def see(self, v):  # keep
                self.seen.append(v)  # keep
                return self
            def show(self):
                print(self)
        # %%
        m = Model()  # keep
        m.see(4)  # keep
        m.show()
        # %%
        x = {"models": [m]}  # keep
        """,
        of="x",
        value="x['models'][0].seen",
        extra=1,
    )


def test_an_attribute_that_a_text_names():
    check_slice(
        """
        # %%
        class Model:  # keep
            def __init__(self):  # keep
                self.seen = 3  # keep
                self.made = 4
        # %%
        m = Model()  # keep
        # %%
        x = "{0.seen}".format(m)  # keep
        """,
        of="x",
    )


def test_a_list_that_an_attribute_shares():
    check_slice(
        """
        # %%
        class Log:  # keep
            def __init__(self, rows):  # keep
                self.rows = rows  # keep
                self.count = 0
            def put(self, v):  # keep
                self.rows.append(v)  # keep
                self.count += 1
        # %%
        rows = []  # keep
        log = Log(rows)  # keep
        log.put(4)  # keep
        # %%
        x = rows  # keep
        """,
        of="x",
    )


def test_a_method_whose_failure_is_waited_for():
    check_slice(
        """
        # %%
        class Reader:  # keep
            def __init__(self, text):  # keep
                self.number = int(text)  # keep
        # %%
        good = 0  # keep
        for text in ["1", "a"]:  # keep
            try:  # keep
                Reader(text)  # keep
                good += 1  # keep
            except ValueError:
                print(text)
        # %%
        x = good  # keep
        """.replace("print(text)", "pass"),
        of="x",
        exact=False,
    )


def test_what_a_method_gives_to_nobody_and_to_somebody():
    check_slice(
        """
        # %%
        class Chain:  # keep
            def __init__(self):  # keep
                self.v = []  # keep
            def put(self, v):  # keep
                self.v.append(v)  # keep
                return self  # keep
            def drop(self):  # keep
                self.v.pop()  # keep
                return self
        # %%
        c = Chain()  # keep
        c.put(1).put(2)  # keep
        c.drop()  # keep
        # %%
        x = c.v  # keep
        """,
        of="x",
    )


def test_showing_an_instance_leaves_its_class_alone():
    check_slice(
        """
        # %%
        class Grid:  # keep
            def __init__(self):  # keep
                self.cells = [1, 2]  # keep
            def show(self):
                for cell in self.cells:
                    print(cell)
            def grow(self):  # keep
                self.cells.append(3)  # keep
        # %%
        grid = Grid()  # keep
        grid.show()
        # %%
        grid.grow()  # keep
        # %%
        x = sum(grid.cells)  # keep
        """,
        of="x",
    )


def test_objects_that_are_printed_to_a_buffer():
    check_slice(
        """
        # %%
        import io  # keep
        class Point:  # keep all
            def __init__(self, z):
                self.z = z
            def __repr__(self):
                return f"Point({self.z})"
        # %%
        text = io.StringIO()  # keep
        noise = Point(2)
        # %%
        print([Point(1)], file=text)  # keep
        # %%
        x = text.getvalue()  # keep
        """,
        of="x",
    )
