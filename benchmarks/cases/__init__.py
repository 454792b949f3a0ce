"""The cases of `benchmarks.width`: each is a program of its own that measures one thing and prints one JSON line."""
