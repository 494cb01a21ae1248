"""What users touch: magics, the sidebar's comm and messages, the command line.

In: what a person typed or clicked. Out: what is printed or displayed.
Never: decides what belongs to a slice.
"""
