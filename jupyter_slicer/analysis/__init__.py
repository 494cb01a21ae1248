"""Static facts about a cell's text, and plain Python for what only IPython understands.

In: source text or its syntax tree. Out: definitions, uses, guessed slices, translations.
Never: runs user code, looks at a live object, knows what a kernel is.
"""
