"""Edits on their way to the server: captured, frozen into batches, settled by its verdicts."""
