"""Blocks for drills, benchmarks and tests; some write files, so no catalog of a server should hold them."""
