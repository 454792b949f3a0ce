"""Blocks that split, gather, merge and end the flow of values."""
