"""`api-call`: what stands at an address."""

from typing import Any, ClassVar

from pydantic import Field

from weft.blocks.http.answers import read_answer
from weft.blocks.http.pins import REFUSALS, Status, Url
from weft.sdk import Block, BlockCategory, BlockError, Context, Effect, Emissions, Example, Reply, Schema


class ApiCall(Block, id="api-call", name="API Call", categories=[BlockCategory.INTEGRATION]):
    """Ask an API for what stands at an address, by GET; any failure of the server fails the block."""

    class Input(Schema):
        url: Url

    class Output(Schema):
        response: Any = Field(description="The answer: parsed if it is JSON, else its text, or a file")
        status: Status

    effect = Effect.IDEMPOTENT
    examples: ClassVar = [
        Example(
            Input(url="https://api.example.com/items"),
            http=[Reply("GET https://api.example.com/items", json=[{"id": 1}])],
            emits=[("response", [{"id": 1}]), ("status", 200)],
        ),
        Example(
            Input(url="https://example.com/hello"),
            http=[Reply("GET https://example.com/hello", text="Hello!")],
            emits=[("response", "Hello!"), ("status", 200)],
        ),
        Example(Input(url="invalid-url"), raises=BlockError),
        *REFUSALS,
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        answer = (await ctx.http.get(input.url)).raise_for_status()
        yield "response", await read_answer(answer, input.url, ctx)
        yield "status", answer.status_code
