"""The DatabaseManager service: the data layer by RPC for workers without database credentials."""
