"""The way to Redis, where one is configured. What stands there is a copy: losing it never changes a result."""
