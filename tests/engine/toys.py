"""Small blocks for the engine's tests: each shows one thing a block may do."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from weft.blocks.agent.loop import Loop
from weft.blocks.agent.run_graph import RunGraph
from weft.executions.limits import Limits
from weft.sdk import (
    Block,
    BlockError,
    BlockType,
    Catalog,
    Collecting,
    Context,
    Effect,
    Emissions,
    Example,
    Many,
    NotStarted,
    RetryLater,
    Schema,
    Stop,
    Wait,
)


class _Value(Schema):
    value: Any = Field(description="Any value")


class Given(Block, id="toy.input", block_type=BlockType.INPUT):
    """Give a run's input."""

    class Input(Schema):
        name: str = Field(description="The input's name")
        value: Any = Field(default=None, description="Its default")

    class Output(Schema):
        result: Any = Field(description="Its value")

    examples = [Example(Input(name="a", value=1), emits=[("result", 1)])]

    async def run(self, input: Input) -> Emissions:
        yield "result", input.value


class Shown(Block, id="toy.output", block_type=BlockType.OUTPUT):
    """Show a run's output."""

    class Input(Schema):
        name: str = Field(description="The output's name")
        value: Any = Field(description="A value")

    class Output(Schema):
        output: Any = Field(description="The value")

    examples = [Example(Input(name="a", value=1), emits=[("output", 1)])]

    async def run(self, input: Input) -> Emissions:
        yield "output", input.value


class Double(Block, id="toy.double"):
    """Double a number."""

    class Input(Schema):
        value: int = Field(description="A whole number")

    class Output(Schema):
        value: int = Field(description="Twice the number")

    examples = [Example(Input(value=2), emits=[("value", 4)])]

    async def run(self, input: Input) -> Emissions:
        yield "value", input.value * 2


class Add(Block, id="toy.add"):
    """Add two numbers."""

    class Input(Schema):
        a: int = Field(description="One number")
        b: int = Field(description="Another")

    class Output(Schema):
        sum: int = Field(description="Both together")

    examples = [Example(Input(a=1, b=2), emits=[("sum", 3)])]

    async def run(self, input: Input) -> Emissions:
        yield "sum", input.a + input.b


class Count(Block, id="toy.count"):
    """Emit 0, 1, 2 … below a number."""

    class Input(Schema):
        value: int = Field(description="How many")

    class Output(Schema):
        item: Annotated[int, Many()] = Field(description="One number")

    examples = [Example(Input(value=2), emits=[("item", 0), ("item", 1)])]

    async def run(self, input: Input) -> Emissions:
        for number in range(input.value):
            yield "item", number


class Collect(Block, id="toy.collect"):
    """Collect everything into one list."""

    class Input(Schema):
        values: Annotated[list[Any], Collecting()] = Field(description="All values")

    class Output(Schema):
        list: Any = Field(description="The list")

    examples = [Example(Input(values=[1]), emits=[("list", [1])])]

    async def run(self, input: Input) -> Emissions:
        yield "list", input.values


class Odd(Block, id="toy.odd"):
    """Refuse even numbers."""

    class Input(Schema):
        value: int = Field(description="A number")

    class Output(Schema):
        value: int = Field(description="The number, if it is odd")

    examples = [Example(Input(value=1), emits=[("value", 1)]), Example(Input(value=2), raises=BlockError)]

    async def run(self, input: Input) -> Emissions:
        if input.value % 2 == 0:
            raise BlockError(f"{input.value} is even")
        yield "value", input.value


class Crash(Block, id="toy.crash"):
    """Have a mistake."""

    class Input(_Value):
        pass

    class Output(Schema):
        value: Any = Field(description="Never")

    examples = [Example(Input(value=1), raises=RuntimeError)]

    async def run(self, input: Input) -> Emissions:
        if input.value != "spare me":
            raise RuntimeError("password=hunter2")
        yield "value", input.value


