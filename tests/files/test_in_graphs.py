"""Files in runs: whose they are, how much one run may store, and what a graph is told when that is refused."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.engine.scene import Scene as Engine
from tests.files.scene import ADA, LIMITS, MB, Scene, content_of, put
from weft.assembly import open_platform
from weft.executions.types import Execution, ExecutionStatus
from weft.files.ports import Stored
from weft.graphs.documents import content_from
from weft.graphs.types import GraphContent
from weft.sdk import Catalog
from weft.sdk.builder import GraphBuilder

CATALOG = Catalog.load(testing=True)


@pytest.fixture
async def engine(scene: Scene) -> AsyncIterator[Engine]:
    """A platform on the scene's database, with its limits."""
    async with open_platform(scene.url, catalog=CATALOG, file_limits=LIMITS, ttl_s=5) as platform:
        yield Engine(platform, scene.url)


def hashing() -> GraphContent:
    """Return a graph that reads a file of any size."""
    g = GraphBuilder("Hash", catalog=CATALOG)
    digest = g.add("hash.digest", "Hash")
    g.link(g.input("file", "file"), digest["value"])
    g.output("digest", digest)
    return content_from(g.to_document())


def writing(*, caught: bool = False) -> GraphContent:
    """Return a graph that writes each text of a list into a file, and gathers what refuses."""
    g = GraphBuilder("Write", catalog=CATALOG)
    each = g.add("flow.for_each", "Each")
    file = g.add("file.from_text", "Write")
    g.link(g.input("texts", list), each)
    g.link(each["item"], file["text"])
    g.output("file", file["file"])
    if caught:
        g.output("refused", file["error"])
    return content_from(g.to_document())


def value(stored: Stored, name: str = "a.bin") -> dict[str, Any]:
    """Return a reference as JSON."""
    return {"name": name, "media_type": "x/y", "size": stored.size, "sha256": stored.sha256}


def failure(execution: Execution) -> tuple[str, str]:
    """Return code and message of a failed run."""
    assert execution.status is ExecutionStatus.FAILED
    assert execution.error is not None
    return execution.error.code, execution.error.message


async def test_a_reference_opens_in_the_runs_of_its_user(scene: Scene, engine: Engine) -> None:
    stored = await put(scene.api, content_of(2 * MB + 1))

    done = await engine.run(hashing(), file=value(stored))

    assert done.outputs == {"digest": [stored.sha256]}


async def test_a_reference_to_another_users_file_or_to_none_is_not_there(scene: Scene, engine: Engine) -> None:
    his = await put(scene.engine, content_of(MB), scene.bob)

    for stored in (his, Stored("5b0e" * 16, MB)):
        code, message = failure(await engine.run(hashing(), file=value(stored)))
        assert code == "FILE_NOT_FOUND"
        assert message == f"there is no stored file of 1,048,576 bytes with the checksum {stored.sha256[:12]}…"


async def test_a_run_that_stores_too_much_is_refused_and_another_one_is_not(scene: Scene, engine: Engine) -> None:
    code, message = failure(await engine.run(writing(), texts=[letter * 2_000_000 for letter in "abcd"]))
    ((kept,),) = await scene.fetch("SELECT coalesce(sum(size), 0)::bigint FROM files")
    done = await engine.run(writing(), texts=["e" * 2_000_000])

    assert code == "EXECUTION_FILES_FULL"
    assert message == "one execution may store files of 6,291,456 bytes, and this one is too much"
    assert kept <= LIMITS.execution_bytes
    assert done.outputs["file"][0]["size"] == 2_000_000


async def test_a_user_without_room_is_told_so_and_the_graph_can_go_on(scene: Scene, engine: Engine) -> None:
    for seed in (1, 2):
        await put(scene.engine, content_of(4 * MB, seed), ADA)

    done = await engine.run(writing(caught=True), texts=["x" * 2 * MB, "small"])

    assert done.status is ExecutionStatus.COMPLETED
    assert done.outputs["refused"] == [
        "all files of a user may have 9,437,184 bytes together, and this one is too much"
    ]
    assert [file["content"] for file in done.outputs["file"]] == ["c21hbGw="]
