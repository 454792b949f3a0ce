"""One input, a template, one output."""

from pathlib import Path

from weft.sdk import Catalog
from weft.sdk.builder import GraphBuilder


def build() -> GraphBuilder:
    """Return an agent that greets whoever it is told."""
    g = GraphBuilder("Hello", "Greets whoever it is told", catalog=Catalog.load())
    name = g.input("name", str, value="World")
    greeting = g.add("text.fill_template", "Greet", format="Hello, {{ name }}!")
    g.link(name, greeting["values"]["name"])
    g.output("greeting", greeting)
    return g


if __name__ == "__main__":
    build().write(Path(__file__).parents[1] / "hello.json")
