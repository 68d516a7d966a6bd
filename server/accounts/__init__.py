"""Who may speak to the server: organisations, people, their devices and what those hold."""
