"""What is refused while a block is imported, and by which sentence."""

from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Any, ClassVar

import pytest
from pydantic import BaseModel, Field, create_model

from tests.sdk.toys import WordCount
from weft.sdk import (
    Block,
    BlockCategory,
    BlockDefinitionError,
    Collecting,
    Effect,
    Emissions,
    Example,
    Keyed,
    Many,
    Price,
    Schema,
    Wait,
)

A = Field(default="", description="a")


class One(Schema):
    a: str = A


async def echo(_block: Block, input: One) -> Emissions:
    yield "a", input.a


class Whole(Block, abstract=True):
    Input: ClassVar[Any] = One
    Output: ClassVar[Any] = One
    run: Any = echo


def no_docstring() -> None:
    class Bad(Whole, id="x.bad"):
        pass


def no_id() -> None:
    class Bad(Whole):
        """Bad."""


def wrong_id() -> None:
    class Bad(Whole, id="X Bad"):
        """Bad."""


def wrong_alias() -> None:
    class Bad(Whole, id="x.bad", aliases=["."]):
        """Bad."""


def no_input() -> None:
    class Bad(Block, id="x.bad"):
        """Bad."""

        Output = One


def no_output() -> None:
    class Bad(Block, id="x.bad"):
        """Bad."""

        Input = One


def input_is_no_schema() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        Input = BaseModel


def output_named_error() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        class Output(Schema):
            error: str = A


def pin_without_description() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        class Input(Schema):
            a: str


def pin_with_alias() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        class Input(Schema):
            a: str = Field(alias="b", description="a")


def pin_with_dot() -> None:
    fields: Any = {"a.b": (str, A)}

    class Bad(Whole, id="x.bad"):
        """Bad."""

        Output: ClassVar[Any] = create_model("Output", __base__=Schema, **fields)


def api_key_input() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        class Input(Schema):
            api_key: str = A


def bot_token_input() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        class Input(Schema):
            discord_bot_token: str = A


def collecting_a_text() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        class Input(Schema):
            a: Annotated[str, Collecting()] = A


def many_on_an_input() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        class Input(Schema):
            a: Annotated[str, Many()] = A


def keyed_input() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        class Input(Schema):
            a: Annotated[dict[str, str], Keyed()] = Field(default_factory=dict, description="a")


def keyed_text() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        class Output(Schema):
            a: Annotated[str, Keyed()] = A


def collecting_output() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        class Output(Schema):
            a: Annotated[list[str], Collecting()] = Field(description="a")


def example_with_unknown_pin() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        examples = (Example(One(), emits=[("b", 1)]),)


def example_with_wrong_input() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        examples = (Example({"a": 1}),)


def example_with_foreign_input() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        examples = (Example(WordCount.Input(text="")),)


def example_that_waits() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        examples = (Example(One(), waits=Wait("person")),)


def price_on_unknown_input() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        price = (Price(1, when={"model": "large"}),)


def effect_as_text() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        effect = "pure"  # type: ignore[assignment]


def category_as_text() -> None:
    class Bad(Whole, id="x.bad", categories=["data"]):  # type: ignore[list-item]
        """Bad."""


def ordered_as_number() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        ordered = 1  # type: ignore[assignment]


def own_init() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        def __init__(self) -> None:
            super().__init__()


def assigns_to_self() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        async def run(self, input: One) -> Emissions:
            self.seen = input.a
            yield "a", input.a


def mutable_class_attribute() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        seen: Any = dict.fromkeys("ab")


def cached_attribute() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        @cached_property
        def seen(self) -> int:
            return 1


REFUSED = {
    no_docstring: "docstring",
    no_id: "has no id",
    wrong_id: "'X Bad' is no block id",
    wrong_alias: "is no block id",
    no_input: "no `class Input",
    no_output: "no `class Output",
    input_is_no_schema: "derived from Schema",
    output_named_error: "exists by itself",
    pin_without_description: "`a` of Input has no description",
    pin_with_alias: "has an alias",
    pin_with_dot: "parts of a value",
    api_key_input: r"looks like a credential.*Needs\(",
    bot_token_input: "`discord_bot_token` looks like a credential",
    collecting_a_text: "must be a list",
    many_on_an_input: "which is for outputs",
    keyed_input: "input `a` is marked Keyed\\(\\), which is for outputs",
    keyed_text: "marked Keyed\\(\\) and must be a dictionary",
    collecting_output: "which is for inputs",
    example_with_unknown_pin: "example 1 emits `b`",
    example_with_wrong_input: "example 1 has a wrong input: a:",
    example_with_foreign_input: "of another class, WordCount.Input",
    example_that_waits: "no `on_answer`",
    price_on_unknown_input: "depends on `model`",
    effect_as_text: "must be an Effect",
    category_as_text: "BlockCategory",
    ordered_as_number: "True or False",
    own_init: "`__init__`",
    assigns_to_self: r"assigns `self\.seen`",
    mutable_class_attribute: "`seen` is mutable",
    cached_attribute: "`seen` is mutable",
}


@pytest.mark.parametrize(("define", "sentence"), REFUSED.items(), ids=lambda item: getattr(item, "__name__", ""))
def test_a_mistake_is_refused_by_a_sentence_that_names_the_class(define: Callable[[], None], sentence: str) -> None:
    with pytest.raises(BlockDefinitionError, match=sentence) as caught:
        define()

    assert f"{define.__name__}.<locals>.Bad ({__name__})" in caught.value.message
    assert caught.value.error_code == "BLOCK_DEFINITION"


@pytest.mark.parametrize("name", ["max_tokens", "page_token", "token_count", "secretary", "author", "keyword"])
def test_harmless_names_may_be_inputs(name: str) -> None:
    fields: Any = {name: (str, A)}

    class Good(Whole, id="x.good"):
        """Take it."""

        Input: ClassVar[Any] = create_model("Input", __base__=Schema, **fields)

    assert name in Good.spec.inputs


def test_every_category_and_effect_is_taken() -> None:
    class Good(Whole, id="x.good", categories=list(BlockCategory)):
        """Be everything."""

        effect = Effect.AT_MOST_ONCE

    assert set(Good.categories) == set(BlockCategory)
