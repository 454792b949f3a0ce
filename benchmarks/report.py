"""From the runs of all engines to medians, ratios, a table and a file."""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.engines import CONTESTANTS

RESULTS = Path(__file__).parent / "results" / "engine.json"
SINGLE = "chain100_ms"
FIGURES = ("chain", "fan", "chain_effects", SINGLE)
TITLES = {
    "chain": "chain of 100, nodes/s",
    "fan": "1 -> 100 -> 1, nodes/s",
    "chain_effects": "chain, at_least_once, nodes/s",
    SINGLE: "one idle chain of 100, ms",
}
SAME_AS_CHAIN = "this engine makes no difference between pure and effectful nodes: its chain figure"

PEERS = tuple(contestant.name for contestant in CONTESTANTS if contestant.is_peer)


@dataclass(frozen=True)
class Figure:
    """The median of the rounds, of the engine's better mode."""

    value: float
    mode: str
    of_rounds: list[float]


@dataclass
class Outcome:
    """All that was measured.

    Attributes:
        runs: By engine, what its process printed in each round.
        not_measured: By engine, why it has no figures.
    """

    machine: Mapping[str, Any]
    runs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    not_measured: dict[str, str] = field(default_factory=dict)

    def figure(self, engine: str, name: str) -> Figure | None:
        """Return a figure of an engine; None if it has none."""
        runs = self.runs.get(engine, [])
        if not runs:
            return None
        if name == "chain_effects" and name not in runs[0]["rates"] and engine != "weft":
            return self.figure(engine, "chain")
        modes: dict[str, list[float]] = {}
        for run in runs:
            for mode, value in _values(run, name):
                modes.setdefault(mode, []).append(value)
        if not modes:
            return None
        better = min if name == SINGLE else max
        mode = better(modes, key=lambda mode: statistics.median(modes[mode]))
        return Figure(statistics.median(modes[mode]), mode, modes[mode])

    def ratio(self, name: str) -> tuple[float, str] | None:
        """Return how many times better Weft is than the better peer, and which that is; None without either."""
        weft = self.figure("weft", name)
        figures = {peer: found.value for peer in PEERS if (found := self.figure(peer, name)) is not None}
        if weft is None or not figures:
            return None
        if name == SINGLE:
            best = min(figures, key=figures.__getitem__)
            return figures[best] / weft.value, best
        best = max(figures, key=figures.__getitem__)
        return weft.value / figures[best], best


def as_document(outcome: Outcome) -> dict[str, Any]:
    """Return the result as plain data: the figures by name and engine, then how they came about."""
    document: dict[str, Any] = {}
    for name in FIGURES:
        found = {c.name: outcome.figure(c.name, name) for c in CONTESTANTS if c.name in outcome.runs}
        document[name] = {engine: figure.value for engine, figure in found.items() if figure is not None}
    document["machine"] = dict(outcome.machine)
    document["ratios"] = {
        name: {"times": round(ratio[0], 2), "peer": ratio[1]}
        for name in FIGURES
        if (ratio := outcome.ratio(name)) is not None
    }
    document["engines"] = {engine: _engine(outcome, engine) for engine in outcome.runs}
    document["not_measured"] = dict(outcome.not_measured)
    return document


def write(document: Mapping[str, Any], path: Path) -> None:
    """Write the result, replacing the last one."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document, indent=2) + "\n")


def table(outcome: Outcome) -> str:
    """Return the result for people."""
    engines = [contestant.name for contestant in CONTESTANTS if contestant.name in outcome.runs]
    rows = [["", *engines, "weft / better peer"]]
    for name in FIGURES:
        ratio = outcome.ratio(name)
        times = "-" if ratio is None else f"{ratio[0]:.1f} x {ratio[1]}"
        rows.append([TITLES[name], *(_cell(outcome, engine, name) for engine in engines), times])
    return "\n".join([*aligned(rows), "", *_notes(outcome, engines)])


def _values(run: Mapping[str, Any], name: str) -> list[tuple[str, float]]:
    if name == SINGLE:
        return list(run[SINGLE].items())
    return [(mode, sample["nodes_per_s"]) for mode, sample in run["rates"].get(name, {}).items()]


def _engine(outcome: Outcome, engine: str) -> dict[str, Any]:
    runs = outcome.runs[engine]
    figures = {name: figure for name in FIGURES if (figure := outcome.figure(engine, name)) is not None}
    notes = {}
    if "chain_effects" not in runs[0]["rates"] and "chain_effects" in figures:
        notes = {"chain_effects": SAME_AS_CHAIN}
    return {
        "version": runs[0]["version"],
        "durable": runs[0]["does"],
        "modes": {name: figure.mode for name, figure in figures.items()},
        "rounds": {name: figure.of_rounds for name, figure in figures.items()},
        "notes": notes,
        "runs": runs,
    }


def _cell(outcome: Outcome, engine: str, name: str) -> str:
    figure = outcome.figure(engine, name)
    if figure is None:
        return "-"
    text = f"{figure.value:,.1f}" if name == SINGLE else f"{figure.value:,.0f}"
    borrowed = name == "chain_effects" and name not in outcome.runs[engine][0]["rates"]
    return f"({text})" if borrowed else text


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table, its first row as the head, its first column to the left and the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        first, *others = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        lines.append("  ".join([first.strip().ljust(widths[0]), *others]).rstrip())
    return [lines[0], "-" * max(map(len, lines)), *lines[1:]]


def _notes(outcome: Outcome, engines: Sequence[str]) -> list[str]:
    lines = []
    for engine in engines:
        run = outcome.runs[engine][0]
        mode = outcome.figure(engine, "chain")
        named = f", faster mode: {mode.mode}" if mode is not None and len(run["rates"].get("chain", ())) > 1 else ""
        lines.append(f"{engine} {run['version']}{named}: {run['does']}")
    lines.append(f"(in brackets) {SAME_AS_CHAIN}")
    lines += [f"NOT MEASURED: {engine}: {why}" for engine, why in outcome.not_measured.items()]
    return [*lines, *about_machine(outcome.machine)]


def about_machine(machine: Mapping[str, Any]) -> list[str]:
    """Return what was measured on, and a warning if it was busy with something else."""
    lines = []
    if machine["load_before"] > machine["cores"] / 4:
        lines.append("CAUTION: the machine was busy with something else; trust the ratios less, the digits not at all")
    return [*lines, "; ".join(f"{name} {_plain(value)}" for name, value in machine.items())]


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {part}" for name, part in value.items())
    return str(value)
