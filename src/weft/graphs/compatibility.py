"""Whether what one pin emits can be taken by another.

| from / to | string | number | integer | boolean | array | object |
|---|---|---|---|---|---|---|
| string  | same | its number | its number | true, yes, 1 … | JSON text or one item | JSON text |
| number  | as JSON | same | if whole | zero is false | one item | no |
| integer | as JSON | same | same | zero is false | one item | no |
| boolean | as JSON | 0 and 1 | 0 and 1 | same | one item | no |
| array   | as JSON | no | no | no | by item | no |
| object  | as JSON | no | no | no | one item | by key |

A pin without a type takes and gives anything. Of unions one pair that goes together is enough: whether the
value that comes is of that kind shows when it comes.
"""

from enum import IntEnum
from typing import Literal

from weft.graphs.schemas import ANYTHING, Schema, branches, schema_at
from weft.sdk.paths import parse_pin
from weft.sdk.spec import BlockSpec

_DEEPEST = 16


class Match(IntEnum):
    """How well two pins go together; larger is better."""

    INCOMPATIBLE = 0
    CONVERTIBLE = 1
    """The engine converts; a value that does not convert fails the firing that takes it."""
    SAME = 2


_CONVERSIONS = frozenset(
    {(kind, "string") for kind in ("number", "integer", "boolean", "array", "object")}
    | {("string", kind) for kind in ("number", "integer", "boolean", "array", "object")}
    | {("number", "integer")}
    | {(kind, "boolean") for kind in ("number", "integer")}
    | {("boolean", kind) for kind in ("number", "integer")}
    | {(kind, "array") for kind in ("number", "integer", "boolean", "object", "null")}
)


def match_types(source: Schema, sink: Schema) -> Match:
    """Return how well a value of `source` goes into a pin of `sink`."""
    return _match(source, sink, 0)


def _match(source: Schema, sink: Schema, depth: int) -> Match:
    if depth > _DEEPEST:
        return Match.SAME
    gives, takes = branches(source), branches(sink)
    # An optional source counts as its other members: null is what it gives when it has nothing.
    gives = [branch for branch in gives if branch.get("type") != "null"] or gives
    best = Match.INCOMPATIBLE
    for give in gives:
        for take in takes:
            best = max(best, _match_one(give, take, depth))
            if best is Match.SAME:
                return best
    return best


def _match_one(source: Schema, sink: Schema, depth: int) -> Match:
    given, taken = source.get("type"), sink.get("type")
    if given is None or taken is None or (given, taken) == ("integer", "number"):
        return Match.SAME
    if given != taken:
        return Match.CONVERTIBLE if (given, taken) in _CONVERSIONS else Match.INCOMPATIBLE
    if given == "array":
        return _match(_items(source), _items(sink), depth + 1)
    if given == "object":
        return _match_objects(source, sink, depth)
    return _match_values(source, sink)


def _items(schema: Schema) -> Schema:
    items = schema.get("items")
    return items if isinstance(items, dict) else ANYTHING


def _match_objects(source: Schema, sink: Schema, depth: int) -> Match:
    gives, takes = source.get("properties", {}), sink.get("properties", {})
    if source.get("additionalProperties") is False and any(key not in gives for key in sink.get("required", ())):
        return Match.INCOMPATIBLE
    shared = [_match(gives[key], takes[key], depth + 1) for key in gives if key in takes]
    return min(shared, default=Match.SAME)


def _match_values(source: Schema, sink: Schema) -> Match:
    gives, takes = _closed_list(source), _closed_list(sink)
    if gives is None or takes is None or any(value in takes for value in gives):
        return Match.SAME
    return Match.INCOMPATIBLE


def _closed_list(schema: Schema) -> list[object] | None:
    if "const" in schema:
        return [schema["const"]]
    return schema.get("enum")


def port_type(spec: BlockSpec, side: Literal["input", "output"], pin: str) -> Schema | None:
    """Return the schema of a pin, or of the part of it that a pin reference names.

    None means that the block has no such pin, or that its value can have no such part.

    Raises:
        InvalidInput: `pin` is no pin reference.
    """
    reference = parse_pin(pin)
    pins = spec.inputs if side == "input" else spec.outputs
    found = pins.get(reference.pin)
    if found is None:
        return None
    return schema_at(found.schema, reference.path, for_writing=side == "input")
