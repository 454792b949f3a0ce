"""What was made of saved versions, kept for the next one who needs it, within bounds."""

from typing import Generic, TypeVar
from uuid import UUID

Value = TypeVar("Value")

_NODES = 50_000
"""A node in memory takes about two kilobytes, and as much again once it is ready to run."""


class Recent(Generic[Value]):
    """Things made of versions, by the versions' ids; what was not asked for longest is forgotten first.

    Args:
        nodes: So many nodes are kept in all; the newest thing is kept whatever its size.
    """

    __slots__ = ("_held", "_left", "_sizes")

    def __init__(self, nodes: int = _NODES) -> None:
        self._held: dict[UUID, Value] = {}
        self._sizes: dict[UUID, int] = {}
        self._left = nodes

    def __len__(self) -> int:
        return len(self._held)

    def get(self, version_id: UUID) -> Value | None:
        """Return what is held of a version; None if nothing is."""
        value = self._held.pop(version_id, None)
        if value is not None:
            self._held[version_id] = (
                value  # a dict keeps its order of insertion: the last one is the one just asked for
            )
        return value

    def put(self, version_id: UUID, value: Value, *, nodes: int) -> None:
        """Hold what was made of a version that has so many nodes."""
        self._forget(version_id)
        self._held[version_id] = value
        self._sizes[version_id] = nodes + 1
        self._left -= nodes + 1
        while self._left < 0 and len(self._held) > 1:
            self._forget(next(iter(self._held)))

    def _forget(self, version_id: UUID) -> None:
        self._held.pop(version_id, None)
        self._left += self._sizes.pop(version_id, 0)
