"""Training loops that hypothesis makes up, with lines to add, and what they leave behind.

In: choices. Out: texts of cells; the state that a cell ends with. Never: judges an edit.
"""

from __future__ import annotations

import contextlib
import io
import random
import textwrap
import types

import numpy as np
from hypothesis import strategies as st

HEAD = """
import random
import math
import copy
import numpy as np
from collections import defaultdict

class Net:
    def __init__(self, n):
        self.w = [1.0] * n
        self.steps = 0
        self.training = True
        self.parts = {"a": [1, 2], "b": [3]}
    def __call__(self, x):
        if self.training:
            x = x + random.random()
        return sum(self.w) * x
    def train(self, mode=True):
        self.training = mode
        return self
    def eval(self):
        return self.train(False)
    def norm(self):
        return math.sqrt(sum(v * v for v in self.w))
    def rows(self):
        return self.w
    @property
    def touched(self):
        self.steps += 1
        return self.steps

def update(net, x, lr=0.1):
    for i in range(len(net.w)):
        net.w[i] -= lr * x
    net.steps += 1
    return net.w[0]

def peek(rows):
    return [r * 2 for r in rows]

def push(rows, value):
    rows.append(value)
    return rows

def same(rows):
    return rows

def noisy(x):
    return x + np.random.rand()

def validate(net, rows):
    net.eval()
    found = [net(r) for r in rows]
    net.train()
    return found

def batches(rows):
    for r in rows:
        yield r

net = Net(3)
data = [0.5, 1.5, 2.5]
losses = []
config = {"lr": 0.1, "sizes": [1, 2]}
counts = defaultdict(int)
rng = random.Random(1)
gen = np.random.default_rng(2)
stream = iter(range(1000))
pending = batches(range(500))
weights = np.ones(4)
total = 0
loss = 1.0
random.seed(3)
np.random.seed(4)
"""

TRAINING = """
loss = update(net, x, config["lr"])
total += x
losses.append(net(x))
counts[epoch] += 1
weights += x * 0.01
weights = weights * 0.5 + gen.normal(size=4)
loss = noisy(loss)
config["lr"] *= 0.9
net.w[0] += rng.random()
rng.shuffle(data)
total += next(stream)
total += next(pending, 0)
net.parts["a"].append(len(losses))
losses = losses[-5:]
push(config["sizes"], epoch)
net.steps, total = net.steps + 1, total + 1
shared = net.parts["b"]
if total > 10: total -= 3
"""

