"""LangGraph with its PostgreSQL saver, as its documentation uses them, in both of its durable modes."""

import operator
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from itertools import count, cycle
from typing import Annotated, Any, TypedDict

from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.graph import END, START, StateGraph
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from benchmarks.measure import NODES, SHAPES, Options, Recorded, main

CONNECTIONS = 16
SAVERS = 4
"""One saver does one thing at a time, even on a pool; so several share the pool and the load."""


class Number(TypedDict):
    """What flows along the chain."""

    value: int


class Numbers(TypedDict):
    """What flows through the fan; the arms' values are gathered in a list."""

    value: int
    found: Annotated[list[int], operator.add]


async def step(state: Number) -> dict[str, Any]:
    return {"value": state["value"]}


async def arm(state: Numbers) -> dict[str, Any]:
    return {"found": [state["value"]]}


async def collect(state: Numbers) -> dict[str, Any]:
    return {"value": len(state["found"])}


def chain(saver: AsyncPostgresSaver) -> Any:
    graph = StateGraph(Number)
    names = [f"n{number}" for number in range(NODES)]
    for name in names:
        graph.add_node(name, step)
    for source, sink in zip([START, *names], [*names, END], strict=True):
        graph.add_edge(source, sink)
    return graph.compile(checkpointer=saver)


def fan(saver: AsyncPostgresSaver) -> Any:
    graph = StateGraph(Numbers)
    names = [f"arm{number}" for number in range(NODES)]
    graph.add_node("split", step)
    graph.add_node("collect", collect)
    graph.add_edge(START, "split")
    for name in names:
        graph.add_node(name, arm)
        graph.add_edge("split", name)
    graph.add_edge(names, "collect")
    graph.add_edge("collect", END)
    return graph.compile(checkpointer=saver)


class LangGraph:
    """Compiled graphs over a pool of connections; executions take the savers in turn."""

    version = version("langgraph")
    does = "a checkpoint of the whole state per superstep and the writes of every node, by AsyncPostgresSaver"
    shapes = ("chain", "fan")
    modes = ("sync", "async")

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        self._pool = pool
        savers = [AsyncPostgresSaver(pool) for _ in range(SAVERS)]
        self._graphs = {"chain": cycle([chain(s) for s in savers]), "fan": cycle([fan(s) for s in savers])}
        self._threads = count(1)

    async def run(self, shape: str, mode: str) -> None:
        thread = f"{shape}-{mode}-{next(self._threads)}"
        config = {"configurable": {"thread_id": thread}, "recursion_limit": NODES + 10}
        start = {"value": 1} if shape == "chain" else {"value": 1, "found": []}
        result = await next(self._graphs[shape]).ainvoke(start, config, durability=mode)
        assert result["value"] == (1 if shape == "chain" else NODES)

    async def look(self) -> None:
        """Do nothing: the result that `run` has checked says it."""

    async def recorded(self) -> Recorded:
        """Count the threads with a checkpoint of their last superstep, and the nodes whose writes are kept."""
        last = {"chain": NODES, "fan": 3}
        executions = nodes = 0
        async with self._pool.connection() as connection:
            for shape, step_number in last.items():
                found = await connection.execute(
                    "SELECT count(DISTINCT thread_id) AS n FROM checkpoints"
                    " WHERE thread_id LIKE %s AND (metadata->>'step')::int = %s",
                    (f"{shape}-%", step_number),
                )
                executions += (await found.fetchone())["n"]  # type: ignore[index]
            found = await connection.execute(
                "SELECT count(*) AS n FROM (SELECT DISTINCT thread_id, task_id FROM checkpoint_writes"
                " WHERE task_path NOT LIKE '%__start__') AS t"
            )
            nodes = (await found.fetchone())["n"]  # type: ignore[index]
        return Recorded(executions, nodes)


@asynccontextmanager
async def open_langgraph(options: Options) -> AsyncIterator[LangGraph]:
    """Measure LangGraph."""
    assert set(SHAPES) >= set(LangGraph.shapes)
    settings = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
    pool: AsyncConnectionPool[Any] = AsyncConnectionPool(
        options.url, min_size=CONNECTIONS, max_size=CONNECTIONS, kwargs=settings, open=False
    )
    async with pool:
        await AsyncPostgresSaver(pool).setup()
        yield LangGraph(pool)


if __name__ == "__main__":
    main(open_langgraph)
