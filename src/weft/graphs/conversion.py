"""Plain values of one type as values of another, where nothing is lost: what `compatibility` calls convertible.

The engine converts what links bring just before a firing; the checks of a graph ask the same functions, so that a value passes
the one if and only if it passes the other.
"""

from collections.abc import Callable
from typing import Any

import orjson
from pydantic import ValidationError

from weft.graphs.schemas import Schema, allows_kind
from weft.sdk.spec import InputPin


def convert(value: Any, schema: Schema) -> Any:
    """Return `value` in a type that `schema` names, where that loses nothing; else the value itself."""
    kinds = _kinds(schema)
    if value is None and "null" in kinds:
        return value
    if isinstance(value, list) and "array" in kinds:
        return _convert_items(value, schema)
    for kind in kinds:
        converter = _CONVERTERS.get(kind)
        if converter is not None:
            try:
                converted = converter(value)
            except (ValueError, TypeError):
                continue
            return _convert_items(converted, schema) if kind == "array" else converted
    return value


def _convert_items(items: list[Any], schema: Schema) -> list[Any]:
    wanted = _items(schema)
    return [convert(item, wanted) for item in items]


def check_default(value: Any, pin: InputPin) -> None:
    """Check that the engine can give a node's own value to a pin, converted where needed.

    Raises:
        ValidationError: The pin does not take it.
    """
    _read_default(value, pin)


def plain_default(value: Any, pin: InputPin) -> Any:
    """Return a node's own value as plain data of its pin's type; as it is where the pin does not take it."""
    try:
        read, converted = _read_default(value, pin)
    except ValidationError:
        return value
    # Items may have become something else without a conversion of ours: blocks read sloppy values too.
    same = not (converted or isinstance(value, list)) and allows_kind(pin.schema, value)
    return value if same else pin.adapter.dump_python(read, mode="json")


def _read_default(value: Any, pin: InputPin) -> tuple[Any, bool]:
    """Return the value as the block would get it, and whether it was converted.

    Null says that there is no value: it goes into a pin that takes null, and is never converted.
    """
    # Validators of other people's blocks get a copy, as they do from the engine: what they change in it is theirs.
    plain = orjson.loads(orjson.dumps(value)) if isinstance(value, list | dict) else value
    try:
        return pin.adapter.validator.validate_python(plain), False
    except ValidationError:
        if value is None:
            raise
        return pin.adapter.validator.validate_python(convert(plain, pin.schema)), True


def _kinds(schema: Schema) -> list[str]:
    found = schema.get("type")
    if isinstance(found, str):
        return [found]
    if isinstance(found, list):
        return found
    return [kind for branch in schema.get("anyOf", []) for kind in _kinds(branch)]


def _items(schema: Schema) -> Any:
    """Return what `schema` says of a list's items; nothing known is anything."""
    if "items" in schema:
        return schema["items"]
    return next((branch["items"] for branch in schema.get("anyOf", []) if "items" in branch), {})


def _to_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return orjson.dumps(value).decode()


def _to_number(value: Any) -> int | float:
    if isinstance(value, str):
        text = value.strip()
        try:
            return int(text)
        except ValueError:
            return float(text)
    if isinstance(value, bool):
        return int(value)
    raise TypeError


def _to_integer(value: Any) -> int:
    number = _to_number(value) if isinstance(value, str | bool) else value
    if isinstance(number, float) and not number.is_integer():
        raise ValueError
    return int(number)


_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": False}


def _to_boolean(value: Any) -> bool:
    if isinstance(value, str):
        return _WORDS[value.strip().lower()] if value.strip().lower() in _WORDS else _refuse()
    if isinstance(value, int | float):
        return bool(value)
    raise TypeError


def _refuse() -> bool:
    raise ValueError


def _to_list(value: Any) -> list[Any]:
    if isinstance(value, str) and value.lstrip().startswith("["):
        parsed = orjson.loads(value)
        if isinstance(parsed, list):
            return parsed
    return [value]


def _to_dictionary(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        parsed = orjson.loads(value)
        if isinstance(parsed, dict):
            return parsed
    raise TypeError


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "string": _to_text,
    "number": _to_number,
    "integer": _to_integer,
    "boolean": _to_boolean,
    "array": _to_list,
    "object": _to_dictionary,
}
