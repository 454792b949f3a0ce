"""A graph is run again and again until a condition holds; each round begins with what the last one showed.

Links form no circles. What repeats is a graph of its own, with a bound: here the guess gets better in each round.
"""

from pathlib import Path

from weft.sdk import Catalog
from weft.sdk.builder import GraphBuilder


def step() -> GraphBuilder:
    """Return an agent that makes a guess at a square root better, and says by how much its square is wrong."""
    g = GraphBuilder("Better guess", "One step of Newton's method", catalog=Catalog.load())
    number = g.input("number", float)
    guess = g.input("guess", float)
    quotient = g.add("logic.calculator", "Number by guess", operation="divide")
    both = g.add("logic.calculator", "Guess and quotient", operation="add")
    mean = g.add("logic.calculator", "Their mean", operation="divide", b=2)
    square = g.add("logic.calculator", "Its square", operation="multiply")
    error = g.add("logic.calculator", "Too much", operation="subtract")
    g.link(number, quotient["a"])
    g.link(guess, quotient["b"])
    g.link(guess, both["a"])
    g.link(quotient["result"], both["b"])
    g.link(both["result"], mean["a"])
    for pin in ("a", "b"):
        g.link(mean["result"], square[pin])
    g.link(square["result"], error["a"])
    g.link(number, error["b"])
    g.output("guess", mean["result"])
    g.output("error", error["result"])
    return g


def build() -> GraphBuilder:
    """Return an agent that finds a square root."""
    g = GraphBuilder("Square root", "Repeats a step until the result is good enough", catalog=Catalog.load())
    number = g.input("number", float)
    loop = g.add(
        "agent.loop",
        "Until it fits",
        graph=step(),
        inputs={"inputs": {"guess": 1}},
        until="-1e-9 < outputs['error'] < 1e-9",
        rounds=50,
    )
    g.link(number, loop["inputs.number"])
    g.output("root", loop["outputs.guess"])
    g.output("rounds", loop["rounds"])
    return g


if __name__ == "__main__":
    build().write(Path(__file__).parents[1] / "square-root.json")
