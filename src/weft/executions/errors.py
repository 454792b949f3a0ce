"""Errors of the engine."""

from uuid import UUID

from weft.errors import Conflict, ExecutionError, LimitExceeded, NotFound


class Fenced(ExecutionError):
    """Another worker owns the execution now; nothing of this worker's is written any more."""

    code = "FENCED"

    def __init__(self, execution_id: UUID) -> None:
        super().__init__(f"execution {execution_id} belongs to another worker now", execution_id=str(execution_id))


class ExecutionNotFound(NotFound):
    """There is no such execution among the caller's."""

    code = "EXECUTION_NOT_FOUND"

    def __init__(self, execution_id: UUID) -> None:
        super().__init__(f"there is no execution {execution_id}", execution_id=str(execution_id))


class AlreadyEnded(Conflict):
    """The execution has ended, so there is nothing left to cancel or answer."""

    code = "EXECUTION_ENDED"

    def __init__(self, execution_id: UUID, status: str) -> None:
        super().__init__(f"execution {execution_id} has ended already: {status}", execution_id=str(execution_id))


class QueueFull(LimitExceeded):
    """So much waits for workers that nothing more is taken; later there may be room."""

    code = "QUEUE_FULL"

    @classmethod
    def of_user(cls, most: int) -> "QueueFull":
        """Return what is said to a user who has as many in line as anybody may have."""
        return cls(
            f"{most:,} of your executions wait to be run, and more are not taken; start this one when some have begun",
            most=most,
            place="WEFT_MAX_QUEUED_PER_USER",
        )

    @classmethod
    def of_all(cls, most: int) -> "QueueFull":
        """Return what is said to everybody while the queue is full."""
        return cls(
            f"the queue is full: {most:,} executions wait to be run; try again later",
            most=most,
            place="WEFT_MAX_QUEUED",
        )


class RequestKeyUsed(Conflict):
    """Another start was asked for under this request key; nothing was started."""

    code = "REQUEST_KEY_USED"

    def __init__(self, request_key: str, execution_id: UUID) -> None:
        super().__init__(
            f"request key {request_key!r} was used for another start, of execution {execution_id}; a new start needs a new key",
            execution_id=str(execution_id),
        )


class LimitNotFound(NotFound):
    """The user has set no limit for this."""

    code = "LIMIT_NOT_FOUND"

    def __init__(self, graph_id: UUID | None, *, per_key: bool) -> None:
        what = "all graphs together" if graph_id is None else f"graph {graph_id}"
        super().__init__(f"there is no limit{' per key' if per_key else ''} for {what}")


class ValueLost(ExecutionError):
    """A value that the journal names by its digest is not in the store; its execution cannot go on."""

    code = "VALUE_LOST"

    def __init__(self, digest: str) -> None:
        super().__init__(f"the stored value {digest[:12]}… is not there any more", digest=digest)


class FiringFailed(ExecutionError):
    """One firing cannot succeed; its `error` pin or the execution takes it.

    Args:
        retryable: Another attempt may do better (a timeout, a network that failed).
    """

    def __init__(self, message: str, *, code: str, retryable: bool = False, delay_s: float | None = None) -> None:
        super().__init__(message or code, error_code=code)
        self.retryable = retryable
        self.delay_s = delay_s
