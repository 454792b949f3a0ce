"""The table that a run prints, and the same as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.faults.arena import Tally
from tests.faults.stage import Row
from tests.faults.violations import Kind

HEADINGS = (
    "row", "fault", "executions", "faults", "lost", "twice", "stuck", "zombies refused/accepted", "takeover p50/p99", "seed",
    "result",
)  # fmt: skip


@dataclass(frozen=True)
class Played:
    """A row that was played, or why it was not."""

    row: Row
    tally: Tally
    seed: int
    seconds: float

    @property
    def result(self) -> str:
        """`ok`, `FAILED` or `SKIPPED`."""
        if self.tally.violations:
            return "FAILED"
        return "SKIPPED" if self.tally.skipped else "ok"

    def cells(self) -> list[str]:
        """Return the row as it is printed."""
        tally = self.tally
        count = "-" if tally.skipped else ""
        takeover = "-"
        if tally.takeovers_s:
            takeover = f"{percentile(tally.takeovers_s, 50):.2f}/{percentile(tally.takeovers_s, 99):.2f} s"
        return [
            self.row.name,
            self.row.fault,
            count or str(tally.executions),
            count or str(tally.faults),
            *(count or str(tally.count(kind)) for kind in (Kind.LOST, Kind.TWICE, Kind.STUCK)),
            count or f"{tally.refused}/{tally.count(Kind.ZOMBIE)}",
            takeover,
            str(self.seed),
            self.result,
        ]

    def shape(self) -> dict[str, Any]:
        """Return the row for `--json`."""
        tally = self.tally
        return {
            "row": self.row.name,
            "fault": self.row.fault,
            "result": self.result.lower(),
            "executions": tally.executions,
            "faults": tally.faults,
            "lost": tally.count(Kind.LOST),
            "committed_twice": tally.count(Kind.TWICE),
            "stuck": tally.count(Kind.STUCK),
            "zombie_writes_refused": tally.refused,
            "zombie_writes_accepted": tally.count(Kind.ZOMBIE),
            "takeover_p50_s": percentile(tally.takeovers_s, 50),
            "takeover_p99_s": percentile(tally.takeovers_s, 99),
            "seed": self.seed,
            "seconds": round(self.seconds, 1),
            "skipped": tally.skipped,
            "violations": [str(one) for one in tally.violations],
            "notes": tally.notes,
        }


def percentile(values: Sequence[float], percent: int) -> float | None:
    """Return the value that so many percent do not exceed; None of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)] if ordered else None


def table(played: Sequence[Played]) -> str:
    """Return the rows as a table in Markdown."""
    rows = [list(HEADINGS), *(one.cells() for one in played)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
