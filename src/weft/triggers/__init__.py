"""Schedules and webhooks: time and HTTP become executions."""
