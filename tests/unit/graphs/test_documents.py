import io
import json
import re
from typing import Any

import pytest
from hypothesis import given
from pydantic import ValidationError

from tests.unit.graphs.random_graphs import graphs
from tests.unit.graphs.toy_blocks import graph, link, node, sound_graph
from weft.errors import InvalidInput
from weft.graphs.documents import (
    check_content,
    content_from,
    content_hash,
    parse_document,
    read_limited,
    to_bytes,
    to_document,
)
from weft.graphs.errors import DocumentInvalid
from weft.graphs.issues import Code, Level
from weft.graphs.limits import GraphLimits
from weft.graphs.types import GraphContent, Node

NODE = {"id": "a", "block_id": "text.upper", "label": "A"}
LINK = {"id": "l", "source_id": "a", "source_name": "x", "sink_id": "b", "sink_name": "y"}


def text_of(**parts: Any) -> str:
    return json.dumps({"name": "g"} | parts)


def fault(data: bytes | str, **options: Any) -> DocumentInvalid:
    with pytest.raises(DocumentInvalid) as caught:
        parse_document(data, **options)
    assert caught.value.issues[0].level is Level.REFUSED
    assert "\n" not in caught.value.message
    return caught.value


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("", Code.NOT_JSON, "line 1, column 1: this is not JSON: Expecting value"),
        (
            '{"name": "g",\n "nodes": [}',
            Code.NOT_JSON,
            "line 2, column 12: this is not JSON: Expecting value",
        ),
        (
            '{"name": "unfinished',
            Code.NOT_JSON,
            "line 1, column 10: this is not JSON: Unterminated string starting at",
        ),
        ("[]", Code.WRONG_SHAPE, "a graph is a JSON object, this is a list"),
        ("null", Code.WRONG_SHAPE, "a graph is a JSON object, this is null"),
        ("{}", Code.WRONG_SHAPE, "name: is missing"),
        (text_of(nodes=None), Code.WRONG_SHAPE, "nodes: must be a list"),
        (text_of(links={}), Code.WRONG_SHAPE, "links: must be a list"),
        (text_of(nodes=[None]), Code.WRONG_SHAPE, "nodes[0]: must be an object, not null"),
        (text_of(links=[LINK, 3]), Code.WRONG_SHAPE, "links[1]: must be an object, not the number 3"),
        (
            text_of(weft=2),
            Code.WRONG_SHAPE,
            "weft: must be the number of a format that this program reads, 1 to 1",
        ),
        (text_of(extra=1), Code.WRONG_SHAPE, "extra: is no field of the format"),
        (
            text_of(nodes=[NODE, NODE | {"id": "b"}, NODE | {"id": "c", "label": "x" * 101}]),
            Code.WRONG_SHAPE,
            "nodes[2].label: must be a text of 1 to 100 characters, not a text of 101 characters",
        ),
        (
            text_of(nodes=[NODE | {"label": 5}]),
            Code.WRONG_SHAPE,
            "nodes[0].label: must be a text of 1 to 100 characters, not the number 5",
        ),
        (
            text_of(nodes=[NODE | {"input_default": None}]),
            Code.WRONG_SHAPE,
            "nodes[0].input_default: must be an object, not null",
        ),
        (text_of(nodes=[{"id": "a", "label": "A"}]), Code.WRONG_SHAPE, "nodes[0].block_id: is missing"),
        (
            text_of(nodes=[NODE | {"policy": {"attempts": 0}}]),
            Code.WRONG_SHAPE,
            "nodes[0].policy.attempts: must be a whole number from 1 to 100, not the number 0",
        ),
        (
            text_of(links=[LINK | {"is_static": "yes"}]),
            Code.WRONG_SHAPE,
            "links[0].is_static: must be true or false, not a text of 3 characters",
        ),
        (
            text_of(links=[LINK | {"source_name": None}]),
            Code.WRONG_SHAPE,
            "links[0].source_name: must be a pin's name, a text of 1 to 500 characters, not null",
        ),
        (
            text_of(links=[LINK | {"sink_name": "é" * 501}]),
            Code.WRONG_SHAPE,
            "links[0].sink_name: must be a pin's name, a text of 1 to 500 characters, not a text of 501 characters",
        ),
        (
            text_of(links=[LINK | {"sink_name": "漢" * 400}]),
            Code.WRONG_SHAPE,
            "links[0].sink_name: must be at most 1000 bytes of UTF-8",
        ),
        (
            text_of(description="x" * 501),
            Code.WRONG_SHAPE,
            "description: must be a text of at most 500 characters, not a text of 501 characters",
        ),
        (
            text_of(nodes=[NODE | {"metadata": {"position": {"x": 1}}}]),
            Code.WRONG_SHAPE,
            'nodes[0].metadata.position: must be an object of two numbers, {"x": 0, "y": 0}',
        ),
        (
            text_of(nodes=[NODE | {"metadata": {"position": None}}]),
            Code.WRONG_SHAPE,
            'nodes[0].metadata.position: must be an object of two numbers, {"x": 0, "y": 0}',
        ),
        (
            text_of(nodes=[NODE, NODE]),
            Code.DUPLICATE_NODE_ID,
            "nodes[1].id: is 'a', as nodes[0].id is; an id stands once",
        ),
        (
            text_of(links=[LINK, LINK]),
            Code.DUPLICATE_LINK_ID,
            "links[1].id: is 'l', as links[0].id is; an id stands once",
        ),
        (
            '{"name": "g", "nodes": [{"id": "a", "id": "b"}]}',
            Code.DUPLICATE_KEY,
            "nodes[0].id: stands twice in its object",
        ),
        (
            text_of(nodes=[NODE | {"input_default": {"the text": ["a\0b"]}}]),
            Code.BAD_TEXT,
            'nodes[0].input_default["the text"][0]: holds a NUL character, which no text may',
        ),
        ('{"name": "\\ud800"}', Code.BAD_TEXT, "name: holds a lone surrogate \\ud800, which no text may"),
        ('{"name": "g", "\\udfff": 1}', Code.BAD_TEXT, "holds a lone surrogate \\udfff, which no text may"),
        ('{"name": "g", "nodes": NaN}', Code.BAD_NUMBER, "nodes: must be a finite number"),
        ('{"name": "g", "nodes": [-1e999]}', Code.BAD_NUMBER, "nodes[0]: must be a finite number"),
        (
            '{"name": "g", "nodes": [9223372036854775808]}',
            Code.BAD_NUMBER,
            "nodes[0]: must be a whole number of at most 64 bits",
        ),
        ('{"name": ' + "7" * 5000 + "}", Code.BAD_NUMBER, "a number has thousands of digits"),
        ("[" * 100_000, Code.TOO_DEEP, "nested more than 100 deep at character 100"),
        (
            '{"a":' * 100_000 + "1" + "}" * 100_000,
            Code.TOO_DEEP,
            "nested more than 100 deep at character 500",
        ),
    ],
)
def test_what_is_no_graph_is_refused_in_one_sentence_with_its_place(text: str, code: Code, message: str) -> None:
    found = fault(text)

    assert found.issues[0].code is code
    assert found.message == message
    assert isinstance(found, InvalidInput)


