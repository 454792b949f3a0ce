"""A real PostgreSQL with an empty database for each test."""

from tests.db.conftest import empty_url

__all__ = ["empty_url"]
