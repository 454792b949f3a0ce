"""Many signals in one text of a few kilobytes, and the queue that gathers them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from weft.events.bus import WORK, Topic

LARGEST_BYTES = 7_900
"""PostgreSQL takes payloads below 8,000 bytes."""

_MOST_TOPICS = 4_000
_FLAGS = ("work", "look", "hello")


@dataclass(slots=True)
class Bundle:
    """Signals of one process that travel together.

    Attributes:
        sender: Which bus sent it, at random.
        work: Something was queued.
        look: Some signals were left out: whoever listens should look.
        hello: The sender has just begun to listen: whoever follows something should say so.
        changed: Executions, and up to which number each is recorded.
        followed: Executions that somebody listens to in the sender's process.
    """

    sender: str
    work: bool = False
    look: bool = False
    hello: bool = False
    changed: dict[UUID, int] = field(default_factory=dict)
    followed: set[UUID] = field(default_factory=set)


@dataclass(slots=True)
class Outbox:
    """What is to be sent, each topic once, however often it was told; bounded, for a full one says only `look`."""

    sender: str
    _next: Bundle = field(init=False)

    def __post_init__(self) -> None:
        self._next = Bundle(self.sender)

    def __bool__(self) -> bool:
        held = self._next
        return held.work or held.look or held.hello or bool(held.changed) or bool(held.followed)

    def put(self, topic: Topic, seq: int) -> None:
        """Tell of a topic with the next bundle."""
        held = self._next
        if topic == WORK:
            held.work = True
        elif len(held.changed) < _MOST_TOPICS or topic in held.changed:
            held.changed[topic] = max(seq, held.changed.get(topic, 0))
        else:
            self.look()
            held.changed.clear()

    def look(self) -> None:
        """Tell with the next bundle that signals may have been lost."""
        self._next.look = True

    def greet(self) -> None:
        """Ask with the next bundle what others follow."""
        self._next.hello = True

    def follow(self, execution_id: UUID) -> None:
        """Tell with the next bundle that somebody listens to an execution here."""
        if len(self._next.followed) < _MOST_TOPICS:
            self._next.followed.add(execution_id)

    def take(self) -> list[str]:
        """Return what is to be sent now, as texts; the outbox is empty then."""
        bundle, self._next = self._next, Bundle(self.sender)
        return list(_encode(bundle))


def _encode(bundle: Bundle) -> Iterator[str]:
    words = [flag for flag in _FLAGS if getattr(bundle, flag)]
    words += [f"?{id.hex}" for id in bundle.followed]
    words += [f"{id.hex}:{seq}" for id, seq in bundle.changed.items()]
    text = bundle.sender
    for word in words:
        if len(text) + 1 + len(word) > LARGEST_BYTES:
            yield text
            text = bundle.sender
        text = f"{text} {word}"
    if text != bundle.sender:
        yield text


def decode(text: str) -> Bundle | None:
    """Return what a text says; None for one that no bus of ours sent."""
    sender, *words = text.split(" ")
    bundle = Bundle(sender)
    try:
        for word in words:
            if word in _FLAGS:
                setattr(bundle, word, True)
            elif word.startswith("?"):
                bundle.followed.add(UUID(word[1:]))
            else:
                id, seq = word.split(":")
                bundle.changed[UUID(id)] = int(seq)
    except ValueError:
        return None
    return bundle
