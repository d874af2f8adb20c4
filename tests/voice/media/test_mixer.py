"""One tick after the other, without a clock: how long sound is in a room, who hears whom, loss, plays, keys, recordings."""

import select
import socket
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from aiortp.codecs.g711 import PcmaCodec, PcmuCodec
from numpy.typing import NDArray

from parlons.kit.clock import wall_clock
from parlons.voice.media.builtin import sdp
from parlons.voice.media.builtin.legs import Frame, Leg
from parlons.voice.media.builtin.recording import Recording
from parlons.voice.media.builtin.sip_leg import SipLeg
from parlons.voice.media.builtin.studio import Studio
from parlons.voice.media.builtin.ticker import ROUNDS, Sockets

EVENTS = sdp.Codec(101, "TELEPHONE-EVENT", 8000)


class Bench:
    """A studio whose ticks are ours, with far sides that are plain sockets."""

    def __init__(self) -> None:
        self.studio, self.sockets = Studio(wall_clock), Sockets()
        self.now = 0.0
        self.fars: list[Far] = []

    def far(self, name: str, law: str = "PCMU", *, event: sdp.Codec | None = EVENTS) -> "Far":
        leg = SipLeg(name, "trunk", self.studio, self.studio.mixer.slots, state="talking", since=0, host="127.0.0.1")
        far = Far(leg, law, event)
        self.sockets.add(leg.sock.fileno(), leg.receive)
        self.studio.mixer.add(leg)
        self.fars.append(far)
        return far

    def room(self, *fars: "Far", room_id: str = "CF1") -> None:
        self.studio.create_room(room_id)
        for far in fars:
            self.studio.join(room_id, far.leg)

    def tick(self) -> None:
        self.now += 0.02
        self.sockets.read(self.now)
        self.studio.mixer.tick()

    def close(self) -> None:
        for far in self.fars:
            far.sock.close()
            far.leg.close()
        self.studio.close()
        self.sockets.close()


class Far:
    """A far side: says frames of one value, hears frames."""

    def __init__(self, leg: SipLeg, law: str, event: sdp.Codec | None) -> None:
        self.leg, self.number = leg, 0
        self.codec = PcmuCodec() if law == "PCMU" else PcmaCodec()
        self.kind = 0 if law == "PCMU" else 8
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.setblocking(False)
        target = self.sock.getsockname()
        leg.apply(sdp.Agreed(sdp.Codec(self.kind, law, 8000), event, target, target, False, True, True, False))
        leg.open = True

    def says(self, value: int, samples: int = 160, *, number: int | None = None) -> None:
        number = self.number if number is None else number
        self.number = number + 1
        payload = self.codec.encode(np.full(samples, value, np.int16).tobytes())
        packet = struct.pack("!BBHII", 0x80, self.kind, number & 0xFFFF, number * samples, 7) + payload
        self.sock.sendto(packet, ("127.0.0.1", self.leg.port))
        select.select([self.leg.sock], [], [], 10)  # the network of this machine may take its time

    def packet(self) -> bytes | None:
        try:
            return self.sock.recv(2_000)
        except BlockingIOError:
            return None

    def hears(self) -> int | None:
        """The value of the newest frame's middle; None: nothing came."""
        heard = None
        while (packet := self.packet()) is not None:
            heard = int(np.frombuffer(self.codec.decode(packet[12:]), np.int16)[80])
        return heard


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


