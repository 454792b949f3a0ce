"""Programs that measure: `python -m benchmarks` runs both, `.run` beside other engines and `.width` against the goals."""
