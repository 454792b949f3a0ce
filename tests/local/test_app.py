"""`weft.open`: many runs in the caller's own loop; waits that are answered; executions that others began."""

import asyncio
from uuid import UUID

import pytest

import weft
from tests.local.blocks import AskName, WordCount, asking, counting, greeting
from weft.assembly import open_installation
from weft.errors import Conflict, InvalidInput, NotFound
from weft.graphs.documents import content_from
from weft.graphs.service import remember_file
from weft.settings import Settings
from weft.users.types import LOCAL_OWNER


async def test_an_answer_goes_on_to_the_end() -> None:
    async with weft.open(blocks=[AskName]) as app:
        waiting = await app.run(asking())
        done = await app.answer(waiting.execution_id, "Ada")

    assert (waiting.status, done.status, done["text"]) == ("waiting", "completed", "Hello, Ada")
    assert done.execution_id == waiting.execution_id


async def test_what_cannot_be_answered_is_refused() -> None:
    async with weft.open(blocks=[AskName]) as app:
        waiting, ended = await app.run(asking()), await app.run(greeting(), name="Ada")

        with pytest.raises(InvalidInput, match="does not wait for 'other'"):
            await app.answer(waiting.execution_id, "Ada", key="other")
        with pytest.raises(InvalidInput, match="the answer: a object cannot be written as JSON"):
            await app.answer(waiting.execution_id, object())
        with pytest.raises((InvalidInput, Conflict)):
            await app.answer(ended.execution_id, "Ada")
        with pytest.raises(NotFound):
            await app.answer(UUID(int=7), "Ada")


async def test_what_one_process_left_another_goes_on_with() -> None:
    async with weft.open(blocks=[AskName]) as app:
        waiting = await app.run(asking())

    async with weft.open(blocks=[AskName]) as app:
        done = await app.answer(waiting.execution_id, "Ada", key=waiting.waiting[0].key)

    assert (done.status, done["text"]) == ("completed", "Hello, Ada")


async def test_an_execution_that_nobody_runs_is_gone_on_with() -> None:
    content = content_from(greeting().to_document())
    async with open_installation(Settings.load()) as platform, platform.database.transaction(LOCAL_OWNER) as tx:
        version = await remember_file(
            tx, LOCAL_OWNER, source="test", key="queued", content=content, catalog=platform.catalog
        )
        queued = await platform.executions.start(tx, LOCAL_OWNER, version=version, inputs={"name": "Ada"})

    async with weft.open() as app:
        before = await app.result(queued)
        ended = await app.resume(queued)

    assert (before.status, before.get("greeting", "nothing yet")) == ("queued", "nothing yet")
    assert (ended.status, ended["greeting"]) == ("completed", "Hello Ada!")


async def test_runs_share_an_app_with_blocks_and_without() -> None:
    async with weft.open(blocks=[WordCount]) as app:
        words, greetings = await asyncio.gather(
            asyncio.gather(*(app.run(counting(), text="a " * number) for number in range(1, 6))),
            asyncio.gather(*(app.run(greeting(), name=str(number)) for number in range(5))),
        )

    assert [result["words"] for result in words] == [1, 2, 3, 4, 5]
    assert [result["greeting"] for result in greetings] == [f"Hello {number}!" for number in range(5)]


async def test_a_result_that_is_not_there_is_not_found() -> None:
    async with weft.open() as app:
        with pytest.raises(NotFound):
            await app.result(UUID(int=7))
        with pytest.raises(NotFound):
            await app.resume(UUID(int=7))
