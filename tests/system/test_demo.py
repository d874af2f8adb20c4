"""The demo as people start it: practice customers write on every channel, practice agents answer, the command line counts it."""

import asyncio
import json
import shlex
import socket
from dataclasses import replace
from pathlib import Path

import yaml
from typer.testing import CliRunner

from parlons.app import cli, demo_channels
from parlons.app.process import text_of
from parlons.testing.processes import Running, data_folder

LIVELY = {
    "PARLONS_DEMO_ACTORS": "", "PARLONS_DEMO_PACE": "8", "PARLONS_DEMO_PER_MINUTE": "2",
    "PARLONS_DEMO_CALLS_PER_MINUTE": "0", "PARLONS_DEMO_MESSAGES_PER_MINUTE": "1",
}  # fmt: skip
PATIENCE = 180.0
"""Seconds on a machine that does much else; alone it is alive within 30 at the pace of life."""


def status(server: Running) -> dict[str, dict[str, int]]:
    """What `parlons demo status --json` counts by channel."""
    line = server.wait_for("export PARLONS_URL=")  # as people copy it into another terminal
    environ = dict(word.split("=", 1) for word in shlex.split(line)[1:])
    told = CliRunner().invoke(cli.app, ["demo", "status", "--json"], env=environ)
    assert told.exit_code == 0, told.output
    counted: dict[str, dict[str, int]] = json.loads(told.output)["channels"]
    return counted


async def test_every_channel_comes_alive() -> None:
    named = {one["channel"] for one in yaml.safe_load(text_of("demo_channels.yaml"))["channels"]}
    assert named == {
        "email",
        "sms",
        "telegram",
        "whatsapp",
        "messenger",
        "instagram",
        "matrix",
        "webhook",
        "facebook",
        "x",
    }
    with data_folder() as data, Running(data, play="demo", environ=LIVELY) as server:
        counted: dict[str, dict[str, int]] = {}
        try:
            async with asyncio.timeout(PATIENCE):
                while not counted or not all(one["in"] and one["out"] for one in counted.values()):
                    await asyncio.sleep(0.5)
                    counted = await asyncio.to_thread(status, server)
        except TimeoutError:
            raise AssertionError(f"not alive: {counted}") from None
        assert counted.keys() == named | {"webchat"}


def test_ports_are_kept_and_a_taken_one_is_chosen_anew(tmp_path: Path) -> None:
    first = demo_channels.ports_of(tmp_path)
    assert len({first.web, first.carrier, first.post, first.mail}) == 4
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", first.post))
        other.listen()
        second = demo_channels.ports_of(tmp_path)
    assert second.post != first.post
    assert replace(second, post=first.post) == first
    assert demo_channels.ports_of(tmp_path) == second
