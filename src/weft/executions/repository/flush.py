"""A flush: one statement that writes the records of all executions of a worker, and its arguments.

One statement is one transaction and one round trip. `mine` locks the lease rows in order of id and keeps those whose token is
still ours; every insert joins it, so a stale owner writes nothing. An insert's row number `e` names its execution by position
in the arrays `$1` and `$2`. Where blocks wrote into the log or something was measured, the statement holds two inserts more.

Numbers and short texts travel as array literals: the driver looks at each element of a list twice before it encodes it,
which for a firing's twenty columns took longer than everything else the engine does with it. Long texts travel as lists.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from weft.executions.ports import Batch

_STATUS_OF_OUTCOME = (
    "CASE r.outcome WHEN 'ok' THEN 'completed' WHEN 'skipped' THEN 'completed' WHEN 'wait' THEN 'waiting'"
    " WHEN 'unknown' THEN 'waiting' WHEN 'timeout' THEN 'timeout' WHEN 'cancelled' THEN 'cancelled' ELSE 'failed' END"
)
_RECORDS = f"""
WITH want AS (SELECT * FROM unnest($1::uuid[], $2::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::bigint[],
            $42::bytea[])
        WITH ORDINALITY AS w(id, token, seq, status, error, report, cost, snapshot, e)),
 mine AS MATERIALIZED (SELECT w.*, l.user_id FROM leases l JOIN want w ON l.execution_id = w.id AND l.token = w.token
        WHERE l.worker = $3 ORDER BY l.execution_id FOR NO KEY UPDATE OF l),
 n AS (INSERT INTO node_executions (execution_id, user_id, node, index, seq_end, outcome, status, attempt, started_at,
            ended_at, inputs, outputs, error, cost, wait)
        SELECT m.id, m.user_id, r.node, r.index, r.seq_end, r.outcome, {_STATUS_OF_OUTCOME}, r.attempt,
            to_timestamp(r.started_at), to_timestamp(r.ended_at), r.inputs::json, r.outputs::json, r.error::json, r.cost,
            r.wait::json
        FROM unnest($9::text::int[], $10::text::int2[], $11::text::int[], $12::text::bigint[], $13::text::text[],
            $14::text::int2[], $15::text::float8[], $16::text::float8[], $17::text::text[], $18::text[], $19::text[],
            $20::text::bigint[], $21::text[])
            AS r(e, node, index, seq_end, outcome, attempt, started_at, ended_at, inputs, outputs, error, cost, wait)
        JOIN mine m ON m.e = r.e
        ON CONFLICT (execution_id, node, index) DO UPDATE SET seq_end = excluded.seq_end, outcome = excluded.outcome,
            status = excluded.status, attempt = excluded.attempt, ended_at = excluded.ended_at, outputs = excluded.outputs,
            error = excluded.error, cost = excluded.cost, wait = excluded.wait),
"""
_STREAMS = """ c AS (INSERT INTO node_emissions (execution_id, user_id, seq_first, node, index, k_first, attempt, items)
        SELECT m.id, m.user_id, r.seq_first, r.node, r.index, r.k_first, r.attempt, r.items::json
        FROM unnest($22::text::int[], $23::text::bigint[], $24::text::int2[], $25::text::int[], $26::text::int[],
            $27::text::int2[], $28::text[])
            AS r(e, seq_first, node, index, k_first, attempt, items)
        JOIN mine m ON m.e = r.e ON CONFLICT DO NOTHING),
 v AS (INSERT INTO execution_events (execution_id, user_id, seq, kind, node, index, key, data)
        SELECT m.id, m.user_id, r.seq, r.kind, r.node, r.index, r.key, r.data::json
        FROM unnest($29::text::int[], $30::text::bigint[], $31::text::text[], $32::text::int2[], $33::text::int[],
            $34::text::text[], $35::text[])
            AS r(e, seq, kind, node, index, key, data)
        JOIN mine m ON m.e = r.e ON CONFLICT DO NOTHING),
 a AS (UPDATE execution_answers x SET taken = true
        FROM unnest($29::text::int[], $31::text::text[], $34::text::text[]) AS r(e, kind, key) JOIN mine m ON m.e = r.e
        WHERE r.kind = 'answer' AND x.execution_id = m.id AND x.wait_key = r.key),
 p AS (INSERT INTO payloads (user_id, hash, codec, size, bytes)
        SELECT DISTINCT ON (m.user_id, r.hash) m.user_id, r.hash, 0, length(r.bytes), r.bytes
        FROM unnest($36::text::int[], $37::bytea[], $38::bytea[]) AS r(e, hash, bytes) JOIN mine m ON m.e = r.e
        ORDER BY m.user_id, r.hash ON CONFLICT DO NOTHING),
 t AS (INSERT INTO timers (run_at, execution_id, wait_key, user_id)
        SELECT r.due, m.id, r.wait_key, m.user_id
        FROM unnest($39::text::int[], $40::timestamptz[], $41::text[]) AS r(e, due, wait_key) JOIN mine m ON m.e = r.e
        ON CONFLICT DO NOTHING),
