from typing import Any

import pytest

from tests.unit.graphs.toy_blocks import CATALOG, graph, node, sound_graph
from weft.errors import InvalidInput
from weft.graphs.interface import check_inputs, graph_inputs, graph_outputs, input_schema

ASKING = graph(
    node("t", "text_input", name="topic", title="Topic", description="What about"),
    node("n", "number_input", name="count", value=3),
    node("c", "choice_input", name="tone", value="dry", options=["dry", "warm"]),
    node("nameless", "text_input"),
    node("o", "output", name="answer", title="Answer"),
)


def test_inputs_are_told_in_the_order_of_their_nodes() -> None:
    topic, count, tone = graph_inputs(ASKING, CATALOG)

    assert (topic.name, topic.node_id, topic.position, topic.required) == ("topic", "t", 0, True)
    assert (topic.title, topic.description, topic.schema) == ("Topic", "What about", {"type": "string"})
    assert (count.name, count.required, count.default, count.title) == ("count", False, 3, "count")
    assert count.schema == {"type": "integer"}
    assert tone.schema == {"type": "string", "enum": ["dry", "warm"]}


def test_outputs_are_told_too() -> None:
    (answer,) = graph_outputs(ASKING, CATALOG)

    assert (answer.name, answer.node_id, answer.position, answer.title) == ("answer", "o", 4, "Answer")


def test_what_is_not_given_takes_its_default() -> None:
    assert check_inputs(ASKING, CATALOG, {"topic": "tea"}) == {"topic": "tea", "count": 3, "tone": "dry"}


def test_what_is_given_wins() -> None:
    given = {"tone": "warm", "count": 7, "topic": ""}

    assert check_inputs(ASKING, CATALOG, given) == {"topic": "", "count": 7, "tone": "warm"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "input 'topic' is missing"),
        ({"topic": "x", "colour": 1}, "the graph has no input 'colour'; it has: topic, count, tone"),
        ({"topic": 5}, "input 'topic' must be a text or null, not a whole number"),
        ({"topic": None}, "input 'topic' must have a value, not null"),
        ({"topic": "x", "count": "many"}, "input 'count' must be a whole number or null, not a text"),
        ({"topic": "x", "count": 1.5}, "input 'count' must be a whole number or null, not a number"),
        ({"topic": "x", "tone": "rude"}, "input 'tone' must be one of 'dry', 'warm'"),
    ],
)
def test_a_wrong_input_is_named(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_inputs(ASKING, CATALOG, given)

    assert caught.value.message.startswith(message)
    assert caught.value.details["input"] in caught.value.message


def test_an_input_whose_value_is_null_may_stay_without_one() -> None:
    content = graph(node("t", "text_input", name="note", value=None))

    assert not graph_inputs(content, CATALOG)[0].required
    assert check_inputs(content, CATALOG, {}) == {"note": None}
    assert input_schema(content, CATALOG)["required"] == []


def test_a_text_becomes_the_number_that_its_input_wants() -> None:
    assert check_inputs(ASKING, CATALOG, {"topic": "", "count": "12"})["count"] == 12


@pytest.mark.parametrize("text", ["\ud800", "a\0"])
def test_a_value_that_cannot_be_stored_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="input 'topic' holds a"):
        check_inputs(ASKING, CATALOG, {"topic": text})


def test_a_graph_without_inputs_takes_none() -> None:
    assert check_inputs(graph(node("f", "fetch")), CATALOG, {}) == {}
    with pytest.raises(InvalidInput, match="it has: none"):
        check_inputs(graph(node("f", "fetch")), CATALOG, {"x": 1})


def test_all_inputs_together_are_one_schema() -> None:
    schema = input_schema(sound_graph(), CATALOG)

    assert schema == {
        "type": "object",
        "properties": {"question": {"type": "string", "title": "question"}},
        "required": ["question"],
        "additionalProperties": False,
    }
    assert input_schema(ASKING, CATALOG)["properties"]["count"]["default"] == 3
