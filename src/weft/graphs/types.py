"""Graphs, nodes and links as values; what a saved version holds.

The canonical file, the head rows and a version's snapshot all carry these fields and no others, so that a
graph survives every trip between them unchanged.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, NewType
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

GraphId = NewType("GraphId", UUID)

LocalId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
PinName = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Position(_Value):
    """Where a node stands on the canvas, in pixels; finite."""

    x: float = Field(allow_inf_nan=False)
    y: float = Field(allow_inf_nan=False)


class Policy(_Value):
    """How one node is run; unset fields take the engine's defaults."""

    attempts: int | None = Field(default=None, ge=1, le=100, description="How often a firing is tried in all")
    backoff_s: float | None = Field(default=None, ge=0, le=3600, description="Pause before the second try; doubles")
    timeout_s: float | None = Field(default=None, gt=0, le=86_400, description="Longest time of one attempt")
    ordered: bool | None = Field(default=None, description="Deliver in the order of firings")
    parallel: int | None = Field(default=None, ge=1, le=10_000, description="How many firings may be under way at once")


class Node(_Value):
    """One block in a graph, its defaults and its place."""

    id: LocalId
    block_id: str = Field(min_length=1, max_length=200)
    label: str = Field(min_length=1, max_length=100)
    input_default: dict[str, Any] = Field(default_factory=dict)
    metadata: dict[str, Any] = Field(default_factory=dict)
    policy: Policy = Policy()


class Link(_Value):
    """A wire from an output pin to an input pin; either end may name a part of the value.

    A static link keeps its last value for all later firings of the sink.
    """

    id: LocalId
    source_id: LocalId
    source_name: PinName
    sink_id: LocalId
    sink_name: PinName
    is_static: bool = False
    optional_path: bool = False
    """Deliver nothing, instead of an error, when the source's path leads nowhere."""


class GraphContent(_Value):
    """What a file, a version and the head have in common: all that decides how a graph runs."""

    name: str = Field(min_length=1, max_length=100)
    description: str | None = Field(default=None, max_length=500)
    nodes: tuple[Node, ...] = ()
    links: tuple[Link, ...] = ()


class GraphVersion(_Value):
    """An immutable, saved state of a graph; executions name the version they run."""

    id: UUID
    graph_id: GraphId
    version: int = Field(ge=1)
    is_active: bool
    created_at: datetime
    content_hash: str
    content: GraphContent


class Graph(GraphContent):
    """A stored graph: its content, and what the platform knows about it.

    Attributes:
        version: The version that this content is, or that the draft goes on from; 1 before the first save.
        saved_version: The latest version that exists, 0 before the first save.
        active_version: The version that runs by default; None before the first save.
        is_pinned: A save leaves the active version as it is.
        revision: Counts changes of the draft.
        sub_graphs: What it runs, directly or through others, where that was asked for: each version once, in order
            of first appearance. Where a node names no version, the active one is meant.
    """

    id: GraphId
    user_id: UUID
    version: int = Field(default=1, ge=1)
    saved_version: int = Field(default=0, ge=0)
    active_version: int | None = None
    is_pinned: bool = False
    revision: int = Field(default=1, ge=1)
    is_active: bool = True
    is_template: bool = False
    sub_graphs: tuple[GraphVersion, ...] = ()
    created_at: datetime
    updated_at: datetime


class GraphSummary(_Value):
    """A graph as a list shows it, without nodes and links."""

    id: GraphId
    name: str
    description: str | None
    saved_version: int
    active_version: int | None
    revision: int
    is_active: bool
    is_template: bool
    created_at: datetime
    updated_at: datetime


class Template(GraphSummary):
    """A graph that its owner offers to everybody for copying; `active_version` is what a copy holds."""

    is_mine: bool


class GraphPage(_Value):
    """Some graphs of a list; `next` is the cursor of those after them, None after the last."""

    items: tuple[GraphSummary, ...]
    next: str | None


class GraphCounts(_Value):
    """How many graphs a user has; deleted ones do not count."""

    total: int
    active: int
    templates: int


class GraphSort(StrEnum):
    """By what a list of graphs can be sorted: newest first, names from A."""

    UPDATED_AT = "updated_at"
    CREATED_AT = "created_at"
    NAME = "name"


class VersionSummary(_Value):
    """A version as a list shows it, without its content."""

    id: UUID
    version: int
    is_active: bool
    content_hash: str
    created_at: datetime
