"""Blocks, and the program on a home of the test's own."""

import pytest

from tests.cli.conftest import offline, server, weft
from weft.sdk import Catalog

__all__ = ["offline", "server", "weft"]


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """All blocks of Weft."""
    return Catalog.load()
