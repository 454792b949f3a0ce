"""What one node costs in longer chains, in wider fans, and with larger values: the same, if nothing goes wrong."""

import random
import statistics
import time
from collections.abc import Callable, Sequence

import psutil

from benchmarks.cases.process import Figures, Options, main
from benchmarks.cases.usage import postgres, processor_s, with_children
from benchmarks.measure import NotKept, Recorded
from benchmarks.runs import NO_OP, Runs, chain, open_runs
from benchmarks.weft_engine import fan
from weft.graphs.types import GraphVersion
from weft.sdk.builder import GraphBuilder

LENGTHS = (100, 1_000, 10_000)
SIZES = {"1kb": 1_000, "10kb": 10_000, "100kb": 100_000, "1mb": 1_000_000}
"""The values, by name, with their length as JSON text."""
CARRIERS = 10
"""Nodes that pass a value on."""
BYTES = 8_000_000
"""So many bytes in all pass through each of them, in values of whatever size; but never more than `MOST_RUNS` values."""
MOST_RUNS = 200
TURNS = 3


class Meter:
    """Runs graphs one by one, and tells what a node took of the processor: of this process and of the database."""

    def __init__(self, runs: Runs, server: psutil.Process) -> None:
        self._runs = runs
        self._server = server
        self._kept = Recorded(0, 0)

    async def us_per_node(self, version: GraphVersion, times: int, fired: int, size: int = 0) -> float:
        """Run a graph of which so many nodes fire, so many times, each with another value of `size`."""
        texts = ["".join(random.choices("0123456789abcdef", k=size)) for _ in range(times)] if size else [""] * times
        before = self._used()
        for text in texts:
            await self._runs.run(version, {"text": text} if size else {})
        used = self._used() - before
        self._kept = Recorded(self._kept.executions + times, self._kept.nodes + times * fired)
        return used / (times * fired) * 1e6

    async def check(self) -> None:
        """Compare with the database.

        Raises:
            NotKept: It holds something else than what was run.
        """
        if (found := await self._runs.recorded()) != self._kept:
            raise NotKept(f"ran {self._kept}, but the database holds {found}")

    def _used(self) -> float:
        return time.process_time() + processor_s(with_children(self._server))


async def measure(options: Options) -> Figures:
    """Measure all by turns, with about as many nodes of each length; the median counts."""
    lengths = [max(length // 100, 1) * options.size for length in LENGTHS] if options.size else LENGTHS
    turns = 1 if options.quick or options.size else TURNS
    figures: dict[str, float] = {}
    async with open_runs(options.url) as runs:
        meter = Meter(runs, postgres(options.home))
        for shape, build in (("chain", chain), ("fan", fan)):
            costs = await _by_length(runs, meter, build, lengths, turns)
            figures[f"{shape}_{LENGTHS[0]}_us"] = costs[0]
            for length, cost in zip(LENGTHS[1:], costs[1:], strict=True):
                figures[f"{shape}_{length}"] = cost / costs[0]
        per_value = await _by_size(runs, meter, turns, BYTES // 10 if turns == 1 else BYTES)
        await meter.check()
    figures |= {f"value_{name}_us": cost for name, cost in per_value.items()}
    return figures | {"value_1mb": per_value["1mb"] / (10 * per_value["100kb"])}


async def _by_length(
    runs: Runs, meter: Meter, build: Callable[[GraphBuilder, int], object], lengths: Sequence[int], turns: int
) -> list[float]:
    versions = []
    for length in lengths:
        builder = GraphBuilder(f"{length} nodes", catalog=runs.catalog)
        build(builder, length)
        versions.append(await runs.save(builder))
    costs: list[list[float]] = [[] for _ in lengths]
    for turn in range(1 + turns):
        for version, length, found in zip(versions, lengths, costs, strict=True):
            # The first turn fills caches and compiles the graphs.
            times = lengths[-1] // length if turn else 1
            found.append(await meter.us_per_node(version, times, len(version.content.nodes)))
    return [statistics.median(found[1:]) for found in costs]


async def _by_size(runs: Runs, meter: Meter, turns: int, in_all: int) -> dict[str, float]:
    builder = GraphBuilder("carriers", catalog=runs.catalog)
    last = builder.input("text", str)["result"]
    for number in range(CARRIERS):
        node = builder.add(NO_OP, f"n{number}")
        builder.link(last, node["value"])
        last = node["value"]
    version = await runs.save(builder)
    costs: dict[str, list[float]] = {name: [] for name in SIZES}
    for turn in range(1 + turns):
        for name, size in SIZES.items():
            times = min(max(in_all // size, 1), MOST_RUNS) if turn else 1
            costs[name].append(await meter.us_per_node(version, times, CARRIERS, size))
    return {name: statistics.median(found[1:]) for name, found in costs.items()}


if __name__ == "__main__":
    main(measure)
