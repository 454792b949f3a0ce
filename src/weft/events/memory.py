"""The bus of one process that tells no other: where processes only poll, and in tests."""

from contextlib import AbstractAsyncContextManager

from weft.events.bus import NEWEST, Fanout, Subscription, Topic


class MemoryBus:
    """An `EventBus` without a wire; everybody who shares this object hears everything."""

    def __init__(self) -> None:
        self._fanout = Fanout()

    @property
    def followed(self) -> bool:
        """Whether somebody listens to an execution."""
        return self._fanout.hears_executions

    def publish(self, topic: Topic, seq: int = NEWEST) -> None:
        """Tell the listeners here; see `EventBus.publish`."""
        self._fanout.tell(topic, seq, own=True)

    def subscribe(self, topic: Topic, *, own: bool = True) -> AbstractAsyncContextManager[Subscription]:
        """Listen for the length of the block; see `EventBus.subscribe`."""
        return self._fanout.subscribed(topic, own=own)
