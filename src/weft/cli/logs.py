"""Where the program's own log goes: to stderr, warnings and worse unless asked for more."""

import logging
import sys
from typing import Any, TextIO

import structlog


class _Stderr:
    """Whatever stderr is when a line is written; tests and progress displays put others in its place."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def configure_logs(level: int = logging.WARNING) -> None:
    """Send log lines from `level` on to stderr; stdout stays free for results."""
    stream: Any = _Stderr()
    logging.basicConfig(stream=stream, level=level, format="%(levelname)s %(name)s: %(message)s", force=True)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_print_logger,
        cache_logger_on_first_use=False,
    )


def _print_logger(*_: object) -> structlog.PrintLogger:
    stream: TextIO = sys.stderr
    return structlog.PrintLogger(stream)
