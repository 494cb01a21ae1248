"""The same training script recorded and replayed by flordb and by us, side by side.

    python -m tests.benchmarks.beside_flordb [--rounds N] [--epochs N]

flordb comes from PyPI into a venv of its own, which is thrown away afterwards; torch is the
one that is installed here, for both. The truth is what the original run itself computed;
equal means equal as floats. Recording: what the loop itself takes, plain, by us and by
flordb in turns. Replay: the whole command, from the shell to the values.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copytree

SCRIPT = """
import json
import time
import torch
from torch import nn
IMPORT
torch.set_num_threads(1)
SEED
X, y = torch.randn(960, 64), torch.randint(0, 3, (960,))
net = nn.Sequential(nn.Linear(64, 1000), nn.ReLU(), nn.Dropout(0.3), nn.Linear(1000, 1000),
                    nn.ReLU(), nn.Dropout(0.3), nn.Linear(1000, 3))
opt = torch.optim.SGD(net.parameters(), lr=RATE, momentum=0.9)
sched = torch.optim.lr_scheduler.StepLR(opt, 5, 0.7)
losses, norms = [], []
began = time.perf_counter(), time.process_time(), time.thread_time()
for epoch in LOOP("epoch", range(EPOCHS)):
    order = torch.randperm(len(X))
    for step in LOOP("step", range(30)):
        batch = order[32 * step:32 * step + 32]
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(X[batch]), y[batch])
        loss.backward()
        opt.step()
        losses.append(loss.item())
    sched.step()
    norms.append(float(sum(p.detach().square().sum() for p in net.parameters())))
    DONE
ended = time.perf_counter(), time.process_time(), time.thread_time()
took = [b - a for a, b in zip(began, ended)]
with open("truth.json", "w") as file:
    json.dump({"inner": losses, "outer": norms, "took": took}, file)
