"""`base64.decode`: the text or the file that base64 stands for."""

import base64
import re
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from weft.blocks.text.bounds import compute
from weft.sdk import Advanced, Block, BlockCategory, BlockError, Context, Emissions, Example, File, Multiline, Schema

_ODD = re.compile("[^A-Za-z0-9+/]")
_STANDARD = str.maketrans("-_", "+/", " \t\r\n\f\v")


class DecodeBase64(Block, id="base64.decode", name="Decode Base64", categories=[BlockCategory.UTILITY]):
    """Read base64 of either alphabet, with or without padding and line breaks; a `data:` address too."""

    class Input(Schema):
        encoded: Annotated[str, Multiline()] = Field(description="The base64 text")
        to: Literal["text", "file"] = Field(default="text", description="What to make of it")
        name: Annotated[str, Advanced()] = Field(
            default="file", min_length=1, description="The name of the file; what a name must not hold becomes _"
        )
        media_type: Annotated[str, Advanced()] = Field(
            default="",
            max_length=255,
            description="Kind of the file, e.g. image/png; that of the `data:` address if empty",
        )

    class Output(Schema):
        text: str = Field(description="The text, if one was asked for")
        file: File = Field(description="The file, if one was asked for")

    examples: ClassVar = [
        Example(Input(encoded="R3LDvMOf\nZT8+Pw=="), emits=[("text", "Grüße?>?")]),
        Example(Input(encoded="R3LDvMOfZT8-Pw"), emits=[("text", "Grüße?>?")]),
        Example(
            Input(encoded="data:image/png;base64,iVBORw==", to="file", name="x/a.png"),
            emits=[("file", {"name": "x_a.png", "media_type": "image/png", "content": "iVBORw=="})],
        ),
        Example(
            Input(encoded="AP8=", to="file"),
            emits=[("file", {"name": "file", "media_type": "application/octet-stream", "content": "AP8="})],
        ),
        Example(
            Input(encoded="data:text/plain,tea"),
            raises=BlockError("the `data:` address does not hold base64", "NOT_BASE64"),
        ),
        Example(
            Input(encoded="ab!d"),
            raises=BlockError("'!' stands in the text, but not in the alphabet of base64", "NOT_BASE64"),
        ),
        Example(
            Input(encoded="abcde"), raises=BlockError("the text is cut off: its last sign stands alone", "NOT_BASE64")
        ),
        Example(
            Input(encoded="AP8="),
            raises=BlockError("the bytes are no text in UTF-8; ask for a file", "NOT_TEXT"),
        ),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        media_type, data = _data_address(input.encoded)
        content = await compute(len(data), _decode, data)
        if input.to == "file":
            yield "file", await ctx.files.put(input.name, input.media_type or media_type, content)
            return
        try:
            text = content.decode()
        except UnicodeDecodeError as error:
            raise BlockError("the bytes are no text in UTF-8; ask for a file", "NOT_TEXT") from error
        yield "text", text


def _data_address(text: str) -> tuple[str, str]:
    """Return the media type and the base64 of a `data:` address; of any other text, no type and the text."""
    if text[:5].lower() != "data:":
        return "", text
    head, _, data = text[5:].partition(",")
    kind, *parameters = head.split(";")
    if "base64" not in (parameter.strip().lower() for parameter in parameters):
        raise BlockError("the `data:` address does not hold base64", "NOT_BASE64")
    return kind[:255].strip(), data


def _decode(text: str) -> bytes:
    data = text.translate(_STANDARD).rstrip("=")
    if odd := _ODD.search(data):
        raise BlockError(f"{odd[0]!r} stands in the text, but not in the alphabet of base64", "NOT_BASE64")
    if len(data) % 4 == 1:
        raise BlockError("the text is cut off: its last sign stands alone", "NOT_BASE64")
    return base64.b64decode(data + "=" * (-len(data) % 4))
