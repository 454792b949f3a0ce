"""Blocks of all roles, small enough to read at a glance, and the graphs that tests make of them."""

from typing import Annotated, Any

from pydantic import Field

from weft.graphs.types import GraphContent, Link, Node
from weft.sdk import Block, BlockType, Catalog, Collecting, Emissions, Many, Schema


class Text(Block, id="toy.text_input", block_type=BlockType.INPUT):
    """Take a text from whoever starts the run."""

    class Input(Schema):
        name: str = Field(description="Its name")
        value: str | None = Field(default=None, description="What it is if nothing is given")
        title: str | None = Field(default=None, description="Title")
        description: str | None = Field(default=None, description="Help")

    class Output(Schema):
        result: str = Field(description="The text")

    async def run(self, input: Input) -> Emissions:
        yield "result", input.value


class Whole(Block, id="toy.number_input", block_type=BlockType.INPUT):
    """Take a whole number from whoever starts the run."""

    class Input(Schema):
        name: str = Field(description="Its name")
        value: int | None = Field(default=None, description="What it is if nothing is given")

    class Output(Schema):
        result: int = Field(description="The number")

    async def run(self, input: Input) -> Emissions:
        yield "result", input.value


class Choice(Block, id="toy.choice_input", block_type=BlockType.INPUT):
    """Take one of several texts from whoever starts the run."""

    class Input(Schema):
        name: str = Field(description="Its name")
        value: str | None = Field(default=None, description="What it is if nothing is given")
        options: list[str] = Field(default_factory=list, description="What may be chosen")

    class Output(Schema):
        result: str = Field(description="The choice")

    async def run(self, input: Input) -> Emissions:
        yield "result", input.value


class Result(Block, id="toy.output", block_type=BlockType.OUTPUT):
    """Show a value to whoever started the run."""

    class Input(Schema):
        name: str = Field(description="Its name")
        value: Any = Field(description="What to show")
        title: str | None = Field(default=None, description="Title")

    class Output(Schema):
        output: Any = Field(description="The value")

    async def run(self, input: Input) -> Emissions:
        yield "output", input.value


class Upper(Block, id="toy.upper"):
    """Write a text in capitals."""

    class Input(Schema):
        text: str = Field(description="Any text")
        locale: str = Field(default="en", description="Whose capitals")

    class Output(Schema):
        text: str = Field(description="The text in capitals")

    async def run(self, input: Input) -> Emissions:
        yield "text", input.text.upper()


class Add(Block, id="toy.add"):
    """Add two numbers."""

    class Input(Schema):
        a: int = Field(description="The first")
        b: float = Field(default=0, description="The second")

    class Output(Schema):
        sum: float = Field(description="Both together")

    async def run(self, input: Input) -> Emissions:
        yield "sum", input.a + input.b


class Person(Schema):
    name: str = Field(description="First name")
    tags: list[str] = Field(description="Some words")


class Fetch(Block, id="toy.fetch"):
    """Find a person; needs nothing."""

    class Input(Schema):
        query: str = Field(default="", description="Whom to find")

    class Output(Schema):
        person: Person = Field(description="Who was found")
        found: bool = Field(description="Whether somebody was found")
        numbers: Annotated[list[int], Many()] = Field(description="Some numbers")

    async def run(self, input: Input) -> Emissions:
        yield "found", False


class Gather(Block, id="toy.gather"):
    """Collect all that comes."""

    class Input(Schema):
        items: Annotated[list[Any], Collecting()] = Field(description="Everything")

    class Output(Schema):
        items: list[Any] = Field(description="Everything")

    async def run(self, input: Input) -> Emissions:
        yield "items", input.items


class Form(Block, id="toy.form"):
    """Take values by name."""

    class Input(Schema):
        values: dict[str, str] = Field(description="Texts by name")

    class Output(Schema):
        text: str = Field(description="All of them")

    async def run(self, input: Input) -> Emissions:
        yield "text", str(input.values)


class Note(Block, id="toy.note"):
    """Say something to people; never runs."""

    runs = False

    class Input(Schema):
        text: str = Field(description="What to say")

    class Output(Schema):
        pass

    async def run(self, input: Input) -> Emissions:
        return
        yield


class Hook(Block, id="toy.hook", block_type=BlockType.WEBHOOK):
    """Start a run when something happens elsewhere."""

    class Input(Schema):
        secret_word: str = Field(description="Set by the platform")

    class Output(Schema):
        body: dict[str, Any] = Field(description="What came")

    async def run(self, input: Input) -> Emissions:
        yield "body", {}


CATALOG = Catalog([Text, Whole, Choice, Result, Upper, Add, Fetch, Gather, Form, Note, Hook])


def node(id: str, block: str, /, **defaults: Any) -> Node:
    return Node(id=id, block_id=f"toy.{block}", label=id.title(), input_default=defaults)


def link(source: str, sink: str, /, **changes: Any) -> Link:
    """Make a link from "node.pin" to "node.pin"."""
    source_id, _, source_name = source.partition(".")
    sink_id, _, sink_name = sink.partition(".")
    fields = {
        "id": f"{source}>{sink}"[:64],
        "source_id": source_id,
        "source_name": source_name,
        "sink_id": sink_id,
        "sink_name": sink_name,
    }
    return Link(**(fields | changes))


def graph(*parts: Node | Link, name: str = "toy") -> GraphContent:
    nodes = tuple(part for part in parts if isinstance(part, Node))
    links = tuple(part for part in parts if isinstance(part, Link))
    return GraphContent(name=name, nodes=nodes, links=links)


def sound_graph() -> GraphContent:
    """Return an input, a block and an output in a row: nothing is wrong with it."""
    return graph(
        node("in", "text_input", name="question"),
        node("up", "upper"),
        node("out", "output", name="answer"),
        link("in.result", "up.text"),
        link("up.text", "out.value"),
    )


def chain(length: int) -> GraphContent:
    """Return so many nodes in a row."""
    nodes = [node("n0", "upper", text="a"), *(node(f"n{at}", "upper") for at in range(1, length))]
    links = [link(f"n{at}.text", f"n{at + 1}.text") for at in range(length - 1)]
    return graph(*nodes, *links)
