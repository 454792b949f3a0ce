"""Answers: read within limits, decompressed without unfolding bombs, and given back whole."""

import dataclasses

import httpx
import pytest

from tests.net.servers import World
from weft.net import (
    EgressPolicy,
    EgressRefused,
    GuardedClient,
    HttpStatusError,
    NetworkError,
    ResponseTooLarge,
)


async def test_an_answer_is_given_back_whole(world: World, client: GuardedClient) -> None:
    response = await client.request("GET", world.url())

    assert (response.status_code, response.json(), response.text) == (200, {"ok": True}, '{"ok": true}')
    assert response.headers["Content-Type"] == "application/json"
    assert response.content_type == "application/json"
    assert response.is_success


@pytest.mark.parametrize(
    ("body", "kind", "sent"),
    [
        ({"json": {"a": "é"}}, "application/json", '{"a":"é"}'.encode()),
        ({"data": {"a": "1 2"}}, "application/x-www-form-urlencoded", b"a=1+2"),
        ({"content": "text"}, None, b"text"),
        ({"content": b"\xff"}, None, b"\xff"),
        ({"json": []}, "application/json", b"[]"),
    ],
)
async def test_bodies_are_sent_as_asked(
    body: dict[str, object], kind: str | None, sent: bytes, world: World, client: GuardedClient
) -> None:
    await client.request("POST", world.url(), **body)  # type: ignore[arg-type]

    (seen,) = world.public.seen
    assert (seen.body, seen.headers.get("content-type")) == (sent, kind)


async def test_files_are_sent_as_a_form(world: World, client: GuardedClient) -> None:
    await client.request("POST", world.url(), data={"a": "1"}, files={"f": ("x.txt", b"content", "text/plain")})

    (seen,) = world.public.seen
    assert seen.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'filename="x.txt"' in seen.body
    assert b"content" in seen.body


async def test_two_bodies_are_refused(world: World, client: GuardedClient) -> None:
    with pytest.raises(EgressRefused):
        await client.request("POST", world.url(), json={}, content="x")


@pytest.mark.parametrize("method", ["get", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_each_method_is_sent_as_it_is_called(method: str, world: World, client: GuardedClient) -> None:
    await client.request(method, world.url())

    assert world.public.seen[0].method == method.upper()


async def test_an_answer_of_the_largest_size_passes_and_one_byte_more_does_not(world: World) -> None:
    policy = dataclasses.replace(world.policy, max_response_bytes=100_000)
    async with GuardedClient(policy, world.resolver) as client:
        response = await client.request("GET", world.url("/large/100000"))
        with pytest.raises(ResponseTooLarge):
            await client.request("GET", world.url("/large/100001"))

    assert len(response.content) == 100_000


@pytest.mark.parametrize("path", ["/endless", "/gzip/20000000", "/deflate/20000000", "/headers/70000"])
async def test_a_bomb_is_refused(path: str, world: World, client: GuardedClient) -> None:
    with pytest.raises(ResponseTooLarge):
        await client.request("GET", world.url(path))


async def test_growth_out_of_proportion_is_refused_below_the_size_limit(world: World, client: GuardedClient) -> None:
    with pytest.raises(ResponseTooLarge, match="100 times"):
        await client.request("GET", world.url("/gzip/5000000"))


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
async def test_compressed_answers_are_decompressed(coding: str, world: World, client: GuardedClient) -> None:
    response = await client.request("GET", world.url(f"/{coding}/50000"))

    assert response.content == b"0" * 50_000
    assert world.public.seen[0].headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize("path", ["/twice", "/encoding/br", "/encoding/zstd", "/encoding/gzip", "/cut"])
async def test_what_cannot_be_decompressed_is_refused(path: str, world: World, client: GuardedClient) -> None:
    with pytest.raises(NetworkError):
        await client.request("GET", world.url(path))


async def test_a_slow_drip_ends_with_the_time(world: World) -> None:
    policy = dataclasses.replace(world.policy, total_s=0.2)
    async with GuardedClient(policy, world.resolver) as client:
        with pytest.raises(NetworkError) as failed:
            await client.request("GET", world.url("/drip"), timeout_s=60)

    assert (failed.value.transient, failed.value.sent) == (True, True)


async def test_a_server_that_hangs_up_may_be_asked_again(world: World, client: GuardedClient) -> None:
    with pytest.raises(NetworkError) as failed:
        await client.request("GET", world.url("/hangup"))

    assert (failed.value.transient, failed.value.sent) == (True, True)


@pytest.mark.parametrize(("status", "transient"), [(400, False), (404, False), (429, True), (500, True), (503, True)])
async def test_a_bad_status_is_an_error_only_when_asked(
    status: int, transient: bool, world: World, client: GuardedClient
) -> None:
    response = await client.request("GET", world.url(f"/status/{status}?key=secret"))
    with pytest.raises(HttpStatusError) as failed:
        response.raise_for_status()

    assert (failed.value.status_code, failed.value.transient) == (status, transient)
    assert "secret" not in failed.value.message


async def test_an_offline_transport_answers_behind_all_checks() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["user-agent"] == "weft"
        return httpx.Response(200, json={"path": request.url.path})

    async with GuardedClient(EgressPolicy(), transport=httpx.MockTransport(answer)) as client:
        response = await client.request("GET", "https://api.example.com/v1")
        with pytest.raises(EgressRefused):
            await client.request("GET", "http://169.254.169.254/")
        with pytest.raises(EgressRefused):
            await client.request("GET", "https://api.example.com/v1", headers={"Host": "x"})

    assert response.json() == {"path": "/v1"}
