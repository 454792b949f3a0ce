"""Rounds of the crash drill with a family: a graph that calls 50 others, killed or cancelled in the middle.

A firing is named here by its execution's place in the family, not by the execution's id: the way from the parent to it, as
(node, firing) of each caller. So two runs can be compared.
"""

import asyncio
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.drills.crash_graph import AT_MOST_ONCE, CHILDREN, NESTED, between, family, leaf
from tests.drills.crash_pg import kill_postgres
from tests.drills.crash_rounds import COMPLETED, EARLIEST, LATEST, LOOK_S, WAITING, Counts
from tests.drills.crash_scene import PATIENCE_S, Place, Process, Scene

CANCELLED = 3
SOON_S = 1.0
"""Within so many seconds after the request a cancelled family has ended."""

Way = tuple[Place, ...]
Spot = tuple[Way, str, int]
"""A firing: the way to its execution, its node, its index."""


@dataclass(frozen=True)
class Kin:
    """A parent and all below it, as the database shows them: the way to each, and how each stands."""

    ways: Mapping[UUID, Way]
    statuses: Mapping[UUID, str]
    names: Mapping[UUID, Sequence[str]]

    def spots(self, rows: Sequence[Any]) -> set[Spot]:
        """Return the firings that rows with `execution_id`, `node` and `index` name."""
        return {
            (self.ways[id], self.names[id][row["node"]], row["index"]) for row in rows for id in (row["execution_id"],)
        }


@dataclass(frozen=True)
class Known:
    """The family that nobody killed: its outputs, its executions, the lines it left, and what each firing emitted."""

    outputs: Mapping[str, Any]
    ways: frozenset[Way]
    lines: frozenset[Spot]
    ended: int
    emitted: Mapping[Spot, Any]


@dataclass
class Run:
    """A family under fire, the file of its lines, and what was seen after each kill."""

    lines: Path
    id: UUID
    looks: list[tuple[set[Spot], dict[Spot, list[str]]]] = field(default_factory=list)
    unknown: int = 0


async def kin_of(scene: Scene, id: UUID) -> Kin:
    """Read who belongs to a family."""
    rows = {row["id"]: row for row in await scene.connection.fetch(_KIN, id)}
    versions = {row["id"]: row["names"] for row in await scene.connection.fetch(_NAMES, id)}
    names = {one: versions[row["version_id"]] for one, row in rows.items()}

    def way_to(one: UUID) -> Way:
        row = rows[one]
        if row["parent_id"] is None:
            return ()
        caller = row["parent_id"]
        return (*way_to(caller), (names[caller][row["parent_node"]], row["parent_index"]))

    return Kin({one: way_to(one) for one in rows}, {one: row["status"] for one, row in rows.items()}, names)


def read_lines(path: Path, kin: Kin) -> dict[Spot, list[str]]:
    """Return the keys that each firing has left, in order; a key begins with its execution's id."""
    found: dict[Spot, list[str]] = {}
    text = path.read_text() if path.exists() else ""
    assert not text or text.endswith("\n"), "the last line is cut"
    for line in text.splitlines():
        place, _, key = line.partition(" ")
        node, _, index = place.rpartition(":")
        found.setdefault((kin.ways[UUID(key.partition(":")[0])], node, int(index)), []).append(key)
    return found


async def family_reference(scene: Scene) -> Known:
    """Save the graphs of the family, run it without any kill, and return what it does."""
    catalog = scene.executions.catalog
    leaf_id = await scene.save("leaf", leaf(catalog))
    await scene.save("family", family(catalog, leaf_id, await scene.save("between", between(catalog, leaf_id))))
    lines = scene.home / "family-reference.txt"
    id = await scene.queue("family", lines)
    answer = await scene.weft("resume", "--all", "--json")
    (item,) = answer.json()["items"]
    assert answer.code == COMPLETED, f"the run without a kill: exit {answer.code}, {item['error']}"
    kin = await kin_of(scene, id)
    assert len(kin.ways) == 1 + CHILDREN + NESTED, f"the family has {len(kin.ways)} executions"
    written = read_lines(lines, kin)
    assert all(len(keys) == 1 for keys in written.values()), "the run without a kill repeats lines"
    emitted = {
        (kin.ways[one], node, index): values
        for one in kin.ways
        for (node, index), values in (await scene.emitted(one)).items()
    }
    ended = await scene.connection.fetch(_ENDED, list(kin.ways))
    return Known(item["outputs"], frozenset(kin.ways.values()), frozenset(written), len(ended), emitted)


