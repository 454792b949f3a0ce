"""Claims executions, runs them, beats, drains."""
