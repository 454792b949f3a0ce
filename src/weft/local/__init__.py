"""Weft in one process, for the local owner: what `weft.run` and the command line share."""
