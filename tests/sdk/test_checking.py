"""Examples run through the real code; coverage finds what they leave out."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

import pytest
from pydantic import Field

from tests.sdk.lending import lend
from tests.sdk.toys import ISSUES, TOKEN, TOYS, Approve, Gather, Note, OpenIssues, WordCount
from weft.sdk import (
    Block,
    BlockError,
    Context,
    Emissions,
    Example,
    ExampleFailed,
    Keyed,
    Many,
    Reply,
    Schema,
    Stop,
    Wait,
)
from weft.sdk.checking import check_example, coverage

EXAMPLES = [(kind(), example) for kind in TOYS for example in kind.examples]


@pytest.mark.parametrize(("block", "example"), EXAMPLES)
async def test_block_does_what_its_examples_say(block: Block, example: Example) -> None:
    await check_example(block, example, lend=lend)


def input_of(block: type[Block], **values: Any) -> Schema:
    return block.Input(**values)


REPO = input_of(OpenIssues, repo="octo/demo")
TWO = [Reply(ISSUES, json=[{"title": "Crash"}])]
WRONG = {
    "value": (
        WordCount,
        Example(input_of(WordCount, text="a b"), emits=[("words", 3)]),
        r"- words: 3\n\+ words: 2",
    ),
    "missing emission": (WordCount, Example(input_of(WordCount, text="a b")), r"\+ words: 2"),
    "extra emission": (
        Gather,
        Example(input_of(Gather, values=[1]), emits=[("result", [1]), ("result", [1])]),
        r"- result: \[1\]",
    ),
    "true is not one": (
        Gather,
        Example(input_of(Gather, values=[True]), emits=[("result", [1])]),
        r"- result: \[1\]\n\+ result: \[true\]",
    ),
    "order": (
        OpenIssues,
        Example(REPO, http=TWO, credentials=TOKEN, emits=[("count", 1), ("title", "Crash")]),
        "other emissions",
    ),
    "no failure": (
        WordCount,
        Example(input_of(WordCount, text="a"), emits=[("words", 1)], raises=BlockError),
        "should raise BlockError and raised nothing",
    ),
    "another failure": (
        OpenIssues,
        Example(REPO, http=[Reply(ISSUES, status=404)], credentials=TOKEN, raises=Stop),
        r"should raise Stop and raised BlockError\[NO_REPOSITORY\]",
    ),
    "another message": (
        OpenIssues,
        Example(REPO, http=[Reply(ISSUES, status=404)], credentials=TOKEN, raises=BlockError("gone")),
        "should raise BlockError",
    ),
    "unexpected failure": (
        OpenIssues,
        Example(REPO, http=[Reply(ISSUES, status=404)], credentials=TOKEN),
        "it raised BlockError",
    ),
    "crash": (
        OpenIssues,
        Example(REPO, http=[Reply(ISSUES, text="no json")], credentials=TOKEN),
        r"JSONDecodeError\(.*\(a crash\)",
    ),
    "unanswered request": (OpenIssues, Example(REPO, credentials=TOKEN), "asked for 'GET https://api"),
    "unused reply": (
        OpenIssues,
        Example(
            REPO,
            http=[*TWO, Reply("GET https://api.github.com/more")],
            credentials=TOKEN,
            emits=[("title", "Crash"), ("count", 1)],
        ),
        "never asked for 'GET https://api.github.com/more'",
    ),
    "no credential": (OpenIssues, Example(REPO, http=TWO), "no credential of 'github'"),
    "does not wait": (
        Gather,
        Example(input_of(Gather, values=[1]), waits=Wait("person"), emits=[("result", [1])]),
        "should wait",
    ),
    "waits unexpectedly": (
        Approve,
        Example(input_of(Approve, value=1), emits=[("asked", 1)]),
        "should wait: None",
    ),
    "another wait": (
        Approve,
        Example(input_of(Approve, value=1), emits=[("asked", 1)], waits=Wait("person", title="Sure?")),
        "its wait has title 'Approve\\?', not 'Sure\\?'",
    ),
    "never runs": (Note, Example(input_of(Note)), "never runs"),
}


@pytest.mark.parametrize(("kind", "example", "sentence"), WRONG.values(), ids=WRONG)
async def test_an_example_that_does_not_hold_is_told(kind: type[Block], example: Example, sentence: str) -> None:
    with pytest.raises(ExampleFailed, match=sentence) as caught:
        await check_example(kind(), example, lend=lend)

    assert caught.value.message.startswith(f"block {kind.id}, an example:") or "asked" in sentence


class Chatty(Block, id="x.chatty"):
    """Emit in ways that Output does not allow."""

    class Input(Schema):
        way: str = Field(description="Which way")

    class Output(Schema):
        one: int = Field(description="A number")
        any: Annotated[Any, Many()] = Field(description="Anything")
        by_key: Annotated[dict[str, int], Keyed()] = Field(default_factory=dict, description="Numbers by name")

    async def run(self, input: Input) -> Any:
        match input.way:
            case "twice":
                yield "one", 1
                yield "one", 2
            case "type":
                yield "one", "x"
            case "pin":
                yield input.way, 1
            case "json":
                yield "any", object()
            case "wait":
                raise Wait("webhook")
            case "keys":
                yield "by_key", {"a": 1, "b": 2}
            case "key":
                yield "by_key", {"a": 1}
                yield "by_key", {"a": 2}
            case "each key":
                yield "by_key", {"a": 1}
                yield "by_key", {"b": 2}


EMITS: dict[str, list[tuple[str, Any]]] = {
    "twice": [("one", 1), ("one", 2)],
    "keys": [("by_key", {"a": 1, "b": 2})],
    "key": [("by_key", {"a": 1}), ("by_key", {"a": 2})],
    "each key": [("by_key", {"a": 1}), ("by_key", {"b": 2})],
}


@pytest.mark.parametrize(
    ("way", "sentence"),
    [
        ("twice", "emitted `one` 2 times; mark the pin Many"),
        ("type", "'x' does not fit pin `one`"),
        ("pin", r"yielded \('pin', 1\)"),
        ("json", "cannot be kept as JSON"),
        ("wait", "has no `on_answer`"),
        ("keys", r"emitted `by_key` with 2 keys; a value of a Keyed\(\) pin has one"),
        ("key", "emitted `by_key` 2 times"),
    ],
)
async def test_what_output_does_not_allow_fails_the_example(way: str, sentence: str) -> None:
    example = Example(Chatty.Input(way=way), emits=EMITS.get(way, []))

    with pytest.raises(ExampleFailed, match=sentence):
        await check_example(Chatty(), example, lend=lend)


async def test_a_keyed_pin_is_emitted_once_for_each_key() -> None:
    example = Example(Chatty.Input(way="each key"), emits=EMITS["each key"])

    await check_example(Chatty(), example, lend=lend)


async def test_a_pure_block_that_changes_its_mind_is_found() -> None:
    answers = iter([1, 2])

    class Moody(WordCount, id="x.moody"):
        """Count differently each time."""

        async def run(self, input: WordCount.Input) -> Emissions:
            yield "words", next(answers)

    with pytest.raises(ExampleFailed, match="only in the second run"):
        await check_example(Moody(), Example(WordCount.Input(text=""), emits=[("words", 1)]), lend=lend)


async def test_a_pure_block_that_hides_its_request_is_told_the_fix() -> None:
    async def fetch(lent: Context) -> str:
        return (await lent.http.get("https://example.com")).text

    class Hidden(WordCount, id="x.hidden"):
        """Ask the network behind a helper."""

        async def run(self, input: WordCount.Input, *, ctx: Context) -> Emissions:  # type: ignore[override]
            yield "words", await fetch(ctx)

    with pytest.raises(ExampleFailed, match=r"block x\.hidden is pure and may not use ctx\.http: declare"):
        await check_example(Hidden(), Example(WordCount.Input(text="")), lend=lend)


def refuse_zero(number: int) -> None:
    if number == 0:
        raise BlockError("zero")


class Risky(Block, id="x.risky"):
    """Fail in four places."""

    class Input(Schema):
        number: int = Field(description="Decides how")

    class Output(Schema):
        positive: int = Field(description="A number above zero")
        small: int = Field(description="A number below ten")

    examples: ClassVar[Sequence[Example]] = [
        Example({"number": 1}, emits=[("positive", 1), ("small", 1)]),
        Example({"number": 0}, raises=BlockError),
        Example({"number": -1}, raises=BlockError),
    ]

    async def run(self, input: Input) -> Emissions:
        refuse_zero(input.number)
        if input.number < -10:
            raise BlockError(
                "far below zero",
            )
        if input.number < 0:
            raise BlockError("below zero")
        if input.number > 1000:
            self.refuse_large(input.number)
        yield "positive", input.number
        if input.number < 10:
            yield "small", input.number

    def refuse_large(self, number: int) -> None:
        try:
            refuse_zero(0)
        except BlockError as error:
            raise BlockError(f"{number} is too large", code="TOO_LARGE") from error


async def test_coverage_names_each_place_that_no_example_reaches() -> None:
    found = await coverage(Risky(), lend=lend)

    assert found.uncovered_pins == ()
    assert [site.text for site in found.uncovered_errors] == [
        "raise BlockError('far below zero')",
        "raise BlockError(f'{number} is too large', code='TOO_LARGE') from error",
    ]
    assert not found.is_complete


async def test_coverage_names_pins_that_no_example_emits() -> None:
    class Large(Risky, id="x.large"):
        """Only large numbers."""

        examples = (Example({"number": 50}, emits=[("positive", 50)]),)

    found = await coverage(Large(), lend=lend)

    assert found.uncovered_pins == ("small",)
    assert str(found.uncovered_errors[0]).endswith(": raise BlockError('zero')")


@pytest.mark.parametrize("kind", [WordCount, OpenIssues, Approve, Gather])
async def test_the_toys_are_covered_completely(kind: type[Block]) -> None:
    assert (await coverage(kind(), lend=lend)).is_complete


@pytest.mark.parametrize("request_line", ["https://example.com", "get https://example.com", "GET example.com"])
def test_a_reply_names_method_and_address(request_line: str) -> None:
    with pytest.raises(ValueError, match="names method and address"):
        Reply(request_line)


def test_a_reply_has_one_body() -> None:
    with pytest.raises(ValueError, match="more than one body"):
        Reply("GET https://example.com", text="a", content=b"a")
