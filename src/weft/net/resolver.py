"""From a host name to its addresses."""

import asyncio
import socket
from collections.abc import Sequence
from typing import Protocol


class Resolver(Protocol):
    """Says which addresses a name has."""

    async def resolve(self, host: str) -> Sequence[str]:
        """Return all addresses of the name, best first; empty if it has none.

        Raises:
            OSError: The name cannot be resolved now.
        """
        ...


class SystemResolver:
    """The machine's own resolver, with its hosts file and search list."""

    async def resolve(self, host: str) -> Sequence[str]:
        """Return all addresses of the name, best first.

        Raises:
            OSError: The name cannot be resolved.
        """
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(address[0]) for *_, address in found))
