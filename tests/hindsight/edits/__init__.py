"""Pictures of edits: one text that holds what was recorded and what was added."""
