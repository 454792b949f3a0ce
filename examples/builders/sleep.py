"""A pause that holds no worker: stop the program while it lasts, and `weft resume` goes on at the right time."""

from pathlib import Path

from weft.sdk import Catalog
from weft.sdk.builder import GraphBuilder


def build() -> GraphBuilder:
    """Return an agent that waits for a second before it speaks."""
    g = GraphBuilder("Sleep", "Waits for a second before it speaks", catalog=Catalog.load())
    what = g.input("what", str, value="tea")
    rest = g.add("time.sleep", "Rest", seconds=1)
    ready = g.add("text.fill_template", "Ready", format="the {{ what }} is ready")
    g.link(what, rest["value"])
    g.link(rest, ready["values"]["what"])
    g.output("text", ready)
    return g


if __name__ == "__main__":
    build().write(Path(__file__).parents[1] / "sleep.json")