@dataclass(frozen=True)
class FamilyRounds:
    """Rounds with the family, which are compared with what it does when nobody kills."""

    known: Known

    async def kill(self, scene: Scene, chance: random.Random, name: str) -> tuple[Counts, str]:
        """Kill -9 the program in the middle of a family, then the one that resumed it, and resume again."""
        run, process = await start_family(scene, scene.home / f"{name}.txt")
        first = await self._moment(scene, chance, run, process)
        await process.kill()
        await look(scene, run)
        process = await scene.start("resume", "--all", "--json")
        second = await self._moment(scene, chance, run, process, earliest=first)
        await process.kill()
        await look(scene, run)
        return await recover(scene, run, self.known), f"at {first:.0%} and {second:.0%}"

    async def postgres(self, scene: Scene, chance: random.Random, name: str) -> tuple[Counts, str]:
        """Kill -9 the postmaster and all backends in the middle of a family; the program goes on by itself."""
        run, process = await start_family(scene, scene.home / f"{name}.txt")
        share = await self._moment(scene, chance, run, process)
        killed = kill_postgres(scene.home)
        await scene.reconnect()
        committed = await ended_spots(scene, run.id)
        answer = await process.end()
        item = answer.json()
        assert answer.code == COMPLETED, f"weft run exits with {answer.code}: {item['status']} {item['error']}"
        lines = read_lines(run.lines, await kin_of(scene, run.id))
        run.looks.append((committed, {spot: lines[spot][:1] for spot in committed if spot in lines}))
        return await check(scene, run, self.known, item), f"at {share:.0%}, {killed} processes"

    async def cancel(self, scene: Scene, chance: random.Random, name: str) -> tuple[Counts, str]:
        """Cancel the parent in the middle; all that it called has to end soon after."""
        run, process = await start_family(scene, scene.home / f"{name}.txt")
        share = await self._moment(scene, chance, run, process, latest=0.8)
        committed = await ended_spots(scene, run.id)
        await scene.cancel(run.id)
        answer = await process.end()
        item = answer.json()
        assert answer.code == CANCELLED, f"weft run exits with {answer.code}: {item['status']} {item['error']}"
        kin = await kin_of(scene, run.id)
        others = sorted(status for status in kin.statuses.values() if status not in ("completed", "cancelled"))
        assert not others, f"executions of a cancelled family are {others}"
        row = await scene.connection.fetchrow(_END, run.id)
        assert row is not None, "the run is there"
        assert row["spent"] < SOON_S, f"the family had ended {row['spent']:.2f} s after the request"
        await nothing_is_left(scene)
        lines = read_lines(run.lines, kin)
        twice = [spot for spot, keys in lines.items() if len(keys) > 1]
        assert not twice, f"{len(twice)} firings ran twice: {twice[:5]}"
        ended = f"{row['ended']} of {len(kin.ways)} executions ended within {row['spent'] * 1000:.0f} ms of the request"
        return Counts(len(committed), len(lines)), f"cancelled at {share:.0%}, {ended}"

    async def _moment(
        self,
        scene: Scene,
        chance: random.Random,
        run: Run,
        process: Process,
        *,
        earliest: float = EARLIEST,
        latest: float = LATEST,
    ) -> float:
        """Return when a random share of all firings of the family is committed; the return value is that share."""
        share = chance.uniform(earliest, max(latest, earliest))
        async with asyncio.timeout(PATIENCE_S):
            while await scene.connection.fetchval(_COUNT, run.id) < share * self.known.ended:
                await _alive(process)
                await asyncio.sleep(LOOK_S)
        return share


