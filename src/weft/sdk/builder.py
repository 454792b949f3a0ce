"""`GraphBuilder`: a graph written as a Python script; the result is the native file.

    g = GraphBuilder("Greeting")
    who = g.input("who", str)
    text = g.add(FillTextTemplate, template="Hello {{ who }}")
    g.link(who, text["values"]["who"])
    g.output("greeting", text)
    g.write("greeting.json")

Ids come from labels, so the same script gives the same bytes each time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from itertools import count
from pathlib import Path
from typing import Any

from pydantic_core import to_jsonable_python

from weft.errors import InvalidInput
from weft.sdk.block import Block
from weft.sdk.catalog import Catalog
from weft.sdk.document import FORMAT, canonical_bytes
from weft.sdk.layout import arrange
from weft.sdk.paths import PinPath, parse_pin
from weft.sdk.spec import ERROR_PIN, BlockSpec

_LONGEST_ID = 64
_LONGEST_LABEL = 100
_INPUT_PIN = "result"
_OUTPUT_PIN = "value"
_INPUT_KINDS: Mapping[type, str] = {
    str: "text",
    int: "number",
    float: "number",
    bool: "boolean",
    date: "date",
    time: "time",
    bytes: "file",
    datetime: "any",
    list: "any",
    dict: "any",
    object: "any",
}


@dataclass(frozen=True, slots=True)
class NodePin:
    """A pin of a node in a graph, or a part of its value."""

    node: "GraphNode"
    path: PinPath

    def __getitem__(self, step: str | int) -> "NodePin":
        """Return the part of the value under this key or index."""
        return NodePin(self.node, PinPath(self.path.pin, (*self.path.path, step)))

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A node of a graph under construction; `node["pin"]` names a pin, `node["pin.part[0]"]` a part of it.

    Attributes:
        spec: What is known of its block; None when it was added by an id that no catalog explained.
        source: The output that the bare node stands for, when the block is unknown.
        sink: The input that the bare node stands for, when the block is unknown.
    """

    id: str
    label: str
    block_id: str
    spec: BlockSpec | None = field(repr=False)
    given: frozenset[str] = field(repr=False)
    source: str | None = field(default=None, repr=False)
    sink: str | None = field(default=None, repr=False)

    def __getitem__(self, name: str) -> NodePin:
        """Return the pin, and the part of its value, that the text names.

        Raises:
            InvalidInput: The block has no such pin, or the text is no pin reference.
        """
        path = parse_pin(name)
        if self.spec is not None and path.pin not in self.spec.inputs and path.pin not in self.spec.outputs:
            raise InvalidInput(f"{self} has no pin `{path.pin}`; it has {_names(self.spec)}")
        return NodePin(self, path)

    def __str__(self) -> str:
        return f"node {self.id!r} ({self.block_id})"


def _names(spec: BlockSpec) -> str:
    inputs, outputs = ", ".join(spec.inputs) or "none", ", ".join(spec.outputs) or "none"
    return f"inputs {inputs} and outputs {outputs}"


