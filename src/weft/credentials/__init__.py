"""The vault of credentials, their providers and OAuth flows."""
