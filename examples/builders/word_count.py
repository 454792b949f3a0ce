"""A list becomes a stream, each item is worked on side by side, and the stream becomes a list again."""

from pathlib import Path

from weft.sdk import Catalog
from weft.sdk.builder import GraphBuilder


def build() -> GraphBuilder:
    """Return an agent that counts the words of each line, and of all lines."""
    g = GraphBuilder("Word count", "Counts the words of each line", catalog=Catalog.load())
    lines = g.input("lines", list)
    each = g.add("flow.step_through", "Each line")
    count = g.add("text.fill_template", "Words of a line", format="{{ line | wordcount }}")
    number = g.add("data.convert", "As a number", type="number")
    counts = g.add("flow.collect", "All counts")
    total = g.add("text.fill_template", "Sum", format="{{ counts | sum }} words in {{ counts | length }} lines")
    g.link(lines, each["items"])
    g.link(each["item"], count["values"]["line"])
    g.link(count, number["value"])
    g.link(number, counts["values"])
    g.link(counts["list"], total["values"]["counts"])
    g.output("counts", counts["list"])
    g.output("total", total)
    return g


if __name__ == "__main__":
    build().write(Path(__file__).parents[1] / "word-count.json")
