"""What the figures of `benchmarks.width` and `benchmarks.scale` should be, and how far they are from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.report import about_machine, aligned

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Goal:
    """A figure, the limit that it must keep, and perhaps a goal beyond the limit.

    Attributes:
        case: The case that measures it.
        figure: Its name in the result.
        title: What it is, for people.
        unit: In which it is shown.
        scale: How many of what the result counts make one unit.
        at_most: It must not be more, in that unit.
        at_least: It must not be less.
        aim: What it should be; None where the limit is the goal.
    """

    case: str
    figure: str
    title: str
    unit: str
    scale: float = 1
    at_most: float | None = None
    at_least: float | None = None
    aim: float | None = None

    def value(self, document: Mapping[str, Any]) -> float | None:
        """Return the figure in its unit; None if it was not measured."""
        found = document.get(self.case, {}).get(self.figure)
        return None if found is None else found / self.scale

    def is_missed(self, document: Mapping[str, Any]) -> bool:
        """Return whether the figure was measured and is on the wrong side of its limit."""
        value = self.value(document)
        return value is not None and self._is_beyond(value, self.at_most if self.at_least is None else self.at_least)

    def verdict(self, document: Mapping[str, Any]) -> str:
        """Return what the table says of the figure: `-` if it was not measured or has no limit."""
        value = self.value(document)
        if value is None or self.in_words() == "-":
            return "-"
        if self.is_missed(document):
            return "MISSED"
        return "enough" if self._is_beyond(value, self.aim) else "met"

    def in_words(self) -> str:
        """Return the limit; `-` if there is none."""
        if self.at_most is not None:
            return f"at most {self.at_most:,g} {self.unit}"
        return "-" if self.at_least is None else f"at least {self.at_least:,g} {self.unit}"

    def aim_in_words(self) -> str:
        """Return the goal beyond the limit; `-` if there is none."""
        return "-" if self.aim is None else f"{self.aim:,g} {self.unit}"

    def _is_beyond(self, value: float, bound: float | None) -> bool:
        """Return whether a value is on the wrong side of a bound."""
        if bound is None:
            return False
        return value > bound if self.at_most is not None else value < bound

    def shown(self, value: float) -> str:
        """Return a value as people read it."""
        digits = f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"
        return f"{digits} {self.unit}"


WIDTH = (
    Goal("calls", "per_child_ms", "a call of a graph of one node, idle", "ms"),
    Goal("calls", "times_alone", "the same, by a run of that graph alone", "times", at_most=6),
    Goal("calls", "at_once_per_s", "50 calls at once of graphs of 20 nodes", "calls/s"),
    Goal("import", "seconds", "import of 5,000 nodes, from start to end of the program", "s", at_most=5),
    Goal("import", "processor_s", "processor for that import", "s"),
    Goal("stream", "items_per_s", "stream of 100,000 items through three nodes, into a list", "items/s"),
    Goal("stream", "peak_mb", "memory for that stream", "MB", at_most=300),
    Goal("large", "seconds", "100 MB through ten nodes, from start to end of the program", "s"),
    Goal("large", "peak_mb", "memory for these 100 MB", "MB", at_most=250),
    Goal("large", "stored_bytes", "disk for these 100 MB, which are stored once", "MB", scale=1_000_000, at_most=110),
)


SCALE = (
    Goal("claims", "drained_per_s", "1-node executions claimed and finished", "/s", at_least=1500, aim=4000),
    Goal("claims", "per_s", "the same, and started, 20 in a transaction", "/s", at_least=1500, aim=4000),
    Goal("claims", "singly_per_s", "the same, each started in a transaction of its own", "/s"),
    Goal("claims", "per_s_1", "20 in a transaction, 1 worker process", "/s"),
    Goal("claims", "per_s_2", "20 in a transaction, 2", "/s"),
    Goal("claims", "per_s_4", "20 in a transaction, 4", "/s"),
    Goal("claims", "per_s_8", "20 in a transaction, 8", "/s"),
    Goal("claims", "database_us", "processor of the database for one, at the best number of workers", "us"),
    Goal("claims", "worker_us", "processor of the workers for one", "us"),
    Goal("claims", "starter_us", "processor of the starters for one", "us"),
    Goal("chains", "times_one", "chains of 100: 2 workers by 1", "times", at_least=1.3),
    Goal("chains", "nodes_per_s_1", "chains of 100, 1 worker process", "nodes/s"),
    Goal("chains", "nodes_per_s_2", "chains of 100, 2", "nodes/s"),
    Goal("chains", "database_us_1", "processor of the database for a chain, 1 worker", "us"),
    Goal("chains", "worker_us_1", "processor of the worker for a chain", "us"),
    Goal("chains", "cores_1", "processors that 1 worker and its database keep busy", "cores"),
    Goal("chains", "database_us_2", "processor of the database for a chain, 2 workers", "us"),
    Goal("chains", "worker_us_2", "processor of the workers for a chain", "us"),
    Goal("chains", "cores_2", "processors that 2 workers and their database keep busy", "cores"),
    Goal(
        "latency", "other_p50_ms", "1 node, start to end seen, worker in another process: p50", "ms", at_most=15, aim=5
    ),
    Goal("latency", "other_p99_ms", "the same: p99", "ms", at_most=50, aim=15),
    Goal("latency", "same_p50_ms", "worker in the process that starts it: p50", "ms", at_most=15, aim=5),
    Goal("latency", "same_p99_ms", "the same: p99", "ms", at_most=50, aim=15),
    Goal("takeover", "p50_s", "from kill -9 of a worker to the next claim: p50", "s", at_most=5, aim=2),
    Goal("takeover", "p99_s", "the same: p99", "s", at_most=5, aim=2),
    Goal("idle", "processor_percent", "processor while nothing is to do, of one core", "%", at_most=1, aim=0.5),
    Goal("idle", "memory_mb", "memory then, database included", "MB", at_most=350, aim=250),
    Goal("growth", "chain_1000", "a node of a chain of 1,000 by one of 100", "times", at_most=1.5, aim=1.1),
    Goal("growth", "chain_10000", "a node of a chain of 10,000 by one of 100", "times", at_most=1.5, aim=1.1),
    Goal("growth", "fan_1000", "a node of a fan of 1,000 by one of 100", "times", at_most=1.5, aim=1.1),
    Goal("growth", "fan_10000", "a node of a fan of 10,000 by one of 100", "times", at_most=1.5, aim=1.1),
    Goal(
        "growth", "value_1mb", "a megabyte in a value of 1 MB by one in values of 100 kB", "times", at_most=1.5, aim=1.1
    ),
    Goal("history", "claim_times", "a claim with 1,000,000 ended executions by one without", "times", at_most=1.2),
    Goal("history", "claim_buffers", "the same, in buffers", "times", at_most=1.2),
    Goal("history", "start_times", "a start with them by one without", "times", at_most=1.5),
    Goal("history", "run_times", "a run from start to end with them by one without", "times", at_most=1.5),
    Goal("history", "list_p99_ms", "a list of executions with them: p99", "ms", at_most=50, aim=20),
    Goal("history", "list_none_ms", "a list of those that run, when none does", "ms"),
    Goal("lines", "times", "chains that log a line in each node, by chains that do not", "times"),
    Goal("lines", "us_per_line", "processor of all for one line", "us"),
)


def missed(document: Mapping[str, Any], goals: Sequence[Goal]) -> list[str]:
    """Return a sentence for each limit that was missed."""
    sentences = []
    for goal in goals:
        value = goal.value(document)
        if value is not None and goal.is_missed(document):
            sentences.append(f"{goal.title}: {goal.shown(value)}, and the limit is {goal.in_words()}")
    return sentences


def table(document: Mapping[str, Any], goals: Sequence[Goal]) -> str:
    """Return the result for people: each figure beside its goal and limit, then what was missed or not measured."""
    rows = [["", "reached", "goal", "limit", ""]]
    for goal in goals:
        if goal.case not in document and goal.case not in document["not_measured"]:
            continue  # nobody asked for it
        value = goal.value(document)
        shown = "-" if value is None else goal.shown(value)
        rows.append([goal.title, shown, goal.aim_in_words(), goal.in_words(), goal.verdict(document)])
    lines = aligned(rows)
    lines += ["", *(f"MISSED: {sentence}" for sentence in missed(document, goals))]
    lines += [f"NOT MEASURED: {case}: {why}" for case, why in document["not_measured"].items()]
    return "\n".join([*lines, *about_machine(document["machine"])])
