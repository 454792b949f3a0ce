"""One cache Protocol, a real and an in-memory implementation."""
