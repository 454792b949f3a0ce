"""A condition sends a value one of two ways; the ways meet again."""

from pathlib import Path

from weft.sdk import Catalog
from weft.sdk.builder import GraphBuilder


def build() -> GraphBuilder:
    """Return an agent that pays small amounts and asks for the large ones."""
    g = GraphBuilder("Branch", "Pays small amounts and asks for the large ones", catalog=Catalog.load())
    amount = g.input("amount", int)
    large = g.add("logic.condition", "Is it large?", operator=">", value2=100)
    ask = g.add("text.fill_template", "Ask", format="somebody must agree to {{ amount }}")
    pay = g.add("text.fill_template", "Pay", format="{{ amount }} is paid")
    decision = g.add("flow.merge", "Either")
    g.link(amount, large["value1"])
    g.link(large["yes_output"], ask["values"]["amount"])
    g.link(large["no_output"], pay["values"]["amount"])
    g.link(ask, decision)
    g.link(pay, decision)
    g.output("decision", decision)
    return g


if __name__ == "__main__":
    build().write(Path(__file__).parents[1] / "branch.json")
