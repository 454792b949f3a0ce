"""Logging is set up once for a process: each test finds it as it was, and leaves it so."""

import logging
from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root, config = logging.getLogger(), structlog.get_config()
    handlers, level, configured = list(root.handlers), root.level, structlog.is_configured()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.contextvars.clear_contextvars()
    structlog.configure(**config)
    if not configured:
        structlog.reset_defaults()
