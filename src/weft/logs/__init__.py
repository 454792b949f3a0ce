"""What the program says of itself: structured lines with ids, and without secrets.

Modules write by `structlog.get_logger()`; where that goes is set up once, by `log_to` for the program and by
`lead_to_logging` where Weft is a library.
"""

from weft.logs.business import BusinessLogger
from weft.logs.formatting import StructuredFormatter, TextFormatter
from weft.logs.masking import Masker
from weft.logs.setup import LogFormat, lead_to_logging, log_to
from weft.logs.structured import StructuredLogger

__all__ = [
    "BusinessLogger",
    "LogFormat",
    "Masker",
    "StructuredFormatter",
    "StructuredLogger",
    "TextFormatter",
    "lead_to_logging",
    "log_to",
]
