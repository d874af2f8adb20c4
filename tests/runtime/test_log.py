"""Logs: one JSON object a line; nobody's name, message or address in it, also not by way of an exception or a library."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import structlog

from parlons.runtime.log import configure_logs, log


@pytest.fixture
def written() -> Iterator[StringIO]:
    """What a process prints."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    output = StringIO()
    configure_logs(to=output)
    yield output
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(output: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.getvalue().splitlines()]


def test_personal_fields_are_dropped(written: StringIO) -> None:
    log.info("message.added", message_id="IM1", **{"pii.text": "Zoë, 06 12"})
    (line,) = lines(written)
    assert (line["event"], line["message_id"], line["level"]) == ("message.added", "IM1", "info")
    assert "Zoë" not in written.getvalue()


def test_personal_fields_can_be_turned_on(written: StringIO) -> None:
    configure_logs(personal=True, to=written)
    log.info("message.added", **{"pii.text": "Zoë"})
    assert lines(written)[0]["pii.text"] == "Zoë"


def test_an_exception_tells_its_type_and_place_not_its_text(written: StringIO) -> None:
    try:
        raise ValueError("Key (email)=(zoe@example.org) already exists")
    except ValueError:
        log.exception("request.failed")
    (line,) = lines(written)
    assert line["exception"] == "ValueError"
    assert line["at"]
    assert "zoe@example.org" not in written.getvalue()


def test_a_librarys_line_keeps_its_template_only(written: StringIO) -> None:
    library = logging.getLogger("some.library")
    library.warning("could not deliver to %s", "zoe@example.org")
    library.error("no zoe@example.org here")
    first, second = lines(written)
    assert (first["library"], first["template"]) == ("some.library", "could not deliver to %s")
    assert second["level"] == "error"
    assert "zoe@example.org" not in written.getvalue()
