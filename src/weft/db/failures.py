"""What a failure of the driver means: the server is gone, the statement is wrong, trying again may help."""

import socket

import asyncpg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

from weft.errors import DatabaseError, DatabaseUnreachable

DRIVER_FAILURES = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What asyncpg may raise. The last one is seen when the server dies between two messages of one statement."""

STORAGE_FAILURES = (SQLAlchemyError, *DRIVER_FAILURES[1:])
"""What a statement may raise; OSError is left out, for code around the statement raises it as well."""

PASSING = (
    OSError,
    TimeoutError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InternalClientError,
)
"""Failures that the next attempt may not meet. A wrong password or a missing database is none of them."""


def may_pass(error: BaseException) -> bool:
    """Return whether a new attempt may succeed where this failure of the driver stood."""
    return isinstance(error, PASSING) and not isinstance(error, socket.gaierror | PermissionError)


def is_connection_loss(error: BaseException) -> bool:
    """Return whether the server or the way to it is gone, rather than a statement being wrong."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    reason = root_cause(error)
    if isinstance(reason, asyncpg.InterfaceError):
        return "closed" in str(reason)
    return isinstance(reason, PASSING)


def describe(error: BaseException) -> str:
    """Return one line about a driver's failure; never empty, never with values of rows or a password."""
    # The whole text of PostgreSQL's errors would add DETAIL, which quotes the row.
    quiet = isinstance(error, asyncpg.PostgresError) and error.args
    words = str(error.args[0] if quiet else error)
    return " ".join(words.split()) or type(error).__name__


def root_cause(error: BaseException) -> BaseException:
    """Return the driver's own exception below what SQLAlchemy has wrapped around it; others as they are."""
    while isinstance(error, StatementError) and error.orig is not None:
        inner: BaseException = error.orig
        error = inner.__cause__ or inner
    return error


def storage_error(error: BaseException) -> DatabaseError:
    """Return the error of Weft's tree for one of the driver or of SQLAlchemy; the caller chains it.

    Its details hold `sqlstate` (such as "23505"), `constraint` and `table` where PostgreSQL names them.
    """
    reason = root_cause(error)
    if is_connection_loss(error):
        return DatabaseUnreachable(f"the connection to PostgreSQL was lost: {describe(reason)}")
    details = {
        "sqlstate": getattr(reason, "sqlstate", None),
        "constraint": getattr(reason, "constraint_name", None),
        "table": getattr(reason, "table_name", None),
    }
    return DatabaseError(
        f"PostgreSQL refused a statement: {describe(reason)}",
        **{key: value for key, value in details.items() if value},
    )
