"""What holds for all tests: one PostgreSQL, and the same examples each time, unless others are searched for."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.support.postgres import running_server
from weft.db.embedded.server import EmbeddedServer

# A change is judged by its own doing, not by the luck of a draw; `make search` draws anew, and more.
# Nothing here fails for being slow: machines differ, and speed belongs in benchmarks/.
_calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", _calm, derandomize=True, database=None)
settings.register_profile("search", _calm, max_examples=1000)
settings.load_profile("same")


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedServer]:
    """The one embedded server of this process; tests take a database of their own in it."""
    with running_server() as server:
        yield server
