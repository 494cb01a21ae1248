"""Generated sessions: the slice of every variable gives the value that the session has."""
