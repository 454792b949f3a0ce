"""What processes tell each other: that there is work, and how far executions are recorded. Hints, never the truth."""
