"""The HTTP client of blocks, webhooks, OAuth flows: everything whose address a user can choose."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from types import TracebackType
from typing import Any, Self

import httpx

from weft.net.bodies import body_pieces, check_header_size, read_body
from weft.net.errors import EgressRefused, NetworkError
from weft.net.headers import checked_headers
from weft.net.policy import EgressPolicy
from weft.net.redirects import Hop, Upload, is_redirect, next_hop
from weft.net.resolver import Resolver, SystemResolver
from weft.net.response import Response, StreamedResponse
from weft.net.targets import check_url
from weft.net.transport import GuardedTransport

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_USER_AGENT = "weft"

Scalar = str | int | float | bool | None
Params = Mapping[str, Scalar | Sequence[Scalar]] | Sequence[tuple[str, Scalar]]
UploadFile = tuple[str, bytes, str]
"""File name, content, media type."""


class GuardedClient:
    """Sends requests to public addresses only, and reads answers within limits.

    Keeps connections, but neither cookies nor credentials: two requests know nothing of each other. Several
    may run at once. Close it when done.
    """

    def __init__(
        self,
        policy: EgressPolicy | None = None,
        resolver: Resolver | None = None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """Build a client.

        Args:
            policy: What is allowed; by default what suits a public service.
            resolver: Turns names into addresses; by default the machine's own.
            transport: Answers instead of the network, so that examples run offline; all else stays as it is.
            ssl_context: Whom to trust; by default the usual public authorities.
        """
        self._policy = policy or EgressPolicy()
        if transport is None:
            # The environment is not trusted: it may name another proxy or other authorities.
            trusted = ssl_context or httpx.create_ssl_context(trust_env=False)
            transport = GuardedTransport(self._policy, resolver or SystemResolver(), trusted)
        self._transport = transport

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Params | None = None,
        json: Any = None,
        content: bytes | str | Upload | None = None,
        data: Mapping[str, Any] | None = None,
        files: Mapping[str, UploadFile] | None = None,
        timeout_s: float | None = None,
        follow_redirects: bool = True,
    ) -> Response:
        """Send one request, follow its redirects and return the complete answer, whatever its status.

        Args:
            method: GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS.
            url: http or https.
            headers: Of the request; Host, Connection, Expect, Proxy-* and their like are not for callers to
                set.
            params: Added to the URL's query.
            json: Sent as JSON, unless None.
            content: Sent as it is; an `Upload` is never held as a whole.
            data: Sent as a form.
            files: Sent with `data` as a multipart form, by field name.
            timeout_s: For all of it; at most the policy's `total_s`, with an `Upload` its `stream_s`, which is the
                default.
            follow_redirects: False: a redirect is an answer like others.

        Raises:
            EgressRefused: The request, or a redirect, may not be made.
            NetworkError: No complete answer came in time; `sent` says whether anything went out.
            ResponseTooLarge: The answer is over a limit.
        """
        body = {"json": json, "content": content, "data": data, "files": files}
        hop = _first_hop(method, self._target(url, params), headers, body)
        most_s = self._policy.stream_s if isinstance(content, Upload) else self._policy.total_s
        async with _in_time(hop.url.host, most_s, timeout_s):
            response, last = await self._follow(hop, follow_redirects=follow_redirects)
            async with aclosing(response):
                found = b"" if last.method == "HEAD" else await read_body(response, self._policy)
                return Response(response.status_code, response.headers, found, str(last.url), last.method)

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Params | None = None,
        timeout_s: float | None = None,
    ) -> AsyncIterator[StreamedResponse]:
        """Send one request without a body, follow its redirects and lend the answer before its body has come.

        The arguments are those of `request`; the time is at most the policy's `stream_s`, and its `total_s` until the
        answer begins.

        Raises:
            EgressRefused: The request, or a redirect, may not be made.
            NetworkError: No complete answer came in time.
            ResponseTooLarge: The answer is over a limit; raised while it is gone through.
        """
        hop = _first_hop(method, self._target(url, params), headers, {})
        host, policy = hop.url.host, self._policy
        async with _in_time(host, policy.stream_s, timeout_s):
            async with _in_time(host, policy.total_s):
                response, last = await self._follow(hop, follow_redirects=True)
            async with aclosing(response):
                yield StreamedResponse(
                    response.status_code,
                    response.headers,
                    str(last.url),
                    last.method,
                    lambda: body_pieces(response, policy, most=policy.max_stream_bytes),
                )

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _target(self, url: str, params: Params | None) -> httpx.URL:
        target = check_url(url, self._policy)
        return check_url(str(target.copy_merge_params(_query(params))), self._policy) if params else target

    async def _follow(self, hop: Hop, *, follow_redirects: bool) -> tuple[httpx.Response, Hop]:
        """Return the first answer that is no redirect, its body still to be read, and what it answers."""
        for _ in range(self._policy.max_redirects + 1):
            response = await self._send(hop)
            try:
                check_header_size(response, self._policy)
                if not (follow_redirects and is_redirect(response)):
                    return response, hop
                hop = next_hop(hop, response, self._policy)
            except BaseException:
                await response.aclose()
                raise
            await response.aclose()
        raise NetworkError(f"there were more than {self._policy.max_redirects} redirects", transient=False, sent=True)

    async def _send(self, hop: Hop) -> httpx.Response:
        timeout = httpx.Timeout(self._policy.total_s, connect=self._policy.connect_s)
        body, headers = hop.body, hop.headers
        if isinstance(body, Upload):
            headers = httpx.Headers({**headers, "content-length": str(body.size)})
        request = httpx.Request(
            hop.method,
            hop.url,
            headers=headers,
            content=body.open() if isinstance(body, Upload) else body or None,
            extensions={"timeout": timeout.as_dict()},
        )
        response = await self._transport.handle_async_request(request)
        response.request = request
        return response


def _first_hop(method: str, url: httpx.URL, headers: Mapping[str, str] | None, body: dict[str, Any]) -> Hop:
    if method.upper() not in _METHODS:
        raise EgressRefused(f"the method {method[:20]!r} is not allowed")
    checked = checked_headers(headers, user_agent=_USER_AGENT)
    given = {name: value for name, value in body.items() if value is not None}
    if len(given) > 1 and set(given) != {"data", "files"}:
        raise EgressRefused("only one of json, content and data can be the body")
    content = given.get("content")
    if isinstance(content, Upload):
        return Hop(method.upper(), url, checked, content)
    draft = httpx.Request(method.upper(), url, headers=checked, **given)
    kind = draft.headers.get("content-type")
    if kind is not None:
        checked["content-type"] = kind
    return Hop(method.upper(), url, checked, draft.read())


@asynccontextmanager
async def _in_time(host: str, most_s: float, timeout_s: float | None = None) -> AsyncIterator[None]:
    """Bound the time of the block; the caller may ask for less than the most."""
    limit_s = most_s if timeout_s is None else min(timeout_s, most_s)
    try:
        async with asyncio.timeout(limit_s) as limit:
            yield
    except TimeoutError:
        if not limit.expired():
            raise
        message = f"{host} did not answer completely within {limit_s:g} s"
        raise NetworkError(message, transient=True, sent=True) from None


def _query(params: Params) -> httpx.QueryParams:
    return httpx.QueryParams(params if isinstance(params, Mapping) else list(params))
