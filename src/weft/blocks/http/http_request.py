"""`http.request`: any request to a server."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from weft.blocks.http.answers import emit_answer
from weft.blocks.http.pins import AnswerHeaders, Headers, Query, Status, Url
from weft.blocks.values import as_text, read_json
from weft.sdk import Block, BlockCategory, BlockError, Context, Effect, Emissions, Example, Reply, Schema

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
BodyType = Literal["json", "form", "text"]

_ITEMS = "https://api.example.com/items"
_JSON = {"content-type": "application/json"}


class HttpRequest(Block, id="http.request", name="HTTP Request", categories=[BlockCategory.INTEGRATION]):
    """Send a request to a server; the answer comes out by its status.

    Every request carries an Idempotency-Key header, by which a server can tell that one comes a second time
    after a crash or a broken connection. To read only, take HTTP GET.
    """

    class Input(Schema):
        url: Url
        method: Method = Field(default="POST", description="What the server is asked to do")
        body: Any = Field(default=None, description="What to send; nothing if null")
        body_type: BodyType = Field(
            default="json",
            description="How to write the body: as JSON (a text that is JSON already is sent as it is), "
            "as the fields of a form, or as plain text",
        )
        query: Query = Field(default_factory=dict)
        headers: Headers = Field(default_factory=dict)

    class Output(Schema):
        response: Any = Field(description="The answer if the status is below 400; null if it is empty")
        client_error: Any = Field(description="The answer if the server refused the request: status 400 to 499")
        server_error: Any = Field(description="The answer if the server failed: status 500 and above")
        status: Status
        response_headers: AnswerHeaders

    effect = Effect.AT_LEAST_ONCE
    examples: ClassVar = [
        Example(
            {"url": _ITEMS, "body": {"name": "tea"}, "query": {"dry": True}, "headers": {"X-Try": 1}},
            http=[Reply(f"POST {_ITEMS}?dry=true", status=201, content=b'{"id":7}', headers=_JSON)],
            emits=[
                ("response", {"id": 7}),
                ("status", 201),
                ("response_headers", {"content-type": "application/json", "content-length": "8"}),
            ],
        ),
        Example(
            Input(url=_ITEMS, body='{"name": "tea"}'),
            http=[Reply(f"POST {_ITEMS}", status=422, content=b'{"why":"no"}', headers=_JSON)],
            emits=[
                ("client_error", {"why": "no"}),
                ("status", 422),
                ("response_headers", {"content-type": "application/json", "content-length": "12"}),
            ],
        ),
        Example(
            Input(url=_ITEMS, method="PUT", body={"name": "tea", "tags": ["hot", 1]}, body_type="form"),
            http=[Reply(f"PUT {_ITEMS}", status=500, content=b"broken")],
            emits=[("server_error", "broken"), ("status", 500), ("response_headers", {"content-length": "6"})],
        ),
        Example(
            Input(url=_ITEMS, method="PATCH", body="tea", body_type="text"),
            http=[Reply(f"PATCH {_ITEMS}", status=204)],
            emits=[("response", None), ("status", 204), ("response_headers", {})],
        ),
        Example(
            Input(url=_ITEMS, body=[1], body_type="form"),
            raises=BlockError("the body of a form must be a dictionary", "BAD_BODY"),
        ),
        Example(Input(url="invalid-url"), raises=BlockError),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        answer = await ctx.http.request(input.method, input.url, params=input.query, **_body(input))
        async for pin, value in emit_answer(answer, input.url, ctx):
            yield pin, value


def _body(input: HttpRequest.Input) -> dict[str, Any]:
    headers, body = dict(input.headers), input.body
    if body is None:
        return {"headers": headers}
    if input.body_type == "form":
        if not isinstance(body, dict):
            raise BlockError("the body of a form must be a dictionary", "BAD_BODY")
        return {"headers": headers, "data": {name: _field(value) for name, value in body.items()}}
    if input.body_type == "text":
        return {"headers": _typed(headers, "text/plain; charset=utf-8"), "content": as_text(body)}
    if isinstance(body, str) and _is_json(body):
        return {"headers": _typed(headers, "application/json"), "content": body}
    return {"headers": headers, "json": body}


def _field(value: Any) -> str | list[str]:
    return [as_text(part) for part in value] if isinstance(value, list) else as_text(value)


def _typed(headers: dict[str, str], kind: str) -> dict[str, str]:
    named = any(name.lower() == "content-type" for name in headers)
    return headers if named else {**headers, "Content-Type": kind}


def _is_json(text: str) -> bool:
    try:
        read_json(text)
    except ValueError:
        return False
    return True
