"""Blocks that work on texts."""
