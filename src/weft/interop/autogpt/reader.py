"""An agent file to graphs of Weft and a report; nothing is fetched, run or stored."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from weft.interop.autogpt.blocks import COUNTERPARTS, OTHER_BLOCKS, RUN_AGENT, UNKNOWN
from weft.interop.autogpt.document import AgentGraph
from weft.interop.autogpt.graph import GraphReader
from weft.interop.autogpt.nodes import Interface, Translator
from weft.interop.autogpt.pins import Gaps
from weft.interop.types import Imported, ImportedGraph
from weft.sdk import Catalog

SOURCE = "autogpt"
"""What the graphs of such files are remembered by, together with the file's own id."""

_NAMESPACE = UUID("6f0d5a52-6c0e-4a65-9f0f-4f5f1f6a7c11")
_AgentKey = tuple[str, int | None]


def is_agent(document: Mapping[str, Any]) -> bool:
    """Whether a JSON object has the shape of an agent, sound or not."""
    if _MARKS & set(document):
        return True
    nodes = document.get("nodes")
    return isinstance(nodes, list) and any(
        isinstance(node, dict) and "block_id" in node and "label" not in node for node in nodes
    )


_MARKS = frozenset(
    {
        "sub_graphs",
        "input_schema",
        "output_schema",
        "credentials_input_schema",
        "is_active",
        "user_id",
        "forked_from_id",
        "has_external_trigger",
        "recommended_schedule_cron",
    }
)


def blocks_of(agents: Sequence[AgentGraph]) -> frozenset[str]:
    """Return the ids of the blocks of Weft that the agents may need; some may not exist."""
    found = {COUNTERPARTS.get(node.block_id, UNKNOWN).block for agent in agents for node in agent.nodes}
    return frozenset({block for block in found if block is not None} | OTHER_BLOCKS)


def read_agents(agents: Sequence[AgentGraph], *, catalog: Catalog, place: str, key: str) -> Imported:
    """Return the agents of a file as graphs of Weft.

    Whether the graphs are sound is not checked here: links may lead nowhere, and blocks may lack values.

    Args:
        agents: The one that the file is about, then all that it may run.
        catalog: The blocks there are; a node whose block is not among them becomes a placeholder.
        place: What messages call the file.
        key: What the file is called if it has no id of its own.

    Raises:
        DocumentInvalid: A pin, a value or a name cannot be translated; the message names its place.
    """
    main, *others = agents
    main_key = main.id or key
    children: dict[_AgentKey, Interface] = {}
    translator = Translator(catalog, Gaps(), children, _masked_inputs(agents))
    graphs: list[ImportedGraph] = []
    for number, agent in enumerate(_children_first(main, others)):
        agent_key = agent.id or f"{main_key}#{number}"
        reader = GraphReader(
            agent,
            translator,
            ref=uuid5(_NAMESPACE, f"{agent_key}@{_version(agent)}"),
            key=agent_key,
            place=f"{place}: sub-graph {agent.name!r}",
        )
        graphs.append(reader.read())
        if agent.id is not None:
            interface = reader.interface()
            children[agent.id, _version(agent)] = interface
            children.setdefault((agent.id, None), interface)
    reader = GraphReader(
        main,
        translator,
        ref=uuid5(_NAMESPACE, main_key),
        key=main_key,
        place=place,
    )
    return Imported(SOURCE, (*graphs, reader.read()))


def _masked_inputs(agents: Sequence[AgentGraph]) -> dict[str, set[str]]:
    """Return by the id of an agent those of its inputs that take secrets, of whatever version."""
    masked: dict[str, set[str]] = defaultdict(set)
    for agent in agents:
        for node in agent.nodes:
            name = node.values.get("name")
            if agent.id is not None and isinstance(name, str) and node.values.get("secret") is True:
                masked[agent.id].add(name)
    return masked


def _version(agent: AgentGraph) -> int | None:
    return agent.version if isinstance(agent.version, int) else None


def _children_first(main: AgentGraph, others: list[AgentGraph]) -> list[AgentGraph]:
    """Return the agents beside the main one, each once and after those it runs; at the end those that run each other."""
    by_key: dict[_AgentKey, AgentGraph] = {}
    unique: list[AgentGraph] = []
    for agent in others:
        if agent.id is not None and (agent.id == main.id or (agent.id, _version(agent)) in by_key):
            continue
        unique.append(agent)
        if agent.id is not None:
            by_key[agent.id, _version(agent)] = agent
            by_key.setdefault((agent.id, None), agent)
    number_of = {id(agent): number for number, agent in enumerate(unique)}
    users: dict[int, list[int]] = defaultdict(list)
    missing = [0] * len(unique)
    for number, agent in enumerate(unique):
        for child in _run_by(agent, by_key):
            users[number_of[id(child)]].append(number)
            missing[number] += 1
    ready = [number for number, count in enumerate(missing) if not count]
    for number in ready:
        for user in users[number]:
            missing[user] -= 1
            if not missing[user]:
                ready.append(user)
    return [unique[number] for number in (*ready, *(n for n, count in enumerate(missing) if count))]


def _run_by(agent: AgentGraph, by_key: Mapping[_AgentKey, AgentGraph]) -> list[AgentGraph]:
    found = []
    for node in agent.nodes:
        wanted, version = node.values.get("graph_id"), node.values.get("graph_version")
        if node.block_id == RUN_AGENT and isinstance(wanted, str):
            exact = by_key.get((wanted, version if isinstance(version, int) else None))
            child = exact or by_key.get((wanted, None))
            if child is not None:
                found.append(child)
    return found
