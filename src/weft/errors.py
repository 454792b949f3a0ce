"""The roots of Weft's error tree; every domain hangs its own errors below these.

WeftError
├── InvalidInput             a file, graph, input or option is wrong; nothing was changed
├── ConfigurationError       a setting or the machine is wrong; nothing was started
├── NotFound                 not there, or not yours: the two look the same
├── Conflict                 somebody else changed it first, or it exists already
├── LimitExceeded            a limit refuses it; trying again later may help
├── CredentialsError         a credential is missing or refused
├── ExecutionError           a run failed
└── DatabaseError            storage failed; the transaction was rolled back
    └── DatabaseUnreachable  no connection could be made
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class WeftError(Exception):
    """Something that a person can be told in one sentence.

    Attributes:
        code: UPPER_SNAKE, stable for ever; programs match on it.
        message: One sentence: what is wrong and where. Never holds a secret.
        details: Plain data for programs; the keys depend on the code.
    """

    code: ClassVar[str] = "WEFT_ERROR"

    def __init__(self, message: str, *, error_code: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.error_code = error_code or self.code
        self.details: Mapping[str, Any] = details

    def __str__(self) -> str:
        return self.message


class InvalidInput(WeftError):
    """A file, graph, input or option is wrong; nothing was changed."""

    code = "INVALID_INPUT"


class ConfigurationError(WeftError):
    """A setting or the machine is wrong; nothing was started."""

    code = "CONFIGURATION_ERROR"


class NotFound(WeftError):
    """The thing is not there, or belongs to somebody else."""

    code = "NOT_FOUND"


class Conflict(WeftError):
    """The thing was changed by somebody else, or exists already; nothing was changed."""

    code = "CONFLICT"


class LimitExceeded(WeftError):
    """A limit refuses the request; nothing was changed."""

    code = "LIMIT_EXCEEDED"


class CredentialsError(WeftError):
    """A credential is missing, expired or refused by its provider."""

    code = "CREDENTIALS_ERROR"


class ExecutionError(WeftError):
    """A run, or one firing of it, failed."""

    code = "EXECUTION_FAILED"


class DatabaseError(WeftError):
    """Storage failed; the transaction was rolled back."""

    code = "DATABASE_ERROR"


class DatabaseUnreachable(DatabaseError):
    """No connection to the database could be made."""

    code = "DATABASE_UNREACHABLE"
