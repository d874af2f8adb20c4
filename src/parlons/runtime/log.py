"""Structured logs: one JSON object a line. Personal data stands under keys that begin with `pii.` or not at all.

Those keys are dropped unless the operator turns them on. The text of a message (`event`) is a constant of the code, never
a value, so it cannot hold a name. Exceptions are logged by type and place, because their text may quote a row.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import orjson
import structlog

Fields = MutableMapping[str, Any]


def drop_personal(_logger: object, _method: str, fields: Fields) -> Fields:
    """Removes the fields that hold personal data."""
    for key in [key for key in fields if key.startswith("pii.")]:
        del fields[key]
    return fields


def describe_exception(_logger: object, _method: str, fields: Fields) -> Fields:
    """Replaces an exception by its type and the places it passed; its text is kept as `pii.message`."""
    error = fields.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        fields["exception"] = type(error).__name__
        fields["at"] = [f"{frame.filename.rpartition('/parlons/')[2]}:{frame.lineno}" for frame in frames[-8:]]
        fields["pii.message"] = str(error)
    return fields


def _json(fields: Any, **_: Any) -> str:
    return orjson.dumps(fields, default=str).decode()


def configure_logs(*, level: str = "info", personal: bool = False, to: TextIO | None = None) -> None:
    """Sets up logs for this process: JSON lines on standard error (or `to`); also those of libraries, without their arguments."""
    processors: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        describe_exception,
    ]
    if not personal:
        processors.append(drop_personal)
    structlog.configure(
        processors=[*processors, structlog.processors.JSONRenderer(serializer=_json)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(to or sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_Foreign()], level=logging.WARNING, force=True)


class _Foreign(logging.Handler):
    """Lines of libraries: where they come from and their template, whose arguments may hold personal data."""

    def emit(self, record: logging.LogRecord) -> None:
        fields: dict[str, Any] = {"library": record.name, "template": str(record.msg)[:200] if record.args else ""}
        fields["pii.message"] = record.getMessage()
        if record.exc_info:
            fields["exc_info"] = record.exc_info[1]
        log.log(max(record.levelno, logging.WARNING), "library.message", **fields)


log = cast("structlog.typing.FilteringBoundLogger", structlog.get_logger("parlons"))
"""The one logger. First argument: a constant name such as "journal.lost"; then keyed values, ids and numbers only."""
