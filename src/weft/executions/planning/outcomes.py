"""How firings and executions end, in the words of the journal."""

from enum import StrEnum


class Outcome(StrEnum):
    """How an attempt of a firing ended."""

    OK = "ok"
    ERROR = "error"
    """Failed, and the node's `error` pin takes the error value."""
    FAILED = "failed"
    """Failed with nobody to take the error: the execution closes."""
    SKIPPED = "skipped"
    """A person decided to go on without a result."""
    WAIT = "wait"
    """Waits for somebody outside; what was emitted so far stands."""
    TIMEOUT = "timeout"
    """As `ERROR`, or `FAILED` if the `error` pin is not linked."""
    UNKNOWN = "unknown"
    """Nobody knows whether the effect happened: waits for a person, or ends if the execution is closing."""


class CloseReason(StrEnum):
    """Why an execution forms and delivers nothing more."""

    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMEOUT = "timeout"
    STOP = "stop"
    """A block ended the execution; it counts as completed."""
