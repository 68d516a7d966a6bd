"""The database the server stands on: connections, migrations, and a PostgreSQL of its own."""
