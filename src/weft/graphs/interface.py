"""What a graph asks of whoever starts it, and what it shows them: its INPUT and OUTPUT nodes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from weft.errors import InvalidInput
from weft.graphs.conversion import plain_default
from weft.graphs.errors import DocumentInvalid
from weft.graphs.indexed import IndexedGraph
from weft.graphs.issues import Code, Issue, Level
from weft.graphs.json_text import check_storable
from weft.graphs.node_checks import fault_of_default, fault_of_value, interface_name
from weft.graphs.schemas import Schema, allows_kind, branches, kind_of
from weft.graphs.types import GraphContent, Node
from weft.sdk.catalog import Catalog
from weft.sdk.kinds import BlockType
from weft.sdk.spec import BlockSpec, InputPin

_VALUE = "value"
_OPTIONS = "options"
_FORM_KEYS = frozenset({"title", "description", "default"})
_MOST_NAMED = 20
_LONGEST_SHOWN = 80


@dataclass(frozen=True, slots=True)
class GraphInput:
    """One value that a run may be given.

    Attributes:
        position: Place of the node in `content.nodes`; the order of inputs.
        schema: JSON schema of a value.
        required: There is no default, so a run must give it. A default of null makes an input optional.
        default: What is taken when a run gives nothing; None: the input then has no value at all.
        title: What a form shows; the name if the node says nothing.
        advanced: A form hides it behind "more".
        masked: A form shows dots, and lists and exports leave the value out.
    """

    name: str
    node_id: str
    position: int
    schema: Mapping[str, Any]
    required: bool
    default: Any
    title: str
    description: str
    advanced: bool
    masked: bool


@dataclass(frozen=True, slots=True)
class GraphOutput:
    """One name under which a run shows values, in the order of `content.nodes`."""

    name: str
    node_id: str
    position: int
    schema: Mapping[str, Any]
    title: str
    description: str


def graph_inputs(content: GraphContent, catalog: Catalog) -> list[GraphInput]:
    """Return the inputs in the order of their nodes; nodes without a name are left out."""
    return [_input(at, node, spec) for at, node, spec in _interface(content, catalog, BlockType.INPUT)]


def graph_outputs(content: GraphContent, catalog: Catalog) -> list[GraphOutput]:
    """Return the outputs in the order of their nodes; nodes without a name are left out."""
    return [
        GraphOutput(
            name=_name(node),
            node_id=node.id,
            position=at,
            schema=_bare(spec.inputs[_VALUE].schema if _VALUE in spec.inputs else {}),
            title=_text(node, spec, "title") or _name(node),
            description=_text(node, spec, "description"),
        )
        for at, node, spec in _interface(content, catalog, BlockType.OUTPUT)
    ]


def check_inputs(content: GraphContent, catalog: Catalog, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the value of each input by name: what was given, else its default, in the order of the nodes.

    A text that reads as what its input wants becomes that. An optional input without any value is None.

    Raises:
        InvalidInput: A value is missing, of the wrong type, or for an input that is not there; the message
            names the input.
    """
    pins = input_pins(content, catalog)
    known = ", ".join(pins) or "none"
    for name in given:
        if name not in pins:
            raise InvalidInput(f"the graph has no input {name!r}; it has: {known}", input=name)
    values: dict[str, Any] = {}
    for name, (wanted, pin) in pins.items():
        if name in given:
            fault = fault_of_given(given[name], wanted, pin)
            if fault is not None:
                raise InvalidInput(f"input {name!r} {fault}", input=name)
            values[name] = _as_wanted(given[name], wanted, pin)
        elif wanted.required:
            raise InvalidInput(f"input {name!r} is missing", input=name)
        else:
            values[name] = wanted.default
    return values


def input_pins(content: GraphContent, catalog: Catalog) -> dict[str, tuple[GraphInput, InputPin | None]]:
    """Return the inputs by name in the order of their nodes, each with its block's pin for the value, if it has one."""
    return {
        _name(node): (_input(at, node, spec), spec.inputs.get(_VALUE))
        for at, node, spec in _interface(content, catalog, BlockType.INPUT)
    }


def input_schema(content: GraphContent, catalog: Catalog) -> dict[str, Any]:
    """Return one JSON schema for all inputs together: an object with a property for each."""
    inputs = graph_inputs(content, catalog)
    return {
        "type": "object",
        "properties": {
            wanted.name: {
                **wanted.schema,
                "title": wanted.title,
                **({"description": wanted.description} if wanted.description else {}),
                **({} if wanted.default is None else {"default": wanted.default}),
            }
            for wanted in inputs
        },
        "required": [wanted.name for wanted in inputs if wanted.required],
        "additionalProperties": False,
    }


