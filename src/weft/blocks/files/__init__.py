"""Blocks about files."""
