"""Digests of what a program leaves besides values: files, what it showed, its error.

The same is done in the kernel and in a fresh process, so that the two can be compared.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from jupyter_slicer.values.digest import ValueDigest, value_digest
from jupyter_slicer.values.hashing import hash_parts

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
_NAMED = re.compile(r"""\bid=["']?([\w-]+)""")
_WORD = re.compile(r"[\w-]+")
_TIMES = re.compile(
    r"^(CPU times: .*\n|Wall time: .*\n?|.* per loop \(mean ± std\. dev\. of .*\)\n?)", re.M
)
_GZIP = b"\x1f\x8b"
_PIECE = 1 << 20
_LONG = 400
"""Characters up to which a form of a display is kept as it is."""


def file_digest(path: str) -> ValueDigest:
    """Of a file's content, or of all that is in a folder.

    Times that archives note beside what they hold (zip and so npz and xlsx, gzip) do not
    count. Raises OSError.
    """
    if not os.path.isdir(path):
        return ValueDigest(_content(path), f"file of {_bytes(os.path.getsize(path))}")
    found = {}
    for folder, _, names in os.walk(path):
        for name in names:
            inner = os.path.join(folder, name)
            found[os.path.relpath(inner, path)] = _content(inner)
    whole = hashlib.sha256(repr(sorted(found.items())).encode("utf-8", "surrogatepass"))
    count = f"{len(found)} file{'' if len(found) == 1 else 's'}"
    return ValueDigest(f"sha256:{whole.hexdigest()}", f"folder of {count}")


def _content(path: str) -> str:
    import zipfile  # late: every kernel that records passes through here

    if zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                held = [(i.filename, i.CRC, i.file_size) for i in archive.infolist()]
            return "zip:" + hashlib.sha256(repr(held).encode("utf-8", "replace")).hexdigest()
        except (zipfile.BadZipFile, OSError):
            pass  # then it is its bytes
    found = hashlib.sha256()
    with open(path, "rb") as file:
        first = file.read(10)
        found.update(first[:4] + first[8:] if first.startswith(_GZIP) else first)
        while piece := file.read(_PIECE):
            found.update(piece)
    return "sha256:" + found.hexdigest()


def _bytes(size: int) -> str:
    return "1 byte" if size == 1 else f"{size:,} bytes"


def as_compared(
    bundle: Mapping[str, Any], home: Mapping[str, str] | None = None
) -> dict[str, str]:
    """What counts of a MIME bundle, in little room: long forms are digests.

    Addresses of objects and names within markup do not count. Of what has a picture, the
    picture counts. ``home`` as for ``value_digest``.
    """
    pictures = {mime: data for mime, data in bundle.items() if _is_picture(mime)}
    return {mime: _short(mime, data, home or {}) for mime, data in (pictures or bundle).items()}


def _is_picture(mime: str) -> bool:
    return mime.startswith("image/") or mime == "application/pdf"


def _short(mime: str, data: Any, home: Mapping[str, str]) -> str:
    if isinstance(data, bytes):  # as kernels send it
        data = base64.b64encode(data).decode("ascii")
    if not isinstance(data, str):
        data = json.dumps(data, sort_keys=True, default=lambda part: type(part).__name__)
    for prefix, stands_for in home.items():
        data = data.replace(prefix, stands_for)
    text = _plain(_without_own_names(data) if mime == "text/html" else data)
    if len(text) <= _LONG:
        return text
    return "hash:" + hash_parts([text.encode("utf-8", "surrogatepass")]).hex()


def shown_digest(
    printed: str,
    displayed: Iterable[Mapping[str, str]],
    home: Mapping[str, str] | None = None,
) -> ValueDigest:
    """Of what was printed and displayed: ``displayed`` is ``as_compared``.

    What IPython's ``%time`` prints does not count.
    """
    printed = _without_times(printed)
    bundles = [dict(bundle) for bundle in displayed]
    found = value_digest((_plain(printed), bundles), home=home)
    said = []
    if printed:
        said.append(_counted(len(printed.rstrip("\n").split("\n")), "line"))
    pictures = sum(any(_is_picture(mime) for mime in bundle) for bundle in bundles)
    if pictures:
        said.append(_counted(pictures, "figure"))
    if len(bundles) > pictures:
        said.append(_counted(len(bundles) - pictures, "display"))
    return ValueDigest(found.digest, " and ".join(said) or "nothing", found.opaque)


def _plain(text: str) -> str:
    return _ADDRESS.sub("0x…", text).rstrip("\n")


def _without_own_names(markup: str) -> str:
    """Names that markup gives to its parts, often drawn or counted, do not show."""
    names = dict.fromkeys(_NAMED.findall(markup))
    numbered = {name: f"part-{number}" for number, name in enumerate(names)}
    return _WORD.sub(lambda word: numbered.get(word[0], word[0]), markup)


def _without_times(printed: str) -> str:
    """``%time`` and ``%timeit`` say each time something else, and are asked for that."""
    return _TIMES.sub("", printed)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def error_digest(name: str, message: str, home: Mapping[str, str] | None = None) -> ValueDigest:
    """Of an exception: its type's name and what it says."""
    said = f"{name}: {message}" if message else name
    found = value_digest((name, _plain(message)), home=home)
    first = said.split("\n")[0]
    return ValueDigest(found.digest, first if len(first) <= 120 else first[:119] + "…")


NO_ERROR = ValueDigest("none", "no error")
