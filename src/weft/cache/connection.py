"""One way to one Redis for a whole process."""

from types import TracebackType
from typing import Final, Self

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from weft.errors import ConfigurationError

FAILURES: Final = (RedisError, OSError, TimeoutError)
"""What a call may raise; whoever calls goes on without Redis then."""


class RedisConnection:
    """Redis as a process sees it: connections are made when they are needed, and again after a loss.

    A call fails at once or within a second, and is not tried again here: who can do without does without.

    Args:
        url: `redis://`, `rediss://` or `unix://`; may hold a password, so it is never shown.
        timeout_s: For each step of a call.

    Raises:
        ConfigurationError: The address cannot be read.
    """

    def __init__(self, url: str, *, timeout_s: float = 1.0) -> None:
        try:
            self.client: Redis = Redis.from_url(
                url,
                socket_timeout=timeout_s,
                socket_connect_timeout=timeout_s,
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError:  # its words may repeat a part of the address
            raise ConfigurationError(
                "WEFT_REDIS_URL: cannot be read as an address", variable="WEFT_REDIS_URL"
            ) from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self.client.aclose()

    async def answers(self) -> bool:
        """Return whether Redis is there now."""
        try:
            await self.client.ping()
        except FAILURES:
            return False
        return True
