"""Agent files for the tests, written by the rules of the format and by nothing else."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

INPUT = "c0a8e994-ebf1-4a9c-a4d8-89d09c86741b"
TEXT_INPUT = "7fcd3bcb-8e1b-4e69-903d-32d3d4a92158"
NUMBER_INPUT = "96dae2bb-97a2-41c2-bd2f-13a3b5a8ea98"
FILE_INPUT = "95ead23f-8283-4654-aef3-10c053b74a31"
DROPDOWN_INPUT = "655d6fdf-a334-421c-b733-520549c07cd1"
OUTPUT = "363ae599-353e-4804-937e-b2ee3cef3da4"
STORE_VALUE = "1ff065e9-88e8-4358-9d82-8dc91f622ba9"
NOTE = "cc10ff7b-7753-4ff2-9af6-9399b1a7eddc"
CREATE_DICTIONARY = "b924ddf4-de4f-4b56-9a85-358930dcbc91"
FIND_IN_DICTIONARY = "0e50422c-6dee-4145-83d6-3a5a392f65de"
CREATE_LIST = "a912d5c7-6e00-4542-b2a9-8034136930e4"
ADD_TO_LIST = "aeb08fc1-2fc1-4141-bc8e-f758f183a822"
MATCH_TEXT = "3060088f-6ed9-4928-9ba7-9c92823a7ccd"
FILL_TEMPLATE = "db7d8f02-2f44-4c55-ab7a-eae0941f0c30"
COMBINE_TEXTS = "e30a4d42-7b7d-4e6a-b36e-1f9b8e3b7d85"
CONDITION = "715696a0-e1da-45c8-b209-c2fa9c3b0be6"
CALCULATOR = "b1ab9b19-67a6-406d-abf5-2dba76d00c79"
COUNT_ITEMS = "3c9c2f42-b0c3-435f-ba35-05f7a25c772a"
STEP_THROUGH = "f66a3543-28d3-4ab5-8945-9b336371e2ce"
WEB_REQUEST = "6595ae1f-b924-42cb-9a41-551a0611c4b4"
RUN_AGENT = "e189baac-8c20-45a1-94a7-55177ea42565"
TEXT_GENERATOR = "1f292d4a-41a4-4977-9684-7c8d560b9f91"
NOWHERE = "00000000-0000-4000-8000-000000000000"


@dataclass
class Agent:
    """An agent under construction; nodes are named by short ids."""

    name: str = "Test agent"
    id: str = "b8f2c0de-0000-4000-8000-000000000001"
    version: int = 1
    nodes: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)
    sub_graphs: list[dict[str, Any]] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)

    def node(
        self,
        id: str,
        block_id: str,
        others: dict[str, Any] | None = None,
        *,
        metadata: dict[str, Any] | None = None,
        **values: Any,
    ) -> str:
        """Add a node and return its id; `others` are values whose pins are no words of Python."""
        place = {"position": {"x": 320.0 * len(self.nodes), "y": 40.0}}
        self.nodes.append(
            {
                "id": id,
                "block_id": block_id,
                "input_default": values | (others or {}),
                "metadata": place | (metadata or {}),
                "input_links": [],
                "output_links": [],
                "webhook_id": None,
                "graph_id": self.id,
                "graph_version": self.version,
            }
        )
        return id

    def link(self, source: str, sink: str, *, static: bool = False) -> str:
        """Add a link between two ends, each written as node.pin, and return its id."""
        source_id, _, source_name = source.partition(".")
        sink_id, _, sink_name = sink.partition(".")
        link_id = f"link-{len(self.links)}"
        self.links.append(
            {
                "id": link_id,
                "source_id": source_id,
                "sink_id": sink_id,
                "source_name": source_name,
                "sink_name": sink_name,
                "is_static": static,
            }
        )
        return link_id

    def document(self) -> dict[str, Any]:
        """Return the file's JSON, with each link also at its two nodes, as the platform writes it."""
        by_id = {node["id"]: node for node in self.nodes}
        for link in self.links:
            if link["source_id"] in by_id:
                by_id[link["source_id"]]["output_links"].append(link)
            if link["sink_id"] in by_id:
                by_id[link["sink_id"]]["input_links"].append(link)
        names = [node["input_default"].get("name") for node in self.nodes if node["block_id"] == INPUT]
        return {
            "id": self.id,
            "version": self.version,
            "is_active": True,
            "name": self.name,
            "description": "Written for a test.",
            "user_id": "",
            "nodes": self.nodes,
            "links": self.links,
            "sub_graphs": self.sub_graphs,
            "input_schema": {"type": "object", "properties": {}, "required": [name for name in names if name]},
            "credentials_input_schema": {"type": "object", "properties": {}, "required": []},
        } | self.extra

    def data(self) -> bytes:
        """Return the file's bytes."""
        return json.dumps(self.document(), ensure_ascii=False).encode()

    def write(self, path: Path) -> str:
        """Write the file and return its name."""
        path.write_bytes(self.data())
        return str(path)


def chain(length: int) -> Agent:
    """An input, a row of stored values, an output."""
    agent = Agent(f"Chain of {length}")
    before = agent.node("first", INPUT, name="value") + ".result"
    for number in range(length - 2):
        agent.link(before, f"n{number}.input")
        before = agent.node(f"n{number}", STORE_VALUE) + ".output"
    agent.node("last", OUTPUT, name="end")
    agent.link(before, "last.value")
    return agent


def accumulator(*, seed: dict[str, Any] | None = None, seed_block: str = ADD_TO_LIST) -> Agent:
    """Step through a list, square each item, gather the squares in a loop, and compare their number."""
    agent = Agent("Squares")
    agent.node("numbers", INPUT, name="numbers")
    agent.node("each", STEP_THROUGH)
    agent.node("square", CALCULATOR, operation="Multiply")
    agent.node("seed", seed_block, {"list": [], "entry": "begin"} if seed is None else seed)
    agent.node("gather", ADD_TO_LIST)
    agent.node("count", COUNT_ITEMS)
    agent.node("enough", CONDITION, operator=">=", value2=3)
    agent.node("squares", OUTPUT, name="squares")
    agent.link("numbers.result", "each.items", static=True)
    agent.link("each.item", "square.a")
    agent.link("each.item", "square.b")
    agent.link("square.result", "gather.entry")
    pin = {ADD_TO_LIST: "updated_list", CREATE_LIST: "list", STORE_VALUE: "output", INPUT: "result"}[seed_block]
    agent.link(f"seed.{pin}", "gather.list")
    agent.link("gather.updated_list", "gather.list")
    agent.link("gather.updated_list", "count.collection")
    agent.link("gather.updated_list", "enough.yes_value")
    agent.link("count.count", "enough.value1")
    agent.link("enough.yes_output", "squares.value")
    return agent
