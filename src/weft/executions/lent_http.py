"""HTTP as a firing is lent it: the guarded client, whose errors become outcomes of the block."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from weft.executions.errors import Fenced
from weft.executions.firing import Lending
from weft.executions.lent_answers import Response, StreamedResponse, told
from weft.executions.lent_base import HttpVerbs
from weft.executions.lent_files import Files
from weft.net.client import GuardedClient
from weft.net.redirects import Upload
from weft.sdk import Effect, File

_EFFECTS = (Effect.AT_LEAST_ONCE, Effect.AT_MOST_ONCE)


class Http(HttpVerbs):
    """The guarded client for one firing: effects send their idempotency key, numbered by request."""

    def __init__(self, client: GuardedClient, lending: Lending, files: Files) -> None:
        self._client = client
        self._lending = lending
        self._files = files
        self._requests = 0

    async def request(self, method: str, url: str, **options: Any) -> Response:
        """Send a request and return the whole answer."""
        self._complete(options)
        with told():
            return Response(await self._client.request(method, url, **options))

    @asynccontextmanager
    async def stream(self, method: str, url: str, **options: Any) -> AsyncIterator[StreamedResponse]:
        """Send a request and lend the answer before its body has come."""
        self._complete(options)
        with told():
            async with self._client.stream(method, url, **options) as answer:
                yield StreamedResponse(answer)

    def _complete(self, options: dict[str, Any]) -> None:
        """Put the options into the client's words, with the key of an effect; the lease is looked at once more."""
        effect = self._lending.program.effect
        headers = dict(options.get("headers") or {})
        names = {name.lower() for name in headers}
        if effect in _EFFECTS and "idempotency-key" not in names:
            headers["Idempotency-Key"] = f"{self._lending.key}/{self._requests}"
        file = options.pop("file", None)
        if isinstance(file, File):
            options["content"] = Upload(file.size, lambda: self._content(file))
            if "content-type" not in names:
                headers["Content-Type"] = file.media_type
        options["headers"] = headers
        self._requests += 1
        if "timeout" in options:
            options["timeout_s"] = options.pop("timeout")
        if effect is Effect.AT_MOST_ONCE and not self._lending.sure():
            raise Fenced(self._lending.state.claim.execution_id)

    async def _content(self, file: File) -> AsyncIterator[bytes]:
        async with self._files.open(file) as chunks:
            async for chunk in chunks:
                yield chunk
