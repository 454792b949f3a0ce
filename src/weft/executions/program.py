"""A saved version made ready to run: the plan for the planner, and per node what the runner needs.

Compiled once per version and shared by all its executions, so everything a firing would otherwise look up is here by
number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from weft.errors import InvalidInput
from weft.executions.emitted import Check, check_of
from weft.executions.errors import FiringFailed
from weft.executions.limits import Limits
from weft.executions.plan import compile_plan, find_order_dependent
from weft.executions.planning.facts import NodeFacts
from weft.executions.planning.model import Kind, Plan
from weft.executions.planning.refs import Collected, Inputs, emission_of, unpack, via_of
from weft.executions.values import decode
from weft.graphs.types import GraphContent, Link, Node, Policy
from weft.sdk import Block, BlockSpec, BlockType, Catalog, Effect
from weft.sdk.paths import MISSING, Path, PinPath, parse_pin, place, select


class Source(Protocol):
    """Where a firing's input comes from."""

    plan: Plan
    values: dict[int, bytes]

    def pin_of(self, key: int) -> int:
        """Return the output pin that an emission left by."""
        ...


@dataclass(frozen=True, slots=True)
class SlotBinding:
    """How one slot's reference becomes part of the input.

    `link_paths` is empty unless some link takes a part of its source's value.
    """

    slot: int
    pin: str
    path: Path
    collecting: bool
    link_paths: Mapping[int, PinPath]


@dataclass(frozen=True, slots=True)
class NodeProgram:
    """One node, ready to run.

    Attributes:
        direct: Pin names by slot where each slot is a whole pin and takes a whole value; else None.
        defaults: `input_default` as JSON, decoded anew for each firing when it holds containers.
        inline: Pure, and asks for nothing: runs inside the loop without a task of its own.
        blocking: Its block says that it holds up whoever runs it; a block host runs it.
        pins: By output pin's name, its number and its check (None where any JSON will do).
    """

    position: int
    node: Node
    block: Block
    effect: Effect
    inline: bool
    blocking: bool
    defaults: bytes
    plain_defaults: Mapping[str, Any] | None
    direct: tuple[str, ...] | None
    slots: tuple[SlotBinding, ...]
    pins: Mapping[str, tuple[int, Check | None]]
    error_pin: int
    attempts: int
    backoff_s: float
    timeout_s: float
    value_bytes: int
    parallel: int | None

    def named(self, message: str) -> str:
        """Return the message with the node's label in front."""
        return f"{self.node.label}: {message}"


@dataclass(frozen=True, slots=True)
class Program:
    """A version of a graph with its blocks, ready to run.

    Attributes:
        optional: Per node and output pin, (order of the route, path) of the links that deliver nothing where their
            path leads nowhere.
    """

    content: GraphContent
    plan: Plan
    nodes: tuple[NodeProgram | None, ...]
    optional: tuple[Mapping[int, tuple[tuple[int, Path], ...]], ...]

    def skipped_routes(self, node: int, pin: int, value: bytes) -> int:
        """Return a bit for each route of an emission that delivers nothing, because its optional path leads nowhere."""
        mask = 0
        for order, path in self.optional[node].get(pin, ()):
            if select(decode(value), path) is MISSING:
                mask |= 1 << order
        return mask

    def node(self, position: int) -> NodeProgram:
        """Return the node's program; INPUT nodes and notes have none, for they never fire."""
        program = self.nodes[position]
        assert program is not None, "only nodes that fire have a program"
        return program


def compile_program(content: GraphContent, catalog: Catalog, limits: Limits) -> Program:
    """Return the program of a graph.

    Raises:
        InvalidInput: A node names a block that is not there, or an input that cannot be read.
    """
    blocks = [_block(node, catalog) for node in content.nodes]
    plan = compile_plan(content, _facts(content, blocks))
    programs = tuple(_node_program(position, content, plan, block, limits) for position, block in enumerate(blocks))
    optional = tuple(_optional_routes(content, plan, at, block.spec) for at, block in enumerate(blocks))
    return Program(content, plan, programs, optional)


def order_dependent_pins(content: GraphContent, catalog: Catalog) -> list[tuple[str, str]]:
    """Return (node id, pin) of the inputs whose values depend on timing; empty for a deterministic graph.

    Raises:
        InvalidInput: A node names a block that is not there.
    """
    found = find_order_dependent(content, _facts(content, [_block(node, catalog) for node in content.nodes]))
    return [(content.nodes[name.node].id, name.pin) for name in found]


def _facts(content: GraphContent, blocks: Sequence[Block]) -> list[NodeFacts]:
    """Return the facts of all nodes; nodes of one block and order share theirs."""
    known: dict[tuple[str, bool | None], NodeFacts] = {}
    facts = []
    for node, block in zip(content.nodes, blocks, strict=True):
        kind = block.id, node.policy.ordered
        if kind not in known:
            known[kind] = node_facts(block.spec, node.policy)
        facts.append(known[kind])
    return facts


def node_facts(spec: BlockSpec, policy: Policy) -> NodeFacts:
    """Return what the planner must know of a node: its block's declaration, and what the node says otherwise."""
    collecting = frozenset(name for name, pin in spec.inputs.items() if pin.collecting)
    kind = _KINDS.get(spec.block_type, Kind.COLLECT if collecting else Kind.STANDARD) if spec.runs else Kind.NOTE
    return NodeFacts(
        kind=kind,
        pure=spec.effect is Effect.PURE,
        ordered=spec.ordered if policy.ordered is None else policy.ordered,
        outputs=tuple(spec.outputs),
        many=frozenset(name for name, pin in spec.outputs.items() if pin.many),
        collecting=collecting,
        waits=spec.waits,
    )


