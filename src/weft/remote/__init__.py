"""Clients of the DatabaseManager service; they implement the ports that domains declare."""
