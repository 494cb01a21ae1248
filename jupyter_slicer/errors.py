"""Every error that a user can meet.

    SlicerError
    ├── UsageError                  options that do not exist or do not go together
    ├── SlicingError
    │   ├── UnknownVariable         nothing recorded has written the name
    │   ├── BadCriterion            the text asked for is not an expression
    │   ├── NothingRecorded         recording has not seen any cell
    │   ├── UnknownFile             no recorded cell has written the file
    │   ├── UnknownCell             no such cell was recorded
    │   ├── NothingShown            the cell has shown nothing, or did not fail
    │   ├── NoOutput                a cell has left nothing to slice
    │   └── ForgottenSlice          the panel asks about a slice that is gone
    ├── Cancelled                   the panel does not want the answer any more
    ├── ExportError
    │   ├── WouldOverwrite          the file there was not written by us
    │   └── CannotWrite             no permission, no space, no such folder
    ├── VerificationError           the fresh run itself could not be arranged
    ├── NotebookError               the command line could not run the notebook
    ├── UnreadableCell              a version of a cell is not Python
    ├── Interrupted                 Ctrl-C while it ran
    ├── HindsightError
    │   ├── UnknownRun              no run has that number, or no such iteration
    │   ├── NotLogOnly              the edit changes more than what is logged
    │   ├── ForgottenPlan           the panel asks for a replay whose plan is gone
    │   ├── CannotReplay            nothing that was kept leads to the iteration
    │   └── DamagedCheckpoint       a file of it is gone, or not what was written
    └── StoreError
        ├── DamagedStore            the database cannot be read
        ├── UnknownKernel           no such kernel was recorded
        └── NewerStore              it was written by a later version

In: nothing. Out: exceptions whose message says what happened, why, and what to do.
Never: carries live objects of the user's.
"""

from __future__ import annotations

from collections.abc import Sequence


class SlicerError(Exception):
    """The root; ``slug`` leads to a paragraph in ``docs/messages.md``."""

    slug = "slicer-error"


class UsageError(SlicerError):
    """The line that was typed cannot be understood."""

    slug = "usage-error"


class UnreadableCell(SlicerError):
    """A version of a cell cannot be compared with others: it is not Python."""

    slug = "unreadable-cell"

    def __init__(self, error: BaseException) -> None:
        super().__init__(f"The cell's text cannot be read as Python: {error}.")


class SlicingError(SlicerError):
    """A slice could not be made."""

    slug = "slicing-error"


class UnknownVariable(SlicingError):
    """The criterion names something no recorded cell has written."""

    slug = "unknown-variable"

    def __init__(self, name: str, near: Sequence[str] = (), hint: str = "") -> None:
        help_ = f" Did you mean {near[0]!r}?" if near else (hint or " Was recording on?")
        super().__init__(f"No recorded cell has written {name!r}.{help_}")
        self.name = name


class BadCriterion(SlicingError):
    """What was asked for is not a Python expression."""

    slug = "bad-criterion"

    def __init__(self, text: str, why: str) -> None:
        super().__init__(
            f"Cannot slice {text!r}: {why}. Ask for a name or an expression, "
            f'for example  %slice model  or  %slice df["age"].mean()'
        )


class NothingRecorded(SlicingError):
    """No cell execution was recorded."""

    slug = "nothing-recorded"

    def __init__(self) -> None:
        super().__init__(
            "Nothing is recorded yet. Recording starts with %load_ext jupyter_slicer: "
            "run the cells once more after it."
        )


class UnknownFile(SlicingError):
    """The criterion is a file that no recorded cell has written."""

    slug = "unknown-file"

    def __init__(self, path: str, known: Sequence[str] = ()) -> None:
        written = f" They have written {', '.join(known)}."
        help_ = written if known else " Was recording on?"
        super().__init__(f"No recorded cell has written the file {path!r}.{help_}")


class UnknownCell(SlicingError):
    """The criterion is the output of a cell that was not recorded."""

    slug = "unknown-cell"

    def __init__(self, count: int | None) -> None:
        which = "cell" if count is None else f"In[{count}]"
        super().__init__(
            f"No {which} was recorded. %slicer history lists the executions with their numbers."
        )


