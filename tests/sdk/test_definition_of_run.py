"""What is refused of `run` and `on_answer` while a block is imported, and by which sentence."""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar

import pytest
from pydantic import Field

from tests.sdk.toys import WordCount
from weft.sdk import (
    ApiKey,
    Block,
    BlockDefinitionError,
    Context,
    Emissions,
    Needs,
    Schema,
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


def no_run() -> None:
    class Bad(Block, id="x.bad"):
        """Bad."""

        Input = One
        Output = One


def run_is_no_generator() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        async def run(self, input: One) -> Any:  # type: ignore[override]
            return input


def run_has_positional_extras() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        async def run(self, input: One, more: str = "") -> Emissions:
            yield "a", more


def run_takes_anything() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        async def run(self, input: One, **more: Any) -> Emissions:
            yield "a", more


def nobody_can_give() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        async def run(self, input: One, *, db: str) -> Emissions:
            yield "a", db


def context_by_another_name() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        async def run(self, input: One, *, context: Context) -> Emissions:
            yield "a", context.node_id


def needs_without_provider() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        async def run(self, input: One, *, key: Annotated[ApiKey, Needs(" ")]) -> Emissions:
            yield "a", ""


def optional_credential_without_default() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        async def run(self, input: One, *, key: Annotated[ApiKey, Needs("x")] | None) -> Emissions:
            yield "a", ""


def answer_without_state() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        async def on_answer(self, input: One, answer: Any) -> Emissions:
            yield "a", answer


def misspelt_pin() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        async def run(self, input: One) -> Emissions:
            if input.a == "never":
                yield "wrods", 1
            yield "a", 1


def misspelt_pin_in_answer() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        async def on_answer(self, input: One, state: Any, answer: Any) -> Emissions:
            yield "approvd", answer


def misspelt_pin_of_an_abstract_base() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        Output = WordCount.Output


def yields_no_pair() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        async def run(self, input: One) -> Any:
            yield "a", 1, 2


def yields_error() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        async def run(self, input: One) -> Emissions:
            yield "error", input.a


def pure_with_http() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        async def run(self, input: One, *, ctx: Context) -> Emissions:
            yield "a", (await ctx.http.get(input.a)).text


def pure_with_clock() -> None:
    class Bad(Whole, id="x.bad"):
        """Bad."""

        async def run(self, input: One, *, ctx: Context) -> Emissions:
            yield "a", f"{input.a} {ctx.now()}"


REFUSED = {
    no_run: "has no `run`",
    run_is_no_generator: "`run` must be an async generator",
    run_has_positional_extras: r"takes \(self, input\) .* found \(input, [*m]",
    run_takes_anything: r"takes \(self, input\) .* found \(input, [*m]",
    nobody_can_give: "nobody can give `db`",
    context_by_another_name: "call its context `ctx`",
    needs_without_provider: "names no provider",
    optional_credential_without_default: "needs the default None",
    answer_without_state: r"`on_answer` takes \(self, input, state, answer\)",
    misspelt_pin: r"`run` yields `wrods` in line \d+, but Output has a",
    misspelt_pin_in_answer: "`on_answer` yields `approvd`",
    misspelt_pin_of_an_abstract_base: "`run` yields `a` in line .* but Output has words",
    yields_no_pair: "something else than",
    yields_error: "raise BlockError",
    pure_with_http: r"uses ctx\.http, but the block is pure",
    pure_with_clock: r"uses ctx\.now\(\), but the block is pure",
}


@pytest.mark.parametrize(("define", "sentence"), REFUSED.items(), ids=lambda item: getattr(item, "__name__", ""))
def test_a_mistake_is_refused_by_a_sentence_that_names_the_class(define: Callable[[], None], sentence: str) -> None:
    with pytest.raises(BlockDefinitionError, match=sentence) as caught:
        define()

    assert f"{define.__name__}.<locals>.Bad ({__name__})" in caught.value.message
    assert caught.value.error_code == "BLOCK_DEFINITION"


def test_computed_pins_and_helpers_inside_run_are_left_to_the_run() -> None:
    class Good(Whole, id="x.good"):
        """Emit by name, and hold a generator of another kind."""

        async def run(self, input: One) -> Any:
            def numbers() -> Any:
                yield "not a pin"

            for pin in ("a", *list(numbers())[1:]):
                yield pin, input.a
            pair = ("a", input.a)
            yield pair

    assert Good.spec.simple
