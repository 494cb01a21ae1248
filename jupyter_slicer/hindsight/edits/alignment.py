"""Which statement of one text corresponds to which of another.

Statements are paired block by block, in order, so that what they say agrees as much as
it can. A block whose statements stand elsewhere in the other text (a loop that was moved
into a function) is paired with that place. Names that were changed throughout are found
from what is paired, and the pairing is done again with them.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jupyter_slicer.hindsight.edits.syntax import (
    MODULE,
    Block,
    Cell,
    Function,
    Loop,
    Statement,
    Token,
)

NameAt = tuple[int, str]
"""A name and the function whose name it is; ``MODULE`` for one of the cell's."""
ATTRIBUTE = -2
"""Stands for the function where an attribute's name is meant."""
_ROOT = Block(MODULE, "body")
_ROUNDS = 4
_SMALLEST = 0.3
"""Statements that agree less than this are not the same statement changed."""
_LARGEST = 250_000
"""More pairs of statements than this are compared in their blocks' order only."""


@dataclass(frozen=True)
class Alignment:
    """Pairs of statements, by number, and the names that differ between the two."""

    left: Cell
    right: Cell
    pairs: Mapping[int, int]
    names: Mapping[NameAt, str]
    """Names of the left text that are called differently in the right one."""
    strays: frozenset[int] = frozenset()
    """Left statements whose partner does not stand where the order would have it."""

    def name(self, name: str, index: int) -> str:
        """What a name in a left statement is called in the right text."""
        return self.names.get((self.left.scope_of(name, index), name), name)

    def agrees(self, left: int) -> bool:
        """Whether a left statement says the same as its partner, names followed."""
        a, b = self.left.statements[left], self.right.statements[self.pairs[left]]
        return _renamed(a.tokens, left, self.left, self.names) == b.tokens


def align(left: Cell, right: Cell, *, loose: bool = False) -> Alignment:
    """Pair the statements of two texts; ``loose`` also where little agrees.

    If deleting statements of ``right`` can give ``left``, then each statement of ``left``
    is paired with an equal one.
    """
    names: dict[NameAt, str] = {}
    alignment = _pair(left, right, names, loose)
    for _ in range(_ROUNDS):
        found = _changed_names(alignment)
        if found == names:
            break
        names = found
        alignment = _pair(left, right, names, loose)
    return alignment


def _pair(left: Cell, right: Cell, names: Mapping[NameAt, str], loose: bool) -> Alignment:
    pairing = _Pairing(left, right, names)
    pairing.take(_ROOT, _ROOT)
    in_order = set(pairing.pairs)
    if len(left.statements) * len(right.statements) <= _LARGEST:
        pairing.take_elsewhere(least=2.0 if loose else None)
    strays = frozenset(set(pairing.pairs) - in_order)
    return Alignment(left, right, pairing.pairs, names, strays)


