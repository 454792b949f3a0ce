"""The cases of many workers and a long history measure what they say, on a small scale, with real worker processes."""

from pathlib import Path

import pytest
from benchmarks import goals
from benchmarks.cases import claims, growth, history, latency, lines, past, takeover
from benchmarks.cases.process import CannotRun, Options
from benchmarks.cases.takeover import percentile
from benchmarks.cases.workers import workers

from weft.db.embedded.server import EmbeddedServer
from weft.db.migrate import migrate


@pytest.fixture
def options(postgres: EmbeddedServer, empty_url: str, tmp_path: Path) -> Options:
    """Ask for something small."""
    return Options(url=empty_url, home=postgres.data_directory.parents[1], scratch=tmp_path, size=1, quick=True)


def figures_of(case: str) -> set[str]:
    return {goal.figure for goal in goals.SCALE if goal.case == case}


async def test_executions_of_worker_processes_are_counted_by_what_was_kept(options: Options) -> None:
    figures = await claims.measure(options)

    assert figures["per_s"] == figures["per_s_1"] > 0
    assert min(figures["singly_per_s"], figures["drained_per_s"]) > 0


async def test_what_a_killed_worker_ran_is_claimed_by_the_next(options: Options) -> None:
    figures = await takeover.measure(options)

    assert figures["executions"] == takeover.EACH
    assert 0 < figures["p50_s"] <= figures["p99_s"]


async def test_both_kinds_of_latency_are_measured(options: Options) -> None:
    figures = await latency.measure(options)

    assert figures.keys() == figures_of("latency")


async def test_each_shape_and_size_has_its_figure(options: Options) -> None:
    figures = await growth.measure(options)

    assert figures_of("growth") <= figures.keys()


async def test_the_history_is_there_while_claims_are_measured(options: Options) -> None:
    figures = await history.measure(Options(options.url, options.home, options.scratch, size=2 * past.FAILED_EVERY))

    assert figures_of("history") <= figures.keys()
    assert figures["executions"] == 2 * past.FAILED_EVERY


async def test_chains_that_log_are_run_beside_chains_that_do_not(options: Options) -> None:
    figures = await lines.measure(options)

    assert figures_of("lines") <= figures.keys()


async def test_a_worker_that_cannot_start_is_told_by_its_last_words(options: Options) -> None:
    await migrate(options.url)

    with pytest.raises(CannotRun, match=r"^weft werker: \w+"):
        async with workers(options, 1, command="werker"):
            pass


def test_a_percentile_is_one_of_the_values() -> None:
    assert [percentile([3.0, 1.0, 2.0, 4.0], percent) for percent in (1, 50, 75, 99, 100)] == [1.0, 2.0, 3.0, 4.0, 4.0]
