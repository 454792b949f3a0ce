"""A logger whose lines carry fields."""

import logging
from typing import Any

from weft.logs.formatting import FIELDS, StructuredFormatter
from weft.logs.masking import Masker
from weft.logs.setup import Stderr


class _OwnHandler(logging.StreamHandler[Any]):
    """The one handler of a structured logger; its type is how it is found again."""


class StructuredLogger:
    """Writes JSON lines with fields to stderr, from level INFO on.

    However many of one name are made, each line is written once; the last formatter given is the one in use.

    Args:
        name: Name of the logger.
        formatter: Knows service, version and secrets.
    """

    def __init__(self, name: str, formatter: logging.Formatter | None = None) -> None:
        self._logger = logging.getLogger(name)
        self._logger.setLevel(logging.INFO)
        self._logger.propagate = False
        handlers = [one for one in self._logger.handlers if isinstance(one, _OwnHandler)]
        if not handlers:
            handlers = [_OwnHandler(Stderr())]
            self._logger.addHandler(handlers[0])
            handlers[0].setFormatter(StructuredFormatter(Masker()))
        if formatter is not None:
            handlers[0].setFormatter(formatter)

    def info(self, message: str, **fields: Any) -> None:
        """Write a line about something that happened."""
        self._write(logging.INFO, message, fields)

    def warning(self, message: str, **fields: Any) -> None:
        """Write a line about something odd."""
        self._write(logging.WARNING, message, fields)

    def error(self, message: str, **fields: Any) -> None:
        """Write a line about something that went wrong; with `exc_info=True`, and the exception being handled."""
        self._write(logging.ERROR, message, fields)

    def _write(self, level: int, message: str, fields: dict[str, Any]) -> None:
        exc_info = fields.pop("exc_info", None)
        self._logger.log(level, "%s", message, exc_info=exc_info, extra={FIELDS: fields}, stacklevel=3)
