"""Taking secrets out of an agent's values: by the names they stand under, by what stands beside them, and by how they look."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from weft.graphs.json_text import Steps, format_steps
from weft.graphs.secrets import cut_secrets, names_secret
from weft.interop.types import Kind

_HELD = frozenset({"value", "data", "default", "const", "enum", "example", "examples"})
_LABELS = ("key", "name", "title")
_PROVIDER = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class Removed:
    """Where a secret stood; nothing of the secret itself."""

    kind: Kind
    name: str
    provider: str | None = None


def without_secrets(values: dict[str, Any], *, called: str = "") -> tuple[dict[str, Any], list[Removed]]:
    """Return a copy of a node's values without secrets, and where they stood.

    Args:
        values: Plain JSON; not changed.
        called: What the user called the node, which may say what its value is.
    """
    found: list[Removed] = []
    return _clean_object(values, (), found, called=called), found


def _clean(value: Any, path: Steps, found: list[Removed]) -> Any:
    if isinstance(value, dict):
        return _clean_object(value, path, found)
    if isinstance(value, list):
        return [_clean(item, (*path, at), found) for at, item in enumerate(value)]
    if isinstance(value, str):
        cleaned = cut_secrets(value)
        if cleaned != value:
            found.append(Removed(Kind.SECRET, format_steps(path)))
        return cleaned
    return value


def _clean_object(value: dict[str, Any], path: Steps, found: list[Removed], *, called: str = "") -> dict[str, Any]:
    cleaned: dict[str, Any] = {}
    # "key": "password" says of the "value" beside it what its own name does not say.
    labels = [called, *(text for name in _LABELS if isinstance(text := value.get(name), str))]
    for name, item in value.items():
        held = name in _HELD and (value.get("secret") is True or any(names_secret(label, item) for label in labels))
        shown = cut_secrets(name)
        if _is_empty(item) or not (held or names_secret(name, item)):
            cleaned[shown] = _clean(item, (*path, shown), found)
        else:
            kind = Kind.CREDENTIALS if "credential" in name.lower() else Kind.SECRET
            found.append(Removed(kind, format_steps((*path, shown)), next(providers_in(item), None)))
    return cleaned


def _is_empty(value: Any) -> bool:
    return value is None or isinstance(value, bool) or value in ("", [], {})


def providers_in(value: Any) -> Iterator[str]:
    """Yield the providers that the description of a credential names, in its order."""
    named = value.get("provider", value.get("credentials_provider")) if isinstance(value, dict) else None
    for provider in named if isinstance(named, list) else [named]:
        if isinstance(provider, str) and _PROVIDER.fullmatch(provider):
            yield provider
