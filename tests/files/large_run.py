"""A program that is watched: a file of 100 MB is stored twice, passed through two graphs of ten nodes, and read.

Run as `python -m tests.files.large_run URL`; writes one JSON object.
"""

import asyncio
import hashlib
import json
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.engine.scene import Scene
from weft.assembly import Platform, open_platform
from weft.executions.types import Execution
from weft.files.service import UserFiles
from weft.graphs.documents import content_from
from weft.graphs.types import GraphContent
from weft.sdk import Catalog, File
from weft.sdk.builder import GraphBuilder
from weft.users.types import LOCAL_OWNER

SIZE = 100_000_000
CHUNK = 250_000
_CATALOG = Catalog.load(testing=True)


def memory_bytes() -> int:
    """Return the most memory that this program had since it began."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None, "Linux says how much memory a process had"
    return int(found[1]) * 1024


async def generated() -> AsyncIterator[bytes]:
    """Yield the file, no two chunks of which are the same."""
    for number in range(SIZE // CHUNK):
        yield number.to_bytes(4) * (CHUNK // 4)


def ten_nodes(name: str) -> GraphContent:
    """Return a graph that passes a file through ten nodes and then says what its hash is."""
    g = GraphBuilder(name, catalog=_CATALOG)
    end: Any = g.input("file", "file")
    for number in range(10):
        node = g.add("testing.noop", f"Pass {number}")
        g.link(end, node["value"])
        end = node["value"]
    digest = g.add("hash.digest", "Hash")
    g.link(end, digest["value"])
    g.output("digest", digest["digest"])
    g.output("same", end)
    return content_from(g.to_document())


async def main(url: str) -> dict[str, Any]:
    """Do all of it and return what it took."""
    async with open_platform(url, catalog=_CATALOG) as platform:
        before = memory_bytes()
        file = await _stored_twice(platform)
        put = memory_bytes()
        value = file.model_dump(mode="json")
        scene = Scene(platform, url)
        ended: list[Execution] = [await scene.run(ten_nodes(name), file=value) for name in ("first", "second")]
        return {
            "outputs": [execution.outputs for execution in ended],
            "expected": {"digest": [await _digest()], "same": [value]},
            "nodes": [len(execution.nodes) for execution in ended],
            "grown_by_putting": put - before,
            "memory": memory_bytes(),
        }


async def _stored_twice(platform: Platform) -> File:
    files = [
        await UserFiles(platform.files(), LOCAL_OWNER).put("large.bin", "application/x-large", generated())
        for _ in range(2)
    ]
    assert files[0] == files[1]
    return files[0]


async def _digest() -> str:
    digest = hashlib.sha256()
    async for chunk in generated():
        digest.update(chunk)
    return digest.hexdigest()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(main(sys.argv[1]))) + "\n")
