"""`weft cancel`: end an execution, whoever runs it."""

from uuid import UUID

from rich.text import Text

from weft.assembly import Platform
from weft.cli.exits import ExitCode
from weft.cli.options import AsJson, ExecutionIdText
from weft.cli.output import execution_shape, write_json
from weft.cli.session import with_platform
from weft.cli.terminal import stdout
from weft.executions.types import Execution
from weft.local.driving import driving
from weft.local.resuming import settle
from weft.local.sources import read_id
from weft.local.transactions import in_transaction
from weft.users.types import LOCAL_OWNER


def cancel(execution: ExecutionIdText, as_json: AsJson = False) -> int:
    """Cancel an execution and wait until that is durable.

    An effect that is under way may still end, and is recorded. If another process runs the execution, that one
    ends it; if that process is gone, this one does.

    Example: `weft cancel 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b`

    Exit codes: 0 it has ended, 1 its process has not ended it yet, 2 there is none, or it had ended before.
    """
    execution_id = read_id(execution, "an execution")
    ended = with_platform(lambda platform: _cancel(platform, execution_id))
    if as_json:
        write_json(execution_shape(ended))
    else:
        stdout().print(Text(f"execution {ended.id}: {ended.status}"), soft_wrap=True)
    return ExitCode.DONE if ended.status.is_terminal() else ExitCode.FAILED


async def _cancel(platform: Platform, execution_id: UUID) -> Execution:
    await in_transaction(platform, lambda tx: platform.executions.cancel(tx, LOCAL_OWNER, execution_id))
    async with driving(platform) as driver:
        await settle(driver, [execution_id], cancelling=True)
        return await driver.read(execution_id)
