"""`testing.harm`: a block that harms whoever runs it."""

import asyncio
import os
import signal
import time
from typing import Any, ClassVar, Literal

from pydantic import Field

from weft.sdk import Block, BlockCategory, Emissions, Example, Schema


class Harm(Block, id="testing.harm", categories=[BlockCategory.UTILITY]):
    """End its process, hold up its thread, or refuse to be cancelled; without `how`, pass the value on."""

    class Input(Schema):
        value: Any = Field(default=None, description="Any value")
        how: Literal["not", "exit", "kill", "block", "ignore"] = Field(
            default="not",
            description="not: no harm; exit: end the process; kill: as the kernel does when memory is out; "
            "block: sleep without giving way; ignore: sleep and refuse every cancel",
        )
        seconds: float = Field(default=0, ge=0, le=3600, description="How long to block or to ignore")

    class Output(Schema):
        value: Any = Field(description="The same value, if nothing happened")

    examples: ClassVar = [Example(Input(value=1), emits=[("value", 1)])]

    async def run(self, input: Input) -> Emissions:
        match input.how:
            case "exit":
                os._exit(1)
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "block":
                time.sleep(input.seconds)  # noqa: ASYNC251 - that is the harm
            case "ignore":
                await _sleep_whatever_comes(input.seconds)
            case "not":
                pass
        yield "value", input.value


async def _sleep_whatever_comes(seconds: float) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        try:
            await asyncio.sleep(left)
        except asyncio.CancelledError:
            continue
