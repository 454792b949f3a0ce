"""JSON schemas of pins: what one allows, and what stands at a path inside it.

Schemas are complete in themselves but for types that hold themselves; a reference to such a one allows
anything here, and the block checks the value when it runs.
"""

from collections.abc import Mapping
from typing import Any

from weft.sdk.paths import Path

Schema = Mapping[str, Any]

ANYTHING: Schema = {}

_DEEPEST = 32  # unions inside unions; a schema beyond this allows anything

_TYPES: Mapping[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}

_WORDS: Mapping[str, str] = {
    "null": "null",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "string": "a text",
    "array": "a list",
    "object": "an object",
}


def branches(schema: Schema) -> list[Schema]:
    """Return the schema as alternatives of at most one type each; a missing `type` means any."""
    flat: list[Schema] = []
    waiting = [(schema, 0)]
    while waiting:
        current, depth = waiting.pop()
        union = current.get("anyOf") or current.get("oneOf")
        kinds = current.get("type")
        if depth > _DEEPEST:
            flat.append(ANYTHING)
        elif union:
            waiting.extend((part, depth + 1) for part in reversed(union))
        elif isinstance(kinds, list):
            flat.extend({**current, "type": kind} for kind in kinds)
        else:
            flat.append(_typed(current))
    return flat


def _typed(schema: Schema) -> Schema:
    if "type" in schema:
        return schema
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    found = {_TYPES.get(type(value), "") for value in values} if values else set()
    if len(found) == 1:
        return {**schema, "type": found.pop()}
    if "properties" in schema:
        return {**schema, "type": "object"}
    return schema


def schema_at(schema: Schema, path: Path, *, for_writing: bool = False) -> Schema | None:
    """Return what the schema says about the part at `path`; None where no value can have such a part.

    Reading takes `[0]` of an object as its key "0"; writing puts list items into lists only.
    """
    current = [schema]
    for step in path:
        found: list[Schema] = []
        for part in current:
            for branch in branches(part):
                inner = _inside(branch, step, for_writing=for_writing)
                if inner is not None:
                    found.append(inner)
        if not found:
            return None
        current = found
    return current[0] if len(current) == 1 else {"anyOf": current}


def _inside(branch: Schema, step: str | int, *, for_writing: bool) -> Schema | None:
    kind = branch.get("type")
    if kind is None:
        return ANYTHING
    if kind == "array" and isinstance(step, int):
        fixed = branch.get("prefixItems", ())
        return fixed[step] if step < len(fixed) else _subschema(branch.get("items", True))
    if kind == "object" and not (for_writing and isinstance(step, int)):
        known = branch.get("properties", {}).get(str(step))
        if known is not None or branch.get("patternProperties"):
            return known or ANYTHING
        return _subschema(branch.get("additionalProperties", True))
    return None


def _subschema(rule: Any) -> Schema | None:
    if isinstance(rule, Mapping):
        return rule
    return ANYTHING if rule else None


def allows_kind(schema: Schema, value: object) -> bool:
    """Whether the schema has room for the value's kind of JSON, whatever else it asks of it."""
    kind = _TYPES.get(type(value))
    allowed = {branch.get("type") for branch in branches(schema)}
    return None in allowed or kind in allowed or (kind == "integer" and "number" in allowed)


def describe(schema: Schema) -> str:
    """Return in words what the schema allows, as "a text or null"."""
    words = [_describe_one(branch) for branch in branches(schema)]
    return " or ".join(dict.fromkeys(words))


def _describe_one(branch: Schema) -> str:
    if "const" in branch:
        return repr(branch["const"])
    if branch.get("enum"):
        return "one of " + ", ".join(repr(value) for value in branch["enum"][:20])
    return _WORDS.get(branch.get("type", ""), "any value")


def kind_of(value: Any) -> str:
    """Return in words what kind of JSON the value is, as "a text"."""
    return _WORDS.get(_TYPES.get(type(value), ""), type(value).__name__)
