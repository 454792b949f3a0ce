"""Subscribers that tell people: mail, in-app, digests. Nobody imports this package."""
