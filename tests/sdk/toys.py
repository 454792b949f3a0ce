"""Blocks of many shapes, as an author would write them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any, ClassVar

from pydantic import Field, SecretStr

from weft.sdk import (
    Advanced,
    ApiKey,
    Block,
    BlockCategory,
    BlockError,
    BlockType,
    Choices,
    Collecting,
    Context,
    Effect,
    Emissions,
    Example,
    Many,
    Multiline,
    Needs,
    OAuth2,
    Price,
    Reply,
    RetryLater,
    Schema,
    Stop,
    Wait,
)

GitHub = Annotated[OAuth2, Needs("github", scopes=frozenset({"repo"}))]
Mailer = Annotated[ApiKey, Needs("mailer")]
TOKEN = {"github": OAuth2(access_token=SecretStr("test"))}
ISSUES = "GET https://api.github.com/repos/octo/demo/issues"


class WordCount(Block, id="text.word_count", categories=[BlockCategory.PROCESSING], aliases=["word-count"]):
    """Count the words of a text.

    Words are separated by whitespace.
    """

    class Input(Schema):
        text: Annotated[str, Multiline(rows=3)] = Field(description="Any text")

    class Output(Schema):
        words: int = Field(description="Number of words, zero for an empty text")

    examples: ClassVar[Sequence[Example]] = [Example(Input(text="to be or not to be"), emits=[("words", 6)])]

    async def run(self, input: Input) -> Emissions:
        yield "words", len(input.text.split())


class OpenIssues(Block, id="github.open_issues"):
    """List the open issues of a repository."""

    class Input(Schema):
        repo: str = Field(description="Repository as owner/name", pattern=r"^[\w.-]+/[\w.-]+$")
        state: Annotated[str, Choices("open", "closed"), Advanced()] = Field(default="open", description="Which")

    class Output(Schema):
        title: Annotated[str, Many()] = Field(description="Title of one issue")
        count: int = Field(description="Number of issues emitted")

    effect = Effect.IDEMPOTENT
    price: ClassVar[Sequence[Price]] = [
        Price(3, when={"state": "closed"}),
        Price(1),
        Price(1, per="request", units=10),
    ]
    examples: ClassVar[Sequence[Example]] = [
        Example(
            Input(repo="octo/demo"),
            http=[Reply(ISSUES, json=[{"title": "Crash"}, {"title": "Bang"}])],
            credentials=TOKEN,
            emits=[("title", "Crash"), ("title", "Bang"), ("count", 2)],
        ),
        Example(
            {"repo": "octo/demo"},
            title="not there",
            http=[Reply(ISSUES, status=404)],
            credentials=TOKEN,
            raises=BlockError("no repository 'octo/demo'", code="NO_REPOSITORY"),
        ),
        Example(Input(repo="octo/demo"), http=[Reply(ISSUES, status=503)], credentials=TOKEN, raises=RetryLater),
    ]

    async def run(self, input: Input, *, github: GitHub, ctx: Context) -> Emissions:
        token = github.access_token.get_secret_value()
        response = await ctx.http.get(
            f"https://api.github.com/repos/{input.repo}/issues",
            params={"state": input.state},
            headers={"Authorization": f"Bearer {token}"},
        )
        if response.status_code == 404:
            raise BlockError(f"no repository {input.repo!r}", code="NO_REPOSITORY")
        if response.status_code >= 500:
            raise RetryLater("the server is failing", timedelta(seconds=5))
        ctx.meter("request", 1)
        issues = response.json()
        for issue in issues:
            yield "title", issue["title"]
        yield "count", len(issues)


class Approve(Block, id="human.approve"):
    """Ask a person and go on with the answer."""

    class Input(Schema):
        value: Any = Field(description="What to look at")

    class Output(Schema):
        asked: Any = Field(description="What is being looked at")
        approved: Any = Field(description="The value, once approved")

    effect = Effect.IDEMPOTENT
    examples: ClassVar[Sequence[Example]] = [
        Example(
            Input(value=[1, 2]),
            waits=Wait("person", title="Approve?"),
            answer={"yes": True},
            emits=[("asked", [1, 2]), ("approved", [1, 2])],
        ),
        Example(
            Input(value=1),
            waits=Wait("person"),
            answer={"yes": False},
            emits=[("asked", 1)],
            raises=BlockError,
        ),
        Example(Input(value=1), waits=Wait("person", state={"value": 1}), emits=[("asked", 1)]),
    ]

    async def run(self, input: Input) -> Emissions:
        yield "asked", input.value
        raise Wait("person", state={"value": input.value}, title="Approve?")

    async def on_answer(self, input: Input, state: Any, answer: Any, *, mailer: Mailer | None = None) -> Emissions:
        if not answer["yes"]:
            raise BlockError("refused")
        yield "approved", state["value"]


class Gather(Block, id="list.gather"):
    """Gather a stream into a list; stop when there is nothing."""

    class Input(Schema):
        values: Annotated[list[Any], Collecting()] = Field(description="Everything")
        limit: int = Field(default=10, ge=1, description="At most so many")

    class Output(Schema):
        result: list[Any] = Field(description="The values in order")

    examples: ClassVar[Sequence[Example]] = [
        Example(Input(values=[1, "a"]), emits=[("result", [1, "a"])]),
        Example(Input(values=[]), raises=Stop),
    ]

    async def run(self, input: Input) -> Emissions:
        if not input.values:
            raise Stop("nothing came")
        yield "result", input.values[: input.limit]


class TextInput(Block, id="input.text", block_type=BlockType.INPUT, categories=[BlockCategory.INPUT]):
    """Take a text into the graph."""

    class Input(Schema):
        name: str = Field(description="Name of the input")
        value: str = Field(default="", description="The text")

    class Output(Schema):
        result: str = Field(description="The text")

    examples: ClassVar[Sequence[Example]] = [Example(Input(name="a", value="b"), emits=[("result", "b")])]

    async def run(self, input: Input) -> Emissions:
        yield "result", input.value


class OutputValue(Block, id="output.value", block_type=BlockType.OUTPUT):
    """Give a value out of the graph."""

    class Input(Schema):
        name: str = Field(description="Name of the output")
        value: Any = Field(description="The value")

    class Output(Schema):
        value: Any = Field(description="The value")

    async def run(self, input: Input) -> Emissions:
        yield "value", input.value


class Note(Block, id="note"):
    """Write something beside the nodes."""

    class Input(Schema):
        text: str = Field(default="", description="The text")

    class Output(Schema):
        pass

    runs = False


TOYS = (WordCount, OpenIssues, Approve, Gather, TextInput, OutputValue, Note)
