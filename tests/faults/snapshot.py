"""Everything that one database and one file of lines show after a fault, as plain values for the checks."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

from tests.faults.history import Final
from tests.faults.view import View
from weft.executions.planning.refs import Collected, inputs_from_json, unpack

Spot: TypeAlias = tuple[str, str, int]
"""A firing: its execution, its node, its index."""


@dataclass(frozen=True)
class ExecutionSeen:
    """An execution as it stands."""

    id: str
    status: str
    seq: int
    error: str | None = None
    parent_id: str | None = None
    cancel_requested: bool = False


@dataclass(frozen=True)
class FiringSeen:
    """A firing as it stands: how it ended, where in the journal, and what it consumed."""

    spot: Spot
    outcome: str
    seq_end: int
    consumed: tuple[Spot, ...] = ()
    """What each value came from; the index of the value within that firing is not told."""
    consumed_seqs: tuple[int | None, ...] = ()
    """The number of each consumed value in the journal; None where the journal has no such value."""


@dataclass(frozen=True)
class Step:
    """A change of status that was noted when it happened."""

    execution: str
    was: str | None
    status: str
    token: int
    worker: int | None
    at: float


@dataclass(frozen=True)
class Write:
    """A firing that was written, by which session, while which worker owned the execution."""

    spot: Spot
    was: str | None
    outcome: str
    seq_was: int | None
    seq_end: int
    worker: int | None
    backend: int


@dataclass(frozen=True)
class Snapshot:
    """What the checks look at."""

    executions: Mapping[str, ExecutionSeen] = field(default_factory=dict)
    firings: Mapping[Spot, FiringSeen] = field(default_factory=dict)
    journal: Mapping[str, Sequence[int]] = field(default_factory=dict)
    steps: Sequence[Step] = ()
    writes: Sequence[Write] = ()
    lines: Mapping[Spot, Sequence[str]] = field(default_factory=dict)
    left_over: Sequence[str] = ()
    workers: Sequence[int] = ()
    finals: Mapping[str, Final] = field(default_factory=dict)
    blocks: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """The block of each node, by execution and node."""


_EXECUTIONS = """
SELECT id, status, seq, error::text AS error, parent_id, cancel_requested_at IS NOT NULL AS cancelled FROM executions
"""
_NODES = """
SELECT v.id, n.node->>'id' AS name, n.node->>'block_id' AS block FROM graph_versions v,
    json_array_elements(v.snapshot::json->'nodes') WITH ORDINALITY AS n(node, position) ORDER BY v.id, n.position
"""
_FIRINGS = """
SELECT f.execution_id, e.version_id, f.node, f.index, f.outcome, f.seq_end, f.inputs::text FROM node_executions f
JOIN executions e ON e.id = f.execution_id
"""
_VALUES = """
SELECT execution_id, node, index, ord - 1 AS k, (item->>0)::bigint AS seq FROM node_executions,
    json_array_elements(outputs) WITH ORDINALITY AS i(item, ord) WHERE outputs IS NOT NULL
UNION ALL SELECT execution_id, node, index, k_first + ord - 1, (item->>0)::bigint FROM node_emissions,
    json_array_elements(items) WITH ORDINALITY AS i(item, ord)