@dataclass
class _Pairing:
    """Pairs found so far, and what has been computed on the way."""

    left: Cell
    right: Cell
    names: Mapping[NameAt, str]
    pairs: dict[int, int] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)
    """Right statements that have a partner."""
    ours: list[tuple[Token, ...]] = field(default_factory=list)
    """What each left statement says, with the names of the right text."""
    wholes: tuple[list[int], list[int]] = ([], [])
    """For each statement of either text a number for all that it says."""
    heavy: list[float] = field(default_factory=list)
    """For each left statement the weight of all that is inside it."""
    agreements: dict[tuple[int, int], float] = field(default_factory=dict)
    scores: dict[tuple[Block, Block], tuple[float, list[tuple[int, int]]]] = field(
        default_factory=dict
    )

    def __post_init__(self) -> None:
        self.ours = [
            _renamed(s.tokens, s.index, self.left, self.names) for s in self.left.statements
        ]
        theirs = [s.tokens for s in self.right.statements]
        self.wholes = (_wholes(self.left, self.ours), _wholes(self.right, theirs))
        self.heavy = [0.0] * len(self.ours)
        for statement in reversed(self.left.statements):
            self.heavy[statement.index] += statement.weight
            if statement.parent != MODULE:
                self.heavy[statement.parent] += self.heavy[statement.index]

    def take(self, a: Block, b: Block) -> None:
        for x, y in self.best(a, b)[1]:
            self.pairs[x] = y
            self.taken.add(y)
            for role in self.left.roles(x):
                other = Block(y, role.role)
                if other in self.right.blocks:
                    self.take(role, other)

    def take_elsewhere(self, least: float | None) -> None:
        """Pair what has no partner yet with what stands in any other block.

        Something must say the very same, or enough must agree: ``least``.
        """
        while True:
            self.scores.clear()
            best, place = 0.0, None
            for a in self.left.blocks:
                if all(s.index in self.pairs for s in self.left.blocks[a]):
                    continue
                for b in self.right.blocks:
                    score = self.best(a, b)[0]
                    if score > best:
                        best, place = score, (a, b)
            if place is None:
                return
            if not self._certain(*place) and (least is None or best < least):
                return
            self.take(*place)

    def _certain(self, a: Block, b: Block) -> bool:
        """Whether at least one of the pairs says the very same."""
        return any(
            self.agreement(x, y) == 1 and not isinstance(self.left.statements[x].node, ast.Pass)
            for x, y in self.best(a, b)[1]
        )

    def best(self, a: Block, b: Block) -> tuple[float, list[tuple[int, int]]]:
        """The pairing of two blocks, in order, that agrees most; nothing is paired twice."""
        key = (a, b)
        if key not in self.scores:
            self.scores[key] = self._best(
                [s for s in self.left.blocks[a] if s.index not in self.pairs],
                [s for s in self.right.blocks[b] if s.index not in self.taken],
            )
        return self.scores[key]

    def _best(
        self, xs: list[Statement], ys: list[Statement]
    ) -> tuple[float, list[tuple[int, int]]]:
        start = self._alike(xs, ys)
        first = list(zip(xs[:start], ys[:start], strict=True))
        xs, ys = xs[start:], ys[start:]
        end = self._alike(xs[::-1], ys[::-1])
        last = list(zip(xs[len(xs) - end :], ys[len(ys) - end :], strict=True))
        xs, ys = xs[: len(xs) - end], ys[: len(ys) - end]
        table = [[0.0] * (len(ys) + 1) for _ in range(len(xs) + 1)]
        for i in range(len(xs) - 1, -1, -1):
            row, below = table[i], table[i + 1]
            for j in range(len(ys) - 1, -1, -1):
                both = below[j + 1] + self.score(xs[i], ys[j])
                row[j] = max(both, below[j], row[j + 1])
        alike = [(x.index, y.index) for x, y in first]
        after = [(x.index, y.index) for x, y in last]
        score = table[0][0] + sum(self.heavy[x] for x, _ in (*alike, *after))
        return score, [*alike, *self._walk(table, xs, ys), *after]

    def _alike(self, xs: Sequence[Statement], ys: Sequence[Statement]) -> int:
        """How many statements at the start agree with all that is inside them: no other
        pairing of those can agree more."""
        count = 0
        for x, y in zip(xs, ys, strict=False):
            if self.wholes[0][x.index] != self.wholes[1][y.index]:
                break
            count += 1
        return count

    def _walk(
        self, table: list[list[float]], xs: list[Statement], ys: list[Statement]
    ) -> Iterator[tuple[int, int]]:
        i = j = 0
        while i < len(xs) and j < len(ys):
            score = self.score(xs[i], ys[j])
            if score and table[i][j] == table[i + 1][j + 1] + score:
                yield xs[i].index, ys[j].index
                i, j = i + 1, j + 1
            elif table[i][j] == table[i][j + 1]:
                j += 1
            else:
                i += 1

    def score(self, x: Statement, y: Statement) -> float:
        """How much of two statements agrees, with all that is inside them."""
        if self.wholes[0][x.index] == self.wholes[1][y.index]:
            return self.heavy[x.index]
        own = self.agreement(x.index, y.index)
        if own == 0:
            return 0.0
        weight = min(x.weight, y.weight)
        inner, whole = own * weight, weight
        for block in self.left.roles(x.index):
            other = Block(y.index, block.role)
            if other in self.right.blocks:
                inner += self.best(block, other)[0]
                whole += min(self._weight(self.left, block), self._weight(self.right, other))
        return inner if inner >= _SMALLEST * whole else 0.0

    def _weight(self, cell: Cell, block: Block) -> float:
        return sum(s.weight for s in cell.blocks[block])

    def agreement(self, x: int, y: int) -> float:
        """How much of what two statements say agrees, from 0 to 1."""
        key = (x, y)
        if key not in self.agreements:
            self.agreements[key] = self._agreement(
                self.left.statements[x], self.right.statements[y]
            )
        return self.agreements[key]

    def _agreement(self, x: Statement, y: Statement) -> float:
        if type(x.node) is not type(y.node):
            return 0.0
        ours, theirs = self.ours[x.index], y.tokens
        if ours == theirs:
            return 1.0
        if (x.bare != x.tokens or y.bare != y.tokens) and y.bare == _renamed(
            x.bare, x.index, self.left, self.names
        ):
            return 0.97  # the same with ``log("name", ...)`` around parts of it
        least = 0.05 if self.left.roles(x.index) else 0.0
        if x.shape == y.shape:
            varying = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
            free = sum(1 for t in x.shape if not t.text and t.kind != "none")
            same = 1 - len(varying) / max(free, 1)
            return max(least, 0.35 + 0.6 * same)
        if isinstance(x.node, Function) and x.node.name == y.node.name:  # type: ignore[attr-defined]
            least = 0.7
        if isinstance(x.node, ast.Assign) and ours[:3] == theirs[:3] and ours[2].kind == "name":
            least = 0.4  # another value for the same name
        common = sum((Counter(ours) & Counter(theirs)).values())
        dice = 2 * common / (len(ours) + len(theirs))
        return max(least, 0.8 * dice if dice >= 0.5 else 0.0)


