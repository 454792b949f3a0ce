"""Where log lines go: set up once for a process."""

import logging
import sys
from collections.abc import MutableMapping
from enum import StrEnum
from typing import Any

import structlog

from weft.logs.formatting import FIELDS, StructuredFormatter, TextFormatter
from weft.logs.masking import Masker


class LogFormat(StrEnum):
    """How lines look."""

    JSON = "json"
    TEXT = "text"


class Stderr:
    """Whatever stderr is when a line is written; tests and progress displays put others in its place."""

    def write(self, text: str) -> int:
        """Write to the stderr there is now."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Flush the stderr there is now."""
        sys.stderr.flush()


def log_to(
    formatter: logging.Formatter | None = None,
    *,
    level: int = logging.WARNING,
) -> None:
    """Send all lines from `level` on to stderr, one way of formatting for all; stdout stays free for results.

    What was set up before is replaced, so each line is written once however often this is called.
    """
    stream: Any = Stderr()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter or TextFormatter(Masker()))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    structlog.configure(
        processors=[_to_record],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def formatter_of(
    format: LogFormat, masker: Masker, *, service: str = "", version: str = ""
) -> StructuredFormatter | TextFormatter:
    """Return the formatter of that name; words for a terminal leave out what the program is called."""
    if format is LogFormat.JSON:
        return StructuredFormatter(masker, service=service, version=version)
    return TextFormatter(masker)


def lead_to_logging() -> None:
    """Have log lines go to `logging`, below the name `weft`; nothing happens where structlog is set up already."""
    if structlog.is_configured():
        return
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["event"], drop_missing=True),
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def _to_record(_: Any, __: str, event: MutableMapping[str, Any]) -> tuple[tuple[str], dict[str, Any]]:
    """Return a structured line as arguments of a logger: its fields under one name, where none hides a record's own."""
    words = str(event.pop("event", ""))
    given = {name: event.pop(name) for name in ("exc_info", "stack_info") if name in event}
    return (words,), {"extra": {FIELDS: dict(event)}, **given}
