"""What stands in the database: each content once, nothing half done, nobody's but the user's."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests.files.scene import ADA, LIMITS, MB, Scene, content_of, put, read
from weft.db.base import new_id
from weft.files.errors import FileLost, FileNotFound
from weft.files.ports import Stored
from weft.files.postgres import PostgresFileStore

AN_HOUR_AGO = "UPDATE files SET touched_at = now() - interval '61 minutes'"


class Gate:
    """Chunks that stop coming until somebody says so."""

    def __init__(self, *contents: bytes) -> None:
        self.contents = contents
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the contents; wait before the last one."""
        for number, content in enumerate(self.contents, start=1):
            if number == len(self.contents):
                self.reached.set()
                await self.opened.wait()
            yield content


async def test_the_same_content_stands_there_once_for_each_user(scene: Scene) -> None:
    content = content_of(2 * MB)

    mine = await put(scene.engine, content)
    again = await put(scene.api, content)
    his = await put(scene.engine, content, scene.bob)

    assert mine == again == his
    assert await scene.counts() == (2, 4)


async def test_two_that_put_the_same_at_once_get_one_file(scene: Scene) -> None:
    gates = [Gate(content_of(MB), b"end") for _ in range(3)]
    puts = [asyncio.create_task(scene.engine.put(ADA, gate.chunks())) for gate in gates]
    for gate in gates:
        await gate.reached.wait()
    assert await scene.counts() == (3, 3)

    for gate in gates:
        gate.opened.set()
    names = await asyncio.gather(*puts)

    assert names == [names[0]] * 3
    assert await scene.counts() == (1, 2)
    assert await read(scene.api, names[0]) == content_of(MB) + b"end"


async def test_a_put_that_is_cancelled_leaves_nothing(scene: Scene) -> None:
    gate = Gate(content_of(2 * MB), b"end")
    task = asyncio.create_task(scene.engine.put(ADA, gate.chunks()))
    await gate.reached.wait()
    assert await scene.counts() == (1, 2)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await scene.counts() == (0, 0)


async def test_what_a_dead_process_left_is_swept_after_an_hour_and_not_before(scene: Scene) -> None:
    for user_id in (ADA, scene.bob):
        await scene.do(f"INSERT INTO files (id, user_id, size) VALUES (gen_random_uuid(), '{user_id}', {MB})")
    await scene.do(
        "INSERT INTO file_pieces SELECT id, 0, user_id, convert_to(repeat('x', size::int), 'UTF8') FROM files"
    )
    assert await scene.counts() == (2, 2)

    assert await scene.engine.sweep() == 0
    await scene.do(AN_HOUR_AGO)
    finished = await put(scene.api, b"mine")  # which sweeps, and sees the owner's only

    assert await scene.counts() == (2, 2)
    assert await scene.engine.sweep() == 1
    assert await scene.counts() == (1, 1)
    await scene.do(AN_HOUR_AGO)
    assert await scene.engine.sweep() == 0
    assert await read(scene.engine, finished) == b"mine"


@pytest.mark.parametrize("removed", ["files", "file_pieces"])
async def test_a_file_with_a_gap_never_gets_a_name(scene: Scene, removed: str) -> None:
    gate = Gate(content_of(2 * MB), content_of(MB, 1))
    task = asyncio.create_task(scene.engine.put(ADA, gate.chunks()))
    await gate.reached.wait()
    await scene.do("DELETE FROM files" if removed == "files" else "DELETE FROM file_pieces WHERE number = 0")
    gate.opened.set()

    with pytest.raises(FileLost):
        await task

    assert await scene.fetch("SELECT * FROM files") == []


async def test_a_file_that_goes_away_while_it_is_read_is_told_so(scene: Scene) -> None:
    stored = await put(scene.engine, content_of(3 * MB))

    async with scene.engine.open(ADA, stored) as chunks:
        await anext(chunks)
        await scene.do("DELETE FROM files")
        with pytest.raises(FileNotFound):
            await anext(chunks)


async def test_nothing_is_open_in_the_database_between_two_chunks(scene: Scene) -> None:
    gate = Gate(content_of(MB), content_of(MB, 1), b"end")
    task = asyncio.create_task(scene.engine.put(ADA, gate.chunks()))
    await gate.reached.wait()
    assert scene.engine_database.pool_status().checked_out == 0
    gate.opened.set()
    stored = await task

    async with scene.engine.open(ADA, stored) as chunks:
        async for _ in chunks:
            assert scene.engine_database.pool_status().checked_out == 0


async def test_the_room_of_a_user_is_what_is_left_after_all_that_is_being_put(scene: Scene) -> None:
    store = PostgresFileStore(scene.engine_database, replace(LIMITS, user_bytes=3 * MB))
    gate = Gate(content_of(2 * MB), b"end")
    task = asyncio.create_task(store.put(ADA, gate.chunks()))
    await gate.reached.wait()

    with pytest.raises(Exception, match="all files of a user may have 3,145,728 bytes together"):
        await put(store, content_of(2 * MB, 1))
    await put(store, content_of(2 * MB, 1), scene.bob)

    gate.opened.set()
    assert (await task).size == 2 * MB + 3
    assert await scene.counts() == (2, 5)


async def test_the_files_of_a_user_go_with_the_user(scene: Scene) -> None:
    await put(scene.engine, content_of(MB), scene.bob, execution_id=new_id())
    await put(scene.engine, content_of(MB))

    await scene.do(f"DELETE FROM users WHERE id = '{scene.bob}'")

    assert await scene.counts() == (1, 1)
    assert await scene.fetch("SELECT bytes FROM file_usage") == [(MB,)]


async def test_another_users_content_is_not_there_even_for_one_who_knows_its_checksum(scene: Scene) -> None:
    his = await put(scene.engine, content_of(MB), scene.bob)

    for store in (scene.engine, scene.api):
        with pytest.raises(FileNotFound):
            await read(store, Stored(his.sha256, his.size))
    assert await read(scene.api, his, scene.bob) == content_of(MB)
