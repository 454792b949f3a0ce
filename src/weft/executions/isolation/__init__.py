"""Block hosts: child processes that run the firings of blocks which hold up an event loop, and can be killed."""
