"""Use cases: one function is one transaction and one step of undo."""
