"""The central server's house, on the same ground floor as the desktop; it is not built yet (decision 003)."""
