"""One node of an agent as a node of Weft, and how links name its pins from then on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from weft.errors import InvalidInput
from weft.graphs.types import Position
from weft.interop.autogpt.accumulators import Accumulator
from weft.interop.autogpt.blocks import AGENT_RUN, COLLECT, COUNTERPARTS, RUN_AGENT, UNKNOWN, Counterpart
from weft.interop.autogpt.document import AgentNode
from weft.interop.autogpt.names import one_line
from weft.interop.autogpt.pins import Gaps, base_of, merge_values, read_pin
from weft.interop.autogpt.secrets import Removed, without_secrets
from weft.interop.autogpt.values import Linked, Values, fit_values, is_neutral
from weft.interop.types import Kind, Result
from weft.sdk import Block, Catalog
from weft.sdk.paths import PinPath, parse_pin

_GIVEN = ("data", "inputs")
"""Where a node holds what it gives to the agent that it runs, of old and of late."""
_OF_AGENT = ("graph_id", "graph_version", "agent_name", *_GIVEN)


@dataclass(frozen=True, slots=True)
class Pins:
    """How the pins on one side of a node are called in Weft.

    Attributes:
        names: By the platform's name.
        closed: There are no others; `names` is everything the node has.
    """

    names: Mapping[str, PinPath] = field(default_factory=dict)
    closed: bool = False

    @classmethod
    def renamed(cls, names: Mapping[str, str]) -> "Pins":
        """Return pins of which some have another name, or are a part of another pin, as `file.content`."""
        return cls({old: parse_pin(new) for old, new in names.items()})

    def translate(self, text: str) -> PinPath:
        """Return what `text` names in Weft.

        Raises:
            InvalidInput: The node has no such pin, or the path behind it cannot be read.
        """
        whole = self.names.get(text)
        if whole is not None:
            return whole
        pin = read_pin(text)
        base = self.names.get(base_of(text))
        if base is not None:
            return PinPath(base.pin, (*base.path, *pin.path))
        if self.closed:
            known = ", ".join(self.names) or "none"
            raise InvalidInput(f"there is no pin {text!r}; there are: {known}")
        return pin


@dataclass(frozen=True, slots=True)
class Interface:
    """What an agent takes and shows, by the names in its file.

    Attributes:
        ref: Stands for the agent in nodes that run it.
        name: What people call it.
        inputs: Names in the file, and those in Weft.
        outputs: The same of what it shows.
    """

    ref: UUID
    name: str
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CleanNode:
    """A node of the file, its values without secrets, and where those stood."""

    node: AgentNode
    values: Values
    removed: tuple[Removed, ...]


def clean_node(node: AgentNode, masked: Mapping[str, Collection[str]]) -> CleanNode:
    """Return the node without secrets.

    Args:
        node: As in the file.
        masked: By the id of an agent, those of its inputs that take secrets.
    """
    if node.block_id != RUN_AGENT:
        values, removed = without_secrets(node.values, called=node.title)
        return CleanNode(node, values, tuple(removed))
    # What is not read describes the agent that the node runs, which is in the file itself.
    wanted = node.values.get("graph_id")
    hidden = {*masked.get(str(wanted), ()), *_secret_properties(node.values.get("input_schema"))}
    values = {name: node.values[name] for name in _OF_AGENT if name in node.values}
    hiding: list[Removed] = []
    for group in _GIVEN:
        given = _object(values.get(group))
        hiding += [Removed(Kind.SECRET, f"{group}.{name}") for name in given if name in hidden]
        values |= {group: {name: value for name, value in given.items() if name not in hidden}} if given else {}
    values, removed = without_secrets(values, called=node.title)
    return CleanNode(node, values, (*hiding, *removed))


def _secret_properties(schema: Any) -> list[str]:
    properties = _object(_object(schema).get("properties"))
    return [name for name, wanted in properties.items() if _object(wanted).get("secret") is True]


@dataclass(frozen=True, slots=True)
class Translated:
    """One node in Weft's terms; `child` is the agent that it runs."""

    id: str
    label: str
    block_id: str
    values: Values
    metadata: dict[str, Any]
    result: Result
    inputs: Pins
    outputs: Pins
    is_static: bool = False
    todos: tuple[str, ...] = ()
    removed: tuple[Removed, ...] = ()
    child: UUID | None = None

    def as_document(self) -> dict[str, Any]:
        """Return the node as it stands in Weft's own file."""
        return {
            "id": self.id,
            "block_id": self.block_id,
            "label": self.label,
            "input_default": self.values,
            "metadata": self.metadata,
        }


