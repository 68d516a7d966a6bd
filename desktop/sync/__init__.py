"""The sync engine's floor: outbox, cursor, push, pull."""
