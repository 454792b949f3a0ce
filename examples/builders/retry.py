"""A step that fails is tried again; when all tries are used up, its error flows on like any other value."""

from pathlib import Path

from weft.sdk import Catalog
from weft.sdk.builder import GraphBuilder


def build() -> GraphBuilder:
    """Return an agent whose slow step is given up after three tries, and whose bad division is told."""
    g = GraphBuilder("Retry", "Errors that flow on instead of ending the run", catalog=Catalog.load())
    patience = {"attempts": 3, "backoff_s": 0.01, "timeout_s": 0.05}
    slow = g.add("time.sleep", "Slow step", value="at last", seconds=0.9, policy=patience)
    told = g.add("text.fill_template", "Tell", format="given up: {{ error }}")
    g.link(slow["error"], told["values"]["error"])
    g.output("slow", told)

    divisors = g.input("divisors", list, value=[4, 0, 2])
    each = g.add("flow.for_each", "Each divisor")
    divide = g.add("logic.calculator", "Divide 12", operation="divide", a=12)
    good = g.add("flow.collect", "Good")
    bad = g.add("flow.collect", "Bad")
    g.link(divisors, each)
    g.link(each["item"], divide["b"])
    g.link(divide["result"], good["values"])
    g.link(divide["error"], bad["values"])
    g.output("quotients", good["list"])
    g.output("errors", bad["list"])
    return g


if __name__ == "__main__":
    build().write(Path(__file__).parents[1] / "retry.json")