"""
LINES = {
    "outer": ("    norms.append(", '    LOG("outer", norms[-1])\n'),
    "inner": ("        losses.append(", '        LOG("inner", loss.item())\n'),
}
"""The line below which a log line is put afterwards, and the log line."""
STEPS = 30
READ = """
import sys
import flordb as flor
found = flor.dataframe(sys.argv[1])
print("\\nVALUES" + found.to_json(orient="records"))
"""
FLOR_STEPS = (
    "git init, .gitignore and a first commit; the run goes to a branch of its own",
    "import flordb, flor.loop around each loop, flor.arg for one value at least",
    "python train.py, which commits all that is in the folder",
    'add flor.log("name", value) to the script',
    "python -m flordb replay --apply name [--iter epoch=all --iter step=all], and y",
    "flor.dataframe(name)",
)
OUR_STEPS = (
    "jupyter slicer record train.py",
    'add log("name", value) to the script',
    "jupyter slicer replay train.py",
)


@dataclass
class Outcome:
    """A replay: what it took, and its values by epoch, or by epoch and step."""

    seconds: float
    values: dict[tuple[int, ...], float] = field(default_factory=dict)
    rows: int = 0
    said: str = ""
    """What the replay itself says of its values, or why there are none."""

    def line(self, truth: Sequence[float]) -> str:
        inner = any(len(place) == 2 for place in self.values)
        equal = sum(
            value == truth[place[0] * STEPS + place[1] if inner else place[0]]
            for place, value in self.values.items()
        )
        return f"{equal}/{len(truth)} equal, {self.rows} rows, {self.seconds:.1f} s" + (
            f"; {self.said}" if self.said else ""
        )


@dataclass
class Side:
    """One of the three ways to run the script."""

    name: str
    python: str
    words: tuple[str, ...] = ()
    """Between Python and the script."""
    flor: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)

    def prepare(self, folder: Path, text: str) -> None:
        folder.mkdir(parents=True)
        (folder / "train.py").write_text(text)
        if self.flor:
            (folder / ".gitignore").write_text(".flor/\ntruth.json\n")
            for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "script")):
                subprocess.run(("git", *words), cwd=folder, check=True, env=self.env(folder))

    def env(self, folder: Path) -> dict[str, str]:
        here = os.environ | dict(self.environment)
        path = f"{Path(self.python).parent}{os.pathsep}{os.environ['PATH']}"
        store = str(folder / "store" / "history.sqlite")
        return here | {"JUPYTER_SLICER_STORE": store, "HOME": str(folder.parent), "PATH": path}

    def run(
        self, folder: Path, *words: str, answer: str = ""
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            (self.python, *words), cwd=folder, env=self.env(folder), input=answer, text=True,
            capture_output=True, timeout=1800,
        )  # fmt: skip

    def train(self, folder: Path) -> dict[str, list[float]]:
        """Runs the script; gives what it computed and what its loop took."""
        done = self.run(folder, *self.words, "train.py")
        if done.returncode:
            raise SystemExit(f"{self.name}: {done.stderr[-2000:]}")
        return json.loads((folder / "truth.json").read_text())

    def replay(self, folder: Path, name: str, text: str, full: bool) -> Outcome:
        (folder / "train.py").write_text(text)
        began = time.perf_counter()
        if not self.flor:
            done = self.run(folder, *self.words[:-1], "replay", "train.py", "--csv", "out.csv")
            took = time.perf_counter() - began
            return Outcome(took, *_read_csv(folder / "out.csv", name), _verdict(done.stderr))
        narrow = ("--iter", "epoch=all", "--iter", "step=all") if full else ()
        words = ("-m", "flordb", "replay", "--apply", name, *narrow)
        done = self.run(folder, *words, answer="y\n" * 20)
        found = self.run(folder, "-c", READ, name)
        took = time.perf_counter() - began
        values, rows = _read_json(found.stdout, name)
        error = (done.stderr.strip().splitlines() or [""])[-1] if done.returncode else ""
        return Outcome(took, values, rows, error[:80])


def _read_csv(path: Path, name: str) -> tuple[dict[tuple[int, ...], float], int]:
    if not path.exists():
        return {}, 0
    with path.open() as file:
        rows = list(csv.DictReader(file))
    values = {
        tuple(int(row[c]) for c in ("epoch", "step") if c in row): float(row[name])
        for row in rows
    }
    return values, len(rows)


def _read_json(said: str, name: str) -> tuple[dict[tuple[int, ...], float], int]:
    line = next((x for x in said.splitlines() if x.startswith("VALUES")), "VALUES[]")
    rows = json.loads(line.removeprefix("VALUES"))
    values = {}
    for row in rows:
        place = tuple(int(row[c]) for c in ("epoch", "step") if row.get(c) is not None)
        if place and row.get(name) is not None:
            values[place] = float(row[name])
    return values, len(rows)


def _verdict(said: str) -> str:
    return next((x for x in said.splitlines() if x.startswith(("✓", "✗"))), said[-200:]).strip()


def script(side: Side, seeded: bool, epochs: int) -> str:
    """The text for one side: flordb wants its own loops and arguments."""
    own = {
        "IMPORT": "import flordb as flor" if side.flor else "",
        "SEED": "torch.manual_seed(3)" if seeded else "",
        "RATE": 'flor.arg("lr", 0.05)' if side.flor else "0.05",
        "DONE": 'flor.log("done", epoch)' if side.flor else "",
        "EPOCHS": str(epochs),
    }
    text = SCRIPT
    for word, value in own.items():
        text = text.replace(word, value)
    for name in ("epoch", "step"):
        opening = f'flor.loop("{name}", range(' if side.flor else "range("
        text = text.replace(f'LOOP("{name}", range(', opening)
    if not side.flor:
        text = text.replace(f"range({epochs})):", f"range({epochs}):")
        text = text.replace("range(30)):", "range(30):")
    return text


def with_line(side: Side, text: str, name: str) -> str:
    below, line = LINES[name]
    added = line.replace("LOG", "flor.log" if side.flor else "log")
    lines = text.splitlines(keepends=True)
    at = next(n for n, one in enumerate(lines) if one.startswith(below))
    return "".join([*lines[: at + 1], added, *lines[at + 1 :]])


def venv_with_flordb(folder: Path) -> str:
    """Its Python; torch is that of this Python."""
    subprocess.run((sys.executable, "-m", "venv", str(folder)), check=True)
    python = str(folder / "bin" / "python")
    words = (python, "-m", "pip", "install", "-q", "flordb")
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    torch = importlib.util.find_spec("torch")
    if torch is None or torch.origin is None:
        raise SystemExit("torch is needed: pip install torch")
    place = subprocess.run(
        (python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"),
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    (Path(place) / "torch_of_the_caller.pth").write_text(str(Path(torch.origin).parents[1]))
    return python


def recording(sides: Sequence[Side], folder: Path, rounds: int, epochs: int) -> Iterator[str]:
    took: dict[str, list[list[float]]] = {side.name: [] for side in sides}
    for turn in range(rounds):
        for side in sides:
            place = folder / f"record{turn}" / side.name / "project"
            side.prepare(place, script(side, seeded=True, epochs=epochs))
            took[side.name].append(side.train(place)["took"])
    for side in sides[1:]:
        pairs = list(zip(took[side.name], took[sides[0].name], strict=True))
        wall, cpu, own = (statistics.median(a[n] / b[n] for a, b in pairs) for n in range(3))
        low, high = min(a[2] / b[2] for a, b in pairs), max(a[2] / b[2] for a, b in pairs)
        yield (
            f"{side.name:8} {own:.3f} ({low:.2f} to {high:.2f}) of plain by the CPU time of the "
            f"thread that trains, {cpu:.3f} with all threads, {wall:.3f} by the clock"
        )
    plain = statistics.median(wall for wall, *_ in took[sides[0].name])
    yield f"a plain loop takes {plain:.1f} s; median of {rounds} rounds"


def replaying(side: Side, folder: Path, seeded: bool, epochs: int) -> Iterator[str]:
    original = folder / f"replay{seeded:d}" / side.name / "original" / "project"
    text = script(side, seeded, epochs)
    side.prepare(original, text)
    truth = side.train(original)
    for name in LINES:
        for full in (False, True) if side.flor else (False,):
            place = original.parents[1] / f"{name}{full:d}" / "project"
            copytree(original.parent, place.parent)
            outcome = side.replay(place, name, with_line(side, text, name), full)
            how = " --iter all" if full else ""
            kind = "seeded" if seeded else "unseeded"
            yield f"{side.name + how:19} {kind:9} {name}  {outcome.line(truth[name])}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="beside-flordb-") as name:
        folder = Path(name)
        author = {f"GIT_{who}_{what}": "bench@example.org" for who in ("AUTHOR", "COMMITTER")
                  for what in ("NAME", "EMAIL")}  # fmt: skip
        flordb = Side("flordb", venv_with_flordb(folder / "venv"), (), True, author)
        root = str(Path(__file__).resolve().parents[2])
        cli = ("-m", "jupyter_slicer.frontends.cli", "record")
        ours = Side("ours", sys.executable, cli, environment={"PYTHONPATH": root})
        plain = Side("plain", sys.executable)
        print("steps with flordb:", *FLOR_STEPS, sep="\n  ")
        print("steps with us:", *OUR_STEPS, sep="\n  ")
        print("\nrecording", flush=True)
        for line in recording((plain, ours, flordb), folder, options.rounds, options.epochs):
            print(f"  {line}", flush=True)
        print("replay: values equal to those of the original run", flush=True)
        for seeded in (True, False):
            for side in (ours, flordb):
                for line in replaying(side, folder, seeded, options.epochs):
                    print(f"  {line}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
