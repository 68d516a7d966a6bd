"""The local store: tables derived from the record types, on an encrypted SQLite file."""
