"""What the HTTP blocks send, and how answers become values."""

from typing import Any

import httpx
import pytest

from tests.blocks.lending import NOBODY, lending_for
from weft.blocks.http.http_request import HttpRequest
from weft.cli.example_context import ExampleContext
from weft.executions.lent_files import Files
from weft.executions.lent_http import Http
from weft.files.memory import MemoryFileStore
from weft.files.service import UserFiles
from weft.net.client import GuardedClient
from weft.sandbox.service import Sandbox

URL = "https://api.example.com/items"


class Recorder(httpx.AsyncBaseTransport):
    """Keeps the one request it gets, and gives one answer."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.request = httpx.Request("GET", URL)
        self.body = b""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.request = request
        self.body = await request.aread()
        return self.answer


async def send(answer: httpx.Response | None = None, **given: Any) -> tuple[Recorder, dict[str, Any]]:
    transport = Recorder(answer or httpx.Response(200))
    block = HttpRequest()
    async with GuardedClient(transport=transport) as client, await Sandbox.start() as sandbox:
        context = ExampleContext(lending_for(block), client, sandbox, MemoryFileStore())
        emitted = [pair async for pair in block.run(HttpRequest.Input(url=URL, **given), ctx=context)]
    return transport, dict(emitted)


@pytest.mark.parametrize(
    ("given", "body", "kind"),
    [
        ({"body": {"a": [1, None]}}, b'{"a":[1,null]}', "application/json"),
        ({"body": "tea"}, b'"tea"', "application/json"),
        ({"body": '{"a": 1}'}, b'{"a": 1}', "application/json"),
        ({"body": 0}, b"0", "application/json"),
        (
            {"body": {"a": 1, "b": ["x", True]}, "body_type": "form"},
            b"a=1&b=x&b=true",
            "application/x-www-form-urlencoded",
        ),
        ({"body": "ä", "body_type": "text"}, "ä".encode(), "text/plain; charset=utf-8"),
        ({"body": {"a": 1}, "body_type": "text", "headers": {"content-type": "text/x"}}, b'{"a":1}', "text/x"),
        ({}, b"", None),
    ],
)
async def test_the_body_is_written_as_asked(given: dict[str, Any], body: bytes, kind: str | None) -> None:
    sent, _ = await send(**given)

    assert sent.body == body
    assert sent.request.headers.get("content-type") == kind


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
async def test_each_function_of_the_context_sends_its_method(method: str) -> None:
    transport = Recorder(httpx.Response(204))
    async with GuardedClient(transport=transport) as client:
        http = Http(client, lending_for(HttpRequest()), Files(UserFiles(MemoryFileStore(), NOBODY)))
        answer = await getattr(http, method.lower())(URL, params={"a": "b"})

    assert (transport.request.method, str(transport.request.url)) == (method, f"{URL}?a=b")
    assert answer.status_code == 204


async def test_a_request_carries_the_key_of_its_firing() -> None:
    sent, _ = await send(body=1)

    assert sent.request.headers["idempotency-key"] == "key/0"


@pytest.mark.parametrize(
    ("kind", "content", "value"),
    [
        ("application/json; charset=utf-8", b'{"a": 1}', {"a": 1}),
        ("application/problem+json", b"[]", []),
        ("application/json", b"{broken", "{broken"),
        ("application/json", b"[NaN]", "[NaN]"),
        ("text/html; charset=latin-1", b"\xe4", "ä"),
        ("application/atom+xml", b"<a/>", "<a/>"),
    ],
)
async def test_an_answer_is_read_by_its_kind(kind: str, content: bytes, value: Any) -> None:
    _, emitted = await send(httpx.Response(200, headers={"content-type": kind}, content=content))

    assert emitted["response"] == value


async def test_an_answer_of_another_kind_is_a_file() -> None:
    _, emitted = await send(httpx.Response(200, headers={"content-type": "Image/PNG"}, content=b"\x89"))

    file = emitted["response"]
    assert (file.name, file.media_type, file.content) == ("items", "image/png", b"\x89")
