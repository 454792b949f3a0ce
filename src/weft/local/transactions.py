"""Transactions of the local owner, and what to do when the database is lost in the middle of one."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from weft.assembly import Platform
from weft.db.transaction import Transaction
from weft.errors import DatabaseUnreachable
from weft.users.types import LOCAL_OWNER

T = TypeVar("T")

PATIENCE_S = 180.0
"""How long a lost database is waited for; the embedded one may recover that long after a crash."""


async def in_transaction(platform: Platform, work: Callable[[Transaction], Awaitable[T]]) -> T:
    """Do the work in a transaction of the local owner."""
    async with platform.database.transaction(LOCAL_OWNER) as tx:
        return await work(tx)


async def patiently(platform: Platform, work: Callable[[Transaction], Awaitable[T]]) -> T:
    """Do the work in a transaction, again from its beginning whenever the database is lost on the way.

    The work must be safe to repeat: after a loss nobody knows whether it was committed.

    Raises:
        DatabaseUnreachable: The database did not come back.
    """
    while True:
        try:
            return await in_transaction(platform, work)
        except DatabaseUnreachable:
            await platform.database.wait_until_reachable(PATIENCE_S)
