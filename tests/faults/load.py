"""The clients of a row: they start executions, answer what waits, and note every call in the history."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import asyncpg

from tests.drills.crash_graph import WAIT_MS
from tests.drills.crash_scene import START, Sight
from tests.faults.history import History
from tests.faults.shapes import CALLED, SHAPES, shape
from tests.faults.snapshot import read_lines
from tests.faults.view import View
from weft.assembly import Platform
from weft.errors import DatabaseError, WeftError
from weft.executions.errors import AlreadyEnded
from weft.graphs.documents import parse_document
from weft.graphs.service import remember_file
from weft.graphs.types import GraphVersion
from weft.users.types import LOCAL_OWNER

YES = "yes"
_LOOK_S = 0.05


@dataclass(frozen=True)
class Wanted:
    """What shapes do when nothing goes wrong: what they put out, and what each firing of them and of those they call emits."""

    outputs: Mapping[str, Any]
    emitted: Mapping[tuple[str, str, int], Any]


@dataclass
class Load:
    """Starts executions of saved shapes and sees them to their ends."""

    platform: Platform
    view: View
    history: History
    lines: Path
    wanted: Wanted | None = None
    versions: dict[str, GraphVersion] = field(default_factory=dict)
    started: dict[str, str] = field(default_factory=dict)
    """The shape of each accepted execution."""
    owners: dict[str, UUID] = field(default_factory=dict)
    answered: set[tuple[UUID, str]] = field(default_factory=set)
    unknown: int = 0
    _keys: Any = field(default_factory=itertools.count)

    async def save(self, name: str, document: bytes, *, user: UUID = LOCAL_OWNER) -> GraphVersion:
        """Save a graph under a name of this load."""
        content = parse_document(document, place=name)
        async with self.platform.database.transaction(user) as tx:
            version = await remember_file(
                tx, user, source="faults", key=name, content=content, catalog=self.platform.catalog
            )
        self.versions[name] = version
        return version

    async def save_shapes(self, *, wait_ms: int = WAIT_MS) -> None:
        """Save the five shapes, and what one of them calls; each effect takes so long."""
        catalog = self.platform.catalog
        called = await self.save(CALLED, shape(CALLED, catalog, wait_ms=wait_ms))
        for name in SHAPES:
            await self.save(name, shape(name, catalog, called=called.graph_id, wait_ms=wait_ms))

    async def start(
        self, name: str, *, client: str = "starter", user: UUID = LOCAL_OWNER, **options: Any
    ) -> str | None:
        """Start an execution; return its id, or None when nobody knows whether there is one."""
        key = str(options.get("request_key") or f"{client}-{next(self._keys)}")
        inputs = {"lines": str(self.lines), "start": START}
        with self.history.call(client, "start", key) as call:
            try:
                async with self.platform.database.transaction(user) as tx:
                    version = self.versions[name]
                    found = await self.platform.executions.start(tx, user, version=version, inputs=inputs, **options)
            except DatabaseError as error:
                call.info(str(error))
                return None
            except WeftError as error:
                call.fail(f"{error.error_code}: {error.message}")
                raise
            id = str(found)
            call.ok(subject=id)
        self.started[id] = name
        self.owners[id] = user
        return id

    async def start_many(self, count: int, *, names: Sequence[str] = SHAPES, pause_s: float = 0.0) -> list[str]:
        """Start so many executions, the shapes in turn."""
        ids = []
        for name in itertools.islice(itertools.cycle(names), count):
            id = await self.start(name)
            if id is not None:
                ids.append(id)
            await asyncio.sleep(pause_s)
        return ids

    async def cancel(self, id: str, *, client: str = "canceller") -> str | None:
        """Cancel an execution; return its status then, or None when it had ended or nobody knows."""
        with self.history.call(client, "cancel", id) as call:
            try:
                async with self.platform.database.transaction(LOCAL_OWNER) as tx:
                    status = str(await self.platform.executions.cancel(tx, LOCAL_OWNER, UUID(id)))
            except AlreadyEnded as error:
                call.fail(error.message)
                return None
            except DatabaseError as error:
                call.info(str(error))
                return None
            call.ok(status)
            return status

    async def look(self, id: str, *, client: str = "looker") -> str | None:
        """Read a status."""
        with self.history.call(client, "look", id) as call:
            try:
                status = await self.view.fetchval("SELECT status FROM executions WHERE id = $1", UUID(id))
            except DatabaseError as error:
                call.info(str(error))
                return None
            call.ok(status)
            return str(status)

    async def answer(self, id: UUID, key: str, data: Any, *, client: str = "person") -> None:
        """Answer a wait."""
        with self.history.call(client, "answer", str(id), [key, data]) as call:
            try:
                async with self.platform.database.transaction(LOCAL_OWNER) as tx:
                    await self.platform.executions.answer(tx, LOCAL_OWNER, id, wait_key=key, data=data)
            except DatabaseError as error:
                call.info(str(error))
                return
            except WeftError as error:
                call.fail(error.message)
            else:
                call.ok()
        self.answered.add((id, key))

    async def answer_waits(self) -> None:
        """Answer what waits for a person now: questions with yes, unknown outcomes by what the file of lines shows."""
        rows = await self.view.fetch(_WAITS)
        for row in rows:
            id, key = row["execution_id"], row["key"]
            if (id, key) in self.answered:
                continue
            data: Any = YES
            if row["outcome"] == "unknown":
                self.unknown += 1
                data = self._decision(str(id), self._role(row), row["name"], row["index"])
            await self.answer(id, key, data)

    def _role(self, row: Mapping[str, Any]) -> str:
        """Return the shape of an execution, and of a called one also who called it: its inputs depend on that."""
        (name,) = (name for name, version in self.versions.items() if version.id == row["version_id"])
        return name if row["parent_node"] is None else f"{name} {row['parent_node']}:{row['parent_index']}"

    def _decision(self, id: str, role: str, node: str, index: int) -> dict[str, Any]:
        """Say `retry` where there is no line; else that the effect happened, with what its firing emits."""
        if (id, node, index) not in read_lines(self.lines):
            return {"decision": "retry"}
        assert self.wanted is not None, "a run without a fault leaves nothing unknown"
        return {"decision": "output", "outputs": [["value", self.wanted.emitted[role, node, index]]]}

    @asynccontextmanager
    async def person(self) -> AsyncIterator[None]:
        """Have somebody answer and look around, again and again, for the length of the block."""
        task = asyncio.create_task(self._live())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _live(self) -> None:
        chance = random.Random(0)
        while True:
            try:
                await self.answer_waits()
                if self.started:
                    await self.look(chance.choice(list(self.started)))
            except DatabaseError:
                await asyncio.sleep(0.2)  # the database is away, as it may be
            await asyncio.sleep(_LOOK_S)

    async def until_ended(self, patience_s: float, *, ids: Sequence[str] | None = None) -> bool:
        """Return whether all executions, or these, end within so many seconds."""
        wanted = None if ids is None else [UUID(id) for id in ids]
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while await self.view.fetchval(_OPEN, wanted):
                    await asyncio.sleep(_LOOK_S)
                return True
        return False

    async def outputs(self) -> dict[str, Any]:
        """Return what each accepted execution put out."""
        found = {}
        for id in self.started:
            user = self.owners.get(id, LOCAL_OWNER)
            async with self.platform.database.transaction(user) as tx:
                execution = await self.platform.executions.get(tx, user, UUID(id))
            found[id] = dict(execution.outputs)
        return found

    async def emitted(self) -> dict[tuple[str, str, int], Any]:
        """Return what each firing of each shape emitted; runs of one shape emit alike."""
        found = {}
        sight = Sight(cast("asyncpg.Connection", self.view))
        for row in await self.view.fetch("SELECT id, version_id, parent_node, parent_index FROM executions"):
            for (node, index), pairs in (await sight.emitted(row["id"])).items():
                found[self._role(row), node, index] = pairs[0][1]
        return found


_WAITS = """
SELECT f.execution_id, e.version_id, e.parent_node, e.parent_index, f.index, f.outcome, f.wait->>'key' AS key,
    v.snapshot::json->'nodes'->(f.node::int)->>'id' AS name
FROM node_executions f JOIN executions e ON e.id = f.execution_id JOIN graph_versions v ON v.id = e.version_id
WHERE f.outcome IN ('wait', 'unknown') AND (f.wait->>'kind' = 'person' OR f.outcome = 'unknown')
    AND e.status IN ('queued', 'running', 'waiting')
"""
_OPEN = """
SELECT count(*) FROM executions WHERE status IN ('queued', 'running', 'waiting') AND ($1::uuid[] IS NULL OR id = ANY ($1))
"""
