"""What else than values can be asked about: files, what cells showed, errors."""

from pathlib import Path

import pytest

from tests.kernel.notebook import Notebook

CELLS = {
    "imports": """\
from matplotlib import colors, pyplot as plt
import numpy as np
from IPython.display import HTML, display""",
    "data": """\
xs = [1, 2, 3]
noise = 17

def report(values):
    print("n", len(values))
    return sum(values)

def checked(v):
    assert noise
    if v > 2:
        raise ValueError(f"too large: {v}")
    return v""",
    "printed": """\
total = report(xs)
noise += 1
print("total", total)
spare = total * 2""",
    "figure": """\
plt.plot(xs, [x * x for x in xs])
plt.title("squares")
spare = noise * 2""",
    "grid": """\
fig, axes = plt.subplots(1, 2)
for ax, k in zip(axes, (1, 2)):
    ax.plot(xs, np.power(xs, k))
    ax.set_title(f"{k}")
noise += 1
plt.show()
print("done")""",
    "value": "spare = 1\nxs[::-1], len(xs)",
    "rich": "display(HTML(f'<b>{total}</b>'))\nspare = 4",
    "nothing": "spare = 3",
    "address": "class Odd: pass\nodd = Odd()\nodd",
    "failed": "print('trying', xs)\nspare = 6\nchecked(xs[2])",
    "files": """\
import os
os.makedirs("model", exist_ok=True)
with open("model/a.txt", "w") as file:
    print("a", file=file)
with open("model/b.txt", "w") as file:
    print("b", total, file=file)
np.savez("data.npz", xs=np.array(xs))
with open("spare.txt", "w") as file:
    print(noise, file=file)""",
    "appended": """\
with open("model/b.txt", "a") as file:
    print("more", file=file)""",
    "unseeded": "print(np.random.rand())",
    "cleared": """\
from IPython.display import clear_output
for step in range(3):
    clear_output(wait=True)
    print("step", step)
    display(step)""",
    "named": "import uuid\ndisplay(HTML(f'<i id={uuid.uuid4()}>x</i>'))",
    "timed": "%%time\nprint(sum(xs))",
    "awaited": "import asyncio\nawait asyncio.sleep(0)\nprint(xs)",
    "database": """\
import sqlite3
con = sqlite3.connect("data.db")
con.execute("create table t (n integer)")
con.close()""",
    "functions": """\
def draw(values):
    plt.subplot(2, 1, 1)
    plt.plot(values)""",
    "within": "spare = 7\ndraw(xs)",
    "two figures": """\
plt.figure()
plt.plot(xs)
plt.figure()
plt.plot(xs[::-1])
plt.show()
later = plt.figure()
plt.plot([noise])
plt.close(later)""",
    "marked": "marks = []\nfig, ax = plt.subplots()\nfor x in xs: marks.append(ax.plot(x))",
    "of marks": "spare = 9\nplt.plot(range(len(marks)))",
    "blurred": "%config InlineBackend.figure_format = 'retina'",
}
COUNT = {name: str(number) for number, name in enumerate(CELLS, 1)}
DATA = "xs = [1, 2, 3]"


@pytest.fixture(scope="module")
def worked(tmp_path_factory):
    """A notebook in which all of that has run."""
    folder = tmp_path_factory.mktemp("worked")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        found = Notebook(str(folder))
    found.folder = folder
    found.run("%load_ext jupyter_slicer", store_history=False)
    for name, text in CELLS.items():
        assert found.run(text).status == ("error" if name == "failed" else "ok"), name
    yield found
    found.close()


def sliced(notebook, line):
    """The program's lines, without empty ones, and the last line of the answer."""
    shown = notebook.run(f"%slice {line}", store_history=False)
    assert shown.displays, shown.stderr
    said = shown.last["text/plain"]
    program = shown.message["program"].strip().splitlines()
    return [text for text in program if text], said.splitlines()[-1]


def test_what_a_cell_printed(worked):
    program, verdict = sliced(worked, f"--output-of {COUNT['printed']}")
    assert verdict.startswith("✓ same: a fresh run gave the same output")
    assert program == [
        DATA,
        "def report(values):",
        '    print("n", len(values))',
        "    return sum(values)",
        "total = report(xs)",
        'print("total", total)',
    ]


def test_a_figure_that_was_shown_because_the_cell_ended(worked):
    program, verdict = sliced(worked, f"--output-of {COUNT['figure']}")
    assert verdict.startswith("✓ same")
    assert program == [
        "from matplotlib import pyplot as plt",
        DATA,
        "plt.plot(xs, [x * x for x in xs])",
        'plt.title("squares")',
        "plt.show()",
    ]


def test_a_figure_that_a_function_drew(worked):
    program, verdict = sliced(worked, f"--output-of {COUNT['within']}")
    assert verdict.startswith("✓ same: a fresh run gave the same output")
    assert program[-2:] == ["draw(xs)", "plt.show()"]
    assert "spare = 7" not in program


def test_figures_that_are_shown_together(worked):
    program, verdict = sliced(worked, f"--output-of {COUNT['two figures']}")
    assert verdict.startswith("✓ same")
    assert program[-5:] == CELLS["two figures"].splitlines()[:5]
    assert not any("noise" in line for line in program)


