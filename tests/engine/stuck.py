"""Blocks that hold things up, die, or do not heed a cancel; in a module of their own, so that block hosts find them."""

import asyncio
import os
import signal
import time
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field

from tests.engine.toys import CATALOG, ROOMY, Reads
from weft.sdk import (
    Block,
    BlockError,
    Call,
    Context,
    Effect,
    Emissions,
    Example,
    Many,
    RetryLater,
    Schema,
    Stop,
    Wait,
)


class _Passing(Block, id="toy.unused", abstract=True):
    """Pass a value on."""

    class Input(Schema):
        value: Any = Field(description="Any value")

    class Output(Schema):
        value: Any = Field(description="The value")

    examples = [Example(Input(value=1), emits=[("value", 1)])]


class Kill(_Passing, id="toy.kill"):
    """End the process that runs it."""

    async def run(self, input: _Passing.Input) -> Emissions:
        if input.value != "spare me":
            os.kill(os.getpid(), signal.SIGKILL)
        yield "value", input.value


def _unhosted() -> list[type[Block]]:
    """Return blocks that always run in the worker: no host finds a class that stands in no module."""

    class KillHere(Kill, id="toy.kill_here"):
        """End the worker."""

    class ReadsHere(Reads, id="toy.reads_here"):
        """Read from the world."""

    return [KillHere, ReadsHere]


class KillOnce(Kill, id="toy.kill_once"):
    """End the process that runs it, with an effect that must not happen twice."""

    effect = Effect.AT_MOST_ONCE
    blocking = True


STEPS: list[asyncio.Event] = []


class Step(_Passing, id="toy.step"):
    """Wait until this step is allowed; nodes are named s0, s1 and so on."""

    effect = Effect.AT_LEAST_ONCE

    async def run(self, input: _Passing.Input, *, ctx: Context) -> Emissions:
        await STEPS[int(ctx.node_id[1:])].wait()
        yield "value", input.value


class Hold(_Passing, id="toy.hold"):
    """Sleep for so many seconds, as no block should."""

    class Input(Schema):
        value: Any = Field(description="Any value")
        seconds: float = Field(default=600, description="How long")

    examples = [Example(Input(value=1, seconds=0), emits=[("value", 1)])]

    async def run(self, input: Input) -> Emissions:
        time.sleep(input.seconds)  # noqa: ASYNC251  (just that is to be seen)
        yield "value", input.value


class Spin(_Passing, id="toy.spin"):
    """Compute for so many seconds, in a task of its own."""

    effect = Effect.AT_LEAST_ONCE

    class Input(Hold.Input):
        pass

    examples = [Example(Input(value=1, seconds=0), emits=[("value", 1)])]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        yield "value", ctx.attempt
        end = time.monotonic() + input.seconds
        while time.monotonic() < end:
            pass


class SpinOnce(Spin, id="toy.spin_once"):
    """Compute for so many seconds, with an effect that must not happen twice."""

    effect = Effect.AT_MOST_ONCE


class Doze(Hold, id="toy.doze"):
    """Wait for so many seconds; pure, and yet it waits."""

    async def run(self, input: Hold.Input) -> Emissions:
        await asyncio.sleep(input.seconds)
        yield "value", input.value


class Stubborn(Hold, id="toy.stubborn"):
    """Go on whatever happens, and emit at the end."""

    effect = Effect.IDEMPOTENT

    async def run(self, input: Hold.Input) -> Emissions:
        end = time.monotonic() + input.seconds
        while time.monotonic() < end:
            try:
                await asyncio.sleep(end - time.monotonic())
            except asyncio.CancelledError:
                continue
        yield "value", "late"


class Eat(_Passing, id="toy.eat"):
    """Take two gigabytes of memory."""

    effect = Effect.IDEMPOTENT
    blocking = True

    async def run(self, input: _Passing.Input) -> Emissions:
        yield "value", len(bytearray(2**31))


class Report(_Passing, id="toy.report"):
    """Say which process runs it, and then hold it up."""

    effect = Effect.IDEMPOTENT
    blocking = True

    class Output(Schema):
        value: Annotated[Any, Many()] = Field(description="The process's id, in a file")

    async def run(self, input: _Passing.Input, *, ctx: Context) -> Emissions:
        stored = await ctx.files.put("pid.txt", "text/plain", str(os.getpid()).encode())
        yield "value", stored
        time.sleep(600)  # noqa: ASYNC251  (just that is to be seen)


class Act(_Passing, id="toy.act"):
    """Do what the input names."""

    effect = Effect.IDEMPOTENT

    async def run(self, input: _Passing.Input, *, ctx: Context) -> Emissions:
        match input.value:
            case "fail":
                raise BlockError("it cannot be done", "CANNOT", where="here")
            case "crash":
                raise KeyError("password=hunter2")
            case "later":
                raise RetryLater("not yet")
            case "stop":
                raise Stop("enough")
            case "wait":
                raise Wait("person", state={"seen": 1}, key="well", title="Well?")
            case "call":
                raise Call("no graph", {})
            case "exit":
                raise SystemExit(3)
            case "cancelled":
                raise asyncio.CancelledError
            case "wrong pin":
                pin = "nowhere"
                yield pin, 1
            case "not json":
                yield "value", object()
            case "context":
                yield "value", await _all_of(ctx)
        yield "value", input.value

    async def on_answer(self, input: _Passing.Input, state: Any, answer: Any) -> Emissions:
        yield "value", [state, answer]


async def _all_of(ctx: Context) -> list[Any]:
    ctx.log.info("seen", number=1)
    ctx.meter("token", 3)
    await ctx.sleep(0)
    found = await ctx.match(r"(\d)(?P<letter>\w)", "1a 2b")
    stored = await ctx.files.put("a.txt", "text/plain", b"x" * 3_000_000)
    async with ctx.files.open(stored, start=2_999_998) as pieces:
        end = b"".join([piece async for piece in pieces])
    facts = [str(ctx.execution_id), ctx.node_id, ctx.node_label, ctx.index, ctx.attempt, ctx.user.timezone]
    return [
        *facts,
        ctx.random.random(),
        bool(ctx.idempotency_key),
        await ctx.render("{{ a }}!", {"a": "é"}),
        [(one.text, one.groups, dict(one.named)) for one in found],
        await ctx.evaluate("a + [1]", {"a": [2.5]}),
        len(await ctx.files.read(stored)),
        end.decode(),
    ]


class Later(_Passing, id="toy.later"):
    """Fail for half a minute."""

    effect = Effect.AT_LEAST_ONCE

    async def run(self, input: _Passing.Input) -> Emissions:
        if input.value != "now":
            raise RetryLater("not yet", timedelta(seconds=30))
        yield "value", input.value


class ActHosted(Act, id="toy.act_hosted"):
    """Do what the input names, in a host."""

    blocking = True


class CountHosted(Block, id="toy.count_hosted"):
    """Emit 0, 1, 2 … below a number, from a host."""

    blocking = True

    class Input(Schema):
        value: int = Field(description="How many")

    class Output(Schema):
        item: Annotated[int, Many()] = Field(description="One number")

    examples = [Example(Input(value=1), emits=[("item", 0)])]

    async def run(self, input: Input) -> Emissions:
        for number in range(input.value):
            yield "item", number


QUICK = replace(ROOMY, node_timeout_s=60, attempts=2)
STUCK = CATALOG.with_blocks(
    Kill,
    *_unhosted(),
    KillOnce,
    Step,
    Hold,
    Spin,
    SpinOnce,
    Doze,
    Stubborn,
    Eat,
    Report,
    Act,
    Later,
    ActHosted,
    CountHosted,
)
