"""`text.extract`: the parts of a text that match a pattern."""

from typing import Annotated, ClassVar

from pydantic import Field

from weft.sdk import (
    Advanced,
    Block,
    BlockCategory,
    BlockError,
    Context,
    Emissions,
    Example,
    Many,
    Match,
    Placeholder,
    Schema,
)


class ExtractInformation(Block, id="text.extract", categories=[BlockCategory.PROCESSING]):
    """Find what a pattern matches in a text: the first place, or all of them."""

    class Input(Schema):
        text: str = Field(description="Where to look")
        pattern: Annotated[str, Placeholder(r"order (\d+)")] = Field(description="A regular expression")
        group: int | str = Field(
            default=0, description="Which part of a match to take: 0 for all of it, else a group's number or name"
        )
        case_sensitive: Annotated[bool, Advanced()] = Field(default=True, description="Tell upper case from lower case")
        dot_all: Annotated[bool, Advanced()] = Field(default=True, description="The dot matches line ends too")
        find_all: bool = Field(default=False, description="Find all places, not only the first one")

    class Output(Schema):
        positive: Annotated[str, Many()] = Field(description="Each part found, in order")
        negative: str = Field(description="The text, if nothing was found")
        matched_results: list[str] = Field(description="All parts found; empty if there are none")
        matched_count: int = Field(description="How many parts were found")

    examples: ClassVar = [
        Example(
            Input(text="order 17, order 23", pattern=r"order (\d+)", group=1, find_all=True),
            emits=[("positive", "17"), ("positive", "23"), ("matched_results", ["17", "23"]), ("matched_count", 2)],
        ),
        Example(
            Input(text="order 17, order 23", pattern=r"order \d+"),
            emits=[("positive", "order 17"), ("matched_results", ["order 17"]), ("matched_count", 1)],
        ),
        Example(
            Input(text="Ada <ada@example.org>", pattern=r"<(?P<mail>[^>]+)>", group="mail"),
            emits=[("positive", "ada@example.org"), ("matched_results", ["ada@example.org"]), ("matched_count", 1)],
        ),
        Example(
            Input(text="A\nB", pattern="a.b", case_sensitive=False),
            emits=[("positive", "A\nB"), ("matched_results", ["A\nB"]), ("matched_count", 1)],
        ),
        Example(
            Input(text="x=", pattern=r"x=(\d*)", group=1),
            emits=[("positive", ""), ("matched_results", [""]), ("matched_count", 1)],
        ),
        Example(
            Input(text="nothing", pattern=r"\d+"),
            emits=[("negative", "nothing"), ("matched_results", []), ("matched_count", 0)],
        ),
        Example(
            Input(text="b", pattern="(a)?b", group=1),
            emits=[("negative", "b"), ("matched_results", []), ("matched_count", 0)],
            title="a group that took no part is nothing found",
        ),
        Example(
            Input(text="a", pattern="a", group=1), raises=BlockError("the pattern has no group 1", "NO_SUCH_GROUP")
        ),
        Example(
            Input(text="a", pattern="a", group="x"), raises=BlockError("the pattern has no group 'x'", "NO_SUCH_GROUP")
        ),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        flags = ("" if input.case_sensitive else "i") + ("s" if input.dot_all else "")
        matches = await ctx.match(input.pattern, input.text, flags=flags, limit=None if input.find_all else 1)
        results = [part for match in matches if (part := _part(match, input.group)) is not None]
        for result in results:
            yield "positive", result
        if not results:
            yield "negative", input.text
        yield "matched_results", results
        yield "matched_count", len(results)


def _part(match: Match, group: int | str) -> str | None:
    """Return what the group holds in this match; None if it took no part."""
    if isinstance(group, str) and group.isascii() and group.isdigit():
        group = int(group)
    if group == 0:
        return match.text
    if isinstance(group, str) and group in match.named:
        return match.named[group]
    if isinstance(group, int) and 0 < group <= len(match.groups):
        return match.groups[group - 1]
    raise BlockError(f"the pattern has no group {group!r}", "NO_SUCH_GROUP")
