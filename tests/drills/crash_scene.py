"""What the crash drill works with: a home, the program as a process, and a view of the database of its own."""

# ruff: noqa: ASYNC240 - a drill does one thing at a time, nothing else waits for its loop

import asyncio
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import psutil

from tests.drills.crash_graph import big, small
from tests.support.postgres import wait_until_stopped
from weft.db.connector import Connector
from weft.db.database import Database
from weft.db.embedded.server import EmbeddedServer, start_embedded
from weft.db.migrate import migrate
from weft.db.transaction import Transaction
from weft.executions.limits import Limits
from weft.executions.service import Executions
from weft.graphs.documents import parse_document
from weft.graphs.service import remember_file
from weft.graphs.types import GraphVersion
from weft.sdk import Catalog
from weft.users.types import LOCAL_OWNER

PROGRAM = Path(sys.executable).parent / "weft"
PATIENCE_S = 300.0
START = 7

Place = tuple[str, int]
"""A firing: its node's id and its index."""


@dataclass
class Process:
    """The program, running."""

    process: asyncio.subprocess.Process
    words: Path

    async def end(self) -> "Answer":
        """Wait for its end and return what it said."""
        async with asyncio.timeout(PATIENCE_S):
            out, _ = await self.process.communicate()
        assert self.process.returncode is not None, "it has ended"
        return Answer(self.process.returncode, out.decode(), self.words.read_text(errors="replace"))

    async def kill(self) -> None:
        """Kill -9 the program itself, and wait until it and all that it had started are gone."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        await self.end()
        _, alive = await asyncio.to_thread(psutil.wait_procs, children, 20)
        assert not alive, f"the killed program left processes behind: {alive}"


@dataclass(frozen=True)
class Answer:
    """How the program ended: exit code, stdout, stderr."""

    code: int
    out: str
    words: str

    def json(self) -> dict[str, Any]:
        """Return the object on stdout."""
        try:
            return dict(json.loads(self.out))
        except ValueError as error:
            raise AssertionError(f"exit {self.code}, no JSON on stdout; stderr ends: {self.words[-2000:]}") from error


@dataclass(frozen=True)
class Reference:
    """The run without a kill: what it put out, what its firings emitted, which ended, and the block of each node."""

    outputs: Mapping[str, Any]
    emitted: Mapping[Place, Sequence[tuple[str, Any]]]
    ended: frozenset[Place]
    blocks: Mapping[str, str]


@dataclass
class Sight:
    """What the database shows, through a connection of the drill's own."""

    connection: asyncpg.Connection

    async def newest(self) -> UUID | None:
        """Return the id of the execution that began last, of those that nobody called."""
        found = await self.connection.fetchval(_NEWEST)
        return None if found is None else UUID(str(found))

    async def ended_count(self, executions: Sequence[UUID]) -> int:
        """Return how many firings have ended durably."""
        return int(await self.connection.fetchval(_COUNT, executions))

    async def ended_executions(self) -> set[UUID]:
        """Return the executions that have ended durably."""
        rows = await self.connection.fetch("SELECT id FROM executions WHERE ended_at IS NOT NULL")
        return {UUID(str(row["id"])) for row in rows}

    async def until_alone(self) -> None:
        """Return once the database has noticed that the killed program is gone, so that its last commit is done or not."""
        async with asyncio.timeout(PATIENCE_S):
            while await self._others():
                await asyncio.sleep(0.01)

    async def _others(self) -> int:
        async with self.connection.transaction():
            await self.connection.execute("SET LOCAL ROLE NONE")  # only the login itself sees what its sessions are
            return int(await self.connection.fetchval(_OTHERS))

    async def committed(self, execution_id: UUID) -> frozenset[Place]:
        """Return the firings that the database shows as ended."""
        names = await self._names(execution_id)
        return frozenset(
            (names[row["node"]], row["index"]) for row in await self.connection.fetch(_ENDED, execution_id)
        )

    async def begun(self, execution_id: UUID) -> set[Place]:
        """Return the firings with an intent and no end: nobody knows whether their effect happened."""
        names = await self._names(execution_id)
        return {(names[row["node"]], row["index"]) for row in await self.connection.fetch(_BEGUN, execution_id)}

    async def emitted(self, execution_id: UUID) -> dict[Place, list[tuple[str, Any]]]:
        """Return what each firing emitted, by pin name; only for firings whose block has the one output `value`."""
        names = await self._names(execution_id)
        found: dict[Place, list[tuple[str, Any]]] = {}
        for row in await self.connection.fetch(_EMITTED, execution_id, execution_id):
            found.setdefault((names[row["node"]], row["index"]), []).append(("value", json.loads(row["value"])))
        return found

    async def _names(self, execution_id: UUID) -> list[str]:
        return list(await self.connection.fetchval(_NAMES, execution_id))


