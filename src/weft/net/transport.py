"""Open connections only to checked addresses. All traffic of the client goes through here."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager

import httpcore
import httpx

from weft.net.addresses import is_address, is_denied
from weft.net.errors import EgressRefused, NetworkError
from weft.net.policy import EgressPolicy
from weft.net.resolver import Resolver
from weft.net.targets import refuse_address

SocketOptions = Iterable[tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]]


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Resolves a name once, checks every answer, and connects to a checked address, never to the name.

    So what was checked is what is connected to, however quickly the name changes its mind.
    """

    def __init__(self, policy: EgressPolicy, resolver: Resolver) -> None:
        self._policy = policy
        self._resolver = resolver
        self._sockets = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Return a connection to one of the host's addresses.

        Raises:
            EgressRefused: One of the host's addresses is denied; nothing was connected.
            httpcore.ConnectError: The name is unknown, or no address could be connected.
        """
        try:
            async with asyncio.timeout(self._policy.connect_s):
                addresses = await self._checked_addresses(host, port)
                for address in addresses[:-1]:
                    try:
                        return await self._sockets.connect_tcp(address, port, timeout, local_address, socket_options)
                    except (httpcore.ConnectError, httpcore.ConnectTimeout):
                        continue
                return await self._sockets.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)
        except TimeoutError:
            raise httpcore.ConnectTimeout from None

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002 - httpcore's signature
        timeout: float | None = None,  # noqa: ASYNC109, ARG002
        socket_options: SocketOptions | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: nothing that a graph may reach listens there.

        Raises:
            EgressRefused: Always.
        """
        raise EgressRefused("requests to local sockets are not allowed")

    async def sleep(self, seconds: float) -> None:
        """Wait; httpcore asks for it between its own retries."""
        await asyncio.sleep(seconds)

    async def _checked_addresses(self, host: str, port: int) -> list[str]:
        exempt = self._policy.allows_address_of(host, port)
        if port not in self._policy.ports and not exempt:
            raise EgressRefused(f"port {port} is not allowed")
        try:
            addresses = [host] if is_address(host) else list(await self._resolver.resolve(host))
        except (OSError, UnicodeError):
            raise httpcore.ConnectError from None
        if not addresses:
            raise httpcore.ConnectError
        if not exempt and any(is_denied(address, self._policy.networks) for address in addresses):
            raise refuse_address(host)
        return addresses


class GuardedTransport(httpx.AsyncBaseTransport):
    """An httpx transport over httpcore's pool and `GuardedBackend`; knows no proxies and no environment.

    Connections are kept and shared between users; they carry nothing from one request to the next.
    """

    def __init__(self, policy: EgressPolicy, resolver: Resolver, ssl_context: ssl.SSLContext) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl_context,
            max_connections=policy.max_connections,
            max_keepalive_connections=policy.max_idle_connections,
            keepalive_expiry=15.0,
            http1=True,
            # With HTTP/2 one connection may serve several names: the check belongs to a name.
            http2=False,
            network_backend=GuardedBackend(policy, resolver),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the body of the answer is not read yet.

        Raises:
            EgressRefused: The host may not be reached; nothing was sent.
            NetworkError: No answer came.
        """
        assert isinstance(request.stream, httpx.AsyncByteStream), "bodies are built from bytes"
        with _network_errors(request.url.host):
            response = await self._pool.handle_async_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=request.url.raw_scheme,
                        host=request.url.raw_host,
                        port=request.url.port,
                        target=request.url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(response, request.url.host),
            request=request,
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response, host: str) -> None:
        self._response = response
        self._host = host

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _network_errors(self._host):
            async for part in self._response.aiter_stream():
                yield part

    async def aclose(self) -> None:
        with _network_errors(self._host):
            await self._response.aclose()


@contextmanager
def _network_errors(host: str) -> Iterator[None]:
    """Translate httpcore's errors. Refused, filtered and slow look the same: nobody can map a network."""
    try:
        yield
    except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout):
        raise NetworkError(f"{host} could not be reached", transient=True, sent=False) from None
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.RemoteProtocolError):
        # A server that closes a kept connection just then looks like one that breaks the protocol.
        raise NetworkError(f"the connection to {host} broke off", transient=True, sent=True) from None
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol):
        raise NetworkError(f"{host} does not speak HTTP as it should", transient=False, sent=True) from None
