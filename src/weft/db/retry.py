"""Trying again to reach a resource: bounded, with growing pauses of random length."""

import asyncio
import functools
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec, Protocol, TypeVar

import structlog
from sqlalchemy.exc import DBAPIError

from weft.db.failures import DRIVER_FAILURES, describe, may_pass, root_cause
from weft.errors import DatabaseUnreachable

MAX_RETRY_ATTEMPTS = 3
BASE_DELAY_S = 0.2
LONGEST_DELAY_S = 5.0
MOST_DOUBLINGS = 16

log = structlog.get_logger(__name__)
P = ParamSpec("P")
T = TypeVar("T")


class Retry(Protocol):
    """A decorator of coroutine functions that keeps their arguments and result."""

    def __call__(self, function: Callable[P, Awaitable[T]], /) -> Callable[P, Coroutine[Any, Any, T]]:
        """Return the function with its attempts around it."""


def conn_retry(
    resource: str,
    action: str,
    *,
    attempts: int = MAX_RETRY_ATTEMPTS,
    base_delay_s: float = BASE_DELAY_S,
    longest_delay_s: float = LONGEST_DELAY_S,
) -> Retry:
    """Decorate a coroutine function so that it is tried again while the resource is not reachable.

    Before attempt n + 1 it pauses for a random time up to `base_delay_s` * 2**(n - 1), so that a thousand
    clients of a server that comes back do not arrive together. Each failure is logged.

    Args:
        resource: What is to be reached, for the sentence and the log: "PostgreSQL".
        action: What is being done: "Acquiring connection".
        attempts: How often in all, at least once.
        base_delay_s: The first pause's upper bound; zero pauses not at all.
        longest_delay_s: The upper bound of any pause.

    Raises:
        DatabaseUnreachable: The last attempt failed, or one failed for a reason that will not pass; the cause
            is chained. Other exceptions pass unchanged at once.
    """

    def decorate(function: Callable[P, Awaitable[T]], /) -> Callable[P, Coroutine[Any, Any, T]]:
        @functools.wraps(function)
        async def attempt(*args: P.args, **kwargs: P.kwargs) -> T:
            for number in range(1, attempts + 1):
                try:
                    return await function(*args, **kwargs)
                except (*DRIVER_FAILURES, DBAPIError) as error:
                    reason = root_cause(error)
                    last = number == attempts or not may_pass(reason)
                    log.warning(
                        "connection attempt failed",
                        resource=resource,
                        action=action,
                        attempt=number,
                        of=attempts,
                        reason=describe(reason),
                    )
                    if last:
                        raise DatabaseUnreachable(
                            f"{action} from {resource} failed: {describe(reason)}", attempts=number
                        ) from error
                bound = base_delay_s * 2 ** min(number - 1, MOST_DOUBLINGS)
                await asyncio.sleep(random.uniform(0, min(bound, longest_delay_s)))
            raise AssertionError("at least one attempt is made")

        return attempt

    return decorate