def test_a_figure_of_an_earlier_cell_that_is_made_again_is_closed_as_it_was(worked):
    program, verdict = sliced(worked, f"--output-of {COUNT['of marks']}")
    assert verdict.startswith("✓ same")
    assert program[-3:] == [
        'plt.close("all")',
        "display(plt.plot(range(len(marks))))",
        "plt.show()",
    ]


def test_a_figure_and_a_text_without_the_figure_of_an_earlier_cell(worked):
    program, verdict = sliced(worked, f"--output-of {COUNT['grid']}")
    assert verdict.startswith("✓ same")
    assert program[-2:] == ["plt.show()", 'print("done")']
    assert not any("squares" in line or "noise" in line for line in program)


def test_the_value_that_a_cell_ends_with(worked):
    program, verdict = sliced(worked, f"--output-of {COUNT['value']}")
    assert verdict.startswith("✓ same")
    assert program == [
        "from IPython.display import display",
        DATA,
        "display((xs[::-1], len(xs)))",
    ]


def test_what_a_cell_displayed(worked):
    program, verdict = sliced(worked, f"--output-of {COUNT['rich']}")
    assert verdict.startswith("✓ same")
    assert program[-1] == "display(HTML(f'<b>{total}</b>'))"


def test_addresses_of_objects_do_not_count(worked):
    _, verdict = sliced(worked, f"--output-of {COUNT['address']}")
    assert verdict.startswith("✓ same")


def test_the_error_of_a_cell(worked):
    for line in (f"--error-of {COUNT['failed']}", "--error-of last"):
        program, verdict = sliced(worked, line)
        assert verdict.startswith("✓ same: a fresh run gave the same error")
        assert program[-1] == "checked(xs[2])"
        assert not any("trying" in text or "spare" in text for text in program)


def test_what_a_cell_showed_before_it_failed_belongs_to_its_output(worked):
    program, verdict = sliced(worked, f"--output-of {COUNT['failed']}")
    assert verdict.startswith("✓ same: a fresh run gave the same output")
    assert program[-2:] == ["print('trying', xs)", "checked(xs[2])"]


@pytest.mark.parametrize("cell", ["cleared", "named", "timed"])
def test_what_is_gone_and_what_each_run_says_otherwise_does_not_count(worked, cell):
    _, verdict = sliced(worked, f"--output-of {COUNT[cell]}")
    assert verdict.startswith("✓ same: a fresh run gave the same output")


def test_what_ipython_has_not_taken_down_is_not_compared(worked):
    program, verdict = sliced(worked, f"--output-of {COUNT['awaited']}")
    assert program[-1] == "print(xs)"
    assert verdict.startswith("• not comparable: what was printed, which IPython did not keep")


def test_output_that_no_two_runs_agree_on(worked):
    _, verdict = sliced(worked, f"--output-of {COUNT['unseeded']}")
    assert verdict.startswith("• nondeterministic: what In[13] showed: two fresh runs differ")


def test_a_file(worked):
    program, verdict = sliced(worked, "--file data.npz")
    assert verdict.startswith("✓ same: a fresh run gave the same file")
    assert program == [
        "import numpy as np",
        DATA,
        'np.savez("data.npz", xs=np.array(xs))',
    ]


def test_a_database_that_the_program_makes_is_no_input_of_it(worked):
    program, verdict = sliced(worked, "--file data.db")
    assert verdict.startswith("✓ same")
    assert program[1] == 'con = sqlite3.connect("data.db")'


def test_a_file_that_was_written_twice_and_the_folder_around_it(worked):
    program, verdict = sliced(worked, "--file model/b.txt")
    assert verdict.startswith("✓ same")
    assert sum("b.txt" in line for line in program) == 2
    assert not any("a.txt" in line or "spare" in line for line in program)
    program, verdict = sliced(worked, "--file model")
    assert verdict.startswith("✓ same")
    assert any("a.txt" in line for line in program)


def test_a_file_that_something_else_has_changed_or_removed_is_not_compared(worked):
    for change, said in (
        (lambda path: path.write_text("other"), "changed since by something else"),
        (Path.unlink, "gone"),
    ):
        change(worked.folder / "spare.txt")
        program, verdict = sliced(worked, "--file spare.txt")
        assert verdict.startswith("• not comparable: the file")
        assert said in verdict
        assert program[-2:] == [
            'with open("spare.txt", "w") as file:',
            "    print(noise, file=file)",
        ]


def test_a_script_shows_it_too(worked, tmp_path):
    sliced(worked, f"--output-of {COUNT['printed']} --export {tmp_path}/shown.py")
    found = worked.run(f"%run {tmp_path}/shown.py", store_history=False)
    assert found.stdout == "n 3\ntotal 6\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--file nope.csv", "No recorded cell has written the file 'nope.csv'."),
        ("--output-of 99", "No In[99] was recorded."),
        (f"--output-of {COUNT['nothing']}", "In[8] has shown nothing"),
        (f"--error-of {COUNT['value']}", "In[6] has not ended with an error"),
        ("--output-of x", "--output-of takes the number in In[…], or  last , not 'x'"),
        ("xs --file data.npz", "one file, output or error at a time"),
    ],
)
def test_what_cannot_be_asked_is_told(worked, line, said):
    assert said in worked.run(f"%slice {line}", store_history=False).stderr
