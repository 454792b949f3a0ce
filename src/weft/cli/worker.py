"""`weft worker`: one process that runs executions until it is told to stop."""

from weft.assembly import Platform
from weft.cli.exits import ExitCode
from weft.cli.roles import AsJsonLines, Concurrency, Drain, Lifeline, Stopping, Teller
from weft.cli.session import opened_installation, run_async
from weft.settings import Settings
from weft.worker.process import work


def worker(
    concurrency: Concurrency = None, drain: Drain = None, *, as_json: AsJsonLines = False, lifeline: Lifeline = None
) -> int:
    """Run executions until told to stop; as many workers as you like share the work.

    SIGTERM or Ctrl-C: it claims nothing more, lets what runs end for 30 seconds, hands the rest over to other workers,
    and leaves. A second signal ends it at once; what it ran is taken over when its lease ends.

    Examples:
    - `weft worker`
    - `WEFT_DATABASE_URL=postgresql://weft@db.example/weft weft worker --concurrency 50`
    - `weft worker --drain 5 --json`

    Exit codes: 0 left in good order, 2 a setting is wrong, 6 no database, 130 left at once.
    """
    settings = Settings.load()
    drain_s = settings.engine.drain_s if drain is None else drain
    slots = concurrency or settings.engine.max_concurrent_executions
    tell = Teller("worker", as_json=as_json, lifeline=lifeline)
    stopping = Stopping(tell, within_s=drain_s)

    async def run(platform: Platform) -> None:
        await work(platform, stopping.asked, tell, slots=slots, drain_s=drain_s, database=settings.shown_database)

    run_async(stopping.run(opened_installation(settings, service=True), run))
    return ExitCode.DONE
