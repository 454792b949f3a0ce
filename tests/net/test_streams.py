"""Bodies that are never held: what comes, what is sent; behind the same guard, within limits of their own."""

import dataclasses
import gzip
import random
from collections.abc import AsyncIterator
from contextlib import nullcontext
from urllib.parse import quote

import httpx
import pytest

from tests.net.cases import cases
from tests.net.servers import World
from weft.net import (
    EgressRefused,
    GuardedClient,
    HttpStatusError,
    NetworkError,
    ResponseTooLarge,
    StreamedResponse,
    Upload,
)


async def body_of(answer: StreamedResponse) -> bytes:
    return b"".join([chunk async for chunk in answer.chunks()])


def upload(*parts: bytes) -> Upload:
    async def begin() -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    return Upload(sum(map(len, parts)), begin)


async def test_a_body_larger_than_a_whole_answer_may_be_comes_in_chunks(world: World) -> None:
    policy = dataclasses.replace(world.policy, max_response_bytes=1000)
    async with (
        GuardedClient(policy, world.resolver) as client,
        client.stream("GET", world.url("/large/3000000")) as answer,
    ):
        chunks = [chunk async for chunk in answer.chunks()]

    assert (answer.status_code, answer.headers["content-length"]) == (200, "3000000")
    assert b"".join(chunks) == b"x" * 3_000_000
    assert max(map(len, chunks)) < 200_000


async def test_a_streamed_body_has_a_limit_too(world: World) -> None:
    policy = dataclasses.replace(world.policy, max_stream_bytes=100_000)
    async with GuardedClient(policy, world.resolver) as client:
        async with client.stream("GET", world.url("/large/100000")) as answer:
            assert len(await body_of(answer)) == 100_000
        for path in ("/large/100001", "/endless", "/gzip/1000000"):
            async with client.stream("GET", world.url(path)) as answer:
                with pytest.raises(ResponseTooLarge):
                    await body_of(answer)


async def test_what_a_body_decompresses_to_is_what_counts(world: World) -> None:
    body = gzip.compress(random.Random(1).randbytes(60_000).hex().encode())  # half of what it becomes

    class Parts(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield body

    class Server(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Parts(), request=request)

    for most, error in ((120_000, None), (119_999, ResponseTooLarge)):
        policy = dataclasses.replace(world.policy, max_stream_bytes=most)
        async with GuardedClient(policy, transport=Server()) as client, client.stream("GET", world.url()) as answer:
            with pytest.raises(error) if error else nullcontext():
                assert len(await body_of(answer)) == 120_000


async def test_a_streamed_body_is_decompressed(world: World, client: GuardedClient) -> None:
    async with client.stream("GET", world.url("/gzip/50000")) as answer:
        assert await body_of(answer) == b"0" * 50_000


async def test_a_stream_ends_with_the_time(world: World) -> None:
    policy = dataclasses.replace(world.policy, stream_s=0.2)
    async with GuardedClient(policy, world.resolver) as client:
        with pytest.raises(NetworkError, match=r"did not answer completely within 0\.2 s") as failed:
            async with client.stream("GET", world.url("/drip")) as answer:
                await body_of(answer)

    assert (failed.value.transient, failed.value.sent) == (True, True)


async def test_what_the_reader_raises_comes_out_as_it_is(world: World, client: GuardedClient) -> None:
    with pytest.raises(TimeoutError, match="mine"):
        async with client.stream("GET", world.url("/endless")):
            raise TimeoutError("mine")


async def test_a_bad_status_is_an_error_only_when_asked(world: World, client: GuardedClient) -> None:
    async with client.stream("GET", world.url("/status/503")) as answer:
        assert answer.status_code == 503
        with pytest.raises(HttpStatusError):
            answer.raise_for_status()


async def test_a_stream_follows_redirects_and_goes_nowhere_else_than_a_request(
    world: World, client: GuardedClient
) -> None:
    async with client.stream("GET", world.url("/hops/3")) as answer:
        assert await body_of(answer) == b"end"
    for case in cases(public=world.public.port, forbidden=world.forbidden.port):
        with pytest.raises((EgressRefused, NetworkError)):
            async with client.stream("GET", case.url):
                pass
    assert world.forbidden.connections == 0


async def test_an_upload_says_how_long_it_is_and_is_sent_part_by_part(world: World, client: GuardedClient) -> None:
    await client.request("PUT", world.url(), content=upload(b"one", b"two"), headers={"Content-Type": "x/y"})

    (seen,) = world.public.seen
    assert seen.body == b"onetwo"
    assert (seen.headers["content-length"], seen.headers["content-type"]) == ("6", "x/y")
    assert "transfer-encoding" not in seen.headers


@pytest.mark.parametrize(("host", "body"), [("public.test", b"onetwo"), ("other.test", b"")])
async def test_a_redirected_upload_begins_anew_and_stays_at_its_origin(
    host: str, body: bytes, world: World, client: GuardedClient
) -> None:
    target = quote(world.url("/landed", host=host), safe="")

    await client.request("PUT", world.url(f"/redirect/307?to={target}"), content=upload(b"one", b"two"))

    assert [seen.body for seen in world.public.seen] == [b"onetwo", body]


async def test_an_upload_may_take_longer_than_a_request(world: World) -> None:
    policy = dataclasses.replace(world.policy, total_s=0.1, stream_s=0.3)
    async with GuardedClient(policy, world.resolver) as client:
        with pytest.raises(NetworkError, match=r"within 0\.1 s"):
            await client.request("PUT", world.url("/drip"), content=b"x")
        with pytest.raises(NetworkError, match=r"within 0\.3 s"):
            await client.request("PUT", world.url("/drip"), content=upload(b"x"))