ADDED = r"""
log("loss", loss)
print(losses, total)
log("w", sum(net.w))
log("norm", net.norm())
log("peek", peek(losses))
log("push", push(losses, 3))
log("same", push(same(losses), 3))
log("copy", push(list(losses), 3))
log("deep", push(copy.deepcopy(net.parts)["a"], 3))
log("shallow", push(copy.copy(net.parts)["a"], 3))
log("noisy", noisy(loss))
log("valid", validate(net, data))
log("call", net(loss))
net.eval()
net.train()
was = net.training
net.train(was)
net.train(False)
log("touched", net.touched)
log("next", next(stream))
log("list", list(pending)[:1])
log("sum", sum(data))
log("max", max(net.w, key=lambda v: abs(v)))
log("sorted", sorted(data)[0])
log("r", rng.random())
log("r", random.random())
log("r", np.random.rand())
log("r", gen.normal())
log("r", random.Random(0).random())
log("r", np.random.default_rng(0).normal())
log("count", counts[99])
log("count", counts.get(99, 0))
log("lr", config["lr"])
log("mean", float(np.mean(weights)))
log("w", weights.sum().item())
mine = 3
mine = losses
mine = list(losses)
mine = net.rows()
mine = [losses, data]
mine = net.parts
mine = [0.0]
mine = weights
mine = weights.copy()
mine = {"net": net}
mine.append(1)
mine += [1.0]
mine[0] = 7.0
mine[0].append(8)
mine["net"].w = [0.0]
mine["a"].append(3)
mine.clear()
mine *= 2
push(mine, 3)
seen = []
seen.append(loss)
seen.append(net)
seen[-1].steps += 1
seen.append(losses)
for row in seen: row.append(3)
helper = lambda rows: rows.append(1)
helper(losses)
helper([1])
loss = 2
total += 1
x = 3
epoch = 5
del losses[:1]
losses.reverse()
data.sort()
data = sorted(data)
config["lr"] = 0.5
config.setdefault("new", 1)
net.w[0] = 0.0
setattr(net, "steps", 0)
net.eval()
net.train()
was = net.training
net.train(was)
random.seed(0)
np.random.seed(0)
np.random.shuffle(weights)
state = random.getstate()
random.setstate(state)
np.add(weights, 1, out=weights)
np.add(weights, 1)
weights.sort()
weights.fill(0)
for v in net.w: log("v", v)
for k, v in net.parts.items(): v.append(1)
for k, v in net.parts.items(): log(k, len(v))
for i in range(2): total_here = i
for v in stream: break
if total > 3: log("big", total)
if total > 3: losses.append(0)
while False: pass
try: losses.pop()
except IndexError: pass
with open("/dev/null") as f: log("n", f.fileno() > 0)
break
continue
[losses.append(v) for v in (1, 2)]
[v for v in losses]
{v: v for v in data}
(biggest := max(data))
(loss := 3)
vars(net)["steps"] = 7
globals()["total"] = 7
exec("total = 9")
net.__dict__.update(steps=4)
getattr(net, "parts")["a"].append(4)
getattr(losses, "append")(3)
map(losses.append, [1])
list(map(losses.append, [1]))
sorted(data, key=net)
math.sqrt(abs(loss))
losses.__setitem__(slice(0, 1), [5])
top, *rest = losses or [0]
top = rest = net.w
rest[:1] = [4]
zipped = zip(stream, data)
list(zipped)
both = losses + data
both.append(1)
part = losses[:2]
part.append(1)
nested = [losses][0]
nested.append(1)
pair = (losses, 1)
pair[0].append(2)
either = losses or [1]
either.append(2)
def mine_of(rows=losses): return rows
mine_of().append(3)
mine_of([]).append(3)
def outer(rows): inner = rows; inner.sort(); return inner
outer(losses)
outer(list(losses))
def gather(*rows, **more): rows[0].append(1)
gather(losses)
gather([], rows=losses)
def counter(): global total; total += 1
counter()
def looped(rows): return [rows.pop() for r in list(rows)]
looped(losses)
looped(losses[:])
def chained(n): return n.parts["a"]
chained(net).append(1)
len(chained(net))
class Probe: pass
probe = Probe()
probe.net = net
probe.net.steps = 9
probe.rows = []
probe.rows.append(2)
copied = dict(net.parts)
copied["a"] = []
copied["a"].append(1)
copied["b"].append(1)
copied |= {"c": []}
flat = [v for rows in net.parts.values() for v in rows]
flat.append(1)
firsts = [rows for rows in net.parts.values()]
firsts[0].append(1)
firsts.append([])
(lambda rows: rows.append(1))(data)
list(filter(lambda v: losses.append(v), [1]))
min(net.parts.values(), key=len).append(3)
sum((losses, data), [])
sum((losses, data), []).append(1)
rng.choice(data)
rng.getstate()
copy.copy(rng).random()
copy.deepcopy(rng).random()
copy.deepcopy(net)(1.0)
copy.deepcopy(net).norm()
copy.copy(net).parts["a"].append(1)
gen2 = np.random.default_rng(0); gen2.shuffle(weights)
gen2 = np.random.default_rng(0); gen2.shuffle(list(weights))
view = weights[:2]; view += 1
view = weights[:2] + 0; view += 1
view = weights.reshape(2, 2); view[0] = 0
view = np.asarray(weights); view[0] = 9
view = np.array(weights); view[0] = 9
view = weights.astype(float); view[0] = 9
np.clip(weights, 0, 1, weights)
np.clip(weights, 0, 1)
weights.mean(out=None)
first, second = losses, data; second.append(1)
[first, *second] = [losses]; first.append(2)
for i, rows in enumerate([losses, data]): rows.append(i)
for a, b in zip(losses, data): print(a, b)
with open("/dev/null", "w") as out: print(total, file=out)
print(total, file=None)
x_new = y_new = losses; y_new.append(1)
losses += []
losses = losses + [1]
total: int = 3
held: list = losses; held.append(1)
net.train().steps = 3
isinstance(net, Net) and net.norm()
total or losses.append(2)
str(net), repr(losses), f"{losses!r}"
locals()["total"]
one = losses if total else data
one.append(2)
"""


