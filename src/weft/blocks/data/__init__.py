"""Blocks that build, look into and convert values."""
