"""`http.download`: a file of any size from a server."""

from typing import ClassVar

from pydantic import Field

from weft.blocks.http.answers import answer_headers, store_answer
from weft.blocks.http.pins import REFUSALS, AnswerHeaders, Headers, Query, Status, Url
from weft.sdk import Block, BlockCategory, Context, Effect, Emissions, Example, File, Reply, Schema

_FILMS = "https://example.com/films/tea.mp4"


class HttpDownload(Block, id="http.download", name="HTTP Download", categories=[BlockCategory.INTEGRATION]):
    """Take what stands at an address as a file, whatever it is and however large.

    It is stored while it comes, so a film takes no more memory than a letter. A status of 429, a failing server or a broken
    connection is tried again within the node's policy; any other failing status fails the block.
    """

    class Input(Schema):
        url: Url
        query: Query = Field(default_factory=dict)
        headers: Headers = Field(default_factory=dict)

    class Output(Schema):
        file: File = Field(description="The file; the server names it, else the end of the address does")
        status: Status
        response_headers: AnswerHeaders

    effect = Effect.IDEMPOTENT
    examples: ClassVar = [
        Example(
            {"url": _FILMS, "query": {"part": 2}},
            http=[Reply(f"GET {_FILMS}?part=2", content=b"\x00\x01", headers={"Content-Type": "video/mp4"})],
            emits=[
                ("file", {"name": "tea.mp4", "media_type": "video/mp4", "content": "AAE="}),
                ("status", 200),
                ("response_headers", {"content-type": "video/mp4", "content-length": "2"}),
            ],
        ),
        Example(
            Input(url="https://example.com/download"),
            http=[
                Reply(
                    "GET https://example.com/download",
                    content=b"one,two",
                    headers={"Content-Disposition": 'attachment; filename="a/table.csv"'},
                )
            ],
            emits=[
                ("file", {"name": "a_table.csv", "media_type": "text/csv", "content": "b25lLHR3bw=="}),
                ("status", 200),
                (
                    "response_headers",
                    {"content-disposition": 'attachment; filename="a/table.csv"', "content-length": "7"},
                ),
            ],
        ),
        *REFUSALS,
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        async with ctx.http.stream("GET", input.url, params=input.query, headers=input.headers) as answer:
            answer.raise_for_status()
            file = await store_answer(answer, input.url, ctx)
        yield "file", file
        yield "status", answer.status_code
        yield "response_headers", answer_headers(answer)
