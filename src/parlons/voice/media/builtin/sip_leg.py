"""A leg that SIP set up: RTP on a socket of its own, read and written by the tick, without an event-loop callback per packet.

Received: G.711 stays a payload until the tick decodes every leg at once; other codecs are decoded here. Keys come as telephone
events (RFC 4733), or as tones where those were not negotiated. Sent: packets that stand ready in `Slots`. Sound goes where the
far side's sound comes from (RFC 4961); another source is believed only once the first has been silent for `SILENT_SOURCE`.
"""

import socket
from collections.abc import Callable
from struct import Struct

import numpy as np

from parlons.voice.media.builtin.codecs import FrameCodec, codec_named
from parlons.voice.media.builtin.dtmf import KeysHeard, KeysToSend, Step
from parlons.voice.media.builtin.g711 import A_LAW, MU_LAW
from parlons.voice.media.builtin.legs import FRAME, Frame, Leg, LegListener, Quality, State
from parlons.voice.media.builtin.playout import NOTHING, SKIP, Arrival, Playout
from parlons.voice.media.builtin.sdp import Address, Agreed
from parlons.voice.media.builtin.slots import Slots
from parlons.voice.media.builtin.tones import ToneEar
from parlons.voice.media.events import Kind

SILENT_SOURCE = 0.5
"""Seconds."""
_HEADER = Struct("!BBHII")
_scratch = bytearray(4096)
_seen = memoryview(_scratch)
LAWS = {"PCMU": MU_LAW, "PCMA": A_LAW}


