"""XML is read without harm and written so that it is read as the same value."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.blocks.emitting import only
from weft.blocks.codec.xml_parse import ParseXml
from weft.blocks.codec.xml_render import RenderXml
from weft.sdk import BlockError

NAMES = st.sampled_from(["a", "b-1", "_c", "ns:d", "Ä"])
TEXTS = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"], exclude_characters="\ufffe\uffff")).map(
    str.strip
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["@a", "@b", "@xml:lang"]), TEXTS | st.sampled_from(["\n", "\t", "\r", "<&'\">"]), max_size=2
)


def elements(inner: Any) -> Any:
    """Return what an element may hold: other elements, attributes, a text; never one child in a list."""
    children = st.dictionaries(NAMES, inner | st.lists(inner, min_size=2, max_size=3), min_size=1, max_size=3)
    texts = TEXTS.filter(bool).map(lambda text: {"#text": text})
    return st.tuples(ATTRIBUTES, children, texts | st.just({})).map(lambda parts: parts[0] | parts[1] | parts[2])


VALUES = st.recursive(TEXTS, elements, max_leaves=8)


@given(NAMES, VALUES, st.integers(0, 8), st.booleans())
async def test_a_value_comes_back(name: str, value: Any, indent: int, declaration: bool) -> None:
    text = await only(RenderXml(), value={name: value}, indent=indent, declaration=declaration)

    assert await only(ParseXml(), input_xml=text) == {name: value}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('<!DOCTYPE a [<!ENTITY x "y">]><a/>', "the text declares a DTD of its own, which is refused"),
        ('<!DOCTYPE a [<!ATTLIST a b CDATA "c">]><a/>', "the text declares a DTD of its own, which is refused"),
        (
            '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hosts">]><a>&x;</a>',
            "the text declares a DTD of its own, which is refused",
        ),
        ("<a>&x;</a>", "the text is no XML: undefined entity in line 1, character 4"),
        ("<a/><b/>", "the text is no XML: junk after document element in line 1, character 5"),
        ("", "the text is no XML: no element found in line 1, character 1"),
        ("<a>\n<b></a>", "the text is no XML: mismatched tag in line 2, character 6"),
        ("<a b='1' b='2'/>", "the text is no XML: duplicate attribute in line 1, character 10"),
        ("<a>" * 200_000, "the elements are nested more than 100 deep"),
        ("<a>" + "<b/>" * 1_000_001 + "</a>", "there are more than 1000000 elements and attributes"),
    ],
    ids=lambda value: value[:40],
)
async def test_what_cannot_be_read_is_refused_with_the_place(text: str, problem: str) -> None:
    with pytest.raises(BlockError) as caught:
        await only(ParseXml(), input_xml=text)

    assert caught.value.message == problem


async def test_entities_that_multiply_are_refused_before_they_do() -> None:
    entities = "".join(f'<!ENTITY e{number} "{f"&e{number - 1};" * 10}">' for number in range(1, 20))
    text = f'<!DOCTYPE a [<!ENTITY e0 "x">{entities}]><a>&e19;</a>'

    with pytest.raises(BlockError, match="declares a DTD of its own"):
        await only(ParseXml(), input_xml=text)


async def test_a_document_type_without_declarations_is_allowed() -> None:
    text = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://example.org/x.dtd"><html>a<?p?>b</html>'

    assert await only(ParseXml(), input_xml=text) == {"html": "ab"}


async def test_a_long_document_is_read_in_pieces_without_a_seam() -> None:
    text = "äöü😀" * 200_000

    assert await only(ParseXml(), input_xml=f"<a>{text}</a>") == {"a": text}


async def test_a_list_of_one_stays_a_list_if_asked_for() -> None:
    text = "<r><i>1</i><s><i/></s></r>"

    assert await only(ParseXml(), input_xml=text, always_list=["i"]) == {"r": {"i": ["1"], "s": {"i": [""]}}}


@pytest.mark.parametrize("name", ["", "1a", "a b", "a>", "-a", "@", "a@b"])
async def test_a_name_that_xml_forbids_is_refused(name: str) -> None:
    with pytest.raises(BlockError, match="is no name that XML allows"):
        await only(RenderXml(), value={"a": {name or "@": 1}})


async def test_carriage_returns_are_kept() -> None:
    value = {"a": {"@b": "1\r\n2", "#text": "3\r\n4\r5"}}

    assert await only(ParseXml(), input_xml=await only(RenderXml(), value=value)) == value


async def test_beside_a_text_nothing_is_indented() -> None:
    value = {"p": {"q": {"#text": "a", "b": {"c": "d"}}}}

    assert await only(RenderXml(), value=value) == "<p>\n  <q>a<b><c>d</c></b></q>\n</p>"


async def test_an_indented_value_that_grows_out_of_bounds_is_refused() -> None:
    value: Any = {"x": [None] * 20_000}
    for _ in range(100):
        value = {"a": value}

    with pytest.raises(BlockError, match="more than 10000000 characters"):
        await only(RenderXml(), value=value, indent=8)
