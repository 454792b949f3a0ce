"""Blocks that no package offers, as somebody writes them in a notebook."""

from typing import Any

from pydantic import Field

from weft.sdk import Block, BlockError, Effect, Emissions, Schema, Wait
from weft.sdk.builder import GraphBuilder


class WordCount(Block, id="acme.word_count"):
    """Count the words of a text."""

    class Input(Schema):
        text: str = Field(description="Any text; words are separated by whitespace")

    class Output(Schema):
        words: int = Field(description="Number of words, zero for an empty text")

    async def run(self, input: Input) -> Emissions:
        if not input.text:
            raise BlockError("there is no text", "NO_TEXT")
        yield "words", len(input.text.split())


class AskName(Block, id="acme.ask_name"):
    """Ask a person for a name."""

    class Input(Schema):
        greeting: str = Field(default="Hello", description="How to greet")

    class Output(Schema):
        text: str = Field(description="The greeting with the name")

    effect = Effect.IDEMPOTENT

    async def run(self, input: Input) -> Emissions:
        if input.greeting:
            raise Wait("person", state=input.greeting, title="What is your name?")
        yield "text", ""

    async def on_answer(self, input: Input, state: Any, answer: Any) -> Emissions:
        yield "text", f"{state}, {answer}"


def greeting() -> GraphBuilder:
    """`name` -> "Hello {name}!"."""
    g = GraphBuilder("Greeting")
    name = g.input("name", str)
    text = g.add("text.fill_template", "Greet", format="Hello {{ name }}!")
    g.link(name, text["values.name"])
    g.output("greeting", text["output"])
    return g


def counting() -> GraphBuilder:
    """`text` -> how many words it has, by a block of our own."""
    g = GraphBuilder("Count words")
    text = g.input("text", str)
    count = g.add(WordCount)
    g.link(text, count)
    g.output("words", count)
    return g


def asking() -> GraphBuilder:
    """A person's name -> a greeting."""
    g = GraphBuilder("Ask")
    g.output("text", g.add(AskName, "Ask"))
    return g


def sleeping(seconds: float = 3600) -> GraphBuilder:
    """A pause; `text` comes behind it."""
    g = GraphBuilder("Sleep")
    g.output("text", g.add("time.sleep", "Rest", seconds=seconds, value="rested")["value"])
    return g