_KINDS = {BlockType.INPUT: Kind.INPUT, BlockType.OUTPUT: Kind.OUTPUT}


def _block(node: Node, catalog: Catalog) -> Block:
    block = catalog.get(node.block_id)
    if block is None:
        raise InvalidInput(
            f"node {node.label!r} names block {node.block_id!r}, which is not installed", node_id=node.id
        )
    return block


def _node_program(position: int, content: GraphContent, plan: Plan, block: Block, limits: Limits) -> NodeProgram | None:
    if plan.kinds[position] in (Kind.INPUT, Kind.NOTE):
        return None
    node = content.nodes[position]
    spec = block.spec
    slots = tuple(
        SlotBinding(number, slot.pin, slot.path, slot.collecting, _link_paths(content, slot.links))
        for number, slot in enumerate(plan.slots[position])
    )
    direct = all(not slot.path and not slot.collecting and not slot.link_paths for slot in slots)
    scalars = all(not isinstance(value, dict | list) for value in node.input_default.values())
    policy = node.policy
    optional = _optional_routes(content, plan, position, spec)
    return NodeProgram(
        position=position,
        node=node,
        block=block,
        effect=spec.effect,
        inline=spec.simple and not spec.prices and not optional,
        blocking=spec.blocking,
        defaults=orjson.dumps(node.input_default),
        plain_defaults=dict(node.input_default) if scalars else None,
        direct=tuple(slot.pin for slot in slots) if direct else None,
        slots=slots,
        pins={name: (number, check_of(spec.outputs.get(name))) for name, number in plan.out_pins[position].items()},
        error_pin=plan.error_pins[position],
        attempts=policy.attempts or limits.attempts,
        backoff_s=limits.backoff_s if policy.backoff_s is None else policy.backoff_s,
        timeout_s=policy.timeout_s or limits.node_timeout_s,
        value_bytes=limits.value_bytes,
        parallel=policy.parallel,
    )


def _optional_routes(
    content: GraphContent, plan: Plan, position: int, spec: BlockSpec
) -> dict[int, tuple[tuple[int, Path], ...]]:
    found: dict[int, tuple[tuple[int, Path], ...]] = {}
    for pin, routes in enumerate(plan.routes[position]):
        output = spec.outputs.get(plan.pin_names[position][pin])
        keyed = output is not None and output.keyed
        paths = tuple(
            (route.order, path) for route in routes if (path := _optional_path(content.links[route.link], keyed=keyed))
        )
        if paths:
            found[pin] = paths
    return found


def _optional_path(link: Link, *, keyed: bool) -> Path:
    """Return what a value must have for the link to take it; empty if the link takes each."""
    if not (link.optional_path or keyed):
        return ()
    path = parse_pin(link.source_name).path
    # What lies inside of the key's value is there or fails, as for any other link.
    return path if link.optional_path else path[:1]


def _link_paths(content: GraphContent, links: tuple[int, ...]) -> Mapping[int, PinPath]:
    """Return the source path per link of a slot; empty when all of them take the whole value."""
    paths = {link: parse_pin(content.links[link].source_name) for link in links}
    return paths if any(path.path for path in paths.values()) else {}


def bind(program: NodeProgram, source: Source, inputs: Inputs) -> dict[str, Any]:
    """Return the input of a firing as plain data: defaults first, then what its links brought.

    Args:
        program: The node.
        source: The values by reference, as JSON.
        inputs: What the firing consumes, by slot.

    Raises:
        FiringFailed: A path leads nowhere; the message names link, pin and value.
    """
    defaults = program.plain_defaults
    data: dict[str, Any] = dict(defaults) if defaults is not None else decode(program.defaults)
    if program.direct is not None:
        values = source.values
        for pin, ref in zip(program.direct, inputs, strict=True):
            data[pin] = decode(values[emission_of(ref)])  # type: ignore[arg-type]  # direct slots never collect
        return data
    for slot, item in zip(program.slots, inputs, strict=True):
        if isinstance(item, Collected):
            data[slot.pin] = [_read(slot, program, source, ref) for ref in item]
            continue
        value = _read(slot, program, source, item)
        if not slot.path:
            data[slot.pin] = value
        else:
            data[slot.pin] = _place(slot, data.get(slot.pin), value)
    return data


def _read(slot: SlotBinding, program: NodeProgram, source: Source, ref: int) -> Any:
    key = emission_of(ref)
    value = decode(source.values[key])
    if not slot.link_paths:
        return value
    node, _, _ = unpack(key)
    link = source.plan.link_of(program.position, slot.slot, node, source.pin_of(key), via_of(ref))
    taken = slot.link_paths.get(link)
    if taken is None or not taken.path:
        return value
    part = select(value, taken.path)
    if part is MISSING:
        raise FiringFailed(
            f"the link from {taken} to {slot.pin} leads nowhere: the value is {_shown(value)}", code="PATH_NOT_FOUND"
        )
    return part


def _place(slot: SlotBinding, container: Any, value: Any) -> Any:
    try:
        return place(container, slot.path, value)
    except InvalidInput as error:
        raise FiringFailed(f"{PinPath(slot.pin, slot.path)}: {error.message}", code="PATH_NOT_FOUND") from error


def _shown(value: Any) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= 80 else f"{text[:77]}…"
