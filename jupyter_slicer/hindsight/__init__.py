"""Hindsight logging: a log line that is added after the training run.

In: versions of a cell, what was recorded of its runs. Out: logs, as if the line had been there.
Never: prints, asks, or touches what the live kernel has.
"""
