"""What the planner is made of: names of values, the compiled graph, its analysis, the rules of delivery."""
