"""Subscribers that measure: metrics, tracing, audit. Nobody imports this package."""
