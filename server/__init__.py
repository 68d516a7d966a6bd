"""The central server, on the same ground floor as the desktop."""
