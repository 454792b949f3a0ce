"""Exit codes: one table from what happened to what the shell gets."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType

from weft.errors import (
    ConfigurationError,
    Conflict,
    CredentialsError,
    DatabaseUnreachable,
    InvalidInput,
    LimitExceeded,
    NotFound,
    WeftError,
)
from weft.executions.types import ExecutionStatus


class ExitCode(IntEnum):
    """What `weft` returns to the shell; the numbers never change."""

    DONE = 0
    FAILED = 1
    BAD_INPUT = 2
    CANCELLED = 3
    WAITING = 4
    REFUSED_BY_LIMIT = 5
    DATABASE_UNREACHABLE = 6
    INTERRUPTED = 130


_OF_STATUS: Mapping[ExecutionStatus, ExitCode] = MappingProxyType(
    {
        ExecutionStatus.COMPLETED: ExitCode.DONE,
        ExecutionStatus.FAILED: ExitCode.FAILED,
        ExecutionStatus.TIMEOUT: ExitCode.FAILED,
        ExecutionStatus.CANCELLED: ExitCode.CANCELLED,
        ExecutionStatus.WAITING: ExitCode.WAITING,
        ExecutionStatus.QUEUED: ExitCode.DONE,
        ExecutionStatus.RUNNING: ExitCode.DONE,
    }
)

_OF_ERROR: tuple[tuple[type[WeftError], ExitCode], ...] = (
    (InvalidInput, ExitCode.BAD_INPUT),
    (ConfigurationError, ExitCode.BAD_INPUT),
    (NotFound, ExitCode.BAD_INPUT),
    (Conflict, ExitCode.BAD_INPUT),
    (CredentialsError, ExitCode.BAD_INPUT),
    (LimitExceeded, ExitCode.REFUSED_BY_LIMIT),
    (DatabaseUnreachable, ExitCode.DATABASE_UNREACHABLE),
    (WeftError, ExitCode.FAILED),
)


def exit_code_of(error: WeftError) -> ExitCode:
    """Return the code of the first class in the table that the error is of."""
    return next(code for kind, code in _OF_ERROR if isinstance(error, kind))


def exit_code_of_status(status: ExecutionStatus) -> ExitCode:
    """Return the code of an execution that stands so when the program ends."""
    return _OF_STATUS[status]
