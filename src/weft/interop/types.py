"""What an importer gives: graphs as Weft stores them, and for each node what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from weft.graphs.types import GraphContent


class Result(StrEnum):
    """What became of a node."""

    MAPPED = "mapped"
    """A block of Weft does the same."""
    RENAMED = "renamed"
    """A block of Weft does the same; pins or values have other names there."""
    REWRITTEN = "rewritten"
    """Weft does it in another way."""
    PLACEHOLDER = "placeholder"
    """Weft has no such block; the node keeps its values and links, and forbids to run the graph."""


class Kind(StrEnum):
    """What a user connects anew after an import."""

    CREDENTIALS = "credentials"
    SECRET = "secret"  # noqa: S105 - a kind of thing, no secret
    WEBHOOK = "webhook"
    SCHEDULE = "schedule"


@dataclass(frozen=True, slots=True)
class NodeReport:
    """What became of one node of a file.

    Attributes:
        block_id: The block's id in the file.
        block: The block's id in Weft; None for a placeholder.
        todo: What the user must do or look at; None if there is nothing.
    """

    node_id: str
    label: str
    block_id: str
    result: Result
    block: str | None
    todo: str | None = None


@dataclass(frozen=True, slots=True)
class ToConnect:
    """Something that does not travel with a file; of a secret only that there was one is kept.

    Attributes:
        node_id: None if it belongs to the graph as a whole.
        name: Where it stood in the node, as `headers.Authorization`; else what it is called.
        provider: Whose credentials they are, where the file says so.
    """

    kind: Kind
    message: str
    node_id: str | None = None
    label: str | None = None
    name: str | None = None
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class ImportedGraph:
    """One graph of a file.

    Attributes:
        ref: Stands for the graph where others of the same file run it, until it is saved and has an id.
        key: The file's own id of it: the same graph if a file is read again.
        content: The graph; nodes that run another graph of the file name its `ref`, in version 1.
        nodes: One entry for each node of the file, in its order.
        notes: What else was changed or left out, in sentences.
        children: By node id, the `ref` of the graph that the node runs.
    """

    ref: UUID
    key: str
    content: GraphContent
    nodes: tuple[NodeReport, ...]
    to_connect: tuple[ToConnect, ...] = ()
    notes: tuple[str, ...] = ()
    children: Mapping[str, UUID] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Imported:
    """All graphs of a file, at least one: each stands after those it runs, and the file's main graph last.

    Attributes:
        source: What kind of file it was; together with a graph's `key` it names a graph for ever.
    """

    source: str
    graphs: tuple[ImportedGraph, ...]

    @property
    def main(self) -> ImportedGraph:
        """Return the graph that the file is about."""
        return self.graphs[-1]

    def needed(self) -> list[ImportedGraph]:
        """Return the main graph, then all that a run of it may run, each before those it runs itself."""
        wanted, found = {self.main.ref}, []
        for graph in reversed(self.graphs):
            if graph.ref in wanted:
                wanted.update(graph.children.values())
                found.append(graph)
        return found
