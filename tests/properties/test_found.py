"""Small pictures of slices that were once wrong; generated sessions and testers found them."""

import pytest

from tests.picture import check_slice

FOUND = {
    "a method named like a harmless one counts": (
        "total",
        """
        # %%
        class Meter:
            def __init__(self): self.n = 0
            def count(self): self.n += 1; return self.n
        m = Meter()
        total = 0
        for i in range(3):
            m.count()
            total += i
        total = total + m.n
        """,
    ),
    "a function of the notebook has a builtin's name": (
        "x",
        """
        # %%
        log = []
        def sum(v):
            log.append(v)
            return v
        x = 0
        for i in range(3):
            y = sum(i)
            x += 1
        x = (x, list(log))
        """,
    ),
    "print is the notebook's own": (
        "log",
        """
        # %%
        log = []
        def print(*a):
            log.append(a)
        for i in range(3):
            print(i)
        """,
    ),
    "get is overridden and writes": (
        "d",
        """
        # %%
        class D(dict):
            def get(self, k, default=None):
                self[k] = 1
                return 1
        d = D()
        for i in range(3):
            d.get(i)
        """,
    ),
    "generator arg to list consumed": (
        "rest",
        """
        # %%
        it = iter(range(10))
        n = 0
        for i in range(3):
            got = list(zip(range(2), it))
            n += 1
        rest = list(it)
        """,
    ),
    "sum consumes generator": (
        "rest",
        """
        # %%
        it = iter(range(10))
        for i in range(2):
            print(sum(x for _, x in zip(range(2), it)))
        rest = list(it)
        """,
    ),
    "any on iterator": (
        "rest",
        """
        # %%
        it = iter(range(10))
        n = 0
        for i in range(2):
            any(x > 3 for x in it)
            n += 1
        rest = (n, list(it))
        """,
    ),
    "in operator consumes": (
        "rest",
        """
        # %%
        it = iter(range(10))
        for i in range(2):
            found = i + 2 in it
        rest = list(it)
        """,
    ),
    "comprehension consumes": (
        "rest",
        """
        # %%
        it = iter(range(10))
        for i in range(2):
            got = [x for _, x in zip(range(2), it)]
        rest = list(it)
        """,
    ),
    "property with side effect read in loop": (
        "x",
        """
        # %%
        class P:
            n = 0
            @property
            def tick(self):
                self.n += 1
                return self.n
        p = P()
        for i in range(4):
            t = p.tick
        x = p.n
        """,
    ),
    "__getitem__ with side effect": (
        "x",
        """
        # %%
        class P:
            n = 0
            def __getitem__(self, k):
                self.n += 1
                return k
        p = P()
        for i in range(4):
            t = p[i]
        x = p.n
        """,
    ),
    "defaultdict read creates": (
        "x",
        """
        # %%
        from collections import defaultdict
        d = defaultdict(list)
        for i in range(4):
            t = d[i]
        x = dict(d)
        """,
    ),
    "defaultdict read creates nested in function": (
        "x",
        """
        # %%
        from collections import defaultdict
        d = defaultdict(list)
        def touch(k):
            t = d[k]
            return k
        y = touch(3)
        x = dict(d)
        """,
    ),
    "operator overload": (
        "x",
        """
        # %%
        class V:
            n = 0
            def __add__(self, o):
                V.n += 1
                return self
        v = V()
        for i in range(3):
            w = v + 1
        x = V.n
        """,
    ),
    "iadd on alias in loop": (
        "a",
        """
        # %%
        import numpy as np
        a = np.zeros(3)
        for i in range(3):
            b = a
            b += i
        """,
    ),
    "iadd list alias": (
        "a",
        """
        # %%
        a = []
        k = 0
        for i in range(3):
            b = a
            b += [i]
            k += 1
        """,
    ),
    "iadd on view in loop": (
        "m",
        """
        # %%
        import numpy as np
        m = np.zeros((3,3))
        s = 0
        for row in m:
            row += 1
            s += 1
        """,
    ),
    "iadd through slice view": (
        "m",
        """
        # %%
        import numpy as np
        m = np.zeros((3,3))
        for i in range(3):
            r = m[i]
            r += i
        """,
    ),
    "local dict of arg": (
        "m",
        """
        # %%
        def f(x):
            pack = dict(k=x)
            pack["k"].append(3)
            return 0
        m = []
        z = f(m)
        """,
    ),
    "max of arg aliases": (
        "m",
        """
        # %%
        def f(x):
            s = max(x, key=len)
            s.append(3)
        m = [[1,2],[1]]
        f(m)
        """,
    ),
    "exception var alias": (
        "m",
        """
        # %%
        m = []
        for i in range(3):
            try:
                raise ValueError(m)
            except ValueError as e:
                t = e.args[0]
                t.append(i)
        """,
    ),
    "match alias": (
        "m",
        """
        # %%
        m = [[1],[2]]
        k = 0
        for i in range(2):
            match m:
                case [a, b]:
                    a.append(i)
            k += 1
        """,
    ),
    "function in try is value": (
        "f1",
        """
        # %%
        n0 = 2
        try:
            n0 += 1
        finally:
            def f1(a):
                return a
        """,
    ),
    "cut with its user: function reads what cut part named": (
        "n2",
        """
        # %%
        rows0 = [1,2]
        def f1():
            for x in rows0[:3]:
                pass
            return 5
        for n2 in range(3):
            print(n2, f1())
            for n2 in range(3):
                n1 = rows0[0]
        """,
    ),
    "cut with its user: scale in function and print": (
        "out",
        """
        # %%
        scale = 3
        out = []
        def f(v):
            return v * scale
        for i in range(3):
            print(scale)
            out.append(f(i))
        """,
    ),
    "functions in list keep bodies": (
        "fs",
        """
        # %%
        d = {}
        def f(a):
            n = d.get(1)
            return a
        fs = [f, f]
        """,
    ),
    "guarded function": (
        "z",
        """
        # %%
        def f(x):
            y = 1 / x
            return 3
        z = 0
        # %%
        try:
            f(0)
        except ZeroDivisionError:
            z = 1
        """,
    ),
    "guarded method": (
        "z",
        """
        # %%
        class A:
            def check(self, x):
                y = [1][x]
                return 3
        z = 0
        # %%
        try:
            A().check(4)
        except IndexError:
            z = 1
        """,
    ),
    "raised half": (
        "log",
        """
        # %%
        log = []
        def f(x):
            log.append(x)
            y = 1 / x
            log.append(y)
        # %%
        f(0)
        log.append(5)
        """,
    ),
    "duck-typed writer": (
        "w.got",
        """
        # %%
        class W:
            def __init__(self): self.got = []
            def write(self, s): self.got.append(s)
        w = W()
        print("x", file=w)
        """,
    ),
    "registry by decorator in function": (
        "reg",
        """
        # %%
        reg = {}
        def register(f):
            reg[f.__name__] = 1
            return f
        def setup():
            @register
            def a(): pass
            return 1
        q = setup()
        """,
    ),
    "del via alias in loop": (
        "m",
        """
        # %%
        m = [1,2,3]
        for i in range(2):
            t = m
            del t[0]
        """,
    ),
    "ufunc positional out": (
        "a",
        """
        # %%
        import numpy as np
        a = np.ones(3)
        k = 0
        for i in range(3):
            np.add(a, 1, a)
            k += 1
        """,
    ),
    "operator module": (
        "d",
        """
        # %%
        import operator
        d = {}
        for i in range(3):
            operator.setitem(d, i, i)
        """,
    ),
    "getattr by fstring": (
        "r",
        """
        # %%
        class V:
            def do_a(self): return 1
            def do_b(self): return 2
        v = V()
        r = [getattr(v, f"do_{k}")() for k in "ab"]
        """,
    ),
    "gen function consumed by zip in function": (
        "rest",
        """
        # %%
        def nums():
            for i in range(10):
                yield i
        g = nums()
        def take():
            pairs = list(zip(range(2), g))
            return len(pairs)
        k = take()
        rest = list(g)
        """,
    ),
    "file lines partially read": (
        "rest",
        """
        # %%
        open("x.txt", "w").write("a\\nb\\nc\\nd\\n")
        f = open("x.txt")
        for i in range(2):
            line = next(f)
        rest = f.read()
        """,
    ),
    "descriptor": (
        "obj.log",
        """
        # %%
        class D:
            def __set_name__(self, o, n): self.name = n
            def __get__(self, o, t=None):
                o.log.append("get")
                return 1
        class A:
            x = D()
            def __init__(self): self.log = []
        obj = A()
        for i in range(2):
            v = obj.x
        """,
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_looks_harmless_stays(name):
    of, picture = FOUND[name]
    check_slice(picture, of=of, exact=False)
