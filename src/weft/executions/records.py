"""What the journal says, as the planner reads it; the recorder stores these facts in its own form.

`inputs`, where a record has them, are the references that the firing consumed when it was recorded. Replay
compares them with what the rules form and stops at the first difference. `None` compares nothing.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from weft.executions.planning.outcomes import CloseReason, Outcome
from weft.executions.planning.refs import Inputs

__all__ = [
    "Answered",
    "CloseReason",
    "Closed",
    "Completed",
    "Emitted",
    "Finished",
    "Outcome",
    "Record",
    "Reset",
    "Waiting",
]


class Emitted(NamedTuple):
    """A value left on `pin`; `skip` has a bit for each route that delivers nothing, by its order."""

    node: int
    index: int  # type: ignore[assignment]  # hides tuple.index
    pin: int
    skip: int = 0


class Finished(NamedTuple):
    """A firing ended."""

    node: int
    index: int  # type: ignore[assignment]  # hides tuple.index
    outcome: Outcome
    inputs: Inputs | None = None


class Completed(NamedTuple):
    """All emissions of a firing and its end, in one record; `skips` is empty or has one mask per pin."""

    node: int
    index: int  # type: ignore[assignment]  # hides tuple.index
    pins: Sequence[int]
    outcome: Outcome = Outcome.OK
    inputs: Inputs | None = None
    skips: Sequence[int] = ()


class Reset(NamedTuple):
    """A new attempt begins; what earlier ones emitted and did not deliver is void."""

    node: int
    index: int  # type: ignore[assignment]  # hides tuple.index


class Waiting(NamedTuple):
    """A firing waits; what it emitted so far is delivered in its turn."""

    node: int
    index: int  # type: ignore[assignment]  # hides tuple.index
    inputs: Inputs | None = None


class Answered(NamedTuple):
    """What a firing waited for is there."""

    node: int
    index: int  # type: ignore[assignment]  # hides tuple.index


class Closed(NamedTuple):
    """The execution was cancelled, ran out of time, or was stopped by a block."""

    reason: CloseReason


Record: TypeAlias = Emitted | Finished | Completed | Reset | Waiting | Answered | Closed
