"""How well a leg is heard: RTCP with the far side (RFC 3550 6, one socket for all legs, RFC 3605), and the estimate MOS.

Reports go out and `leg.quality` is told every 5 s per leg, spread so that no tick meets all of them.
"""

import asyncio
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from aiortp.clock import current_ntp_time
from aiortp.packet import (
    RtcpPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
)

from parlons.voice.media.builtin.legs import Leg, Quality
from parlons.voice.media.builtin.sdp import Address
from parlons.voice.media.builtin.sip_leg import SipLeg, open_socket

ROUND_SECONDS = 5.0
TURNS = 10
"""Legs are asked in so many parts."""
_NTP_TURN = 1 << 32


def mos(lost_percent: float, jitter_ms: float, rtt_ms: float) -> float:
    """Mean opinion score, 1 to 4.5, after the E-model (ITU-T G.107) with G.711's loss figures (G.113) and concealment."""
    delay = rtt_ms / 2 + 2 * jitter_ms + 40
    impairment = 0.024 * delay + (0.11 * (delay - 177.3) if delay > 177.3 else 0)
    lost = 95 * lost_percent / (lost_percent + 25.1)
    r = max(0.0, min(100.0, 93.2 - impairment - lost))
    return round(max(1.0, min(4.5, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6)), 2)


@dataclass(slots=True)
class _Source:
    """What a leg's reports need to know of the far side's."""

    leg: SipLeg
    last_report: int = 0
    """Middle 32 bits of the NTP time in their last sender report."""
    reported_at: float = 0.0


class Reports:
    """RTCP of all SIP legs."""

    def __init__(self, host: str, now: Callable[[], float] = time.monotonic) -> None:
        self.sock: socket.socket = open_socket(host)
        self.port: int = self.sock.getsockname()[1]
        self._now = now
        self._legs: dict[int, _Source] = {}
        """By our source id, which the far side's reports name."""

    def add(self, leg: SipLeg) -> None:
        """Reports for this leg from now on."""
        self._legs[leg.ssrc] = _Source(leg)
        leg.on_rtcp = self.read

    def remove(self, leg: SipLeg) -> None:
        """No more."""
        self._legs.pop(leg.ssrc, None)

    def receive(self, _now: float) -> None:
        """Reads one datagram of the common socket."""
        try:
            data, source = self.sock.recvfrom(2048)
        except OSError:
            return
        self.read(data, source)

    def read(self, data: bytes, _source: Address) -> None:
        """A compound packet, from whichever socket; what does not parse is dropped."""
        try:
            packets = RtcpPacket.parse(data)
        except (ValueError, IndexError, KeyError):
            return
        for packet in packets:
            if isinstance(packet, RtcpSrPacket | RtcpRrPacket):
                for report in packet.reports:
                    self._round_trip(report, packet)

    def send(self, leg: SipLeg) -> None:
        """A sender report with what we received."""
        source, agreed = self._legs.get(leg.ssrc), leg.agreed
        if source is None or agreed is None or leg.target is None:
            return
        stamp = int(leg.slots.packets["stamp"][leg.slot])
        sent = RtcpSenderInfo(current_ntp_time(), stamp, leg.sent, leg.sent * 160)
        report = RtcpSrPacket(
            ssrc=leg.ssrc, sender_info=sent, reports=[self._received(source)] if leg.far_ssrc >= 0 else []
        )
        name = RtcpSdesPacket(chunks=[RtcpSourceInfo(ssrc=leg.ssrc, items=[(1, b"parlons")])])
        packet = bytes(report) + bytes(name)
        try:
            if agreed.multiplexed:
                leg.sock.sendto(packet, leg.target)
            else:
                self.sock.sendto(packet, agreed.rtcp)
        except OSError:
            return

    def _received(self, source: _Source) -> RtcpReceiverInfo:
        leg = source.leg
        playout = leg.playout
        expected = playout.received + playout.lost
        waited = int((self._now() - source.reported_at) * 65536) if source.last_report else 0
        return RtcpReceiverInfo(
            ssrc=leg.far_ssrc,
            fraction_lost=min(255, 256 * playout.lost // expected) if expected else 0,
            packets_lost=min(playout.lost, 0x7FFFFF),
            highest_sequence=playout.highest,
            jitter=int(leg.arrival.jitter),
            lsr=source.last_report,
            dlsr=waited & 0xFFFFFFFF,
        )

    def _round_trip(self, report: RtcpReceiverInfo, packet: RtcpSrPacket | RtcpRrPacket) -> None:
        source = self._legs.get(report.ssrc)
        if source is None:
            return
        if isinstance(packet, RtcpSrPacket):
            source.last_report = packet.sender_info.ntp_timestamp >> 16 & 0xFFFFFFFF
            source.reported_at = self._now()
        if report.lsr:
            turns = ((current_ntp_time() >> 16) - report.lsr - report.dlsr) % _NTP_TURN
            if turns < 65536 * 10:
                source.leg.rtt_ms = turns * 1000 / 65536

    def close(self) -> None:
        """For good."""
        self.sock.close()


class Rounds:
    """Asks every talking leg how well it is heard, a tenth of them every half second, while there are legs."""

    def __init__(
        self, legs: Callable[[], Iterable[Leg]], reports: Reports, tell: Callable[[Leg, Quality], None]
    ) -> None:
        self._legs, self._reports, self._tell = legs, reports, tell
        self._timer: asyncio.TimerHandle | None = None
        self._turn = 0

    def wake(self) -> None:
        """There are legs."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(ROUND_SECONDS / TURNS, self._go)

    def stop(self) -> None:
        """No more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _go(self) -> None:
        self._timer = None
        self._turn = (self._turn + 1) % TURNS
        legs = list(self._legs())
        for leg in legs:
            if leg.slot % TURNS == self._turn and leg.state == "talking":
                if isinstance(leg, SipLeg):
                    self._reports.send(leg)
                if (quality := leg.quality()) is not None:
                    self._tell(leg, quality)
        if legs:
            self.wake()
