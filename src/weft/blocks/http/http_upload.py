"""`http.upload`: a file of any size to a server."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from weft.blocks.data_address import AnyFile
from weft.blocks.http.answers import emit_answer
from weft.blocks.http.http_request import HttpRequest
from weft.blocks.http.pins import Headers, Query, Url
from weft.sdk import (
    Advanced,
    Block,
    BlockCategory,
    BlockError,
    Context,
    Effect,
    Emissions,
    Example,
    File,
    Reply,
    Schema,
)

_ITEMS = "https://api.example.com/items"
_HELLO = File(name="hello.txt", media_type="text/plain", content=b"hello")
_LARGEST_IN_FORM = 10_000_000


class HttpUpload(Block, id="http.upload", name="HTTP Upload", categories=[BlockCategory.INTEGRATION]):
    """Send a file to a server; the answer comes out by its status.

    The file is the body of the request and is read while it is sent, so it may have any size; or it is a field of a form,
    then with at most 10 MB. Every request carries an Idempotency-Key header, by which a server can tell that one comes a
    second time after a crash or a broken connection.
    """

    class Input(Schema):
        url: Url
        file: AnyFile = Field(description="What to send: a file, or a data address")
        method: Literal["PUT", "POST", "PATCH"] = Field(default="PUT", description="What the server is asked to do")
        form_field: Annotated[str, Advanced()] = Field(
            default="", max_length=200, description="Name of the file's field in a form; empty to send the file alone"
        )
        query: Query = Field(default_factory=dict)
        headers: Headers = Field(default_factory=dict)

    Output = HttpRequest.Output

    effect = Effect.AT_LEAST_ONCE
    examples: ClassVar = [
        Example(
            Input(url=_ITEMS, file=_HELLO),
            http=[Reply(f"PUT {_ITEMS}", status=201, content=b"thanks")],
            emits=[("response", "thanks"), ("status", 201), ("response_headers", {"content-length": "6"})],
        ),
        Example(
            Input(url=_ITEMS, file=_HELLO, method="POST", form_field="photo", query={"dry": "true"}),
            http=[Reply(f"POST {_ITEMS}?dry=true", status=415)],
            emits=[("client_error", None), ("status", 415), ("response_headers", {})],
        ),
        Example(
            {"url": _ITEMS, "file": "data:text/plain,hello"},
            http=[Reply(f"PUT {_ITEMS}", status=500, content=b"broken")],
            emits=[("server_error", "broken"), ("status", 500), ("response_headers", {"content-length": "6"})],
        ),
        Example(Input(url="invalid-url", file=_HELLO), raises=BlockError),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        body: dict[str, Any] = {"file": input.file}
        if input.form_field:
            content = await ctx.files.read(input.file, limit=_LARGEST_IN_FORM)
            body = {"files": {input.form_field: (input.file.name, content, input.file.media_type)}}
        answer = await ctx.http.request(input.method, input.url, params=input.query, headers=input.headers, **body)
        async for pin, value in emit_answer(answer, input.url, ctx):
            yield pin, value
