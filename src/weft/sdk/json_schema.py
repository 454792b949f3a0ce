"""JSON schemas of pins, complete in themselves: definitions are put where they are used."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel

Mode = Literal["validation", "serialization"]
_PREFIX = "#/$defs/"


def model_schema(model: type[BaseModel], mode: Mode) -> dict[str, Any]:
    """Return the JSON schema of `model` without `$defs`, except for types that hold themselves."""
    return inline(model.model_json_schema(mode=mode))


def field_schema(model: type[BaseModel], name: str, mode: Mode) -> dict[str, Any]:
    """Return the JSON schema of one field of `model`, complete in itself."""
    whole = model.model_json_schema(mode=mode)
    schema = dict(whole["properties"][name])
    if "$defs" in whole:
        schema["$defs"] = whole["$defs"]
    return inline(schema)


def inline(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return `schema` with each `$ref` into its `$defs` replaced by what it names.

    A type that holds itself cannot be written out; its references stay, and its definition stays in `$defs`.
    """
    definitions: Mapping[str, Any] = schema.get("$defs", {})
    kept: dict[str, Any] = {}
    body = {key: value for key, value in schema.items() if key != "$defs"}
    result: dict[str, Any] = _replace(body, definitions, (), kept)
    waiting = list(kept)
    while waiting:
        name = waiting.pop()
        known = set(kept)
        kept[name] = _replace(definitions[name], definitions, (name,), kept)
        waiting.extend(set(kept) - known)
    return result | {"$defs": kept} if kept else result


def _replace(value: Any, definitions: Mapping[str, Any], inside: tuple[str, ...], kept: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_replace(item, definitions, inside, kept) for item in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref")
    if not isinstance(reference, str) or not reference.startswith(_PREFIX):
        return {key: _replace(item, definitions, inside, kept) for key, item in value.items()}
    name = reference.removeprefix(_PREFIX)
    if name in inside:
        kept.setdefault(name, None)
        return dict(value)
    beside = {key: item for key, item in value.items() if key != "$ref"}
    return _replace(definitions[name], definitions, (*inside, name), kept) | beside
