"""A leg whose far side is a browser: G.711 by SRTP, keys by telephone events or a data channel.

A browser may offer again for a leg there is: it reloaded its page, or its network changed. The leg then lives on and the new
connection takes the old one's place as soon as it stands. A browser is lost when nothing came from it for `LOST_SECONDS`, not
even the checks it sends whether it talks or not; a page that closed has as long to come back.
"""

import asyncio
import secrets
import time
from collections.abc import Iterable
from struct import Struct

import numpy as np

from parlons.kit.errors import Refusal
from parlons.voice.media.builtin.browser_link import Link
from parlons.voice.media.builtin.browser_rtcp import Reports
from parlons.voice.media.builtin.browser_sdp import read_offer
from parlons.voice.media.builtin.dtmf import KEYS, KeysHeard, KeysToSend
from parlons.voice.media.builtin.g711 import A_LAW, DECODED, ENCODED, MU_LAW
from parlons.voice.media.builtin.legs import FRAME, Frame, Leg, LegListener, Quality
from parlons.voice.media.builtin.playout import NOTHING, Arrival, Playout
from parlons.voice.media.engine import NotThere

LOST_SECONDS = 20.0
LOOK_SECONDS = 1.0
_HEADER = Struct("!BBHII")
_QUIET: Frame = np.zeros(FRAME, np.int16)
_FADE = (0.9, 0.6, 0.3)
"""Packet loss: the last frame again, so loud, one to three times."""


