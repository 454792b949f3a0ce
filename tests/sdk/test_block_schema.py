"""What the editor gets: schemas complete in themselves, form hints, examples."""

import json
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from tests.sdk.toys import TOYS, Approve, Gather, OpenIssues, WordCount
from weft.sdk import Advanced, Block, Emissions, Placeholder, Schema, Secret
from weft.sdk.block_schema import BlockSchema, describe


class Address(BaseModel):
    city: str


class Person(BaseModel):
    address: Address
    friends: list["Person"] = []


class Shapes(Block, id="x.shapes"):
    """Take many shapes."""

    class Input(Schema):
        person: Person = Field(description="Somebody")
        kind: Literal["a", "b"] = Field(description="A closed list")
        number: int | None = Field(default=None, description="Maybe a number")
        size: int = Field(ge=3, description="At least three")
        flags: dict[str, bool] = Field(description="Some flags")
        words: Annotated[str, Secret(), Placeholder("say it")] = Field(description="Private words")
        rest: Annotated[list[Address], Advanced()] = Field(default_factory=list, description="More")
        raw: bytes = Field(default=b"", description="Bytes")

    class Output(Schema):
        raw: bytes = Field(description="Bytes")
        person: Person = Field(description="Somebody")

    async def run(self, input: Input) -> Emissions:
        yield "raw", input.raw


def test_pins_have_schemas_complete_in_themselves() -> None:
    pins = Shapes.spec.inputs

    assert "$ref" not in json.dumps(pins["rest"].schema)
    assert pins["rest"].schema["items"]["properties"]["city"]["type"] == "string"
    assert pins["rest"].schema["description"] == "More"


def test_types_that_hold_themselves_keep_their_definition() -> None:
    schema = Shapes.spec.inputs["person"].schema

    assert schema["properties"]["address"]["properties"]["city"]["type"] == "string"
    assert schema["properties"]["friends"]["items"] == {"$ref": "#/$defs/Person"}
    assert list(schema["$defs"]) == ["Person"]
    assert "#/$defs/Address" not in json.dumps(schema)


def test_bytes_are_base64_in_json() -> None:
    adapter = Shapes.spec.outputs["raw"].adapter

    assert adapter.dump_python(b"\xff\xfe", mode="json") == "__4="
    assert adapter.validate_json('"__4="') == b"\xff\xfe"


def test_a_pin_may_hold_a_model() -> None:
    value = Shapes.spec.outputs["person"].adapter.validate_python({"address": {"city": "Bern"}})

    assert value == Person(address=Address(city="Bern"))


def test_form_hints_come_from_marks() -> None:
    assert BlockSchema.of(Shapes).ui_schema == {
        "words": {"widget": "password", "secret": True, "placeholder": "say it"},
        "rest": {"advanced": True},
    }
    assert BlockSchema.of(WordCount).ui_schema == {"text": {"widget": "textarea", "rows": 3}}
    assert BlockSchema.of(OpenIssues()).ui_schema == {
        "state": {"widget": "suggest", "options": ["open", "closed"], "advanced": True}
    }


@pytest.mark.parametrize(
    ("data", "fits"), [({"text": "a"}, True), ({"text": 1}, False), ({}, False), ({"a": 1}, False)]
)
def test_inputs_are_validated(data: dict[str, Any], fits: bool) -> None:
    assert BlockSchema.of(WordCount).validate_input(data) is fits


@pytest.mark.parametrize(
    ("data", "fits"), [({}, True), ({"count": 1}, True), ({"count": "x"}, False), ({"words": 1}, False)]
)
def test_outputs_are_validated_in_part(data: dict[str, Any], fits: bool) -> None:
    assert BlockSchema.of(OpenIssues).validate_output(data) is fits


def test_examples_are_plain_json() -> None:
    schema = BlockSchema.of(Approve)

    assert json.loads(json.dumps(schema.examples)) == schema.examples
    assert schema.examples[0] == {
        "title": "",
        "input": {"value": [1, 2]},
        "emits": [["asked", [1, 2]], ["approved", [1, 2]]],
    }


def test_an_example_is_the_first_or_made_from_the_schema() -> None:
    assert BlockSchema.of(Gather).generate_example() == {"values": [1, "a"]}
    assert BlockSchema.of(Shapes).generate_example() == {
        "person": {"address": {"city": ""}, "friends": []},
        "kind": "a",
        "number": None,
        "size": 3,
        "flags": {},
        "words": "",
        "rest": [],
        "raw": "",
    }


@pytest.mark.parametrize("block", TOYS)
def test_the_list_of_blocks_is_plain_json(block: type[Block]) -> None:
    line = describe(block)

    assert json.loads(json.dumps(line)) == line
    assert list(line) == [
        "id",
        "name",
        "description",
        "type",
        "categories",
        "effect",
        "input_schema",
        "output_schema",
        "costs",
    ]
