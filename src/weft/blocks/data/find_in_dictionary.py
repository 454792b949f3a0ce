"""`dict.find`: a part of a value, by its key."""

from typing import Any, ClassVar, Final

from pydantic import Field

from weft.blocks.values import read_json
from weft.sdk import Block, BlockCategory, BlockError, Emissions, Example, Schema

_MISSING: Final = object()


class FindInDictionary(Block, id="dict.find", categories=[BlockCategory.DATA]):
    """Look up a key in a dictionary, or a position in a list.

    In a list of dictionaries a name finds the list of what they hold under it; those without it are left out.
    """

    class Input(Schema):
        input: Any = Field(description="A dictionary, a list, or one of these as JSON text")
        key: int | str = Field(
            description="The name to look up, or the position in a list: 0 is the first, -1 the last"
        )

    class Output(Schema):
        output: Any = Field(description="What was found")
        missing: Any = Field(description="The input, if nothing was found")

    examples: ClassVar = [
        Example(Input(input={"name": "Ada"}, key="name"), emits=[("output", "Ada")]),
        Example(Input(input={"7": None}, key=7), emits=[("output", None)]),
        Example(Input(input=["a", "b"], key=-1), emits=[("output", "b")]),
        Example(Input(input=["a", "b"], key="1"), emits=[("output", "b")]),
        Example(Input(input=[{"id": 1}, {"id": 2}, {}, 3], key="id"), emits=[("output", [1, 2])]),
        Example(Input(input='{"name": "Ada"}', key="name"), emits=[("output", "Ada")]),
        Example(Input(input={"name": "Ada"}, key="age"), emits=[("missing", {"name": "Ada"})]),
        Example(Input(input=["a"], key=1), emits=[("missing", ["a"])]),
        Example(Input(input=["a"], key="name"), emits=[("missing", ["a"])]),
        Example(Input(input=None, key="name"), emits=[("missing", None)]),
        Example(
            Input(input="Ada", key="name"),
            raises=BlockError("the input is a text that holds no JSON: Expecting value at character 1", "NOT_JSON"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        found = _find(_parse(input.input), input.key)
        if found is _MISSING:
            yield "missing", input.input
        else:
            yield "output", found


def _parse(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return read_json(value)
    except ValueError as error:
        raise BlockError(f"the input is a text that holds no JSON: {error}", "NOT_JSON") from error


def _find(value: Any, key: int | str) -> Any:
    if isinstance(value, dict):
        return value.get(str(key), _MISSING)
    if not isinstance(value, list):
        return _MISSING
    position = _position(key)
    if position is not None:
        return value[position] if -len(value) <= position < len(value) else _MISSING
    found = [part[key] for part in value if isinstance(part, dict) and key in part]
    return found or _MISSING


def _position(key: int | str) -> int | None:
    if isinstance(key, int):
        return key
    digits = key.removeprefix("-")
    return int(key) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None
