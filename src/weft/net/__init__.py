"""The only HTTP client that a graph can steer, behind an address guard.

Build one `GuardedClient` per process; it may be used by all users at once, for it keeps no cookies and no
credentials.
"""

from weft.net.client import GuardedClient
from weft.net.errors import EgressRefused, HttpStatusError, NetworkError, ResponseTooLarge
from weft.net.policy import DENIED_NETWORKS, EgressPolicy
from weft.net.redirects import Upload
from weft.net.resolver import Resolver, SystemResolver
from weft.net.response import Response, StreamedResponse

__all__ = [
    "DENIED_NETWORKS",
    "EgressPolicy",
    "EgressRefused",
    "GuardedClient",
    "HttpStatusError",
    "NetworkError",
    "Resolver",
    "Response",
    "ResponseTooLarge",
    "StreamedResponse",
    "SystemResolver",
    "Upload",
]
