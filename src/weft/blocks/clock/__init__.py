"""Blocks about time."""
