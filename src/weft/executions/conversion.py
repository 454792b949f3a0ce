"""From the plain data that links brought to the block's typed input.

A value of another type than its pin's is converted where nothing is lost (a number for a text, the text of a number, JSON text
for a list); what does not convert fails the firing that would have read it, and says which pin and which value.
"""

from typing import Any

import orjson
from pydantic import ValidationError

from weft.executions.errors import FiringFailed
from weft.executions.program import NodeProgram
from weft.graphs.conversion import convert
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
        return _convert_and_read(program, data, error)[0]


def read_data(program: NodeProgram, data: dict[str, Any]) -> dict[str, Any]:
    """Return the plain data that `read_input` made its model of: `data`, converted where that was needed.

    Raises:
        FiringFailed: A value is missing or does not convert; the message names pin and value.
    """
    try:
        program.block.spec.input_model.model_validate(data)
    except ValidationError as error:
        return _convert_and_read(program, data, error)[1]
    return data


def _convert_and_read(
    program: NodeProgram, data: dict[str, Any], error: ValidationError
) -> tuple[Schema, dict[str, Any]]:
    spec = program.block.spec
    converted = dict(data)
    # A pin of several types has a problem with each of them, and is converted once all the same.
    problems = error.errors(include_url=False, include_context=False)
    for name in dict.fromkeys(str(problem["loc"][0]) for problem in problems if problem["loc"]):
        if name in converted and name in spec.inputs:
            converted[name] = convert(converted[name], spec.inputs[name].schema)
    try:
        return spec.input_model.model_validate(converted), converted
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