ORDER BY seq
"""
_RECORDS = """
SELECT execution_id, seq_end AS seq FROM node_executions WHERE outcome NOT IN ('wait', 'unknown')
UNION ALL SELECT execution_id, seq FROM execution_events
"""
_LEFT = """
SELECT '{table}' AS place, t.execution_id FROM {table} t JOIN executions e ON e.id = t.execution_id
WHERE e.status NOT IN ('queued', 'running', 'waiting')
"""
_ANSWERS = "SELECT execution_id, wait_key, data::text FROM execution_answers"
_HOLDERS = ("queue", "leases", "timers", "held")
_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_name = ANY ($1)"


async def read_snapshot(view: View, lines: Path) -> Snapshot:
    """Read all of it; nothing may run any more."""
    executions = {
        str(row["id"]): ExecutionSeen(
            str(row["id"]), row["status"], row["seq"], row["error"], _text(row["parent_id"]), row["cancelled"]
        )
        for row in await view.fetch(_EXECUTIONS)
    }
    nodes: dict[UUID, list[tuple[str, str]]] = {}
    for row in await view.fetch(_NODES):
        nodes.setdefault(row["id"], []).append((row["name"], row["block"]))
    versions = {row["id"]: nodes[row["version_id"]] for row in await view.fetch("SELECT * FROM executions")}
    firings, journal = await _read_journal(view, versions)
    return Snapshot(
        executions=executions,
        firings=firings,
        journal=journal,
        steps=await _read_steps(view),
        writes=await _read_writes(view, versions),
        lines=read_lines(lines),
        left_over=await _read_left_over(view),
        workers=[row["id"] for row in await view.fetch("SELECT id FROM workers")],
        finals=await _read_finals(view, executions),
        blocks={(str(id), name): block for id, known in versions.items() for name, block in known},
    )


async def _read_journal(
    view: View, versions: Mapping[UUID, list[tuple[str, str]]]
) -> tuple[dict[Spot, FiringSeen], dict[str, list[int]]]:
    journal: dict[str, list[int]] = {}
    values: dict[tuple[UUID, int, int, int], int] = {}
    for row in await view.fetch(_VALUES):
        values[row["execution_id"], row["node"], row["index"], row["k"]] = row["seq"]
        journal.setdefault(str(row["execution_id"]), []).append(row["seq"])
    for row in await view.fetch(_RECORDS):
        journal.setdefault(str(row["execution_id"]), []).append(row["seq"])
    firings = {}
    for row in await view.fetch(_FIRINGS):
        id = row["execution_id"]
        refs = [one for item in inputs_from_json(json.loads(row["inputs"])) for one in _refs(item)]
        spot = str(id), versions[id][row["node"]][0], row["index"]
        sources = tuple((str(id), versions[id][node][0], index) for node, index, _ in refs)
        seqs = tuple(values.get((id, *ref)) for ref in refs)
        firings[spot] = FiringSeen(spot, row["outcome"], row["seq_end"], sources, seqs)
    return firings, journal


def _refs(item: int | Collected) -> list[tuple[int, int, int]]:
    """Return what one slot consumed as (node, index, number of the value)."""
    return [unpack(ref) for ref in item] if isinstance(item, Collected) else [unpack(item)]


async def _read_steps(view: View) -> list[Step]:
    rows = await view.fetch("SELECT *, extract(epoch FROM at)::float8 AS s FROM faults.statuses ORDER BY n")
    return [
        Step(str(row["execution_id"]), row["was"], row["status"], row["token"], row["worker"], row["s"]) for row in rows
    ]


async def _read_writes(view: View, versions: Mapping[UUID, list[tuple[str, str]]]) -> list[Write]:
    return [
        Write(
            (str(row["execution_id"]), versions[row["execution_id"]][row["node"]][0], row["index"]),
            row["was"],
            row["outcome"],
            row["seq_was"],
            row["seq_end"],
            row["worker"],
            row["backend"],
        )
        for row in await view.fetch("SELECT * FROM faults.firings ORDER BY n")
    ]


async def _read_left_over(view: View) -> list[str]:
    there = {row["table_name"] for row in await view.fetch(_TABLES, list(_HOLDERS))}
    found = []
    for table in _HOLDERS:
        if table in there:
            rows = await view.fetch(_LEFT.format(table=table))
            found += [f"{table} still holds {row['execution_id']}, which has ended" for row in rows]
    return found


async def _read_finals(view: View, executions: Mapping[str, ExecutionSeen]) -> dict[str, Final]:
    answers: dict[str, dict[str, Any]] = {}
    for row in await view.fetch(_ANSWERS):
        data = None if row["data"] is None else json.loads(row["data"])
        answers.setdefault(str(row["execution_id"]), {})[row["wait_key"]] = data
    keys: dict[str, str] = {}
    if await view.fetch(_TABLES, ["start_keys"]):
        rows = await view.fetch("SELECT request_key, execution_id FROM start_keys")
        keys = {str(row["execution_id"]): row["request_key"] for row in rows}
    return {id: Final(id, seen.status, keys.get(id), answers.get(id, {})) for id, seen in executions.items()}


def read_lines(path: Path) -> dict[Spot, list[str]]:
    """Return the keys that each firing has left, in order; a key begins with its execution's id."""
    found: dict[Spot, list[str]] = {}
    text = path.read_text() if path.exists() else ""
    assert not text or text.endswith("\n"), "the last line is cut"
    for line in text.splitlines():
        place, _, key = line.partition(" ")
        node, _, index = place.rpartition(":")
        found.setdefault((key.partition(":")[0], node, int(index)), []).append(key)
    return found


def _text(id: object) -> str | None:
    return None if id is None else str(id)