def near(value: int | None, wanted: int) -> bool:
    return value is not None and abs(value - wanted) <= max(40, abs(wanted) // 12)  # two companded steps


@pytest.mark.parametrize("laws", [("PCMU", "PCMU"), ("PCMA", "PCMU"), ("PCMA", "PCMA")])
def test_sound_leaves_with_the_tick_that_finds_it(bench: Bench, laws: tuple[str, str]) -> None:
    one, other = bench.far("LG1", laws[0]), bench.far("LG2", laws[1])
    bench.room(one, other)
    for turn in range(50):
        one.says(1_000 + 100 * turn)
        other.says(-500)
        bench.tick()
        assert near(other.hears(), 1_000 + 100 * turn), turn
        assert near(one.hears(), -500)


def test_gains_sum_and_limit(bench: Bench) -> None:
    fars = [bench.far(f"LG{n}") for n in range(3)]
    bench.room(*fars)
    bench.studio.set_gain("CF1", "LG0", "LG2", 0.5)

    def turn(*values: int) -> list[int | None]:
        for far, value in zip(fars, values, strict=True):
            far.says(value)
        bench.tick()
        return [far.hears() for far in fars]

    heard = turn(1_000, 2_000, 4_000)
    assert [near(h, w) for h, w in zip(heard, (6_000, 5_000, 2_500), strict=True)] == [True] * 3
    heard = turn(30_000, 30_000, 1_000)
    assert near(heard[0], 31_000)
    assert near(heard[2], 32_124)  # the loudest mu-law can say


def test_rooms_of_every_size_at_once(bench: Bench) -> None:
    sizes, at = (1, 2, 2, 3, 5), 0
    rooms = []
    for size in sizes:
        fars = [bench.far(f"LG{at + n}") for n in range(size)]
        bench.room(*fars, room_id=f"CF{at}")
        rooms.append(fars)
        at += size
    alone = bench.far("LGx")
    for value, far in enumerate([*(far for fars in rooms for far in fars), alone], 1):
        far.says(100 * value)
    bench.tick()
    value = 0
    for fars in rooms:
        said = [100 * (value + n + 1) for n in range(len(fars))]
        for own, far in zip(said, fars, strict=True):
            assert near(far.hears(), sum(said) - own)
        value += len(fars)
    assert near(alone.hears(), 0)


def test_a_lost_frame_is_said_again_softer_then_silence(bench: Bench) -> None:
    one, other = bench.far("LG1"), bench.far("LG2")
    bench.room(one, other)
    heard = []
    for turn in range(12):
        if turn < 5:
            one.says(10_000)
        bench.tick()
        heard.append(other.hears() or 0)
    assert all(near(value, 10_000) for value in heard[:5])
    assert heard[5] > heard[6] > heard[7] > 500
    assert all(abs(value) < 50 for value in heard[8:])


@pytest.mark.parametrize("samples", [80, 240, 320, 480])
def test_packets_of_other_lengths(bench: Bench, samples: int) -> None:
    one, other = bench.far("LG1"), bench.far("LG2")
    bench.room(one, other)
    heard = []
    due = 0
    for turn in range(60):
        while due <= turn * 160:
            one.says(5_000, samples)
            due += samples
        bench.tick()
        heard.append(other.hears())
    assert all(near(value, 5_000) for value in heard[8:])


def test_a_flood_neither_holds_up_nor_is_heard(bench: Bench) -> None:
    one, other = bench.far("LG1"), bench.far("LG2")
    bench.room(one, other)
    one.says(5_000)
    bench.tick()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for turn in range(20):
            for number in range(ROUNDS // 2):
                stranger.sendto(struct.pack("!BBHII", 0x80, 0, number, 0, 9) + bytes(160), ("127.0.0.1", one.leg.port))
            one.says(5_000)
            bench.tick()
            assert near(other.hears(), 5_000), turn


def test_numbers_and_times_of_what_is_sent_have_no_gap(bench: Bench) -> None:
    one = bench.far("LG1")
    bench.studio.mixer.slots.packets["number"][one.leg.slot] = 65_530
    bench.studio.mixer.slots.packets["stamp"][one.leg.slot] = 0xFFFFFF00
    one.leg.send_digits("1")
    packets = []
    for _ in range(30):
        bench.tick()
        while (packet := one.packet()) is not None:
            packets.append(struct.unpack_from("!BBHII", packet))
    assert [p[2] for p in packets] == [65_531 + n & 0xFFFF for n in range(len(packets))]
    sounds = [p[3] for p in packets if p[1] & 0x7F == 0]
    assert sounds[0] == (0xFFFFFF00 + 9 * 160) & 0xFFFFFFFF
    assert len(packets) == 30 + 2


def test_who_does_not_want_sound_gets_none(bench: Bench) -> None:
    one, other = bench.far("LG1"), bench.far("LG2")
    bench.room(one, other)
    one.leg.open = False
    bench.studio.changed(one.leg)
    one.says(5_000)
    other.says(5_000)
    bench.tick()
    assert one.hears() is None
    assert near(other.hears(), 0)


class Quiet(Leg):
    """A leg of another kind: says one value, notes what it hears."""

    def __init__(self, studio: Studio, value: int) -> None:
        super().__init__("LGb", "browser", studio, state="talking")
        self.value = value
        self.heard: list[int] = []

    def pull(self) -> Frame | None:
        return None if self.value == 0 else np.full(160, self.value, np.int16)

    def push(self, frame: Frame) -> None:
        self.heard.append(int(frame[80]))

    def close(self) -> None: ...


def test_a_leg_of_another_kind(bench: Bench) -> None:
    one, other = bench.far("LG1"), Quiet(bench.studio, 3_000)
    bench.studio.mixer.add(other)
    bench.room(one)
    bench.studio.join("CF1", other)
    one.says(700)
    bench.tick()
    assert near(one.hears(), 3_000)
    assert near(other.heard[-1], 700)
    other.value = 0
    bench.tick()
    assert near(one.hears(), 0)


def test_a_recording_hears_left_and_right_through_changes(bench: Bench) -> None:
    one, two, three = (bench.far(f"LG{n}") for n in range(3))
    bench.room(one, two)
    blocks: list[NDArray[np.int16]] = []
    bench.studio.recorder.tick = lambda recordings, block: blocks.append(block[0, 80])  # type: ignore[method-assign]
    more: Any = {"max_ms": 60_000, "silence_ms": 0, "silence_on_digit": False}
    bench.studio.mixer.rooms["CF1"].recordings.append(Recording("RE1", "", left_leg_id="LG0", **more))

    def turn() -> tuple[int, int]:
        bench.studio.mixer.rooms["CF1"].changed = True
        bench.studio.mixer.touch()
        for far, value in ((one, 1_000), (two, 2_000), (three, 4_000)):
            far.says(value)
        bench.tick()
        return int(blocks[-1][0]), int(blocks[-1][1])

    def is_near(wanted: tuple[int, int]) -> bool:
        return all(near(got, want) for got, want in zip(turn(), wanted, strict=True))

    assert is_near((1_000, 2_000))
    bench.studio.join("CF1", three.leg)
    assert is_near((1_000, 6_000))
    two.leg.held = True
    assert is_near((1_000, 4_000))
    bench.studio.leave(one.leg)
    two.leg.held = False
    assert is_near((0, 6_000))
    for far in (two, three):
        bench.studio.leave(far.leg)
    assert is_near((0, 0))
