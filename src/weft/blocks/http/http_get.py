"""`http.get`: read from a server."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from weft.blocks.http.answers import read_answer
from weft.blocks.values import Text
from weft.sdk import (
    Advanced,
    Block,
    BlockCategory,
    BlockError,
    Context,
    Effect,
    Emissions,
    Example,
    Placeholder,
    Reply,
    RetryLater,
    Schema,
)


class HttpGet(Block, id="http.get", name="HTTP GET", categories=[BlockCategory.INTEGRATION]):
    """Read what stands at an address, with a query and headers of your own.

    A status of 429 or a failing server is tried again within the node's policy; any other failing status
    fails the block.
    """

    class Input(Schema):
        url: Annotated[str, Placeholder("https://api.example.com/items")] = Field(
            description="The address, beginning with https:// or http://"
        )
        query: dict[str, Text] = Field(default_factory=dict, description="Values to add to the address behind the ?")
        headers: Annotated[dict[str, Text], Advanced()] = Field(
            default_factory=dict, description="Headers of the request by name; never put a key into them"
        )

    class Output(Schema):
        response: Any = Field(description="The answer: parsed if it is JSON, else its text, or a file; null if empty")
        status: int = Field(description="The status of the answer, e.g. 200")
        response_headers: dict[str, str] = Field(description="The headers of the answer, names in lower case")

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
        Example(
            Input(url="https://example.com/gone"),
            http=[Reply("GET https://example.com/gone", status=410)],
            raises=BlockError,
        ),
        Example(
            Input(url="https://example.com/busy"),
            http=[Reply("GET https://example.com/busy", status=429)],
            raises=RetryLater,
        ),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        answer = (await ctx.http.get(input.url, params=input.query, headers=input.headers)).raise_for_status()
        yield "response", read_answer(answer, input.url)
        yield "status", answer.status_code
        yield "response_headers", {name.lower(): value for name, value in answer.headers.items()}
