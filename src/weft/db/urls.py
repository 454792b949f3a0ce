"""Database addresses: reading, changing one parameter, and what becomes of Weft's own parameters."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_plus, urlencode, urlsplit, urlunsplit

from weft.errors import ConfigurationError

SCHEMES = ("postgresql", "postgres", "postgresql+asyncpg")
OWN_PARAMETERS = ("connection_limit", "connect_timeout", "pool_timeout", "schema")
"""Parameters that tune our pool and are not the driver's business."""

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_$]{0,62}")


@dataclass(frozen=True)
class Address:
    """A database address, split into what the driver reads and what the pool reads.

    Attributes:
        dsn: For asyncpg: scheme `postgresql`, our own parameters removed, all else as it was.
        connection_limit: Most connections of one process; None if the address says nothing.
        connect_timeout_s: Seconds for one attempt to connect; None likewise.
        pool_timeout_s: Seconds to wait for a free connection; None likewise.
        schema: The schema to work in; None likewise.
    """

    dsn: str
    connection_limit: int | None
    connect_timeout_s: float | None
    pool_timeout_s: float | None
    schema: str | None


def add_param(url: str, key: str, value: str | int | float) -> str:
    """Return `url` with the query parameter `key` set to `value`; all other parts stay byte for byte.

    An existing `key` is replaced where it first stands, and its repetitions go. Other parameters keep their
    order, repetitions and blank values.
    """
    parts = urlsplit(url)
    new = urlencode({key: str(value)}, quote_via=quote)
    kept: list[str] = []
    for piece in parts.query.split("&") if parts.query else []:
        if unquote_plus(piece.partition("=")[0]) != key:
            kept.append(piece)
        elif new not in kept:
            kept.append(new)
    if new not in kept:
        kept.append(new)
    return _join(parts.scheme, parts.netloc, parts.path, "&".join(kept), parts.fragment)


def read_address(url: str) -> Address:
    """Split a database address.

    Raises:
        ConfigurationError: It is none of PostgreSQL, or a parameter of ours is no number. The sentence names
            the parameter and never holds the address, which may hold a password.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ConfigurationError(
            "the database address cannot be read: it must be like postgresql://user@host/name"
        ) from error
    if parts.scheme not in SCHEMES:
        raise ConfigurationError(
            f"the database address must begin with postgresql://, not with {parts.scheme or 'nothing'}://"
        )
    pieces = parts.query.split("&") if parts.query else []
    own = {key: value for key, value in parse_qsl(parts.query) if key in OWN_PARAMETERS}
    rest = "&".join(piece for piece in pieces if unquote_plus(piece.partition("=")[0]) not in OWN_PARAMETERS)
    limit = _number(own, "connection_limit")
    if limit is not None and (limit < 1 or limit != int(limit)):
        raise ConfigurationError("connection_limit in the database address must be a whole number from 1 on")
    return Address(
        dsn=_join("postgresql", parts.netloc, parts.path, rest, parts.fragment),
        connection_limit=None if limit is None else int(limit),
        connect_timeout_s=_number(own, "connect_timeout"),
        pool_timeout_s=_number(own, "pool_timeout"),
        schema=check_schema_name(own["schema"]) if "schema" in own else None,
    )


def check_schema_name(name: str) -> str:
    """Return `name` if it may be a schema of ours: a letter or _, then letters, digits, _ and $, at most 63.

    Raises:
        ConfigurationError: It may not, or is one of PostgreSQL's own (`pg_…`, `information_schema`).
    """
    if not IDENTIFIER.fullmatch(name) or name.lower().startswith("pg_") or name == "information_schema":
        raise ConfigurationError(
            f"{name[:80]!r} cannot be the name of a schema: use a letter or _, then letters, digits and _, "
            "at most 63 characters, not starting with pg_"
        )
    return name


def quote_identifier(name: str) -> str:
    """Return a checked name as SQL reads it, with its upper and lower case kept."""
    return '"' + name.replace('"', '""') + '"'


def _number(values: dict[str, Any], key: str) -> float | None:
    if key not in values:
        return None
    try:
        number = float(values[key])
    except ValueError:
        number = -1.0
    if not 0 < number < float("inf"):
        raise ConfigurationError(f"{key} in the database address must be a number above zero")
    return number


def _join(scheme: str, netloc: str, path: str, query: str, fragment: str) -> str:
    """`urlunsplit`, but keeping the slashes of an address without a host (`postgresql:///weft?host=/run`)."""
    if not netloc and path.startswith("/"):
        tail = (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
        return f"{scheme}://{path}{tail}"
    return urlunsplit((scheme, netloc, path, query, fragment))
