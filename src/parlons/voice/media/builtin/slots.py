"""The arrays that a tick works on: a row for each leg, so that decoding, mixing and encoding are a few numpy calls for all.

Rows of G.711 legs arrive as payloads in `raw` and leave as whole RTP packets in `packets`, headers in place: sending is one
system call on a view made beforehand, and no object is made for a frame.
"""

import secrets

import numpy as np
from numpy.typing import NDArray

from parlons.voice.media.builtin.g711 import A_LAW, DECODED, ENCODED, MU_LAW, SILENCE
from parlons.voice.media.builtin.legs import FRAME

PACKET = np.dtype(
    [("flags", "u1"), ("type", "u1"), ("number", ">u2"), ("stamp", ">u4"), ("ssrc", ">u4"), ("payload", "u1", (FRAME,))]
)
"""An RTP packet of 20 ms of G.711 (RFC 3550 5.1), 172 bytes."""


class Slots:
    """Rows for `capacity` legs; it doubles when they run out."""

    def __init__(self, capacity: int = 64) -> None:
        self.capacity = 0
        self._free: list[int] = []
        self._used = 0
        self._take_arrays(capacity)

    @property
    def rows(self) -> int:
        """Rows in use are all below this."""
        return self._used

    def take(self) -> int:
        """A row for a new leg; its source id, first number and first timestamp are by chance (RFC 3550 5.1)."""
        if not self._free:
            self._grow()
        slot = self._free.pop()
        self._used = max(self._used, slot + 1)
        ssrc, stamp, number = secrets.randbits(32), secrets.randbits(32), secrets.randbits(16)
        self.packets[slot] = (0x80, 0, number, stamp, ssrc, np.zeros(FRAME, np.uint8))
        self.said[slot] = 0
        self.ticks[slot] = FRAME
        self.set_law(slot, MU_LAW)
        return slot

    def set_law(self, slot: int, law: int) -> None:
        """The row's payloads are mu-law or A-law from now on."""
        self.law[slot] = law
        self.quiet(slot)

    def quiet(self, slot: int) -> None:
        """Nothing came this time."""
        start = slot * FRAME
        self.raw[start : start + FRAME] = self._silent[int(self.law[slot, 0])]

    def give_back(self, slot: int) -> None:
        """The leg is gone."""
        self.said[slot] = 0
        self.sending[slot] = 0
        self.quiet(slot)
        self._free.append(slot)
        if len(self._free) == self.capacity:
            self._used = 0

    def decode(self) -> None:
        """`raw` into `said`, every row."""
        rows = self._used
        np.add(self._raw[:rows], self.law[:rows], out=self._index[:rows])
        DECODED.take(self._index[:rows], out=self.said[:rows], mode="clip")

    def encode(self, a_law_rows: NDArray[np.intp]) -> None:
        """`heard` into `packets`: every row as mu-law, then those of A-law again; numbers and timestamps move on."""
        rows = self._used
        packets = self.packets[:rows]
        packets["stamp"] += self.ticks[:rows]
        packets["number"] += self.sending[:rows]
        seen = self.heard.view(np.uint16)
        packets["payload"] = ENCODED[MU_LAW].take(seen[:rows])
        if len(a_law_rows):
            packets["payload"][a_law_rows] = ENCODED[A_LAW].take(seen[a_law_rows])

    def _grow(self) -> None:
        old = (self.law, self.said, self.packets, self.sending, self.ticks, bytes(self.raw), self.capacity)
        self._take_arrays(self.capacity * 2)
        law, said, packets, sending, ticks, raw, capacity = old
        self.law[:capacity], self.said[:capacity], self.ticks[:capacity] = law, said, ticks
        self.packets[:capacity], self.sending[:capacity] = packets, sending
        self.raw[: capacity * FRAME] = raw

    def _take_arrays(self, capacity: int) -> None:
        self.raw = memoryview(bytearray(bytes([SILENCE[MU_LAW]]) * (capacity * FRAME)))
        self._raw = np.frombuffer(self.raw, np.uint8).reshape(capacity, FRAME)
        self._index = np.zeros((capacity, FRAME), np.uint16)
        self.law: NDArray[np.uint16] = np.zeros((capacity, 1), np.uint16)
        self.said: NDArray[np.int16] = np.zeros((capacity, FRAME), np.int16)
        """What each leg said this tick."""
        self.mix: NDArray[np.float32] = np.zeros((capacity, FRAME), np.float32)
        """What each leg is to hear, before it is cut to 16 bits."""
        self.heard: NDArray[np.int16] = np.zeros((capacity, FRAME), np.int16)
        self.packets = np.zeros(capacity, PACKET)
        self.sending: NDArray[np.uint16] = np.zeros(capacity, np.uint16)
        """1 where the row's packet is sent, so that its number moves on."""
        self.ticks: NDArray[np.uint32] = np.full(capacity, FRAME, np.uint32)
        """Units by which a row's timestamp moves on in a tick: 160, with Opus 960."""
        whole = memoryview(self.packets.view(np.uint8).data)
        size = PACKET.itemsize
        self.views = [whole[slot * size : (slot + 1) * size] for slot in range(capacity)]
        self._silent = {law: bytes([byte]) * FRAME for law, byte in SILENCE.items()}
        self._free += range(capacity - 1, self.capacity - 1, -1)
        self.capacity = capacity
