"""No block for texts makes more than its bounds allow, and large texts are done like small ones."""

from typing import Any

import pytest

from tests.blocks.emitting import emitted
from weft.blocks.text.bounds import LARGEST_TEXT, MOST_ITEMS, compute, join, weight
from weft.blocks.text.decode import DecodeText
from weft.blocks.text.encode import EncodeText
from weft.blocks.text.extract_code import ExtractCode
from weft.blocks.text.extract_links import ExtractLinks
from weft.blocks.text.replace import ReplaceText
from weft.blocks.text.split import SplitText
from weft.blocks.text.statistics import TextStatistics
from weft.blocks.text.truncate import TruncateText
from weft.errors import InvalidInput
from weft.sdk import Block, BlockError


@pytest.mark.parametrize(
    ("block", "values"),
    [
        (ReplaceText(), {"text": "a" * 10_000, "old": "a", "new": "b" * 10_000}),
        (EncodeText(), {"text": "ä" * 2_000_000}),
        (SplitText(), {"text": "," * MOST_ITEMS, "delimiter": ","}),
        (ExtractCode(), {"text": "```\n```\n" * (MOST_ITEMS + 1)}),
    ],
    ids=lambda value: value.id if isinstance(value, Block) else "",
)
async def test_a_result_that_is_too_large_is_refused(block: Block, values: dict[str, Any]) -> None:
    with pytest.raises(BlockError) as caught:
        await emitted(block, **values)

    assert caught.value.error_code == "TOO_LARGE"


async def test_a_text_that_is_too_long_is_refused_at_its_pin() -> None:
    with pytest.raises(InvalidInput, match="text: String should have at most 10000000 characters"):
        await emitted(TextStatistics(), text="a" * (LARGEST_TEXT + 1))


async def test_a_text_long_enough_for_a_thread_is_done_like_a_short_one() -> None:
    line = "Two words. https://example.org/x ada@example.org\n"
    text = line * 10_000

    counts = await emitted(TextStatistics(), text=text)
    links = await emitted(ExtractLinks(), text=text)

    assert (counts["words"], counts["lines"], counts["sentences"]) == (40_000, 10_000, 10_001)
    assert links == {"urls": ["https://example.org/x"], "emails": ["ada@example.org"]}


async def test_an_error_in_a_thread_is_the_same_error() -> None:
    with pytest.raises(BlockError, match="is no escape sequence"):
        await emitted(DecodeText(), text="a" * 200_000 + "\\q")
    with pytest.raises(BlockError, match="the suffix alone has 1 characters"):
        await emitted(TruncateText(), text="a" * 200_000, length=0)


async def test_work_gets_its_arguments_wherever_it_is_done() -> None:
    assert [await compute(size, divmod, 7, 2) for size in (0, 10**9)] == [(3, 1)] * 2


def test_pieces_are_joined_only_while_they_fit() -> None:
    taken = []

    def pieces() -> Any:
        for number in range(100):
            taken.append(number)
            yield "a" * (LARGEST_TEXT // 2)

    with pytest.raises(BlockError):
        join(pieces())
    assert taken == [0, 1, 2]


def test_counting_a_value_stops_when_there_is_enough() -> None:
    endless: list[Any] = []
    endless.append(endless)

    assert 100_000 < weight(endless) < 101_000
    assert weight({"a": ["bc", 1]}) < 100
