"""SIP legs on real sockets: codecs both ways, keys in and out, loss and jitter, other people's packets, delay, quality."""

import asyncio
import itertools
import random
import re
import socket
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from parlons.testing.engine_scene import PATIENCE_MS, Scene, scene
from parlons.testing.fake_sound import Samples, hears_tone, loudness
from parlons.voice.media.builtin import quality
from parlons.voice.media.builtin.quality import mos
from parlons.voice.media.engine import Caller, UriTarget
from parlons.voice.media.events import DigitReceived, Gathered, LegAnswered, LegIncoming, LegQuality
from tests.voice.media.far import BuiltinDriver, FarSide, builtin


@pytest.fixture
async def driver(tmp_path: Path) -> AsyncIterator[BuiltinDriver]:
    async with builtin(tmp_path) as made:
        yield made


@pytest.fixture
async def s(driver: BuiltinDriver) -> AsyncIterator[Scene]:
    async with scene(driver) as made:  # type: ignore[arg-type]
        yield made


async def talking(s: Scene, driver: BuiltinDriver, codec: str = "PCMU", event: int | None = 101) -> tuple[str, FarSide]:
    """Somebody with this codec called and was answered."""
    far = await driver.sips.calls(driver.engine.sip_port, codec=codec, event=event)
    leg_id = (await s.event(LegIncoming)).leg_id
    await s.engine.answer(leg_id)
    await s.event(LegAnswered, leg_id=leg_id)
    return leg_id, far


@pytest.mark.parametrize("codec", ["PCMA", "PCMU", "G722", "OPUS"])
async def test_every_codec_both_ways_in_one_room(s: Scene, driver: BuiltinDriver, codec: str) -> None:
    one, far = await talking(s, driver, codec)
    other, plain = await talking(s, driver, "PCMU")
    await s.room_of(one, other)
    await far.says(500)
    await plain.says(800)
    await in_full(s, plain, 500, rel=0.1)
    assert not hears_tone(await in_full(s, far, 800, rel=0.1), 500)


async def in_full(s: Scene, far: FarSide, tone: float, *, rel: float) -> Samples:
    """Listens until a tone is heard as loud as it was said, without a gap; what was heard then."""
    loudest = 0.0
    for _ in range(0, PATIENCE_MS, 400):
        heard = (await far.hears(400))[800:]
        loudest = loudness(heard, tone)
        if loudest == pytest.approx(10_000, rel=rel):
            return heard
    raise AssertionError(f"{tone} Hz was heard at {loudest}")


@pytest.mark.parametrize("codec", ["PCMA", "G722", "OPUS"])
async def test_keys_by_event(s: Scene, driver: BuiltinDriver, codec: str) -> None:
    one, far = await talking(s, driver, codec)
    await far.presses("0123456789*#ABCD")
    keys = [await s.event(DigitReceived, leg_id=one) for _ in range(16)]
    assert "".join(key.digit for key in keys) == "0123456789*#ABCD"
    assert {key.how for key in keys} == {"rtp"}


async def test_a_key_counts_once_when_most_of_its_packets_are_lost(s: Scene, driver: BuiltinDriver) -> None:
    _, far = await talking(s, driver)
    rng = random.Random(5)
    far.rtp.lost = {n for n in range(far.rtp.sent, far.rtp.sent + 2_000) if rng.random() < 0.4}
    await far.presses("1234567890")
    for _ in range(10):
        await s.event(DigitReceived)
    await s.passes(100)
    told = "".join(event.digit for event in s.told if isinstance(event, DigitReceived))
    assert told == "1234567890"


async def test_keys_as_tones_where_events_were_not_negotiated(s: Scene, driver: BuiltinDriver) -> None:
    one, far = await talking(s, driver, event=None)
    await s.engine.gather("GA1", one, max_digits=4, first_ms=20_000)
    await far.presses("15#")
    assert (await s.event(Gathered, gather_id="GA1")).digits == "15"
    assert {event.how for event in s.told if isinstance(event, DigitReceived)} == {"tone"}


