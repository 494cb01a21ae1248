"""The tables of recorded runs, with what their columns mean.

A change is a new entry at the end of ``MIGRATIONS``; entries that were once released are
never edited.
"""

from __future__ import annotations

from typing import Final

APPLICATION_ID: Final = 0x4A534C48
"""``JSLH``: tells our files from other SQLite files."""

STATE_FORMAT: Final = 1
"""Of a checkpoint's stream; an older one is read, a newer one is refused."""

_FIRST: Final = """
CREATE TABLE run (          -- one time that a recorded loop ran
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- what users type; never given out twice
    kernel TEXT NOT NULL,           -- id in the history
    execution INTEGER NOT NULL,     -- the cell execution
    step INTEGER NOT NULL,          -- the statement instance that contains the loop
    position INTEGER NOT NULL,      -- of that statement in the cell
    cell_id TEXT,
    count INTEGER,                  -- n of In[n]
    notebook TEXT,
    folder TEXT NOT NULL,           -- working folder
    source TEXT NOT NULL,           -- the cell, as IPython transformed it
    loop_source TEXT NOT NULL,      -- digest of the text that contains the loop
    ordinal INTEGER NOT NULL,       -- which loop of that text
    entry INTEGER NOT NULL,         -- the statement came to the loop for the nth time, from 0
    head TEXT NOT NULL,             -- "for epoch in range(20)"
    names TEXT NOT NULL,            -- JSON: what is in the state, what is not and why
    surroundings TEXT NOT NULL,     -- JSON: steps behind what the state refers to
    program TEXT,                   -- JSON: the slice that rebuilds the surroundings
    threads TEXT NOT NULL,          -- JSON: thread counts
    python TEXT NOT NULL,
    packages TEXT NOT NULL,         -- JSON: versions of what computes
    started REAL NOT NULL,          -- seconds since the epoch
    iterations INTEGER NOT NULL,    -- boundaries passed
    seconds REAL NOT NULL,
    cost REAL NOT NULL,             -- seconds of them that recording took
    outcome TEXT NOT NULL,          -- running, done, left
    notes TEXT NOT NULL             -- JSON list: what could not be kept
);

CREATE TABLE checkpoint (   -- complete: its blobs were on disk before this row
    run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,        -- the state before this iteration, from 0
    ending INTEGER NOT NULL,        -- 1: after the loop was left in the iteration before
    format INTEGER NOT NULL,
    stream TEXT NOT NULL,           -- digest of the pickle
    stream_size INTEGER NOT NULL,
    buffers TEXT NOT NULL,          -- JSON list of [digest, size]
    elapsed REAL NOT NULL,          -- seconds since the loop began
    cost REAL NOT NULL,             -- seconds that the loop waited
    written INTEGER NOT NULL,       -- bytes that were not there before
    doubt TEXT,                     -- why it may not be exact
    PRIMARY KEY (run, number, ending)
) WITHOUT ROWID;

CREATE TABLE logged (       -- what log() was given, while recording or replaying
    run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    replayed INTEGER NOT NULL,      -- 0: in the run itself
    iteration INTEGER,              -- NULL: before or after the loop
    path TEXT NOT NULL,             -- JSON: positions in the loops inside, outer first
    number INTEGER NOT NULL,        -- order of its name on this path
    name TEXT NOT NULL,
    value TEXT,                     -- JSON; NULL when it is in blob
    blob BLOB,                      -- pickle
    verdict TEXT NOT NULL,          -- recorded, restored, same, different, not checked
    PRIMARY KEY (run, replayed, iteration, path, name, number)
);

CREATE TABLE printed (      -- what an iteration printed
    run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    iteration INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (run, iteration)
) WITHOUT ROWID;

CREATE TABLE parameter (    -- what param() was asked for
    run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,            -- JSON
    PRIMARY KEY (run, name)
) WITHOUT ROWID;
"""

_LOST: Final = """
-- JSON: what the checkpoint could not hold, each [kind, scope, name, path, half-way]
ALTER TABLE checkpoint ADD COLUMN lost TEXT NOT NULL DEFAULT '[]';
"""

MIGRATIONS: Final[tuple[str, ...]] = (_FIRST, _LOST)
"""Entry n leads from ``PRAGMA user_version`` n to n + 1."""
