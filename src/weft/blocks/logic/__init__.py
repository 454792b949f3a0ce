"""Blocks that compute and decide."""
