"""The central server's house, on the same ground floor as the desktop: order, rights, accounts and files."""
