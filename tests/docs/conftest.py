"""The program on a fresh database."""

from tests.examples.conftest import weft  # noqa: F401
