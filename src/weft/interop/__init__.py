"""Importers and exporters of other platforms' agent files."""
