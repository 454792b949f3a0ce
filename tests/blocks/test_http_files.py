"""Files that come from servers and go to them: streamed, stored, and told when that fails."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.blocks.lending import NOBODY, lending_for
from weft.blocks.http.http_download import HttpDownload
from weft.blocks.http.http_request import HttpRequest
from weft.blocks.http.http_upload import HttpUpload
from weft.cli.example_context import ExampleContext
from weft.executions.lent_files import Files
from weft.executions.lent_http import Http
from weft.files.limits import FileLimits
from weft.files.memory import MemoryFileStore
from weft.files.pieces import ranged
from weft.files.service import UserFiles
from weft.net.client import GuardedClient
from weft.net.errors import NetworkError
from weft.net.policy import EgressPolicy
from weft.sandbox.service import Sandbox
from weft.sdk import Block, BlockError, File, NotStarted, RetryLater
from weft.sdk.file import INLINE_BYTES

URL = "https://example.com/films/tea.mp4"
LIMIT = 500_000


class Parts(httpx.AsyncByteStream):
    """A body in parts, the last of which may be an error."""

    def __init__(self, *parts: bytes | Exception) -> None:
        self.parts = parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self.parts:
            if isinstance(part, Exception):
                raise part
            yield part


class Server(httpx.AsyncBaseTransport):
    """Keeps requests and their bodies, and gives each the same answer, or raises it."""

    def __init__(self, answer: httpx.Response | Exception) -> None:
        self.answer = answer
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def run(
    block: Block, answer: httpx.Response | Exception, store: MemoryFileStore | None = None, **given: Any
) -> tuple[dict[str, Any], list[httpx.Request]]:
    """Return what the block emits and what the server was asked."""
    server = Server(answer)
    policy = EgressPolicy(max_stream_bytes=LIMIT)
    async with GuardedClient(policy, transport=server) as client, await Sandbox.start() as sandbox:
        context = ExampleContext(lending_for(block), client, sandbox, store or MemoryFileStore())
        emitted = dict(
            [pair async for pair in block.run(block.Input.model_validate({"url": URL, **given}), ctx=context)]
        )
    return emitted, server.requests


def large(*parts: bytes | Exception) -> httpx.Response:
    """Return an answer whose body comes in parts."""
    return httpx.Response(200, headers={"content-type": "video/mp4"}, stream=Parts(*parts))


@pytest.mark.parametrize("size", [0, INLINE_BYTES, INLINE_BYTES + 1, LIMIT])
async def test_a_download_is_stored_if_it_is_large(size: int) -> None:
    parts = [b"x" * 1000] * (size // 1000) + [b"x" * (size % 1000)]

    emitted, _ = await run(HttpDownload(), large(*parts))

    file = emitted["file"]
    assert (file.name, file.media_type, file.size, file.is_stored) == (
        "tea.mp4",
        "video/mp4",
        size,
        size > INLINE_BYTES,
    )
    assert file.sha256 == hashlib.sha256(b"x" * size).hexdigest()


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        (large(b"x" * (LIMIT + 1)), BlockError, "RESPONSE_TOO_LARGE"),
        (large(b"x" * 100_000, NetworkError("broke off", transient=True, sent=True)), RetryLater, None),
        (large(b"x" * 100_000, NetworkError("odd", transient=False, sent=True)), BlockError, "NETWORK_ERROR"),
        (NetworkError("unreachable", transient=True, sent=False), NotStarted, None),
        (httpx.Response(404), BlockError, "HTTP_STATUS"),
    ],
)
async def test_a_download_that_fails_keeps_nothing_and_says_why(
    answer: httpx.Response | Exception, error: type[Exception], code: str | None
) -> None:
    store = MemoryFileStore()
    with pytest.raises(error) as caught:
        await run(HttpDownload(), answer, store)

    assert getattr(caught.value, "error_code", None) == code
    assert store == MemoryFileStore()


async def test_a_block_that_goes_through_a_body_itself_sees_outcomes_not_errors_of_the_network() -> None:
    server = Server(large(b"x", NetworkError("broke off", transient=True, sent=True)))
    async with GuardedClient(transport=server) as client:
        http = Http(client, lending_for(HttpDownload()), Files(UserFiles(MemoryFileStore(), NOBODY)))
        async with http.stream("GET", URL) as answer:
            chunks = answer.chunks()
            assert await anext(chunks) == b"x"
            with pytest.raises(RetryLater, match="broke off"):
                await anext(chunks)


async def test_a_download_that_does_not_fit_into_the_store_is_refused_by_the_store() -> None:
    with pytest.raises(BlockError, match="a file may have 100,000 bytes, and this one has more") as caught:
        await run(HttpDownload(), large(b"x" * 100_001), MemoryFileStore(FileLimits(file_bytes=100_000)))

    assert caught.value.error_code == "FILE_TOO_LARGE"


async def test_an_answer_that_is_no_text_is_stored_if_it_is_large() -> None:
    answer = httpx.Response(200, headers={"content-type": "image/png"}, content=b"x" * 100_000)

    emitted, _ = await run(HttpRequest(), answer)

    assert (emitted["response"].size, emitted["response"].is_stored) == (100_000, True)


async def test_a_stored_file_is_sent_as_the_body() -> None:
    store, content = MemoryFileStore(), b"ab" * 1_500_000
    stored = await store.put(NOBODY, ranged(content))
    file = File(name="a.bin", media_type="x/y", size=stored.size, sha256=stored.sha256)

    emitted, (request,) = await run(HttpUpload(), httpx.Response(204), store, file=file, headers={"X-Try": 1})

    assert emitted == {"response": None, "status": 204, "response_headers": {}}
    assert (request.method, request.content) == ("PUT", content)
    assert {"content-type": "x/y", "content-length": "3000000", "x-try": "1"}.items() <= dict(request.headers).items()
    assert request.headers["idempotency-key"] == "key/0"


async def test_a_header_of_ones_own_says_otherwise_what_the_body_is() -> None:
    _, (request,) = await run(
        HttpUpload(), httpx.Response(204), file=File(content=b"x"), headers={"content-type": "text/x"}
    )

    assert request.headers["content-type"] == "text/x"


async def test_a_file_is_sent_as_a_field_of_a_form() -> None:
    file = File(name='a "ä".txt', media_type="text/plain", content=b"hello")

    _, (request,) = await run(HttpUpload(), httpx.Response(204), method="POST", form_field="doc", file=file)

    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert (
        b'name="doc"; filename="a %22\xc3\xa4%22.txt"\r\nContent-Type: text/plain\r\n\r\nhello\r\n' in request.content
    )


async def test_a_file_that_is_too_large_for_a_form_or_not_there_is_not_sent() -> None:
    missing = File(name="a.bin", size=10_000_001, sha256="0" * 64)

    with pytest.raises(BlockError, match="at most 10,000,000 can be read here") as too_large:
        await run(HttpUpload(), httpx.Response(204), form_field="doc", file=missing)
    with pytest.raises(BlockError, match="there is no stored file of 10,000,001 bytes") as not_there:
        await run(HttpUpload(), httpx.Response(204), file=missing)

    assert (too_large.value.error_code, not_there.value.error_code) == ("FILE_TOO_LARGE", "FILE_NOT_FOUND")
