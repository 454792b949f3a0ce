"""What the blocks that call a graph share: which graph, and what its end means."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from weft.sdk import Advanced, BlockError, Schema

Outputs = list[tuple[str, Any]]


class Called(Schema):
    """Which graph to call, and with what."""

    graph: str = Field(description="Id of the graph to run", min_length=1)
    inputs: dict[str, Any] = Field(
        default_factory=dict, description="Values for the graph's inputs by name; link to `inputs.Name` to fill one"
    )
    version: Annotated[int | None, Advanced()] = Field(
        default=None, ge=1, description="Which version to run; empty: the active one"
    )


def outputs_of(answer: Mapping[str, Any]) -> Outputs:
    """Return what a called graph showed, as (name, value) in order.

    Raises:
        BlockError: It did not complete; code `CALL_FAILED`, `CALL_CANCELLED` or `CALL_TIMEOUT`, with its own message.
    """
    status, error = answer["status"], answer["error"]
    if status == "completed":
        return [(name, value) for name, value in answer["outputs"]]
    if status == "cancelled":
        raise BlockError("the called graph was cancelled", "CALL_CANCELLED")
    reason = "it gave no reason" if error is None else error["message"]
    if status == "timeout":
        raise BlockError(f"the called graph took too long: {reason}", "CALL_TIMEOUT")
    raise BlockError(f"the called graph failed: {reason}", "CALL_FAILED")


def by_name(outputs: Outputs) -> dict[str, list[Any]]:
    """Return all values of each output, in order."""
    found: dict[str, list[Any]] = {}
    for name, value in outputs:
        found.setdefault(name, []).append(value)
    return found
