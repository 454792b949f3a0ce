"""The block host itself: runs one firing at a time, as its worker asks, until the worker closes the line or is gone."""

import asyncio
import ctypes
import os
import resource
import signal
import socket
import sys
import threading
import time
from contextlib import aclosing
from importlib import import_module
from typing import Any

import orjson

from weft.executions.emitted import check_of, checked, no_such_pin
from weft.executions.isolation.context import HostContext
from weft.executions.isolation.failures import failure_to_json
from weft.executions.isolation.line import Line
from weft.executions.isolation.wire import Frames, unpack
from weft.executions.lent_base import Identity
from weft.sdk import Block, UserContext
from weft.sdk.spec import ERROR_PIN

_PR_SET_PDEATHSIG = 1
_LOOK_S = 1.0


def main() -> None:
    """Serve the worker. Command line: the line's descriptor, the worker's process id, bytes of memory, import paths."""
    descriptor, parent, memory_bytes = (int(text) for text in sys.argv[1:4])
    _stay_with(parent)
    # Who stops a service tells all its processes at once; a host is there until its worker has left in good order. What is
    # ignored would be so in programs that a block starts, too.
    signal.signal(signal.SIGTERM, lambda *_: None)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    asyncio.run(_serve(socket.socket(fileno=descriptor)))


def _stay_with(parent: int) -> None:
    """See to it that this process ends with the worker, however that one ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    threading.Thread(target=_look_after, args=(parent,), daemon=True).start()


def _look_after(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_S)
    os._exit(0)


async def _serve(end: socket.socket) -> None:
    reader, writer = await asyncio.open_unix_connection(sock=end)
    line, frames = Line(writer), Frames(reader)
    line.send({"t": "ready"})
    running: asyncio.Task[None] | None = None
    while (message := await frames.read()) is not None:
        match message["t"]:
            case "run":
                running = asyncio.create_task(_perform(line, message))
            case "more":
                line.go_on()
            case "reply":
                line.replied(message)
            case "stop" if running is not None:
                running.cancel()
    os._exit(0)


async def _perform(line: Line, job: dict[str, Any]) -> None:
    try:
        await _run(line, job)
    except MemoryError:
        line.send({"t": "memory"})
    except BaseException as error:  # noqa: BLE001  (a block may raise anything; the worker says what happens then)
        line.send({"t": "failed", "failure": failure_to_json(error)})
    else:
        line.send({"t": "ended"})


async def _run(line: Line, job: dict[str, Any]) -> None:
    block = _block(job["block"])
    spec = block.spec
    input = spec.input_model.model_validate(job["input"])
    context = HostContext(line, block, _identity(job["identity"]))
    if job["answered"]:
        lent = {"ctx": context} if "ctx" in spec.answer_asks else {}
        emissions = block.on_answer(input, job["state"], job["answer"], **lent)
    else:
        lent = {"ctx": context} if "ctx" in spec.asks else {}
        emissions = block.run(input, **lent)
    async with aclosing(emissions):
        async for name, value in emissions:
            pin = spec.outputs.get(name)
            if pin is None or name == ERROR_PIN:
                raise no_such_pin(name)
            data = checked(check_of(pin), name, value, job["value_bytes"])
            await line.emit(name, orjson.Fragment(data))


def _identity(data: dict[str, Any]) -> Identity:
    facts = unpack(data)
    return Identity(**{**facts, "user": UserContext(**facts["user"])})


def _block(place: str) -> Block:
    """Return the block whose class stands at `module:name`."""
    module, _, name = place.partition(":")
    found: Any = import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    block: Block = found()
    return block
