"""What blocks cost: estimates before, measures after, never negative, always rounded up."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.sdk.toys import OpenIssues, WordCount
from weft.sdk import BlockCost, BlockCostType, Price
from weft.sdk.costs import estimate_tokens, extract_text, matches_filter, select_prices


def cost(kind: BlockCostType, amount: int = 1, **more: Any) -> BlockCost:
    return BlockCost(cost_type=kind, cost_amount=amount, description="x", **more)


@pytest.mark.parametrize(
    ("line", "data", "used", "cents"),
    [
        (cost(BlockCostType.RUN, 5), {}, None, 5),
        (cost(BlockCostType.BYTE), {"a": "b"}, None, 9),
        (cost(BlockCostType.BYTE), {"a": "字"}, None, 11),
        (cost(BlockCostType.BYTE, per_units=1000), {"a": "b"}, None, 1),
        (cost(BlockCostType.BYTE), {"a": "b"}, 3, 3),
        (cost(BlockCostType.TOKEN), {"text": "one two three"}, None, 4),
        (cost(BlockCostType.TOKEN), {"text": "你好世界"}, None, 4),
        (cost(BlockCostType.TOKEN), {"text": ""}, None, 0),
        (cost(BlockCostType.TOKEN, 3, per_units=1000), {}, 1001, 4),
        (cost(BlockCostType.REQUEST, 2), {}, None, 2),
        (cost(BlockCostType.REQUEST, 2), {"request_count": 3}, None, 6),
        (cost(BlockCostType.REQUEST, 2), {"request_count": -3}, None, 2),
        (cost(BlockCostType.REQUEST, 2), {"request_count": "many"}, None, 2),
        (cost(BlockCostType.REQUEST, 2), {"request_count": True}, None, 2),
        (cost(BlockCostType.SECOND, 7), {}, None, 7),
        (cost(BlockCostType.SECOND, 7, per_units=60), {}, None, 7),
        (cost(BlockCostType.SECOND, 7, per_units=60), {}, 61.5, 8),
        (cost(BlockCostType.SECOND, 7), {}, -1, 0),
        (cost(BlockCostType.SECOND, 7), {}, float("nan"), 0),
    ],
)
def test_costs_count_by_their_unit(line: BlockCost, data: dict[str, Any], used: float | None, cents: int) -> None:
    assert line.calculate_cost(data, used=used) == cents


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(BlockCostType),
    st.integers(0, 10**6),
    st.integers(1, 10**6),
    st.dictionaries(st.text(), st.none() | st.integers() | st.floats() | st.text() | st.binary()),
    st.none() | st.floats(),
)
def test_no_input_makes_a_cost_negative_or_fail(
    kind: BlockCostType, amount: int, units: int, data: dict[str, Any], used: float | None
) -> None:
    assert cost(kind, amount, per_units=units).calculate_cost(data, used=used) >= 0


@pytest.mark.parametrize(
    "wrong", [{"cost_amount": -1}, {"description": ""}, {"cost_currency": "EUR"}, {"per_units": 0}]
)
def test_wrong_costs_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        BlockCost.model_validate({"cost_type": "run", "cost_amount": 1, "description": "x"} | wrong)


def test_costs_are_in_dollars_by_default() -> None:
    assert cost(BlockCostType.RUN).cost_currency == "USD"


def test_text_for_tokens_is_the_first_of_the_usual_names() -> None:
    assert extract_text({"query": "b", "prompt": "a"}) == "a"
    assert extract_text({"text": 1, "x": "é"}) == '{"text":1,"x":"é"}'


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("word", 2), ("日本語 and words", 6), ("한국어", 3)])
def test_token_estimates_know_signs_and_words(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens


@pytest.mark.parametrize(
    ("data", "wanted", "matches"),
    [
        ({}, {}, True),
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, False),
        ({}, {"a": None}, False),
        ({"a": None}, {"a": None}, True),
        ({"a": True}, {"a": 1}, False),
    ],
)
def test_filters_match_equal_values_that_are_there(data: dict[str, Any], wanted: dict[str, Any], matches: bool) -> None:
    assert matches_filter(data, wanted) is matches
    assert WordCount()._matches_filter(data, wanted) is matches


def test_estimates_add_units_and_take_the_first_that_matches() -> None:
    block = OpenIssues()

    assert block.get_cost_estimate({"repo": "a/b"}) == 1 + 1
    assert block.get_cost_estimate({"repo": "a/b", "state": "closed"}) == 3 + 1
    assert WordCount().get_cost_estimate({"text": "x"}) == 0


def test_estimates_count_defaults() -> None:
    class Dear(OpenIssues, id="x.dear"):
        """Cost by default."""

        price = (Price(9, when={"state": "open"}), Price(1))

    assert Dear().get_cost_estimate({"repo": "a/b"}) == 9


def test_prices_are_shown_as_costs() -> None:
    first, _, by_request = OpenIssues.costs

    assert first.cost_filter == {"state": "closed"}
    assert (by_request.cost_type, by_request.cost_amount, by_request.per_units) == (
        BlockCostType.REQUEST,
        1,
        10,
    )
    assert by_request.description == "1 credits per 10 requests"


@pytest.mark.parametrize(
    ("price", "used", "micro"),
    [
        (Price(1), 1, 1_000_000),
        (Price(3, per="token", units=1000), 1, 3_000),
        (Price(1, per="token", units=3_000_000), 1, 1),
        (Price(1, per="second"), 0.25, 250_000),
        (Price(1), -5, 0),
        (Price(1), float("inf"), 0),
    ],
)
def test_prices_meter_in_micro_credits_rounded_up(price: Price, used: float, micro: int) -> None:
    assert price.micro(used) == micro


def test_the_first_matching_price_of_each_unit_counts() -> None:
    prices = [Price(3, per="token", when={"model": "large"}), Price(1, per="token"), Price(2)]

    assert select_prices(prices, {"model": "large"}) == {"token": prices[0], "run": prices[2]}
    assert select_prices(prices, {"model": "small"}) == {"token": prices[1], "run": prices[2]}


@pytest.mark.parametrize("wrong", [{"amount": -1}, {"amount": 1, "units": 0}])
def test_wrong_prices_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="at least"):
        Price(**wrong)
