"""Making a connection to PostgreSQL, each of them configured alike."""

import asyncio
import sys
from dataclasses import dataclass
from typing import Self

import asyncpg

from weft.db.retry import BASE_DELAY_S, MAX_RETRY_ATTEMPTS, Retry, conn_retry
from weft.db.urls import Address, check_schema_name, quote_identifier, read_address
from weft.errors import DatabaseUnreachable

APPLICATION_NAME = "weft_backend"

CONNECT_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Connector:
    """How to reach a database: the address, the role and the schema to be in, and how often to try.

    Attributes:
        address: Where; may hold a password, so it is never shown.
        schema: What unqualified names mean, and nothing else: not even `public` unless it is this one.
        role: The role to act as, which the login must be a member of; None: the login itself.
        timeout_s: For one attempt.
    """

    address: Address
    schema: str
    role: str | None
    timeout_s: float
    retry: Retry

    @classmethod
    def to(
        cls,
        url: str,
        *,
        role: str | None = None,
        schema: str | None = None,
        timeout_s: float = CONNECT_TIMEOUT_S,
        attempts: int = MAX_RETRY_ATTEMPTS,
        retry_delay_s: float = BASE_DELAY_S,
    ) -> Self:
        """Return the way to the database at `url`; connects nowhere yet.

        Raises:
            ConfigurationError: The address or the schema's name is wrong.
        """
        address = read_address(url)
        return cls(
            address,
            check_schema_name(schema or address.schema or "public"),
            role,
            address.connect_timeout_s or timeout_s,
            conn_retry("PostgreSQL", "Acquiring connection", attempts=attempts, base_delay_s=retry_delay_s),
        )

    async def connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        """Return a new connection, which commits each statement by itself; JSON comes and goes as text.

        Raises:
            DatabaseUnreachable: No attempt succeeded.
        """
        return await self.retry(self._connect_once)()

    async def wait_until_reachable(self, patience_s: float) -> None:
        """Return as soon as a connection can be made.

        Raises:
            DatabaseUnreachable: It could not be made within `patience_s`.
        """
        patiently = conn_retry(
            "PostgreSQL",
            "Waiting for a connection",
            attempts=sys.maxsize,
            base_delay_s=0.05,
            longest_delay_s=0.25,
        )
        try:
            async with asyncio.timeout(patience_s):
                connection = await patiently(self._connect_once)()
        except TimeoutError as error:
            raise DatabaseUnreachable(f"PostgreSQL was not reachable within {patience_s:g} s") from error
        await connection.close()

    async def _connect_once(self) -> "asyncpg.Connection[asyncpg.Record]":
        settings = {"application_name": APPLICATION_NAME, "jit": "off"}
        settings["search_path"] = quote_identifier(self.schema)
        if self.role:  # a start-up parameter, so that RESET returns to it and not to the login
            settings["role"] = self.role
        return await asyncpg.connect(self.address.dsn, timeout=self.timeout_s, server_settings=settings)
