"""DBOS Transact: a workflow of async steps, each of which is durable before the next begins."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

import psycopg
from dbos import DBOS, DBOSConfig

from benchmarks.measure import NODES, Options, Recorded, main


@DBOS.step()
async def step(value: int) -> int:
    return value


@DBOS.step()
async def collect(values: list[int]) -> int:
    return len(values)


@DBOS.workflow()
async def chain(value: int) -> int:
    for _ in range(NODES):
        value = await step(value)
    return value


@DBOS.workflow()
async def fan(value: int) -> int:
    value = await step(value)
    return await collect(await asyncio.gather(*(step(value) for _ in range(NODES))))


class Dbos:
    """The launched library; workflows run in this process, on this event loop."""

    version = version("dbos")
    does = "the result of every step, and the workflow's status and result, before the caller goes on"
    shapes = ("chain", "fan")
    modes = ("steps",)

    def __init__(self, url: str) -> None:
        self._url = url

    async def run(self, shape: str, mode: str) -> None:  # noqa: ARG002  (it has one mode)
        if shape == "chain":
            assert await chain(1) == 1
        else:
            assert await fan(1) == NODES

    async def look(self) -> None:
        """Do nothing: the result that `run` has checked says it."""

    async def recorded(self) -> Recorded:
        async with await psycopg.AsyncConnection.connect(self._url) as connection:
            found = await connection.execute(
                "SELECT (SELECT count(*) FROM dbos.workflow_status WHERE status = 'SUCCESS'),"
                " (SELECT count(*) FROM dbos.operation_outputs)"
            )
            row = await found.fetchone()
        assert row is not None
        return Recorded(row[0], row[1])


@asynccontextmanager
async def open_dbos(options: Options) -> AsyncIterator[Dbos]:
    """Measure DBOS."""
    config: DBOSConfig = {"name": "bench", "system_database_url": options.url, "log_level": "ERROR"}
    DBOS(config=config)
    DBOS.launch()
    try:
        yield Dbos(options.url)
    finally:
        DBOS.destroy()


if __name__ == "__main__":
    main(open_dbos)
