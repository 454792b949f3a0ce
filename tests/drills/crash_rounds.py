"""Rounds of the crash drill: kill, look at what is durable, go on, and compare with a run that nobody killed."""

import asyncio
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.drills.crash_graph import AT_LEAST_ONCE, AT_MOST_ONCE
from tests.drills.crash_scene import PATIENCE_S, Answer, Place, Process, Reference, Scene, read_lines

COMPLETED, WAITING = 0, 4
EARLIEST, LATEST = 0.05, 0.95
LOOK_S = 0.01
TOLD = 3
"""How many rounds ask and answer by the program's own words; in the others the service takes the answers."""

Json = dict[str, Any]


@dataclass
class Counts:
    """What a round saw; rounds add up."""

    committed: int = 0
    lines: int = 0
    repeated: int = 0
    unknown: int = 0

    def add(self, other: "Counts") -> None:
        """Add another round's."""
        self.committed += other.committed
        self.lines += other.lines
        self.repeated += other.repeated
        self.unknown += other.unknown


@dataclass(frozen=True)
class Look:
    """What stood after a kill: the firings that were committed, and the lines of all."""

    committed: frozenset[Place]
    lines: Mapping[Place, Sequence[str]]


@dataclass
class Run:
    """One execution under fire, the file of its lines, and what was seen after each kill."""

    graph: str
    lines: Path
    id: UUID
    looks: list[Look] = field(default_factory=list)
    begun_once: set[Place] = field(default_factory=set)
    unknown: int = 0


async def reference(scene: Scene, graph: str) -> Reference:
    """Run a graph without any kill and return what it does."""
    lines = scene.home / f"{graph}-reference.txt"
    await scene.queue(graph, lines)
    answer = await scene.weft("resume", "--all", "--json")
    (execution,) = answer.json()["items"]
    assert answer.code == COMPLETED, f"the run without a kill: exit {answer.code}, {execution['error']}"
    written = read_lines(lines)
    assert all(len(keys) == 1 for keys in written.values()), "the run without a kill repeats lines"
    ended = await scene.committed(UUID(execution["execution_id"]))
    silent = {place for place in ended if place not in written}
    blocks = _blocks(scene, graph)
    assert not [place for place in silent if _leaves_lines(blocks[place[0]])], "a firing left no line"
    return Reference(execution["outputs"], await scene.emitted(UUID(execution["execution_id"])), ended, blocks)


def _blocks(scene: Scene, graph: str) -> dict[str, str]:
    document = json.loads(scene.files[graph].read_bytes())
    return {node["id"]: node["block_id"] for node in document["nodes"]}


def _leaves_lines(block: str) -> bool:
    return block in (AT_LEAST_ONCE, AT_MOST_ONCE, "testing.record", "testing.trace")


async def program_round(scene: Scene, chance: random.Random, name: str) -> tuple[Counts, str]:
    """Kill -9 the program once, in the middle of one run, and resume."""
    run, process = await start_run(scene, scene.home / f"{name}.txt")
    share = await until_moment(scene, chance, [run], process)
    await process.kill()
    return await recover(scene, [run]), f"at {share:.0%}"


async def lonely_round(scene: Scene, chance: random.Random, name: str) -> tuple[Counts, str]:
    """Kill -9 the program when nobody else uses the database, which therefore ends too, and resume."""
    run, process = await start_run(scene, scene.home / f"{name}.txt")
    share = await until_moment(scene, chance, [run], process)
    await scene.let_go()
    await process.kill()
    await scene.come_back()
    return await recover(scene, [run]), f"at {share:.0%}, the database ended too"


