"""The tables of the history, with what their columns mean.

A change of the tables is a new entry at the end of ``MIGRATIONS``; entries that were
once released are never edited.
"""

from __future__ import annotations

from typing import Final

APPLICATION_ID: Final = 0x4A534C43
"""``JSLC``: tells our files from other SQLite files."""

_FIRST: Final = """
CREATE TABLE kernel (       -- one life of one kernel
    key INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given out twice, even after a purge
    id TEXT NOT NULL UNIQUE,        -- UUID of ours
    started REAL NOT NULL,          -- seconds since the epoch, as all times here
    pid INTEGER NOT NULL,
    python TEXT NOT NULL,
    folder TEXT NOT NULL,           -- working folder at the start
    notebook TEXT,                  -- path, where known
    environment TEXT                -- digest of the installed distributions
);

CREATE TABLE source (       -- a text of a cell, stored once for all kernels
    sha256 BLOB PRIMARY KEY,
    text TEXT NOT NULL              -- a BLOB where it is no valid UTF-8
) WITHOUT ROWID;

CREATE TABLE execution (    -- one run of one text
    kernel INTEGER NOT NULL REFERENCES kernel (key),
    id INTEGER NOT NULL,            -- position in the kernel's life, from 0
    raw BLOB NOT NULL REFERENCES source (sha256),       -- as the user wrote it
    source BLOB NOT NULL REFERENCES source (sha256),    -- as IPython transformed it
    cell_id TEXT,
    count INTEGER,                  -- n of In[n]
    started REAL NOT NULL,
    seconds REAL NOT NULL,
    recording_seconds REAL NOT NULL,
    outcome TEXT NOT NULL,          -- done, raised, interrupted, running
    error TEXT,                     -- name of the exception type
    incomplete TEXT,                -- why the record is not whole
    displayed INTEGER,              -- step whose value became Out[count]
    PRIMARY KEY (kernel, id)
) WITHOUT ROWID;

CREATE TABLE statement (    -- one run of one top-level statement
    kernel INTEGER NOT NULL,
    step INTEGER NOT NULL,          -- position in the order of the kernel's life
    execution INTEGER NOT NULL,
    position INTEGER NOT NULL,      -- index in the source's syntax tree
    outcome TEXT NOT NULL,
    error TEXT,
    PRIMARY KEY (kernel, execution, step)
) WITHOUT ROWID;

CREATE TABLE location (     -- what was written or read; per kernel, so that a purge is whole
    kernel INTEGER NOT NULL,
    key INTEGER NOT NULL,
    kind TEXT NOT NULL,             -- variable, object, ambient, file
    name TEXT NOT NULL,
    PRIMARY KEY (kernel, key)
) WITHOUT ROWID;

CREATE TABLE dependence (   -- target needed what source wrote
    kernel INTEGER NOT NULL,
    execution INTEGER NOT NULL,     -- the target's
    number INTEGER NOT NULL,        -- from 0 within the execution
    source INTEGER NOT NULL,        -- step
    target INTEGER NOT NULL,        -- step
    kind TEXT NOT NULL,             -- data, control
    location INTEGER,               -- key in location; NULL for control
    voucher TEXT NOT NULL,          -- observed, static, assumed
    PRIMARY KEY (kernel, execution, number)
) WITHOUT ROWID;

CREATE TABLE location_write (
    kernel INTEGER NOT NULL,
    execution INTEGER NOT NULL,
    number INTEGER NOT NULL,
    step INTEGER NOT NULL,
    location INTEGER NOT NULL,
    kind TEXT NOT NULL,             -- definition, update
    names TEXT NOT NULL,            -- JSON list of variables that reach it
    PRIMARY KEY (kernel, execution, number)
) WITHOUT ROWID;

CREATE TABLE file_use (
    kernel INTEGER NOT NULL,
    execution INTEGER NOT NULL,
    number INTEGER NOT NULL,
    step INTEGER NOT NULL,
    path TEXT NOT NULL,             -- absolute
    mode TEXT NOT NULL,             -- r, w
    size INTEGER,                   -- bytes, when it was read
    sha256 TEXT,
    PRIMARY KEY (kernel, execution, number)
) WITHOUT ROWID;

CREATE TABLE ambient_change (
    kernel INTEGER NOT NULL,
    execution INTEGER NOT NULL,
    number INTEGER NOT NULL,
    step INTEGER NOT NULL,
    name TEXT NOT NULL,             -- of the probe, as in numpy.random
    detail TEXT NOT NULL,           -- JSON
    PRIMARY KEY (kernel, execution, number)
) WITHOUT ROWID;

CREATE TABLE variable_state (   -- variables that an execution changed, as it left them
    kernel INTEGER NOT NULL,
    execution INTEGER NOT NULL,
    variable TEXT NOT NULL,
    last INTEGER,                   -- step that wrote it last; NULL: deleted
    seeds TEXT NOT NULL,            -- JSON list of steps that a slice of it starts from
    digest TEXT,                    -- of its value, where that was cheap
    PRIMARY KEY (kernel, execution, variable)
) WITHOUT ROWID;
"""

MIGRATIONS: Final[tuple[str, ...]] = (_FIRST,)
"""Entry n leads from ``PRAGMA user_version`` n to n + 1."""

OF_EXECUTION: Final = (
    "statement",
    "dependence",
    "location_write",
    "file_use",
    "ambient_change",
    "variable_state",
)
"""Tables that hang on an execution by (kernel, execution)."""
