"""What the planner is made of: names of values, the compiled graph, its analysis, and the rules of delivery."""
