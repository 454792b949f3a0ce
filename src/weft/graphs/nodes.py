"""What one node says and needs: its place, its values, its pins."""

from collections.abc import Mapping
from typing import Any, Literal

import orjson
from pydantic import ValidationError

from weft.errors import InvalidInput
from weft.graphs.compatibility import Match, match_types, port_type
from weft.graphs.schemas import Schema
from weft.graphs.types import Link, Node, Position
from weft.sdk.catalog import Catalog
from weft.sdk.json_schema import model_schema
from weft.sdk.spec import BlockSpec

_POSITION = "position"


def read_position(node: Node) -> Position | None:
    """Return where the node stands on the canvas; None if it has no place yet."""
    try:
        return Position.model_validate(node.metadata.get(_POSITION))
    except ValidationError:
        return None


def write_position(node: Node, *, x: float | None = None, y: float | None = None) -> Node:
    """Return the node at another place; a coordinate left out stays as it was, or 0 if there was none.

    Other keys of the stored position, and all other metadata, are kept.

    Raises:
        InvalidInput: A coordinate is not a finite number.
    """
    stored = node.metadata.get(_POSITION)
    before = stored if isinstance(stored, dict) else {}
    changes = {key: value for key, value in (("x", x), ("y", y)) if value is not None}
    merged = {"x": 0.0, "y": 0.0} | before | changes
    try:
        Position(x=merged["x"], y=merged["y"])
    except ValidationError:
        raise InvalidInput(f"node {node.label!r}: the position must be two finite numbers") from None
    return node.model_copy(update={"metadata": {**node.metadata, _POSITION: merged}})


def get_input_value(node: Node, input_name: str, default: Any = None) -> Any:
    """Return the value that the node itself gives to an input pin."""
    return node.input_default.get(input_name, default)


def set_input_value(node: Node, input_name: str, value: Any) -> Node:
    """Return the node with another value for an input pin; nothing is checked."""
    return node.model_copy(update={"input_default": {**node.input_default, input_name: value}})


def has_input_port(node: Node, catalog: Catalog, port_name: str) -> bool:
    """Whether the node's block is known and has such an input pin, or such a part of one."""
    return get_input_port_type(node, catalog, port_name) is not None


def has_output_port(node: Node, catalog: Catalog, port_name: str) -> bool:
    """Whether the node's block is known and has such an output pin, or such a part of one."""
    return get_output_port_type(node, catalog, port_name) is not None


def get_input_port_type(node: Node, catalog: Catalog, port_name: str) -> Schema | None:
    """Return the JSON schema of an input pin or of a part of it; None if there is none."""
    return _port(node, catalog, "input", port_name)


def get_output_port_type(node: Node, catalog: Catalog, port_name: str) -> Schema | None:
    """Return the JSON schema of an output pin or of a part of it; None if there is none."""
    return _port(node, catalog, "output", port_name)


def _port(node: Node, catalog: Catalog, side: Literal["input", "output"], name: str) -> Schema | None:
    spec = _spec(node, catalog)
    if spec is None:
        return None
    try:
        return port_type(spec, side, name)
    except InvalidInput:
        return None


def validate_connection(link: Link, source: Node, sink: Node, catalog: Catalog) -> bool:
    """Whether both pins of the link exist and a value of the one goes into the other."""
    given = get_output_port_type(source, catalog, link.source_name)
    taken = get_input_port_type(sink, catalog, link.sink_name)
    return given is not None and taken is not None and match_types(given, taken) is not Match.INCOMPATIBLE


def validate_inputs(node: Node, catalog: Catalog, inputs: Mapping[str, Any]) -> bool:
    """Whether the node's own values, with `inputs` laid over them, are an input of its block."""
    spec = _spec(node, catalog)
    if spec is None:
        return False
    try:
        spec.input_model.model_validate_json(orjson.dumps({**node.input_default, **inputs}))
    except (ValidationError, TypeError):
        return False
    return True


def get_required_inputs(node: Node, catalog: Catalog) -> list[str]:
    """Return the pins that must get a value from elsewhere, in the block's order."""
    spec = _spec(node, catalog)
    if spec is None:
        return []
    return [pin.name for pin in spec.inputs.values() if pin.required and pin.name not in node.input_default]


def get_output_schema(node: Node, catalog: Catalog) -> dict[str, Any]:
    """Return the JSON schema of what the block emits, one property for each pin; {} for an unknown block."""
    spec = _spec(node, catalog)
    return {} if spec is None else model_schema(spec.output_model, "serialization")


def _spec(node: Node, catalog: Catalog) -> BlockSpec | None:
    block = catalog.get(node.block_id)
    return None if block is None else block.spec
