"""The database goes away in the middle of a file: whoever is patient notices nothing."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.engine.cable import Cable, laid_to
from tests.files.scene import ADA, LIMITS, MB, Scene, content_of, put, read
from weft.db.base import new_id
from weft.db.database import Database
from weft.db.transaction import Transaction
from weft.errors import DatabaseUnreachable
from weft.files import repository
from weft.files.ports import Stored
from weft.files.postgres import PostgresFileStore
from weft.files.repository import Draft

PATIENCE_S = 60.0


@pytest.fixture
async def cable(scene: Scene) -> AsyncIterator[Cable]:
    """A way to the scene's database that can be cut."""
    async with laid_to(scene.url) as laid:
        yield laid


async def far_away(cable: Cable) -> Database:
    """A database that gives up at the first refusal."""
    return await Database.open(cable.url, role="weft_worker", connect_attempts=1)


async def halves(content: bytes, between: asyncio.Event, go_on: asyncio.Event) -> AsyncIterator[bytes]:
    """Yield two megabytes, then the rest once somebody says so."""
    yield content[: 2 * MB]
    between.set()
    await go_on.wait()
    yield content[2 * MB :]


async def test_a_file_that_is_put_meanwhile_comes_through_whole(scene: Scene, cable: Cable) -> None:
    content = content_of(4 * MB - 7)
    between, go_on = asyncio.Event(), asyncio.Event()
    async with await far_away(cable) as database:
        store = PostgresFileStore(database, LIMITS, patience_s=PATIENCE_S)
        task = asyncio.create_task(store.put(ADA, halves(content, between, go_on)))
        await between.wait()
        cable.cut()
        go_on.set()
        await cable.refused.wait()
        cable.mend()
        stored = await task

        assert await read(store, stored) == content
    assert await scene.counts() == (1, 4)


async def test_a_step_whose_commit_was_not_heard_of_is_done_again_and_changes_nothing(scene: Scene) -> None:
    draft, piece = Draft(new_id(), ADA, None), content_of(MB)
    stored = Stored(hashlib.sha256(piece).hexdigest(), MB)

    async def twice(step: Callable[[Transaction], Awaitable[object]]) -> list[object]:
        found = []
        for _ in range(2):
            async with scene.engine_database.transaction(ADA) as tx:
                found.append(await step(tx))
        return found

    assert await twice(lambda tx: repository.append(tx, draft, 0, piece, size=MB)) == [repository.Usage(MB, 0)] * 2
    assert await twice(lambda tx: repository.finish(tx, draft, stored, count=1)) == [True, False]
    await twice(lambda tx: repository.drop(tx, draft))

    assert await read(scene.engine, stored) == piece
    assert await scene.counts() == (1, 1)


async def test_a_file_that_is_read_meanwhile_comes_through_whole(scene: Scene, cable: Cable) -> None:
    content = content_of(3 * MB)
    stored = await put(scene.engine, content)
    async with await far_away(cable) as database:
        store = PostgresFileStore(database, LIMITS, patience_s=PATIENCE_S)
        async with store.open(ADA, stored) as chunks:
            found = [await anext(chunks)]
            cable.cut()
            rest = asyncio.ensure_future(anext(chunks))
            await cable.refused.wait()
            cable.mend()
            found += [await rest, await anext(chunks)]

    assert b"".join(found) == content


async def test_whoever_has_no_patience_is_told_at_once(scene: Scene, cable: Cable) -> None:
    stored = await put(scene.engine, content_of(MB))
    async with await far_away(cable) as database:
        cable.cut()
        with pytest.raises(DatabaseUnreachable):
            await read(PostgresFileStore(database, LIMITS), stored)
