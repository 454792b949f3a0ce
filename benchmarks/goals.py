"""What the figures of `benchmarks.width` should be, and how far they are from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.report import about_machine, aligned

RESULTS = Path(__file__).parent / "results" / "width.json"


@dataclass(frozen=True)
class Goal:
    """A figure and its bound.

    Attributes:
        case: The case that measures it.
        figure: Its name in the result.
        title: What it is, for people.
        unit: In which it is shown.
        scale: How many of what the result counts make one unit.
        at_most: It should not be more, in that unit.
        at_least: It should not be less.
    """

    case: str
    figure: str
    title: str
    unit: str
    scale: float = 1
    at_most: float | None = None
    at_least: float | None = None

    def value(self, document: Mapping[str, Any]) -> float | None:
        """Return the figure in its unit; None if it was not measured."""
        found = document.get(self.case, {}).get(self.figure)
        return None if found is None else found / self.scale

    def is_missed(self, document: Mapping[str, Any]) -> bool:
        """Return whether the figure was measured and is on the wrong side of its bound."""
        value = self.value(document)
        if value is None:
            return False
        return (self.at_most is not None and value > self.at_most) or (
            self.at_least is not None and value < self.at_least
        )

    def in_words(self) -> str:
        """Return the bound; `-` if there is none."""
        if self.at_most is not None:
            return f"at most {self.at_most:,.0f} {self.unit}"
        return "-" if self.at_least is None else f"at least {self.at_least:,.0f} {self.unit}"

    def shown(self, value: float) -> str:
        """Return a value as people read it."""
        digits = f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"
        return f"{digits} {self.unit}"


GOALS = (
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


def missed(document: Mapping[str, Any], goals: Sequence[Goal] = GOALS) -> list[str]:
    """Return a sentence for each goal that was missed."""
    sentences = []
    for goal in goals:
        value = goal.value(document)
        if value is not None and goal.is_missed(document):
            sentences.append(f"{goal.title}: {goal.shown(value)}, and the goal is {goal.in_words()}")
    return sentences


def table(document: Mapping[str, Any], goals: Sequence[Goal] = GOALS) -> str:
    """Return the result for people: each figure beside its goal, then what was missed or not measured."""
    rows = [["", "measured", "goal", ""]]
    for goal in goals:
        if goal.case not in document and goal.case not in document["not_measured"]:
            continue  # nobody asked for it
        value = goal.value(document)
        verdict = "-" if value is None or goal.in_words() == "-" else "MISSED" if goal.is_missed(document) else "met"
        rows.append([goal.title, "-" if value is None else goal.shown(value), goal.in_words(), verdict])
    lines = aligned(rows)
    lines += ["", *(f"MISSED: {sentence}" for sentence in missed(document, goals))]
    lines += [f"NOT MEASURED: {case}: {why}" for case, why in document["not_measured"].items()]
    return "\n".join([*lines, *about_machine(document["machine"])])
