"""`ReplyTransport`: the network of an example, given to a real HTTP client."""

from collections.abc import Sequence

import httpx

from weft.sdk.errors import ExampleFailed
from weft.sdk.example import Reply


class ReplyTransport(httpx.AsyncBaseTransport):
    """Answers each request with the first unused reply that names it; nothing leaves the machine."""

    def __init__(self, replies: Sequence[Reply]) -> None:
        self._unused = list(replies)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the reply for `request` and count it as used.

        Raises:
            ExampleFailed: No unused reply names this request.
        """
        found = next((reply for reply in self._unused if _names(reply, request)), None)
        if found is None:
            left = ", ".join(repr(reply.request) for reply in self._unused) or "none"
            raise ExampleFailed(f"the block asked for '{request.method} {request.url}'; replies left: {left}")
        self._unused.remove(found)
        await request.aread()
        return _response(found, request)

    def check_spent(self) -> None:
        """Check that the block made all requests that the example answers.

        Raises:
            ExampleFailed: A reply was not used.
        """
        if self._unused:
            raise ExampleFailed(f"the block never asked for {self._unused[0].request!r}")


def _names(reply: Reply, request: httpx.Request) -> bool:
    method, _, address = reply.request.partition(" ")
    wanted, url = httpx.URL(address), request.url
    same = (wanted.scheme, wanted.host, wanted.port, wanted.path) == (
        url.scheme,
        url.host,
        url.port,
        url.path,
    )
    any_query = not wanted.query
    return (
        method == request.method
        and same
        and (any_query or sorted(wanted.params.multi_items()) == sorted(url.params.multi_items()))
    )


def _response(reply: Reply, request: httpx.Request) -> httpx.Response:
    headers = dict(reply.headers)
    if reply.text is not None:
        return httpx.Response(reply.status, headers=headers, text=reply.text, request=request)
    if reply.content is not None:
        return httpx.Response(reply.status, headers=headers, content=reply.content, request=request)
    if reply.json is not None:
        return httpx.Response(reply.status, headers=headers, json=reply.json, request=request)
    return httpx.Response(reply.status, headers=headers, request=request)