def check_options(graph: IndexedGraph) -> Iterator[Issue]:
    """Yield the inputs of the graph whose default is none of the options that they offer."""
    for node_id, spec in graph.specs.items():
        if spec.block_type is not BlockType.INPUT or not {_VALUE, _OPTIONS} <= spec.inputs.keys():
            continue
        node = graph.nodes[node_id]
        options, default = _options(node, spec), _own(node, spec, _VALUE)
        if not options or default is None or default in options:
            continue
        if any(fault_of_default(node.input_default[name], spec.inputs[name]) for name in (_VALUE, _OPTIONS)):
            continue  # told with the other defaults
        what = "the default" if _own(node, spec, "masked") is True else _shown(default)
        message = f"input {graph.name(node_id)}: {what} is none of its options: {_named(options)}"
        path = graph.node_path(node_id, "input_default", _VALUE)
        yield Issue(Code.NOT_AN_OPTION, Level.BLOCKS_RUN, message, node_id=node_id, pin=_VALUE, path=path)


def _interface(content: GraphContent, catalog: Catalog, kind: BlockType) -> Iterator[tuple[int, Node, BlockSpec]]:
    for at, node in enumerate(content.nodes):
        block = catalog.get(node.block_id)
        if block is not None and block.spec.block_type is kind and interface_name(node) is not None:
            yield at, node, block.spec


def _input(at: int, node: Node, spec: BlockSpec) -> GraphInput:
    pin = spec.inputs.get(_VALUE)
    given = _VALUE in node.input_default
    default = _own(node, spec, _VALUE) if given or pin is None else pin.default
    return GraphInput(
        name=_name(node),
        node_id=node.id,
        position=at,
        schema=_value_schema(node, spec),
        required=default is None and not given,
        default=default,
        title=_text(node, spec, "title") or _name(node),
        description=_text(node, spec, "description"),
        advanced=_own(node, spec, "advanced") is True,
        masked=_own(node, spec, "masked") is True,
    )


def _value_schema(node: Node, spec: BlockSpec) -> Schema:
    """Return the schema of a value that a run gives; null, the block's "nothing given", is none."""
    pin = spec.inputs.get(_VALUE)
    schema = _bare({} if pin is None else pin.schema)
    options = _options(node, spec)
    return {**schema, "enum": options} if options else schema


def _options(node: Node, spec: BlockSpec) -> list[Any]:
    """Return what can be chosen; empty if anything can."""
    options = _own(node, spec, _OPTIONS)
    return options if isinstance(options, list) else []


def _named(options: list[Any]) -> str:
    more = f" and {len(options) - _MOST_NAMED} more" if len(options) > _MOST_NAMED else ""
    return ", ".join(map(_shown, options[:_MOST_NAMED])) + more


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


def _bare(schema: Schema) -> Schema:
    rest = {key: value for key, value in schema.items() if key not in _FORM_KEYS}
    parts = [branch for branch in branches(rest) if branch.get("type") != "null"]
    if len(parts) == 1:
        return {key: value for key, value in parts[0].items() if key not in _FORM_KEYS}
    return rest


def fault_of_given(value: Any, wanted: GraphInput, pin: InputPin | None) -> str | None:
    """Return why an input does not take a value that a run gives, as a clause; None if it takes it."""
    try:
        check_storable(value)
    except DocumentInvalid as error:
        return error.message if not error.issues[0].path else f"is wrong at {error.message}"
    if value is None and wanted.schema:
        return f"must have a value, not {kind_of(value)}"
    fault = None if pin is None else fault_of_value(value, pin)
    allowed = wanted.schema.get("enum")
    if allowed is not None and (fault or _as_wanted(value, wanted, pin) not in allowed):
        return f"must be one of {_named(allowed)}"
    return fault


def _as_wanted(value: Any, wanted: GraphInput, pin: InputPin | None) -> Any:
    if pin is None or allows_kind(wanted.schema, value):
        return value
    return pin.adapter.dump_python(pin.adapter.validate_json(orjson.dumps(value)), mode="json")


def _name(node: Node) -> str:
    return interface_name(node) or ""


def _text(node: Node, spec: BlockSpec, name: str) -> str:
    value = _own(node, spec, name)
    return value if isinstance(value, str) else ""


def _own(node: Node, spec: BlockSpec, name: str) -> Any:
    """Return the node's own value for a pin, converted as the engine does it for nodes that fire; else None."""
    value, pin = node.input_default.get(name), spec.inputs.get(name)
    return value if value is None or pin is None else plain_default(value, pin)
