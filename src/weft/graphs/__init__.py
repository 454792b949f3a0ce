"""Graphs, nodes, links and versions; validation, canonical file, diff."""
