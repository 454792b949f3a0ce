"""Errors of the engine."""

from uuid import UUID

from weft.errors import Conflict, ExecutionError, NotFound


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
