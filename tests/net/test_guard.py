"""No request reaches what it may not reach, however the address is spelled, named or redirected to."""

import socket
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.net.cases import ADDRESSES, FORBIDDEN_HOST, PUBLIC_HOST, Case, cases
from tests.net.servers import World
from weft.net import DENIED_NETWORKS, EgressPolicy, EgressRefused, GuardedClient, NetworkError
from weft.net.addresses import is_denied
from weft.net.targets import check_url, host_of
from weft.net.transport import GuardedBackend

CASES = cases(public=80, forbidden=443)


def test_the_list_of_cases_is_as_long_as_promised() -> None:
    assert len(ADDRESSES) == 34
    assert len({case.name for case in CASES}) == len(CASES) >= 90


@pytest.mark.parametrize("name", [case.name for case in CASES])
async def test_a_forbidden_request_is_refused_without_a_connection(
    name: str, world: World, client: GuardedClient
) -> None:
    case = find(world, name)

    with pytest.raises(EgressRefused) as refused:
        await client.request("GET", case.url)

    assert refused.value.code == "EGRESS_REFUSED"
    assert world.forbidden.connections == 0


def find(world: World, name: str) -> Case:
    listed = cases(public=world.public.port, forbidden=world.forbidden.port)
    return next(case for case in listed if case.name == name)


async def test_the_forbidden_server_does_answer_where_the_operator_allows_it(world: World) -> None:
    allowed = frozenset({("forbidden.test", world.forbidden.port)})
    policy = EgressPolicy(denied=world.policy.denied, ports=world.policy.ports, allowed=allowed)

    async with GuardedClient(policy, world.resolver) as client:
        response = await client.request("GET", f"http://forbidden.test:{world.forbidden.port}/")
        with pytest.raises(EgressRefused):
            await client.request("GET", f"http://{FORBIDDEN_HOST}:{world.forbidden.port}/")
        with pytest.raises(EgressRefused):
            await client.request("GET", f"http://alias.test:{world.forbidden.port}/")

    assert response.json() == {"ok": True}
    assert world.forbidden.connections == 1


@pytest.mark.parametrize("url", ["/", "http://{ip}:{port}/"])
async def test_a_public_server_is_reached_by_name_and_by_address(url: str, world: World, client: GuardedClient) -> None:
    target = world.url() if url == "/" else url.format(ip=PUBLIC_HOST, port=world.public.port)

    response = await client.request("GET", target, params={"q": "a b"})

    assert response.status_code == 200
    assert world.public.seen[0].target == "/?q=a+b"


async def test_a_name_that_changes_its_mind_is_connected_where_it_was_checked(
    world: World, client: GuardedClient
) -> None:
    world.dns.rebind["rebind.test"] = [[PUBLIC_HOST], [FORBIDDEN_HOST]]
    url = f"http://rebind.test:{world.public.port}/close"

    first = await client.request("GET", url)
    async with GuardedClient(world.policy, world.resolver) as other:
        with pytest.raises(EgressRefused):
            await other.request("GET", f"http://rebind.test:{world.forbidden.port}/")

    assert first.status_code == 200
    assert world.dns.asked.count("rebind.test") == 2
    assert world.forbidden.connections == 0


async def test_one_connection_asks_dns_once(world: World, client: GuardedClient) -> None:
    for _ in range(3):
        await client.request("GET", world.url())

    assert world.dns.asked == ["public.test"]
    assert world.public.connections == 1


async def test_a_kept_connection_is_not_used_for_another_name(world: World, client: GuardedClient) -> None:
    await client.request("GET", world.url())
    await client.request("GET", world.url(host="other.test"))
    with pytest.raises(EgressRefused):
        await client.request("GET", f"http://alias.test:{world.public.port}/")

    assert world.public.connections == 2
    assert [seen.headers["host"] for seen in world.public.seen] == [
        f"public.test:{world.public.port}",
        f"other.test:{world.public.port}",
    ]


