"""Weft, measured through its service: graphs are saved, runs started and ended as the API does it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from uuid import UUID

from benchmarks.measure import NODES, SHAPES, Options, Recorded, main
from benchmarks.runs import NO_OP, Runs, chain, open_runs
from weft.cli.logs import configure_logs
from weft.graphs.types import GraphVersion
from weft.sdk.builder import GraphBuilder

NO_OP_WITH_EFFECT = "testing.noop_effect"
COLLECT = "flow.collect"


def fan(builder: GraphBuilder, arms: int = NODES) -> None:
    """Add one node, so many side by side behind it, and one that collects what they yield."""
    first = builder.add(NO_OP, "split", value=1)
    last = builder.add(COLLECT, "collect")
    for number in range(arms):
        arm = builder.add(NO_OP, f"arm{number}")
        builder.link(first["value"], arm["value"])
        builder.link(arm["value"], last["values"])


class Weft:
    """A running worker, with a saved version of each graph."""

    version = version("weft")
    does = (
        "every firing with its inputs and emissions, the execution's status, its claim and lease; with effects also"
        " each intent, durable before the block runs"
    )
    shapes = tuple(SHAPES)
    modes = ("journal",)

    def __init__(self, runs: Runs, versions: Mapping[str, GraphVersion]) -> None:
        self._runs = runs
        self._versions = versions
        self._last: UUID | None = None

    async def run(self, shape: str, mode: str) -> None:  # noqa: ARG002  (it has one mode)
        """Start a run and return once its worker has reported the end, which is durable by then."""
        self._last = await self._runs.run(self._versions[shape])

    async def look(self) -> None:
        """Read the terminal status from the database."""
        assert self._last is not None, "nothing has run"
        await self._runs.look(self._last)

    async def recorded(self) -> Recorded:
        """Count completed executions, and completed firings of their nodes."""
        return await self._runs.recorded()


async def save_all(runs: Runs) -> dict[str, GraphVersion]:
    """Save one graph per shape and return the versions."""
    versions = {}
    for shape in SHAPES:
        builder = GraphBuilder(shape, catalog=runs.catalog)
        if shape == "fan":
            fan(builder)
        else:
            chain(builder, NODES, NO_OP if shape == "chain" else NO_OP_WITH_EFFECT)
        versions[shape] = await runs.save(builder)
    return versions


@asynccontextmanager
async def open_weft(options: Options) -> AsyncIterator[Weft]:
    """Measure Weft."""
    async with open_runs(options.url, slots=options.at_once) as runs:
        yield Weft(runs, await save_all(runs))


if __name__ == "__main__":
    configure_logs()  # as the program does: what nobody asked for is not written
    main(open_weft)