class GraphBuilder:
    """A graph under construction. Ids come from labels, so that a script gives the same file each time."""

    def __init__(self, name: str, description: str | None = None, *, catalog: Catalog | None = None) -> None:
        """Begin an empty graph; with a catalog, blocks named by id are checked like classes."""
        self.name = name
        self.description = description
        self._catalog = catalog
        self._nodes: dict[str, dict[str, Any]] = {}
        self._links: dict[str, dict[str, Any]] = {}
        self._last_number: dict[str, int] = {}

    def add(
        self,
        block: type[Block] | Block | str,
        label: str | None = None,
        /,
        *,
        id: str | None = None,
        position: tuple[float, float] | None = None,
        policy: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        inputs: Mapping[str, Any] | None = None,
        **values: Any,
    ) -> GraphNode:
        """Add a node and return it.

        Args:
            block: A block, or the id of one.
            label: What the editor shows; the block's name if left out.
            id: Stable name in the graph; made from the label if left out.
            position: Pixels; unplaced nodes are arranged by depth.
            policy: Any of `attempts`, `backoff_s`, `timeout_s`, `ordered`.
            metadata: Anything the editor keeps with the node.
            inputs: Input values whose names are taken by an argument of this method.
            values: Input values by pin.

        Raises:
            InvalidInput: An input is no pin of the block, or the id is taken or too long; nothing was added.
        """
        spec = self._spec(block)
        block_id = spec.id if spec is not None else str(block)
        label = label or (spec.name if spec is not None else block_id)
        if len(label) > _LONGEST_LABEL:
            raise InvalidInput(f"label {label[:20]!r}… is longer than {_LONGEST_LABEL} characters")
        given = {**(inputs or {}), **values}
        for name in given:
            if spec is not None and name not in spec.inputs:
                raise InvalidInput(f"block {block_id} has no input `{name}`; it has {_names(spec)}")
        node_id = self._new_id(id, label)
        place = {"position": {"x": position[0], "y": position[1]}} if position is not None else {}
        self._nodes[node_id] = {
            "id": node_id,
            "block_id": block_id,
            "label": label,
            "input_default": to_jsonable_python(given, inf_nan_mode="constants"),
            "metadata": {**(metadata or {}), **place},
            "policy": dict(policy or {}),
        }
        return GraphNode(node_id, label, block_id, spec, frozenset(given))

    def input(self, name: str, type: type | str = "any", /, **values: Any) -> GraphNode:
        """Add an input of the graph; `type` is a Python type or what follows `input.` in a block id.

        Raises:
            InvalidInput: No input block is made for this type, or the name is taken as a label's id.
        """
        kind = type if isinstance(type, str) else _INPUT_KINDS.get(type)
        if kind is None:
            raise InvalidInput(f"no input block is made for {type!r}; use a name such as 'text', or 'any'")
        node = self.add(f"input.{kind}", name, inputs={"name": name} | values)
        return node if node.spec is not None else replace(node, source=_INPUT_PIN)

    def output(self, name: str, source: GraphNode | NodePin, /, **values: Any) -> GraphNode:
        """Add an output of the graph, fed from `source`.

        Raises:
            InvalidInput: The source is not one output; nothing was added.
        """
        origin = _source(source)
        node = self.add("output.value", name, inputs={"name": name} | values)
        node = node if node.spec is not None else replace(node, sink=_OUTPUT_PIN)
        self.link(origin, node)
        return node

    def link(
        self,
        source: GraphNode | NodePin,
        sink: GraphNode | NodePin,
        *,
        static: bool = False,
        optional: bool = False,
    ) -> str:
        """Wire an output to an input and return the link's id.

        A node stands for its only output, or for its only input, or for its only required one not set yet.

        Args:
            source: Where values come from.
            sink: Where they go.
            static: The sink keeps the last value for all its later firings.
            optional: A part that the source's value does not have delivers nothing instead of failing.

        Raises:
            InvalidInput: An end is ambiguous or on the wrong side; nothing was linked.
        """
        start, end = _source(source), _sink(sink)
        for pin in (start, end):
            if self._nodes.get(pin.node.id, {}).get("block_id") != pin.node.block_id:
                raise InvalidInput(f"{pin.node} belongs to another graph")
        link_id = self._unique(_slug(f"{start.node.id} {end.node.id}") or "link", self._links)
        self._links[link_id] = {
            "id": link_id,
            "source_id": start.node.id,
            "source_name": str(start),
            "sink_id": end.node.id,
            "sink_name": str(end),
            "is_static": static,
            "optional_path": optional,
        }
        return link_id

    def to_document(self) -> dict[str, Any]:
        """Return the graph as plain data; nodes without a position get one."""
        links = list(self._links.values())
        places = arrange(list(self._nodes), [(link["source_id"], link["sink_id"]) for link in links])
        nodes = []
        for node in self._nodes.values():
            x, y = places[node["id"]]
            nodes.append(node | {"metadata": {"position": {"x": x, "y": y}} | node["metadata"]})
        return {
            "weft": FORMAT,
            "name": self.name,
            "description": self.description,
            "nodes": nodes,
            "links": [dict(link) for link in links],
        }

    def to_bytes(self) -> bytes:
        """Return the canonical file.

        Raises:
            InvalidInput: An input value cannot be written as JSON.
        """
        return canonical_bytes(self.to_document())

    def write(self, path: str | Path) -> Path:
        """Write the canonical file and return its path; an existing file is replaced."""
        target = Path(path)
        target.write_bytes(self.to_bytes())
        return target

    def _spec(self, block: type[Block] | Block | str) -> BlockSpec | None:
        if not isinstance(block, str):
            return block.spec
        found = self._catalog.get(block) if self._catalog is not None else None
        if found is None and self._catalog is not None:
            raise InvalidInput(f"there is no block {block!r} in the catalog")
        return found.spec if found is not None else None

    def _new_id(self, id: str | None, label: str) -> str:
        if id is None:
            return self._unique(_slug(label) or "node", self._nodes)
        if not id or len(id) > _LONGEST_ID or not id.isprintable():
            raise InvalidInput(f"node id {id!r} must be 1 to {_LONGEST_ID} characters without control characters")
        if id in self._nodes:
            raise InvalidInput(f"node id {id!r} is taken")
        return id

    def _unique(self, name: str, taken: Mapping[str, Any]) -> str:
        if name not in taken:
            return name
        for number in count(self._last_number.get(name, 1) + 1):
            if (found := f"{name}-{number}") not in taken:
                self._last_number[name] = number
                return found
        raise AssertionError("counting never ends")


def _slug(text: str) -> str:
    words = "".join(sign if sign.isalnum() else " " for sign in text.casefold()).split()
    return "-".join(words)[: _LONGEST_ID - 8].rstrip("-")


def _source(end: GraphNode | NodePin) -> NodePin:
    if isinstance(end, NodePin):
        spec = end.node.spec
        if spec is not None and end.path.pin not in spec.outputs:
            raise InvalidInput(f"`{end}` of {end.node} is an input; a link starts at an output")
        return end
    if end.spec is None:
        return _known_pin(end, end.source)
    real = [name for name in end.spec.outputs if name != ERROR_PIN]
    if len(real) != 1:
        raise InvalidInput(f"{end} has {len(real)} outputs ({', '.join(real)}); say which: node[{_first(real)!r}]")
    return end[real[0]]


def _sink(end: GraphNode | NodePin) -> NodePin:
    if isinstance(end, NodePin):
        spec = end.node.spec
        if spec is not None and end.path.pin not in spec.inputs:
            raise InvalidInput(f"`{end}` of {end.node} is an output; a link ends at an input")
        return end
    if end.spec is None:
        return _known_pin(end, end.sink)
    pins = end.spec.inputs
    required = [name for name, pin in pins.items() if pin.required]
    unset = [name for name in required if name not in end.given]
    for candidates in (list(pins), unset, required):
        if len(candidates) == 1:
            return end[candidates[0]]
    raise InvalidInput(f"{end} has several inputs ({', '.join(pins)}); say which: node[{_first(list(pins))!r}]")


def _first(names: list[str]) -> str:
    return names[0] if names else "pin"


def _known_pin(node: GraphNode, name: str | None) -> NodePin:
    if name is None:
        raise InvalidInput(f"{node} was added by its block's id, so its pins are not known; name one: node['…']")
    return node[name]
