"""Dictionaries at their limits: deep, many, and left as they were."""

from functools import reduce
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from weft.blocks.data.add_to_dictionary import AddToDictionary
from weft.blocks.data.merge_dictionaries import MergeDictionaries
from weft.executions.values import encode
from weft.sdk import Block

VALUES = st.recursive(st.none() | st.integers(0, 3), lambda inner: st.dictionaries(st.sampled_from("xyz"), inner))
DICTIONARIES = st.lists(st.dictionaries(st.sampled_from("abc"), VALUES), max_size=5)


async def result(block: Block, **values: Any) -> Any:
    ((_, value),) = [pair async for pair in block.run(block.Input(**values))]
    return value


def merged(first: Any, second: Any) -> Any:
    """Say the rule once more, without regard to depth and cost."""
    if not (isinstance(first, dict) and isinstance(second, dict)):
        return second
    return {
        key: merged(first[key], second[key]) if key in first and key in second else (first | second)[key]
        for key in [*first, *second]
    }


@given(DICTIONARIES)
async def test_a_deep_merge_is_that_of_one_after_the_other(dictionaries: list[dict[str, Any]]) -> None:
    before = encode(dictionaries)

    found = await result(MergeDictionaries(), dictionaries=dictionaries, deep=True)

    assert found == reduce(merged, dictionaries, {})
    assert encode(dictionaries) == before


@given(DICTIONARIES)
async def test_keys_stand_where_they_first_came(dictionaries: list[dict[str, Any]]) -> None:
    for deep in (True, False):
        found = await result(MergeDictionaries(), dictionaries=dictionaries, deep=deep)

        assert list(found) == list(dict.fromkeys(key for dictionary in dictionaries for key in dictionary))


async def test_deep_dictionaries_are_merged() -> None:
    def nested(value: int) -> Any:
        start: dict[str, Any] = {"end": value}
        return reduce(lambda inner, _: {"a": inner, str(value): 0}, range(900), start)

    found = await result(MergeDictionaries(), dictionaries=[nested(1), nested(2)], deep=True)

    for _ in range(900):
        assert found.keys() == {"a", "1", "2"}
        found = found["a"]
    assert found == {"end": 2}


async def test_many_small_dictionaries_merge_into_a_large_one_without_copying_it() -> None:
    many = [{"all": {str(index): index}} for index in range(50_000)]

    found = await result(MergeDictionaries(), dictionaries=many, deep=True)

    assert len(found["all"]) == 50_000


async def test_a_dictionary_that_is_added_to_stays_as_it_was() -> None:
    dictionary, entries = {"a": 1}, {"b": 2}

    assert await result(AddToDictionary(), dictionary=dictionary, entries=entries, key="a", value=3) == {"a": 3, "b": 2}
    assert (dictionary, entries) == ({"a": 1}, {"b": 2})
