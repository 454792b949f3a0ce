"""`weft demo`: an example agent, for somebody who sees Weft for the first time."""

import shutil
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from weft.assembly import Platform
from weft.cli.exits import exit_code_of_status
from weft.cli.interrupts import Interrupts
from weft.cli.library import load_catalog
from weft.cli.results import tell_problems
from weft.cli.session import with_platform
from weft.cli.terminal import stdout, value_text
from weft.cli.views import choose_view
from weft.db.transaction import Transaction
from weft.executions.types import Execution
from weft.graphs.documents import content_from
from weft.graphs.service import remember_file
from weft.graphs.types import GraphContent, GraphVersion
from weft.local.driving import drive_to_end, driving
from weft.local.progress import View
from weft.local.transactions import in_transaction
from weft.sdk import Catalog
from weft.sdk.builder import GraphBuilder
from weft.users.types import LOCAL_OWNER

_SOURCE = "demo"
_WIDEST = 100

_INTRODUCTION = """\
This agent writes an invitation to each guest of a list, rests for a second, and sends all of them on together. \
Each step is recorded in PostgreSQL before the next one relies on it: kill the program at any moment, and \
`{weft} resume` goes on from the last step."""

_NEXT = """\
What you saw: one node took the list apart, so the nodes behind it ran once for each guest, side by side; one \
gathered what they wrote. While it rested, the run held no worker and no memory."""

_COMMANDS = """\
Try next:
  {weft} run {graph} -i 'guests=["You"]' -i place=home
  {weft} executions {execution}
  {weft} export {graph} > invitations.json
  {weft} validate invitations.json
  {weft} blocks
  {weft} block new acme.word_count"""


def demo() -> int:
    """Run an example agent, show each step as it happens, and say what to try next.

    Example: `weft demo`
    """
    catalog = load_catalog()
    content = demo_graph(catalog)
    console = stdout()
    weft = _own_name()
    _say(console, _INTRODUCTION.format(weft=weft), title="Weft")
    view = choose_view(as_json=False)
    execution = with_platform(lambda platform: _run(platform, content, view), catalog=catalog)
    _show_outputs(console, execution)
    tell_problems(execution, console)
    console.print()
    console.print(Text(_NEXT), soft_wrap=not console.is_terminal, width=_WIDEST)
    console.print()
    # Never broken by us: these lines are there to be copied.
    commands = _COMMANDS.format(weft=weft, graph=execution.graph_id, execution=execution.id)
    console.print(Text(commands), soft_wrap=True)
    return exit_code_of_status(execution.status)


def demo_graph(catalog: Catalog) -> GraphContent:
    """Return the example: a list taken apart, a template for each item, a gathering, a pause that is durable."""
    g = GraphBuilder("Invitations", "Writes an invitation to each guest", catalog=catalog)
    guests = g.input("guests", list, value=["Ada", "Grace", "Linus"])
    place = g.input("place", str, value="the old library")
    each = g.add("flow.for_each", "For each guest")
    think = g.add("time.sleep", "Think of something nice", seconds=0.6)
    write = g.add(
        "text.fill_template",
        "Write the invitation",
        format="Dear {{ name }}, do come to {{ place }} on Friday. There will be tea.",
    )
    gather = g.add("flow.collect", "Gather all invitations")
    rest = g.add("time.sleep", "Rest for a second", seconds=1.2)
    combine = g.add("text.combine", "Put them on one page", delimiter="\n")
    g.link(guests, each)
    g.link(each["item"], think["value"])
    g.link(think, write["values"]["name"])
    g.link(place, write["values"]["place"], static=True)
    g.link(write, gather["values"])
    g.link(gather["list"], rest["value"])
    g.link(rest, combine["texts"])
    g.output("invitations", combine)
    g.output("guests invited", gather["count"])
    return content_from(g.to_document())


async def _run(platform: Platform, content: GraphContent, view: View) -> Execution:
    interrupts = Interrupts()
    interrupts.before_leaving = view.leave

    async def start(tx: Transaction) -> tuple[Any, GraphVersion]:
        version = await remember_file(
            tx, LOCAL_OWNER, source=_SOURCE, key=content.name, content=content, catalog=platform.catalog
        )
        return await platform.executions.start(tx, LOCAL_OWNER, version=version, inputs={}), version

    with interrupts.watched():
        async with driving(platform) as driver:
            execution_id, version = await in_transaction(platform, start)
            view.begin(execution_id, content.name, content)
            driver.take(execution_id)
            return await drive_to_end(
                driver, execution_id, version.content, view=view, asked=interrupts.asked, wait=False
            )


def _show_outputs(console: Console, execution: Execution) -> None:
    for name, values in execution.outputs.items():
        text = "\n".join(value_text(value) for value in values)
        if "\n" not in text:
            console.print(Text.assemble((f"{name}: ", "bold"), text), soft_wrap=True)
        elif console.is_terminal:
            width = min(console.width, _WIDEST)
            console.print(Panel(Text(text), title=name, title_align="left", border_style="green", width=width))
        else:
            console.print(Text(f"{name}:\n  " + text.replace("\n", "\n  ")), soft_wrap=True)


def _say(console: Console, words: str, *, title: str) -> None:
    if console.is_terminal:
        width = min(console.width, _WIDEST)
        console.print(Panel(Text(words), title=title, title_align="left", border_style="cyan", width=width))
    else:
        console.print(Text(words), soft_wrap=True)


def _own_name() -> str:
    """Return how this program is called from the present folder."""
    program = Path(sys.argv[0])
    found = shutil.which("weft")
    if program.name != "weft" or (found is not None and Path(found).resolve() == program.resolve()):
        return "weft"
    try:
        return str(program.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(program)
