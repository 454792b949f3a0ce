"""What the planner must know about a block, and nothing else of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from weft.executions.planning.model import ERROR_PIN, Kind


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """How one node behaves, from its block's declaration and the node's own policy.

    Attributes:
        kind: What the node is to the planner.
        pure: Same inputs, same emissions: they are delivered while it runs, and compared when it runs again.
        ordered: Deliver in the order of firings.
        outputs: Names of the output pins; `error` is added where it is missing.
        many: Output pins on which one firing may emit more than once.
        collecting: Input pins that take everything their links bring.
        waits: A firing may wait for somebody outside.
    """

    kind: Kind = Kind.STANDARD
    pure: bool = True
    ordered: bool = True
    outputs: tuple[str, ...] = ("result",)
    many: frozenset[str] = frozenset()
    collecting: frozenset[str] = frozenset()
    waits: bool = False

    def pins(self) -> tuple[str, ...]:
        """Return the output pins in order of their numbers; `error` stands last unless the block lists it."""
        return self.outputs if ERROR_PIN in self.outputs else (*self.outputs, ERROR_PIN)


Facts = Sequence[NodeFacts]
"""One entry per node, by position."""