def test_the_name_of_the_file_stands_before_the_place_in_it() -> None:
    assert fault(text_of(nodes=None), place="agent.json").message == "agent.json: nodes: must be a list"


def test_bytes_that_are_not_utf_8_are_refused_with_their_place() -> None:
    assert fault(b'{"name": "\xff"}').message == "byte 10 is not UTF-8 text"


def test_a_byte_order_mark_is_passed_over() -> None:
    assert parse_document(b"\xef\xbb\xbf" + text_of().encode()) == GraphContent(name="g")


def test_brackets_inside_texts_are_no_nesting() -> None:
    name = '\\"' + "[{" * 40

    assert parse_document(json.dumps({"name": name})).name == name


def test_an_endless_text_of_escapes_is_scanned_once() -> None:
    assert fault('{"name": ' + '"\\' * 500_000).issues[0].code is Code.NOT_JSON


def test_a_document_above_the_limit_is_refused_before_it_is_parsed() -> None:
    limits = GraphLimits(document_bytes=10)

    found = fault(b"x" * 11, limits=limits, place="big.json")

    assert found.message == "big.json: the document is larger than 10 bytes"


def test_a_stream_is_read_no_further_than_the_limit() -> None:
    stream = io.BytesIO(b"x" * 1000)

    with pytest.raises(DocumentInvalid, match="big: the document is larger than 10 bytes"):
        read_limited(stream, place="big", limits=GraphLimits(document_bytes=10))

    assert stream.tell() == 11


