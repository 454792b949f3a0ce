"""Where a redirect leads, and what of the request may go there."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

import httpx

from weft.net.errors import EgressRefused
from weft.net.headers import without_body, without_credentials
from weft.net.policy import EgressPolicy
from weft.net.targets import check_url, origin_of

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SECRET_NAME = re.compile(r"key|token|secret|passw|pwd|auth|cred|sign?(ature)?$|^sig|session|^code$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Upload:
    """A body that is read while it is sent; `open` begins it anew, for a redirect may ask for it twice."""

    size: int
    open: Callable[[], AsyncIterator[bytes]]


@dataclass(frozen=True, slots=True)
class Hop:
    """One request of a chain: what is sent where."""

    method: str
    url: httpx.URL
    headers: httpx.Headers
    body: bytes | Upload


def is_redirect(response: httpx.Response) -> bool:
    """Tell whether the answer sends the client elsewhere."""
    return response.status_code in _REDIRECTS and "location" in response.headers


def next_hop(hop: Hop, response: httpx.Response, policy: EgressPolicy) -> Hop:
    """Return the request that follows a redirect.

    The same origin gets what the first got. Another origin (scheme, host or port differ) gets harmless
    headers only, no body, and no secret of the old query, should the server have copied one into the new
    address.

    Raises:
        EgressRefused: The new address is not allowed.
    """
    location = response.headers["location"]
    try:
        joined = hop.url.join(location)
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise EgressRefused("the server redirects to an address that cannot be read") from error
    url = check_url(str(joined), policy)
    method, headers, body = hop.method, hop.headers, hop.body
    becomes_get = response.status_code == 303 and method != "HEAD"
    if becomes_get or (response.status_code in {301, 302} and method == "POST"):
        method, headers, body = "GET", without_body(headers), b""
    if origin_of(url) != origin_of(hop.url):
        url = _without_secrets(url, hop)
        headers, body = without_body(without_credentials(headers)), b""
    return Hop(method, url, headers, body)


def _without_secrets(url: httpx.URL, hop: Hop) -> httpx.URL:
    pairs = parse_qsl(url.query.decode("ascii", "replace"), keep_blank_values=True)
    old = parse_qsl(hop.url.query.decode("ascii", "replace"), keep_blank_values=True)
    secrets = {value for name, value in old if value and _SECRET_NAME.search(name)}
    carried = set(hop.headers.values()) - set(without_credentials(hop.headers).values())
    secrets |= {word for value in carried for word in (value, value.rpartition(" ")[2]) if len(word) >= 8}
    kept = [(name, value) for name, value in pairs if value not in secrets]
    return url if kept == pairs else url.copy_with(query=urlencode(kept).encode() or None)
