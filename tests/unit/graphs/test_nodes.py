import pytest

from tests.unit.graphs.toy_blocks import CATALOG, link, node
from weft.errors import InvalidInput
from weft.graphs.nodes import (
    get_input_port_type,
    get_input_value,
    get_output_port_type,
    get_output_schema,
    get_required_inputs,
    has_input_port,
    has_output_port,
    read_position,
    set_input_value,
    validate_connection,
    validate_inputs,
    write_position,
)
from weft.graphs.types import Node, Position


def test_a_node_without_place_has_none() -> None:
    assert read_position(node("a", "upper")) is None
    assert read_position(Node(id="a", block_id="b", label="c", metadata={"position": {"x": 1}})) is None


def test_a_place_is_merged_into_what_is_stored() -> None:
    placed = Node(id="a", block_id="b", label="c", metadata={"colour": "red", "position": {"x": 1, "y": 2, "z": 3}})

    moved = write_position(placed, y=7.5)

    assert read_position(write_position(node("a", "upper"), x=4)) == Position(x=4, y=0)
    assert moved.metadata == {"colour": "red", "position": {"x": 1, "y": 7.5, "z": 3}}
    assert placed.metadata["position"]["y"] == 2


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), float("-inf")])
def test_a_place_is_finite(wrong: float) -> None:
    with pytest.raises(InvalidInput, match="two finite numbers"):
        write_position(node("a", "upper"), x=wrong)


def test_values_are_read_and_changed_in_a_copy() -> None:
    before = node("a", "upper", text="one")

    after = set_input_value(before, "text", "two")

    assert get_input_value(before, "text") == "one"
    assert get_input_value(after, "text") == "two"
    assert get_input_value(after, "locale") is None
    assert get_input_value(after, "locale", "en") == "en"


def test_ports_are_those_of_the_block_and_an_unknown_block_has_none() -> None:
    fetch, unknown = node("f", "fetch"), node("x", "missing")

    assert has_input_port(fetch, CATALOG, "query")
    assert not has_input_port(fetch, CATALOG, "person")
    assert has_output_port(fetch, CATALOG, "person.name")
    assert not has_output_port(fetch, CATALOG, "person.")
    assert not has_output_port(unknown, CATALOG, "person")
    assert get_output_port_type(fetch, CATALOG, "person.name") is not None
    assert get_input_port_type(unknown, CATALOG, "query") is None


def test_a_connection_needs_both_ports_and_types_that_go_together() -> None:
    fetch, add = node("f", "fetch"), node("s", "add")

    assert validate_connection(link("f.found", "s.a"), fetch, add, CATALOG)
    assert not validate_connection(link("f.nope", "s.a"), fetch, add, CATALOG)
    assert not validate_connection(link("f.found", "s.nope"), fetch, add, CATALOG)
    assert not validate_connection(link("f.person", "s.a"), fetch, add, CATALOG)


def test_inputs_are_the_node_s_own_values_under_those_given() -> None:
    add = node("s", "add", a=1, b="nothing")

    assert validate_inputs(add, CATALOG, {"b": 2})
    assert not validate_inputs(add, CATALOG, {})
    assert not validate_inputs(add, CATALOG, {"b": 2, "c": 3})
    assert not validate_inputs(node("x", "missing"), CATALOG, {})


def test_required_inputs_are_those_without_a_value_of_the_node() -> None:
    assert get_required_inputs(node("s", "add"), CATALOG) == ["a"]
    assert get_required_inputs(node("s", "add", a=0), CATALOG) == []
    assert get_required_inputs(node("x", "missing"), CATALOG) == []


def test_the_output_schema_is_the_block_s() -> None:
    assert get_output_schema(node("s", "add"), CATALOG)["properties"]["sum"]["type"] == "number"
    assert get_output_schema(node("x", "missing"), CATALOG) == {}
