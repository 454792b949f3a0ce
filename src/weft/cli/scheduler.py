"""`weft scheduler`: looks after dead workers and timers, and runs nothing itself."""

from weft.assembly import SchedulerParts, masker_of, open_scheduler
from weft.cli.exits import ExitCode
from weft.cli.logs import configure_logs_by
from weft.cli.roles import AsJsonLines, Lifeline, Stopping, Teller
from weft.cli.session import run_async
from weft.settings import Settings
from weft.worker.scheduler import Scheduler


def scheduler(*, as_json: AsJsonLines = False, lifeline: Lifeline = None) -> int:
    """Requeue what dead workers held and wake what is due, until told to stop.

    Workers do this too, each of them; a scheduler is for installations whose workers may all be busy or dead. Of several
    schedulers one leads and the others stand by.

    Examples:
    - `weft scheduler`
    - `WEFT_DATABASE_URL=postgresql://weft@db.example/weft weft scheduler --json`

    Exit codes: 0 left in good order, 2 a setting is wrong, 6 no database, 130 left at once.
    """
    settings = Settings.load()
    configure_logs_by(settings, masker_of(settings), service=True)
    tell = Teller("scheduler", as_json=as_json, lifeline=lifeline)
    stopping = Stopping(tell, within_s=0)

    async def work(parts: SchedulerParts) -> None:
        await Scheduler(parts, tell, database=settings.shown_database).run(stopping.asked)

    run_async(stopping.run(open_scheduler(settings), work))
    return ExitCode.DONE
