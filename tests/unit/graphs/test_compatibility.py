from typing import Any

import pytest

from tests.unit.graphs.toy_blocks import Add, Fetch, Form
from weft.errors import InvalidInput
from weft.graphs.compatibility import Match, match_types, port_type
from weft.graphs.schemas import describe, schema_at

STRING, NUMBER, INTEGER = {"type": "string"}, {"type": "number"}, {"type": "integer"}
BOOLEAN, ARRAY, OBJECT = {"type": "boolean"}, {"type": "array"}, {"type": "object"}
NULL: dict[str, Any] = {"type": "null"}


def optional(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, NULL]}


def array(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


@pytest.mark.parametrize(
    ("source", "sink", "expected"),
    [
        (STRING, STRING, Match.SAME),
        ({}, INTEGER, Match.SAME),
        (OBJECT, {}, Match.SAME),
        (INTEGER, NUMBER, Match.SAME),
        (NUMBER, INTEGER, Match.CONVERTIBLE),
        (NUMBER, STRING, Match.CONVERTIBLE),
        (STRING, NUMBER, Match.CONVERTIBLE),
        (BOOLEAN, STRING, Match.CONVERTIBLE),
        (STRING, BOOLEAN, Match.CONVERTIBLE),
        (BOOLEAN, INTEGER, Match.CONVERTIBLE),
        (INTEGER, BOOLEAN, Match.CONVERTIBLE),
        (OBJECT, STRING, Match.CONVERTIBLE),
        (STRING, OBJECT, Match.CONVERTIBLE),
        (NUMBER, ARRAY, Match.CONVERTIBLE),
        (ARRAY, NUMBER, Match.INCOMPATIBLE),
        (ARRAY, OBJECT, Match.INCOMPATIBLE),
        (OBJECT, NUMBER, Match.INCOMPATIBLE),
        (NUMBER, OBJECT, Match.INCOMPATIBLE),
        (BOOLEAN, OBJECT, Match.INCOMPATIBLE),
        (NULL, STRING, Match.INCOMPATIBLE),
        (optional(STRING), STRING, Match.SAME),
        (STRING, optional(STRING), Match.SAME),
        (NULL, optional(STRING), Match.SAME),
        (optional(OBJECT), NUMBER, Match.INCOMPATIBLE),
        (optional(OBJECT), optional(INTEGER), Match.INCOMPATIBLE),
        ({"anyOf": [OBJECT, INTEGER]}, NUMBER, Match.SAME),
        (INTEGER, {"oneOf": [OBJECT, NUMBER]}, Match.SAME),
        ({"type": ["string", "null"]}, STRING, Match.SAME),
        (array(STRING), array(STRING), Match.SAME),
        (array(INTEGER), array(STRING), Match.CONVERTIBLE),
        (array(OBJECT), array(INTEGER), Match.INCOMPATIBLE),
        (ARRAY, array(INTEGER), Match.SAME),
        ({"enum": ["a", "b"]}, {"enum": ["b", "c"]}, Match.SAME),
        ({"enum": ["a"]}, {"enum": ["b"]}, Match.INCOMPATIBLE),
        ({"const": "a"}, {"const": "a"}, Match.SAME),
        (STRING, {"enum": ["b"]}, Match.SAME),
        ({"const": 1}, OBJECT, Match.INCOMPATIBLE),
    ],
)
def test_which_types_go_together(source: dict[str, Any], sink: dict[str, Any], expected: Match) -> None:
    assert match_types(source, sink) is expected


def test_objects_are_judged_by_the_keys_they_share_and_need() -> None:
    person = {"type": "object", "properties": {"name": STRING, "age": OBJECT}, "additionalProperties": False}
    named = {"type": "object", "properties": {"name": STRING}, "required": ["name"]}
    aged = {"type": "object", "properties": {"age": INTEGER}}
    mailed = {"type": "object", "properties": {"mail": STRING}, "required": ["mail"]}

    assert match_types(person, named) is Match.SAME
    assert match_types(person, aged) is Match.INCOMPATIBLE
    assert match_types(person, mailed) is Match.INCOMPATIBLE
    assert match_types(OBJECT, mailed) is Match.SAME


def test_the_type_of_a_port_is_that_of_the_part_it_names() -> None:
    assert port_type(Add.spec, "input", "a") is Add.spec.inputs["a"].schema
    assert port_type(Fetch.spec, "output", "person.tags[0]") == {"type": "string"}
    assert port_type(Fetch.spec, "output", "person.gone") is None
    assert port_type(Form.spec, "input", 'values["any key"]') == {"type": "string"}
    assert port_type(Add.spec, "output", "a") is None
    with pytest.raises(InvalidInput):
        port_type(Add.spec, "input", "a.")


def test_parts_are_found_in_lists_objects_and_unions() -> None:
    pair = {"type": "array", "prefixItems": [STRING, INTEGER], "items": False}
    strict = {"type": "object", "properties": {"a": STRING}, "additionalProperties": False}

    assert schema_at(pair, (1,)) == INTEGER
    assert schema_at(pair, (2,)) is None
    assert schema_at(strict, ("a",)) == STRING
    assert schema_at(strict, ("b",)) is None
    assert schema_at(OBJECT, ("b", 3, "c")) == {}
    assert schema_at({"anyOf": [strict, pair, NULL]}, (0,)) == STRING
    assert schema_at({"type": "object", "additionalProperties": INTEGER}, ("x",)) == INTEGER
    assert schema_at({}, ("x", 1)) == {}


def test_a_number_reads_a_key_of_an_object_and_writes_only_into_lists() -> None:
    assert schema_at(OBJECT, (0,)) == {}
    assert schema_at(OBJECT, (0,), for_writing=True) is None


def test_schemas_are_told_in_words() -> None:
    assert describe({}) == "any value"
    assert describe(optional(INTEGER)) == "a whole number or null"
    assert describe({"enum": ["a", "b"]}) == "one of 'a', 'b'"
    assert describe({"const": 1}) == "1"


def test_a_schema_of_endless_unions_ends() -> None:
    endless: dict[str, Any] = {"anyOf": []}
    endless["anyOf"].append(endless)

    assert match_types(endless, INTEGER) is Match.SAME
