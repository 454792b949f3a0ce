"""A firing's log: each line goes into the journal of its execution, and into the program's own log."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog

from weft.executions.firing import Lending
from weft.executions.lent_base import LogLevels
from weft.executions.ports import LogLine
from weft.executions.types import LogLevel
from weft.logs import Masker
from weft.logs.plain import Plain, text_of

MESSAGE_LIMIT = 10_000
FIELDS_LIMIT = 16_000
"""Signs of a line's message, and of all its fields together; what is beyond is cut."""


@dataclass(frozen=True, slots=True)
class LogRules:
    """What holds for the logs of all executions: which values are secrets, and how many lines one may have."""

    masker: Masker = field(default_factory=Masker)
    lines: int = 10_000


class Log(LogLevels):
    """The log of one attempt of one firing; no line of it ever fails a block."""

    def __init__(self, lending: Lending, rules: LogRules) -> None:
        self._rules = rules
        self._journal = lending.state.journal
        self._place = lending.firing.node, lending.firing.index, lending.attempt
        self._ids = {
            "execution_id": str(lending.state.claim.execution_id),
            "node_id": lending.program.node.id,
            "index": lending.firing.index,
            "attempt": lending.attempt,
        }
        self._log = structlog.get_logger("weft.block")

    def _write(self, level: LogLevel, event: str, fields: Mapping[str, Any]) -> None:
        masker = self._rules.masker
        message = text_of(event, mask=masker, longest=masker.longest, most=MESSAGE_LIMIT)
        plain = Plain(masker, longest=masker.longest, room=FIELDS_LIMIT)(fields) if fields else {}
        metadata = orjson.dumps(plain).decode() if plain else None
        self._journal.notes.say(LogLine(level, message, time.time(), *self._place, metadata), most=self._rules.lines)
        taken = {f"field_{name}" if name in _TAKEN else name: value for name, value in plain.items()}
        getattr(self._log, level)(message, **taken | self._ids)


_TAKEN = frozenset({"event", "exc_info", "stack_info", "execution_id", "node_id", "index", "attempt"})
