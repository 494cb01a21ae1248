"""Why an edit is not log-only, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_slicer.hindsight.edits.known_calls import GENERATOR_NAMES, MODULE_METHODS

__all__ = ["MODULE_METHODS", "QUIET_DECORATORS"]

QUIET_DECORATORS = frozenset(
    "property setter staticmethod classmethod abstractmethod lru_cache cache cached_property "
    "wraps contextmanager dataclass no_grad inference_mode enable_grad singledispatch "
    "total_ordering overload".split()
)
"""Decorators that do not call what they decorate, or only around its own calls."""

TOO_MUCH = "This is too much to look through. The replay compares the states."
STAR_IMPORT = (
    "A star import may bind any name that training uses: import the names that you need."
)
MAY_RAISE = "An error here ends the replay of that iteration, and training did not have it."
UNDERSCORE = "`_` will have another value than it had. Training does not read it."
LOOKS_UP_NAMES = (
    "The cell asks for names by `globals()`, `exec` or the like, so a new name may reach "
    "training. The replay compares the states."
)
AWAITS = "Other tasks may run while this one waits. The replay compares the states."


def binds(name: str, imports: bool = False) -> str:
    if imports:
        return (
            f"Training uses the name `{name}`, and this import gives it a value: import it "
            f"under a name of its own, as in `import … as {name}_logged`."
        )
    return f"Training uses `{name}`, and this gives it another value: use a name of its own."


def binds_elsewhere(name: str) -> str:
    return (
        f"Another cell has a variable `{name}` too, which a function may read: a name of its "
        "own would be safe."
    )


def deletes(name: str) -> str:
    return f"Training uses `{name}`, and this deletes it: leave it alone."


def changes(text: str, root: str) -> str:
    if text == root or not root:
        return f"It changes `{text}`, which training uses: work on a copy."
    return f"It changes `{text}`, which is or may be a part of training's `{root}`: work on a copy."


def may_change(text: str) -> str:
    return (
        f"It changes `{text}`, and nobody can tell whether training uses that. The replay "
        "compares the states."
    )


def sets_option(path: str) -> str:
    return f"It sets `{path}` for all that runs afterwards: leave it as training had it."


def deep_call(text: str) -> str:
    return (
        f"What `{text}` does cannot be seen in the text. The replay compares the states; to be "
        "sure, use functions of this notebook or of the usual libraries."
    )


def declares(word: str, names: Sequence[str]) -> str:
    listed = ", ".join(names)
    return f"`{word} {listed}` changes whose name that is: use a new name without `{word}`."


def leaves(word: str) -> str:
    return (
        f"`{word}` changes which statements of training run: only log here, and let training "
        "go on."
    )


def draws(library: str) -> str:
    name = GENERATOR_NAMES[library]
    ways = {
        "torch": "wrap it in `with torch.random.fork_rng():`, or pass a `torch.Generator()` "
        "of its own",
        "torch.cuda": "wrap it in `with torch.random.fork_rng():`",
        "random": "use a generator of its own, `random.Random(0)`",
        "numpy": "use a generator of its own, `np.random.default_rng(0)`",
    }
    return f"It draws from {name}, so all later draws of training differ: {ways[library]}."


def draws_from_own(text: str, generator: str) -> str:
    return (
        f"Stepping over `{text}` draws from its generator `{generator}`, so training's later "
        "draws differ: make a loader of its own for this."
    )


def draws_method(text: str, root: str) -> str:
    return (
        f"`{text}` draws from `{root}`, which training uses too, so its later draws differ: use "
        "a generator of its own."
    )


def may_draw(text: str) -> str:
    return (
        f"`{text}` may draw random numbers that training would have had: use a generator of its "
        "own, or pass a seed (`random_state=0`)."
    )


def seeds(text: str) -> str:
    return (
        f"`{text}` sets the state of a generator that training draws from: use a generator of "
        "its own."
    )


def steps_over_loader(text: str) -> str:
    return (
        f"Stepping over the DataLoader `{text}` draws a seed from torch's generator, even "
        "without shuffling: wrap it in `with torch.random.fork_rng():`."
    )


def may_be_loader(text: str) -> str:
    return (
        f"If `{text}` is a DataLoader, stepping over it draws a seed from torch's generator: "
        "wrap it in `with torch.random.fork_rng():`."
    )


def uses_up(text: str) -> str:
    return (
        f"`{text}` can be stepped over once, and training steps over it: what is taken here is "
        "missing there. Log what training has taken."
    )


def may_use_up(text: str) -> str:
    return (
        f"If `{text}` is an iterator, what is taken here is missing in training. The replay "
        "compares the states."
    )


def mode(text: str, what: str) -> str:
    back = f"write `{text}.train()` after it, or " if what == "eval" else ""
    return (
        f"`{text}.{what}()` changes the mode and nothing puts it back before training goes on: "
        f"{back}keep `was = {text}.training` before it and write `{text}.train(was)` after it."
    )


def acts_in_mode(text: str, layer: str) -> str:
    return (
        f"In training mode `{text}(…)` goes through {layer}, which draws numbers or changes its "
        f"statistics: write `{text}.eval()` before and `{text}.train()` after."
    )


def may_act_in_mode(text: str) -> str:
    return (
        f"What `{text}(…)` does cannot be seen in the text; in training mode a model may draw "
        f"numbers or change its statistics. The replay compares the states."
    )


def functional_draw(text: str) -> str:
    return (
        f"`{text}` draws from torch's generator: call it in evaluation mode or with "
        "`training=False`."
    )


UPDATE_WORDS = {
    "zero_grad": "It clears the gradients that training uses: leave that to training.",
    "backward": "It adds to the gradients that training uses: use "
    "`torch.autograd.grad(…, retain_graph=True)`, or a deep copy.",
    "step": "It makes a training step: leave that to training.",
}


def frees_graph(text: str) -> str:
    return (
        f"`{text}` frees the graph that training's `backward()` needs: pass "
        "`retain_graph=True`."
    )


def clips_by_infinity(text: str) -> str:
    return (
        f"`{text}` with an infinite limit multiplies gradients by one. The replay compares the "
        "states."
    )


def writes_read_file(path: str) -> str:
    return f"It writes `{path}`, which training names too: write to another file."


def writes_file(text: str) -> str:
    return (
        f"`{text}` writes outside the notebook, and does so again at each replay: log instead."
    )


def imports(module: str) -> str:
    return (
        f"Importing `{module}` may set options that training feels. The replay compares the "
        "states."
    )


def decorates(text: str) -> str:
    return f"What `@{text}` does with the function cannot be seen in the text."


def default_item(text: str) -> str:
    return f"If `{text}` is not there, reading it adds it: use `.get(…)`."


def casts(text: str, method: str) -> str:
    return f"`{text}.{method}()` changes the module itself: use `copy.deepcopy({text})` first."


def special_member(name: str) -> str:
    return f"Python calls `{name}` by itself, also for training: use a plain name."


def member(name: str, owner: str) -> str:
    return f"`{name}` may replace what training uses of `{owner}`: use a new name."


def may_be_member(name: str, owner: str) -> str:
    return f"`{name}` may replace what `{owner}` inherits. The replay compares the states."


def exits(text: str) -> str:
    return f"`{text}` ends the run: only log here."


# -- what was not added ------------------------------------------------------------------


def hyperparameter(was: str, now: str, text: str) -> str:
    return (
        f"A value was changed from {was} to {now}: that is another run. Put it back here, and "
        "run the changed cell to record it."
    )


def renamed(old: str, new: str) -> str:
    return f"`{old}` is called `{new}` now, and the record knows it as `{old}`: put it back."


def changed(recorded: str) -> str:
    return f"Training had `{recorded}` here: put it back and add a line beside it."


def wrapped(text: str, header: str) -> str:
    return (
        f"`{text}` is inside the added `{header}` now, so it runs under other conditions: put "
        "it back and add a line beside it."
    )


def other_wrap(name: str) -> str:
    return (
        f"`{name}` is the notebook's own here, and may give another value back: write "
        f"`jupyter_slicer.{name}`."
    )


def moved(text: str, line: int) -> str:
    return f"`{text}` stood at line {line} when it was recorded: put it back there."


def moved_definition(text: str) -> str:
    return f"`{text}` stands elsewhere than it did. The replay compares the states."


def removed(text: str) -> str:
    return f"Training had `{text}` here: put it back."


def removed_log(text: str) -> str:
    return (
        f"`{text}` is gone, so what it printed or logged cannot be compared with the record: put it "
        "back to have everything checked."
    )
