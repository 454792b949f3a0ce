"""Writing the graph file: JSON whose bytes depend on the content of the graph alone.

    {"weft": 1, "name": …, "description": …,
     "nodes": [{"id", "block_id", "label", "input_default", "metadata", "policy"}, …],
     "links": [{"id", "source_id", "source_name", "sink_id", "sink_name", "is_static", "optional_path"}, …],
     "sub_graphs": {key: {"name", "description", "nodes", "links"}, …}}

A node that runs a graph of the file names its key where it would name an id. Keys stand in this order and values
equal to their default are left out. The order of nodes, of links, of sub-graphs and of the keys inside `input_default`
and `metadata` is the author's and stays.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from weft.errors import InvalidInput

FORMAT: Final = 1
"""The number after "weft" in a file; a reader refuses larger ones."""

_SUB_GRAPHS = "sub_graphs"
_REQUIRED: Final = object()
_GRAPH = {"name": _REQUIRED, "description": None, "nodes": _REQUIRED, "links": _REQUIRED}
_POLICY = {"attempts": None, "backoff_s": None, "timeout_s": None, "ordered": None, "parallel": None}
_NODE = {
    "id": _REQUIRED,
    "block_id": _REQUIRED,
    "label": _REQUIRED,
    "input_default": {},
    "metadata": {},
    "policy": {},
}
_LINK = {
    "id": _REQUIRED,
    "source_id": _REQUIRED,
    "source_name": _REQUIRED,
    "sink_id": _REQUIRED,
    "sink_name": _REQUIRED,
    "is_static": False,
    "optional_path": False,
}


def canonical_bytes(document: Mapping[str, Any]) -> bytes:
    """Return the file for a document: UTF-8, indented by two, one newline at the end.

    Writing what was read from such a file gives the same bytes. Whether blocks and pins exist is not checked.

    Raises:
        InvalidInput: A key is missing or unknown, or a value is no JSON; the message names the place.
    """
    own = {key: value for key, value in document.items() if key not in ("weft", _SUB_GRAPHS)}
    written = _ordered(own, _GRAPH, "the graph")
    if document.get("weft", FORMAT) != FORMAT:
        raise InvalidInput(f"format {document['weft']!r} of the graph is not {FORMAT}, the only one there is")
    written |= _parts(document, "")
    if graphs := _sub_graphs(document.get(_SUB_GRAPHS, {})):
        written[_SUB_GRAPHS] = graphs
    try:
        text = json.dumps({"weft": FORMAT} | written, indent=2, ensure_ascii=False, allow_nan=False)
        return text.encode() + b"\n"
    except UnicodeEncodeError as error:
        raise InvalidInput("the graph holds half of a character (a lone surrogate)") from error
    except (ValueError, TypeError) as error:
        raise InvalidInput(f"the graph holds a value that JSON cannot write: {error}") from error
    except RecursionError as error:
        raise InvalidInput("the graph holds lists or objects nested too deeply") from error


def _sub_graphs(graphs: Any) -> dict[str, Any]:
    if not isinstance(graphs, Mapping):
        raise InvalidInput("sub_graphs of the graph must be an object")
    return {
        key: _ordered(graph, _GRAPH, f"{_SUB_GRAPHS}.{key}") | _parts(graph, f"{_SUB_GRAPHS}.{key}.")
        for key, graph in graphs.items()
    }


def _parts(document: Mapping[str, Any], place: str) -> dict[str, Any]:
    return {
        "nodes": [_node(node, at) for at, node in _numbered(document.get("nodes"), f"{place}nodes")],
        "links": [_ordered(link, _LINK, at) for at, link in _numbered(document.get("links"), f"{place}links")],
    }


def _numbered(items: Any, name: str) -> Iterable[tuple[str, Any]]:
    if items is None:
        return ()
    if isinstance(items, str | Mapping) or not isinstance(items, Iterable):
        raise InvalidInput(f"{name} of the graph must be a list")
    return ((f"{name}[{number}]", item) for number, item in enumerate(items))


def _node(node: Any, place: str) -> dict[str, Any]:
    written = _ordered(node, _NODE, place)
    policy = _ordered(written.pop("policy", {}), _POLICY, f"{place}.policy")
    return written | {"policy": policy} if policy else written


def _ordered(given: Any, fields: Mapping[str, Any], place: str) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise InvalidInput(f"{place} must be an object")
    for key in given:
        if key not in fields:
            raise InvalidInput(f"{place} has an unknown key {key!r}")
    written: dict[str, Any] = {}
    for key, default in fields.items():
        if key not in given and default is _REQUIRED and key not in {"nodes", "links"}:
            raise InvalidInput(f"{place} has no {key!r}")
        if key not in given or (given[key] is None and default is not _REQUIRED) or given[key] == default:
            continue
        written[key] = given[key]
    return written
