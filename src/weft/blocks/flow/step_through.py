"""`flow.step_through`: a list, a dictionary or a JSON text becomes a stream."""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar

from pydantic import Field

from weft.blocks.values import read_json
from weft.sdk import Advanced, Block, BlockCategory, BlockError, Emissions, Example, Many, Multiline, Schema

_MOST = 1_000_000


class StepThroughItems(Block, id="flow.step_through", categories=[BlockCategory.UTILITY]):
    """Emit the items of a list or a dictionary one by one, each with its key.

    Of several inputs the list comes first, then the dictionary, then the text.
    """

    class Input(Schema):
        items: list[Any] | None = Field(default=None, description="A list; the keys are positions from 0")
        items_object: dict[str, Any] | None = Field(default=None, description="A dictionary; the keys are its own")
        items_text: Annotated[str, Multiline()] = Field(
            default="", description='A list or a dictionary as JSON text, e.g. ["a", "b"]'
        )
        limit: Annotated[int, Advanced()] = Field(
            default=_MOST, ge=1, le=_MOST, description="More items than this are an error"
        )

    class Output(Schema):
        item: Annotated[Any, Many()] = Field(description="Each item, in order")
        key: Annotated[int | str, Many()] = Field(
            description="The key of each item: its position in a list, its name in a dictionary"
        )

    examples: ClassVar = [
        Example(Input(items=["a", "b"]), emits=[("item", "a"), ("key", 0), ("item", "b"), ("key", 1)]),
        Example(
            Input(items_object={"x": 1, "y": None}), emits=[("item", 1), ("key", "x"), ("item", None), ("key", "y")]
        ),
        Example(Input(items_text='{"x": [1]}'), emits=[("item", [1]), ("key", "x")]),
        Example(
            Input(items=["a"], items_object={"x": 1}, items_text="[2]"),
            emits=[("item", "a"), ("key", 0), ("item", 1), ("key", "x"), ("item", 2), ("key", 0)],
        ),
        Example(Input(items=[])),
        Example(
            Input(items_text="a, b"),
            raises=BlockError("`items_text` holds no JSON: Expecting value at character 1", "NOT_JSON"),
        ),
        Example(
            Input(items_text="7"),
            raises=BlockError("`items_text` must hold a list or a dictionary", "NOT_A_COLLECTION"),
        ),
        Example(
            Input(items=[1, 2], limit=1),
            raises=BlockError("there are 2 items, at most 1 are allowed", "TOO_MANY_ITEMS"),
        ),
        Example(
            Input(),
            raises=BlockError("there is nothing to step through: no list, dictionary or text was given", "NO_ITEMS"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        given = [value for value in (input.items, input.items_object) if value is not None]
        if input.items_text.strip():
            given.append(_parse(input.items_text))
        if not given:
            raise BlockError("there is nothing to step through: no list, dictionary or text was given", "NO_ITEMS")
        count = sum(len(collection) for collection in given)
        if count > input.limit:
            raise BlockError(f"there are {count} items, at most {input.limit} are allowed", "TOO_MANY_ITEMS")
        for collection in given:
            for key, item in _pairs(collection):
                yield "item", item
                yield "key", key


def _parse(text: str) -> list[Any] | dict[str, Any]:
    try:
        value = read_json(text)
    except ValueError as error:
        raise BlockError(f"`items_text` holds no JSON: {error}", "NOT_JSON") from error
    if not isinstance(value, list | dict):
        raise BlockError("`items_text` must hold a list or a dictionary", "NOT_A_COLLECTION")
    return value


def _pairs(collection: list[Any] | dict[str, Any]) -> Iterable[tuple[int | str, Any]]:
    return collection.items() if isinstance(collection, dict) else enumerate(collection)
