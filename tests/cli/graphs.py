"""Graphs for the tests of the command line, as files."""

from pathlib import Path

from weft.sdk import Catalog
from weft.sdk.builder import GraphBuilder

CATALOG = Catalog.load(testing=True)


def greeting(folder: Path, *, template: str = "Hello {{ name }}!") -> str:
    g = GraphBuilder("Greeting", catalog=CATALOG)
    name = g.input("name", str)
    text = g.add("text.fill_template", "Greet", format=template)
    g.link(name, text["values"]["name"])
    g.output("greeting", text)
    return str(g.write(folder / "greeting.json"))


def typed(folder: Path) -> str:
    """Inputs of several types, each shown as it arrived."""
    g = GraphBuilder("Typed", catalog=CATALOG)
    for name, kind in (("text", str), ("number", int), ("flag", bool), ("any", object)):
        g.output(f"{name} out", g.input(name, kind))
    return str(g.write(folder / "typed.json"))


def choice(folder: Path, options: list[str]) -> str:
    g = GraphBuilder("Choice", catalog=CATALOG)
    g.output("chosen", g.input("which", "dropdown", options=options))
    return str(g.write(folder / "choice.json"))


def failing(folder: Path) -> str:
    g = GraphBuilder("Failing", catalog=CATALOG)
    bad = g.add("testing.fail", "Break", value=1, message="the bridge is out")
    g.output("never", bad["value"])
    return str(g.write(folder / "failing.json"))


def untaken(folder: Path) -> str:
    g = GraphBuilder("Untaken", catalog=CATALOG)
    number = g.input("n", int, value=1)
    check = g.add("logic.condition", "Is it large", operator=">", value2=100)
    g.link(number, check["value1"])
    g.output("large", check["yes_output"])
    g.output("small", check["no_output"])
    return str(g.write(folder / "untaken.json"))


def pause(folder: Path, seconds: float) -> str:
    g = GraphBuilder("Pause", catalog=CATALOG)
    rest = g.add("time.sleep", "Rest", value="tea", seconds=seconds)
    g.output("drink", rest)
    return str(g.write(folder / "pause.json"))


def writer(folder: Path, block: str, *, wait_ms: int) -> str:
    """One line of `lines.txt`, written after a while by a block with an effect."""
    g = GraphBuilder("Writer", catalog=CATALOG)
    line = g.add(block, "Write", path=str(folder / "lines.txt"), value=7, wait_ms=wait_ms)
    g.output("done", line["value"])
    return str(g.write(folder / "writer.json"))


def broken(folder: Path) -> str:
    """Can be stored, cannot run."""
    g = GraphBuilder("Broken")
    g.add("no.such", "Nothing")
    return str(g.write(folder / "broken.json"))


def broken_often(folder: Path, *, times: int) -> str:
    """As `broken`, with as many nodes of no known block."""
    g = GraphBuilder("Broken often")
    for number in range(times):
        g.add("no.such", f"Nothing {number}")
    return str(g.write(folder / "broken_often.json"))
