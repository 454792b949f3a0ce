"""Where the program's own log goes: to stderr, warnings and worse unless asked for more."""

import logging
import sys
from importlib import metadata

from weft.logs import LogFormat, Masker, log_to
from weft.logs.setup import formatter_of
from weft.settings import Settings


def configure_logs(level: int = logging.WARNING) -> None:
    """Send log lines from `level` on to stderr, until the settings are read; stdout stays free for results."""
    log_to(level=level)


def configure_logs_by(settings: Settings, masker: Masker, *, service: bool = False) -> None:
    """Write log lines as the settings say, without the secrets that `masker` knows; `--verbose` asks for more than they do.

    Args:
        settings: Of this process.
        masker: The platform's, so that it knows all secrets in use.
        service: Whether this is a server or worker, whose lines are read by machines unless a terminal shows them.
    """
    unasked = LogFormat.JSON if service and not sys.stderr.isatty() else LogFormat.TEXT
    format = LogFormat(settings.logs.format or unasked)
    verbose = logging.getLogger().level == logging.DEBUG
    level = logging.DEBUG if verbose else logging.getLevelNamesMapping()[settings.logs.level.upper()]
    formatter = formatter_of(format, masker, service=settings.server.service_name, version=metadata.version("weft"))
    log_to(formatter, level=level)
