"""What users touch: magics, the panel's messages, the command line.

In: what a person typed or clicked. Out: what is printed or displayed.
Never: decides what belongs to a slice.
"""
