"""What a block is lent in a block host is what it is lent in the worker: the same answers, refusals, lines and numbers."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.blocks.lending import lending_for
from tests.engine.borrower import BORROWERS, Borrower, BorrowerOnce, BorrowerPure
from tests.engine.scene import Scene
from tests.engine.stuck import QUICK
from tests.engine.test_stuck import one
from tests.net.cases import PUBLIC_HOST
from tests.net.servers import World, open_world
from tests.support.postgres import drop_database, fresh_database
from weft.assembly import open_platform
from weft.db.embedded.server import EmbeddedServer
from weft.errors import WeftError
from weft.executions.context import FiringContext
from weft.executions.emitted import Encoded
from weft.executions.endings import open_firing
from weft.executions.errors import Fenced
from weft.executions.isolation.host import Host
from weft.executions.isolation.job import job_of
from weft.executions.loop import Ended
from weft.executions.types import ExecutionStatus
from weft.executions.values import encode
from weft.files.limits import FileLimits
from weft.files.memory import MemoryFileStore
from weft.graphs.types import Policy
from weft.net.client import GuardedClient
from weft.sandbox.service import Sandbox
from weft.sdk import Block
from weft.sdk.file import UNKNOWN_KIND

FILE_BYTES = 2_000_000
USER = {"timezone": "Asia/Tokyo", "locale": "ja", "preferences": {"$": [1, {"é": None}]}}


@dataclass
class Bench:
    """Runs one firing of a block, with a context that reaches servers on loopback, here or in a host."""

    world: World
    client: GuardedClient
    sandbox: Sandbox
    host: Host | None

    async def run(
        self, what: str, block: Block | None = None, *, url: str | None = None, sure: bool = True
    ) -> tuple[Any, Any]:
        """Return what the block emitted, and what its context was made from."""
        block = block or Borrower()
        lending = replace(lending_for(block, index=3), attempt=2, sure=lambda: sure)
        lending.state.context = USER
        context = FiringContext(lending, self.client, self.sandbox, MemoryFileStore(FileLimits(file_bytes=FILE_BYTES)))
        data = {"value": what, "url": url or self.world.url()}
        if self.host is None:
            emissions = block.run(block.Input.model_validate(data), ctx=context)
        else:
            open_ = open_firing(lending.state, lending.firing, lending.program)
            open_.record.attempt = lending.attempt
            emissions = self.host.run(job_of(lending.state, open_, data, lending.key), context)
        ((_, value),) = [pair async for pair in emissions]
        return json.loads(value if isinstance(value, Encoded) else encode(value)), lending

    def sent(self) -> list[tuple[str, str, bytes]]:
        """Return the requests that the server saw so far: method, target, body."""
        return [(one.method, one.target, one.body) for one in self.world.public.seen]

    def headers(self, name: str) -> list[str | None]:
        """Return one header of each of these requests."""
        return [one.headers.get(name) for one in self.world.public.seen]


@dataclass
class SlowServer:
    """Begins answers and ends none, but for `/gone`, which it answers once a client has left it."""

    port: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://{PUBLIC_HOST}:{self.port}/"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        if request.startswith(b"GET /gone "):
            await self.gone.wait()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        else:
            writer.write(b"HTTP/1.1 200 OK\r\n\r\nbegun")
            self.asked.set()
            await reader.read()
            self.gone.set()
        writer.close()

    async def left(self) -> None:
        """Return when the client has ended its connection."""
        async with asyncio.timeout(20):
            await self.gone.wait()


@asynccontextmanager
async def slow_server(world: World) -> AsyncIterator[SlowServer]:
    """Serve on the port that the world's policy allows besides its public server's."""
    slow = SlowServer(world.forbidden.port)
    listening = await asyncio.start_server(slow.serve, PUBLIC_HOST, slow.port)
    try:
        yield slow
    finally:
        listening.close()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """Servers on loopback, one of which counts as public."""
    async with open_world() as opened:
        yield opened


@pytest.fixture(params=["worker", "host"])
async def bench(request: pytest.FixtureRequest, world: World) -> AsyncIterator[Bench]:
    """A bench that runs blocks in this process, and one that runs them in a host."""
    policy = replace(world.policy, max_response_bytes=1_000_000, max_stream_bytes=5_000_000)
    async with GuardedClient(policy, world.resolver) as client, await Sandbox.start() as sandbox:
        host = await Host.start(2**30) if request.param == "host" else None
        yield Bench(world, client, sandbox, host)
        if host is not None:
            await host.end()


async def test_each_verb_of_http_sends_what_it_says_and_brings_the_answer(bench: Bench) -> None:
    emitted, _ = await bench.run("every_verb")

    body = '{"ok": true}'
    assert emitted == [[200, "application/json", body, body, {"ok": True}], [200] * 6]
    assert bench.sent() == [
        ("GET", "/?q=%C3%A9+b", b""),
        ("POST", "/", '{"a":[1,null,"ü"]}'.encode()),
        ("PUT", "/", b"a=1"),
        ("PATCH", "/", b"\x00\xff"),
        ("DELETE", "/", b""),
        ("OPTIONS", "/", b""),
    ]
    assert bench.headers("idempotency-key") == [f"key/{number}" for number in range(6)]
    assert bench.headers("x-own") == ["1", None, None, None, None, None]


async def test_body_larger_than_a_piece_comes_whole(bench: Bench) -> None:
    assert (await bench.run("go_through_a_body"))[0] == [200, 2_500_000, True]


async def test_body_that_is_left_early_ends_its_connection_while_the_block_goes_on(bench: Bench) -> None:
    async with slow_server(bench.world) as slow, asyncio.timeout(20):
        assert (await bench.run("leave_a_body", url=slow.url))[0] == "begun"


async def test_stored_file_is_sent_as_a_body(bench: Bench) -> None:
    assert (await bench.run("send_a_file"))[0] == [True, {"ok": True}]
    assert bench.sent() == [("POST", "/", b"tea" * 50_000)]
    assert bench.headers("content-type") == ["text/plain"]


async def test_what_the_client_or_a_server_refuses_is_the_same_outcome_of_the_block(bench: Bench) -> None:
    emitted, _ = await bench.run("every_refusal")

    assert [one[0] for one in emitted] == [
        "HTTP_STATUS",
        "RetryLater",
        "HTTP_STATUS",
        "RetryLater",
        "RESPONSE_TOO_LARGE",
        "RetryLater",
        "EGRESS_REFUSED",
        "EGRESS_REFUSED",
        "EGRESS_REFUSED",
        "NOT_JSON",
    ]
    assert emitted[0][1:] == ["GET to public.test was answered with status 404", {"status_code": 404}]


async def test_files_are_put_opened_read_and_refused(bench: Bench) -> None:
    small, large, read, refusals = (await bench.run("keep_files"))[0]

    assert small == {"name": "s", "media_type": "text/plain", "content": "c21hbGw="}
    assert (large["name"], large["media_type"], large["size"]) == ("a_b", UNKNOWN_KIND, 1_800_000)
    assert read == ["small", 1_800_000, "ab", "a"]
    assert [one[0] for one in refusals] == ["FILE_TOO_LARGE", "FILE_NOT_FOUND", "FILE_TOO_LARGE"]


async def test_lines_stand_in_the_journal_with_level_and_fields(bench: Bench) -> None:
    _, lending = await bench.run("say_something")

    lines, _ = lending.state.journal.notes.take()
    assert [(level, message, json.loads(fields or "{}")) for _, _, level, message, *_, fields in lines] == [
        ("debug", "a", {"number": 1, "text": "é"}),
        ("info", "b", {}),
        ("warning", "c", {"event_id": 2, "items": [1, {"x": None}]}),
        ("error", "d", {"odd": "slice(None, 1, None)"}),
    ]


async def test_use_adds_up_and_is_never_negative(bench: Bench) -> None:
    refused, lending = await bench.run("use_something")

    assert refused == "NEGATIVE_USE"
    assert lending.usage == {"token": 2.5, "byte": 7}
    assert lending.state.journal.notes.take()[1] == [(0, "used_tokens", 2.5, "token"), (0, "used_bytes", 7, "byte")]


async def test_pause_passes_inside_the_firing(bench: Bench) -> None:
    assert (await bench.run("pause"))[0] is True


async def test_firing_knows_itself_its_user_and_its_chance(bench: Bench) -> None:
    emitted, lending = await bench.run("who")

    nobody = str(lending.state.claim.user_id)
    assert emitted[:7] == [nobody, nobody, "node", "Node", 3, 2, "key"]
    assert emitted[7:11] == [nobody, *USER.values()]
    assert emitted[11:13] == [0.9801272163044225, 0.15203654138522427]
    assert emitted[13] == "UTC"


@pytest.mark.parametrize("what", ["every_verb", "who"])
async def test_pure_block_reaches_neither_network_nor_clock(bench: Bench, what: str) -> None:
    with pytest.raises(WeftError) as caught:
        await bench.run(what, BorrowerPure())

    assert caught.value.error_code == "BLOCK_NOT_PURE"
    assert bench.sent() == []


async def test_effect_that_must_not_happen_twice_sends_nothing_once_its_lease_is_unsure(bench: Bench) -> None:
    with pytest.raises(Fenced):
        await bench.run("ask_twice", BorrowerOnce(), sure=False)

    assert bench.sent() == []


@pytest.fixture
async def scene(postgres: EmbeddedServer, world: World) -> AsyncIterator[Scene]:
    """A platform that reaches the world's servers."""
    url = await fresh_database(postgres)
    async with open_platform(url, catalog=BORROWERS, limits=QUICK, egress=world.policy, ttl_s=5) as platform:
        yield Scene(platform, url)
    await drop_database(postgres, url)


