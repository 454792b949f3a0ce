"""What a block costs: the author's `Price`, and the platform's `BlockCost` made from it."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from weft.sdk.kinds import BlockCostType

Unit = Literal["run", "byte", "second", "token", "request"]

_TEXT_KEYS = ("text", "content", "message", "prompt", "query")
_WIDE = re.compile(
    "[\u1100-\u11ff\u2e80-\u2fdf\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f"
    "\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
_TOKENS_PER_WORD = Fraction(13, 10)
_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """Credits for use: `amount` whole credits per `units` of `per`; one credit is one cent.

    Of several prices with the same `per` the first whose `when` matches the input counts; prices of different
    units add up.

    Attributes:
        when: Values that inputs must have, by name; empty means always.
        description: What the person reads; made from the numbers when empty.
    """

    amount: int
    per: Unit = "run"
    units: int = 1
    when: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""

    def __post_init__(self) -> None:
        if self.amount < 0 or self.units < 1:
            raise ValueError("a price needs an amount of at least 0 and units of at least 1")

    def micro(self, used: float) -> int:
        """Return the micro-credits for `used` units, rounded up; nothing for use that is not positive."""
        if not math.isfinite(used) or used <= 0:
            return 0
        return math.ceil(Fraction(used) * self.amount * _MICRO / self.units)

    @property
    def cost(self) -> "BlockCost":
        """Return the same as the platform shows it."""
        said = self.description or f"{self.amount} credits per " + (
            self.per if self.units == 1 else f"{self.units} {self.per}s"
        )
        return BlockCost(
            cost_type=BlockCostType(self.per),
            cost_amount=self.amount,
            per_units=self.units,
            cost_filter=dict(self.when),
            description=said,
        )


class BlockCost(BaseModel):
    """One line of what a block costs, in whole cents per `per_units`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cost_type: BlockCostType
    cost_amount: int = Field(ge=0)
    cost_currency: Literal["USD"] = "USD"
    cost_filter: dict[str, Any] = Field(default_factory=dict)
    description: str = Field(min_length=1)
    per_units: int = Field(default=1, ge=1)

    def calculate_cost(self, input_data: Mapping[str, Any], *, used: float | None = None) -> int:
        """Return whole cents, rounded up, never negative.

        Args:
            input_data: What the block got, or will get.
            used: Measured bytes, seconds, tokens or requests. Without it they are estimated from the input;
                seconds count as one `per_units`, requests as the input's `request_count` if that is a whole
                number of at least 0, else as one.
        """
        amount = self._estimate(input_data) if used is None else used
        if not math.isfinite(amount) or amount <= 0:
            return 0
        return math.ceil(Fraction(amount) * self.cost_amount / self.per_units)

    def _estimate(self, input_data: Mapping[str, Any]) -> int:
        match self.cost_type:
            case BlockCostType.RUN:
                return 1
            case BlockCostType.BYTE:
                return len(_json_text(input_data).encode("utf-8", "surrogatepass"))
            case BlockCostType.TOKEN:
                return estimate_tokens(extract_text(input_data))
            case BlockCostType.REQUEST:
                count = input_data.get("request_count", 1)
                return count if type(count) is int and count >= 0 else 1
            case BlockCostType.SECOND:
                return self.per_units


def estimate_tokens(text: str) -> int:
    """Return about how many tokens a language model makes of `text`.

    1.3 for a word, one for a Chinese, Japanese or Korean sign; rounded up, so only an empty text has none.
    """
    wide = len(_WIDE.findall(text))
    words = len(_WIDE.sub(" ", text).split())
    return wide + math.ceil(words * _TOKENS_PER_WORD)


def extract_text(input_data: Mapping[str, Any]) -> str:
    """Return the text whose tokens count: the first string of the usual names, else the input as JSON."""
    for key in _TEXT_KEYS:
        if isinstance(value := input_data.get(key), str):
            return value
    return _json_text(input_data)


def _json_text(input_data: Mapping[str, Any]) -> str:
    return json.dumps(dict(input_data), ensure_ascii=False, separators=(",", ":"), default=str, skipkeys=True)


def matches_filter(input_data: Mapping[str, Any], cost_filter: Mapping[str, Any]) -> bool:
    """Return whether the input has every key of the filter with an equal value.

    An empty filter always matches. A key that is not there does not match, not even None. True is not 1.
    """
    return all(
        key in input_data
        and input_data[key] == wanted
        and isinstance(input_data[key], bool) == isinstance(wanted, bool)
        for key, wanted in cost_filter.items()
    )


def select_costs(costs: Sequence[BlockCost], input_data: Mapping[str, Any]) -> list[BlockCost]:
    """Return the costs that count for this input: for each unit the first whose filter matches."""
    chosen: dict[BlockCostType, BlockCost] = {}
    for cost in costs:
        if cost.cost_type not in chosen and matches_filter(input_data, cost.cost_filter):
            chosen[cost.cost_type] = cost
    return list(chosen.values())


def select_prices(prices: Sequence[Price], input_data: Mapping[str, Any]) -> dict[Unit, Price]:
    """Return by unit the prices that count for this input: of each unit the first whose `when` matches."""
    chosen: dict[Unit, Price] = {}
    for price in prices:
        if price.per not in chosen and matches_filter(input_data, price.when):
            chosen[price.per] = price
    return chosen
