"""What goes into a graph and what comes out of it."""
