"""A large file through ten nodes, by the whole program: `weft run … --input doc=@FILE`, its start included."""

import os
from pathlib import Path

from benchmarks.cases.process import Figures, Options, children_peak_mb, main
from benchmarks.cases.program import weft
from benchmarks.measure import NotKept
from benchmarks.runs import NO_OP
from benchmarks.server import value_of
from weft.db.migrate import migrate
from weft.sdk.builder import GraphBuilder

BYTES = 100_000_000
NODES = 10
_CHUNK = 1_000_000


def write_file(path: Path, size: int) -> Path:
    """Write so many bytes that nothing can compress and nobody has stored, and return the path."""
    with path.open("wb") as file:
        for begin in range(0, size, _CHUNK):
            file.write(os.urandom(min(_CHUNK, size - begin)))
    return path


def write_graph(path: Path) -> Path:
    """Write a graph that takes a file, hands it from node to node and gives it out, and return the path."""
    builder = GraphBuilder("a large file")
    last = builder.input("doc", bytes)["result"]
    for number in range(NODES):
        node = builder.add(NO_OP, f"n{number}")
        builder.link(last, node["value"])
        last = node["value"]
    out = builder.add("output.file", "copy", inputs={"name": "copy"})
    builder.link(last, out["value"])
    return builder.write(path)


async def measure(options: Options) -> Figures:
    """Measure one run; `stored_bytes` is by how much the database grew, whatever the tables are."""
    size = options.size or BYTES
    await migrate(options.url)
    file = write_file(options.scratch / "large.bin", size)
    graph = write_graph(options.scratch / "large.json")
    settings = {
        "WEFT_HOME": str(options.scratch),
        "WEFT_DATABASE_URL": options.url,
        "WEFT_TESTING_BLOCKS": "true",
    }
    before = await database_bytes(options.url)
    answer = weft("run", str(graph), "--input", f"doc=@{file}", settings=settings)
    stored = await database_bytes(options.url) - before
    shown = answer.document["outputs"]["copy"]
    if [one.get("size") for one in shown] != [size]:
        raise NotKept(f"a file of {size:,} bytes went in, and this came out: {str(shown)[:200]}")
    return {
        "bytes": size,
        "seconds": answer.seconds,
        "processor_s": answer.processor_s,
        "peak_mb": children_peak_mb(),
        "stored_bytes": stored,
    }


async def database_bytes(url: str) -> int:
    """Return how many bytes the database takes on disk."""
    return int(await value_of(url, "SELECT pg_database_size(current_database())"))


if __name__ == "__main__":
    main(measure)
