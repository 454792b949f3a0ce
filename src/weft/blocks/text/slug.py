"""`text.slug`: a text as part of an address."""

import re
import unicodedata
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from weft.blocks.text.words import runs_of_letters
from weft.sdk import Advanced, Block, BlockCategory, BlockError, Emissions, Example, Schema

_ACCENTS = re.compile("(?<=[a-z])[\u0300-\u036f]+")
_LATIN: dict[int, str] = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "ı": "i"}
)


class Slug(Block, id="text.slug", categories=[BlockCategory.PROCESSING]):
    """Write a text so that it can stand in an address or be the name of a file: `Crème brûlée!` gives `creme-brulee`.

    Latin letters lose their accents; those of other scripts are kept unless only ASCII is wanted.
    """

    class Input(Schema):
        text: str = Field(max_length=100_000, description="The text, e.g. a title")
        separator: Literal["-", "_", "."] = Field(default="-", description="What stands between words")
        max_length: Annotated[int, Advanced()] = Field(
            default=200, ge=1, le=10_000, description="The most characters; cut after a word where possible"
        )
        ascii_only: Annotated[bool, Advanced()] = Field(
            default=False, description="Leave out letters that have no form in a-z and 0-9"
        )

    class Output(Schema):
        output: str = Field(description="The slug, in lower case")

    examples: ClassVar = [
        Example(Input(text="Crème brûlée: it's 10% œuf!"), emits=[("output", "creme-brulee-its-10-oeuf")]),
        Example(Input(text="Straße Ⅷ", separator="_"), emits=[("output", "strasse_viii")]),
        Example(Input(text="e\u0301te\u0301 が"), emits=[("output", "ete-が")]),
        Example(Input(text="हिन्दी में"), emits=[("output", "हिन्दी-में")]),
        Example(Input(text="你好, 世界"), emits=[("output", "你好-世界")]),
        Example(Input(text="Zug 火 9", ascii_only=True), emits=[("output", "zug-9")]),
        Example(Input(text="a cup of tea", max_length=8), emits=[("output", "a-cup-of")]),
        Example(Input(text="a cup of tea", max_length=7), emits=[("output", "a-cup")]),
        Example(Input(text="unbelievable", max_length=5), emits=[("output", "unbel")]),
        Example(
            Input(text="?!"),
            raises=BlockError("the text holds no letter or digit that a slug could be made of", "EMPTY_SLUG"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        slug = _slug(input)
        if not slug:
            raise BlockError("the text holds no letter or digit that a slug could be made of", "EMPTY_SLUG")
        yield "output", slug


class _Plain(dict[int, str]):
    """What stands for each sign, by code point: its plain Latin letters, or itself."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        letters = "".join(part for part in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(part))
        self[code] = plain = letters if letters and letters.isascii() else unicodedata.normalize("NFKC", sign)
        return plain


def _slug(input: Slug.Input) -> str:
    # Sign by sign: normalising a whole text takes quadratic time where many accents stand on one letter.
    plain = input.text.casefold().translate(_Plain(_LATIN)).casefold()
    plain = _ACCENTS.sub("", plain)
    if input.ascii_only:
        plain = "".join(sign if sign.isascii() else " " for sign in plain)
    slug = input.separator.join(runs_of_letters(plain))
    if len(slug) <= input.max_length:
        return slug
    whole = slug[: input.max_length + 1].rpartition(input.separator)[0]
    return whole or slug[: input.max_length]
