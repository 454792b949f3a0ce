"""JSON schemas of pins in a few words, for people."""

import json
from collections.abc import Mapping
from typing import Any

from weft.sdk.file import File

_WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "null",
    "array": "list",
    "object": "dictionary",
}
_TEXTS = {"date": "date", "time": "time of day", "date-time": "date and time", "uuid": "UUID", "uri": "address"}
_ANYTHING = "anything"
_MOST_VALUES = 20
_DEEPEST = 4


def type_words(schema: Mapping[str, Any], depth: int = 0) -> str:
    """Return what kind of value a schema allows, as "list of whole numbers from 0 or null"; code stands in backticks."""
    parts = schema.get("anyOf") or schema.get("oneOf")
    if parts:
        return " or ".join(dict.fromkeys(type_words(part, depth) for part in parts))
    if "const" in schema or "enum" in schema:
        return _values(schema.get("enum", [schema.get("const")]))
    kind = schema.get("type")
    if isinstance(kind, list):
        return " or ".join(type_words({**schema, "type": one}, depth) for one in kind)
    if kind == "array":
        return _list(schema, depth)
    if kind == "object":
        return _dictionary(schema, depth)
    if kind == "string":
        return _TEXTS.get(schema.get("format", ""), "text")
    return f"{_WORDS.get(str(kind), _ANYTHING)}{_bounds(schema)}"


def _values(values: list[Any]) -> str:
    shown = [f"`{value if isinstance(value, str) else json.dumps(value)}`" for value in values[:_MOST_VALUES]]
    return ", ".join(shown) + (", …" if len(values) > _MOST_VALUES else "")


def _list(schema: Mapping[str, Any], depth: int) -> str:
    items = schema.get("items")
    if not isinstance(items, Mapping) or depth == _DEEPEST:
        return "list"
    inner = type_words(items, depth + 1)
    return "list" if inner == _ANYTHING else f"list of {inner}"


def _dictionary(schema: Mapping[str, Any], depth: int) -> str:
    if File.is_schema(schema):
        return "file"
    properties: Mapping[str, Any] = schema.get("properties", {})
    if properties:
        return "dictionary with " + _values(list(properties))
    values = schema.get("additionalProperties")
    if not isinstance(values, Mapping) or depth == _DEEPEST:
        return "dictionary"
    inner = type_words(values, depth + 1)
    return "dictionary" if inner == _ANYTHING else f"dictionary of {inner}"


def _bounds(schema: Mapping[str, Any]) -> str:
    least, most = (
        _bound(schema, *names) for names in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))
    )
    return (f" from {least}" if least else "") + (f" to {most}" if most else "")


def _bound(schema: Mapping[str, Any], inclusive: str, exclusive: str) -> str:
    bound = schema.get(inclusive, schema.get(exclusive))
    if bound is None:
        return ""
    number = int(bound) if isinstance(bound, float) and bound.is_integer() else bound
    return f"{number:,}" if inclusive in schema else f"{number:,} (not included)"
