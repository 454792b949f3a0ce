"""Checks of nodes one by one: block, name in the graph's interface, values of pins."""

from collections.abc import Iterator

import orjson
from pydantic import ValidationError

from weft.graphs.conversion import check_default
from weft.graphs.indexed import IndexedGraph
from weft.graphs.issues import Code, Issue, Level
from weft.graphs.json_text import format_steps
from weft.graphs.schemas import allows_kind, describe, kind_of
from weft.graphs.types import Node
from weft.sdk.kinds import BlockType
from weft.sdk.spec import BlockSpec, InputPin

INTERFACE = (BlockType.INPUT, BlockType.OUTPUT)
NAME_PIN = "name"
"""The pin under which inputs and outputs of a graph say what they are called."""


def check_blocks(graph: IndexedGraph) -> Iterator[Issue]:
    """Yield an issue for each node whose block is not installed."""
    for node in graph.nodes.values():
        if node.id not in graph.specs:
            message = f"node {graph.name(node.id)}: there is no block {node.block_id!r}"
            path = graph.node_path(node.id, "block_id")
            yield Issue(Code.UNKNOWN_BLOCK, Level.BLOCKS_RUN, message, node_id=node.id, path=path)


def check_interface(graph: IndexedGraph) -> Iterator[Issue]:
    """Yield inputs and outputs of the graph without a name, and names that stand twice."""
    named: dict[tuple[BlockType, str], str] = {}
    for node in graph.nodes.values():
        spec = graph.specs.get(node.id)
        if spec is None or spec.block_type not in INTERFACE or NAME_PIN not in spec.inputs:
            continue
        name = interface_name(node)
        if name is None:
            message = f"{spec.block_type} {graph.name(node.id)} has no name; set its pin {NAME_PIN!r} to a text"
            path = graph.node_path(node.id, "input_default", NAME_PIN)
            yield Issue(
                Code.INTERFACE_NAME_MISSING,
                Level.BLOCKS_RUN,
                message,
                node_id=node.id,
                pin=NAME_PIN,
                path=path,
            )
            continue
        other = named.setdefault((spec.block_type, name), node.id)
        if other != node.id:
            yield _repeated_name(graph, node, spec, other=other)


def interface_name(node: Node) -> str | None:
    """Return the name of an input or output of the graph; None if it is missing, empty or no text."""
    name = node.input_default.get(NAME_PIN)
    return name if isinstance(name, str) and name.strip() else None


def _repeated_name(graph: IndexedGraph, node: Node, spec: BlockSpec, *, other: str) -> Issue:
    is_input = spec.block_type is BlockType.INPUT
    names = graph.names((other, node.id))
    message = f"{names} are both {spec.block_type}s named {interface_name(node)!r}"
    return Issue(
        Code.DUPLICATE_INPUT_NAME if is_input else Code.DUPLICATE_OUTPUT_NAME,
        Level.BLOCKS_RUN if is_input else Level.WARNING,
        message if is_input else f"{message}; the values of both come under one name",
        node_id=node.id,
        pin=NAME_PIN,
        path=graph.node_path(node.id, "input_default", NAME_PIN),
    )


def check_defaults(graph: IndexedGraph) -> Iterator[Issue]:
    """Yield defaults for pins that the block does not have, and defaults that their pin does not take."""
    for node_id, spec in graph.specs.items():
        node = graph.nodes[node_id]
        for name, value in node.input_default.items():
            pin = spec.inputs.get(name)
            if pin is None:
                known = ", ".join(spec.inputs) or "none"
                clause = f"there is no input pin {name!r}; there are: {known}"
                yield _default_issue(graph, Code.UNKNOWN_INPUT_DEFAULT, node_id, name, clause)
            # A pin that links fill in part holds only the rest of its value here.
            elif name not in graph.linked_pins[node_id] and (fault := fault_of_default(value, pin)):
                yield _default_issue(graph, Code.WRONG_INPUT_TYPE, node_id, name, f"input {name!r} {fault}")


def _default_issue(graph: IndexedGraph, code: Code, node_id: str, pin: str, clause: str) -> Issue:
    message = f"node {graph.name(node_id)}: {clause}"
    path = graph.node_path(node_id, "input_default", pin)
    return Issue(code, Level.BLOCKS_RUN, message, node_id=node_id, pin=pin, path=path)


def fault_of_default(value: object, pin: InputPin) -> str | None:
    """Return why a pin does not take a node's own value, converted where the engine converts it; None if it takes it."""
    try:
        check_default(value, pin)
    except ValidationError as error:
        return _fault(error, value, pin)
    return None


def fault_of_value(value: object, pin: InputPin) -> str | None:
    """Return why a pin does not take a plain JSON value as it is, as a clause; None if it takes it."""
    try:
        pin.adapter.validate_json(orjson.dumps(value))
    except ValidationError as error:
        return _fault(error, value, pin)
    return None


def _fault(error: ValidationError, value: object, pin: InputPin) -> str:
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    if not allows_kind(pin.schema, value):
        return f"must be {describe(pin.schema)}, not {kind_of(value)}"
    place = format_steps(fault["loc"])
    return f"is wrong at {place}: {fault['msg']}" if place else f"is wrong: {fault['msg']}"


def check_required(graph: IndexedGraph) -> Iterator[Issue]:
    """Yield an issue for each pin that must have a value and gets none from a link or a default."""
    for node_id, spec in graph.specs.items():
        if not spec.runs:
            continue
        for pin in missing_inputs(graph, node_id, spec):
            message = f"node {graph.name(node_id)}: input {pin!r} needs a value or a link"
            path = graph.node_path(node_id, "input_default", pin)
            yield Issue(Code.MISSING_REQUIRED_INPUT, Level.BLOCKS_RUN, message, node_id=node_id, pin=pin, path=path)


def check_credentials(graph: IndexedGraph) -> Iterator[Issue]:
    """Yield an issue for each provider whose credential a node needs; none can be given to nodes yet."""
    for node_id, spec in graph.specs.items():
        needed = [need.provider for need in spec.credentials.values() if not need.optional]
        for provider in dict.fromkeys(needed):
            message = f"node {graph.name(node_id)}: it needs a credential of {provider!r}, and has none"
            path = graph.node_path(node_id)
            yield Issue(Code.MISSING_CREDENTIAL, Level.BLOCKS_RUN, message, node_id=node_id, path=path)


def missing_inputs(graph: IndexedGraph, node_id: str, spec: BlockSpec) -> list[str]:
    """Return the required pins without value; a missing name of an interface node is told elsewhere."""
    named = spec.block_type in INTERFACE
    return [
        pin.name
        for pin in spec.inputs.values()
        if pin.required and not graph.is_satisfied(node_id, pin.name) and not (named and pin.name == NAME_PIN)
    ]