async def test_tones_are_not_taken_for_keys_where_events_were_negotiated(s: Scene, driver: BuiltinDriver) -> None:
    _, far = await talking(s, driver)
    far.rtp.event, event = None, far.rtp.event
    await far.presses("159")
    far.rtp.event = event
    await far.presses("7")
    assert (await s.event(DigitReceived)).digit == "7"
    assert s.count(DigitReceived) == 1


async def test_keys_by_info(s: Scene, driver: BuiltinDriver) -> None:
    one, far = await talking(s, driver)
    assert far.call
    assert await far.call.info_digit("5")
    told = await s.event(DigitReceived, leg_id=one)
    assert (told.digit, told.how) == ("5", "info")


async def test_a_key_is_sent_as_rfc_4733_wants_it(s: Scene, driver: BuiltinDriver) -> None:
    one, far = await talking(s, driver)
    await far.rtp.frames(10)
    await s.engine.send_digits(one, "4#")
    await s.until(lambda: far.rtp.digits == "4#", what="keys")
    await far.rtp.frames(30)
    packets = far.rtp.packets
    first = [p for p in packets if p.kind == 101][:10]
    assert [p.payload[0] for p in first] == [4] * 10
    assert [p.marker for p in first] == [True] + [False] * 9
    assert len({p.stamp for p in first}) == 1
    assert [struct.unpack("!H", p.payload[2:])[0] for p in first] == [160 * n for n in range(1, 9)] + [1_280] * 2
    assert [p.payload[1] >> 7 for p in first] == [0] * 7 + [1] * 3
    assert [p.number for p in packets] == [packets[0].number + n & 0xFFFF for n in range(len(packets))]
    assert len({p.ssrc for p in packets}) == 1
    sounds = [p for p in packets if p.kind == 0]
    assert all((b.stamp - a.stamp) % 160 == 0 for a, b in itertools.pairwise(sounds))


async def test_a_key_is_sent_as_tones_where_events_were_not_negotiated(s: Scene, driver: BuiltinDriver) -> None:
    one, far = await talking(s, driver, event=None)
    await far.rtp.frames(10)
    far.rtp.heard.clear()
    await s.engine.send_digits(one, "5")

    def heard() -> bool:
        """In some 80 ms of it."""
        frames = [np.concatenate(far.rtp.heard[at : at + 4]) for at in range(len(far.rtp.heard) - 3)]
        return any(hears_tone(sound, 770) and hears_tone(sound, 1_336) for sound in frames)

    await s.until(heard, what="the tones")


