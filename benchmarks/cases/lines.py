"""What it costs that nodes log: chains in which each node writes a line, by the same chains in which none does."""

import statistics
import time
from functools import partial
from typing import Any, ClassVar

from pydantic import Field

from benchmarks.cases.process import Figures, Options, main
from benchmarks.cases.usage import postgres, processor_s, with_children
from benchmarks.measure import NODES, NotKept, Recorded, closed_loop
from benchmarks.runs import chain, open_runs
from weft.sdk import Block, Context, Emissions, Example, Schema
from weft.sdk.builder import GraphBuilder

SECONDS = 2.0
TURNS = 3
AT_ONCE = 16


class Quiet(Block, id="bench.quiet"):
    """Pass a value on."""

    class Input(Schema):
        value: Any = Field(description="Any value")

    class Output(Schema):
        value: Any = Field(description="The same value")

    examples: ClassVar = [Example(Input(value=1), emits=[("value", 1)])]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:  # noqa: ARG002  (asked for, as by the other one)
        yield "value", input.value


class Loud(Block, id="bench.loud"):
    """Log that a value came, and pass it on."""

    class Input(Schema):
        value: Any = Field(description="Any value")

    class Output(Schema):
        value: Any = Field(description="The same value")

    examples: ClassVar = [Example(Input(value=1), emits=[("value", 1)])]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        ctx.log.info("a value came", value=input.value)
        yield "value", input.value


async def measure(options: Options) -> Figures:
    """Measure both by turns; processor time of this process and of the database for one chain, medians."""
    nodes = options.size or NODES
    seconds = SECONDS / 4 if options.quick or options.size else SECONDS
    server = postgres(options.home)

    def used() -> float:
        return time.process_time() + processor_s(with_children(server))

    costs: dict[str, list[float]] = {"bench.quiet": [], "bench.loud": []}
    ran = 0
    async with open_runs(options.url, slots=AT_ONCE, blocks=(Quiet, Loud)) as runs:
        versions = {}
        for block in costs:
            builder = GraphBuilder(block, catalog=runs.catalog)
            chain(builder, nodes, block)
            versions[block] = await runs.save(builder)
        for turn in range(1 + TURNS):
            for block, found in costs.items():
                before = used()
                # The first turn fills caches.
                run = partial(runs.run, versions[block])
                done, _ = await closed_loop(run, at_once=AT_ONCE, seconds=seconds if turn else 0.2)
                found.append((used() - before) / done * 1e6)
                ran += done
        if (kept := await runs.recorded()) != Recorded(ran, ran * nodes):
            raise NotKept(f"ran {ran} chains of {nodes}, but the database holds {kept}")
    quiet, loud = (statistics.median(found[1:]) for found in costs.values())
    return {"times": loud / quiet, "us_per_line": (loud - quiet) / nodes, "quiet_us_per_node": quiet / nodes}


if __name__ == "__main__":
    main(measure)