async def crowd_round(scene: Scene, chance: random.Random, name: str) -> tuple[Counts, str]:
    """Kill -9 a program that runs six executions at once, then the one that resumed them, and resume again."""
    runs: list[Run] = []
    for graph in ("big", *["small"] * 5):
        lines = scene.home / f"{name}-{len(runs)}.txt"
        runs.append(Run(graph, lines, await scene.queue(graph, lines)))
    process = await scene.start("resume", "--all", "--json")
    first = await until_moment(scene, chance, runs, process, latest=0.6)
    await process.kill()
    await look(scene, runs)
    process = await scene.start("resume", "--all", "--json")
    second = await until_moment(scene, chance, runs, process, earliest=first + 0.02)
    await process.kill()
    counts = await recover(scene, runs)
    return counts, f"6 at once, at {first:.0%} and {second:.0%}"


async def start_run(scene: Scene, lines: Path) -> tuple[Run, Process]:
    """Start `weft run` of the big graph; returns when its execution has begun."""
    before = await scene.newest()
    process = await scene.start(*scene.run_arguments(lines))
    async with asyncio.timeout(PATIENCE_S):
        while (id := await scene.newest()) == before or id is None:
            assert process.process.returncode is None, f"it ended early: {(await process.end()).words[-2000:]}"
            await asyncio.sleep(LOOK_S)
    return Run("big", lines, id), process


async def until_moment(
    scene: Scene,
    chance: random.Random,
    runs: Sequence[Run],
    process: Process,
    *,
    earliest: float = EARLIEST,
    latest: float = LATEST,
) -> float:
    """Return when a random share of all firings is committed; the return value is that share."""
    total = sum(len(scene.references[run.graph].ended) for run in runs)
    share = chance.uniform(earliest, max(latest, earliest))
    ids = [run.id for run in runs]
    async with asyncio.timeout(PATIENCE_S):
        while await scene.ended_count(ids) < share * total:
            assert process.process.returncode is None, f"it ended early: {(await process.end()).words[-2000:]}"
            await asyncio.sleep(LOOK_S)
    return share


async def look(scene: Scene, runs: Sequence[Run]) -> None:
    """Read what is durable once the killed program's last commit is done, and the lines there are."""
    await scene.until_alone()
    for run in runs:
        run.looks.append(Look(await scene.committed(run.id), read_lines(run.lines)))
        blocks = scene.references[run.graph].blocks
        run.begun_once = {place for place in await scene.begun(run.id) if blocks[place[0]] == AT_MOST_ONCE}


async def recover(scene: Scene, runs: Sequence[Run]) -> Counts:
    """Look, resume, decide what is unknown, resume again, and check every promise."""
    await look(scene, runs)
    ended = await scene.ended_executions()
    answer = await scene.weft("resume", "--all", "--json")
    items = {UUID(item["execution_id"]): item for item in answer.json()["items"]}
    for run in runs:
        if run.id not in items:  # ended before the kill
            assert run.id in ended, f"execution {run.id} has not ended, and was not resumed"
            items[run.id] = (await scene.weft("executions", str(run.id), "--json")).json()
    if any(run.begun_once for run in runs):
        assert answer.code == WAITING, f"outcomes are unknown, but resume exits with {answer.code}: {_why(items)}"
        for run in runs:
            await decide(scene, run, items[run.id])
        answer = await scene.weft("resume", "--all", "--json")
        items |= {UUID(item["execution_id"]): item for item in answer.json()["items"]}
    assert answer.code == COMPLETED, f"resume exits with {answer.code}: {_why(items)}"
    counts = Counts()
    for run in runs:
        counts.add(check(run, scene.references[run.graph], items[run.id]))
    return counts


def _why(items: Mapping[UUID, Json]) -> str:
    return "; ".join(f"{item['status']} {item['error']}" for item in items.values())


