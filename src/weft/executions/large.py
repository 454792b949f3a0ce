"""The large values of one execution: once durable they may leave memory, and are read back by name when a firing asks.

A value that the next firing reads at once never leaves: up to a bound the youngest stay (docs/design/large-values.md).
"""

from collections.abc import Awaitable, Callable, Sequence

from weft.executions.errors import ValueLost
from weft.executions.planning.refs import Inputs, emission_of

Fetch = Callable[[Sequence[str]], Awaitable[dict[str, bytes]]]
"""Returns stored values by their digests, as JSON."""


class LargeValues:
    """Knows which values stand in the store, and keeps those in memory within a bound.

    Args:
        values: The values in memory, by packed reference; shared with the execution's state.
        kept_bytes: How many bytes of durable large values may stay in memory.
    """

    __slots__ = ("_held", "_kept_bytes", "_size", "_values", "digests")

    def __init__(self, values: dict[int, bytes], kept_bytes: int) -> None:
        self.digests: dict[int, str] = {}
        self._values = values
        self._kept_bytes = kept_bytes
        self._held: dict[int, int] = {}
        self._size = 0

    def stored(self, key: int, digest: str, value: bytes) -> None:
        """Note that a value is durable under `digest`, unless nobody will ask for it or another attempt replaced it."""
        if self._values.get(key) is value:
            self.digests[key] = digest
            self._hold(key, value)

    def absent(self, key: int, digest: str) -> None:
        """Note that a value is durable and not in memory: a replay read its name only."""
        self.digests[key] = digest

    def forget(self, key: int) -> None:
        """Drop what is known of a value that nobody will ask for again."""
        if self.digests.pop(key, None) is not None:
            self._size -= self._held.pop(key, 0)

    def trim(self) -> None:
        """Let the oldest values leave memory until the rest is within the bound."""
        while self._size > self._kept_bytes:
            key = next(iter(self._held))
            self._size -= self._held.pop(key)
            del self._values[key]

    async def bring(self, inputs: Inputs, fetch: Fetch) -> None:
        """Have in memory all that `inputs` names; nothing leaves before the next `trim`.

        Raises:
            ValueLost: The store does not have one of them.
        """
        missing = {key: self.digests[key] for key in self._keys(inputs) if key not in self._values}
        if not missing:
            return
        found = await fetch(sorted(set(missing.values())))
        for key, digest in missing.items():
            value = found.get(digest)
            if value is None:
                raise ValueLost(digest)
            if key not in self._values:
                self._values[key] = value
                self._hold(key, value)

    def _hold(self, key: int, value: bytes) -> None:
        self._size += len(value) - self._held.get(key, 0)
        self._held[key] = len(value)

    @staticmethod
    def _keys(inputs: Inputs) -> list[int]:
        keys: list[int] = []
        for item in inputs:
            if type(item) is int:
                keys.append(emission_of(item))
            else:
                keys += [emission_of(ref) for ref in item]  # type: ignore[union-attr]  # no plain number
        return keys
