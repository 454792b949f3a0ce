"""PostgreSQL as part of Weft: the binaries of an installed wheel under a supervisor of our own.

Read `server` first (what a process of Weft calls), then `supervisor` (the detached parent of PostgreSQL).
This file imports nothing, so that the supervisor starts in a few hundredths of a second.
"""
