"""A graph runs another one for each item of a list, side by side, and gathers what they show.

The inner graph stands in the same file; each of its runs is an execution of its own.
"""

from pathlib import Path

from weft.sdk import Catalog
from weft.sdk.builder import GraphBuilder

CARD = """\
Dear {{ guest }},
greetings from {{ place }}!
{{ sender }}"""


def postcard() -> GraphBuilder:
    """Return an agent that writes one card and counts its words."""
    g = GraphBuilder("Postcard", "Writes one postcard", catalog=Catalog.load())
    card = g.add("text.fill_template", "Write", format=CARD)
    for name in ("guest", "place", "sender"):
        g.link(g.input(name, str), card["values"][name])
    words = g.add("text.fill_template", "Count words", format="{{ card | wordcount }}")
    number = g.add("data.convert", "As a number", type="number")
    g.link(card, words["values"]["card"])
    g.link(words, number["value"])
    g.output("card", card)
    g.output("words", number["value"])
    return g


def build() -> GraphBuilder:
    """Return an agent that writes a card for each guest."""
    g = GraphBuilder("Postcards", "Writes a postcard for each guest", catalog=Catalog.load())
    guests = g.input("guests", list)
    place = g.input("place", str, value="Bern")
    each = g.add("flow.for_each", "Each guest")
    card = g.call(postcard(), "Postcard", sender="Ada")
    cards = g.add("flow.collect", "All cards")
    words = g.add("flow.collect", "All counts")
    total = g.add("text.fill_template", "Sum", format="{{ counts | sum }} words on {{ counts | length }} cards")
    g.link(guests, each)
    g.link(each["item"], card["inputs.guest"])
    g.link(place, card["inputs.place"], static=True)
    g.link(card["outputs.card"], cards["values"])
    g.link(card["outputs.words"], words["values"])
    g.link(words["list"], total["values"]["counts"])
    g.output("cards", cards["list"])
    g.output("total", total)
    return g


if __name__ == "__main__":
    build().write(Path(__file__).parents[1] / "postcards.json")
