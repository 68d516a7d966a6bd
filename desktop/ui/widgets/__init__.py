"""Building blocks of every screen: they know record types, but no feature."""
