"""Read a URL strictly and refuse what may not be asked for, before any name is resolved."""

import re

import httpx

from weft.net.addresses import is_denied
from weft.net.errors import EgressRefused
from weft.net.policy import EgressPolicy

_PORTS = {"http": 80, "https": 443}
_LONGEST_URL = 16 * 1024
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\]")
# The own machine by name; and hosts whose last label is a number: addresses, or ways of writing one that
# some resolvers accept (127.1, 0x7f.1, 2130706433).
_LOCAL = re.compile(r"(\A|\.)(localhost|\d+|0x[0-9a-f]*)\.?\Z", re.IGNORECASE)
_DOTTED = re.compile(r"(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}\Z")
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?\Z", re.IGNORECASE)


def check_url(url: str, policy: EgressPolicy) -> httpx.URL:
    """Return the parsed URL.

    Raises:
        EgressRefused: No URL, or its scheme, host, port or user part is not allowed, or the host is a
            denied address.
    """
    if len(url) > _LONGEST_URL:
        raise EgressRefused(f"the URL is longer than {_LONGEST_URL} characters")
    if _FORBIDDEN.search(url):
        raise EgressRefused("the URL holds a space, a control character or a backslash")
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise EgressRefused("the URL cannot be read") from error
    if parsed.scheme not in _PORTS:
        raise EgressRefused("the URL must start with http:// or https://")
    if parsed.userinfo or "@" in parsed.netloc.decode("ascii", "replace"):
        raise EgressRefused("the URL must not hold a user name or password")
    _check_host(parsed, policy)
    return parsed.copy_with(fragment=None)


def port_of(url: httpx.URL) -> int:
    """Return the port that the URL names or its scheme implies."""
    return _PORTS[url.scheme] if url.port is None else url.port


def origin_of(url: httpx.URL) -> tuple[str, str, int]:
    """Return scheme, host and port: what credentials are bound to."""
    return url.scheme, host_of(url), port_of(url)


def host_of(url: httpx.URL) -> str:
    """Return the host as the network sees it: punycode, lower case, addresses without brackets."""
    return url.raw_host.decode("ascii").lower()


def refuse_address(host: str) -> EgressRefused:
    """Return the one error for all denied addresses; it says nothing of what is there."""
    return EgressRefused(f"requests to {host[:253]!r} are not allowed", host=host[:253])


def _check_host(url: httpx.URL, policy: EgressPolicy) -> None:
    host, port = host_of(url), port_of(url)
    if not host:
        raise EgressRefused("the URL names no host")
    exempt = policy.allows_address_of(host, port)
    if port not in policy.ports and not exempt:
        raise EgressRefused(f"port {port} is not allowed")
    if exempt:
        return
    if ":" in host or _DOTTED.match(host):
        if is_denied(host, policy.networks):
            raise refuse_address(host)
    elif len(host) > 253 or not _NAME.match(host) or _LOCAL.search(host):
        raise refuse_address(host)
