"""What keeps a server running: its installation, logs, figures and upkeep."""
