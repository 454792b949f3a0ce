"""`data.convert`: a value in another type."""

from collections.abc import Callable
from typing import Any, ClassVar, Literal

from pydantic import Field

from weft.blocks.values import as_text, read_json, read_number
from weft.sdk import Block, BlockCategory, BlockError, Emissions, Example, Schema

Kind = Literal["string", "number", "boolean", "list", "dictionary"]

_YES, _NO = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0", ""})


class Convert(Block, id="data.convert", name="Convert Type", categories=[BlockCategory.DATA]):
    """Turn a value into another type, or fail if it has no sensible value there.

    Null becomes an empty text, list or dictionary, or false. What is no list becomes a list of one item.
    """

    class Input(Schema):
        value: Any = Field(description="The value")
        type: Kind = Field(description="The type it should have")

    class Output(Schema):
        value: Any = Field(description="The value in the new type")

    examples: ClassVar = [
        Example(Input(value=7, type="string"), emits=[("value", "7")]),
        Example(Input(value={"a": [1]}, type="string"), emits=[("value", '{"a":[1]}')]),
        Example(Input(value=" 2.5 ", type="number"), emits=[("value", 2.5)]),
        Example(Input(value=True, type="number"), emits=[("value", 1)]),
        Example(Input(value="Yes", type="boolean"), emits=[("value", True)]),
        Example(Input(value=0, type="boolean"), emits=[("value", False)]),
        Example(Input(value=[0], type="boolean"), emits=[("value", True)]),
        Example(Input(value=None, type="boolean"), emits=[("value", False)]),
        Example(Input(value='["a", 1]', type="list"), emits=[("value", ["a", 1])]),
        Example(Input(value="a, b", type="list"), emits=[("value", ["a, b"])]),
        Example(Input(value=None, type="list"), emits=[("value", [])]),
        Example(Input(value='{"a": 1}', type="dictionary"), emits=[("value", {"a": 1})]),
        Example(Input(value=None, type="dictionary"), emits=[("value", {})]),
        Example(Input(value="seven", type="number"), raises=BlockError("'seven' is no number", "NOT_CONVERTIBLE")),
        Example(Input(value=[1], type="number"), raises=BlockError("a list cannot become a number", "NOT_CONVERTIBLE")),
        Example(
            Input(value="maybe", type="boolean"),
            raises=BlockError("'maybe' says neither yes nor no", "NOT_CONVERTIBLE"),
        ),
        Example(
            Input(value="a", type="dictionary"),
            raises=BlockError("the text holds no JSON: Expecting value at character 1", "NOT_CONVERTIBLE"),
        ),
        Example(
            Input(value=[1], type="dictionary"),
            raises=BlockError("a list cannot become a dictionary", "NOT_CONVERTIBLE"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        yield "value", _CONVERTERS[input.type](input.value)


def _to_number(value: Any) -> int | float:
    if isinstance(value, bool | int | float):
        return int(value) if isinstance(value, bool) else value
    if not isinstance(value, str):
        raise BlockError(f"{_name(value)} cannot become a number", "NOT_CONVERTIBLE")
    number = read_number(value)
    if number is None:
        raise BlockError(f"{value[:80]!r} is no number", "NOT_CONVERTIBLE")
    return number


def _to_boolean(value: Any) -> bool:
    if not isinstance(value, str):
        return bool(value)
    word = value.strip().lower()
    if word not in _YES | _NO:
        raise BlockError(f"{value[:80]!r} says neither yes nor no", "NOT_CONVERTIBLE")
    return word in _YES


def _to_list(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = read_json(value)
        except ValueError:
            return [value]
    return value if isinstance(value, list) else [value]


def _to_dictionary(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if isinstance(value, str):
        try:
            value = read_json(value)
        except ValueError as error:
            raise BlockError(f"the text holds no JSON: {error}", "NOT_CONVERTIBLE") from error
    if not isinstance(value, dict):
        raise BlockError(f"{_name(value)} cannot become a dictionary", "NOT_CONVERTIBLE")
    return value


def _name(value: Any) -> str:
    names: dict[type, str] = {list: "a list", dict: "a dictionary", str: "a text", bool: "yes or no"}
    return "null" if value is None else names.get(type(value), "a number")


_CONVERTERS: dict[Kind, Callable[[Any], Any]] = {
    "string": as_text,
    "number": _to_number,
    "boolean": _to_boolean,
    "list": _to_list,
    "dictionary": _to_dictionary,
}
