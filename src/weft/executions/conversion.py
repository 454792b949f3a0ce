"""From the plain data that links brought to the block's typed input.

A value of another type than its pin's is converted where nothing is lost (a number for a text, the text of a number, JSON text
for a list); what does not convert fails the firing that would have read it, and says which pin and which value.
"""

from collections.abc import Callable
from typing import Any

import orjson
from pydantic import ValidationError

from weft.executions.errors import FiringFailed
from weft.executions.program import NodeProgram
from weft.sdk import Schema

_SHOWN = 80


def read_input(program: NodeProgram, data: dict[str, Any]) -> Schema:
    """Return the block's input model for `data`.

    Raises:
        FiringFailed: A value is missing or does not convert; the message names pin and value.
    """
    model = program.block.spec.input_model
    try:
        return model.model_validate(data)
    except ValidationError as error:
        return _convert_and_read(program, data, error)


def _convert_and_read(program: NodeProgram, data: dict[str, Any], error: ValidationError) -> Schema:
    spec = program.block.spec
    converted = dict(data)
    for problem in error.errors(include_url=False, include_context=False):
        name = str(problem["loc"][0]) if problem["loc"] else ""
        if name in converted and name in spec.inputs:
            converted[name] = convert(converted[name], spec.inputs[name].schema)
    try:
        return spec.input_model.model_validate(converted)
    except ValidationError as left:
        problem = left.errors(include_url=False, include_context=False)[0]
        raise FiringFailed(_sentence(problem, data), code="BAD_INPUT_VALUE") from error


def _sentence(problem: Any, data: dict[str, Any]) -> str:
    place = ".".join(str(step) for step in problem["loc"]) or "input"
    if problem["type"] == "missing":
        return f"input {place!r} has no value"
    if problem["type"] == "extra_forbidden":
        return f"there is no input {place!r}"
    return f"input {place!r} cannot take {shown(data.get(str(problem['loc'][0])) if problem['loc'] else data)}: {problem['msg']}"


def shown(value: Any) -> str:
    """Return a value as JSON, cut to a length that fits a sentence."""
    text = orjson.dumps(value, default=repr).decode()
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def convert(value: Any, schema: Any) -> Any:
    """Return `value` in a type that `schema` names, where that loses nothing; else the value itself."""
    kinds = _kinds(schema)
    if value is None and "null" in kinds:
        return value
    if isinstance(value, list) and "array" in kinds:
        return [convert(item, _items(schema)) for item in value]
    for kind in kinds:
        converter = _CONVERTERS.get(kind)
        if converter is not None:
            try:
                return converter(value)
            except (ValueError, TypeError):
                continue
    return value


def _kinds(schema: Any) -> list[str]:
    found = schema.get("type")
    if isinstance(found, str):
        return [found]
    if isinstance(found, list):
        return found
    return [kind for branch in schema.get("anyOf", []) for kind in _kinds(branch)]


def _items(schema: Any) -> Any:
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
