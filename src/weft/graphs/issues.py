"""What may be wrong with a graph: one kind of value for validator, command line, API and editor."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How bad an issue is."""

    REFUSED = "refused"
    """The graph cannot be stored."""
    BLOCKS_RUN = "blocks_run"
    """It can be stored and edited, not run."""
    WARNING = "warning"
    """It runs; a person may want to look."""


class Code(StrEnum):
    """Every issue by its name, which never changes; `docs/reference/graph-issues.md` explains each."""

    TOO_LARGE = "TOO_LARGE"
    TOO_DEEP = "TOO_DEEP"
    NOT_JSON = "NOT_JSON"
    BAD_TEXT = "BAD_TEXT"
    BAD_NUMBER = "BAD_NUMBER"
    DUPLICATE_KEY = "DUPLICATE_KEY"
    WRONG_SHAPE = "WRONG_SHAPE"
    TOO_MANY_NODES = "TOO_MANY_NODES"
    TOO_MANY_LINKS = "TOO_MANY_LINKS"
    NODE_TOO_LARGE = "NODE_TOO_LARGE"
    DUPLICATE_NODE_ID = "DUPLICATE_NODE_ID"
    DUPLICATE_LINK_ID = "DUPLICATE_LINK_ID"
    NO_NODES = "NO_NODES"
    UNKNOWN_SOURCE_NODE = "UNKNOWN_SOURCE_NODE"
    UNKNOWN_SINK_NODE = "UNKNOWN_SINK_NODE"
    UNKNOWN_BLOCK = "UNKNOWN_BLOCK"
    BAD_PIN_PATH = "BAD_PIN_PATH"
    UNKNOWN_OUTPUT_PIN = "UNKNOWN_OUTPUT_PIN"
    UNKNOWN_INPUT_PIN = "UNKNOWN_INPUT_PIN"
    PATH_NOT_IN_VALUE = "PATH_NOT_IN_VALUE"
    INCOMPATIBLE_TYPES = "INCOMPATIBLE_TYPES"
    DUPLICATE_LINK = "DUPLICATE_LINK"
    INPUT_PIN_LINKED = "INPUT_PIN_LINKED"
    CYCLE = "CYCLE"
    INTERFACE_NAME_MISSING = "INTERFACE_NAME_MISSING"
    DUPLICATE_INPUT_NAME = "DUPLICATE_INPUT_NAME"
    DUPLICATE_OUTPUT_NAME = "DUPLICATE_OUTPUT_NAME"
    MISSING_REQUIRED_INPUT = "MISSING_REQUIRED_INPUT"
    WRONG_INPUT_TYPE = "WRONG_INPUT_TYPE"
    UNKNOWN_INPUT_DEFAULT = "UNKNOWN_INPUT_DEFAULT"
    NOT_AN_OPTION = "NOT_AN_OPTION"
    MISSING_CREDENTIAL = "MISSING_CREDENTIAL"
    NO_ENTRY_NODE = "NO_ENTRY_NODE"
    UNREACHABLE_NODE = "UNREACHABLE_NODE"
    OUTPUT_NOT_REACHED = "OUTPUT_NOT_REACHED"
    ISOLATED_NODE = "ISOLATED_NODE"
    ORDER_DEPENDENT = "ORDER_DEPENDENT"
    CALLED_GRAPH_NOT_FOUND = "CALLED_GRAPH_NOT_FOUND"
    UNKNOWN_CALL_INPUT = "UNKNOWN_CALL_INPUT"
    MISSING_CALL_INPUT = "MISSING_CALL_INPUT"
    WRONG_CALL_INPUT = "WRONG_CALL_INPUT"
    UNKNOWN_CALL_OUTPUT = "UNKNOWN_CALL_OUTPUT"
    RECURSION = "RECURSION"
    CALLS_TOO_DEEP = "CALLS_TOO_DEEP"
    CALLED_GRAPH_INVALID = "CALLED_GRAPH_INVALID"


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong, and where; places that do not apply are None.

    `path` is the place in the document, as in `nodes[3].label`.
    """

    code: Code
    level: Level
    message: str
    node_id: str | None = None
    link_id: str | None = None
    pin: str | None = None
    path: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the issue as plain data, as the command line and the API show it."""
        return asdict(self)