class NothingShown(SlicingError):
    """The criterion is an output or an error, and there is none."""

    slug = "nothing-shown"


class NoOutput(SlicingError):
    """A cell was asked about that shows nothing and defines nothing."""

    slug = "no-output"

    def __init__(self) -> None:
        super().__init__(
            "This cell has left nothing to slice: it has not run since recording began, or "
            "it shows nothing and defines no variable that is still there. Run it, or choose "
            "a variable."
        )


class ForgottenSlice(SlicingError):
    """A slice was asked about that the kernel does not hold any more."""

    slug = "forgotten-slice"

    def __init__(self) -> None:
        super().__init__("The kernel does not hold this slice any more. Ask for it again.")


class ExportError(SlicerError):
    """The program could not be written."""

    slug = "export-error"


class WouldOverwrite(ExportError):
    """A file that we did not write is in the way."""

    slug = "would-overwrite"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path} exists and was not written by jupyter_slicer. "
            "Choose another name, or add --force to replace it."
        )


class CannotWrite(ExportError):
    """The operating system refused."""

    slug = "cannot-write"

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"Cannot write {path}: {why}. Choose another folder.")


class VerificationError(SlicerError):
    """The fresh run itself could not be arranged."""

    slug = "verification-error"


class HindsightError(SlicerError):
    """A recorded loop could not be looked at, or not be replayed."""

    slug = "hindsight-error"


class UnknownRun(HindsightError):
    """No run has that number, or the run has no such iteration or variable."""

    slug = "unknown-run"


class NotLogOnly(HindsightError):
    """The edited cell does more than the recorded one besides logging."""

    slug = "not-log-only"

    def __init__(self, lines: Sequence[str]) -> None:
        listed = "".join(f"\n    {line}" for line in lines)
        super().__init__(
            f"The edit changes more than what is logged:{listed}\nTake that back, or add "
            "--force to replay it all the same; what differs is then reported."
        )


class ForgottenPlan(HindsightError):
    """The panel asks for a replay whose plan is gone."""

    slug = "forgotten-plan"

    def __init__(self) -> None:
        super().__init__("The kernel does not hold this plan any more. Ask for it again.")


class CannotReplay(HindsightError):
    """Nothing that was kept leads to the iterations asked for."""

    slug = "cannot-replay"


class DamagedCheckpoint(HindsightError):
    """A file of a checkpoint is gone, or does not hold what was written."""

    slug = "damaged-checkpoint"

    def __init__(self, digest: str, why: str) -> None:
        super().__init__(f"A checkpoint's file {digest[:12]} cannot be used: {why}.")


class Cancelled(SlicerError):
    """The fresh run was ended because nobody waits for it."""

    slug = "cancelled"

    def __init__(self) -> None:
        super().__init__("The fresh run was ended. Verify again when you want to know.")


class StoreError(SlicerError):
    """The history could not be read or written."""

    slug = "store-error"


class DamagedStore(StoreError):
    """The database file cannot be read."""

    slug = "damaged-store"


class NewerStore(StoreError):
    """The database was written by a later version of jupyter_slicer."""

    slug = "newer-store"


class UnknownKernel(StoreError):
    """The history has no kernel, or more than one, whose id begins so."""

    slug = "unknown-kernel"

    def __init__(self, kernel: str, known: Sequence[str], ambiguous: bool = False) -> None:
        what = (
            "More than one recorded kernel begins with" if ambiguous else "No recorded kernel"
        )
        newest = f" The newest is {known[0]}." if known else " Nothing is recorded there."
        super().__init__(
            f"{what} {kernel!r}.{newest} See them all with  jupyter slicer history"
        )


class NotebookError(SlicerError):
    """The command line could not run the notebook."""

    slug = "notebook-error"


class Interrupted(SlicerError):
    """The user pressed Ctrl-C while the notebook ran."""

    slug = "interrupted"
