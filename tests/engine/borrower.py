"""A block that uses what it is lent, in a module of its own, so that block hosts find it."""

import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from pydantic import Field

from tests.engine.stuck import STUCK
from weft.sdk import Block, BlockError, Context, Effect, Emissions, Example, NotStarted, RetryLater, Schema

Deed = Callable[[Context, str], Awaitable[Any]]


async def every_verb(ctx: Context, url: str) -> Any:
    answers = [
        await ctx.http.get(url, params={"q": "é b"}, headers={"X-Own": "1"}),
        await ctx.http.post(url, json={"a": [1, None, "ü"]}),
        await ctx.http.put(url, data={"a": "1"}),
        await ctx.http.patch(url, content=b"\x00\xff"),
        await ctx.http.delete(url, timeout=5),
        await ctx.http.request("OPTIONS", url),
    ]
    first = answers[0]
    facts = [first.status_code, first.headers["CONTENT-type"], first.content.decode(), first.text, first.json()]
    return [facts, [answer.raise_for_status().status_code for answer in answers]]


async def go_through_a_body(ctx: Context, url: str) -> Any:
    async with ctx.http.stream("GET", f"{url}large/2500000") as answer:
        answer.raise_for_status()
        pieces = [piece async for piece in answer.chunks()]
    return [answer.status_code, len(b"".join(pieces)), max(map(len, pieces)) <= 2**20]


async def leave_a_body(ctx: Context, url: str) -> Any:
    async with ctx.http.stream("GET", url) as answer:
        begin = await anext(answer.chunks())
    await ctx.http.get(f"{url}gone")
    return begin.decode()


async def send_a_file(ctx: Context, url: str) -> Any:
    stored = await ctx.files.put("tea.txt", "text/plain", b"tea" * 50_000)
    answer = await ctx.http.post(url, file=stored)
    return [stored.is_stored, answer.json()]


async def every_refusal(ctx: Context, url: str) -> Any:
    async def refused(path: str) -> None:
        (await ctx.http.get(url + path)).raise_for_status()

    async def refused_body(path: str) -> None:
        async with ctx.http.stream("GET", url + path) as answer:
            answer.raise_for_status()

    async def no_json() -> None:
        (await ctx.http.get(f"{url}large/5")).json()

    tried: list[Awaitable[Any]] = [
        refused("status/404"),
        refused("status/503"),
        refused_body("status/404"),
        refused_body("status/503"),
        refused("large/2000000"),
        refused("hangup"),
        ctx.http.get("http://127.0.0.1/"),
        ctx.http.get("http://public.test:1/"),
        ctx.http.get("nowhere"),
        no_json(),
    ]
    return [await told(one) for one in tried]


async def told(work: Awaitable[Any]) -> Any:
    """Return what a block sees of an error."""
    try:
        return await work
    except BlockError as error:
        return [error.error_code, error.message, dict(error.details)]
    except (NotStarted, RetryLater) as error:
        return [type(error).__name__, error.reason]


async def keep_files(ctx: Context, url: str) -> Any:
    async def pieces() -> AsyncIterator[bytes]:
        for letter in b"abc":
            yield bytes([letter]) * 600_000

    small = await ctx.files.put("s", "text/plain", b"small")
    large = await ctx.files.put("a/b", "", pieces())
    async with ctx.files.open(large, start=599_999, end=600_001) as opened:
        cut = b"".join([piece async for piece in opened])
    async with ctx.files.open(large) as opened:
        begun = (await anext(opened))[:1]
    read = [(await ctx.files.read(small)).decode(), len(await ctx.files.read(large)), cut.decode(), begun.decode()]
    elsewhere = large.model_copy(update={"sha256": large.sha256[::-1]})
    refusals = [
        await told(ctx.files.read(large, limit=10)),
        await told(ctx.files.read(elsewhere)),
        await told(ctx.files.put("x", "", b"x" * 3_000_000)),
    ]
    return [small, large, read, refusals]


async def say_something(ctx: Context, url: str) -> Any:
    ctx.log.debug("a", number=1, text="é")
    ctx.log.info("b")
    ctx.log.warning("c", event_id=2, items=[1, {"x": None}])
    ctx.log.error("d", odd=slice(1))
    await ctx.http.get(url)  # what was said before stands in the journal once the answer is here
    return None


async def use_something(ctx: Context, url: str) -> Any:
    ctx.meter("token", 2)
    ctx.meter("token", 0.5)
    ctx.meter("byte", 7)
    refused = None
    try:
        ctx.meter("token", -1)
    except BlockError as error:
        refused = error.error_code
    await ctx.http.get(url)
    return refused


async def pause(ctx: Context, url: str) -> Any:
    await ctx.sleep(0.01)
    return True


async def who(ctx: Context, url: str) -> Any:
    user = ctx.user
    place = [str(ctx.execution_id), str(ctx.graph_id), ctx.node_id, ctx.node_label, ctx.index, ctx.attempt]
    told_of = [str(user.id), user.timezone, user.locale, dict(user.preferences)]
    return [*place, ctx.idempotency_key, *told_of, ctx.random.random(), ctx.random.random(), ctx.now().tzname()]


async def ask_twice(ctx: Context, url: str) -> Any:
    await ctx.http.post(url, content=b"1")
    await ctx.http.post(url, content=b"2")
    return None


async def wait_for_the_end(ctx: Context, url: str) -> Any:
    async with ctx.http.stream("GET", url) as answer:
        async for _ in answer.chunks():
            pass


async def die(ctx: Context, url: str) -> Any:
    async with ctx.http.stream("GET", url) as answer:
        await anext(answer.chunks())
        os.kill(os.getpid(), signal.SIGKILL)


async def ask_and_hold(ctx: Context, url: str) -> Any:
    await ctx.http.post(url, content=b"once more")
    end = time.monotonic() + 2
    while time.monotonic() < end:
        pass
    return ctx.attempt


DEEDS: dict[str, Deed] = {
    deed.__name__: deed
    for deed in (
        every_verb,
        go_through_a_body,
        leave_a_body,
        send_a_file,
        every_refusal,
        keep_files,
        say_something,
        use_something,
        pause,
        who,
        ask_twice,
        wait_for_the_end,
        die,
        ask_and_hold,
    )
}


class Borrower(Block, id="toy.borrower"):
    """Do what the input names with what it is lent."""

    effect = Effect.AT_LEAST_ONCE

    class Input(Schema):
        value: str = Field(description="What to do")
        url: str = Field(default="", description="Of a server")

    class Output(Schema):
        value: Any = Field(description="What came of it")

    examples = [Example(Input(value="pause"), emits=[("value", True)])]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        yield "value", await DEEDS[input.value](ctx, input.url)


class BorrowerHosted(Borrower, id="toy.borrower_hosted"):
    """Do it in a host."""

    blocking = True


class BorrowerOnce(Borrower, id="toy.borrower_once"):
    """Do it once."""

    effect = Effect.AT_MOST_ONCE


class BorrowerPure(Borrower, id="toy.borrower_pure"):
    """Do it without looking at the world."""

    effect = Effect.PURE


BORROWERS = STUCK.with_blocks(Borrower, BorrowerHosted)
