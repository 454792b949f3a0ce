"""`weft.run`, `weft.arun`, `weft.open` and `weft.draw`: what a Python program calls."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from os import PathLike
from typing import Any
from uuid import UUID

from weft.local.app import App, Request, load_settings, open_app
from weft.local.background import Call, background
from weft.local.drawing import Drawing
from weft.local.graphs import BlockLike, GraphLike, read_graph, with_blocks
from weft.local.result import Result
from weft.sdk import Catalog


def run(
    graph: GraphLike,
    inputs: Mapping[str, Any] | None = None,
    /,
    *,
    wait: bool = False,
    timeout_s: float | None = None,
    blocks: Sequence[BlockLike] = (),
    home: str | PathLike[str] | None = None,
    settings: Mapping[str, Any] | None = None,
    **named: Any,
) -> Result:
    """Run a graph to its end and return how it ended, or what it waits for.

    Works in scripts and in notebooks: the work is done in a thread of its own, where the database stays open, so
    that later calls are fast. Each step is recorded; what ran stands in `weft executions`, and what a crash left
    behind goes on with `weft resume`. A run that fails raises nothing: see `Result`. Ctrl-C cancels the run and is
    raised once that is durable; a second Ctrl-C leaves at once.

    Args:
        graph: A path, the id of a saved graph, a `GraphBuilder`, or the graph as plain data. It is saved first, as
            the next version if it has changed: files are known by their path, graphs made in Python by their name.
        inputs: Values by name. Names that this function has itself can be given only here.
        wait: Go on waiting when only a person can go on; else the result's status is `waiting` then.
        timeout_s: After so many seconds the run is cancelled; the result says `timed_out`.
        blocks: Blocks of your own that no installed package offers; those of a builder are known already.
        home: The folder of the embedded database, in place of `WEFT_HOME`.
        settings: `WEFT_…` variables that win over the environment.
        named: More inputs, by name.

    Raises:
        InvalidInput: Graph, input or option is wrong; the message names the place. Nothing was started.
        NotFound: There is no graph with this id.
        ConfigurationError: A setting or the machine is wrong.
        DatabaseUnreachable: There is no database, or it was lost and did not come back; `weft resume` goes on.
    """
    request = Request.of(graph, inputs, named, blocks=blocks, wait=wait, timeout_s=timeout_s)
    return _call(request, home, settings).wait()


async def arun(
    graph: GraphLike,
    inputs: Mapping[str, Any] | None = None,
    /,
    *,
    wait: bool = False,
    timeout_s: float | None = None,
    blocks: Sequence[BlockLike] = (),
    home: str | PathLike[str] | None = None,
    settings: Mapping[str, Any] | None = None,
    **named: Any,
) -> Result:
    """Do as `run`, without holding up the caller's event loop; any number side by side.

    When the caller is cancelled, the run is cancelled durably first.

    Raises:
        InvalidInput: Graph, input or option is wrong; the message names the place. Nothing was started.
        NotFound: There is no graph with this id.
        ConfigurationError: A setting or the machine is wrong.
        DatabaseUnreachable: There is no database, or it was lost and did not come back; `weft resume` goes on.
    """
    request = Request.of(graph, inputs, named, blocks=blocks, wait=wait, timeout_s=timeout_s)
    return await _call(request, home, settings).arrive()


def _call(request: Request, home: str | PathLike[str] | None, settings: Mapping[str, Any] | None) -> Call[Result]:
    return background().call(load_settings(home, settings), lambda app: app.fulfil(request))


@asynccontextmanager
async def open(
    *,
    home: str | PathLike[str] | None = None,
    settings: Mapping[str, Any] | None = None,
    blocks: Sequence[BlockLike] = (),
) -> AsyncIterator[App]:
    """Open Weft in the caller's own event loop, and close it when the block ends; what runs is handed back then.

    Example: `async with weft.open() as app: result = await app.run("greeting.json", name="Ada")`

    Args:
        home: The folder of the embedded database, in place of `WEFT_HOME`.
        settings: `WEFT_…` variables that win over the environment.
        blocks: Blocks of your own that no installed package offers.

    Raises:
        ConfigurationError: A setting or the machine is wrong; nothing is left open.
        DatabaseUnreachable: There is no database; nothing is left open.
    """
    async with open_app(load_settings(home, settings), blocks=blocks) as app:
        yield app


def draw(graph: GraphLike, *, blocks: Sequence[BlockLike] = ()) -> Drawing:
    """Return a picture of a graph, as SVG and as Mermaid; only the id of a saved one needs the database.

    Raises:
        InvalidInput: It is no graph; the message names the place.
        NotFound: There is no graph with this id.
    """
    given = read_graph(graph, blocks)
    if isinstance(given.graph, UUID):
        graph_id = given.graph
        return Drawing(*background().call(load_settings(None, None), lambda app: app.read_graph(graph_id)).wait())
    known = Catalog.load(testing=True, only=given.graph.parsed.blocks)
    catalog = with_blocks(known, given.blocks)
    return Drawing(given.graph.read(catalog).content, catalog)
