"""The command line: one module for each command, found in the table of `commands`; start reading there."""
