"""How a line of the program's log looks: one JSON object, or words for a terminal."""

import logging
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog

from weft.logs.masking import Masker
from weft.logs.plain import Plain, text_of

FIELDS = "fields"
"""Attribute of a record that holds the fields of a structured line."""
_LINE = 10_000
_TRACE = 20_000
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", FIELDS}
_KEYS = frozenset(
    {
        "timestamp",
        "level",
        "message",
        "logger",
        "module",
        "function",
        "line",
        "service",
        "version",
        "exception",
        "stack",
    }
)


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return what a record carries beside its words: ids that are bound, then its own fields, in this order."""
    fields = dict(structlog.contextvars.get_contextvars())
    fields.update((name, value) for name, value in vars(record).items() if name not in _OWN)
    fields.update(getattr(record, FIELDS, None) or {})
    return fields


def words_of(record: logging.LogRecord) -> str:
    """Return the message of a record; one whose arguments do not fit it is shown as it was written."""
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001  (a wrong line is worth reading too)
        return f"{record.msg} {record.args}"


class StructuredFormatter(logging.Formatter):
    """One JSON object on one line: time, level, message, where it was written, and all fields.

    A field that has the name of one of these keys gets `field_` in front. Texts stay readable in any language; what JSON
    cannot show is shown as text; an exception stands in `exception`, with its trace. Secrets are masked everywhere.

    Args:
        masker: Knows the secrets.
        service: Name of the program in each line; empty leaves it out.
        version: Its version; empty leaves it out.
    """

    def __init__(self, masker: Masker, *, service: str = "", version: str = "") -> None:
        super().__init__()
        self._masker = masker
        self._program = {key: value for key, value in (("service", service), ("version", version)) if value}

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        return orjson.dumps(self._document(record)).decode()

    def _document(self, record: logging.LogRecord) -> dict[str, Any]:
        masker = self._masker
        document: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "message": text_of(words_of(record), mask=masker, longest=masker.longest, most=_LINE),
            "logger": record.name,
            "module": record.module,
            "function": record.funcName,
            "line": record.lineno,
            **self._program,
        }
        plain = Plain(masker, longest=masker.longest)({str(name): value for name, value in fields_of(record).items()})
        document.update((f"field_{name}" if name in _KEYS else name, value) for name, value in plain.items())
        if record.exc_info or record.exc_text:
            document["exception"] = self._trace(record.exc_text or self.formatException(record.exc_info))  # type: ignore[arg-type]
        if record.stack_info:
            document["stack"] = self._trace(self.formatStack(record.stack_info))
        return document

    def _trace(self, text: str) -> str:
        """Return the end of a trace, where the error stands."""
        return text_of(self._masker(text)[-_TRACE:], most=_TRACE)


class TextFormatter(StructuredFormatter):
    """A line for people: `12:30:01 WARNING weft.worker: words  key=value …`, then the exception."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line, and its exception on more lines."""
        document = self._document(record)
        time = datetime.fromtimestamp(record.created).astimezone()
        parts = [f"{time:%H:%M:%S} {record.levelname} {record.name}: {_one_line(document['message'])}"]
        fields = [(name, value) for name, value in document.items() if name not in _KEYS]
        parts += [f" {name}={_one_line(value)}" for name, value in fields]
        parts += [f"\n{document[key]}" for key in ("exception", "stack") if key in document]
        return "".join(parts)


def _one_line(value: Any) -> str:
    """Return a value so that it neither breaks the line nor steers a terminal."""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if text.isprintable() else ascii(text)[1:-1] if text.isascii() else repr(text)[1:-1]
