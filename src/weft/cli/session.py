"""From a command's function into the event loop, and to an open platform there."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from rich.text import Text

from weft.assembly import Platform, masker_of, open_installation
from weft.cli.logs import configure_logs_by
from weft.cli.terminal import stderr
from weft.db.transaction import Transaction
from weft.local.loops import new_event_loop
from weft.local.transactions import in_transaction
from weft.sdk import Catalog
from weft.settings import Settings

T = TypeVar("T")

_QUIET_S = 1.5


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Run the work to its end in a new event loop; uvloop's where there is one."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(work)


def with_platform(work: Callable[[Platform], Awaitable[T]], *, catalog: Catalog | None = None) -> T:
    """Open the platform that the settings describe, do the work, and close it again.

    Raises:
        ConfigurationError: A setting or the machine is wrong; the work was not begun.
        DatabaseUnreachable: There is no database; the work was not begun, or stopped there.
    """
    settings = Settings.load()

    async def opened() -> T:
        async with opened_installation(settings, catalog=catalog) as platform:
            return await work(platform)

    return run_async(opened())


def with_transaction(work: Callable[[Transaction], Awaitable[T]], *, catalog: Catalog | None = None) -> T:
    """Open the platform as `with_platform` does, do the work in one transaction of the local owner, and close it again.

    Raises:
        ConfigurationError: A setting or the machine is wrong; the work was not begun.
        DatabaseUnreachable: There is no database; the work was not begun, or stopped there.
    """
    return with_platform(lambda platform: in_transaction(platform, work), catalog=catalog)


@asynccontextmanager
async def opened_installation(
    settings: Settings, *, catalog: Catalog | None = None, service: bool = False
) -> AsyncIterator[Platform]:
    """Open the platform that the settings describe, say so if that takes long, and have the log written as they say.

    With `service` the log is that of a server or worker.

    Raises:
        ConfigurationError: A setting or the machine is wrong; nothing is left open.
        DatabaseUnreachable: There is no database; nothing is left open.
    """
    masker = masker_of(settings)
    configure_logs_by(settings, masker, service=service)
    patience = asyncio.get_running_loop().call_later(_QUIET_S, _say_that_it_takes_time, settings)
    try:
        async with open_installation(settings, catalog=catalog, masker=masker) as platform:
            patience.cancel()
            yield platform
    finally:
        patience.cancel()


def _say_that_it_takes_time(settings: Settings) -> None:
    what = f"starting the database in {settings.home.path}" if settings.database.is_embedded else "connecting"
    stderr().print(Text(f"{what} …", style="dim"), soft_wrap=True)