"""
_ENDS = """ d AS (DELETE FROM leases l USING mine m WHERE l.execution_id = m.id AND m.status IS NOT NULL),
 o AS (DELETE FROM timers t USING mine m WHERE t.execution_id = m.id AND m.status IS NOT NULL),
 x AS (UPDATE execution_data d SET report = m.report::json FROM mine m
        WHERE d.execution_id = m.id AND m.report IS NOT NULL)
"""
# A batch that is sent again after a lost answer finds its `seq` in the row already, or no lease any more: nothing adds up twice.
_NOTES = """,
 g AS (INSERT INTO execution_logs (execution_id, user_id, seq, number, level, message, at, node, index, attempt, metadata)
        SELECT m.id, m.user_id, r.seq, r.number, r.level, r.message, to_timestamp(r.at), r.node, r.index, r.attempt,
            r.metadata::json
        FROM unnest($43::text::int[], $44::text::bigint[], $45::text::int[], $46::text::text[], $47::text[],
            $48::text::float8[], $49::text::int2[], $50::text::int[], $51::text::int2[], $52::text[])
            AS r(e, seq, number, level, message, at, node, index, attempt, metadata)
        JOIN mine m ON m.e = r.e ON CONFLICT DO NOTHING),
 k AS (INSERT INTO execution_metrics AS k (execution_id, user_id, node, name, value, unit)
        SELECT m.id, m.user_id, r.node, r.name, r.value, r.unit
        FROM unnest($53::text::int[], $54::text::int2[], $55::text::text[], $56::text::float8[], $57::text::text[])
            AS r(e, node, name, value, unit)
        JOIN mine m ON m.e = r.e JOIN executions x ON x.id = m.id AND (x.seq < m.seq OR m.status IS NOT NULL)
        ON CONFLICT (execution_id, node, name) DO UPDATE SET value = k.value + excluded.value, at = clock_timestamp())
"""
_EXECUTIONS = """
UPDATE executions e SET seq = m.seq, claims_without_progress = 0,
    cost_micro = e.cost_micro + CASE WHEN e.seq < m.seq THEN m.cost ELSE 0 END,
    status = coalesce(m.status, e.status),
    snapshot = CASE WHEN m.status IS NULL THEN coalesce(m.snapshot, e.snapshot) END,
    error = coalesce(m.error::json, e.error),
    worker = CASE WHEN m.status IS NULL THEN e.worker END,
    ended_at = CASE WHEN m.status IS NOT NULL THEN clock_timestamp() END
