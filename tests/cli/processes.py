"""The program as processes: what they say, when something is on record, how they end."""

import asyncio
import subprocess
from collections.abc import Callable

from tests.cli.conftest import Answer
from tests.support.postgres import open_database
from weft.db.embedded.server import EmbeddedServer
from weft.users.types import LOCAL_OWNER

Process = subprocess.Popen[str]
Start = Callable[..., Process]

INTENT = "SELECT seq FROM execution_events WHERE execution_id = :id AND kind = 'intent'"
WAITING = "SELECT id FROM executions WHERE id = :id AND status = 'waiting'"
CANCEL = "SELECT id FROM executions WHERE id = :id AND cancel_requested_at IS NOT NULL"


def until(process: Process, words: str) -> str:
    """Read the program's words up to the first line that holds these, and return that line."""
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return line
    raise AssertionError(f"the program ended with {process.wait()} and never said {words!r}")


def execution_of(process: Process) -> str:
    """Return the id of the execution that the program says it runs."""
    return until(process, "execution ").split()[-1]


def until_recorded(server: EmbeddedServer, query: str, execution_id: str) -> None:
    """Return once the query finds something of the execution: what it finds is durable."""

    async def wait() -> None:
        async with await open_database(server.url, role="weft_api") as database, asyncio.timeout(60):
            found = None
            while found is None:
                async with database.transaction(LOCAL_OWNER) as tx:
                    found = await tx.scalar(query, {"id": execution_id})
                await asyncio.sleep(0.005)

    asyncio.run(wait())


def end(process: Process) -> Answer:
    """Return how the program ended, with what it said since it was last listened to."""
    out, err = process.communicate(timeout=60)
    return Answer(process.returncode, out, err)