def test_a_stream_of_exactly_the_limit_is_read() -> None:
    assert read_limited(io.BytesIO(b"12345"), place="", limits=GraphLimits(document_bytes=5)) == b"12345"


def test_content_made_in_the_program_is_checked_like_a_file() -> None:
    with pytest.raises(DocumentInvalid, match=re.escape("nodes[0].input_default.text: holds a NUL")):
        check_content(graph(node("a", "upper", text="\0")))
    with pytest.raises(DocumentInvalid, match=re.escape("nodes[0].metadata.position: must be")):
        check_content(graph(Node(id="a", block_id="b", label="c", metadata={"position": 3})))


@pytest.mark.parametrize(
    "position", [{"x": True, "y": 1}, {"x": "1", "y": 1}, {"x": 1, "y": 1, "z": 1}, {"x": 1}, [1, 1]]
)
def test_a_position_is_two_numbers_and_nothing_else(position: Any) -> None:
    assert parse_document(text_of(nodes=[NODE | {"metadata": {"position": {"x": -1, "y": 0.5}}}])).nodes
    found = fault(text_of(nodes=[NODE | {"metadata": {"position": position}}]))

    assert found.issues[0].path == "nodes[0].metadata.position"


def test_plain_data_is_taken_like_its_text() -> None:
    document = to_document(sound_graph())

    assert content_from(document) == sound_graph()
    with pytest.raises(DocumentInvalid, match="the body: name: is missing"):
        content_from({}, place="the body")


def test_values_keep_their_kind_and_objects_their_keys() -> None:
    values = {"z": 1, "a": [1.0, -0.0, True, None, "\u2028é"], "": {}, "float": 1e300, "int": 2**63 - 1}
    before = graph(node("n", "upper", **values))

    after = parse_document(to_bytes(before)).nodes[0].input_default

    assert json.dumps(after, sort_keys=True) == json.dumps(values, sort_keys=True)


def test_the_hash_tells_contents_apart_and_nothing_else() -> None:
    changed = sound_graph().model_copy(update={"name": "other"})

    assert content_hash(sound_graph()) == content_hash(parse_document(to_bytes(sound_graph())))
    assert content_hash(changed) != content_hash(sound_graph())


def test_names_of_the_format_are_the_only_ones() -> None:
    document = to_document(sound_graph())

    assert set(document) == {"name", "description", "nodes", "links"}
    with pytest.raises(ValidationError):
        GraphContent.model_validate(document | {"user_id": "somebody"})


@given(graphs())
def test_a_file_survives_every_trip_byte_for_byte(content: GraphContent) -> None:
    data = to_bytes(content)

    again = parse_document(data)

    assert to_bytes(again) == data
    assert again == content


def test_a_link_of_a_part_of_a_value_is_kept_as_written() -> None:
    content = graph(node("a", "fetch"), node("b", "form"), link("a.person", "b.values"))
    tricky = content.model_copy(
        update={"links": (content.links[0].model_copy(update={"sink_name": 'values["Published URL"]'}),)}
    )

    assert parse_document(to_bytes(tricky)).links[0].sink_name == 'values["Published URL"]'
