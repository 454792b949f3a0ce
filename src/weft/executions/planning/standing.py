"""Where an execution stands: what is open, waits, or has been let go; the part of the planner that only answers."""

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from weft.executions.planning.delivery import Delivery, Firing
from weft.executions.planning.errors import Diverged
from weft.executions.planning.model import Plan
from weft.executions.planning.outcomes import CloseReason
from weft.executions.planning.refs import INDEX_BITS, Ref

State: TypeAlias = Literal["running", "closing", "done", "waiting"]


class Closing(NamedTuple):
    """Why the execution forms nothing more, and the firing that caused it, if one did."""

    reason: CloseReason
    node: int | None = None
    index: int | None = None  # type: ignore[assignment]  # hides tuple.index


class Standing(Delivery):
    """What can be asked of an execution without changing it.

    Attributes:
        closing: Set by the first failure, cancel, timeout or stop on record; later ones change nothing.
    """

    __slots__ = ("_waiting", "closing")

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.closing: Closing | None = None
        self._waiting: set[int] = set()

    def open(self) -> Iterator[Firing]:
        """Yield the firings that are formed and not ended, in order of formation: what recovery starts again.

        Waiting ones are among them; `is_waiting` tells.
        """
        return iter(list(self.firings.values()))

    def firing(self, node: int, index: int) -> Firing:
        """Return an open firing with its inputs.

        Raises:
            Diverged: The firing is not open.
        """
        return self.firings[self._known(node, index)]

    def is_waiting(self, node: int, index: int) -> bool:
        """Return whether the firing waits for somebody outside."""
        return node << INDEX_BITS | index in self._waiting

    def depth(self, node: int) -> int:
        """Return the length of the longest way to the node; the deepest first keeps ready work few."""
        return self.plan.depths[node]

    @property
    def state(self) -> State:
        """Where the execution stands; closing becomes done when only waiting firings are left open."""
        if self.closing is not None:
            return "closing" if len(self.firings) > len(self._waiting) else "done"
        if not self.firings:
            return "done"
        return "waiting" if len(self.firings) == len(self._waiting) else "running"

    def recorded(self, node: int, index: int) -> int:
        """Return how many emissions of an open firing are on record and not void."""
        progress = self.progress.get(node << INDEX_BITS | index)
        return progress.count if progress is not None else 0

    def fired(self, node: int) -> int:
        """Return how many firings of the node were formed."""
        return self.formed[node]

    def releasable(self) -> list[Ref]:
        """Return, once, the values that nobody will ask for again: all that took them have ended."""
        released, self.holders.released = self.holders.released, []
        return released

    def _known(self, node: int, index: int) -> int:
        key = node << INDEX_BITS | index
        if key not in self.firings:
            raise self._unknown(node, index)
        return key

    def _unknown(self, node: int, index: int) -> Diverged:
        return Diverged(f"firing {index} of node {node} is not open", node=node, index=index)
