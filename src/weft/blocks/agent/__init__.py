"""Blocks that run other graphs."""
