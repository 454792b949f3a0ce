"""Weft: agents as graphs of typed blocks that always finish."""