FROM mine m WHERE e.id = m.id RETURNING e.id
"""
_STREAMS_BEGIN, _STREAMS_END = 22, 41
"""The placeholders of `_STREAMS`."""


def _without_streams(statement: str) -> str:
    """Return a statement that leaves out `_STREAMS`, its placeholders numbered without a gap."""
    gap = _STREAMS_END + 1 - _STREAMS_BEGIN
    return re.sub(r"\$(\d+)", lambda found: f"${n - gap if (n := int(found[1])) > _STREAMS_END else n}", statement)


# By whether there is more than firings that began and ended, and whether there are lines or numbers.
_FLUSH = {
    (True, True): _RECORDS + _STREAMS + _ENDS + _NOTES + _EXECUTIONS,
    (True, False): _RECORDS + _STREAMS + _ENDS + _EXECUTIONS,
    (False, True): _without_streams(_RECORDS + _ENDS + _NOTES + _EXECUTIONS),
    (False, False): _without_streams(_RECORDS + _ENDS + _EXECUTIONS),
}


def statement_of(batches: Sequence[Batch], worker: int) -> tuple[str, list[Any]]:
    """Return the statement that writes the batches, and its arguments in the order of its placeholders.

    What most flushes have none of is left out of theirs: even two empty inserts take the database longer than the
    records of a firing.
    """
    nodes: list[tuple[Any, ...]] = []
    chunks: list[tuple[Any, ...]] = []
    events: list[tuple[Any, ...]] = []
    payloads: list[tuple[Any, ...]] = []
    timers: list[tuple[Any, ...]] = []
    lines: list[tuple[Any, ...]] = []
    metrics: list[tuple[Any, ...]] = []
    for e, batch in enumerate(batches, start=1):
        nodes += [(e, *row) for row in batch.nodes]
        chunks += [(e, *row) for row in batch.chunks]
        events += [(e, *row) for row in batch.events]
        payloads += [(e, *row) for row in batch.payloads]
        timers += [(e, *row) for row in batch.timers]
        lines += [(e, *row) for row in batch.lines]
        metrics += [(e, *row) for row in batch.metrics]
    streams = bool(chunks or events or payloads or timers)
    notes = bool(lines or metrics)
    arguments = [
        [batch.execution_id for batch in batches],
        [batch.token for batch in batches],
        worker,
        [batch.seq for batch in batches],
        *(_sparse([getattr(batch, name) for batch in batches]) for name in ("status", "error", "report")),
        [batch.cost_micro for batch in batches],
        *_columns(_last_of_each(nodes), "nnnntnnnt--n-"),
    ]
    if streams:
        arguments += _columns(chunks, "nnnnnn-") + _columns(events, "nntnnt-")
        arguments += _columns(payloads, "n--") + _columns(timers, "n--")
    arguments.append(_sparse([batch.snapshot for batch in batches]))
    if notes:
        arguments += _columns(lines, "nnnt-nnnn-") + _columns(metrics, "nntnt")
    return _FLUSH[streams, notes], arguments


def _columns(rows: Sequence[tuple[Any, ...]], kinds: str) -> list[Any]:
    """Return the rows turned into columns.

    Args:
        rows: Tuples of equal length.
        kinds: A letter for each column: `n` numbers and `t` short texts become array literals, `-` stays a list.
    """
    columns = zip(*rows, strict=True) if rows else [()] * len(kinds)
    return [_ENCODE[kind](column) for kind, column in zip(kinds, columns, strict=True)]


def _numbers(column: Sequence[float | None]) -> str:
    text = ",".join(map(str, column))
    return f"{{{text.replace('None', 'NULL')}}}"


def _texts(column: Sequence[str | None]) -> str:
    return f"{{{','.join(map(_quoted, column))}}}"


def _quoted(text: str | None) -> str:
    if text is None:
        return "NULL"
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _sparse(column: Sequence[Any]) -> Sequence[Any]:
    """Return the column, empty if it holds nothing: `unnest` fills up with nulls."""
    return column if any(value is not None for value in column) else ()


_ENCODE: dict[str, Callable[[Sequence[Any]], Any]] = {"n": _numbers, "t": _texts, "-": _sparse}


def _last_of_each(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Fold rows of one firing (it waited and ended in one flush) into the last one, or one statement would touch it twice."""
    unique = {(row[0], row[1], row[2]): row for row in rows}
    return rows if len(unique) == len(rows) else list(unique.values())
