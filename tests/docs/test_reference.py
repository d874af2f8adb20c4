"""The reference pages name what the code has: routes, codes, commands, variables, events, metrics."""

import re

import pytest
from prometheus_client import REGISTRY
from typer.main import get_command

from parlons.app.cli import app
from parlons.dispatch.events import EVENTS
from parlons.voice.calls.beside import EVENT as BESIDE
from parlons.voice.calls.events import EVENTS as CALL_EVENTS
from tests.docs.blocks import DOCS, ROOT
from tools.api_reference import api_page, errors_page

SOURCES = ROOT / "src/parlons"
REFERENCE = DOCS / "reference"


@pytest.mark.parametrize(("name", "page"), [("api.md", api_page), ("errors.md", errors_page)])
def test_written_pages_are_fresh(name: str, page) -> None:
    assert (REFERENCE / name).read_text() == page(), "run: python -m tools.api_reference"


def test_every_command_stands_on_its_page() -> None:
    page = (REFERENCE / "command-line.md").read_text()
    for name, command in get_command(app).commands.items():
        assert f"`parlons {name}" in page
        for option in (one for parameter in command.params for one in parameter.opts if one.startswith("--")):
            assert option in page or option == "--help", f"{name} {option}"


def test_every_variable_stands_on_the_page_of_the_command_line() -> None:
    page = (REFERENCE / "command-line.md").read_text()
    texts = [path.read_text() for path in [*SOURCES.rglob("*.py"), ROOT / "hatch_build.py"]]
    names = {name for text in texts for name in re.findall(r"\bPARLONS_[A-Z_]*[A-Z]\b", text)}
    internal = {"PARLONS_WEB_OUT", "PARLONS_TEST_DSN"}
    assert {name for name in names if name not in page} <= internal


def test_every_event_stands_on_the_page_of_the_socket() -> None:
    page = (REFERENCE / "socket.md").read_text()
    told = re.compile(
        r'"((?:conversation|message|note|draft|customer|touch|notice|user|me|firm|configuration)\.[a-z-]+)"'
    )
    rooms = ("accounts", "customers", "conversations", "reception", "app")
    published = {
        name
        for room in rooms
        for path in (SOURCES / room).rglob("*.py")
        for line in path.read_text().splitlines()
        if "audit.record(" not in line and "log." not in line
        for name in told.findall(line)
        if name != "configuration.yaml"  # a part of a backup
    }
    assert {"conversation.opened", "notice.added", "message.added"} <= published
    assert [name for name in sorted({*EVENTS, *CALL_EVENTS, BESIDE, *published}) if f"`{name}`" not in page] == []


def test_every_metric_stands_on_its_page() -> None:
    page = (REFERENCE / "metrics-and-logs.md").read_text()
    names = {
        metric.name + ("_total" if metric.type == "counter" else "")
        for metric in REGISTRY.collect()
        if metric.name.startswith("parlons_")
    }
    assert "parlons_replay_mismatches_total" in names
    assert [name for name in sorted(names) if f"`{name}`" not in page] == []
