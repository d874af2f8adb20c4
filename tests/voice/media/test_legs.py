"""SIP legs on real sockets: codecs both ways, keys in and out, loss and jitter, other people's packets, delay, quality."""

import asyncio
import itertools
import random
import re
import socket
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parlons.testing.engine_scene import Scene, scene
from parlons.testing.fake_sound import hears_tone, loudness
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
    at_far, at_plain = await s.ears(far, plain, ms=400)
    assert loudness(at_far[800:], 800) == pytest.approx(10_000, rel=0.1)
    assert loudness(at_plain[800:], 500) == pytest.approx(10_000, rel=0.1)
    assert not hears_tone(at_far, 500)


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
    listening = asyncio.create_task(far.hears(400))
    await s.engine.send_digits(one, "5")
    heard = await listening
    assert hears_tone(heard, 770)
    assert hears_tone(heard, 1_336)


async def test_five_percent_loss_forty_ms_jitter_and_reordering(s: Scene, driver: BuiltinDriver) -> None:
    rng = random.Random(9)
    one, far = await talking(s, driver)
    other, plain = await talking(s, driver)
    far.rtp.lost = {n for n in range(5_000) if rng.random() < 0.05}
    far.rtp.delay = lambda number: rng.uniform(0, 0.04)
    await s.room_of(one, other)
    await far.says(500)
    await s.passes(1_000)
    heard = await plain.hears(2_000)
    frames = heard[: len(heard) // 160 * 160].reshape(-1, 160)
    audible = sum(loudness(frame, 500) > 3_000 for frame in frames)
    assert audible >= 0.93 * len(frames)
    assert loudness(heard, 500) > 5_000


async def test_a_stranger_s_packets_are_not_heard(s: Scene, driver: BuiltinDriver) -> None:
    one, far = await talking(s, driver)
    other, plain = await talking(s, driver)
    await s.room_of(one, other)
    await far.says(500)
    await s.passes(200)
    assert far.rtp.target
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.1", 0))
        for number in range(200):
            stranger.sendto(struct.pack("!BBHII", 0x80, 0, number, number * 160, 9) + b"\x10" * 160, far.rtp.target)
        heard = (await s.ears(plain))[0]
        assert loudness(heard, 500) == pytest.approx(10_000, rel=0.15)
        stranger.setblocking(False)
        with pytest.raises(BlockingIOError):
            stranger.recv(2_000)


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
    assert hears_tone((await s.ears(far))[0], 700)  # type: ignore[arg-type]
    far.rtp.speaks = False
    await s.passes(600)
    moved = await FarSide(driver.sips, "moved", "PCMU", 101).rtp.start()
    moved.target = target
    await s.passes(300)
    assert hears_tone(await moved.hears(300), 700)
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
    assert hears_tone((await s.ears(far))[0], 700)


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
            measured = await watched.until(
                lambda watched=watched, leg=leg: next(  # type: ignore[misc]
                    (e for e in watched.told if isinstance(e, LegQuality) and e.leg_id == leg and e.rtt_ms > 0), None
                ),
                what="a round trip",
            )
            assert measured.rtt_ms < 200
            assert measured.lost_percent < 5
            assert measured.mos > 3.5


def test_mos_falls_with_loss_jitter_and_delay() -> None:
    assert mos(0, 0, 0) > 4.3
    assert mos(0, 0, 0) > mos(1, 0, 0) > mos(5, 0, 0) > mos(20, 0, 0) > 1
    assert mos(0, 0, 0) > mos(0, 30, 0) > mos(0, 100, 300)
    assert mos(0, 0, 0) > mos(0, 0, 400) > mos(0, 0, 1_000) >= 1
    assert mos(100, 1_000, 5_000) == 1
