"""The shape of an agent file: what is read of it, and what is refused. Fields that are not read may be anything."""

from collections.abc import Iterator
from itertools import count
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from weft.graphs.documents import EXPECTED
from weft.graphs.errors import DocumentInvalid
from weft.graphs.issues import Code
from weft.graphs.json_text import Steps, format_steps
from weft.graphs.types import LocalId

_MOST_SUB_GRAPHS = 500

_EXPECTED = EXPECTED | {
    "name": "must be a text",
    "description": "must be a text",
    "nodes": "must be a list",
    "links": "must be a list",
    "sub_graphs": "must be a list",
}

_Pin = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class AgentLink(_Part):
    """A wire between two pins, by the platform's names."""

    id: LocalId | None = None
    source_id: LocalId
    source_name: _Pin
    sink_id: LocalId
    sink_name: _Pin
    is_static: bool | None = None


class AgentNode(_Part):
    """One block of an agent."""

    id: LocalId
    block_id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    input_default: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    input_links: Any = None
    output_links: Any = None
    webhook_id: Any = None
    webhook: Any = None

    @property
    def values(self) -> dict[str, Any]:
        """Return the values that the node itself gives to its pins."""
        return self.input_default or {}

    @property
    def title(self) -> str:
        """Return what the user called the node; empty if nothing."""
        name = (self.metadata or {}).get("customized_name")
        return name if isinstance(name, str) else ""


class AgentGraph(_Part):
    """One agent of a file, or one that another runs."""

    id: str | None = None
    version: Any = None
    name: str | None = None
    description: str | None = None
    instructions: Any = None
    nodes: list[AgentNode]
    links: list[AgentLink] | None = None
    sub_graphs: list["AgentGraph"] | None = Field(default=None)
    input_schema: Any = None
    credentials_input_schema: Any = None
    recommended_schedule_cron: Any = None
    trigger_setup_info: Any = None


def parse_agents(document: dict[str, Any], *, place: str) -> list[AgentGraph]:
    """Return the agent of a file, then all that it may run, from whatever depth.

    Raises:
        DocumentInvalid: The file is no agent; the message names the first place that is wrong.
    """
    try:
        main = AgentGraph.model_validate(document)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise wrong_shape(_sentence(fault["type"], fault["loc"]), place=place, path=fault["loc"]) from None
    found, waiting = [main], list(main.sub_graphs or ())
    while waiting:
        if len(found) > _MOST_SUB_GRAPHS:
            message = f"the file holds more than {_MOST_SUB_GRAPHS} agents inside each other"
            raise DocumentInvalid(Code.TOO_LARGE, message, place=place, path="sub_graphs")
        inner = waiting.pop(0)
        found.append(inner)
        waiting.extend(inner.sub_graphs or ())
    for graph in found:
        _check_node_ids(graph, place=place)
    return found


def _sentence(kind: str, path: Steps) -> str:
    if kind == "missing":
        return "is missing"
    if kind in {"model_type", "dict_type"}:
        return "must be an object"
    return _EXPECTED.get(str(path[-1]), "has the wrong type")


def wrong_shape(message: str, *, place: str, path: Steps) -> DocumentInvalid:
    """Return the refusal of a file that is not formed as agents are."""
    return DocumentInvalid(Code.WRONG_SHAPE, message, place=place, path=format_steps(path))


def _check_node_ids(graph: AgentGraph, *, place: str) -> None:
    first: dict[str, int] = {}
    for at, node in enumerate(graph.nodes):
        earlier = first.setdefault(node.id, at)
        if earlier != at:
            message = f"is {node.id!r}, as nodes[{earlier}].id of {graph.name!r} is; an id stands once"
            raise DocumentInvalid(Code.DUPLICATE_NODE_ID, message, place=place, path=f"nodes[{at}].id")


def read_links(graph: AgentGraph, *, place: str) -> tuple[list[AgentLink], int]:
    """Return the links of an agent, each once and with an id of its own, and how many stood twice.

    Raises:
        DocumentInvalid: A link inside a node is malformed, or two different links have one id.
    """
    given = graph.links if graph.links is not None else list(_links_of_nodes(graph, place=place))
    by_id: dict[str, AgentLink] = {}
    for at, link in enumerate(_with_ids(given)):
        known = by_id.setdefault(str(link.id), link)
        if known != link:
            message = f"is {link.id!r}, as that of an earlier link is; an id stands once"
            raise DocumentInvalid(Code.DUPLICATE_LINK_ID, message, place=place, path=f"links[{at}].id")
    # Files without a list of their own name each link at both of its nodes, which is no repetition.
    repeated = 0 if graph.links is None else len(given) - len(by_id)
    return list(by_id.values()), repeated


def _with_ids(links: list[AgentLink]) -> Iterator[AgentLink]:
    taken = {link.id for link in links}
    free = (name for number in count() if (name := f"link-{number}") not in taken)
    for link in links:
        yield link if link.id is not None else link.model_copy(update={"id": next(free)})


def _links_of_nodes(graph: AgentGraph, *, place: str) -> Iterator[AgentLink]:
    for at, node in enumerate(graph.nodes):
        for side, links in (("input_links", node.input_links), ("output_links", node.output_links)):
            for number, link in enumerate(links if isinstance(links, list) else ()):
                try:
                    yield AgentLink.model_validate(link)
                except ValidationError as error:
                    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
                    path: Steps = ("nodes", at, side, number, *fault["loc"])
                    raise wrong_shape(_sentence(fault["type"], path), place=place, path=path) from None