@dataclass
class Scene(Sight):
    """One home, its database, and the two graphs."""

    home: Path
    major: int
    server: EmbeddedServer
    executions: Executions
    files: dict[str, Path]
    references: dict[str, Reference] = field(default_factory=dict)
    told: int = 0
    started: list[Process] = field(default_factory=list)

    @property
    def running(self) -> list[Process]:
        """Return the programs that have not ended."""
        return [process for process in self.started if process.process.returncode is None]

    async def start(self, *arguments: str | Path) -> Process:
        """Start `weft` with these arguments."""
        words = self.home / f"stderr-{len(self.started)}.txt"
        with words.open("wb") as stderr:
            process = await asyncio.create_subprocess_exec(
                PROGRAM, *arguments, stdout=asyncio.subprocess.PIPE, stderr=stderr, stdin=asyncio.subprocess.DEVNULL,
                cwd=self.home, env=clean_environment() | {"WEFT_HOME": str(self.home), "WEFT_TESTING_BLOCKS": "true"},
            )  # fmt: skip
        self.started.append(Process(process, words))
        return self.started[-1]

    async def weft(self, *arguments: str | Path) -> Answer:
        """Run `weft` with these arguments to its end."""
        return await (await self.start(*arguments)).end()

    def run_arguments(self, lines: Path, graph: str = "big") -> list[str | Path]:
        """Return the arguments that run one of the graphs with its lines in this file."""
        return ["run", self.files[graph], "--json", "-i", f"lines={lines}", "-i", f"start={START}"]

    async def queue(self, graph: str, lines: Path) -> UUID:
        """Queue a run of one of the graphs, for whichever program comes first."""
        async with self._transaction() as tx:
            version = await self._remember(tx, graph)
            return await self.executions.start(
                tx, LOCAL_OWNER, version=version, inputs={"lines": str(lines), "start": START}
            )

    async def save(self, graph: str, document: bytes) -> str:
        """Write a graph into the home and save it; return its id."""
        self.files[graph] = self.home / f"{graph}.json"
        self.files[graph].write_bytes(document)
        async with self._transaction() as tx:
            return str((await self._remember(tx, graph)).graph_id)

    async def cancel(self, execution_id: UUID) -> None:
        """Cancel an execution without the program."""
        async with self._transaction() as tx:
            await self.executions.cancel(tx, LOCAL_OWNER, execution_id)

    async def _remember(self, tx: Transaction, graph: str) -> GraphVersion:
        content = parse_document(self.files[graph].read_bytes(), place=graph)
        return await remember_file(
            tx, LOCAL_OWNER, source="file", key=str(self.files[graph].resolve()), content=content,
            catalog=self.executions.catalog,
        )  # fmt: skip

    async def decide(self, execution_id: UUID, decisions: Mapping[str, Mapping[str, Any]]) -> None:
        """Answer waits, by their keys, without the program."""
        async with self._transaction() as tx:
            for key, decision in decisions.items():
                await self.executions.answer(tx, LOCAL_OWNER, execution_id, wait_key=key, data=dict(decision))

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Transaction]:
        async with (
            await Database.open(self.server.url, role="weft_api", pool_size=1, max_overflow=0) as database,
            database.transaction(LOCAL_OWNER) as tx,
        ):
            yield tx

    async def kill_all(self) -> None:
        """Kill every program that still runs."""
        for process in self.running:
            process.process.kill()
            await process.end()

    async def clear(self) -> None:
        """After a round that failed: end its processes, and cancel what has not ended."""
        await self.kill_all()
        await self.server.release()
        self.server = await start_embedded(self.home, major=self.major)
        await self.reconnect()
        for row in await self.connection.fetch(
            "SELECT id FROM executions WHERE ended_at IS NULL AND parent_id IS NULL"
        ):
            await self.weft("cancel", str(row["id"]))
        await self.weft("resume", "--all")

    async def reconnect(self) -> None:
        """Make a new connection, as soon as there is a database again."""
        connector = Connector.to(self.server.url, role="weft_worker")
        await connector.wait_until_reachable(PATIENCE_S)
        self.connection.terminate()
        self.connection = await connector.connect()

    async def let_go(self) -> None:
        """Leave the database to the program alone: when that is killed, the database ends too."""
        self.connection.terminate()
        await self.server.release()

    async def come_back(self) -> None:
        """Wait for the end of the database, then start it again."""
        await asyncio.to_thread(wait_until_stopped, self.home)
        self.server = await start_embedded(self.home, major=self.major)
        await self.reconnect()


