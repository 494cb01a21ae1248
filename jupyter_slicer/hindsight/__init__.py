"""Hindsight logging: loops that were recorded are replayed with log lines added later.

In: loops of cells as they run, and an edited text. Out: checkpoints, plans, replayed logs.
Never: changes what the loop computes, runs a replay in the user's kernel, hides a
difference between the replay and the record.
"""
