"""A real browser and a telephone hear each other through the engine, and so do two browsers; keys, new offers, TURN."""

import asyncio
import contextlib
import shutil
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from parlons.testing.engine_scene import Scene, scene
from parlons.testing.fake_sound import hears_tone
from parlons.testing.processes import free_udp_port
from parlons.voice.media.builtin.browser import BrowserLeg
from parlons.voice.media.builtin.browser_link import all_closed, ice_servers
from parlons.voice.media.builtin.legs import Leg
from parlons.voice.media.config import EngineConfig
from parlons.voice.media.events import DigitReceived, LegAnswered, LegEnded, LegQuality
from tests.voice.browser.chromium import MICROPHONE, connect, hears, pages
from tests.voice.contract.whole import whole
from tests.voice.media.far import TRUNKS, FarSide

HIDDEN = "hidden words"


@contextlib.asynccontextmanager
async def floor(folder: Path) -> AsyncIterator[Scene]:
    async with whole(folder) as driver, scene(driver) as made:  # type: ignore[arg-type]
        yield made


async def both_hear(page: Page, far: FarSide, tone: float, spoken: float = MICROPHONE) -> None:
    """The browser hears the telephone's tone, the telephone the browser's."""
    await far.says(tone)
    assert await hears(page, tone)
    for _ in range(100):
        if hears_tone(await far.hears(300), spoken):
            return
    pytest.fail("the telephone does not hear the browser")


async def test_a_browser_and_a_telephone_hear_each_other(tmp_path: Path) -> None:
    async with floor(tmp_path) as s, pages() as (page,):
        await connect(page, s.engine, "LGb")
        await s.event(LegAnswered, leg_id="LGb")
        one, far = await s.caller()
        await s.room_of(one, "LGb")
        await both_hear(page, far, 1_000)  # type: ignore[arg-type]
        (sent,) = await page.evaluate("stats('outbound-rtp')")
        codecs = {c["id"]: c["mimeType"] for c in await page.evaluate("stats('codec')")}
        assert codecs[sent["codecId"]] == "audio/PCMU"
        await s.until(
            lambda: any(
                isinstance(told, LegQuality) and told.leg_id == "LGb" and told.lost_percent < 5 and told.mos > 3.5
                for told in s.told
            ),
            within_ms=30_000, what="a good line",
        )  # fmt: skip


async def test_a_browser_that_offers_everything_is_answered_in_g711(tmp_path: Path) -> None:
    async with floor(tmp_path) as s, pages() as (page,):
        await connect(page, s.engine, "LGb", codecs=("opus", "red", "G722", "PCMU", "PCMA", "CN", "telephone-event"))
        one, far = await s.caller()
        await s.room_of(one, "LGb")
        await both_hear(page, far, 1_000)  # type: ignore[arg-type]


async def test_two_browsers_hear_each_other(tmp_path: Path) -> None:
    async with floor(tmp_path) as s, pages(2) as (agent, customer):
        await connect(agent, s.engine, "LGa")
        await connect(customer, s.engine, "LGc", tone=1_300)
        await s.room_of("LGa", "LGc")
        assert await hears(agent, 1_300)
        assert await hears(customer, MICROPHONE)
        assert not await hears(customer, 1_300, 500)


async def test_keys_of_a_browser_as_telephone_events_and_by_data_channel(tmp_path: Path) -> None:
    async with floor(tmp_path) as s, pages() as (page,):
        await connect(page, s.engine, "LGb")
        await page.evaluate("keys('15#')")
        for digit in "15#":
            pressed = await s.event(DigitReceived, leg_id="LGb")
            assert (pressed.digit, pressed.how) == (digit, "rtp")
        await page.evaluate("says('7*')")
        for digit in "7*":
            pressed = await s.event(DigitReceived, leg_id="LGb")
            assert (pressed.digit, pressed.how) == (digit, "channel")


async def test_a_reloaded_page_and_an_ice_restart_keep_the_leg_in_its_room(tmp_path: Path) -> None:
    async with floor(tmp_path) as s, pages() as (page,):
        await connect(page, s.engine, "LGb")
        one, far = await s.caller()
        await s.room_of(one, "LGb")
        await both_hear(page, far, 1_000)  # type: ignore[arg-type]
        await page.reload()
        await connect(page, s.engine, "LGb")
        await both_hear(page, far, 1_100)  # type: ignore[arg-type]
        sdp = await page.evaluate("offer(true)")
        await page.evaluate("takes", await s.engine.connect_browser("LGb", sdp))
        await both_hear(page, far, 1_200)  # type: ignore[arg-type]
        assert s.count(LegAnswered, leg_id="LGb") == 1
        assert not s.count(LegEnded)
        assert {leg.room_id for leg in (await s.engine.state()).legs} == {"CF1"}


