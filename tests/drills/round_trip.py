"""`python -m tests.drills.round_trip`: random graphs go out, in and out again, and every byte is the same.

Each graph is saved, exported, saved again from the exported file under another name, and exported again.
"""

# ruff: noqa: T201 - it prints for a person

import asyncio
import sys

from hypothesis import HealthCheck, Phase, given, settings

from tests.support.postgres import fresh_database, open_database, running_server
from tests.unit.graphs.random_graphs import graphs
from weft.db.database import Database
from weft.graphs.documents import parse_document, to_bytes
from weft.graphs.errors import GraphInvalid
from weft.graphs.service import get_graph, remember_file
from weft.graphs.types import GraphContent
from weft.sdk import Catalog
from weft.users.types import LOCAL_OWNER

GRAPHS = 1_000


def random_contents(count: int) -> list[GraphContent]:
    """Return so many random graphs, all different, the same in every run."""
    found: dict[bytes, GraphContent] = {}

    @settings(
        max_examples=4 * count,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(content=graphs())
    def collect(content: GraphContent) -> None:
        if len(found) < count:
            found.setdefault(to_bytes(content), content)

    collect()
    return list(found.values())


async def export_after_saving(database: Database, data: bytes, key: str) -> bytes:
    """Return the file of a graph that was saved from the file `data`."""
    content = parse_document(data, place=key)
    async with database.transaction(LOCAL_OWNER) as tx:
        saved = await remember_file(tx, LOCAL_OWNER, source="drill", key=key, content=content, catalog=Catalog([]))
        return to_bytes(await get_graph(tx, saved.graph_id, LOCAL_OWNER))


async def drill(database: Database) -> tuple[int, int, int]:
    """Return how many graphs came back alike, how many did not, and how many could not be stored at all."""
    same = other = refused = 0
    for number, content in enumerate(random_contents(2 * GRAPHS)):
        try:
            first = await export_after_saving(database, to_bytes(content), f"{number}-first")
        except GraphInvalid:
            refused += 1
            continue
        second = await export_after_saving(database, first, f"{number}-second")
        if first == second == to_bytes(content):
            same += 1
        else:
            other += 1
            print(f"graph {number} changed on its way:\n{first.decode()}\n{second.decode()}", file=sys.stderr)
        if same + other == GRAPHS:
            break
    return same, other, refused


async def main(url: str) -> int:
    """Run the drill on a fresh database; return the exit status."""
    database = await open_database(url, role="weft_api")
    try:
        same, other, refused = await drill(database)
    finally:
        await database.disconnect()
    print(f"{same + other} random graphs exported, saved and exported again; {refused} more were refused as unstorable")
    print(f"{same} passed, {other + max(GRAPHS - same - other, 0)} failed")
    return 0 if same == GRAPHS else 1


if __name__ == "__main__":
    with running_server() as server:
        status = asyncio.run(main(asyncio.run(fresh_database(server))))
    sys.exit(status)
