"""`text.encode`: a text in signs that another place takes."""

import html
import json
from collections.abc import Callable
from typing import ClassVar, Literal
from urllib.parse import quote, quote_plus

from pydantic import Field

from weft.blocks.text.bounds import LongText, check_length, compute
from weft.sdk import Block, BlockCategory, Emissions, Example, Schema

Format = Literal["escape", "url", "form", "html"]


class EncodeText(Block, id="text.encode", categories=[BlockCategory.PROCESSING]):
    r"""Write a text so that it can stand inside of JSON or program code, an address, or HTML.

    - `escape`: escape sequences as JSON and JavaScript know them, e.g. a line break as \n; everything but ASCII too.
    - `url`: percent encoding for one part of an address; a blank is %20.
    - `form`: the same, but a blank is +, as in forms.
    - `html`: entities for <, >, & and quotes.
    """

    class Input(Schema):
        text: LongText = Field(description="The text")
        format: Format = Field(default="escape", description="Where the text is to stand")

    class Output(Schema):
        encoded_text: str = Field(description="The encoded text")

    examples: ClassVar = [
        Example(
            Input(text='say "hi"\nC:\\ ä😀'),
            emits=[("encoded_text", r"say \"hi\"\nC:\\ \u00e4\ud83d\ude00")],
        ),
        Example(Input(text="a/b c=ä", format="url"), emits=[("encoded_text", "a%2Fb%20c%3D%C3%A4")]),
        Example(Input(text="a/b c+d", format="form"), emits=[("encoded_text", "a%2Fb+c%2Bd")]),
        Example(
            Input(text="<b>'x' & \"y\"</b>", format="html"),
            emits=[("encoded_text", "&lt;b&gt;&#x27;x&#x27; &amp; &quot;y&quot;&lt;/b&gt;")],
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        encoded = await compute(len(input.text), _ENCODERS[input.format], input.text)
        check_length(len(encoded))
        yield "encoded_text", encoded


def _escape(text: str) -> str:
    return json.dumps(text)[1:-1]


def _percent(text: str) -> str:
    return quote(text, safe="")


def _form(text: str) -> str:
    return quote_plus(text, safe="")


_ENCODERS: dict[Format, Callable[[str], str]] = {
    "escape": _escape,
    "url": _percent,
    "form": _form,
    "html": html.escape,
}
