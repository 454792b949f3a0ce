"""`file.store`: a file from wherever it is, as a value of the graph."""

import base64
from typing import ClassVar

from pydantic import Field

from weft.blocks.data_address import DATA, read_data_address
from weft.blocks.http.answers import store_answer
from weft.blocks.text.bounds import compute
from weft.sdk import (
    Block,
    BlockCategory,
    BlockError,
    Context,
    Effect,
    Emissions,
    Example,
    File,
    Reply,
    RetryLater,
    Schema,
)

_HELLO = {"name": "hello.txt", "media_type": "text/plain", "content": "aGVsbG8="}

_LARGEST_AS_TEXT = 11_000_000
"""Bytes of a file whose data address is not too large for a value."""


class StoreFile(Block, id="file.store", categories=[BlockCategory.DATA]):
    """Take a file from an address on the web, or from a data address, into the graph.

    It is stored then, so what happens at the address later changes nothing. A file that is one already passes through.
    """

    class Input(Schema):
        file_in: File | str = Field(
            description="A file; or an address that begins with https://, http:// or data:", union_mode="left_to_right"
        )
        base_64: bool = Field(default=False, description="Give the file as text, as a data address, and not as a file")

    class Output(Schema):
        file_out: File | str = Field(description="The file, or its data address")

    effect = Effect.IDEMPOTENT
    examples: ClassVar = [
        Example({"file_in": _HELLO}, emits=[("file_out", _HELLO)]),
        Example(Input(file_in="data:text/plain;base64,aGVsbG8="), emits=[("file_out", _HELLO | {"name": "file.txt"})]),
        Example(
            Input(file_in="https://example.com/files/hello.txt?v=2"),
            http=[Reply("GET https://example.com/files/hello.txt?v=2", content=b"hello")],
            emits=[("file_out", _HELLO)],
        ),
        Example(
            Input(file_in="https://example.com/download"),
            http=[
                Reply(
                    "GET https://example.com/download",
                    content=b"hello",
                    headers={
                        "Content-Type": "text/plain; charset=utf-8",
                        "Content-Disposition": "attachment; filename*=UTF-8''hello%20all.txt",
                    },
                )
            ],
            emits=[("file_out", _HELLO | {"name": "hello all.txt"})],
        ),
        Example({"file_in": _HELLO, "base_64": True}, emits=[("file_out", "data:text/plain;base64,aGVsbG8=")]),
        Example(
            Input(file_in="https://example.com/gone"),
            http=[Reply("GET https://example.com/gone", status=404)],
            raises=BlockError,
        ),
        Example(
            Input(file_in="https://example.com/busy"),
            http=[Reply("GET https://example.com/busy", status=503)],
            raises=RetryLater,
        ),
        Example(
            Input(file_in="hello.txt"),
            raises=BlockError("'hello.txt' is no address that begins with https://, http:// or data:", "NO_FILE"),
        ),
        Example(
            Input(file_in="data:text/plain"),
            raises=BlockError("the data address has no comma before its content", "NO_FILE"),
        ),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        file = input.file_in if isinstance(input.file_in, File) else await _fetch(input.file_in.strip(), ctx)
        if input.base_64:
            content = await ctx.files.read(file, limit=_LARGEST_AS_TEXT)
            encoded = await compute(len(content), base64.b64encode, content)
            yield "file_out", f"{DATA}{file.media_type};base64,{encoded.decode('ascii')}"
            return
        if file.content is not None:
            file = await ctx.files.put(file.name, file.media_type, file.content)
        yield "file_out", file


async def _fetch(address: str, ctx: Context) -> File:
    scheme = address.partition(":")[0].lower()
    if scheme in {"https", "http"}:
        async with ctx.http.stream("GET", address) as answer:
            answer.raise_for_status()
            return await store_answer(answer, address, ctx)
    if scheme != DATA.removesuffix(":"):
        raise BlockError(f"{address[:80]!r} is no address that begins with https://, http:// or data:", "NO_FILE")
    try:
        return read_data_address(address)
    except ValueError as error:
        raise BlockError(str(error), "NO_FILE") from error
