"""`weft serve`: everything that an installation on one machine needs, in one tree of processes.

The supervisor imports nothing that runs graphs, so that it stays small; a test says so.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer

from weft.cli.exits import ExitCode
from weft.cli.logs import configure_logs_by
from weft.cli.roles import LEAVE_S, AsJsonLines, Concurrency, Drain, Stopping, Teller
from weft.db.embedded.server import start_embedded
from weft.logs import Masker
from weft.settings import Settings
from weft.worker.supervisor import Child, NeverStarted, Supervisor


def serve(
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="How many worker processes.")] = 1,
    concurrency: Concurrency = None,
    drain: Drain = None,
    *,
    as_json: AsJsonLines = False,
) -> int:
    """Run workers and a scheduler, and the database unless a server is configured; what dies is started again.

    SIGTERM or Ctrl-C: the workers let what runs end for 30 seconds and hand over the rest, then the database stops. A
    second signal ends everything at once; nothing is lost, the next start goes on.

    Examples:
    - `weft serve`
    - `weft serve --workers 4 --concurrency 25`
    - `WEFT_DATABASE_URL=postgresql://weft@db.example/weft weft serve --json`

    Exit codes: 0 left in good order, 2 a setting is wrong, 6 no database, 130 left at once.
    """
    settings = Settings.load()
    masker = Masker()
    masker.add(*settings.secret_values)
    configure_logs_by(settings, masker, service=True)
    drain_s = settings.engine.drain_s if drain is None else drain
    slots = concurrency or settings.engine.max_concurrent_executions
    tell = Teller("serve", as_json=as_json)
    stopping = Stopping(tell, within_s=drain_s + LEAVE_S)
    json = ["--json"] if as_json else []
    work = ["worker", "--concurrency", str(slots), "--drain", str(drain_s), *json]
    numbers = range(1, workers + 1)

    async def supervise(_: None) -> None:
        # The scheduler comes first: it migrates, and whether there is a database shows quickly.
        children = [Child("scheduler", ["scheduler", *json], tell)]
        children += [Child(f"worker {number}", work, tell) for number in numbers]
        supervisor = Supervisor(children, tell)
        stopping.before_leaving = supervisor.kill
        many = "1 worker" if workers == 1 else f"{workers} workers"
        tell(
            "started",
            f"runs {many} with {slots} slots each and 1 scheduler on {settings.shown_database}; Ctrl-C stops",
            workers=workers,
            slots=slots,
            database=settings.shown_database,
        )
        await supervisor.run(stopping.asked, leave_within_s=drain_s + LEAVE_S)

    try:
        asyncio.run(stopping.run(_database(settings, tell), supervise))
    except NeverStarted as error:
        return error.exit_code  # the child has told why
    tell("stopped", "stopped")
    return ExitCode.DONE


@asynccontextmanager
async def _database(settings: Settings, tell: Teller) -> AsyncIterator[None]:
    """Have the embedded database run for the length of the block, and be stopped after it unless others use it too."""
    home = settings.home
    if not settings.database.is_embedded:
        yield
        return
    server = await start_embedded(home.path, major=home.postgres_major, binaries=home.postgres_bin)
    async with server:
        yield
    if await server.wait_until_stopped():
        tell("database_stopped", "the database has stopped")
    else:
        tell("database_runs", "the database goes on: other programs use it")
