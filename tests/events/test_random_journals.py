"""Journals made at random, flushed at random: whatever was written, and whenever one looks, each record is told once, in order.

The list that a reader must see is kept by the test, record by record, and shares nothing with the reader.
"""

import random
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from tests.engine.scene import Scene, graph
from tests.events.reading import gist, read, read_on
from weft.executions.journal import Journal, OpenFiring
from weft.executions.ports import LogLine
from weft.executions.stream_events import Event
from weft.executions.types import LogLevel

NODES = ["a", "b", "c"]
LARGE = "x" * 9_000


def three_nodes() -> Any:
    return graph({**dict.fromkeys(NODES, "toy.ask"), "n": "toy.input"}, [f"n.result -> {node}.value" for node in NODES])


@dataclass
class Scribe:
    """Writes one journal, and keeps the list of what it wrote.

    Attributes:
        story: What a reader must see: (seq, kind, node, firing, pin, value, message, record).
    """

    journal: Journal
    dice: random.Random
    story: list[tuple[Any, ...]]
    open: list[OpenFiring] = field(default_factory=list)
    waiting: list[tuple[int, int, int]] = field(default_factory=list)
    next: int = 0

    def step(self) -> None:
        """Do something that an execution may do."""
        moves = [self.begin, self.complete, self.say, self.note]
        if self.open:
            moves += [self.emit] * 4 + [self.end, self.rewind, self.wait]
        if self.waiting:
            moves += [self.answer]
        self.dice.choice(moves)()

    def tell(self, kind: str, place: tuple[int, int] | None, seq: int, **more: Any) -> None:
        node, firing = (None, None) if place is None else (NODES[place[0]], place[1])
        self.story.append(
            (seq, kind, node, firing, more.get("pin"), more.get("value"), more.get("message"), more.get("record"))
        )

    def place(self) -> tuple[int, int]:
        self.next += 1
        return self.dice.randrange(3), self.next

    def begin(self) -> None:
        self.open.append(OpenFiring(*self.place()))

    def complete(self) -> None:
        place = self.place()
        values = [self.dice.choice(["1", '"two"', "[3]"]) for _ in range(self.dice.randrange(4))]
        before = self.journal.seq
        self.journal.completed(*place, [(1, value.encode()) for value in values], "[]", (0.0, 1.0))
        for seq, value in enumerate(values, start=before + 1):
            self.tell("emission", place, seq, pin="value", value={"1": 1, '"two"': "two", "[3]": [3]}[value])
        self.tell("firing_ended", place, self.journal.seq)

    def emit(self) -> None:
        firing = self.dice.choice(self.open)
        is_large = self.dice.random() < 0.1
        value = f'"{LARGE}"' if is_large else str(self.journal.seq)
        seq = self.journal.emitted(firing, 0, value.encode())
        shown = None if is_large else seq - 1
        self.tell("emission", (firing.node, firing.index), seq, pin="asked", value=shown)

    def end(self) -> None:
        firing = self.take()
        failed = self.dice.random() < 0.3
        error = {"code": "NO", "message": "no", "node_id": "a", "node_label": "A", "attempt": 1} if failed else None
        outcome = "error" if failed else "ok"
        seq = self.journal.ended(firing, outcome, inputs="[]", times=(0.0, 1.0), error=error)
        self.tell("firing_failed" if failed else "firing_ended", (firing.node, firing.index), seq)

    def take(self) -> OpenFiring:
        return self.open.pop(self.dice.randrange(len(self.open)))

    def rewind(self) -> None:
        firing = self.dice.choice(self.open)
        seq = self.journal.rewind(firing, 0)
        self.tell("firing_restarted", (firing.node, firing.index), seq)

    def wait(self) -> None:
        firing = self.take()
        wait = {"key": f"{firing.index}", "kind": "person", "state": None, "until": None, "title": None, "count": 1}
        seq = self.journal.waits(firing, "wait", inputs="[]", started=0.0, wait=wait)
        self.waiting.append((firing.node, firing.index, firing.emitted))
        self.tell("firing_waits", (firing.node, firing.index), seq)

    def answer(self) -> None:
        node, index, emitted = self.waiting.pop(self.dice.randrange(len(self.waiting)))
        seq = self.journal.event("answer", node, index, key=f"{index}", data={"answer": 1, "wait": 1})
        self.open.append(OpenFiring(node, index, flushed=emitted))
        self.tell("firing_answered", (node, index), seq)

    def say(self) -> None:
        place = self.dice.choice([(None, None, None), (1, 5, 1)])
        self.journal.notes.say(LogLine(LogLevel.INFO, "hm", time.time(), *place), most=10_000)
        self.tell("log", None if place[0] is None else (1, 5), self.journal.seq, message="hm")

    def note(self) -> None:
        self.tell("recorded", None, self.journal.event("of_a_later_version"), record="of_a_later_version")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
async def test_each_record_is_told_once_and_in_order_from_wherever_one_begins(scene: Scene, seed: int) -> None:
    dice = random.Random(seed)
    id = await scene.start(three_nodes(), n=1)
    live: list[Event] = []
    async with scene.platform.engine() as parts:
        (claim,) = await parts.dispatch.take(1)
        scribe = Scribe(Journal(claim), dice, [(0, "execution_queued", *[None] * 6)])
        for _ in range(dice.randrange(3, 7)):
            for _ in range(dice.choice([1, 4, 20])):
                scribe.step()
            batch = scribe.journal.take()
            assert await parts.store.flush([batch]) == {id}
            scribe.journal.written(batch)
            await read_on(scene.platform, id, live, upto=batch.seq, page=dice.choice([1, 7, 1000]))
            assert [gist(event) for event in live] == scribe.story
        last = await end(scribe, parts.store, id)

    scribe.story.append((last, "execution_ended", *[None] * 6))
    assert [one[0] for one in scribe.story] == list(range(last + 1))
    for after in range(-1, last + 1):
        behind = await read(scene.platform, id, after=after, page=dice.choice([5, 1000]))
        assert [gist(event) for event in behind] == scribe.story[after + 1 :], after


async def end(scribe: Scribe, store: Any, id: UUID) -> int:
    """End the execution and return the number of that."""
    scribe.journal.finish("completed")
    assert await store.flush([scribe.journal.take()]) == {id}
    return scribe.journal.seq + 1


async def test_numbers_that_the_database_refused_hold_nobody_up(scene: Scene) -> None:
    id = await scene.start(three_nodes(), n=1)
    async with scene.platform.engine() as parts:
        (claim,) = await parts.dispatch.take(1)
        journal = Journal(claim)
        journal.event("first")
        await parts.store.flush([journal.take()])
        journal.event("refused")
        journal.take()
        journal.event("engine_failed", data={"code": "DIVERGED"})
        journal.finish("failed", error={"code": "DIVERGED", "message": "it diverged"})
        await parts.store.flush([journal.take()])

    for after, rest in ((-1, [0, 1, 3, 4]), (1, [3, 4]), (2, [3, 4]), (3, [4]), (4, [])):
        assert [event.seq for event in await read(scene.platform, id, after=after)] == rest
