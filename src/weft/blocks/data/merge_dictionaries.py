"""`dict.merge`: several dictionaries become one."""

from typing import Any, ClassVar

from pydantic import Field

from weft.sdk import Block, BlockCategory, Emissions, Example, Schema

Dictionaries = list[dict[str, Any]]


class MergeDictionaries(Block, id="dict.merge", categories=[BlockCategory.DATA]):
    """Put the entries of several dictionaries into one; under the same key the later one wins.

    A deep merge merges dictionaries that stand under the same key, too; lists and other values are replaced.
    """

    class Input(Schema):
        dictionaries: Dictionaries = Field(description="The dictionaries; link to dictionaries[0], dictionaries[1] …")
        deep: bool = Field(default=False, description="Merge dictionaries inside of dictionaries, too")

    class Output(Schema):
        dictionary: dict[str, Any] = Field(description="The merged dictionary")

    examples: ClassVar = [
        Example(
            Input(dictionaries=[{"a": 1, "b": 1}, {"b": 2}, {"c": 3}]),
            emits=[("dictionary", {"a": 1, "b": 2, "c": 3})],
        ),
        Example(
            Input(dictionaries=[{"a": {"x": 1}}, {"a": {"y": 2}}]),
            emits=[("dictionary", {"a": {"y": 2}})],
        ),
        Example(
            Input(dictionaries=[{"a": {"x": 1, "l": [1]}}, {"a": {"y": {"z": 2}, "l": [2]}}, {"b": 3}], deep=True),
            emits=[("dictionary", {"a": {"x": 1, "l": [2], "y": {"z": 2}}, "b": 3})],
        ),
        Example(
            Input(dictionaries=[{"a": {"x": 1}}, {"a": None}, {"a": {"y": 2}}], deep=True),
            emits=[("dictionary", {"a": {"y": 2}})],
            title="null replaces what was there",
        ),
        Example(Input(dictionaries=[]), emits=[("dictionary", {})]),
    ]

    async def run(self, input: Input) -> Emissions:
        yield "dictionary", _merge_deeply(input.dictionaries) if input.deep else _merge(input.dictionaries)


def _merge(dictionaries: Dictionaries) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for dictionary in dictionaries:
        merged |= dictionary
    return merged


def _merge_deeply(dictionaries: Dictionaries) -> dict[str, Any]:
    """Return the merged dictionary; each entry is looked at once, however many dictionaries there are."""
    merged: dict[str, Any] = {}
    waiting = [(merged, dictionaries)]
    while waiting:
        target, sources = waiting.pop()
        for key, values in _what_counts(sources).items():
            if len(values) == 1:
                target[key] = values[0]
            else:
                target[key] = {}
                waiting.append((target[key], values))
    return merged


def _what_counts(dictionaries: Dictionaries) -> dict[str, list[Any]]:
    """Return, for each key, its last value, or all the dictionaries in a row that the last one ends."""
    found: dict[str, list[Any]] = {}
    for dictionary in dictionaries:
        for key, value in dictionary.items():
            values = found.setdefault(key, [])
            if not (values and isinstance(values[-1], dict) and isinstance(value, dict)):
                values.clear()
            values.append(value)
    return found
