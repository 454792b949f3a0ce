"""Programs that measure; `python -m benchmarks.run` is the one that compares engines."""
