"""What each magic of IPython is in plain Python: one small function a magic."""

from __future__ import annotations

import ast
import getopt
import os
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass

from jupyter_slicer.analysis.python_text import (
    Defined,
    block_literal,
    expanded,
    indented,
    literal,
)

SHELL_IMPORT = "from IPython.core.interactiveshell import InteractiveShell"
SHELL_SETUP = "get_ipython = InteractiveShell.instance(user_ns=globals()).get_ipython"
"""After these two lines a magic runs in plain Python too, if IPython is installed."""


@dataclass(frozen=True, slots=True)
class Magic:
    """A call of a magic; shell commands are the magic ``!``."""

    name: str
    line: str
    body: str | None = None
    """The cell below the first line; None for a line magic."""

    @property
    def shown(self) -> str:
        return "!" if self.name == "!" else ("%" if self.body is None else "%%") + self.name


@dataclass(frozen=True, slots=True)
class Translation:
    """A magic in plain Python: as statements, and as a value where it has one."""

    statements: str = ""
    value: str | None = None
    imports: tuple[str, ...] = ()
    faithful: bool = True
    note: str = ""
    matters: bool = True


@dataclass(frozen=True, slots=True)
class _Help:
    code: Callable[[str], str]
    """Plain Python for a body that may hold magics."""
    defined: Defined | None

    def expanded(self, text: str) -> str:
        return expanded(text, self.defined)


Rule = Callable[[Magic, _Help], Translation | None]


def translate(
    magic: Magic, code: Callable[[str], str], defined: Defined | None
) -> Translation | None:
    """Plain Python for a magic; None if we know of none."""
    if magic.name in _FRONT_END:
        return Translation(matters=False)
    rule = (_LINE if magic.body is None else _CELL).get(magic.name)
    return rule(magic, _Help(code, defined)) if rule is not None else None


# -- magics that run Python -------------------------------------------------------------


def _running(options: str, longs: tuple[str, ...] = (), returning: str = "") -> Rule:
    """For magics that run their text and measure it, like ``%prun -s time f(x)``;
    with the option ``returning`` their value is the measurement."""

    def rule(magic: Magic, help_: _Help) -> Translation | None:
        found, rest = _options(magic.line, options, longs)
        if returning in found:
            return None
        return _python(help_.code("\n".join(filter(None, (rest, magic.body)))))

    return rule


def _python(text: str) -> Translation:
    try:
        ast.parse(text.strip().rstrip(";"), mode="eval")
        return Translation(text, text.strip().rstrip(";").rstrip())
    except SyntaxError:
        return Translation(text)


def _timeit(magic: Magic, help_: _Help) -> Translation | None:
    found, rest = _options(magic.line, "n:r:tcp:qov:")
    if "-o" in found:
        return None
    setup, text = ("pass", rest) if magic.body is None else (rest or "pass", magic.body)
    times, repeat = found.get("-n", "0"), found.get("-r", "7")
    shown = (block_literal(text.strip()), block_literal(setup))
    timer = f"timeit.Timer({', '.join(shown)}, globals=globals())"
    if times.isdigit() and int(times):
        return Translation(f"{timer}.repeat({repeat}, {times})", imports=("import timeit",))
    note = f"{magic.shown} ran its statement an unpredictable number of times"
    call = f"timer_ = {timer}\ntimer_.repeat({repeat}, timer_.autorange()[0])"
    return Translation(call, imports=("import timeit",), faithful=False, note=note)


def _capture(magic: Magic, help_: _Help) -> Translation:
    """Without a name for what is captured, the body alone does the same."""
    words = magic.line.split()
    names = [word for word in words if not word.startswith("-")]
    body = help_.code(magic.body or "")
    if not names or (magic.body or "").rstrip().endswith(";"):
        return Translation(body)
    switches = [
        f"{part}=False" for part in ("stdout", "stderr", "display") if f"--no-{part}" in words
    ]
    opening = f"with capture_output({', '.join(switches)}) as {names[0]}:"
    imports: tuple[str, ...] = ("from IPython.utils.capture import capture_output",)
    if re.search(r"\bdisplay\b", body):
        imports += (SHELL_IMPORT, SHELL_SETUP)  # only a shell has displays to capture
    return Translation(f"{opening}\n{indented(body, '    ')}", imports=imports)


