"""A real PostgreSQL with an empty database for each test."""

from tests.db.conftest import empty_url, postgres

__all__ = ["empty_url", "postgres"]
