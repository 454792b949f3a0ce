"""`weft run`: a graph, from a file or by id, to its end."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from weft.assembly import Platform
from weft.cli.exits import exit_code_of_status
from weft.cli.files import Save, make_folder, save_outputs, store_inputs
from weft.cli.inputs import complete_inputs, named_files, read_inputs
from weft.cli.interrupts import Interrupts
from weft.cli.library import load_catalog
from weft.cli.options import AsJson, FileOrId
from weft.cli.output import Json, execution_shape, write_json
from weft.cli.results import tell_result
from weft.cli.session import with_platform
from weft.cli.views import choose_view
from weft.db.transaction import Transaction
from weft.executions.starting import Order
from weft.executions.types import Execution, Waiting
from weft.graphs.service import get_version
from weft.graphs.types import GraphVersion
from weft.local.driving import Driver, drive_to_end, driving
from weft.local.progress import View
from weft.local.saving import remember
from weft.local.sources import GraphFile, find_source, require_runnable
from weft.local.transactions import in_transaction
from weft.users.types import LOCAL_OWNER


class Priority(StrEnum):
    """When a run takes its turn among the user's own."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


PRIORITIES = {Priority.HIGH: 1, Priority.NORMAL: 0, Priority.LOW: -1}
Key = Annotated[
    str | None, typer.Option("--key", help="What it works on; limits per key count those with the same one.")
]
Turn = Annotated[Priority, typer.Option("--priority", help="Before or behind your other executions.")]
RequestKey = Annotated[
    str | None,
    typer.Option("--request-key", help="Names this request: asked again, it shows the run it started before."),
]


def run(
    source: FileOrId,
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            "-i",
            metavar="NAME=VALUE",
            help="A value; JSON where the input takes it, else text. @PATH where it takes a file.",
        ),
    ] = None,
    inputs: Annotated[
        Path | None, typer.Option("--inputs", metavar="FILE", help="A JSON object of values by name.")
    ] = None,
    *,
    as_json: AsJson = False,
    wait: Annotated[bool, typer.Option("--wait", help="Go on waiting when only a person can go on.")] = False,
    save: Save = None,
    key: Key = None,
    priority: Turn = Priority.NORMAL,
    request_key: RequestKey = None,
) -> int:
    """Run a graph and show each step, then its outputs.

    A file is saved first, as the next version of its graph if it has changed. Ctrl-C cancels the run; a crash
    does not: `weft resume` goes on from the last step.

    Examples:
    - `weft run greeting.json --input name=Ada`
    - `weft run report.json --inputs values.json --json | jq .outputs`
    - `weft run 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b -i limit=10 -i 'tags=["a", "b"]'`
    - `weft run convert.json -i film=@tea.mp4 --save converted`
    - `weft run order.json -i number=17 --key customer-4 --request-key order-17`

    Exit codes: 0 completed, 1 failed, 2 bad file or input, 3 cancelled, 4 waits for a person, 5 the queue is full.
    """
    values, texts = read_inputs(given or (), inputs)
    found = find_source(source)
    catalog = load_catalog()
    graph = found if isinstance(found, UUID) else found.read(catalog)
    order = Order(key, PRIORITIES[priority], request_key)
    request = Request(graph, values, texts, order, wait=wait)
    if isinstance(graph, GraphFile):
        require_runnable(graph, catalog)
        complete_inputs(graph.content, catalog, values, texts)
    if save is not None:
        make_folder(save)
    view = choose_view(as_json=as_json)

    async def work(platform: Platform) -> tuple[Execution, Json]:
        execution = await request.run(platform, view, quiet=as_json)
        saved = None if save is None else await save_outputs(platform, execution, save, quiet=as_json)
        return execution, {} if saved is None else {"saved": saved}

    execution, saved = with_platform(work, catalog=catalog)
    if as_json:
        write_json(execution_shape(execution) | saved)
    else:
        tell_result(execution)
    return exit_code_of_status(execution.status)


@dataclass(frozen=True, slots=True)
class Request:
    """What to run, and with which inputs."""

    source: GraphFile | UUID
    values: Mapping[str, Any]
    texts: Mapping[str, str]
    order: Order
    wait: bool = False

    async def run(self, platform: Platform, view: View, *, quiet: bool) -> Execution:
        """Store the files among the inputs, start the run and drive it to its end."""
        version = await in_transaction(platform, lambda tx: self._version(tx, platform))
        given = complete_inputs(version.content, platform.catalog, self.values, self.texts)
        paths = named_files(version.content, platform.catalog, self.texts)
        given |= await store_inputs(platform, paths, quiet=quiet)
        interrupts = Interrupts()
        interrupts.before_leaving = view.leave
        with interrupts.watched():
            async with driving(platform) as driver:
                return await self._drive(driver, version, given, view, interrupts)

    async def _drive(
        self, driver: Driver, version: GraphVersion, given: Mapping[str, Any], view: View, interrupts: Interrupts
    ) -> Execution:
        async def start(tx: Transaction) -> UUID:
            return await driver.platform.executions.start(
                tx,
                LOCAL_OWNER,
                version=version,
                inputs=given,
                key=self.order.key,
                priority=self.order.priority,
                request_key=self.order.request_key,
            )

        async def look(tx: Transaction) -> tuple[Waiting, ...]:
            return await driver.platform.executions.held_by(tx, execution_id)

        execution_id = await in_transaction(driver.platform, start)
        view.begin(execution_id, version.content.name, version.content)
        for wait in await in_transaction(driver.platform, look):
            view.say(f"waits for {wait.title}")
        driver.take(execution_id)
        return await drive_to_end(
            driver, execution_id, version.content, view=view, asked=interrupts.asked, wait=self.wait
        )

    async def _version(self, tx: Transaction, platform: Platform) -> GraphVersion:
        if isinstance(self.source, UUID):
            return await get_version(tx, self.source, LOCAL_OWNER)
        return await remember(tx, self.source, platform.catalog)
