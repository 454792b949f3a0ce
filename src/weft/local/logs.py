"""Where log lines go when Weft is a library: to Python's `logging`, whose settings belong to the program."""

import structlog


def lead_to_logging() -> None:
    """Have log lines go to `logging`, below the name `weft`; nothing happens where structlog is set up already."""
    if structlog.is_configured():
        return
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["event"], drop_missing=True),
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