async def decide(scene: Scene, run: Run, item: Json) -> None:
    """Play the person: look into the file whether the effect happened, then say so."""
    named = {wait["node_id"]: wait for wait in item["waiting"]}
    assert len(item["waiting"]) == len(run.begun_once), (
        f"{len(run.begun_once)} outcomes are unknown, {len(item['waiting'])} are named"
    )
    assert set(named) == {node for node, _ in run.begun_once}, "others are named than those that are unknown"
    assert all(wait["kind"] == "person" and wait["key"].startswith("unknown:") for wait in item["waiting"])
    if not run.begun_once:
        return
    decisions = decide_all(run, scene.references[run.graph], item)
    scene.told += 1
    if scene.told <= TOLD:
        await _told_in_words(scene, run, item)
        key, decision = decisions.popitem()
        said = await scene.weft("answer", str(run.id), key, "--data", json.dumps(decision))
        assert said.code == COMPLETED, f"weft answer: exit {said.code}: {said.words[-500:]}"
    await scene.decide(run.id, decisions)
    run.unknown += len(item["waiting"])


def decide_all(run: Run, wanted: Reference, item: Json) -> dict[str, Json]:
    """Return the decision for each wait, by key: again where there is no line, else what the line's firing emitted."""
    lines = read_lines(run.lines)
    by_node: dict[str, list[int]] = {}
    for node, index in sorted(run.begun_once):
        by_node.setdefault(node, []).append(index)
    decisions: dict[str, Json] = {}
    for wait in sorted(item["waiting"], key=_place_of):
        place = wait["node_id"], by_node[wait["node_id"]].pop(0)
        assert _place_of(wait)[1] == place[1], f"key {wait['key']} does not name firing {place}"
        decision: Json = {"decision": "retry"}
        if place in lines:
            decision = {"decision": "output", "outputs": [list(pair) for pair in wanted.emitted[place]]}
        decisions[wait["key"]] = decision
    return decisions


def _place_of(wait: Json) -> tuple[int, int]:
    node, index = wait["key"].split(":")[1:3]
    return int(node), int(index)


async def _told_in_words(scene: Scene, run: Run, item: Json) -> None:
    said: Answer = await scene.weft("resume", str(run.id))
    assert said.code == WAITING, f"resume of what waits exits with {said.code}"
    for wait in item["waiting"]:
        assert wait["label"] in said.words, f"{wait['label']!r} is not named in: {said.words[-500:]}"
        assert wait["key"] in said.words, f"{wait['key']!r} is not named in: {said.words[-500:]}"


def check(run: Run, wanted: Reference, item: Json) -> Counts:
    """Compare a run that was killed with the one that was not.

    Raises:
        AssertionError: A promise is broken; the sentence says which.
    """
    assert item["status"] == "completed", f"{item['status']}: {item['error']}"
    assert item["outputs"] == wanted.outputs, "the outputs are not those of the run without a kill"
    lines = read_lines(run.lines)
    blocks = wanted.blocks
    loud = {place for place in wanted.ended if _leaves_lines(blocks[place[0]])}
    assert set(lines) == loud, f"lines of {len(lines)} firings, not of {len(loud)}"
    for number, seen in enumerate(run.looks):
        after = {place: lines[place] for place in seen.committed & loud}
        again = [place for place, keys in after.items() if list(seen.lines.get(place, ())) != keys]
        assert not again, f"{len(again)} firings committed at the kill ran again: {again[:5]}"
        more = [place for place, keys in after.items() if number == 0 and len(keys) != 1]
        assert not more, f"{len(more)} firings committed at the kill have not one line: {more[:5]}"
    repeated = {place: keys for place, keys in lines.items() if len(keys) > 1}
    changed = [place for place, keys in repeated.items() if len(set(keys)) > 1]
    assert not changed, f"{len(changed)} firings repeat under another key: {changed[:5]}"
    twice = [place for place in repeated if blocks[place[0]] == AT_MOST_ONCE]
    assert not twice, f"{len(twice)} at_most_once firings ran twice: {twice[:5]}"
    keyed = [keys[0] for place, keys in lines.items() if blocks[place[0]] in (AT_LEAST_ONCE, AT_MOST_ONCE)]
    assert all(keyed), "a firing with an effect has no key"
    assert len(set(keyed)) == len(keyed), "firings share a key"
    return Counts(len(run.looks[0].committed), sum(map(len, lines.values())), len(repeated), run.unknown)
