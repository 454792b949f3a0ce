"""`text.decode`: an encoded text as people read it."""

import html
import re
from collections.abc import Callable
from typing import ClassVar
from urllib.parse import unquote, unquote_plus

from pydantic import Field

from weft.blocks.text.bounds import LongText, compute
from weft.blocks.text.encode import Format
from weft.sdk import Block, BlockCategory, BlockError, Emissions, Example, Schema

_SEQUENCE = re.compile(
    r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|U([0-9A-Fa-f]{8})|u\{([0-9A-Fa-f]{1,6})\}|(\r\n|[\s\S])|\Z)"
)
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_HALF = re.compile("[\ud800-\udfff]")
_SIMPLE: dict[str, str] = dict(zip("nrtbfva\\/\"'`\n", [*"\n\r\t\b\f\v\a\\/\"'`", ""], strict=True)) | {"\r\n": ""}
_HUGE = re.compile(r"&#(?:[0-9]{9,}|[xX][0-9A-Fa-f]{9,});?")


class DecodeText(Block, id="text.decode", categories=[BlockCategory.PROCESSING]):
    r"""Read a text that was written for program code, an address or HTML.

    - `escape`: escape sequences of JSON, JavaScript and Python, e.g. \n, \t, \", \xe4, \u00e4.
    - `url`: percent encoding, as UTF-8.
    - `form`: the same, and + is a blank.
    - `html`: entities by name and number.
    """

    class Input(Schema):
        text: LongText = Field(description="The encoded text")
        format: Format = Field(default="escape", description="How it is encoded")

    class Output(Schema):
        decoded_text: str = Field(description="The text")

    examples: ClassVar = [
        Example(
            Input(text=r"say \"hi\"\nC:\\ \u00e4\xe4 \ud83d\ude00\U0001F600\u{1f600}"),
            emits=[("decoded_text", 'say "hi"\nC:\\ ää 😀😀😀')],
        ),
        Example(Input(text="a%2Fb%20c%3D%C3%A4+d", format="url"), emits=[("decoded_text", "a/b c=ä+d")]),
        Example(Input(text="a+b%2Bc", format="form"), emits=[("decoded_text", "a b+c")]),
        Example(
            Input(text="&lt;b&gt; &auml;&#228;&#xe4; &amp;lt;", format="html"), emits=[("decoded_text", "<b> äää &lt;")]
        ),
        Example(
            Input(text=r"C:\data"),
            raises=BlockError(r"\d at character 3 is no escape sequence", "NOT_DECODABLE"),
        ),
        Example(
            Input(text="ab\\"),
            raises=BlockError("the escape sequence at character 3 has no end", "NOT_DECODABLE"),
        ),
        Example(
            Input(text=r"\ud83d!"),
            raises=BlockError("the text holds half of a surrogate pair, which is no character", "NOT_DECODABLE"),
        ),
        Example(
            Input(text=r"\U99999999"),
            raises=BlockError(r"\U99999999 at character 1 is no character of Unicode", "NOT_DECODABLE"),
        ),
        Example(
            Input(text="caf%E9", format="url"),
            raises=BlockError("what the text encodes is not UTF-8", "NOT_DECODABLE"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        yield "decoded_text", await compute(len(input.text), _DECODERS[input.format], input.text)


def _unescape(text: str) -> str:
    decoded = _SEQUENCE.sub(_character, text)
    joined = _PAIR.sub(lambda found: found[0].encode("utf-16", "surrogatepass").decode("utf-16"), decoded)
    if _HALF.search(joined):
        raise BlockError("the text holds half of a surrogate pair, which is no character", "NOT_DECODABLE")
    return joined


def _character(found: re.Match[str]) -> str:
    place = found.start() + 1
    number = found[1] or found[2] or found[3] or found[4]
    if number:
        if int(number, 16) > 0x10FFFF:
            raise BlockError(f"{found[0]} at character {place} is no character of Unicode", "NOT_DECODABLE")
        return chr(int(number, 16))
    if not found[5]:
        raise BlockError(f"the escape sequence at character {place} has no end", "NOT_DECODABLE")
    if found[5] not in _SIMPLE:
        raise BlockError(f"{found[0]} at character {place} is no escape sequence", "NOT_DECODABLE")
    return _SIMPLE[found[5]]


def _percent(text: str) -> str:
    return _read_percent(unquote, text)


def _form(text: str) -> str:
    return _read_percent(unquote_plus, text)


def _read_percent(read: Callable[[str, str, str], str], text: str) -> str:
    try:
        return read(text, "utf-8", "strict")
    except UnicodeDecodeError as error:
        raise BlockError("what the text encodes is not UTF-8", "NOT_DECODABLE") from error


def _entities(text: str) -> str:
    # A number of thousands of digits is no character, and reading it takes long.
    return html.unescape(_HUGE.sub("&#xFFFD;", text))


_DECODERS: dict[Format, Callable[[str], str]] = {
    "escape": _unescape,
    "url": _percent,
    "form": _form,
    "html": _entities,
}
