"""同步中心: how the workspace stands with its server, what leaves it, what two people changed at once."""
