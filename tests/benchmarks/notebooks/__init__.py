"""Real notebooks that nobody here wrote, sliced variable by variable.

In: examples inside source distributions on PyPI. Out: how many slices are sound, how small.
Never: part of the default test run.
"""