class BrowserLeg(Leg):
    """See the module's first lines; `accept_offer` begins it and goes on with it."""

    def __init__(
        self,
        leg_id: str,
        listener: LegListener,
        *,
        ice_servers: Iterable[str] = (),
        since: int = 0,
        lost_seconds: float = LOST_SECONDS,
    ) -> None:
        super().__init__(leg_id, "browser", listener, state="dialling", since=since)
        self._servers, self._lost_seconds = tuple(ice_servers), lost_seconds
        self._link: Link | None = None
        self._coming: Link | None = None
        """Answered, not connected yet."""
        self._began = time.monotonic()
        self._closed = False
        self._timer = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)
        self._ssrc, self._number, self._stamp = secrets.randbits(32), secrets.randbits(16), secrets.randbits(32)
        self._sent = 0
        self._type, self._law, self._event = 0, MU_LAW, -1
        self._keys_heard, self._keys, self._event_stamp = KeysHeard(), KeysToSend(), 0
        self._reports = Reports(self._ssrc)
        self._playout, self._arrival = Playout(), Arrival()
        self._far_ssrc, self._told = -1, (0, 0)
        self._last, self._misses = _QUIET, len(_FADE)

    async def accept_offer(self, offer_sdp: str) -> str:
        """The answer. Raises NoAgreement for what cannot be answered, NotThere when the leg ended meanwhile."""
        offer = read_offer(offer_sdp)
        self._began = time.monotonic()
        if self._link is not None and self._link.goes_on_with(offer):
            return await self._link.answer(offer, self._ssrc)
        link = Link(self._servers)
        try:
            answer = await link.answer(offer, self._ssrc)
            if self._closed:
                raise NotThere(leg_id=self.leg_id)
        except (Refusal, OSError, asyncio.CancelledError):
            link.close()
            raise
        if self._coming is not None:
            self._coming.close()
        self._coming = link
        link.on_up = self._connected
        return answer

    # what comes ---------------------------------------------------------------------------------------------------

    def pull(self) -> Frame | None:
        """As `Leg` says."""
        payload = self._playout.take()
        if payload is None:
            self._misses += 1
            if self._misses > len(_FADE):
                return None
            return np.asarray(self._last * _FADE[self._misses - 1], np.int16)
        self._misses = 0
        if payload is NOTHING or len(payload) != FRAME:
            self._last = _QUIET
            return None
        self._last = DECODED[np.frombuffer(payload, np.uint8).astype(np.uint16) + self._law]
        return self._last

    def _connected(self, link: Link) -> None:
        if link is not self._coming or link.offer is None:
            return
        if self._link is not None:
            self._link.close()
        self._link, self._coming = link, None
        link.on_rtp, link.on_rtcp, link.on_text = self._rtp, self._rtcp, self._text
        self._type, self._law = link.offer.codec, A_LAW if link.offer.codec == 8 else MU_LAW
        self._event = -1 if link.offer.event is None else link.offer.event
        self._restart()
        self.listener.leg_talks(self)

    def _restart(self) -> None:
        self._playout, self._arrival = Playout(), Arrival()
        self._far_ssrc, self._told = -1, (0, 0)
        self._last, self._misses = _QUIET, len(_FADE)

    def _rtp(self, _link: Link, data: bytes) -> None:
        flags, kind, number, stamp, ssrc = _HEADER.unpack_from(data)
        if ssrc != self._far_ssrc:
            self._far_ssrc = ssrc
            self._playout.restart()
        start, end = _bounds(data, flags)
        kind &= 0x7F
        if kind == self._type:
            self._playout.put(number, data[start:end])
            self._arrival.note(time.monotonic(), stamp, 8000)
            return
        self._playout.put(number, NOTHING)
        if kind == self._event and (digit := self._keys_heard.note(stamp, data[start:end])) is not None:
            self.listener.leg_digit(self, digit, "rtp")

    def _rtcp(self, _link: Link, data: bytes) -> None:
        self._reports.take(data, time.monotonic())

    def _text(self, _link: Link, text: str) -> None:
        """Keys of the page's keypad; anything else on a channel is not ours."""
        if len(text) <= len(KEYS) and not set(text) - set(KEYS):
            for digit in text:
                self.listener.leg_digit(self, digit, "channel")

    # what goes ----------------------------------------------------------------------------------------------------

    def push(self, frame: Frame) -> None:
        """As `Leg` says."""
        if self._link is None:
            return
        self._stamp = self._stamp + FRAME & 0xFFFFFFFF
        if self._keys:
            step = self._keys.step()
            if self._event >= 0 and step.payloads:
                self._send_event(step.payloads, first=step.first)
                return
            if self._event < 0 and step.tone is not None:
                frame = step.tone
        self._send(self._type, self._stamp, ENCODED[self._law].take(frame.view(np.uint16)).tobytes())

    def send_digits(self, digits: str) -> None:
        """As `Leg` says."""
        self._keys.add(digits)

    def _send_event(self, payloads: Iterable[bytes], *, first: bool) -> None:
        if first:
            self._event_stamp = self._stamp
        for at, payload in enumerate(payloads):
            self._send(self._event | (0x80 if first and at == 0 else 0), self._event_stamp, payload)

    def _send(self, kind: int, stamp: int, payload: bytes) -> None:
        assert self._link is not None
        self._number = self._number + 1 & 0xFFFF
        self._sent += 1
        self._link.send(_HEADER.pack(0x80, kind, self._number, stamp, self._ssrc) + payload)

    # the rest -----------------------------------------------------------------------------------------------------

    def quality(self) -> Quality | None:
        """As `Leg` says; asked every 5 s, which is also when our report goes out."""
        playout = self._playout
        if self._link is not None:
            report = self._reports.make(
                stamp=self._stamp,
                sent=self._sent,
                far_ssrc=self._far_ssrc,
                playout=playout,
                arrival=self._arrival,
                now=time.monotonic(),
            )
            self._link.send(report)
        came, missing = playout.received - self._told[0], playout.lost - self._told[1]
        self._told = (playout.received, playout.lost)
        if came <= 0:
            return None
        return Quality(100 * missing / (came + missing), self._arrival.jitter / 8, self._reports.rtt_ms)

    def close(self) -> None:
        """As `Leg` says."""
        if not self._closed:
            self._closed = True
            self._timer.cancel()
            for link in (self._link, self._coming):
                if link is not None:
                    link.close()
            self._link = self._coming = None

    def _look(self) -> None:
        """Is it still there?"""
        heard = max([self._began, *([self._link.heard_at] if self._link is not None else [])])
        if time.monotonic() - heard > self._lost_seconds:
            self.listener.leg_gone(self, by="engine", cause="lost", text="nothing came from the browser any more")
        elif not self._closed:
            self._timer = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)


def _bounds(data: bytes, flags: int) -> tuple[int, int]:
    """Where the payload stands when there are contributors, an extension or padding (RFC 3550 5.1)."""
    start, end = 12 + 4 * (flags & 0x0F), len(data)
    if flags & 0x10 and end >= start + 4:
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    if flags & 0x20:
        end -= data[-1]
    return (start, end) if end >= start else (0, 0)