def _precision(magic: Magic, help_: _Help) -> Translation | None:
    """``%precision 3``: of what it sets, NumPy's share is seen outside a notebook."""
    digits = magic.line.strip()
    if digits and not digits.isdigit():
        return None
    call = f"numpy.set_printoptions(precision={digits or 8})"
    return Translation(call, imports=("import numpy",))


def _run(magic: Magic, help_: _Help) -> Translation | None:
    """``%run``: the names of a script that ran as ``__main__`` land among ours."""
    found, rest = _options(magic.line, "nidtN:b:pD:l:rs:T:em:G")
    words = _words(rest)
    if "-d" in found or "-r" in found or ("-t" in found and "-N" in found):
        return None
    if "-m" in found:
        call = f'runpy.run_module({literal(found["-m"])}, run_name="__main__")'
        return _run_with(call, found["-m"], words, "import runpy")
    if not words or words[0].endswith((".ipynb", ".ipy")):
        return None
    path = words[0] if words[0].endswith(".py") else words[0] + ".py"
    path = os.path.expanduser(path) if path.startswith("~") else path
    shown = help_.expanded(path)
    if "-i" in found:
        return _run_with(
            f'exec(compile(open({shown}).read(), {shown}, "exec"))', path, words[1:]
        )
    stem = literal(os.path.splitext(os.path.basename(path))[0])
    name = stem if "-n" in found else '"__main__"'
    call = f"runpy.run_path({shown}, run_name={name})"
    return _run_with(call, path, words[1:], "import runpy", folder=os.path.dirname(path))


def _run_with(
    call: str, path: str, arguments: list[str], runner: str = "", folder: str = ""
) -> Translation:
    lines = []
    if arguments or folder:
        runner = "\n".join(filter(None, ("import sys", runner)))
    if folder:
        lines.append(f"sys.path.insert(0, {literal(folder)})")
    if arguments:
        lines.append(f"sys.argv = [{', '.join(map(literal, [path, *arguments]))}]")
    lines.append(call if call.startswith("exec(") else f"globals().update({call})")
    return Translation("\n".join(lines), imports=tuple(runner.split("\n")) if runner else ())


def _pylab(magic: Magic, help_: _Help) -> Translation:
    lines = ["import numpy", "import matplotlib", "from matplotlib import pylab, mlab, pyplot"]
    lines += ["np = numpy", "plt = pyplot"]
    if "--no-import-all" not in magic.line:
        lines += ["from pylab import *", "from numpy import *"]
    return Translation("\n".join(lines))


# -- magics that touch the world outside ------------------------------------------------


def _writefile(magic: Magic, help_: _Help) -> Translation:
    words = magic.line.split()
    append = "-a" in words or "--append" in words
    path = magic.line.strip()
    for switch in ("--append", "-a"):
        path = path.removeprefix(switch).removesuffix(f" {switch}").strip()
    path = path[1:-1] if re.fullmatch(r"'.*'|\".*\"", path) else path
    shown, imports = _user_path(path, help_)
    mode = literal("a" if append else "w")
    opening = f'with open({shown}, {mode}, encoding="utf-8") as file_:'
    content = block_literal(magic.body or "")
    return Translation(f"{opening}\n    file_.write({content})", imports=imports)


def _user_path(path: str, help_: _Help) -> tuple[str, tuple[str, ...]]:
    shown = help_.expanded(path)
    if path.startswith("~"):
        return f"os.path.expanduser({shown})", ("import os",)
    return shown, ()


def _cd(magic: Magic, help_: _Help) -> Translation | None:
    found, path = _options(magic.line, "qb")
    if "-b" in found or path.startswith("-"):
        return None
    path = " ".join(_words(path)) or "~"
    return Translation(f"os.chdir({_user_path(path, help_)[0]})", imports=("import os",))


