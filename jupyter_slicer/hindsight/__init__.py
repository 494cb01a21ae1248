"""Hindsight logging: a log line that is added after the training run.

In: loops of cells as they run, and an edited text. Out: checkpoints, plans, replayed logs.
Never: changes what the loop computes, replays in the user's kernel, hides a difference.
"""
