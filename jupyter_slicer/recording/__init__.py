"""What really happened in the kernel, statement by statement.

In: IPython's events and the live namespace. Out: records of executions with dependences.
Never: calls the user's own methods, keeps the user's objects alive, or raises into a cell.
"""
