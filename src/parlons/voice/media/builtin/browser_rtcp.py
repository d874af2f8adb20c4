"""RTCP of a browser's leg (RFC 3550 6): what each side received of the other's, and the round trip. No socket, no clock."""

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

from parlons.voice.media.builtin.playout import Arrival, Playout

_TURN = 1 << 32
_MOST_SECONDS = 10


class Reports:
    """Reads the browser's reports and makes ours."""

    def __init__(self, ssrc: int) -> None:
        self._ssrc = ssrc
        self.rtt_ms = 0.0
        self._last_report = 0
        self._reported_at = 0.0

    def take(self, data: bytes, now: float) -> None:
        """A compound packet; what does not parse is dropped."""
        try:
            packets = RtcpPacket.parse(data)
        except (ValueError, IndexError, KeyError):
            return
        for packet in packets:
            if isinstance(packet, RtcpSrPacket):
                self._last_report = packet.sender_info.ntp_timestamp >> 16 & 0xFFFFFFFF
                self._reported_at = now
            if isinstance(packet, RtcpSrPacket | RtcpRrPacket):
                for report in packet.reports:
                    self._round_trip(report)

    def make(self, *, stamp: int, sent: int, far_ssrc: int, playout: Playout, arrival: Arrival, now: float) -> bytes:
        """Our report: `sent` packets so far, the last with timestamp `stamp`."""
        reports = []
        if far_ssrc >= 0:
            waited = int((now - self._reported_at) * 65536) if self._last_report else 0
            expected = playout.received + playout.lost
            reports.append(
                RtcpReceiverInfo(
                    ssrc=far_ssrc,
                    fraction_lost=min(255, 256 * playout.lost // expected) if expected else 0,
                    packets_lost=min(playout.lost, 0x7FFFFF),
                    highest_sequence=playout.highest,
                    jitter=int(arrival.jitter),
                    lsr=self._last_report,
                    dlsr=waited & 0xFFFFFFFF,
                )
            )
        info = RtcpSenderInfo(current_ntp_time(), stamp, sent, sent * 160)
        name = RtcpSdesPacket(chunks=[RtcpSourceInfo(ssrc=self._ssrc, items=[(1, b"parlons")])])
        return bytes(RtcpSrPacket(ssrc=self._ssrc, sender_info=info, reports=reports)) + bytes(name)

    def _round_trip(self, report: RtcpReceiverInfo) -> None:
        if report.ssrc == self._ssrc and report.lsr:
            units = ((current_ntp_time() >> 16) - report.lsr - report.dlsr) % _TURN
            if units < _MOST_SECONDS * 65536:
                self.rtt_ms = units * 1000 / 65536
