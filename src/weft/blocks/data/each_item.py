"""An expression that a person wrote, computed for each item of a list."""

from typing import Any

from weft.blocks.data.items import Items, characters, refuse_if_too_large
from weft.sdk import BlockError, Context

_FIRST, _MOST = 64, 4096
"""How many items go to the sandbox at once: to begin with, and at most."""

_PROGRAM = """\
def _compute(item, index): return ({expression}
)
[_compute(item, _start + place) for place, item in enumerate(_items)]"""


async def compute_each(
    ctx: Context, expression: str, items: Items, values: dict[str, Any], *, as_truth: bool = False
) -> Items:
    """Return the expression's value for each item; it sees `item`, `index` (from 0) and `values` by their names.

    Many items share one call of the sandbox. Where a call fails, fewer go at once, so that each limit of the sandbox is one
    per item, and an error names the item that it belongs to. What an expression changes in `values` shows in the items of
    the same call, and nowhere else.

    Args:
        ctx: Lends the sandbox.
        expression: One Python expression.
        items: What it is computed for.
        values: Further names that it may use.
        as_truth: Return True or False for each, by Python's rule.

    Raises:
        BlockError: The expression or a name is wrong, fails for an item, or the results are too large.
    """
    if not expression.strip():
        raise BlockError("the expression is empty", "NO_EXPRESSION")
    for name in values:
        if name in {"item", "index"} or name.startswith("_"):
            raise BlockError(f"a value cannot be named {name[:80]!r}", "BAD_NAME")
    # The expression stays in the first line, so that the lines which errors name are its own.
    program = _PROGRAM.format(expression=f"not not ({expression}\n)" if as_truth else expression)
    results: Items = []
    size, most = 0, _FIRST
    while len(results) < len(items):
        start = len(results)
        some = items[start : start + most]
        try:
            found = await _compute_some(ctx, program, start, some, values)
        except BlockError as error:
            if len(some) == 1:
                raise BlockError(f"at index {start}: {error.message}", error.error_code) from error
            most = max(len(some) // 4, 1)
            continue
        most = min(most * 2, _MOST)
        size += characters(found)
        refuse_if_too_large(size)
        results += found
    return results


async def _compute_some(ctx: Context, program: str, start: int, some: Items, values: dict[str, Any]) -> Items:
    found = await ctx.evaluate(program, values | {"_items": some, "_start": start})
    if not isinstance(found, list) or len(found) != len(some):
        raise BlockError("the expression closes a bracket that it did not open", "BAD_EXPRESSION")
    return found
