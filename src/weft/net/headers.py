"""Which headers a caller may set, and which survive a redirect to another origin."""

import re
from collections.abc import Iterable, Mapping

import httpx

from weft.net.errors import EgressRefused

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}\Z")
_VALUE = re.compile(r"[\t\x20-\x7e]*\Z")
_OURS = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
# Everything else may be a credential: that a header of one service is a key cannot be seen by its name.
_HARMLESS = frozenset({"accept", "accept-encoding", "accept-language", "content-type", "user-agent"})
_OF_A_BODY = frozenset({"content-type", "content-encoding", "content-language", "content-location", "content-md5"})


def checked_headers(headers: Mapping[str, str] | None, *, user_agent: str) -> httpx.Headers:
    """Return the headers to send: the caller's, the user agent, and the compressions that we can undo.

    Raises:
        EgressRefused: A name or value is malformed (line ends included), or the header is not for callers
            to set.
    """
    result = httpx.Headers({"user-agent": user_agent, "accept": "*/*"})
    for name, value in (headers or {}).items():
        if not _NAME.match(name):
            raise EgressRefused(f"{name[:100]!r} is no name of a header")
        if name.lower() in _OURS or name.lower().startswith("proxy-"):
            raise EgressRefused(f"the header {name[:100]!r} cannot be set")
        if not _VALUE.match(value):
            raise EgressRefused(f"the value of the header {name[:100]!r} holds a character that is not allowed")
        result[name] = value
    # More kinds of compression would be more ways to hide a bomb.
    result["accept-encoding"] = "gzip, deflate"
    return result


def without_credentials(headers: httpx.Headers) -> httpx.Headers:
    """Return only the headers that carry no credentials."""
    return _only(headers, (name for name in headers if name in _HARMLESS))


def without_body(headers: httpx.Headers) -> httpx.Headers:
    """Return the headers without those that describe a body."""
    return _only(headers, (name for name in headers if name not in _OF_A_BODY))


def _only(headers: httpx.Headers, names: Iterable[str]) -> httpx.Headers:
    return httpx.Headers([(name, headers[name]) for name in names])
