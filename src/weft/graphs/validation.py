"""The one validator of graphs; everything else that judges a graph asks it."""

from collections.abc import Callable, Iterator

import orjson

from weft.graphs.documents import check_content
from weft.graphs.errors import DocumentInvalid, GraphInvalid
from weft.graphs.flow_checks import (
    OrderDependentPins,
    check_cycles,
    check_isolation,
    check_order,
    check_reachability,
)
from weft.graphs.indexed import IndexedGraph, index_graph
from weft.graphs.interface import check_options
from weft.graphs.issues import Code, Issue, Level
from weft.graphs.limits import DEFAULT_LIMITS, GraphLimits
from weft.graphs.link_checks import check_ends, check_links_into_inputs, check_pins, check_repeated_links
from weft.graphs.node_checks import (
    check_blocks,
    check_credentials,
    check_defaults,
    check_interface,
    check_required,
)
from weft.graphs.structure import get_entry_nodes, has_cycles
from weft.graphs.types import GraphContent
from weft.sdk.catalog import Catalog

_ALWAYS_RAISED = frozenset(
    {
        Code.NO_NODES,
        Code.UNKNOWN_BLOCK,
        Code.PATH_NOT_IN_VALUE,
        Code.INCOMPATIBLE_TYPES,
        Code.CYCLE,
    }
)
"""Faults of the graph itself, which `validate_graph` raises also where nobody wants to run it."""


def check_graph(
    content: GraphContent,
    catalog: Catalog,
    *,
    for_run: bool,
    limits: GraphLimits = DEFAULT_LIMITS,
    order_dependent: OrderDependentPins | None = None,
) -> list[Issue]:
    """Return everything that is wrong with the graph; an empty list is a graph that is fine.

    The order is fixed: size, emptiness, ids, link ends, blocks, pins and types link by link, cycles,
    interface, values, credentials, reachability, isolation, order; inside each the order of the document. Beyond a size
    limit nothing else is looked at.

    Args:
        content: The graph; need not come from a file.
        catalog: The blocks there are.
        for_run: Also look whether anything starts and reaches every node.
        limits: Upper bounds.
        order_dependent: Names the pins that depend on order; None leaves that out.
    """
    # What cannot be stored or is too large would only make the other checks stumble.
    fatal = _check_size(content, limits) or _check_values(content) or _check_weight(content, limits)
    if fatal:
        return fatal
    graph = index_graph(content, catalog)
    checks: list[Callable[[IndexedGraph], Iterator[Issue]]] = [
        _check_emptiness,
        _check_ids,
        check_ends,
        check_blocks,
        check_pins,
        check_repeated_links,
        check_links_into_inputs,
        check_cycles,
        check_interface,
        check_defaults,
        check_options,
        check_required,
        check_credentials,
    ]
    if for_run:
        checks.append(check_reachability)
    checks.append(check_isolation)
    issues = [issue for check in checks for issue in check(graph)]
    if order_dependent is not None and all(issue.level is Level.WARNING for issue in issues):
        issues += check_order(graph, order_dependent)
    return issues


def check_integrity(content: GraphContent, catalog: Catalog) -> list[Issue]:
    """Return what is wrong with a stored graph, warnings left out."""
    return [issue for issue in check_graph(content, catalog, for_run=True) if issue.level is not Level.WARNING]


def validate_graph(
    content: GraphContent, catalog: Catalog, *, for_run: bool = False, limits: GraphLimits = DEFAULT_LIMITS
) -> bool:
    """Return True for a sound graph.

    Raises:
        GraphInvalid: It is not; the first issue is the message, all are in `issues`. With `for_run`
            also for whatever only forbids to run it.
    """
    issues = [
        issue for issue in check_graph(content, catalog, for_run=for_run, limits=limits) if _raises(issue, for_run)
    ]
    if issues:
        raise GraphInvalid(issues)
    return True


def _raises(issue: Issue, for_run: bool) -> bool:
    if issue.level is Level.BLOCKS_RUN:
        return for_run or issue.code in _ALWAYS_RAISED
    return issue.level is Level.REFUSED


def require_storable(content: GraphContent, catalog: Catalog, *, limits: GraphLimits = DEFAULT_LIMITS) -> list[Issue]:
    """Return what forbids a run or deserves a look, for a graph that can be stored.

    Raises:
        GraphInvalid: It cannot be stored; `issues` holds why.
    """
    issues = check_graph(content, catalog, for_run=False, limits=limits)
    refused = [issue for issue in issues if issue.level is Level.REFUSED]
    if refused:
        raise GraphInvalid(refused)
    return issues


def validate_structure(content: GraphContent) -> bool:
    """Whether there are nodes, links between them only, no cycle and an entry; blocks do not matter."""
    ids = {node.id for node in content.nodes}
    sound = all(link.source_id in ids and link.sink_id in ids for link in content.links)
    return bool(ids) and sound and not has_cycles(content) and bool(get_entry_nodes(content))


def _check_size(content: GraphContent, limits: GraphLimits) -> list[Issue]:
    counts = (
        (Code.TOO_MANY_NODES, "nodes", len(content.nodes), limits.nodes),
        (Code.TOO_MANY_LINKS, "links", len(content.links), limits.links),
    )
    return [
        Issue(
            code,
            Level.REFUSED,
            f"graph {content.name!r} has {count:,} {what}; at most {most:,} are allowed",
            path=what,
        )
        for code, what, count, most in counts
        if count > most
    ]


def _check_values(content: GraphContent) -> list[Issue]:
    try:
        check_content(content)
    except DocumentInvalid as error:
        return list(error.issues)
    return []


def _check_weight(content: GraphContent, limits: GraphLimits) -> list[Issue]:
    issues: list[Issue] = []
    for at, node in enumerate(content.nodes):
        size = len(orjson.dumps([node.input_default, node.metadata]))
        if size > limits.node_bytes:
            most = f"at most {limits.node_bytes:,} are allowed"
            message = f"node {node.label!r} ({node.id}) holds {size:,} bytes; {most}"
            path = f"nodes[{at}]"
            issues.append(Issue(Code.NODE_TOO_LARGE, Level.REFUSED, message, node_id=node.id, path=path))
    return issues


def _check_emptiness(graph: IndexedGraph) -> Iterator[Issue]:
    if not graph.nodes:
        message = f"graph {graph.content.name!r} must contain at least one node"
        yield Issue(Code.NO_NODES, Level.BLOCKS_RUN, message, path="nodes")


def _check_ids(graph: IndexedGraph) -> Iterator[Issue]:
    for at, node in enumerate(graph.content.nodes):
        if graph.places[node.id] != at:
            message = f"nodes[{graph.places[node.id]}] and nodes[{at}] have the same id {node.id!r}"
            path = f"nodes[{at}].id"
            yield Issue(Code.DUPLICATE_NODE_ID, Level.REFUSED, message, node_id=node.id, path=path)
    first: dict[str, int] = {}
    for at, link in enumerate(graph.content.links):
        if first.setdefault(link.id, at) != at:
            message = f"links[{first[link.id]}] and links[{at}] have the same id {link.id!r}"
            path = f"links[{at}].id"
            yield Issue(Code.DUPLICATE_LINK_ID, Level.REFUSED, message, link_id=link.id, path=path)