_NEWEST = "SELECT id FROM executions WHERE parent_id IS NULL ORDER BY created_at DESC LIMIT 1"
_ENDED_OUTCOME = "outcome NOT IN ('wait', 'unknown')"
_COUNT = f"SELECT count(*) FROM node_executions WHERE execution_id = ANY ($1) AND {_ENDED_OUTCOME}"
_ENDED = f"SELECT node, index FROM node_executions WHERE execution_id = $1 AND {_ENDED_OUTCOME}"
_OTHERS = """
SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
_NAMES = """
SELECT array_agg(n.node->>'id' ORDER BY n.position) FROM executions e JOIN graph_versions v ON v.id = e.version_id,
    json_array_elements(v.snapshot::json->'nodes') WITH ORDINALITY AS n(node, position) WHERE e.id = $1
"""
_BEGUN = f"""
SELECT DISTINCT node, index FROM execution_events i WHERE execution_id = $1 AND kind = 'intent'
    AND NOT EXISTS (SELECT 1 FROM node_executions n WHERE n.execution_id = i.execution_id AND n.node = i.node
        AND n.index = i.index AND n.{_ENDED_OUTCOME})
"""
_EMITTED = """
SELECT node, index, (item->2)::text AS value, (item->>0)::bigint AS seq FROM node_executions n,
    json_array_elements(n.outputs) AS item WHERE execution_id = $1 AND outputs IS NOT NULL
UNION ALL
SELECT node, index, (item->2)::text, (item->>0)::bigint FROM node_emissions c, json_array_elements(c.items) AS item
WHERE execution_id = $2 ORDER BY seq
"""


def clean_environment() -> dict[str, str]:
    """Return the environment of this process without any setting of Weft."""
    return {name: value for name, value in os.environ.items() if not re.match(r"WEFT_|DATABASE_URL", name)}


def read_lines(path: Path) -> dict[Place, list[str]]:
    """Return the keys that each firing has left in a file, in order; a line that is cut is an error."""
    found: dict[Place, list[str]] = {}
    text = path.read_text() if path.exists() else ""
    assert not text or text.endswith("\n"), "the last line is cut"
    for line in text.splitlines():
        place, _, key = line.partition(" ")
        node, _, index = place.rpartition(":")
        found.setdefault((node, int(index)), []).append(key)
    return found


@asynccontextmanager
async def crash_scene(*, major: int = 18) -> AsyncIterator[Scene]:
    """Lend a home with a running, migrated database; all of it is gone at the end."""
    home = Path(tempfile.mkdtemp(prefix="weft-crash-", dir="/var/tmp"))
    home.chmod(0o755)  # the database may run as another user
    try:
        server = await start_embedded(home, major=major)
        await migrate(server.url)
        catalog = Catalog.load(testing=True)
        files = {"big": home / "big.json", "small": home / "small.json"}
        files["big"].write_bytes(big(catalog))
        files["small"].write_bytes(small(catalog))
        connection = await Connector.to(server.url, role="weft_worker").connect()
        scene = Scene(connection, home, major, server, Executions(catalog, Limits()), files)
        try:
            yield scene
        finally:
            await scene.kill_all()
            await scene.let_go()
    finally:
        await asyncio.to_thread(wait_until_stopped, home)
        shutil.rmtree(home, ignore_errors=True)
