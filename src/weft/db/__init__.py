"""The database: embedded server, connections, transactions, migrations."""