class Nap(Block, id="toy.nap"):
    """Wait durably for some milliseconds, then pass the value on."""

    effect = Effect.IDEMPOTENT

    class Input(_Value):
        ms: int = Field(default=1, description="How long")

    class Output(Schema):
        value: Any = Field(description="The value")

    examples = [
        Example(Input(value=1), emits=[("value", 1)], waits=Wait("time", until=datetime.max.replace(tzinfo=UTC)))
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        if input.ms > 0:
            raise Wait("time", until=ctx.now() + timedelta(milliseconds=input.ms))
        yield "value", input.value

    async def on_answer(self, input: Input, state: Any, answer: Any) -> Emissions:
        yield "value", input.value


class Ask(Block, id="toy.ask"):
    """Emit that it asks, wait for a person, and pass the answer on."""

    effect = Effect.IDEMPOTENT

    class Input(_Value):
        key: str = Field(default="", description="Names the wait")

    class Output(Schema):
        asked: Any = Field(description="The question")
        value: Any = Field(description="The answer")

    examples = [Example(Input(value=1), emits=[("asked", 1), ("value", 2)], waits=Wait("person"), answer=2)]

    async def run(self, input: Input) -> Emissions:
        yield "asked", input.value
        raise Wait("person", state={"asked": input.value}, key=input.key or None, title="Well?")

    async def on_answer(self, input: Input, state: Any, answer: Any) -> Emissions:
        assert state == {"asked": input.value}
        yield "value", answer


class Ledger:
    """The world outside: who did what, as the blocks below tell it."""

    calls: list[tuple[str, str, int]]
    gate: asyncio.Event
    trouble: list[Exception]

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forget everything; the gate is open."""
        self.calls, self.trouble, self.gate = [], [], asyncio.Event()
        self.gate.set()


WORLD = Ledger()


class _Effectful(Block, id="toy.unused", abstract=True):
    """Tell the world, then pass the value on."""

    class Input(_Value):
        pass

    class Output(Schema):
        value: Any = Field(description="The value")

    examples = [Example(Input(value=1), emits=[("value", 1)])]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        await WORLD.gate.wait()
        WORLD.calls.append((ctx.node_id, ctx.idempotency_key, ctx.attempt))
        if WORLD.trouble:
            raise WORLD.trouble.pop(0)
        yield "value", input.value


class AtLeastOnce(_Effectful, id="toy.at_least_once"):
    """Tell the world at least once."""

    effect = Effect.AT_LEAST_ONCE


class AtMostOnce(_Effectful, id="toy.at_most_once"):
    """Tell the world at most once."""

    effect = Effect.AT_MOST_ONCE


class Reads(_Effectful, id="toy.reads"):
    """Read from the world."""

    effect = Effect.IDEMPOTENT


class Says(Block, id="toy.says"):
    """Write lines into the log, ask the world, and pass the value on; a text is one line, a number so many."""

    effect = Effect.IDEMPOTENT

    class Input(_Value):
        pass

    class Output(Schema):
        value: Any = Field(description="The value")

    examples = [Example(Input(value=1), emits=[("value", 1)])]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        if isinstance(input.value, int):
            for number in range(input.value):
                ctx.log.info(f"line {number}", number=number)
        else:
            ctx.log.warning(str(input.value), said=input.value)
        ctx.meter("token", 1.5)
        await WORLD.gate.wait()
        if WORLD.trouble:
            raise WORLD.trouble.pop(0)
        ctx.log.debug("done")
        yield "value", input.value


class Halt(Block, id="toy.halt"):
    """End the execution."""

    class Input(_Value):
        pass

    class Output(Schema):
        value: Any = Field(description="Never")

    examples = [Example(Input(value=1), raises=Stop)]

    async def run(self, input: Input) -> Emissions:
        if input.value != "go on":
            raise Stop("enough")
        yield "value", input.value


ROOMY = Limits(backoff_s=0.001, grace_s=2)
TIGHT = replace(ROOMY, kept_bytes=0, snapshot_every=2_000, snapshot_worth=1)

RETRY = RetryLater("not yet")
NOT_STARTED = NotStarted("refused before it began")

CATALOG = Catalog(
    [
        Given,
        Shown,
        Double,
        Add,
        Count,
        Collect,
        Odd,
        Crash,
        Nap,
        Ask,
        AtLeastOnce,
        AtMostOnce,
        Reads,
        Says,
        Halt,
        RunGraph,
        Loop,
    ]
)
