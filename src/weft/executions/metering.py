"""What a firing costs: the block's price times what was really used, in micro-credits."""

from collections.abc import Mapping
from typing import Any

import orjson

from weft.executions.program import NodeProgram
from weft.sdk.costs import select_prices


def cost_micro(program: NodeProgram, data: Mapping[str, Any], usage: Mapping[str, float], seconds: float) -> int:
    """Return micro-credits (a millionth of a cent) for one firing, rounded up, never negative.

    Args:
        program: The node; a block without a price costs nothing.
        data: Its input, which decides which price applies.
        usage: What the block metered, by unit; without it bytes are those of the input, and seconds those it ran.
        seconds: How long it ran.
    """
    prices = program.block.spec.prices
    if not prices:
        return 0
    total = 0
    for unit, price in select_prices(prices, data).items():
        total += price.micro(usage.get(unit, _measured(unit, data, seconds)))
    return total


def _measured(unit: str, data: Mapping[str, Any], seconds: float) -> float:
    match unit:
        case "run":
            return 1.0
        case "second":
            return seconds
        case "byte":
            return float(len(orjson.dumps(data)))
        case _:
            return 0.0
