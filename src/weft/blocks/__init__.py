"""The block library: one file per block; imports `weft.sdk` and nothing else of Weft."""
