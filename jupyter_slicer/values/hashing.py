"""One hash for everything, fast where xxhash is installed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

new_hash: Callable[..., Any]
try:
    from xxhash import xxh3_128

    new_hash, ALGORITHM = xxh3_128, "xxh3"
except ImportError:
    import hashlib

    new_hash, ALGORITHM = functools.partial(hashlib.blake2b, digest_size=16), "blake2"


def hash_parts(parts: Iterable[bytes]) -> bytes:
    """Hash byte strings so that ``ab, c`` and ``a, bc`` differ."""
    hasher = new_hash()
    for part in parts:
        hasher.update(len(part).to_bytes(8, "little"))
        hasher.update(part)
    return bytes(hasher.digest())


def hash_buffers(buffers: Iterable[memoryview | bytes]) -> bytes:
    """Hash a stream of buffers; where they are cut does not matter."""
    hasher = new_hash()
    for buffer in buffers:
        hasher.update(buffer)
    return bytes(hasher.digest())
