"""What a run begins with: the values of its INPUT nodes, checked against what the graph asks for; and when it takes its turn."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from weft.errors import InvalidInput
from weft.executions.ports import Start
from weft.executions.values import encode
from weft.graphs.interface import check_inputs, graph_inputs
from weft.graphs.types import GraphContent
from weft.sdk import Catalog

LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Order:
    """What a start says beside graph and inputs; checked when it is made.

    Attributes:
        key: What the run works on, for limits per key.
        priority: -1, 0 or 1, among the executions of one user.
        request_key: Names the request, so that it can be repeated.

    Raises:
        InvalidInput: A key is empty, too long or no plain text, or there is no such priority.
    """

    key: str | None = None
    priority: int = 0
    request_key: str | None = None

    def __post_init__(self) -> None:
        _check_key("key", self.key)
        _check_key("request key", self.request_key)
        if self.priority not in (-1, 0, 1):
            raise InvalidInput(f"priority is -1, 0 or 1, not {self.priority}", place="priority")

    def digest(self, version_id: UUID, given: Mapping[str, Any]) -> bytes:
        """Return what is the same exactly for the same request: version, inputs, key, priority; empty without a request key."""
        if self.request_key is None:
            return b""
        request = [str(version_id), given, self.key, self.priority]
        return hashlib.sha256(orjson.dumps(request, default=repr, option=orjson.OPT_SORT_KEYS)).digest()


def _check_key(name: str, key: str | None) -> None:
    if key is None:
        return
    if not 1 <= len(key) <= LONGEST_KEY:
        raise InvalidInput(f"a {name} has 1 to {LONGEST_KEY} characters, not {len(key)}", place=name)
    if not key.isprintable():
        raise InvalidInput(f"the {name} {key!r} has characters that cannot be printed", place=name)


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
