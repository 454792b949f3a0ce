"""Lists at their limits: deep, large, hostile."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.blocks.test_lists_comparing import VALUES, equal
from weft.blocks.data.concatenate_lists import ConcatenateLists
from weft.blocks.data.find_in_list import FindInList
from weft.blocks.data.flatten_list import FlattenList
from weft.blocks.data.interleave_lists import InterleaveLists
from weft.blocks.data.items import characters
from weft.blocks.data.list_difference import ListDifference
from weft.blocks.data.list_intersection import ListIntersection
from weft.blocks.data.remove_from_list import RemoveFromList
from weft.blocks.data.sort_list import SortList
from weft.blocks.data.unique_items import UniqueItems
from weft.blocks.data.zip_lists import ZipLists
from weft.blocks.logic.switch import Switch
from weft.executions.values import decode, encode
from weft.sdk import Block, BlockError


async def emitted(block: Block, **values: Any) -> dict[str, Any]:
    return dict([pair async for pair in block.run(block.Input(**values))])


def nested(depth: int) -> Any:
    return decode("[" * depth + "]" * depth)


async def test_deep_values_are_compared_like_others() -> None:
    deep, deepest, again = nested(999), nested(1000), nested(1000)

    unique = (await emitted(UniqueItems(), list=[deepest, again, deep]))["list"]
    in_order = (await emitted(SortList(), list=[deepest, deep]))["sorted_list"]

    assert [id(item) for item in unique] == [id(deepest), id(deep)]
    assert [id(item) for item in in_order] == [id(deep), id(deepest)]
    assert (await emitted(Switch(), value=again, cases=[deep, deepest]))["matched"] == 2
    assert (await emitted(FindInList(), list=[deep, deepest], value=again))["index"] == 1


async def test_deep_lists_are_flattened() -> None:
    found = await emitted(FlattenList(), nested_list=[nested(1000), 7])

    assert found == {"flattened_list": [7], "length": 1, "original_depth": 1001}


@given(st.lists(VALUES, max_size=6), st.lists(VALUES, max_size=6))
async def test_difference_and_intersection_together_are_the_list(a: list[Any], b: list[Any]) -> None:
    left = (await emitted(ListDifference(), list_a=a, list_b=b))["difference"]
    common = (await emitted(ListIntersection(), list_a=a, list_b=b))["intersection"]

    assert sorted(map(repr, left + common)) == sorted(map(repr, a))
    assert common == [item for item in a if any(equal(item, other) for other in b)]


async def test_items_of_descending_lists_that_are_equal_stay_in_their_order() -> None:
    items = [{"n": 1, "id": "a"}, {"n": 2, "id": "b"}, {"n": 1.0, "id": "c"}]

    found = await emitted(SortList(), list=items, by="n", descending=True)

    assert [item["id"] for item in found["sorted_list"]] == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("by", "ids"),
    [
        ("First name", ["b", "a"]),
        ("address.city", ["b", "a"]),
        ("tags[0]", ["b", "a"]),
        ("tags.1.x", ["b", "a"]),
        ("dotted.key", ["b", "a"]),
    ],
)
async def test_items_are_sorted_by_keys_and_paths(by: str, ids: list[str]) -> None:
    def item(id: str, text: str) -> dict[str, Any]:
        return {
            "id": id,
            "First name": text,
            "address": {"city": text},
            "tags": [text, {"x": text}],
            "dotted.key": text,
        }

    found = await emitted(SortList(), list=[item("a", "Zoe"), item("b", "Ada")], by=by)

    assert [item["id"] for item in found["sorted_list"]] == ids


@pytest.mark.parametrize("by", [".", "..", "[", "[9999999999]", "a[-1]", "²", "0", "a" * 10_000])
async def test_a_path_that_leads_nowhere_is_told(by: str) -> None:
    with pytest.raises(BlockError, match=r"^no item of the list has '.{1,80}'$"):
        await emitted(SortList(), list=[{"a": [1]}, "text", None], by=by)


async def test_inputs_stay_as_they_were() -> None:
    items = [3, 1, [2]]
    kept = encode(items)

    await emitted(SortList(), list=items)
    await emitted(RemoveFromList(), list=items, index=0)
    await emitted(ConcatenateLists(), lists=[items, items], deduplicate=True)

    assert encode(items) == kept


async def test_a_list_longer_than_the_others_ends_alone() -> None:
    lists: list[Any] = [[0]] * 20_000 + [[1] * 20_000]

    found = await emitted(InterleaveLists(), lists=lists)

    assert found["length"] == 40_000
    assert found["interleaved_list"][:20_002] == [0] * 20_000 + [1, 1]


@pytest.mark.parametrize(("lists", "fill"), [([[0] * 5000] + [[]] * 5000, None), ([[0] * 100, []], "x" * 700_000)])
async def test_padding_that_would_not_end_is_refused(lists: list[Any], fill: Any) -> None:
    with pytest.raises(BlockError, match=r"^the result would hold more than 67108864 characters$"):
        await emitted(ZipLists(), lists=lists, pad_to_longest=True, fill_value=fill)


@pytest.mark.parametrize("value", ["é", "日本", [1, {"a": None}], {"ä": True}, 1.5, None, True])
def test_the_size_of_a_value_is_about_that_of_its_json(value: Any) -> None:
    assert len(encode(value).decode()) <= characters(value) <= 6 * len(encode(value))