async def test_request_of_an_interrupted_block_is_repeated_from_a_host_under_the_same_key(
    scene: Scene, world: World
) -> None:
    content = one("toy.borrower", url=f"http://{PUBLIC_HOST}:{world.public.port}/")

    done = await scene.run(content, x="ask_and_hold")

    seen = world.public.seen
    assert (done.status, done.outputs) == (ExecutionStatus.COMPLETED, {"y": [1]})
    assert [request.body for request in seen] == [b"once more"] * 2
    assert len({request.headers["idempotency-key"] for request in seen}) == 1


@pytest.mark.parametrize(
    ("what", "code"), [("wait_for_the_end", "NODE_TIMEOUT"), ("die", "HOST_DIED"), ("wait_for_the_end", None)]
)
async def test_connection_of_a_hosted_block_ends_with_its_firing_however_that_ends(
    scene: Scene, world: World, what: str, code: str | None
) -> None:
    async with slow_server(world) as slow, scene.working() as crew:
        policy = Policy(attempts=1, timeout_s=0.5 if code == "NODE_TIMEOUT" else None)
        execution_id = await scene.start(one("toy.borrower_hosted", policy=policy, url=slow.url), x=what)
        if code is None:
            await slow.asked.wait()
            await scene.cancel(execution_id)
        await crew.until(execution_id, Ended.FINISHED)
        await slow.left()

    done = await scene.get(execution_id)
    assert (done.error.code if done.error else None) == code
    assert done.status is (ExecutionStatus.FAILED if code else ExecutionStatus.CANCELLED)
