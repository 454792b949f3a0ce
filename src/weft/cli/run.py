"""`weft run`: a graph, from a file or by id, to its end."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from weft.assembly import Platform
from weft.cli.driving import Driver, drive_to_end, driving
from weft.cli.exits import exit_code_of_status
from weft.cli.inputs import complete_inputs, read_inputs
from weft.cli.interrupts import Interrupts
from weft.cli.library import load_catalog
from weft.cli.options import AsJson, FileOrId
from weft.cli.output import execution_shape, write_json
from weft.cli.progress import View
from weft.cli.results import tell_result
from weft.cli.save import remember
from weft.cli.session import in_transaction, with_platform
from weft.cli.sources import GraphFile, find_source, require_runnable
from weft.cli.views import choose_view
from weft.db.transaction import Transaction
from weft.executions.types import Execution
from weft.graphs.service import get_version
from weft.graphs.types import GraphVersion
from weft.users.types import LOCAL_OWNER


def run(
    source: FileOrId,
    given: Annotated[
        list[str] | None,
        typer.Option("--input", "-i", metavar="NAME=VALUE", help="A value; JSON where the input takes it, else text."),
    ] = None,
    inputs: Annotated[
        Path | None, typer.Option("--inputs", metavar="FILE", help="A JSON object of values by name.")
    ] = None,
    as_json: AsJson = False,
    wait: Annotated[bool, typer.Option("--wait", help="Go on waiting when only a person can go on.")] = False,
) -> int:
    """Run a graph and show each step, then its outputs.

    A file is saved first, as the next version of its graph if it has changed. Ctrl-C cancels the run; a crash
    does not: `weft resume` goes on from the last step.

    Examples:
    - `weft run greeting.json --input name=Ada`
    - `weft run report.json --inputs values.json --json | jq .outputs`
    - `weft run 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b -i limit=10 -i 'tags=["a", "b"]'`

    Exit codes: 0 completed, 1 failed, 2 bad file or input, 3 cancelled, 4 waits for a person.
    """
    values, texts = read_inputs(given or (), inputs)
    found = find_source(source)
    catalog = load_catalog()
    request = Request(found, values, texts, wait=wait)
    if isinstance(found, GraphFile):
        require_runnable(found, catalog)
        complete_inputs(found.content, catalog, values, texts)
    view = choose_view(as_json=as_json)
    execution = with_platform(lambda platform: request.run(platform, view), catalog=catalog)
    if as_json:
        write_json(execution_shape(execution))
    else:
        tell_result(execution)
    return exit_code_of_status(execution.status)


@dataclass(frozen=True, slots=True)
class Request:
    """What to run, and with which inputs."""

    source: GraphFile | UUID
    values: Mapping[str, Any]
    texts: Mapping[str, str]
    wait: bool = False

    async def run(self, platform: Platform, view: View) -> Execution:
        """Start the run and drive it to its end."""
        interrupts = Interrupts()
        interrupts.before_leaving = view.leave
        with interrupts.watched():
            async with driving(platform) as driver:
                return await self._drive(driver, view, interrupts)

    async def _drive(self, driver: Driver, view: View, interrupts: Interrupts) -> Execution:
        platform = driver.platform

        async def start(tx: Transaction) -> tuple[UUID, GraphVersion]:
            version = await self._version(tx, platform)
            given = complete_inputs(version.content, platform.catalog, self.values, self.texts)
            id = await platform.executions.start(tx, LOCAL_OWNER, version=version, inputs=given)
            return id, version

        execution_id, version = await in_transaction(platform, start)
        view.begin(execution_id, version.content.name, version.content)
        driver.take(execution_id)
        return await drive_to_end(
            driver, execution_id, version.content, view=view, interrupts=interrupts, wait=self.wait
        )

    async def _version(self, tx: Transaction, platform: Platform) -> GraphVersion:
        if isinstance(self.source, UUID):
            return await get_version(tx, self.source, LOCAL_OWNER)
        return await remember(tx, self.source, platform.catalog)
