"""The engine: plans, runs and records executions of graphs."""
