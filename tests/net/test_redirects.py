"""Redirects: followed within limits, and what belongs to one origin stays there."""

from urllib.parse import quote

import pytest

from tests.net.servers import World
from weft.net import GuardedClient, NetworkError

SECRETS = {
    "Authorization": "Bearer canary-4711-token",
    "Cookie": "session=canary-4711",
    "X-Api-Key": "canary-4711-key",
    "Private-Token": "canary-4711-other",
    "Idempotency-Key": "canary-4711-idem",
}
STATUSES = [301, 302, 303, 307, 308]


def redirect(world: World, status: int, target: str) -> str:
    return world.url(f"/redirect/{status}?api_key=canary-4711-query&to={quote(target, safe='')}")


@pytest.mark.parametrize("status", STATUSES)
async def test_no_secret_and_no_body_reaches_another_origin(status: int, world: World, client: GuardedClient) -> None:
    echo = quote("canary-4711-query") + "&t=" + quote("canary-4711-token") + "&page=2"
    target = world.url(f"/landed?api_key={echo}", host="other.test")

    response = await client.request(
        "POST",
        redirect(world, status, target),
        headers={**SECRETS, "Accept-Language": "de"},
        content="canary-4711-body",
    )

    first, landed = world.public.seen
    assert response.status_code == 200
    assert "canary-4711" in str(first)
    assert "canary-4711" not in str(landed)
    assert landed.headers["host"].startswith("other.test")
    assert landed.headers["accept-language"] == "de"
    assert landed.target == "/landed?page=2"


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [
        (301, "GET", b""),
        (302, "GET", b""),
        (303, "GET", b""),
        (307, "POST", b"hello"),
        (308, "POST", b"hello"),
    ],
)
async def test_the_same_origin_gets_the_same_credentials(
    status: int, method: str, body: bytes, world: World, client: GuardedClient
) -> None:
    await client.request("POST", redirect(world, status, "/landed"), headers=SECRETS, content="hello")

    landed = world.public.seen[1]
    assert (landed.method, landed.body) == (method, body)
    assert landed.headers["x-api-key"] == SECRETS["X-Api-Key"]
    assert ("content-length" in landed.headers) == bool(body)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
async def test_other_methods_stay_what_they_are(method: str, world: World, client: GuardedClient) -> None:
    await client.request(method, redirect(world, 302, "/landed"))

    assert [seen.method for seen in world.public.seen] == [method, method]


async def test_five_redirects_are_followed_and_six_are_not(world: World, client: GuardedClient) -> None:
    response = await client.request("GET", world.url("/hops/5"))
    with pytest.raises(NetworkError, match="more than 5 redirects"):
        await client.request("GET", world.url("/hops/6"))

    assert response.content == b"end"
    assert response.url == world.url("/hops/0")


async def test_a_loop_ends(world: World, client: GuardedClient) -> None:
    with pytest.raises(NetworkError) as failed:
        await client.request("GET", world.url("/loop"))

    assert not failed.value.transient
    assert len(world.public.seen) == 6


async def test_a_redirect_may_be_asked_for_as_it_is(world: World, client: GuardedClient) -> None:
    response = await client.request("GET", redirect(world, 302, "/landed"), follow_redirects=False)

    assert response.status_code == 302
    assert response.headers["location"] == "/landed"


async def test_cookies_of_one_answer_do_not_reach_the_next_request(world: World, client: GuardedClient) -> None:
    await client.request("GET", world.url("/cookie"))
    await client.request("GET", world.url("/"))

    assert "cookie" not in world.public.seen[1].headers
