"""The JSON shapes that programs read from `--json`; docs/reference/cli.md shows each. They only ever grow."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import orjson

from weft.executions.types import Execution
from weft.graphs.issues import Issue, Level

Json = dict[str, Any]


def write_json(document: Mapping[str, Any]) -> None:
    """Write the one object of a `--json` command to stdout."""
    write_bytes(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z))


def write_bytes(data: bytes) -> None:
    """Write all of `data` to stdout: an unbuffered one may take a part of it at a time."""
    rest = memoryview(data)
    while rest:
        rest = rest[sys.stdout.buffer.write(rest) or 0 :]
    sys.stdout.buffer.flush()


def execution_shape(execution: Execution, *, nodes: bool = True) -> Json:
    """Return an execution as `run` shows it; `nodes=False` is what lists show."""
    duration = execution.duration
    shape: Json = {
        "execution_id": str(execution.id),
        "graph_id": str(execution.graph_id),
        "version": execution.graph_version,
        "status": str(execution.status),
        "outputs": dict(execution.outputs),
        "error": None if execution.error is None else asdict(execution.error),
        "not_fired": [
            {"node_id": node.node_id, "label": node.label, "missing": list(node.missing)}
            for node in execution.not_fired
        ],
        "waiting": [
            {
                "node_id": wait.node_id or None,
                "label": wait.label or None,
                "kind": wait.kind,
                "until": None if wait.until is None else wait.until.isoformat(),
                "key": wait.key,
                "title": wait.title,
            }
            for wait in execution.waiting
        ],
    }
    if nodes:
        shape["nodes"] = [
            {
                "node_id": node.node_id,
                "label": node.label,
                "block": node.block,
                "status": str(node.status),
                "firings": node.firings,
                "attempts": node.attempts,
                "duration_ms": round(node.duration_ms, 3),
            }
            for node in execution.nodes
        ]
    shape["duration_ms"] = None if duration is None else round(duration * 1000, 3)
    return shape


def list_shape(executions: Sequence[Execution], *, next: str | None) -> Json:
    """Return a page of executions, without their nodes."""
    return {"items": [execution_shape(item, nodes=False) for item in executions], "next": next}


def validation_shape(issues: Sequence[Issue]) -> Json:
    """Return what `validate` says: `valid` can be stored, `runnable` can be run too."""
    levels = {issue.level for issue in issues}
    return {
        "valid": Level.REFUSED not in levels,
        "runnable": not levels & {Level.REFUSED, Level.BLOCKS_RUN},
        "issues": [issue.as_dict() for issue in issues],
    }
