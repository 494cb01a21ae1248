"""Other projects' test suites, with the extension loaded and without.

In: suites in source distributions on PyPI, CPython's own tests. Out: tests that differ.
Never: part of the default test run.
"""
