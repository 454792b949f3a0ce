"""`http.get`: read from a server."""

from typing import Any, ClassVar

from pydantic import Field

from weft.blocks.http.answers import answer_headers, read_answer
from weft.blocks.http.pins import REFUSALS, AnswerHeaders, Headers, Query, Status, Url
from weft.sdk import Block, BlockCategory, Context, Effect, Emissions, Example, Reply, Schema


class HttpGet(Block, id="http.get", name="HTTP GET", categories=[BlockCategory.INTEGRATION]):
    """Read what stands at an address, with a query and headers of your own.

    A status of 429 or a failing server is tried again within the node's policy; any other failing status
    fails the block.
    """

    class Input(Schema):
        url: Url
        query: Query = Field(default_factory=dict)
        headers: Headers = Field(default_factory=dict)

    class Output(Schema):
        response: Any = Field(description="The answer: parsed if it is JSON, else its text, or a file; null if empty")
        status: Status
        response_headers: AnswerHeaders

    effect = Effect.IDEMPOTENT
    examples: ClassVar = [
        Example(
            {"url": "https://api.example.com/items", "query": {"page": 2}, "headers": {"Accept": "text/plain"}},
            http=[Reply("GET https://api.example.com/items?page=2", content=b"two", headers={"X-Left": "0"})],
            emits=[("response", "two"), ("status", 200), ("response_headers", {"x-left": "0", "content-length": "3"})],
        ),
        Example(
            Input(url="https://example.com/a/dot%20one.png"),
            http=[
                Reply(
                    "GET https://example.com/a/dot%20one.png", content=b"\x89PNG", headers={"Content-Type": "image/png"}
                )
            ],
            emits=[
                ("response", {"name": "dot one.png", "media_type": "image/png", "content": "iVBORw=="}),
                ("status", 200),
                ("response_headers", {"content-type": "image/png", "content-length": "4"}),
            ],
        ),
        *REFUSALS,
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        answer = (await ctx.http.get(input.url, params=input.query, headers=input.headers)).raise_for_status()
        yield "response", await read_answer(answer, input.url, ctx)
        yield "status", answer.status_code
        yield "response_headers", answer_headers(answer)