def lines(text: str) -> list[str]:
    found: list[str] = []
    for line in text.strip().splitlines():
        if line.startswith("except"):
            found[-1] += "\n" + line
        else:
            found.append(line)
    return found


ADDED_LINES = lines(ADDED)


@st.composite
def cells(draw: st.DrawFn) -> tuple[str, str]:
    """A recorded cell, and one with lines added to it."""
    shape = draw(st.sampled_from(("for", "nested", "function", "while")))
    inner = draw(st.lists(st.sampled_from(lines(TRAINING)), min_size=1, max_size=5))
    outer = draw(st.lists(st.sampled_from(lines(TRAINING)), max_size=3))
    added = draw(st.lists(st.sampled_from(ADDED_LINES), min_size=1, max_size=5))
    marked = [(line, False) for line in inner]
    around = [(line, False) for line in outer]
    before: list[tuple[str, bool]] = []
    last = None
    for line in added:
        block = draw(st.sampled_from((marked, around, before)))
        if last is not None and draw(st.booleans()):
            block, position = last[0], last[1] + 1  # what belongs together often stands so
        else:
            position = draw(st.integers(0, len(block)))
        block.insert(position, (line, True))
        last = block, position
    return (
        _written(shape, marked, around, before, False),
        _written(shape, marked, around, before, True),
    )


Marked = list[tuple[str, bool]]


def _written(shape: str, inner: Marked, outer: Marked, before: Marked, edited: bool) -> str:
    def block(marked: Marked, depth: int) -> str:
        kept = [line for line, added in marked if edited or not added] or ["pass"]
        return textwrap.indent("\n".join(kept), "    " * depth)

    top = block(before, 0) + "\n"
    match shape:
        case "for":
            body = f"epoch = 0\nfor x in data:\n{block(inner, 1)}\n{block(outer, 0)}\n"
        case "while":
            body = (
                f"epoch = 0\nx = 1.0\nwhile epoch < 3:\n    epoch += 1\n{block(inner, 1)}\n"
                f"{block(outer, 0)}\n"
            )
        case "nested":
            body = (
                f"for epoch in range(2):\n    for x in data[:2]:\n{block(inner, 2)}\n"
                f"{block(outer, 1)}\n"
            )
        case _:
            body = (
                "def fit(x, epoch):\n    global total, loss, losses, weights, shared\n"
                f"{block(inner, 1)}\nfor epoch in range(2):\n    for x in data[:2]:\n"
                f"        fit(x, epoch)\n{textwrap.indent(block(outer, 0), '    ')}\n"
            )
    return HEAD + top + body


class Failed(Exception):
    """The cell raised."""


def final_state(source: str, names: set[str] | None = None) -> dict[str, str]:
    """What a cell leaves in its variables and in the generators; of ``names`` only."""
    space: dict[str, object] = {"log": lambda name, value: value}
    given = set(space) | {"__builtins__"}
    random.seed(11)
    np.random.seed(12)
    # A loop that never ends is no picture of training.
    source = source.replace("while epoch < 3:", "while epoch < 3 and len(losses) < 500:")
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(source, "cell", "exec"), space)
    except Exception as error:
        raise Failed(repr(error)) from error
    state = {"random": str(random.getstate()), "numpy": str(np.random.get_state())}
    for name, value in space.items():
        if name in given or (names is not None and name not in names):
            continue
        state[name] = shown(value)
    return state


def shown(value: object, depth: int = 6) -> str:
    if depth == 0:
        return "…"
    match value:
        case types.ModuleType() | types.FunctionType() | type():
            return getattr(value, "__name__", "")
        case dict():
            return str({k: shown(v, depth - 1) for k, v in value.items()})
        case list() | tuple():
            return str([shown(v, depth - 1) for v in value])
        case random.Random():
            return str(value.getstate())
        case np.random.Generator():
            return str(value.bit_generator.state)
        case types.GeneratorType():
            return str(list(value))
        case np.ndarray():
            return str(value.tolist())
    if hasattr(value, "__next__"):
        return str(list(value))  # type: ignore[call-overload]
    if hasattr(value, "__dict__"):
        return shown(vars(value), depth - 1)
    return repr(value)
