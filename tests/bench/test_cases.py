"""The cases measure what they say, on a small scale; each compares by itself what it ran with what was kept."""

import json
from pathlib import Path

import pytest
from benchmarks.cases import calls, importing, large, stream
from benchmarks.cases.process import Options
from benchmarks.measure import NotKept

from weft.graphs.documents import parse_document
from weft.graphs.validation import validate_graph
from weft.interop.service import judge, parse_file
from weft.sdk import Catalog


@pytest.fixture
def options(empty_url: str, tmp_path: Path) -> Options:
    """Ask for something small."""
    return Options(url=empty_url, home=tmp_path, scratch=tmp_path, size=4)


async def test_calls_are_counted_by_what_was_kept(options: Options) -> None:
    figures = await calls.measure(options)

    assert figures.keys() == {"per_child_ms", "alone_ms", "times_alone", "at_once_per_s"}


async def test_all_items_of_the_stream_are_kept(options: Options) -> None:
    figures = await stream.measure(options)

    assert figures["items"] == 4
    assert figures["items_per_s"] == pytest.approx(4 / figures["seconds"])


async def test_no_figure_is_given_where_the_database_holds_something_else(options: Options) -> None:
    await stream.measure(options)

    with pytest.raises(NotKept, match=r"executions=1, nodes=10.*executions=2, nodes=20"):
        await stream.measure(options)


def test_every_node_of_the_written_agent_is_mapped_and_it_can_run() -> None:
    catalog = Catalog.load()
    data = json.dumps(importing.agent(7)).encode()

    imported = parse_file(data, place="agent.json", key="agent.json").read(catalog)

    assert {str(node.result) for node in imported.main.nodes} <= {"mapped", "renamed"}
    assert [(len(one.graph.nodes), one.runnable) for one in judge(imported, catalog, with_order=False)] == [(7, True)]


def test_the_graph_for_large_files_can_run(tmp_path: Path) -> None:
    content = parse_document(large.write_graph(tmp_path / "large.json").read_bytes())

    validate_graph(content, Catalog.load(testing=True), for_run=True)


def test_the_large_file_has_so_many_bytes_and_never_the_same_twice(tmp_path: Path) -> None:
    one, other = (large.write_file(tmp_path / name, 2_500_000).read_bytes() for name in ("one", "other"))

    assert len(one) == len(other) == 2_500_000
    assert one != other
