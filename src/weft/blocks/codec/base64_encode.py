"""`base64.encode`: a text or a file as base64."""

import base64
from typing import Annotated, ClassVar

from pydantic import Field

from weft.blocks.codec.octets import TextOrFile, octets
from weft.blocks.text.bounds import compute
from weft.sdk import Advanced, Block, BlockCategory, Context, Emissions, Example, Schema

_LARGEST = 11_000_000
"""Bytes of a file whose base64 is not too large for a value."""


class EncodeBase64(Block, id="base64.encode", name="Encode Base64", categories=[BlockCategory.UTILITY]):
    """Write a text, as UTF-8, or the bytes of a file as base64."""

    class Input(Schema):
        value: TextOrFile = Field(description="A text or a file")
        url_safe: bool = Field(default=False, description="Write - and _ in place of + and /, for addresses and names")
        padding: Annotated[bool, Advanced()] = Field(default=True, description="Fill up with = to a multiple of four")

    class Output(Schema):
        encoded: str = Field(description="The base64 text, in one line")

    examples: ClassVar = [
        Example(Input(value="Grüße?>"), emits=[("encoded", "R3LDvMOfZT8+")]),
        Example(Input(value="Grüße?>?", url_safe=True, padding=False), emits=[("encoded", "R3LDvMOfZT8-Pw")]),
        Example({"value": {"name": "a.bin", "content": "AP8="}}, emits=[("encoded", "AP8=")]),
        Example(Input(value=""), emits=[("encoded", "")]),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        content = await octets(input.value, ctx, limit=_LARGEST)
        encode = base64.urlsafe_b64encode if input.url_safe else base64.b64encode
        encoded = (await compute(len(content), encode, content)).decode("ascii")
        yield "encoded", encoded if input.padding else encoded.rstrip("=")
