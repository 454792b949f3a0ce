"""The floor: the least that any engine in Python must do. It walks the graph in memory and keeps nothing.

A node takes a pydantic model and yields one; its links are followed by counters. No claims, no records, no
errors, no database: what an engine costs beyond this is what it does beyond this.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pydantic
from pydantic import BaseModel

from benchmarks.measure import NODES, Options, main


class Input(BaseModel):
    """What a no-op node takes."""

    value: int


class Output(BaseModel):
    """What it yields."""

    value: int


class Gathered(BaseModel):
    """What the last node of the fan takes."""

    value: list[int]


async def no_op(given: Input) -> AsyncGenerator[Output, None]:
    yield Output(value=given.value)


@dataclass(frozen=True)
class Graph:
    """Sinks of each node, and how many values each node needs; the last node collects if it needs several."""

    sinks: tuple[tuple[int, ...], ...]
    needs: tuple[int, ...]


def chain_graph() -> Graph:
    sinks = tuple((number + 1,) for number in range(NODES - 1))
    return Graph((*sinks, ()), (1,) * NODES)


def fan_graph() -> Graph:
    last = NODES + 1
    return Graph((tuple(range(1, last)), *((last,) for _ in range(NODES)), ()), (*(1,) * last, NODES))


async def execute(graph: Graph) -> int:
    """Run all nodes; return how many ran."""
    waiting: dict[int, list[int]] = {}
    ready: list[tuple[int, list[int]]] = [(0, [1])]
    ran = 0
    while ready:
        node, values = ready.pop()
        ran += 1
        if len(values) > 1:
            Gathered.model_validate({"value": values})
            continue
        async for emitted in no_op(Input.model_validate({"value": values[0]})):
            data = emitted.model_dump()["value"]
            for sink in graph.sinks[node]:
                got = waiting.setdefault(sink, [])
                got.append(data)
                if len(got) == graph.needs[sink]:
                    ready.append((sink, waiting.pop(sink)))
    return ran


class Floor:
    """Two graphs in memory."""

    version = f"pydantic {pydantic.VERSION}"
    does = "nothing is kept"
    shapes = ("chain", "fan")
    modes = ("memory",)

    def __init__(self) -> None:
        self._graphs = {"chain": chain_graph(), "fan": fan_graph()}

    async def run(self, shape: str, mode: str) -> None:  # noqa: ARG002  (it has one mode)
        graph = self._graphs[shape]
        assert await execute(graph) == len(graph.sinks)

    async def look(self) -> None:
        """Do nothing: the result that `run` has checked says it."""

    async def recorded(self) -> None:
        return None


@asynccontextmanager
async def open_floor(options: Options) -> AsyncIterator[Floor]:  # noqa: ARG001  (it needs no database)
    """Measure the floor."""
    yield Floor()


if __name__ == "__main__":
    main(open_floor)