async def start_family(scene: Scene, lines: Path) -> tuple[Run, Process]:
    """Start `weft run` of the family; returns when its execution has begun."""
    before = await scene.newest()
    process = await scene.start(*scene.run_arguments(lines, "family"))
    async with asyncio.timeout(PATIENCE_S):
        while (id := await scene.newest()) == before or id is None:
            await _alive(process)
            await asyncio.sleep(LOOK_S)
    return Run(lines, id), process


async def _alive(process: Process) -> None:
    assert process.process.returncode is None, f"it ended early: {(await process.end()).words[-2000:]}"


async def ended_spots(scene: Scene, id: UUID) -> set[Spot]:
    """Return the firings of a family that the database shows as ended."""
    kin = await kin_of(scene, id)
    return kin.spots(await scene.connection.fetch(_ENDED, list(kin.ways)))


async def look(scene: Scene, run: Run) -> None:
    """Read what is durable once the killed program's last commit is done, and the lines there are."""
    await scene.until_alone()
    run.looks.append((await ended_spots(scene, run.id), read_lines(run.lines, await kin_of(scene, run.id))))


async def recover(scene: Scene, run: Run, known: Known) -> Counts:
    """Resume, decide what is unknown, resume again, and check every promise."""
    begun = await scene.connection.fetch(_BEGUN, run.id, AT_MOST_ONCE)
    answer = await scene.weft("resume", "--all", "--json")
    if begun:
        assert answer.code == WAITING, f"outcomes are unknown, but resume exits with {answer.code}"
        await decide(scene, run, known, {(row["execution_id"], row["node"], row["index"]) for row in begun})
        answer = await scene.weft("resume", "--all", "--json")
    assert answer.code == COMPLETED, f"resume exits with {answer.code}: {answer.words[-2000:]}"
    return await check(scene, run, known, (await scene.weft("executions", str(run.id), "--json")).json())


async def decide(scene: Scene, run: Run, known: Known, begun: set[tuple[UUID, int, int]]) -> None:
    """Play the person: look into the file whether each effect happened, then say so."""
    kin = await kin_of(scene, run.id)
    waits = await scene.connection.fetch(_UNKNOWN, list(kin.ways))
    named = {(row["execution_id"], row["node"], row["index"]) for row in waits}
    assert named == begun, f"{len(begun)} outcomes are unknown, {len(named)} others or as many are named"
    lines = read_lines(run.lines, kin)
    for row in waits:
        (spot,) = kin.spots([row])
        decision: dict[str, Any] = {"decision": "retry"}
        if spot in lines:
            decision = {"decision": "output", "outputs": [list(pair) for pair in known.emitted[spot]]}
        await scene.decide(row["execution_id"], {row["key"]: decision})
    run.unknown = len(waits)


