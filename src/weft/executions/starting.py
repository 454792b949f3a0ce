"""What a run begins with: the values of its INPUT nodes, checked against what the graph asks for."""

from collections.abc import Mapping
from typing import Any

import orjson

from weft.errors import InvalidInput
from weft.executions.ports import Start
from weft.executions.values import encode
from weft.graphs.interface import check_inputs, graph_inputs
from weft.graphs.types import GraphContent
from weft.sdk import Catalog


def beginning(
    content: GraphContent, catalog: Catalog, inputs: Mapping[str, Any], context: Mapping[str, Any], *, largest: int
) -> tuple[dict[str, Any], Start]:
    """Return the inputs that were given, as the graph wants them, and what its INPUT nodes will hold.

    Args:
        content: The graph.
        catalog: Its blocks.
        inputs: Values by name.
        context: For whom it runs.
        largest: How many bytes of JSON one value may have.

    Raises:
        InvalidInput: An input is missing, unknown, of the wrong type, or no JSON; the message names it.
    """
    given = check_inputs(content, catalog, inputs)
    values = {
        wanted.node_id: [] if given[wanted.name] is None else [_plain(wanted.name, given[wanted.name], largest)]
        for wanted in graph_inputs(content, catalog)
    }
    return {name: value for name, value in given.items() if name in inputs}, Start(values, dict(context))


def _plain(name: str, value: Any, largest: int) -> Any:
    """Return a value as the journal will read it back."""
    try:
        return orjson.loads(encode(value, largest))
    except Exception as error:
        raise InvalidInput(f"input {name!r}: {error}", input=name) from error
