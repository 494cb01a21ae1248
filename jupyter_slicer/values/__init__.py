"""What a value is worth: digests that two processes can compare.

In: live objects. Out: digests, short summaries, names of what cannot be compared.
Never: calls the user's own dunder methods, imports a library, copies a large value.
"""

from jupyter_slicer.values.digest import ValueDigest, value_digest

__all__ = ["ValueDigest", "value_digest"]
