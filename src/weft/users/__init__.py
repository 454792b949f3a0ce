"""Accounts, roles, permissions, preferences, API keys."""
