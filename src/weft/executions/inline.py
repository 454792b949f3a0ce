"""Pure firings, run inside the loop without a task of their own; and pure streams, a burst at a time."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any

from pydantic import ValidationError

from weft.executions.conversion import read_input
from weft.executions.endings import check_emission, check_room, crashed, describe, fail, open_firing
from weft.executions.errors import Fenced
from weft.executions.firing import FiringTask
from weft.executions.limits import Limits
from weft.executions.planner import Firing
from weft.executions.program import NodeProgram, bind
from weft.executions.state import OpenState, State

_BURST = 32
_ANYTHING = (Exception, SystemExit, asyncio.CancelledError)
"""Also what would end the process, or look like a cancel: inside a step of the loop only the block can have raised it."""


class Stream:
    """A pure generator that pauses between bursts."""

    __slots__ = ("emissions", "open")

    def __init__(self, open_: OpenState, emissions: AsyncGenerator[tuple[str, Any], None]) -> None:
        self.open = open_
        self.emissions = emissions


class InlineRunner:
    """Runs the pure firings of one execution.

    Args:
        state: The execution.
        firings: Checks and records single emissions.
        settle: Records how a firing ended that did not just emit and end.
        limits: How much the execution may use.

    Attributes:
        streams: Generators that have more to give; the youngest goes on first.
    """

    def __init__(
        self,
        state: State,
        firings: FiringTask,
        settle: Callable[[OpenState, Exception | None], None],
        limits: Limits,
    ) -> None:
        self.streams: list[Stream] = []
        self._state = state
        self._firings = firings
        self._settle = settle
        self._limits = limits

    async def run(self, firing: Firing) -> None:
        """Run a firing to its end; one that emits much becomes a stream."""
        state = self._state
        program = state.program.nodes[firing.node]
        assert program is not None, "only nodes that fire are ready"
        if state.recorded.get((firing.node, firing.index)):
            self._stream(open_firing(state, firing, program))
            return
        started = time.time()
        items: list[tuple[int, bytes]] = []
        emissions = None
        failure: Exception | None = None
        try:
            input = _read(program, state, firing)
            emissions = program.block.run(input)
            async for name, value in emissions:
                items.append(check_emission(program, name, value))
                if len(items) >= _BURST:
                    break
            else:
                emitted, items = items, []  # what is too much is not recorded with the failure either
                check_room(state, self._limits, sum(len(data) for _, data in emitted))
                state.complete(firing, emitted, (started, time.time()))
                return
        except _ANYTHING as error:  # a block may raise what it likes; the graph says what happens then
            failure = error if isinstance(error, Exception) else crashed(error, program)
        open_ = open_firing(state, firing, program)
        for pin, data in items:
            state.emit(open_, pin, data)
        if failure is not None or emissions is None:
            self._settle(open_, failure)
        else:
            self.streams.append(Stream(open_, emissions))

    def drop(self, firing: Firing) -> None:
        """Forget the stream of a firing that goes on elsewhere."""
        self.streams = [stream for stream in self.streams if stream.open.firing is not firing]

    def _stream(self, open_: OpenState) -> None:
        """Run a pure firing again that had begun before: it must repeat what is on record."""
        try:
            input = _read(open_.program, self._state, open_.firing)
        except Exception as error:  # noqa: BLE001
            fail(self._state, open_, 1, describe(error, open_.program).error)
            return
        self.streams.append(Stream(open_, open_.program.block.run(input)))

    async def burst(self) -> None:
        """Let the youngest stream go on for a while."""
        stream = self.streams[-1]
        open_ = stream.open
        try:
            for _ in range(_BURST):
                try:
                    name, value = await anext(stream.emissions)
                except StopAsyncIteration:
                    self.streams.remove(stream)
                    self._settle(open_, None)
                    return
                await self._firings.emit(open_, name, value)
        except Fenced:
            raise
        except _ANYTHING as error:
            self.streams.remove(stream)
            self._settle(open_, error if isinstance(error, Exception) else crashed(error, open_.program))


def _read(program: NodeProgram, state: State, firing: Firing) -> Any:
    data = bind(program, state, firing.inputs)
    try:
        return program.block.spec.input_model.model_validate(data)
    except ValidationError:
        return read_input(program, data)
