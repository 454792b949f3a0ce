"""Typed events through an outbox in the caller's transaction."""