async def test_a_browser_that_is_hung_up_notices(tmp_path: Path) -> None:
    async with floor(tmp_path) as s, pages() as (page,):
        await connect(page, s.engine, "LGb")
        await s.engine.hang_up("LGb")
        assert (await s.event(LegEnded, leg_id="LGb")).by == "us"
        await page.wait_for_function(
            "['disconnected', 'failed', 'closed'].includes(pc.connectionState)", timeout=60_000
        )


class Ear:
    """Hears what a leg tells."""

    def __init__(self) -> None:
        self.talks, self.gone = asyncio.Event(), asyncio.Event()

    def leg_talks(self, leg: Leg) -> None:
        self.talks.set()

    def leg_digit(self, leg: Leg, digit: str, how: str) -> None:
        pass

    def leg_gone(self, leg: Leg, **_: Any) -> None:
        self.gone.set()


async def test_a_phone_kept_warm_without_microphone_is_not_lost_and_a_closed_page_is() -> None:
    ear = Ear()
    leg = BrowserLeg("LGb", ear, lost_seconds=10)

    class Engine:
        async def connect_browser(self, _leg_id: str, sdp: str) -> str:
            return await leg.accept_offer(sdp)

    try:
        async with pages() as (page,):
            await connect(page, Engine(), "LGb", silent=True)
            await asyncio.wait_for(ear.talks.wait(), 20)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(ear.gone.wait(), 14)
            assert leg.pull() is None
            await page.evaluate("sender.replaceTrack(track)")
            async with asyncio.timeout(20):
                while (frame := leg.pull()) is None or abs(frame).max() < 1_000:  # noqa: ASYNC110 (as the tick does)
                    await asyncio.sleep(0.02)
        await asyncio.wait_for(ear.gone.wait(), 20)
    finally:
        leg.close()
        await all_closed()


@contextlib.asynccontextmanager
async def relay() -> AsyncIterator[int]:
    """coturn on a free port, with the shared secret."""
    if shutil.which("turnserver") is None:
        pytest.skip("no TURN server: apt-get install coturn")
    port = free_udp_port()
    process = await asyncio.create_subprocess_exec(
        *("turnserver", "-n", "--no-cli", "--no-tls", "--no-dtls", "--log-file=stdout", "--simple-log"),
        *("--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", f"--listening-port={port}", "--realm=parlons"),
        *("--allow-loopback-peers", "--use-auth-secret", f"--static-auth-secret={HIDDEN}", "--pidfile="),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await asyncio.to_thread(_answers, port)
        yield port
    finally:
        process.kill()
        await process.wait()


def _answers(port: int) -> None:
    """Asks (STUN binding, RFC 8489) until it answers."""
    question = bytes.fromhex("000100002112a442") + b"parlons-test"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.2)
        for _ in range(150):
            asking.sendto(question, ("127.0.0.1", port))
            with contextlib.suppress(OSError):
                if asking.recv(1500)[:2] == b"\x01\x01":
                    return
    raise AssertionError("no TURN server answers")


async def test_a_browser_that_may_only_use_the_relay_is_heard(tmp_path: Path) -> None:
    async with relay() as port, floor(tmp_path) as s, pages() as (page,):
        address = f"turn:127.0.0.1:{port}?user=agent&secret={HIDDEN}"
        await s.engine.configure(EngineConfig(trunks=TRUNKS, ice_servers=(address,)))
        (server,) = ice_servers([address], time.time())
        config = {
            "iceTransportPolicy": "relay",
            "iceServers": [
                {"urls": f"turn:127.0.0.1:{port}", "username": server.username, "credential": server.credential}
            ],
        }
        await connect(page, s.engine, "LGb", config=config)
        one, far = await s.caller()
        await s.room_of(one, "LGb")
        await both_hear(page, far, 1_000)  # type: ignore[arg-type]
        pairs = [p for p in await page.evaluate("stats('candidate-pair')") if p["state"] == "succeeded"]
        local = {c["id"]: c["candidateType"] for c in await page.evaluate("stats('local-candidate')")}
        assert {local[pair["localCandidateId"]] for pair in pairs} == {"relay"}
