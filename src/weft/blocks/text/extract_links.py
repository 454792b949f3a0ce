"""`text.extract_links`: the addresses in a text."""

import re
from collections.abc import Iterable
from typing import ClassVar

from pydantic import Field

from weft.blocks.text.bounds import LongText, check_count, compute
from weft.sdk import Block, BlockCategory, Emissions, Example, Schema

_URL = re.compile(
    r"(?:(?<![A-Za-z])(?:https?|ftp)://(?=[\w\[])|(?<![\w.@/])www\.(?=\w))[^\s<>\"`{}|\\^\u3000-\u303f\uff00-\uff0f\uff1a-\uff1f]+",
    re.I,
)
_MAIL = re.compile(
    r"(?<![\w.%+-])[\w%+-]++(?:\.[\w%+-]++)*+@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,63}(?![\w-])"
)
_ENDINGS = frozenset(".,;:!?…'*")
_OPENING = {")": "(", "]": "["}


class ExtractLinks(Block, id="text.extract_links", categories=[BlockCategory.PROCESSING]):
    """Find the web and mail addresses in a text, each once, in the order in which they first stand.

    Web addresses begin with `http://`, `https://`, `ftp://` or `www.`. Marks at their end that belong to the sentence
    are left out, and so is a closing bracket that the address does not open.
    """

    class Input(Schema):
        text: LongText = Field(description="The text; HTML and Markdown too")

    class Output(Schema):
        urls: list[str] = Field(description="The web addresses as they are written")
        emails: list[str] = Field(description="The mail addresses; those inside of web addresses are left out")

    examples: ClassVar = [
        Example(
            Input(
                text="See https://example.org/a_(b)?q=1#c, (or http://example.org/ä). "
                "Again: https://example.org/a_(b)?q=1#c! Ask ada.l+x@mail.example.org."
            ),
            emits=[
                ("urls", ["https://example.org/a_(b)?q=1#c", "http://example.org/ä"]),
                ("emails", ["ada.l+x@mail.example.org"]),
            ],
        ),
        Example(
            Input(
                text='<a href="https://example.org/x">[x](www.example.org/y)</a> mailto:ada@example.org,用户@例子.公司。'
            ),
            emits=[
                ("urls", ["https://example.org/x", "www.example.org/y"]),
                ("emails", ["ada@example.org", "用户@例子.公司"]),
            ],
        ),
        Example(
            Input(text="https://ada:x@example.org/@b.example 看https://example.org。"),
            emits=[("urls", ["https://ada:x@example.org/@b.example", "https://example.org"]), ("emails", [])],
        ),
        Example(Input(text="no address, only a@b and http://"), emits=[("urls", []), ("emails", [])]),
    ]

    async def run(self, input: Input) -> Emissions:
        urls, emails = await compute(len(input.text), _find, input.text)
        yield "urls", urls
        yield "emails", emails


def _find(text: str) -> tuple[list[str], list[str]]:
    urls = _distinct(_without_ending(found[0]) for found in _URL.finditer(text))
    emails = _distinct(found[0] for found in _MAIL.finditer(_URL.sub(" ", text)))
    return urls, emails


def _distinct(found: Iterable[str]) -> list[str]:
    addresses = list(dict.fromkeys(found))
    check_count(len(addresses), "addresses")
    return addresses


def _without_ending(url: str) -> str:
    surplus = {closing: url.count(closing) - url.count(opening) for closing, opening in _OPENING.items()}
    end = len(url)
    while (last := url[end - 1]) in _ENDINGS or surplus.get(last, 0) > 0:
        surplus[last] = surplus.get(last, 0) - 1
        end -= 1
    return url[:end]
