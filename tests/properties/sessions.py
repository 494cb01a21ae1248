"""Sessions that hypothesis makes up: cells in the order in which they ran.

In: choices. Out: texts of cells, nearly always valid, smaller for smaller choices.
Never: runs anything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st

PRELUDE = (
    "import random\nimport itertools\nimport copy\nimport numpy as np\nimport pandas as pd"
)
SEEDS = "random.seed(0)\nnp.random.seed(0)"

# The letters of a name say what it holds; ``{xs}`` is one that is bound, ``{xs+}`` one to bind,
# ``{e}`` a number or the name of one, ``{k}`` a small number, ``{i}`` an index, ``{key}`` a key.
SIMPLE = tuple(
    line.strip()
    for line in """
    {n+} = {k}
    {n+} = {e} + {e}
    {n+} = {e} * {k} % 97
    {n!} += {e}
    {n!}, {n!} = {n}, {n}
    {n+} = {n+} = {e}
    {n+}, {n+} = {e}, {e}
    {xs+} = [{e}, {e}, {e}]
    {xs+} = {xs}
    {xs+} = {xs}[{i}:]
    {xs+} = {xs}[::-1]
    {xs+} = list({xs})
    {xs+} = sorted({xs})
    {xs+} = [n9 + {e} for n9 in {xs}]
    {xs+} = [n9 for n9 in {xs} if n9 > {e}] or [{e}]
    {xs+} = {xs} + {xs}[:2]
    {n+}, *{xs+} = {xs}
    {xs}.append({e})
    {xs}.extend({xs}[:2])
    {xs}.insert(0, {e})
    {xs}.sort()
    {xs}.reverse()
    {xs!} += [{e}]
    {xs}[{i}] = {e}
    {xs}[{i}] += {e}
    {xs}[{i}], {xs}[{i}] = {xs}[{i}], {xs}[{i}]
    {xs}[:1] = [{e}, {e}]
    {n+} = {xs}.pop()
    {n+} = {xs}[{i}]
    {n+} = {xs}[-1]
    {n+} = len({xs})
    {n+} = sum({xs})
    del {xs}[0]
    del {n!}
    del {xs!}
    {rows+} = [{xs}, {xs}]
    {rows+} = [[{e}], [{e}, {e}]]
    {rows+} = {rows}
    {rows+} = copy.deepcopy({rows})
    {rows+} = list({rows})
    {rows}[{i}].append({e})
    {rows}[{i}] = {xs}
    {rows}.append({xs})
    {rows}[-1][0] = {e}
    {rows}[0], {rows}[-1] = {rows}[-1], {rows}[0]
    {xs+} = {rows}[{i}]
    {xs+}, *{rows+} = {rows}
    {xs+}, {xs+} = {rows}[:2]
    {n+} = {rows}[{i}][0]
    {n+} = sum(len(n9) for n9 in {rows})
    {d+} = {{"p": {e}, "q": {e}}}
    {d+} = {d}
    {d+} = dict({d}, r={e})
    {d+} = {{n9: n9 * {e} for n9 in {xs}}}
    {d}[{key}] = {e}
    {d}[{key}] += {e}
    {d}.update(q={e})
    {d!} |= {{"r": {e}}}
    {n+} = {d}[{key}]
    {n+} = {d}.get({key}, {e})
    {n+} = {d}.setdefault({key}, {e})
    {n+} = {d}.pop({key})
    del {d}[{key}]
    {n+} = sum({d}.values())
    {dl+} = {{"p": {xs}, "q": [{e}]}}
    {dl+} = {dl}
    {dl}[{key}].append({e})
    {dl}.setdefault({key}, []).append({e})
    {dl}[{key}] = {xs}
    {xs+} = {dl}[{key}]
    {n+} = len({dl})
    {t+} = ({xs}, {e})
    {t+} = ({d}, {e})
    {t+} = {t}
    {t}[0].clear()
    {n+} = {t}[1]
    {s+} = "a" * {k} + str({e})
    {s+} = f"{{ {e} }}-{{ {s} }}"
    {s!} += "b"
    {s+} = ",".join(str(n9) for n9 in {xs})
    {n+} = len({s})
    {st+} = {{{e}, {e}}}
    {st+} = {st}
    {st}.add({e})
    {st!} |= {{{e}}}
    {st+} = set({xs})
    {xs+} = sorted({st}) or [0]
    {a+} = np.arange(6) + {e}
    {a+} = np.array({xs})[:6]
    {a+} = {a}[{i}:]
    {a+} = {a}[::-1]
    {a+} = {a}.copy()
    {a+} = {a} + {e}
    {a+} = {a}[{a} > {e}]
    {a+} = {m}[{i}]
    {a+} = {m}.ravel()
    {a+} = {a}.reshape(-1)
    {a}[{i}] = {e}
    {a}[{i}:3] += {e}
    {a!} += {e}
    {a}[{a} > {e}] = 0
    {a}.sort()
    np.add({a}, {e}, out={a})
    np.random.shuffle({a})
    {n+} = int({a}[{i}])
    {n+} = int({a}.sum())
    {m+} = np.arange(6).reshape(2, 3) * {e}
    {m+} = {m}.T
    {m}[0] = {e}
    {m}[:, 1] += {e}
    {df+} = pd.DataFrame({{"u": [3, 1, 2], "v": [{e}, {e}, {e}]}})
    {df+} = {df}
    {df+} = {df}[["u", "v"]]
    {df+} = {df}.copy()
    {df+} = {df}.sort_values("u")
    {df+} = {df}.assign(w={e})
    {df+} = {df}[{df}["u"] > {e}]
    {df+} = {df}.groupby("u").sum().reset_index()
    {df+} = {df}.merge({df}[["u"]], on="u")
    {df}["u"] = {df}["v"] + {e}
    {df}["v"] = {df}["v"] * {e}
    {df}["w"] = {df}["u"] % 2
    {df}["v"] += {df}["u"]
    {df}.loc[{df}.index[:1], "v"] = {e}
    {df}.iloc[0, 0] = {e}
    {df}.drop(columns="w", inplace=True)
    {df}.rename(columns={{"v": "v"}}, inplace=True)
    {df}.index = {df}.index + {e}
    del {df}["w"]
    {n+} = int({df}["u"].sum())
    {n+} = int({df}.u.max())
    {n+} = len({df})
    {a+} = {df}["v"].to_numpy().copy()
    {xs+} = {df}["u"].tolist()
    random.seed({e})
    np.random.seed({k})
    {n+} = random.randint(0, 99)
    {xs+} = [random.randint(0, 9) for n9 in range(3)]
    random.shuffle({xs})
    {n+} = int(np.random.randint(99))
    {a+} = np.random.permutation(6)
    {rng+} = np.random.default_rng({k})
    {rng+} = {rng}
    {n+} = int({rng}.integers(99))
    {rng}.shuffle({a})
    {it+} = iter({xs})
    {it+} = (n9 + {e} for n9 in {xs})
    {it+} = itertools.count({k})
    {it+} = {it}
    {it+} = enumerate({xs})
    {it+} = map(lambda n9: n9 + {n}, {xs})
    {it+} = itertools.chain({xs}, {xs})
    {it+} = itertools.cycle({xs})
    {n+} = next({it}, 0)
    {xs+} = list(itertools.islice({it}, 2))
    {n+} = {f}({e})
    {n+} = {f}({e}, {xs})
    {f}({e}, {xs})
    {xs+} = list(map({f}, {xs}))
    {xs}.sort(key={f})
    {f+} = {f}
    {f+} = lambda n8, xs8=(): n8 + {e}
    {f+} = lambda n8, xs8={xs}: n8 + len(xs8)
    {fs+} = [{f}, {f}]
    {fs}.append({f})
    {n+} = {fs}[{i}]({e})
    {o+} = {C}({xs})
    {o+} = {o}
    {o+} = copy.copy({o})
    {o}.items.append({e})
    {o}.total += {e}
    {o}.total = {e}
    {o}.note = {xs}
    {o}.items = {xs}
    {o}.add({e})
    {n+} = {o}.add({e})
    {n+} = {o}.total
    {n+} = {o}.size
    {n+} = {o}[{i}]
    {o}[{i}] = {e}
    {xs+} = {o}.items
    {C}.shared.append({e})
    {C}.made = {e}
    {n+} = len({C}.shared)
    {n+} = {C}.made
    {xs+} = {o}.shared
    {f+} = {o}.add
    print({e}, {xs})
    print({n}, {f}({e}))
    assert {n} > {e}
    {n+} = {e} // {n}
    {n+} = (n9 := {e}) + n9
    exec("{n+} = {e}")
    globals()["{n+}"] = {e}
    {n}
    """.strip().splitlines()
)

# ``...`` stands for an indented block.
BLOCKS = tuple(
    text.strip("\n")
    for text in (
        "for {n+} in range({k}):\n    ...",
        "for {n+} in {xs}[:4]:\n    ...",
        "for {n+}, {n+} in enumerate({xs}[:3]):\n    ...",
        "for {xs+} in {rows}[:3]:\n    ...",
        "for {xs!}[0] in range({k}):\n    ...",
        "for {n+} in itertools.islice({it}, 5):\n    ...\n    if {n} > {k}:\n        break",
        "for {n+} in range(3):\n    if {n} == {k}:\n        continue\n    ...",
        "for {n+} in range(3):\n    ...\n    if {n} == {k}:\n        break\nelse:\n    ...",
        "for {n+} in range(9):\n    ...\nwhile {n} > {k} and {xs}:\n    {xs}.pop()\n    ...",
        "if {n} > {e}:\n    ...",
        "if {n} > {e}:\n    ...\nelse:\n    ...",
        "if not {xs}:\n    ...\nelif {n} == {k}:\n    ...",
        "try:\n    ...\n    {n+} = {e} // {n}\n    ...\nexcept ZeroDivisionError:\n    ...",
        "try:\n    ...\nexcept Exception as error:\n    {s+} = type(error).__name__\nfinally:\n    ...",
        "with np.errstate(all='ignore'):\n    ...",
        "match {xs}:\n    case [n9, *_]:\n        ...\n    case _:\n        ...",
    )
)
DEFINITIONS = (
    "def {f+}(n8, xs8=()):\n    ...\n    return {e}",
    "def {f+}(n8, xs8={xs}):\n    ...\n    return n8 + len(xs8)",
    "def {f+}(n8, xs8=()):\n    global {n}\n    {n=} += n8\n    ...\n    return {n=}",
    "def {f+}(n8, xs8=()):\n    if n8 > {k}:\n        return {e}\n    ...\n    return {f}(n8 + 3)",
    "def {f+}(n8, xs8=[]):\n    xs8.append(n8)\n    ...\n    return len(xs8)",
    "def make(n7=0, xs7=[]):\n    def f7(n8, xs8=()):\n        nonlocal n7\n        n7 += n8\n"
    "        xs7.append(n7)\n        ...\n        return n7\n    ...\n    return f7\n{f+} = make({e})",
    "def wrap(inner):\n    calls = []\n    def f7(n8, xs8=()):\n        calls.append(n8)\n        ...\n"
    "        return inner(n8) + len(calls)\n    return f7\n{f+} = wrap({f})",
    "def stream(xs8, n8={k}):\n    for n7 in xs8:\n        ...\n        yield n7 + n8\n{it+} = stream({xs})",
    "class {C+}:\n    shared = [{k}]\n    made = 0\n    def __init__(self, xs8):\n        self.items = xs8\n"
    "        self.total = 0\n        {C=}.made += 1\n        ...\n"
    "    def add(self, n8, xs8=()):\n        self.total += n8\n        self.items.append(n8)\n        ...\n"
    "        return self.total\n    @property\n    def size(self):\n        return len(self.items)\n"
    "    def __getitem__(self, n8):\n        return self.items[n8]\n"
    "    def __setitem__(self, n8, n7):\n        self.items[n8] = n7\n        ...",
    "class {C+}({C}):\n    def add(self, n8, xs8=()):\n        self.shared.append(n8)\n        ...\n"
    "        return super().add(n8) + 1",
)
KINDS = (
    "n",
    "xs",
    "rows",
    "d",
    "dl",
    "t",
    "s",
    "st",
    "a",
    "m",
    "df",
    "rng",
    "it",
    "f",
    "fs",
    "C",
    "o",
)
FIRST = {
    "n": "n0 = 2", "xs": "xs0 = [3, 1, 2]", "rows": "rows0 = [[1], [2, 3]]",
    "d": 'd0 = {"p": 1}', "dl": 'dl0 = {"p": [1]}', "t": "t0 = ([1], 2)", "s": 's0 = "a"',
    "st": "st0 = {1}", "a": "a0 = np.arange(6)", "m": "m0 = np.arange(6).reshape(2, 3)",
    "df": 'df0 = pd.DataFrame({"u": [3, 1, 2], "v": [1, 2, 3]})',
    "rng": "rng0 = np.random.default_rng(0)", "it": "it0 = iter([5, 6, 7, 8])",
    "f": "def f0(n8, xs8=()):\n    return n8 + 1", "fs": "fs0 = []",
    "C": "class C0:\n    shared = []\n    made = 0\n    size = 3\n    def __init__(self, xs8):\n"
    "        self.items = xs8\n        self.total = 0\n    def add(self, n8):\n"
    "        self.total += n8\n        return n8\n    def __getitem__(self, n8):\n        return n8",
}  # fmt: skip
HOLE = re.compile(r"\{(?P<kind>[a-zA-Z]+)(?P<how>[+=!]?)\}")


@dataclass(frozen=True)
class Move:
    """A template, the numbers that fill it, and the blocks inside it."""

    template: str
    picks: tuple[int, ...]
    blocks: tuple[tuple[Move, ...], ...] = ()


@dataclass(frozen=True)
class Again:
    """An earlier cell runs again, perhaps with another number in it."""

    which: int
    edit: int | None


Cell = tuple[Move, ...] | Again
_picks = st.lists(st.integers(0, 5), min_size=6, max_size=6).map(tuple)
_simple = st.builds(Move, st.sampled_from(SIMPLE), _picks)


def _blocks_of(inner: st.SearchStrategy[Move]) -> st.SearchStrategy[Move]:
    blocks = st.lists(
        st.lists(inner, min_size=1, max_size=3).map(tuple), min_size=2, max_size=2
    )
    templates = st.sampled_from((*BLOCKS, *BLOCKS, *DEFINITIONS))
    return st.builds(Move, templates, _picks, blocks.map(tuple))


_move = st.one_of(
    _simple, _simple, _simple, _blocks_of(st.one_of(_simple, _simple, _blocks_of(_simple)))
)
_cell = st.lists(_move, min_size=1, max_size=3).map(tuple)
_again = st.builds(Again, st.integers(0, 6), st.one_of(st.none(), st.integers(0, 9)))
cells_of_moves = st.lists(st.one_of(_cell, _cell, _cell, _cell, _again), min_size=2, max_size=7)


@dataclass
class Writer:
    """Writes moves as text and remembers what is bound."""

    bound: dict[str, None] = field(default_factory=dict)
    inside: bool = False
    """In a function: names that are bound get a number of their own."""
    missing: dict[str, str] = field(default_factory=dict)
    """What has to be there before the cell, by kind."""
    fresh: dict[str, None] = field(default_factory=dict)
    """Bound by the move that is being written: bound for those after it."""

    def move(self, move: Move) -> str:
        picks = iter(move.picks * 4)
        blocks = iter(move.blocks * 2)
        last: dict[str, str] = {}
        nested = move.template.startswith(("def", "class"))

        def fill(hole: re.Match[str]) -> str:
            kind, how, pick = hole["kind"], hole["how"], next(picks)
            if how == "=":
                return last[kind]
            text = last[kind] = self._name(kind, pick, how)
            return text

        lines = []
        for line in move.template.split("\n"):
            if line.strip() == "...":
                indent = line[: line.index(".")]
                self.bound |= self.fresh
                writer = Writer(dict(self.bound), self.inside or nested, self.missing)
                if nested:
                    writer.bound |= dict.fromkeys(["n8", "xs8"])
                text = "\n".join(writer.move(m) for m in next(blocks))
                lines += [indent + part for part in text.split("\n")]
                if not nested:
                    self.bound |= writer.bound
            else:
                filled = HOLE.sub(fill, line)
                lines.append(filled.replace("{{", "{").replace("}}", "}"))
        self.bound |= self.fresh
        self.fresh = {}
        if move.template.startswith("del {") and move.template.endswith("!}"):
            self.bound.pop(last.popitem()[1], None)
        return "\n".join(lines)

    def _name(self, kind: str, pick: int, how: str) -> str:
        if kind in ("k", "i", "key"):
            return {"k": str(pick), "i": str(pick % 3), "key": repr("pqr"[pick % 3])}[kind]
        if kind == "e":
            names = self._bound("n")
            return names[pick % len(names)] if names and pick > 2 else str(pick)
        if how == "+":
            name = f"{kind}{6 + pick % 2}" if self.inside else f"{kind}{pick % 3}"
            self.fresh[name] = None
            return name
        names = self._bound(kind)
        if how == "!" and self.inside:  # assigned to, so local
            names = [n for n in names if n[-1] in "678"] or [f"{kind}8"]
        if not names:
            first = "o0 = C0([1])" if kind == "o" else FIRST[kind]
            if kind == "o" and "C0" not in self.bound:
                self.missing["C"] = FIRST["C"]
                self.bound["C0"] = None
            self.missing[kind] = first
            self.bound[f"{kind}0"] = None
            names = [f"{kind}0"]
        return names[pick % len(names)]

    def _bound(self, kind: str) -> list[str]:
        return [n for n in self.bound if n.rstrip("0123456789") == kind]


def write_session(cells: Sequence[Cell]) -> list[tuple[str, str]]:
    """Pairs of a cell's id and its text, in the order of execution."""
    writer = Writer()
    written = [("c0", PRELUDE), ("c1", SEEDS)]
    own: list[tuple[str, str]] = []
    for cell in cells:
        if isinstance(cell, Again):
            if own:
                name, text = own[cell.which % len(own)]
                if cell.edit is not None:
                    text = re.sub(r"(?<![\w.])\d\b", str(cell.edit), text, count=1)
                    own[cell.which % len(own)] = (name, text)
                written.append((name, text))
            continue
        writer.missing = {}
        text = "\n".join(writer.move(m) for m in cell)
        text = "\n".join([*writer.missing.values(), text])
        writer.bound |= dict.fromkeys(f"{kind}0" for kind in writer.missing)
        own.append((f"c{len(own) + 2}", text))
        written.append(own[-1])
    return written


sessions = cells_of_moves.map(write_session)
