"""Structured logs on standard error: lines for people (console) or for machines (JSON)."""

import logging
import sys
from typing import Any

import structlog

from core.settings import Settings

# A line of a log is one line whatever a reader puts into a path (OWASP: log injection).
_SHARED: tuple[Any, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def start_logging(settings: Settings) -> None:
    """Send every log record, ours and the libraries', to standard error in the chosen format."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers(settings)],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    for name in ("uvicorn", "uvicorn.error", "alembic"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    for name in ("alembic", "asyncio"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def logger(name: str) -> Any:
    """The logger of a module: `logger(__name__).info("published", account="demo")`."""
    return structlog.stdlib.get_logger(name)


def _renderers(settings: Settings) -> tuple[Any, ...]:
    if settings.log_format == "json":
        return (structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False))
    return (structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),)
