"""What a well-written block offers."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import pytest
from pydantic import SecretStr

from tests.sdk.lending import lend
from tests.sdk.toys import TOKEN, TOYS, Approve, Gather, Note, OpenIssues, OutputValue, TextInput, WordCount
from weft.errors import CredentialsError, ExecutionError, InvalidInput
from weft.sdk import ApiKey, Block, BlockError, BlockType, Effect, Emissions, Needs, OAuth2, Stop
from weft.sdk.example import Example


async def collect(emissions: AsyncIterator[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return [pair async for pair in emissions]


def test_names_come_from_the_class_and_its_docstring() -> None:
    assert (WordCount.id, WordCount.name) == ("text.word_count", "Word Count")
    assert WordCount.description == "Count the words of a text."
    assert WordCount.block_type is BlockType.STANDARD
    assert WordCount.input_schema is WordCount.Input
    assert WordCount.output_schema is WordCount.Output


@pytest.mark.parametrize(
    ("name", "shown"),
    [("HTTPRequest", "HTTP Request"), ("Find_In2Lists", "Find In2 Lists"), ("Merge", "Merge")],
)
def test_class_names_read_as_words(name: str, shown: str) -> None:
    made: Any = type(name, (WordCount,), {"__doc__": "Count."}, id="text.other")

    assert made.name == shown


def test_a_simple_block_is_simple() -> None:
    spec = WordCount.spec

    assert spec.simple
    assert spec.input_names == ("text",)
    assert list(spec.outputs) == ["words", "error"]
    assert spec.asks == frozenset()


def test_a_block_that_is_not_pure_is_not_simple() -> None:
    class Reads(WordCount, id="text.reads"):
        """Read something."""

        effect = Effect.IDEMPOTENT

    assert not Reads.spec.simple
    assert not Gather.spec.waits
    assert Gather.spec.simple


@pytest.mark.parametrize("hint", [Annotated[ApiKey, Needs("mailer")] | None, Annotated[ApiKey | None, Needs("mailer")]])
def test_a_credential_is_optional_in_either_spelling(hint: Any) -> None:
    async def run(self: Block, input: WordCount.Input, *, key: Any = None) -> Emissions:
        yield "words", len(input.text)

    run.__annotations__["key"] = hint
    made: Any = type("Made", (WordCount,), {"__doc__": "Count.", "run": run}, id="text.made")

    assert made.spec.credentials == {"key": Needs("mailer", kind=ApiKey, optional=True)}


def test_the_spec_says_what_a_block_asks_for() -> None:
    spec = OpenIssues.spec

    assert not spec.simple
    assert spec.wants_context
    assert spec.asks == {"ctx", "github"}
    need = spec.credentials["github"]
    assert need == Needs("github", frozenset({"repo"}), OAuth2, optional=False)
    assert OpenIssues.credentials_provider_names == ("github",)
    assert spec.inputs["repo"].required
    assert spec.inputs["state"].default == "open"
    assert spec.outputs["title"].many
    assert not spec.outputs["count"].many


def test_an_optional_credential_is_not_among_the_needed() -> None:
    need = Approve.spec.credentials["mailer"]

    assert (need.kind, need.optional) == (ApiKey, True)
    assert Approve.spec.answer_asks == {"mailer"}
    assert Approve.spec.asks == frozenset()
    assert Approve.credentials_provider_names == ()


def test_blocks_that_wait_deliver_unordered_unless_they_say_otherwise() -> None:
    class Ordered(Approve, id="human.ordered"):
        """Ask in order."""

        ordered = True

    assert Approve.spec.waits
    assert not Approve.spec.ordered
    assert not Approve.ordered
    assert Ordered.spec.ordered
    assert WordCount.spec.ordered


def test_collecting_pins_are_marked() -> None:
    assert Gather.spec.inputs["values"].collecting
    assert not Gather.spec.inputs["limit"].collecting


@pytest.mark.parametrize("block", [TextInput, OutputValue, Note])
def test_inputs_outputs_and_notes_have_no_error_pin(block: type[Block]) -> None:
    assert "error" not in block.spec.outputs


def test_the_error_pin_holds_a_text_that_is_not_empty() -> None:
    pin = WordCount.spec.outputs["error"]

    assert pin.schema["type"] == "string"
    with pytest.raises(ValueError, match="at least 1"):
        pin.adapter.validate_python("")


def test_a_pin_converts_its_value_alone() -> None:
    limit = Gather.spec.inputs["limit"].adapter

    assert limit.validate_python("3") == 3
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        limit.validate_python(0)


async def test_execute_yields_what_run_yields() -> None:
    assert await collect(WordCount().execute({"text": "a b"})) == [("words", 2)]


async def test_execute_lends_context_and_credentials() -> None:
    example = OpenIssues.examples[0]
    async with lend(OpenIssues(), example) as ctx:
        emitted = await collect(OpenIssues().execute({"repo": "octo/demo"}, TOKEN, ctx=ctx, unknown=1))

    assert emitted == [("title", "Crash"), ("title", "Bang"), ("count", 2)]


async def test_execute_refuses_wrong_input_before_anything_runs() -> None:
    with pytest.raises(InvalidInput, match=r"block text\.word_count: text: Field required"):
        await collect(WordCount().execute({}))


async def test_execute_refuses_missing_credentials() -> None:
    with pytest.raises(CredentialsError, match="github"):
        await collect(OpenIssues().execute({"repo": "octo/demo"}))


async def test_execute_needs_the_context_a_block_asks_for() -> None:
    with pytest.raises(ExecutionError, match="ctx"):
        await collect(OpenIssues().execute({"repo": "octo/demo"}, TOKEN))


async def test_execute_tells_a_crash_without_its_text() -> None:
    class Crash(WordCount, id="text.crash"):
        """Crash."""

        async def run(self, input: WordCount.Input) -> Any:
            yield "words", len(input.text) // 0

    with pytest.raises(ExecutionError, match=r"block text\.crash crashed: ZeroDivisionError"):
        await collect(Crash().execute({"text": "secret"}))


async def test_execute_refuses_values_that_output_does_not_allow() -> None:
    class Wrong(WordCount, id="text.wrong"):
        """Emit a text."""

        async def run(self, input: WordCount.Input) -> Any:
            yield "words", input.text

    class Unknown(WordCount, id="text.unknown"):
        """Emit on a computed pin."""

        async def run(self, input: WordCount.Input) -> Any:
            yield input.text, 1

    with pytest.raises(ExecutionError, match="wrong `words`"):
        await collect(Wrong().execute({"text": "x"}))
    with pytest.raises(ExecutionError, match="`error`, which is not"):
        await collect(Unknown().execute({"text": "error"}))


async def test_control_flow_passes_through_execute() -> None:
    with pytest.raises(Stop):
        await collect(Gather().execute({"values": []}))


async def test_one_instance_serves_runs_side_by_side() -> None:
    block = WordCount()
    texts = ["a", "a b", "a b c"]

    found = await asyncio.gather(*(collect(block.execute({"text": text})) for text in texts))

    assert found == [[("words", 1)], [("words", 2)], [("words", 3)]]


def test_a_block_cannot_be_assigned_to() -> None:
    with pytest.raises(AttributeError, match="holds no state"):
        WordCount().seen = 1


@pytest.mark.parametrize(
    ("credential", "valid"),
    [
        (OAuth2(access_token=SecretStr("t")), True),
        (OAuth2(access_token=SecretStr(" ")), False),
        (None, False),
        ("token", False),
        ({}, False),
    ],
)
def test_credentials_must_say_that_they_are_valid(credential: object, valid: bool) -> None:
    assert OpenIssues().validate_credentials({"github": credential}) is valid


def test_is_valid_may_be_a_method() -> None:
    class Foreign:
        def is_valid(self) -> bool:
            return False

    assert not OpenIssues().validate_credentials({"github": Foreign()})


def test_a_block_that_needs_no_credentials_takes_none() -> None:
    assert WordCount().validate_credentials({})


def test_abstract_bases_are_not_blocks_yet() -> None:
    class Base(Block, abstract=True):
        effect = Effect.IDEMPOTENT
        Output = WordCount.Output

    class Below(Base, id="text.below"):
        """Stand below an abstract base."""

        Input = WordCount.Input

        async def run(self, input: WordCount.Input) -> Any:
            yield "words", len(input.text)

    assert Below.spec.effect is Effect.IDEMPOTENT
    assert not Below.abstract
    with pytest.raises(TypeError, match="abstract"):
        Base()


@pytest.mark.parametrize("block", TOYS)
def test_examples_and_prices_cannot_be_changed(block: type[Block]) -> None:
    assert isinstance(block.examples, tuple)
    assert isinstance(block.price, tuple)
    assert all(isinstance(example, Example) and isinstance(example.input, block.Input) for example in block.examples)


def test_an_error_without_words_says_so() -> None:
    assert "gave no reason" in str(BlockError("  "))
    assert BlockError("x", code="OTHER").error_code == "OTHER"
    assert BlockError("x").error_code == "BLOCK_ERROR"
