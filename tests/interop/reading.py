"""Agents to graphs, and questions about these."""

import json
from typing import Any

from tests.interop.agents import Agent
from weft.graphs.issues import Issue
from weft.graphs.types import GraphContent, Link, Node
from weft.interop.service import judge, parse_file
from weft.interop.types import Imported, NodeReport
from weft.sdk import Catalog


def read(agent: Agent | dict[str, Any], catalog: Catalog) -> Imported:
    """Return what a file with this agent holds."""
    data = agent.data() if isinstance(agent, Agent) else json.dumps(agent).encode()
    return parse_file(data, place="agent.json", key="agent.json").read(catalog)


def report_of(imported: Imported, node_id: str) -> NodeReport:
    """Return what the report says of a node of the main graph."""
    return next(node for node in imported.main.nodes if node.node_id == node_id)


def node_of(content: GraphContent, node_id: str) -> Node:
    """Return a node of a graph."""
    return next(node for node in content.nodes if node.id == node_id)


def link_into(content: GraphContent, node_id: str) -> Link:
    """Return the only link that leads to a node."""
    (link,) = [link for link in content.links if link.sink_id == node_id]
    return link


def issues_of(imported: Imported, catalog: Catalog) -> list[Issue]:
    """Return what is wrong with the main graph."""
    return list(judge(imported, catalog, with_order=True)[-1].issues)


def runnable(imported: Imported, catalog: Catalog) -> bool:
    """Whether the main graph can run."""
    return judge(imported, catalog, with_order=False)[-1].runnable
