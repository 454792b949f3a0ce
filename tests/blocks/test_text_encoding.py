"""What was encoded is decoded to what it was; addresses and fences are found where they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.blocks.emitting import emitted
from weft.blocks.text.decode import DecodeText
from weft.blocks.text.encode import EncodeText, Format
from weft.blocks.text.extract_links import ExtractLinks
from weft.blocks.text.fences import Fenced, take_apart, without_fence

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXTS, st.sampled_from(Format.__args__))  # type: ignore[attr-defined]
async def test_a_text_comes_back_from_every_encoding(text: str, format: Format) -> None:
    encoded = (await emitted(EncodeText(), text=text, format=format))["encoded_text"]
    decoded = (await emitted(DecodeText(), text=encoded, format=format))["decoded_text"]

    assert decoded == text
    assert encoded.isascii() or format == "html"


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("&#" + "9" * 5000 + ";", "\ufffd"),
        ("&#x" + "f" * 5000 + ";", "\ufffd"),
        ("&#0; &#xD800;", "\ufffd \ufffd"),
        ("&nosuch; &", "&nosuch; &"),
    ],
)
async def test_entities_that_are_no_characters_do_no_harm(text: str, decoded: str) -> None:
    assert (await emitted(DecodeText(), text=text, format="html"))["decoded_text"] == decoded


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("https://example.org/a?b=c&d=[e]#f", ["https://example.org/a?b=c&d=[e]#f"]),
        ("(https://en.example.org/wiki/A_(b))", ["https://en.example.org/wiki/A_(b)"]),
        ("**https://example.org**, 'http://example.org/'", ["https://example.org", "http://example.org/"]),
        ("看https://example.org/路径，谢谢", ["https://example.org/路径"]),
        ("http://[::1]:80/x", ["http://[::1]:80/x"]),
        ("HTTPS://EXAMPLE.ORG xhttps://example.org awww.example.org", ["HTTPS://EXAMPLE.ORG"]),
        ("http:// http://.. https://)", []),
    ],
)
async def test_web_addresses_end_where_the_sentence_goes_on(text: str, urls: list[str]) -> None:
    assert (await emitted(ExtractLinks(), text=text))["urls"] == urls


@pytest.mark.parametrize(
    ("text", "emails"),
    [
        ("a.b+c@x-y.example.org.", ["a.b+c@x-y.example.org"]),
        ("a..b@example.org .c@example.org @example.org a@b a@-x.org", []),
        ("a@" + "b" * 64 + ".org", []),
    ],
)
async def test_mail_addresses_are_whole_or_not_found(text: str, emails: list[str]) -> None:
    assert (await emitted(ExtractLinks(), text=text))["emails"] == emails


@pytest.mark.parametrize(
    ("text", "blocks", "rest"),
    [
        ("```{.python}\nx\n```", [Fenced("python", "x\n")], ""),
        ("```python x=1\n```", [Fenced("python", "")], ""),
        ("~~~ a`b\n```\n~~~~", [Fenced("a`b", "```\n")], ""),
        ("``` a`b\n", [], "``` a`b\n"),
        ("  ```\n    x\n y\nz\n  ```\n", [Fenced("", "  x\ny\nz\n")], ""),
        ("```\r\nx\r\n```\r\nrest", [Fenced("", "x\r\n")], "rest"),
        ("````\n\n```\n````", [Fenced("", "\n```\n")], ""),
        ("``\nx\n``", [], "``\nx\n``"),
    ],
)
def test_code_is_what_stands_between_fences(text: str, blocks: list[Fenced], rest: str) -> None:
    assert take_apart(text) == (blocks, rest)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("\n```json\n1\n```\n", "1\n"),
        ("```\n1", "1"),
        ("```\n1\n```\n```\n2\n```", "```\n1\n```\n```\n2\n```"),
        ("so: \n```\n1\n```", "so: \n```\n1\n```"),
        ("```\n1\n```\n2", "```\n1\n```\n2"),
        ("1", "1"),
    ],
)
def test_a_fence_is_left_out_only_if_there_is_nothing_else(text: str, code: str) -> None:
    assert without_fence(text) == code