def _env(magic: Magic, help_: _Help) -> Translation | None:
    line = magic.line.strip()
    split = "=" if "=" in line else " "
    name, found, value = line.partition(split)
    name = name.strip()
    if not line:
        return Translation(value="dict(os.environ)", imports=("import os",), matters=False)
    if set(name) & set("{$ "):
        return None
    place = f"os.environ[{literal(name)}]"
    if not found:
        return Translation(value=place, imports=("import os",), matters=False)
    return Translation(f"{place} = {help_.expanded(value.strip())}", imports=("import os",))


def _pwd(magic: Magic, help_: _Help) -> Translation:
    return Translation(value="os.getcwd()", imports=("import os",), matters=False)


def _xdel(magic: Magic, help_: _Help) -> Translation | None:
    name = magic.line.removeprefix("-n").strip()
    return Translation(f"del {name}") if name.isidentifier() else None


# -- processes --------------------------------------------------------------------------

_PROCESS = ("import subprocess",)


def _shell(magic: Magic, help_: _Help) -> Translation:
    command = magic.line.strip()
    if _only_shows(command):
        return Translation(matters=False)
    return Translation(f"subprocess.run({_command(command, help_)})", imports=_PROCESS)


def _shell_alias(magic: Magic, help_: _Help) -> Translation:
    return _shell(Magic("!", f"{magic.name} {magic.line}"), help_)


def _captured_shell(magic: Magic, help_: _Help) -> Translation | None:
    """``x = !cmd`` gives the lines of both streams."""
    if magic.body is not None and magic.line.strip():
        return None
    command = (magic.line if magic.body is None else magic.body).strip()
    value = shell_list(_command(command, help_))
    return Translation(value, value, _PROCESS)


def shell_list(command: str) -> str:
    """The lines that a shell command writes, as IPython collects them."""
    return (
        f"subprocess.run({command}, stdout=subprocess.PIPE, "
        "stderr=subprocess.STDOUT, text=True).stdout.splitlines()"
    )


def _command(command: str, help_: _Help) -> str:
    shell = os.environ.get("SHELL", "")
    own = f", executable={literal(shell)}" if _BASH_ONLY.search(command) and shell else ""
    return f"{help_.expanded(command)}, shell=True{own}"


def _only_shows(command: str) -> bool:
    """Whether a command changes nothing that a program could read."""
    words = command.split()
    if not words or any(sign in command for sign in (">", ";", "&", "`", "$(")):
        return not words
    if _INSTALLS.match(command):
        return True
    firsts = [part.split()[:1] for part in command.split("|")]
    return all(first and first[0] in _SHOWING for first in firsts)


def _script(magic: Magic, help_: _Help) -> Translation | None:
    """``%%bash``: the body is what the program reads; a failure raises."""
    line = magic.line if magic.name == "script" else f"{magic.name} {magic.line}"
    names, words = _script_options(line)
    if not words or "--bg" in names or "--proc" in names:
        return None
    body = magic.body or ""
    body = body if body.endswith("\n") else body + "\n"
    call = ["[" + ", ".join(help_.expanded(word) for word in words) + "]"]
    call += [f"input={block_literal(body)}", "text=True"]
    if "--no-raise-error" not in names:
        call.append("check=True")
    for option, stream in (("--out", "stdout"), ("--err", "stderr")):
        if option in names:
            call.append(f"{stream}=subprocess.PIPE")
    return Translation(_script_text(", ".join(call), names), imports=_PROCESS)


def _script_text(call: str, names: dict[str, str]) -> str:
    run = f"subprocess.run({call})"
    out, err = names.get("--out"), names.get("--err")
    if out and err:
        return f"{out} = {run}\n{err} = {out}.stderr\n{out} = {out}.stdout"
    if out or err:
        return f"{out or err} = {run}.{'stdout' if out else 'stderr'}"
    return run