def open_socket(host: str) -> socket.socket:
    """A non-blocking UDP socket on `host`, its port even where the system gives one within a few tries (RFC 3550 11)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    odd: list[socket.socket] = []
    try:
        while True:
            opened = socket.socket(family, socket.SOCK_DGRAM)
            opened.setblocking(False)
            opened.bind((host, 0))
            if opened.getsockname()[1] % 2 == 0 or len(odd) == 8:
                return opened
            odd.append(opened)
    finally:
        for each in odd:
            each.close()


class SipLeg(Leg):
    """See the module's first lines. Without `agreed` it neither hears nor says anything."""

    def __init__(
        self, leg_id: str, kind: Kind, listener: LegListener, slots: Slots, *, state: State, since: int, host: str
    ) -> None:
        super().__init__(leg_id, kind, listener, state=state, since=since)
        self.sock = open_socket(host)
        self.port: int = self.sock.getsockname()[1]
        self.slots, self.slot = slots, slots.take()
        self.ssrc = int(slots.packets["ssrc"][self.slot])
        self.agreed: Agreed | None = None
        self.open = False
        """Sound flows: early media, or answered."""
        self.law: int | None = None
        """G.711's law; None with another codec."""
        self.ear: ToneEar | None = None
        self.target: Address | None = None
        self.sent = 0
        self.misses = 0
        """Ticks in a row without a packet."""
        self.on_rtcp: Callable[[bytes, Address], None] = _ignore
        self.playout, self.arrival = Playout(), Arrival()
        self.far_ssrc = -1
        self.rtt_ms = 0.0
        self._codec: FrameCodec | None = None
        self._type = self._event = -1
        self._clock = 8000
        self._source: Address | None = None
        self._heard_at = 0.0
        self._keys_heard, self._keys = KeysHeard(), KeysToSend()
        self._event_stamp = 0
        self._key_ended = -1
        """Timestamp of the key whose end came."""
        self._rest = bytearray()
        self._samples: Frame = np.zeros(0, np.int16)
        self._told = (0, 0)
        self._closed = False

    # what was agreed ----------------------------------------------------------------------------------------------

    def apply(self, agreed: Agreed) -> None:
        """From now on by this offer and answer; again with each later one."""
        before, self.agreed = self.agreed, agreed
        codec = agreed.codec
        if before is None or before.codec != codec:
            self.law = LAWS.get(codec.name)
            self._codec = None if self.law is not None else codec_named(codec.name)
            self.slots.ticks[self.slot] = self._codec.ticks if self._codec else FRAME
            self.slots.set_law(self.slot, self.law or MU_LAW)
            self.playout.restart()
            self._rest.clear()
        self.slots.packets["type"][self.slot] = codec.number
        self._type, self._clock = codec.number, codec.clock
        self._event = agreed.event.number if agreed.event else -1
        if agreed.event is None:
            self.ear = self.ear or ToneEar()
        else:
            self.ear = None
        if before is None or before.target != agreed.target:
            self.target, self._source = agreed.target, None

    @property
    def wants_sound(self) -> bool:
        """Open, and the far side takes it."""
        return self.open and self.agreed is not None and self.agreed.sends

    # what comes ---------------------------------------------------------------------------------------------------

    def receive(self, now: float) -> None:
        """Reads one datagram; the socket is known to have one. `now` in seconds of the monotonic clock."""
        try:
            size, source = self.sock.recvfrom_into(_scratch)
        except OSError:
            return
        if size < 12 or _scratch[0] & 0xC0 != 0x80:
            return  # STUN, keep-alives, garbage
        flags, kind, number, stamp, ssrc = _HEADER.unpack_from(_scratch)
        if 192 <= kind <= 223:
            self.on_rtcp(bytes(_seen[:size]), source)
            return
        if source != self._source and not self._believe(source, now):
            return
        self._heard_at = now
        if ssrc != self.far_ssrc:
            self.far_ssrc = ssrc
            self.playout.restart()
        start = 12
        if flags & 0x3F:
            start, size = _bounds(flags, size)
        kind &= 0x7F
        if kind == self._type and size > start:
            self.playout.put(number, bytes(_seen[start:size]))
            self.arrival.note(now, stamp, self._clock)
        elif kind == self._event:
            self._key(number, stamp, bytes(_seen[start:size]))
        else:
            self.playout.put(number, NOTHING)

    def take_payload(self) -> bytes | None:
        """The next 160 bytes of G.711; `NOTHING` where silence was meant, None where something is missing."""
        if self._rest:
            return self._regroup()
        payload = self.playout.take()
        if payload is None or payload is NOTHING or len(payload) == FRAME:
            return payload
        self._rest += payload
        return self._regroup()

    def pull(self) -> Frame | None:
        """As `Leg` says, for codecs other than G.711."""
        if self._codec is None:
            return None
        while len(self._samples) < FRAME:
            payload = self.playout.take()
            if payload is None or payload is NOTHING:
                return None
            self._samples = np.concatenate([self._samples, self._codec.decode(payload)])
        frame, self._samples = self._samples[:FRAME], self._samples[FRAME:]
        return frame

    def _regroup(self) -> bytes | None:
        """20 ms out of packets of another length."""
        while len(self._rest) < FRAME:
            payload = self.playout.take()
            if payload is None:
                return None
            self._rest += payload
        frame = bytes(self._rest[:FRAME])
        del self._rest[:FRAME]
        return frame

    def _believe(self, source: Address, now: float) -> bool:
        told = self.agreed is not None and source == self.agreed.target
        if self._source is not None and not told and now - self._heard_at < SILENT_SOURCE:
            return False
        self._source = self.target = source
        return True

    def _key(self, number: int, stamp: int, payload: bytes) -> None:
        end = len(payload) > 1 and bool(payload[1] & 0x80)
        again = end and stamp == self._key_ended
        if end:
            self._key_ended = stamp
        self.playout.put(number, SKIP if again else NOTHING)
        digit = self._keys_heard.note(stamp, payload)
        if digit is not None:
            self.listener.leg_digit(self, digit, "rtp")

    # what goes ----------------------------------------------------------------------------------------------------

    def send(self, packet: memoryview) -> None:
        """Sends a packet that stands ready; a full socket or an unreachable net loses it, as nets do."""
        try:
            self.sock.sendto(packet, self.target)  # type: ignore[arg-type]
        except OSError:
            return
        self.sent += 1

    def push(self, frame: Frame) -> None:
        """As `Leg` says, for codecs other than G.711; the header stands ready in the leg's row."""
        if self._codec is not None and (payload := self._codec.encode(frame)):
            self.send(memoryview(bytes(self.slots.views[self.slot][:12]) + payload))

    def send_digits(self, digits: str) -> None:
        """As `Leg` says."""
        self._keys.add(digits)

    @property
    def has_keys(self) -> bool:
        """Whether `step_keys` is due in each tick."""
        return bool(self._keys)

    def step_keys(self) -> Step:
        """The next 20 ms of the keys being sent: events go out here; where there are none, the caller adds the tone."""
        event = self.agreed.event if self.agreed else None
        step = self._keys.step(event.clock // 8000 if event else 1)
        if event is None or not step.payloads:
            return step
        row = self.slots.packets[self.slot : self.slot + 1]
        if step.first:
            self._event_stamp = int(row["stamp"][0])
        for at, payload in enumerate(step.payloads):
            row["number"] += 1
            kind = event.number | (0x80 if step.first and at == 0 else 0)
            header = _HEADER.pack(0x80, kind, int(row["number"][0]), self._event_stamp, self.ssrc)
            self.send(memoryview(header + payload))
        return step

    # the rest -----------------------------------------------------------------------------------------------------

    def quality(self) -> Quality | None:
        """As `Leg` says; late packets count as lost, for nobody heard them."""
        received, lost = self.playout.received, self.playout.lost
        came, missing = received - self._told[0], lost - self._told[1]
        self._told = (received, lost)
        if came <= 0:
            return None
        percent = 100 * missing / (came + missing)
        return Quality(percent, self.arrival.jitter * 1000 / self._clock, self.rtt_ms)

    def close(self) -> None:
        """As `Leg` says."""
        if self._closed:
            return
        self._closed, self.open = True, False
        self.sock.close()


def _ignore(_packet: bytes, _source: Address) -> None:
    return


def _bounds(flags: int, size: int) -> tuple[int, int]:
    """Where the payload stands when there are contributors, an extension or padding (RFC 3550 5.1)."""
    start = 12 + 4 * (flags & 0x0F)
    if flags & 0x10 and size >= start + 4:
        start += 4 + 4 * int.from_bytes(_seen[start + 2 : start + 4], "big")
    end = size - _scratch[size - 1] if flags & 0x20 else size
    return (start, end) if end >= start else (12, 12)
