"""What the operator allows the HTTP client to do."""

from dataclasses import dataclass

from weft.net.addresses import DENIED_NETWORKS, Network

__all__ = ["DENIED_NETWORKS", "EgressPolicy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressPolicy:
    """Where requests may go, how large and slow answers may be. The defaults suit a public service."""

    denied: tuple[Network, ...] = DENIED_NETWORKS
    """No connection is ever opened to these, except to `allowed`."""
    also_denied: tuple[Network, ...] = ()
    """What the operator adds."""
    ports: frozenset[int] = frozenset({80, 443})
    allowed: frozenset[tuple[str, int]] = frozenset()
    """Hosts (lower case, as a URL spells them) and ports that may be reached whatever their address."""
    connect_s: float = 5.0
    """For name resolution, connection and TLS of one hop."""
    total_s: float = 60.0
    """For the whole request, redirects and body included; a caller may ask for less, not for more."""
    stream_s: float = 3600.0
    """For a request whose body is streamed one way or the other; nothing may stall for longer than `total_s`."""
    max_redirects: int = 5
    max_header_bytes: int = 64 * 1024
    max_response_bytes: int = 10 * 1024 * 1024
    """After decompression."""
    max_stream_bytes: int = 1_000_000_000
    """The same of an answer that is not held but streamed."""
    max_ratio: int = 100
    """How many times larger than received a body may become by decompression, from 64 KB on."""
    max_connections: int = 100
    max_idle_connections: int = 20

    def allows_address_of(self, host: str, port: int) -> bool:
        """Tell whether the operator exempts this exact host and port from the address check."""
        return (host.lower(), port) in self.allowed

    @property
    def networks(self) -> tuple[Network, ...]:
        """All denied networks."""
        return self.denied + self.also_denied