def _script_options(line: str) -> tuple[dict[str, str], list[str]]:
    names: dict[str, str] = {}
    rest: list[str] = []
    words = _words(line)
    while words:
        word = words.pop(0)
        option, has_value, value = word.partition("=")
        if option in ("--out", "--err", "--proc"):
            names[option] = value if has_value else words.pop(0)
        elif word in ("--bg", "--no-raise-error"):
            names[word] = ""
        else:
            rest.append(word)
    return names, rest


# -- reading a magic's line -------------------------------------------------------------


def _options(line: str, short: str, longs: tuple[str, ...] = ()) -> tuple[dict[str, str], str]:
    """Leading options, and the rest of the line as it was written."""
    found: dict[str, str] = {}
    rest = line.strip()
    while (word := re.match(r"-[-\w][^\s]*", rest)) is not None:
        if word.group() == "--":
            return found, rest[2:].strip()
        if word.group().startswith("--"):
            if word.group()[2:] not in longs:
                break
            found[word.group()] = ""
            rest = rest[word.end() :].strip()
            continue
        parts = rest.split(None, 2)
        pairs, left = getopt.getopt(parts[:2], short)
        found.update(pairs)
        taken = len(parts[:2]) - len(left)
        rest = rest.split(None, taken)[taken] if len(rest.split()) > taken else ""
    return found, rest


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()


# -- the table --------------------------------------------------------------------------

_TIME = _running("", ("no-raise-error",))
_PRUN = _running("D:l:rs:T:q", returning="-r")
_MEMIT = _running("r:t:i:coI", returning="-o")
_LPRUN = _running("rsf:m:D:T:z:u:", returning="-r")
_MPRUN = _running("r:f:cT:")

_LINE: dict[str, Rule] = {
    "time": _TIME, "prun": _PRUN, "memit": _MEMIT, "lprun": _LPRUN, "mprun": _MPRUN,
    "timeit": _timeit, "run": _run, "precision": _precision, "pylab": _pylab, "cd": _cd, "env": _env, "set_env": _env,
    "pwd": _pwd, "xdel": _xdel, "!": _shell, "sx": _captured_shell, "system": _captured_shell,
    **dict.fromkeys(("mkdir", "cp", "mv", "rm", "rmdir", "ln"), _shell_alias),
}  # fmt: skip

_CELL: dict[str, Rule] = {
    "time": _TIME, "prun": _PRUN, "memit": _MEMIT, "timeit": _timeit, "capture": _capture,
    "writefile": _writefile, "file": _writefile, "sx": _captured_shell, "!": _captured_shell,
    "system": _captured_shell, "no_record": _TIME,
    **dict.fromkeys(
        ("script", "bash", "sh", "perl", "ruby", "python", "python2", "python3", "pypy"),
        _script,
    ),
}  # fmt: skip

_FRONT_END = frozenset(
    """
    matplotlib autoreload config pip conda mamba micromamba
    uv who whos pinfo pinfo2 psource pfile pdoc pdef psearch page pprint pycat history hist
    notebook lsmagic magic quickref colors xmode unalias gui
    autocall automagic autoawait autoindent doctest_mode connect_info qtconsole tb pdb
    killbgscripts logstart logstop logon logoff logstate load loadpy recall rep bookmark
    dhist dirs rehashx less more cat ls ll lf lk ldir lx man clear cls slice slicer why html
    HTML javascript js markdown latex svg SVG aimport watermark
    """.split()
)
"""Magics that show something, or set up the front end."""

_SHOWING = frozenset(
    """
    ls ll dir cat head tail wc echo pwd nvidia-smi lscpu free df du which whoami date uname
    file tree ps top htop hostname env printenv grep egrep sort uniq less more stat md5sum
    sha256sum sha1sum cut tr
    """.split()
)

_INSTALLS = re.compile(r"(sudo )?(pip3?|conda|mamba|apt(-get)?|brew|uv|python3? -m pip)\s")

_BASH_ONLY = re.compile(r"\[\[|<\(|<<<|\{[^{}$]*(,|\.\.)[^{}]*\}|\bsource\b|\$'|\*\*")
