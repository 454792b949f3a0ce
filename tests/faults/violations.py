"""What may be found wrong after a fault."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Which promise is broken; the table of rows counts the first four."""

    LOST = "lost"
    TWICE = "committed twice"
    STUCK = "stuck"
    ZOMBIE = "zombie write accepted"
    ORDER = "order"
    JOURNAL = "journal"
    OUTPUT = "output"
    EFFECT = "effect"
    LEFT_OVER = "left over"
    STATUS = "status"
    HISTORY = "history"
    FAULT = "fault"


@dataclass(frozen=True)
class Violation:
    """One broken promise, in a sentence."""

    kind: Kind
    sentence: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.sentence}"
