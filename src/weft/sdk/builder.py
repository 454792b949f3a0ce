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
from uuid import UUID

from pydantic_core import to_jsonable_python

from weft.errors import InvalidInput
from weft.sdk.block import Block
from weft.sdk.catalog import Catalog
from weft.sdk.graph_file import FORMAT, canonical_bytes
from weft.sdk.layout import arrange
from weft.sdk.paths import PinPath, parse_pin
from weft.sdk.spec import ERROR_PIN, BlockSpec
from weft.sdk.sub_graphs import LONGEST_ID, keys_of_sub_graphs, slug

_LONGEST_LABEL = 100
_CALL = "agent.run"
_GRAPH_PIN = "graph"
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
        self._blocks: dict[type[Block], Block] = {}
        self._called: dict[str, GraphBuilder] = {}
        self._nodes: dict[str, dict[str, Any]] = {}
        self._links: dict[str, dict[str, Any]] = {}
        self._last_number: dict[str, int] = {}

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Return the blocks that were added as such, not by id, here or in a graph that this one runs.

        What runs the graph may not know them yet.
        """
        found = dict(self._blocks)
        for graph in self._sub_graphs():
            found = graph._blocks | found  # noqa: SLF001 - of this class
        return tuple(found.values())

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
            policy: Any of `attempts`, `backoff_s`, `timeout_s`, `ordered`, `parallel`.
            metadata: Anything the editor keeps with the node.
            inputs: Input values whose names are taken by an argument of this method.
            values: Input values by pin. The input `graph` of a block that runs graphs also takes a builder, whose
                graph then stands in the same file.

        Raises:
            InvalidInput: An input is no pin of the block, the id is taken or too long, or a graph would run itself;
                nothing was added.
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
        called = given.get(_GRAPH_PIN)
        if isinstance(called, GraphBuilder):
            if called is self or self in called._sub_graphs():  # noqa: SLF001 - of this class
                raise InvalidInput(f"graph {called.name!r} runs graph {self.name!r}, which may not run itself")
            given[_GRAPH_PIN] = ""
        node_id = self._new_id(id, label)
        if isinstance(called, GraphBuilder):
            self._called[node_id] = called
        place = {"position": {"x": position[0], "y": position[1]}} if position is not None else {}
        self._nodes[node_id] = {
            "id": node_id,
            "block_id": block_id,
            "label": label,
            "input_default": to_jsonable_python(given, inf_nan_mode="constants"),
            "metadata": {**(metadata or {}), **place},
            "policy": dict(policy or {}),
        }
        if not isinstance(block, str):
            known = block() if isinstance(block, type) else block
            self._blocks.setdefault(type(known), known)
        return GraphNode(node_id, label, block_id, spec, frozenset(given))

    def call(self, graph: "GraphBuilder | UUID | str", label: str | None = None, /, **inputs: Any) -> GraphNode:
        """Add a node that runs another graph once for each set of its inputs, and return it.

        `node["inputs.name"]` is an input of that graph, `node["outputs.name"]` one of its outputs.

        Args:
            graph: A builder, whose graph then stands in the same file, or the id of a saved graph.
            label: What the editor shows; the graph's name if left out.
            inputs: Values for inputs of the graph by name; link the others.

        Raises:
            InvalidInput: The graph runs this one, or the label is too long; nothing was added.
        """
        label = label or (graph.name if isinstance(graph, GraphBuilder) else None)
        return self.add(_CALL, label, inputs={_GRAPH_PIN: graph} | ({"inputs": inputs} if inputs else {}))

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
        link_id = self._unique(slug(f"{start.node.id} {end.node.id}") or "link", self._links)
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
        """Return the graph, and those that it runs, as plain data; nodes without a position get one."""
        keys = self._sub_graphs()
        document = {"weft": FORMAT, **self._own_document(keys)}
        if keys:
            document["sub_graphs"] = {key: graph._own_document(keys) for graph, key in keys.items()}  # noqa: SLF001 - of this class
        return document

    def _sub_graphs(self) -> dict["GraphBuilder", str]:
        return keys_of_sub_graphs(self, lambda graph: graph._called.values(), lambda graph: graph.name)  # noqa: SLF001 - of this class

    def _own_document(self, keys: Mapping["GraphBuilder", str]) -> dict[str, Any]:
        links = list(self._links.values())
        places = arrange(list(self._nodes), [(link["source_id"], link["sink_id"]) for link in links])
        nodes = []
        for node in self._nodes.values():
            x, y = places[node["id"]]
            called = self._called.get(node["id"])
            given = node["input_default"] | ({} if called is None else {_GRAPH_PIN: keys[called]})
            metadata = {"position": {"x": x, "y": y}} | node["metadata"]
            nodes.append(node | {"input_default": given, "metadata": metadata})
        return {
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
            return self._unique(slug(label) or "node", self._nodes)
        if not id or len(id) > LONGEST_ID or not id.isprintable():
            raise InvalidInput(f"node id {id!r} must be 1 to {LONGEST_ID} characters without control characters")
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
