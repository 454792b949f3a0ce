"""The program on a fresh database."""

from tests.db.conftest import postgres  # noqa: F401
from tests.examples.conftest import weft  # noqa: F401
