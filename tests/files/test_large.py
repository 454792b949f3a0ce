"""A file of 100 MB goes through a program that never holds more than a few megabytes of it."""

import asyncio
import json
import sys

from tests.files.large_run import SIZE
from tests.files.scene import MB, Scene


async def test_a_file_of_100_mb_passes_through_twenty_nodes_and_is_stored_once(scene: Scene) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.files.large_run", scene.url, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    took = json.loads(out.splitlines()[-1])

    assert took["outputs"] == [took["expected"]] * 2
    assert took["nodes"] == [13, 13]
    assert took["grown_by_putting"] < 30 * MB
    assert took["memory"] < 250 * MB
    assert await scene.counts() == (1, -(-SIZE // MB))
    assert await scene.fetch("SELECT * FROM payloads") == []