async def test_proxies_of_the_environment_are_ignored(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = f"http://{FORBIDDEN_HOST}:{world.forbidden.port}"
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy)
        monkeypatch.setenv(name.lower(), proxy)

    async with GuardedClient(world.policy, world.resolver) as client:
        response = await client.request("GET", world.url())

    assert response.status_code == 200
    assert world.forbidden.connections == 0


async def test_all_refused_addresses_read_alike(world: World, client: GuardedClient) -> None:
    messages = set()
    for port in (world.forbidden.port, 443):
        with pytest.raises(EgressRefused) as refused:
            await client.request("GET", f"http://127.0.0.3:{port}/")
        messages.add(refused.value.message)

    assert messages == {"requests to '127.0.0.3' are not allowed"}


async def test_closed_and_unknown_hosts_read_alike(world: World, client: GuardedClient) -> None:
    errors = []
    for url in ("http://public.test:443/", "http://nowhere.test/"):
        with pytest.raises(NetworkError) as failed:
            await client.request("GET", url)
        errors.append(failed.value)

    assert [(error.transient, error.sent) for error in errors] == [(True, False), (True, False)]
    assert [error.message for error in errors] == [
        "public.test could not be reached",
        "nowhere.test could not be reached",
    ]


@pytest.mark.parametrize("name", ["Host", "Connection", "Proxy-Authorization", "Expect", "Transfer-Encoding"])
async def test_headers_that_steer_the_connection_cannot_be_set(name: str, world: World, client: GuardedClient) -> None:
    with pytest.raises(EgressRefused, match=name):
        await client.request("GET", world.url(), headers={name: "127.0.0.3"})

    assert world.public.connections == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("X-A", "a\r\nHost: b"), ("X-A\r\nHost", "b"), ("X-A", "a\nb"), ("X A", "b"), ("", "b"), ("X", "\0"), ("X", "é")],
)
async def test_line_ends_in_headers_are_refused(name: str, value: str, world: World, client: GuardedClient) -> None:
    with pytest.raises(EgressRefused):
        await client.request("GET", world.url(), headers={name: value})

    assert world.public.connections == 0


@pytest.mark.parametrize("method", ["CONNECT", "TRACE", "GET / HTTP/1.1\r\n", ""])
async def test_other_methods_are_refused(method: str, world: World, client: GuardedClient) -> None:
    with pytest.raises(EgressRefused):
        await client.request(method, world.url())

    assert world.public.connections == 0


@pytest.mark.parametrize("address", [address for _, address in ADDRESSES])
def test_the_list_denies_what_is_not_public(address: str) -> None:
    assert is_denied(address, DENIED_NETWORKS)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e"])
def test_the_list_leaves_what_is_public(address: str) -> None:
    assert not is_denied(address, DENIED_NETWORKS)


@pytest.mark.parametrize(
    "address", ["::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "::a00:1", "2a00::5efe:a00:1"]
)
def test_an_address_inside_an_address_is_found(address: str) -> None:
    networks = [network for network in DENIED_NETWORKS if network.version == 4]

    assert ip_address(address).version == 6
    assert is_denied(address, networks)


async def test_local_sockets_are_refused(world: World) -> None:
    backend = GuardedBackend(world.policy, world.resolver)

    with pytest.raises(EgressRefused):
        await backend.connect_unix_socket("/tmp/socket")


PIECES = ["http://", "https:", "//", "/", "@", ":", "127", "0x7f", "0177", "localhost", ".", "3", "[", "]", "::", "1"]
PIECES += ["%", "%25eth0", "\\", "#", "?", "。", "①", "a", "é", "-", "\t", "80", "ffff", "fe80", "..", "xn--", "\u200b"]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_no_spelling_passes_as_something_that_the_system_reads_as_an_address(text: str) -> None:
    for url in (text, f"http://{text}"):
        try:
            host = host_of(check_url(url, EgressPolicy()))
        except EgressRefused:
            continue
        assert host
        try:
            address = socket.inet_ntoa(socket.inet_aton(host))
        except OSError:
            address = host if ":" in host else "8.8.8.8"
        assert not is_denied(address, DENIED_NETWORKS)
