"""A user's own and installed agents."""
