"""The floor of the sync engine; it is not built yet, the program works alone (decision 003)."""