async def test_five_percent_loss_forty_ms_jitter_and_reordering(s: Scene, driver: BuiltinDriver) -> None:
    rng = random.Random(9)
    one, far = await talking(s, driver)
    other, plain = await talking(s, driver)
    far.rtp.lost = {n for n in range(5_000) if rng.random() < 0.05}
    far.rtp.delay = lambda number: rng.uniform(0, 0.04)
    await s.room_of(one, other)
    await far.says(500)
    await s.passes(1_000)
    for _ in range(5):  # what this machine keeps waiting is not the network's doing
        heard = await plain.hears(2_000)
        frames = heard[: len(heard) // 160 * 160].reshape(-1, 160)
        audible = sum(loudness(frame, 500) > 3_000 for frame in frames)
        if audible >= 0.93 * len(frames) and loudness(heard, 500) > 5_000:
            return
    pytest.fail(f"{audible} of {len(frames)} frames were heard, at {loudness(heard, 500)}")


async def test_a_stranger_s_packets_are_not_heard(s: Scene, driver: BuiltinDriver) -> None:
    one, far = await talking(s, driver)
    other, plain = await talking(s, driver)
    await s.room_of(one, other)
    await far.says(500)
    await s.passes(200)
    assert far.rtp.target
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.1", 0))
        talking_on = asyncio.create_task(rambles(stranger, far.rtp.target))
        try:
            await s.passes(300)
            await in_full(s, plain, 500, rel=0.15)
        finally:
            talking_on.cancel()
        stranger.setblocking(False)
        with pytest.raises(BlockingIOError):
            stranger.recv(2_000)


async def rambles(stranger: socket.socket, target: tuple[str, int]) -> None:
    """Packets without end, each 20 ms ten of them."""
    for number in itertools.count():
        stranger.sendto(struct.pack("!BBHII", 0x80, 0, number & 0xFFFF, number * 160, 9) + b"\x10" * 160, target)
        if number % 10 == 0:
            await asyncio.sleep(0.02)


async def test_sound_follows_the_far_side_to_the_address_it_speaks_from(s: Scene, driver: BuiltinDriver) -> None:
    """Behind NAT the SDP names an address that leads nowhere; later the NAT gives another port."""
    far = FarSide(driver.sips, "nat", "PCMU", 101)
    await far.rtp.start()
    offer = re.sub(r"m=audio \d+", "m=audio 9", far.sdp)
    caller = await driver.sips.calls(driver.engine.sip_port, sdp=offer)
    leg_id = (await s.event(LegIncoming)).leg_id
    await s.engine.answer(leg_id)
    await s.event(LegAnswered, leg_id=leg_id)
    await s.engine.play("PL1", "leg", leg_id, [_tone(700)], loop=True)
    target, caller.rtp.speaks = caller.rtp.target, False
    far.rtp.target = target
    await s.hears(far, 700)
    far.rtp.speaks = False
    await s.passes(600)
    moved = await FarSide(driver.sips, "moved", "PCMU", 101).rtp.start()
    moved.target = target
    await s.hears(moved, 700)
    await far.rtp.stop()
    await moved.stop()


def _tone(frequency: float) -> object:
    from parlons.voice.media.engine import ToneSound

    return ToneSound((frequency,), 1_000)


@pytest.mark.parametrize(
    "junk", [b"", b"\x80", b"\x00" * 40, b"\x80\x00" + b"\xff" * 9, b"\xbf\x00" + b"\xff" * 300, b"\x80\xc8" * 40]
)
async def test_garbage_in_an_rtp_port_does_nothing(s: Scene, driver: BuiltinDriver, junk: bytes) -> None:
    one, far = await talking(s, driver)
    await s.engine.play("PL1", "leg", one, [_tone(700)], loop=True)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        assert far.rtp.target
        for _ in range(20):
            stranger.sendto(junk, far.rtp.target)
            stranger.sendto(junk, ("127.0.0.1", driver.engine.reports.port))
    await s.hears(far, 700)


async def test_two_engines_measure_each_other(
    s: Scene, driver: BuiltinDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quality, "ROUND_SECONDS", 0.5)
    async with builtin(tmp_path) as peer, scene(peer) as other:  # type: ignore[arg-type]
        await driver.engine.dial(
            "LG1", UriTarget(f"sip:+33155500000@127.0.0.1:{peer.engine.sip_port}"), caller=Caller("")
        )
        leg_id = (await other.event(LegIncoming)).leg_id
        await other.engine.answer(leg_id)
        await s.event(LegAnswered, leg_id="LG1")
        for watched, leg in ((s, "LG1"), (other, leg_id)):
            await watched.until(
                lambda watched=watched, leg=leg: any(  # type: ignore[misc]
                    isinstance(e, LegQuality) and e.leg_id == leg and is_well(e) for e in watched.told
                ),
                what="a round trip of a good line",
            )


def is_well(line: LegQuality) -> bool:
    return 0 < line.rtt_ms < 200 and line.lost_percent < 5 and line.mos > 3.5


def test_mos_falls_with_loss_jitter_and_delay() -> None:
    assert mos(0, 0, 0) > 4.3
    assert mos(0, 0, 0) > mos(1, 0, 0) > mos(5, 0, 0) > mos(20, 0, 0) > 1
    assert mos(0, 0, 0) > mos(0, 30, 0) > mos(0, 100, 300)
    assert mos(0, 0, 0) > mos(0, 0, 400) > mos(0, 0, 1_000) >= 1
    assert mos(100, 1_000, 5_000) == 1