async def check(scene: Scene, run: Run, known: Known, item: Mapping[str, Any]) -> Counts:
    """Compare a family that was killed with the one that was not.

    Raises:
        AssertionError: A promise is broken; the sentence says which.
    """
    assert item["status"] == "completed", f"{item['status']}: {item['error']}"
    assert item["outputs"] == known.outputs, "the outputs are not those of the run without a kill"
    kin = await kin_of(scene, run.id)
    assert set(kin.statuses.values()) == {"completed"}, f"executions are {sorted(set(kin.statuses.values()))}"
    assert len(kin.ways) == len(known.ways), f"{len(kin.ways)} executions, not {len(known.ways)}"
    assert set(kin.ways.values()) == known.ways, "other executions were called"
    lines = read_lines(run.lines, kin)
    assert set(lines) == known.lines, f"lines of {len(lines)} firings, not of {len(known.lines)}"
    for committed, seen in run.looks:
        again = [spot for spot in committed & known.lines if seen.get(spot) != lines[spot]]
        assert not again, f"{len(again)} firings committed at the kill ran again: {again[:5]}"
    repeated = {spot: keys for spot, keys in lines.items() if len(keys) > 1}
    changed = [spot for spot, keys in repeated.items() if len(set(keys)) > 1]
    assert not changed, f"{len(changed)} firings repeat under another key: {changed[:5]}"
    blocks = _blocks(scene)
    twice = [spot for spot in repeated if blocks[spot[1]] == AT_MOST_ONCE]
    assert not twice, f"{len(twice)} at_most_once firings ran twice: {twice[:5]}"
    keys = [found[0] for found in lines.values()]
    assert len(set(keys)) == len(keys), "firings share a key"
    answered = await scene.connection.fetchval(_ANSWERED, list(kin.ways))
    assert answered == len(kin.ways) - 1, f"{answered} answers of {len(kin.ways) - 1} children were taken"
    await nothing_is_left(scene)
    return Counts(len(run.looks[0][0]), sum(map(len, lines.values())), len(repeated), run.unknown)


async def nothing_is_left(scene: Scene) -> None:
    """Check that nothing is queued, owned, or waited for by the clock.

    Raises:
        AssertionError: Something is.
    """
    for table in ("queue", "leases", "timers"):
        count = await scene.connection.fetchval(f"SELECT count(*) FROM {table}")
        assert count == 0, f"{count} rows are left in {table}"


def _blocks(scene: Scene) -> dict[str, str]:
    document = json.loads(scene.files["leaf"].read_bytes())
    return {node["id"]: node["block_id"] for node in document["nodes"]}


_MEMBERS = "(SELECT id FROM executions WHERE id = $1 OR root_id = $1)"
_OVER = "outcome NOT IN ('wait', 'unknown')"
_KIN = (
    "SELECT id, parent_id, parent_node, parent_index, version_id, status FROM executions WHERE id = $1 OR root_id = $1"
)
_NAMES = f"""
SELECT v.id, array_agg(n.node->>'id' ORDER BY n.position) AS names
FROM graph_versions v, json_array_elements(v.snapshot::json->'nodes') WITH ORDINALITY AS n(node, position)
WHERE v.id IN (SELECT version_id FROM executions WHERE id IN {_MEMBERS}) GROUP BY v.id
"""
_COUNT = f"SELECT count(*) FROM node_executions WHERE execution_id IN {_MEMBERS} AND {_OVER}"
_ENDED = f"SELECT execution_id, node, index FROM node_executions WHERE execution_id = ANY ($1) AND {_OVER}"
_BEGUN = f"""
SELECT DISTINCT i.execution_id, i.node, i.index FROM execution_events i JOIN executions e ON e.id = i.execution_id
    JOIN graph_versions v ON v.id = e.version_id
WHERE i.execution_id IN {_MEMBERS} AND i.kind = 'intent' AND v.snapshot::json->'nodes'->i.node->>'block_id' = $2
    AND NOT EXISTS (SELECT 1 FROM node_executions n WHERE n.execution_id = i.execution_id AND n.node = i.node
        AND n.index = i.index AND n.{_OVER})
"""
_UNKNOWN = """
SELECT execution_id, node, index, wait->>'key' AS key FROM node_executions
WHERE execution_id = ANY ($1) AND wait->>'key' LIKE 'unknown:%'
"""
_ANSWERED = "SELECT count(*) FROM execution_answers WHERE execution_id = ANY ($1) AND wait_key LIKE 'child:%' AND taken"
_END = """
SELECT count(*) FILTER (WHERE e.ended_at > p.cancel_requested_at) AS ended,
    extract(epoch FROM max(e.ended_at) - min(p.cancel_requested_at))::float8 AS spent
FROM executions e, executions p WHERE p.id = $1 AND (e.id = $1 OR e.root_id = $1)
"""
