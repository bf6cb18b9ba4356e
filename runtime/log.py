"""Logging: one event a line, as JSON, or readable where a person looks on.

An event is a name and ids: `log.info("release_published", incident=…, channel=…)`. Texts, names
and reasons never go here. Exceptions are logged by their types and places alone, because their
messages quote what they could not digest.
"""

from __future__ import annotations

import errno
import logging
import sys
import traceback
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from structlog.stdlib import BoundLogger
    from structlog.typing import EventDict, Processor, WrappedLogger

NOISY = ("httpx2", "httpcore2", "asyncio")
"""Libraries whose everyday lines say nothing that an event of ours does not."""
_PROCESS = "incident-"
_BESIDE = {"run": "run_id", "activity": "activity_type", "attempt": "attempt"}
DEEPEST = 12
"""Frames of a traceback that are logged, counted from where it was raised."""


def configure_logging(level: str) -> None:
    """Send all logging of this process to stderr, from `level` (`debug`, `info`, `warning`, `error`) on."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        describe_exceptions,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[keep_first_line, name_source, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer()],
        )
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught


def get_logger(name: str) -> BoundLogger:
    """The logger of a module. It may be made before logging is configured."""
    logger: BoundLogger = structlog.get_logger(name)
    return logger


def keep_first_line(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Shorten what a library says to its first line: those that follow print objects with what they hold."""
    event["event"] = str(event["event"]).partition("\n")[0]
    return event


def incident_of(workflow_id: str | None) -> dict[str, str]:
    """The incident whose process has this id, as a line names it; nothing for any other."""
    id_ = (workflow_id or "").removeprefix(_PROCESS)
    return {"incident": id_} if id_ and id_ != workflow_id else {}


def name_source(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The incident, run and activity that Temporal's own lines are about, from what stands beside their words."""
    record = event.get("_record")
    about = getattr(record, "temporal_workflow", None) or getattr(record, "temporal_activity", None)
    if about is None:
        about = getattr(getattr(record, "temporal_log", None), "fields", {})
    named = {name: about[of] for name, of in _BESIDE.items() if of in about}
    event.update(incident_of(about.get("workflow_id")), **named)
    return event


def describe_exceptions(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace `exc_info` by the types of the exception and its causes, and where each was raised."""
    given = event.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    if isinstance(error, BaseException):
        event["exception"] = [_describe(link) for link in _chain(error)]
    return event


def _renderer() -> Processor:
    if sys.stderr.isatty():
        return structlog.dev.ConsoleRenderer()
    return structlog.processors.JSONRenderer(ensure_ascii=False)


def _describe(error: BaseException) -> dict[str, str | Sequence[str]]:
    kind = type(error)
    frames = traceback.extract_tb(error.__traceback__)[-DEEPEST:]
    places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    code = _code_of(error)
    return {"type": f"{kind.__module__}.{kind.__qualname__}", **({"code": code} if code else {}), "at": places}


def _code_of(error: BaseException) -> str | None:
    """What the system, PostgreSQL or Temporal call it: safe to log, unlike what they say of it."""
    if isinstance(error, OSError) and error.errno is not None:
        return errno.errorcode.get(error.errno, str(error.errno))
    sqlstate = getattr(error, "sqlstate", None)
    if isinstance(sqlstate, str):
        return sqlstate
    status = getattr(error, "status", None)
    return status.name if isinstance(status, Enum) else None


def _chain(error: BaseException) -> list[BaseException]:
    """The exception and what caused it, the outermost first."""
    links: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in links:
        links.append(link)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return links


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    get_logger(__name__).error("uncaught_exception", exc_info=(kind, error, trace))
