"""Blocks that speak HTTP."""