@dataclass(frozen=True, slots=True)
class Translator:
    """Turns the nodes of one agent into nodes of Weft.

    Attributes:
        catalog: Weft's blocks.
        gaps: What is left of empty places in the lists of the file.
        children: The agents that nodes may run, by their id and version in the file.
        masked: By the id of an agent, those of its inputs that take secrets.
    """

    catalog: Catalog
    gaps: Gaps
    children: Mapping[tuple[str, int | None], Interface]
    masked: Mapping[str, Collection[str]]

    def translate(self, node: CleanNode, linked: Linked) -> Translated:
        """Return the node with Weft's block, or as a placeholder.

        Raises:
            InvalidInput: Values for parts of a pin contradict each other.
        """
        if node.node.block_id == RUN_AGENT and AGENT_RUN in self.catalog:
            return self._agent(node)
        counterpart = COUNTERPARTS.get(node.node.block_id, UNKNOWN)
        lacking = sorted(counterpart.lacking & (linked.inputs | linked.outputs))
        if lacking:
            return placeholder(node, f"Weft's {counterpart.block} has no pin {lacking[0]!r}")
        block = None if counterpart.block is None else self.catalog.get(counterpart.block)
        if block is None:
            return placeholder(node, _no_block(counterpart))
        return self._mapped(node, counterpart, block, linked)

    def _mapped(self, clean: CleanNode, counterpart: Counterpart, block: Block, linked: Linked) -> Translated:
        merged = merge_values(clean.values, _platform_pins(counterpart, block), self.gaps)
        kept = {name: value for name, value in merged.items() if name not in counterpart.left_out}
        adapted = counterpart.adapt(kept, linked)
        if adapted.block is not None:
            block = self.catalog.get(adapted.block) or block
        here = {counterpart.inputs.get(name, name): value for name, value in adapted.values.items()}
        todos = [
            f"{name!r} means nothing in Weft and was left out"
            for name, value in merged.items()
            if name in counterpart.left_out and not is_neutral(value)
        ]
        todos += [adapted.todo] if adapted.todo else []
        todos += [
            f"{block.id} has no pin {name!r}: remove its value"
            for name, value in here.items()
            if name not in block.spec.inputs and not is_neutral(value)
        ]
        outputs = {**counterpart.outputs, **adapted.outputs}
        other_names = ((linked.inputs | set(kept)) & set(counterpart.inputs)) | (linked.outputs & set(outputs))
        other_values = any(kept.get(name) != value for name, value in adapted.values.items())
        linked_here = frozenset(counterpart.inputs.get(name, name) for name in linked.inputs)
        return Translated(
            id=clean.node.id,
            label=one_line(clean.node.title) or one_line(clean.values.get("name")) or block.spec.name,
            block_id=block.id,
            values=fit_values(here, block.spec, linked_here),
            metadata=_metadata(clean.node),
            result=Result.RENAMED if other_names or other_values else Result.MAPPED,
            inputs=Pins.renamed(counterpart.inputs),
            outputs=Pins.renamed(outputs),
            is_static=counterpart.is_static,
            todos=tuple(todos),
            removed=clean.removed,
        )

    def _agent(self, clean: CleanNode) -> Translated:
        values = clean.values
        wanted, version = values.get("graph_id"), values.get("graph_version")
        key = (wanted, version if isinstance(version, int) else None) if isinstance(wanted, str) else ("", None)
        child = self.children.get(key) or self.children.get((key[0], None))
        if child is None:
            why = "the agent it runs is not in the file, or runs this one again: save it in Weft and choose it here"
            return placeholder(clean, why)
        given = {name: value for group in _GIVEN for name, value in _object(values.get(group)).items()}
        here = {child.inputs.get(name, name): value for name, value in given.items()}
        inputs = {name: value for name, value in here.items() if value is not None}
        # Each value that an agent shows leaves under its output's name; a link takes those of one.
        shown = {old: PinPath("outputs", (new,)) for old, new in child.outputs.items()}
        return Translated(
            id=clean.node.id,
            label=one_line(clean.node.title) or child.name,
            block_id=AGENT_RUN,
            values={"graph": str(child.ref), "version": 1, "inputs": inputs},
            metadata=_metadata(clean.node),
            result=Result.RENAMED,
            inputs=Pins({old: PinPath("inputs", (new,)) for old, new in child.inputs.items()}, closed=True),
            outputs=Pins({"error": PinPath("error")} | shown, closed=True),
            removed=clean.removed,
            child=child.ref,
        )


def placeholder(clean: CleanNode, why: str) -> Translated:
    """Return the node as it stands in the file, with a block that Weft does not have; it forbids to run the graph."""
    node, values = clean.node, clean.values
    counterpart = COUNTERPARTS.get(node.block_id, UNKNOWN)
    return Translated(
        id=node.id,
        label=one_line(node.title) or one_line(values.get("agent_name")) or counterpart.name,
        block_id=node.block_id,
        values=values,
        metadata=_metadata(node),
        result=Result.PLACEHOLDER,
        inputs=Pins(),
        outputs=Pins(),
        is_static=counterpart.is_static,
        todos=(why,),
        removed=clean.removed,
    )


def collector(clean: CleanNode, accumulator: Accumulator) -> Translated:
    """Return the block that gathers what a loop gathered."""
    node = clean.node
    return Translated(
        id=node.id,
        label=one_line(node.title) or "Collect",
        block_id=COLLECT,
        values={"start": accumulator.start} if accumulator.start else {},
        metadata=_metadata(node),
        result=Result.REWRITTEN,
        inputs=Pins.renamed({"entry": "values", "list": "start"}),
        outputs=Pins.renamed({"updated_list": "list"}),
        todos=("it gives the whole list once, when no more entries can come, and no longer one list for each entry",),
        removed=clean.removed,
    )


def _platform_pins(counterpart: Counterpart, block: Block) -> set[str]:
    return (set(block.spec.inputs) - set(counterpart.inputs.values())) | set(counterpart.inputs)


def _no_block(counterpart: Counterpart) -> str:
    if counterpart is UNKNOWN:
        return "Weft does not know this block: choose another one in its place"
    if counterpart.block is None:
        return f"Weft has no block like {counterpart.name!r} yet: choose another one in its place"
    return f"the block {counterpart.block} is not installed: install it, or choose another one in its place"


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _metadata(node: AgentNode) -> dict[str, Any]:
    """Return where the node stands; nothing else of its metadata is Weft's, and it may hold secrets."""
    place = _object((node.metadata or {}).get("position"))
    try:
        return {"position": Position.model_validate({"x": place.get("x"), "y": place.get("y")}).model_dump()}
    except ValidationError:
        return {}
