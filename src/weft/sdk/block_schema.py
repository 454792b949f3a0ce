"""What the editor gets to know about a block: schemas, form, examples, and its line in the list."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from weft.sdk.block import Block
from weft.sdk.example import Example
from weft.sdk.json_schema import model_schema
from weft.sdk.schema import Schema
from weft.sdk.spec import ui_schema

_ZERO: Mapping[str, Any] = {
    "string": "",
    "integer": 0,
    "number": 0,
    "boolean": False,
    "array": [],
    "object": {},
    "null": None,
}


@dataclass(frozen=True, slots=True)
class BlockSchema:
    """The shape of a block's input and output, its form and its examples, as plain JSON.

    Attributes:
        input_schema: JSON schema, complete in itself.
        output_schema: JSON schema; a firing may emit any part of it.
        ui_schema: Form hints by input; only inputs that have some.
        examples: Each with `title`, `input` and `emits`.
    """

    block_id: str
    input_schema: dict[str, Any]
    output_schema: dict[str, Any]
    ui_schema: dict[str, Any]
    examples: list[dict[str, Any]]
    input_model: type[Schema] = field(repr=False, compare=False)
    block: type[Block] = field(repr=False, compare=False)

    @classmethod
    def of(cls, block: Block | type[Block]) -> "BlockSchema":
        """Return the schema of `block`."""
        kind = block if isinstance(block, type) else type(block)
        return cls(
            block_id=kind.id,
            input_schema=model_schema(kind.Input, "validation"),
            output_schema=model_schema(kind.Output, "serialization"),
            ui_schema=dict(ui_schema(kind.spec.inputs)),
            examples=[_example(kind, example) for example in kind.examples],
            input_model=kind.Input,
            block=kind,
        )

    def validate_input(self, data: Mapping[str, Any]) -> bool:
        """Return whether the block would take this input."""
        try:
            self.input_model.model_validate(dict(data))
        except ValidationError:
            return False
        return True

    def validate_output(self, data: Mapping[str, Any]) -> bool:
        """Return whether each value may be emitted on the pin it stands under; not all pins need one."""
        pins = self.block.spec.outputs
        try:
            for name, value in data.items():
                if name not in pins:
                    return False
                pins[name].adapter.validate_python(value)
        except ValidationError:
            return False
        return True

    def generate_example(self) -> dict[str, Any]:
        """Return an input to begin with: that of the first example, else defaults and empty values.

        Without an example it may need filling in before the block takes it, e.g. where a pattern is asked.
        """
        if self.block.examples:
            return self.block.examples[0].data
        properties: Mapping[str, Any] = self.input_schema.get("properties", {})
        return {name: _sample(schema) for name, schema in properties.items()}


def describe(block: Block | type[Block]) -> dict[str, Any]:
    """Return the line of a block in a list, as plain JSON."""
    spec = block.spec
    schema = BlockSchema.of(block)
    return {
        "id": spec.id,
        "name": spec.name,
        "description": spec.description,
        "type": spec.block_type.value,
        "categories": [category.value for category in spec.categories],
        "effect": spec.effect.value,
        "input_schema": schema.input_schema,
        "output_schema": schema.output_schema,
        "costs": [cost.model_dump(mode="json") for cost in block.costs],
    }


def _example(block: type[Block], example: Example) -> dict[str, Any]:
    pins = block.spec.outputs
    emits = [[pin, pins[pin].adapter.dump_python(value, mode="json", warnings=False)] for pin, value in example.emits]
    return {"title": example.title, "input": example.data, "emits": emits}


def _sample(schema: Mapping[str, Any]) -> Any:
    for key in ("default", "const"):
        if key in schema:
            return schema[key]
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if schema.get(key):
            return _sample(schema[key][0])
    kind = schema.get("type")
    if kind == "object":
        return {name: _sample(inner) for name, inner in schema.get("properties", {}).items()}
    if kind in {"integer", "number"}:
        return schema.get("minimum", 0)
    return [] if kind == "array" else _ZERO.get(str(kind))
