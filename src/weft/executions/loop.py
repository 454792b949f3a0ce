"""One execution, driven from its claim to its end, its wait or its hand-over.

The loop takes the deepest ready firing first, runs pure ones by itself and gives the others a task each. Generators go on only
when nothing else can run, so a stream of a million items never stands in memory as a million ready firings.
"""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from enum import StrEnum
from typing import Any

from weft.executions.checkpoint import due, dump
from weft.executions.children import CHILD
from weft.executions.errors import Fenced
from weft.executions.firing import FiringTask, Means
from weft.executions.inline import InlineRunner
from weft.executions.interruption import LATE_S, Attempt, Interrupted, end_for_good
from weft.executions.planner import Firing
from weft.executions.ports import Answer
from weft.executions.records import CloseReason
from weft.executions.report import not_fired
from weft.executions.state import OpenState, State
from weft.executions.types import ExecutionStatus
from weft.failpoints import failpoint
from weft.sdk import Effect

_TURN_S = 0.002


class Ended(StrEnum):
    """How driving an execution ended."""

    FINISHED = "finished"
    PARKED = "parked"
    LOST = "lost"
    HANDED_BACK = "handed_back"


class Drive:
    """Runs one execution on one worker."""

    def __init__(
        self,
        state: State,
        means: Means,
        wake: asyncio.Event,
    ) -> None:
        self.state = state
        self._store = means.store
        self._recorder = means.recorder
        self._limits = means.limits
        self._wake = wake
        self._tasks: dict[asyncio.Task[None], Firing] = {}
        self._space = asyncio.Event()
        self._paused = 0
        self._hosts = means.hosts
        self._caught = 0
        self._task_runner = FiringTask(state, means, room=self._room, bring=self._bring, left=self._left_alone)
        self._inline = InlineRunner(state, self._task_runner, self._settle, means.limits)
        self._handing_back = False
        self._parking = False
        self._intent_follows = False
        self._deadline: float | None = None
        if state.claim.seconds_left is not None:
            self._deadline = time.monotonic() + state.claim.seconds_left

    # What others may ask, from the same event loop.

    def cancel(self) -> None:
        """Cancel the execution; whichever came first into its journal, this or its end, wins."""
        if self.state.closing is None and not self._parking:
            self.state.journal.event("cancel")
            self.state.close(CloseReason.CANCELLED)
            self._wake.set()

    def answer(self, answers: Sequence[Answer]) -> None:
        """Take answers to waits; those nobody waits for any more are ignored."""
        if self._parking:
            return
        places = {wait.key: place for place, wait in self.state.waits.items()}
        for answer in answers:
            place = places.pop(answer.wait_key, None)
            if place is not None and self.state.closing is None:
                self.state.answered(*place, answer.data)
        self._wake.set()

    def hand_back(self) -> None:
        """Stop in good order, so that another worker can go on."""
        self._handing_back = True
        self._wake.set()

    @property
    def waits(self) -> bool:
        """Return whether some firing waits for an answer."""
        return bool(self.state.waits)

    # The loop.

    async def run(self) -> Ended:
        """Drive until the execution has ended, waits, belongs to somebody else, or is to be handed back."""
        try:
            while True:
                await self._work()
                if self.state.closing is not None or self._handing_back:
                    await self._wind_down()
                if self._handing_back and self.state.closing is None:
                    self.state.care.void(self.state.journal)
                    await self._flushed()
                    return Ended.HANDED_BACK
                if self.state.closing is not None or self.state.planner.state == "done":
                    await self._end()
                    return Ended.FINISHED
                if await self._park():
                    return Ended.PARKED
        except Fenced:
            return Ended.LOST
        finally:
            await self._drop_tasks()

    async def _work(self) -> None:
        """Run until nothing can run: all ended, only waits left, or the execution is closing."""
        state = self.state
        turn = time.monotonic() + _TURN_S
        while state.closing is None and not self._handing_back:
            state.journal.check()
            care = state.care.taken
            firing = None if care else state.ready.pop_inline()
            if care and len(self._tasks) == self._paused and (next_ := state.ready.pop()) is not None:
                self._start_task(next_)
            elif firing is not None:
                if state.large.digests:
                    await self._bring(firing)
                self._run_inline(self._inline.run(firing), firing)
            elif not care and state.ready.has_tasks() and len(self._tasks) - self._paused < self._limits.parallel:
                self._start_task(state.ready.pop_task())
            elif self._inline.streams and (len(state.ready) <= self._limits.ready or not self._tasks):
                self._run_inline(self._inline.burst(), self._inline.streams[-1].open.firing)
            elif not self._tasks:
                return
            else:
                await self._sleep()
                turn = time.monotonic() + _TURN_S  # whoever slept has given the others their turn
            if time.monotonic() > turn:
                await self._give_turn()
                turn = time.monotonic() + _TURN_S

    def _run_inline(self, step: Coroutine[Any, Any, None], firing: Firing) -> None:
        """Take a step of a pure firing here; what holds up the loop, or waits for something, goes on in a task."""
        try:
            step.send(None)
        except StopIteration:
            return
        except Interrupted:
            self._hosts.caught.add(self.state.program.node(firing.node).block.id)
        else:
            step.close()  # in a task it can be timed and cancelled; a pure block may begin anew
        self._inline.drop(firing)
        self.state.ready.by_task(firing.node)
        self.state.ready.add([firing])

    def _heed_caught(self) -> None:
        """Leave to hosts what was seen, also in other executions, to hold up the loop."""
        self._caught = len(self._hosts.caught)
        for node in self.state.program.nodes:
            if node is not None and node.block.id in self._hosts.caught:
                self.state.ready.by_task(node.position)

    async def _give_turn(self) -> None:
        """Let heartbeats, the recorder and other executions run; wait while too much is pending."""
        self._tidy()
        self._recorder.touch(self.state.journal)
        await asyncio.sleep(0)
        while self._recorder.busy() and not self.state.journal.lost:
            await self._recorder.room()
        self._check_deadline()

    def _tidy(self) -> None:
        """Let go of values nobody needs, let paused streams go on where there is room, write a snapshot when it is due."""
        self.state.release()
        if len(self._hosts.caught) != self._caught:
            self._heed_caught()
        if len(self.state.ready) <= self._limits.ready:
            self._space.set()
        if self.state.care.taken:
            return  # a snapshot would hold nothing of the starts
        if due(self.state, self._limits.snapshot_every) and (snapshot := dump(self.state)) is not None:
            self.state.journal.snapshot(snapshot)

    def _check_deadline(self) -> None:
        if self._deadline is not None and time.monotonic() > self._deadline and self.state.closing is None:
            self.state.journal.event("timeout")
            self.state.error = {"code": "RUN_TIMEOUT", "message": "the run took longer than it may"}
            self.state.close(CloseReason.TIMEOUT)

    async def _sleep(self) -> None:
        """Wait for a task, an answer, a cancel or the deadline."""
        self._tidy()
        if not self._intent_follows:
            self._recorder.touch(self.state.journal)
        self._intent_follows = False
        self._wake.clear()
        if self._deadline is None:
            await self._wake.wait()
            return
        try:
            async with asyncio.timeout(max(self._deadline - time.monotonic(), 0)):
                await self._wake.wait()
        except TimeoutError:
            self._check_deadline()

    async def _bring(self, firing: Firing) -> None:
        """Read back what the firing consumes and memory does not hold."""
        await self.state.large.bring(firing.inputs, self._fetch)

    async def _fetch(self, digests: Sequence[str]) -> dict[str, bytes]:
        return await self._store.values(self.state.claim, digests)

    def _settle(self, open_: OpenState, error: Exception | None) -> None:
        """Record how a firing that was run here ended; another attempt of it gets a task."""
        pause = self._task_runner.settle(open_, error)
        if pause is not None:
            self._spawn(open_.firing, self._task_runner.run_again(open_, pause))

    # Firings with a task.

    def _start_task(self, firing: Firing | None) -> None:
        assert firing is not None, "asked for a task when none was ready"
        self._intent_follows |= self._intends(firing)
        self._spawn(firing, self._lane(firing))

    def _intends(self, firing: Firing) -> bool:
        """Return whether the firing's intent will ask for a flush: what stands before it becomes durable in the same one."""
        return self.state.program.node(firing.node).effect in (Effect.AT_LEAST_ONCE, Effect.AT_MOST_ONCE)

    async def _lane(self, firing: Firing) -> None:
        """Run a firing, and then others that need a task as long as the loop would choose just them."""
        state = self.state
        task = asyncio.current_task()
        assert task is not None, "a lane is a task"
        following: Firing | None = firing
        while following is not None:
            self._tasks[task] = following
            await self._task_runner.run(following)
            if task not in self._tasks:
                return  # it was left alone
            state.journal.check()
            stops = state.closing is not None or self._handing_back or state.care.taken
            if stops or state.ready.has_inline() or self._recorder.busy():
                return
            following = state.ready.pop_task()
            self._tidy()
            if following is not None and not self._intends(following):
                self._recorder.touch(state.journal)

    def _spawn(self, firing: Firing, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks[task] = firing
        task.add_done_callback(self._task_ended)

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        waited_for = self._tasks.pop(task, None) is not None
        if not task.cancelled() and (error := task.exception()) is not None and waited_for:
            self.state.journal.fail(error)
        self._wake.set()

    def _left_alone(self, task: asyncio.Task[Any], open_: OpenState, pause: float | None) -> None:
        """Go on without a task whose block ignores that it was cancelled."""
        self._tasks.pop(task, None)
        end_for_good(task)
        if pause is not None:
            self._spawn(open_.firing, self._task_runner.run_again(open_, pause))
        self._wake.set()

    async def _room(self, attempt: Attempt) -> None:
        """Hold a stream while much is ready; meanwhile it takes no slot, and its time stands still."""
        if not self._is_full():
            return
        left_s = attempt.pause()
        self._paused += 1
        self._wake.set()
        try:
            while self._is_full():
                self._space.clear()
                await self._space.wait()
        finally:
            self._paused -= 1
            attempt.resume(left_s)

    def _is_full(self) -> bool:
        ending = self._handing_back or self.state.closing is not None
        return len(self.state.ready) > self._limits.ready and not ending

    # Ends.

    async def _wind_down(self) -> None:
        """Stop pure work at once; let effects under way end within the grace."""
        self._inline.streams.clear()
        self._space.set()
        self._task_runner.stopping = True
        effects = []
        for task, firing in list(self._tasks.items()):
            if self._intends(firing) and task not in self._task_runner.resting:
                effects.append((task, firing))
            else:
                task.cancel()
        if effects:
            await asyncio.wait([task for task, _ in effects], timeout=self._limits.grace_s)
        late = [firing for task, firing in effects if not task.done()]
        await self._drop_tasks()
        for firing in late:
            if not self._handing_back:
                self.state.journal.event("outcome_unknown", firing.node, firing.index)

    async def _drop_tasks(self) -> None:
        """Cancel what still runs; what does not heed that is left alone, and nothing of it is recorded any more."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=min(LATE_S, self._limits.grace_s))
        self._task_runner.over = True
        self._tasks.clear()
        for task in tasks:
            if not task.done():
                end_for_good(task)

    async def _flushed(self) -> None:
        self._recorder.touch(self.state.journal)
        await self.state.journal.durable(self.state.journal.seq)

    async def _end(self) -> None:
        """Write the end of the execution, with its last records, and return once that is durable."""
        state = self.state
        failpoint("end.begun")
        status = ExecutionStatus.COMPLETED if state.closing is None else _STATUS_OF_CLOSING[state.closing]
        state.journal.check()
        done = state.journal.finish(
            status,
            error=state.error,
            report=not_fired(state),
            orphans=_has_open_calls(state),
            counts=(state.firings, state.emissions),
        )
        self._recorder.touch(state.journal)
        await done
        failpoint("end.durable")

    async def _park(self) -> bool:
        """Release the execution while it waits; False when answers came meanwhile and it goes on."""
        standing = self.state.planner.state
        assert standing == "waiting" or self.state.ready.holds, f"nothing runs, but the planner is {standing}"
        # What comes from here on is found by `park`, under the row's lock. Taken now, it would become durable with the
        # flush, `park` would find nothing new, and the answered firing would wait for ever.
        self._parking = True
        try:
            await self._flushed()
            left = None if self._deadline is None else max(self._deadline - time.monotonic(), 0.0)
            snapshot = dump(self.state) if due(self.state, self._limits.snapshot_worth) else None
            parking = await self._store.park(self.state.claim, run_left_s=left, snapshot=snapshot)
        finally:
            self._parking = False
        if parking.parked:
            return True
        if parking.cancelled:
            self.cancel()
        known = {wait.key for wait in self.state.waits.values()}
        self.answer(parking.answers)
        for answer in parking.answers:
            if answer.wait_key not in known:
                self.state.journal.event("answer", key=answer.wait_key, data={"ignored": True})
        return False


def _has_open_calls(state: State) -> bool:
    return any(wait.kind == CHILD for wait in state.waits.values())


_STATUS_OF_CLOSING = {
    CloseReason.STOP: ExecutionStatus.COMPLETED,
    CloseReason.FAILED: ExecutionStatus.FAILED,
    CloseReason.CANCELLED: ExecutionStatus.CANCELLED,
    CloseReason.TIMEOUT: ExecutionStatus.TIMEOUT,
}