def _wholes(cell: Cell, tokens: Sequence[tuple[Token, ...]]) -> list[int]:
    found = [0] * len(tokens)
    for statement in reversed(cell.statements):
        inner = tuple(
            (block.role, tuple(found[s.index] for s in cell.blocks[block]))
            for block in cell.roles(statement.index)
        )
        found[statement.index] = hash((tokens[statement.index], inner))
    return found


def _renamed(
    tokens: tuple[Token, ...], index: int, cell: Cell, names: Mapping[NameAt, str]
) -> tuple[Token, ...]:
    if not names:
        return tokens
    return tuple(
        Token(t.kind, names.get(_name_at(t, index, cell), t.text))
        if t.kind in ("name", "attr")
        else t
        for t in tokens
    )


def _name_at(token: Token, index: int, cell: Cell) -> NameAt:
    if token.kind == "attr":
        return ATTRIBUTE, token.text
    return cell.scope_of(token.text, index), token.text


def _changed_names(alignment: Alignment) -> dict[NameAt, str]:
    """Names that most pairs agree to call differently."""
    votes: dict[NameAt, Counter[str]] = {}
    for x, y in alignment.pairs.items():
        a, b = alignment.left.statements[x], alignment.right.statements[y]
        for ours, theirs in _beside(a, b):
            at = _name_at(ours, x, alignment.left)
            votes.setdefault(at, Counter())[theirs.text] += 1
    mentioned = _mentioned(alignment.right)
    before = _mentioned(alignment.left)
    found: dict[NameAt, str] = {}
    for at, counter in votes.items():
        name, count = counter.most_common(1)[0]
        if name == at[1] or 2 * count <= counter.total():
            continue
        if at[0] == ATTRIBUTE and (at[1] in mentioned["attr"] or name in before["attr"]):
            continue  # another attribute, not another name for one
        found[at] = name
    return found


def _beside(a: Statement, b: Statement) -> Iterator[tuple[Token, Token]]:
    """Names that stand at the same place of two statements."""
    if a.shape == b.shape:
        for ours, theirs in zip(a.tokens, b.tokens, strict=True):
            if ours.kind in ("name", "attr"):
                yield ours, theirs
    elif isinstance(a.node, Function | Loop):
        first = _first_names(a), _first_names(b)
        if len(first[0]) == len(first[1]):
            yield from zip(*first, strict=True)


def _first_names(statement: Statement) -> list[Token]:
    """The name of a function, or the variables of a loop."""
    if isinstance(statement.node, Function):
        return [Token("name", statement.node.name)]
    end = next((i for i, t in enumerate(statement.tokens) if t.kind == "node" and i > 1), 0)
    return [t for t in statement.tokens[:end] if t.kind == "name"]


def _mentioned(cell: Cell) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {"name": set(), "attr": set()}
    for statement in cell.statements:
        for token in statement.tokens:
            if token.kind in found:
                found[token.kind].add(token.text)
    return found
