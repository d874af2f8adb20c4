"""TURN credentials: their form, and that a real coturn takes them while they last and no others."""

import asyncio
import base64
import hashlib
import hmac
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import aioice
import pytest
from aioice import turn as client

from parlons.app.doctor_voice import _answers_stun
from parlons.kit.clock import Millis
from parlons.testing.processes import free_udp_port
from parlons.voice.edge.files import coturn
from parlons.voice.edge.settings import read_edge
from parlons.voice.edge.turn import TurnSettings, TurnWrong, credentials, ice_servers, read_turn
from tests.voice.edge.conftest import running
from tests.voice.edge.wire import PATIENCE

NOW = Millis(1_790_000_000_000)
URLS = "turn:turn.example:3478?transport=udp, turns:turn.example:5349,stun:turn.example:3478"


def test_credentials_are_what_coturn_computes() -> None:
    username, password = credentials("secret", "US1", NOW, 3600)
    assert username == "1790003600:US1"
    assert base64.b64decode(password) == hmac.new(b"secret", username.encode(), hashlib.sha1).digest()
    assert credentials("other", "US1", NOW, 3600)[1] != password


def test_what_a_browser_gets() -> None:
    settings = read_turn({"PARLONS_TURN_URLS": URLS, "PARLONS_TURN_SECRET": "secret"})
    stun, turn = ice_servers(settings, "US1", NOW)
    assert stun == {"urls": ["stun:turn.example:3478"]}
    assert turn["urls"] == ["turn:turn.example:3478?transport=udp", "turns:turn.example:5349"]
    assert turn["username"] == f"{NOW // 1000 + 8 * 3600}:US1"
    assert "secret" not in repr(settings)
    assert ice_servers(TurnSettings(), "US1", NOW) == []


@pytest.mark.parametrize(
    "environ",
    [
        {"PARLONS_TURN_URLS": "turn.example:3478"},
        {"PARLONS_TURN_URLS": "http://turn.example"},
        {"PARLONS_TURN_URLS": "turn:turn.example"},
        {"PARLONS_TURN_URLS": "turn:a b", "PARLONS_TURN_SECRET": "x"},
    ],
)
def test_wrong_settings(environ: dict[str, str]) -> None:
    with pytest.raises(TurnWrong, match="PARLONS_TURN_"):
        read_turn(environ)


@pytest.fixture
def relay() -> Iterator[int]:
    """A real coturn as our configuration has it; its port."""
    if shutil.which("turnserver") is None:
        pytest.skip("Debian's coturn is not installed here")
    port = free_udp_port()
    folder = Path(tempfile.mkdtemp(prefix="parlons-turn-"))
    settings = read_edge(
        "{public_address: 127.0.0.1, domain: sip.test, ports: {tls: 0, wss: 0}, workers: [{address: 127.0.0.1}],"
        f" turn: {{realm: sip.test, port: {port}}}}}"
    )
    (folder / "turnserver.conf").write_text(coturn(settings, "the shared secret"))
    line = ["turnserver", "-c", str(folder / "turnserver.conf"), "--no-tls", "--no-dtls", "--log-file", "stdout"]
    more = ["--allow-loopback-peers", "--userdb", str(folder / "db"), "--pidfile", str(folder / "pid")]
    try:
        with running([*line, *more], folder / "log") as process:
            deadline = time.monotonic() + PATIENCE
            while not _answers_stun(f"turn:127.0.0.1:{port}?transport=udp"):
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < deadline, (folder / "log").read_text()
            yield port
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def allocate(port: int, username: str, password: str) -> None:
    """Asks the server to relay, as a browser does."""
    transport, _ = await asyncio.wait_for(
        client.create_turn_endpoint(
            asyncio.DatagramProtocol, server_addr=("127.0.0.1", port), username=username, password=password
        ),
        PATIENCE,
    )
    transport.close()
    await asyncio.sleep(0)


async def test_a_real_server_takes_them_while_they_last(relay: int) -> None:
    now = Millis(int(time.time() * 1000))
    await allocate(relay, *credentials("the shared secret", "US1", now, 60))
    for username, password in (
        credentials("another secret", "US1", now, 60),
        credentials("the shared secret", "US1", Millis(now - 120_000), 60),
    ):
        with pytest.raises(aioice.stun.TransactionFailed):
            await allocate(relay, username, password)


def test_a_silent_server_is_seen() -> None:
    assert not _answers_stun(f"turn:127.0.0.1:{free_udp_port()}?transport=udp")
    assert not _answers_stun(f"turns:127.0.0.1:{free_udp_port()}")
