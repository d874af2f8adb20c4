"""Keys as recorded packets, for sipp to play: RFC 4733 events of one stream.

sipp's own (`play_dtmf`, and the files that Debian brings) begin each time at the same timestamp; whoever goes by it, as the RFC
says, takes the next key for the last one repeated. These go on where the ones before ended.
"""

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.voice.media.rtp_phone import EVENTS, FRAME, RATE

TYPE = 96
"""Payload type."""
FRAMES, APART = 5, 4
"""Of 20 ms: as long as a key is down, and until the next."""


def record(folder: Path, keys: Iterable[str]) -> list[Path]:
    """One file for each of these texts."""
    number, frame, files = 0, 0, []
    for at, text in enumerate(keys):
        packets = []
        for key in text:
            for when, payload in _event(key):
                stamp, marker = frame * FRAME, 0x80 if when == 0 else 0
                header = struct.pack("!BBHII", 0x80, TYPE | marker, number, stamp, 1)
                packets.append(((frame + when) * FRAME / RATE, header + payload))
                number += 1
            frame += FRAMES + APART
        files.append(folder / f"keys-{at}.pcap")
        files[-1].write_bytes(_pcap(packets))
    return files


def _event(key: str) -> Iterator[tuple[int, bytes]]:
    """The packets of a key, each with its frame: the end is sent three times."""
    for when in range(FRAMES):
        last = when == FRAMES - 1
        for _ in range(3 if last else 1):
            yield when, struct.pack("!BBH", EVENTS.index(key), 0x8A if last else 0x0A, (when + 1) * FRAME)


def _pcap(packets: Iterable[tuple[float, bytes]]) -> bytes:
    """Ethernet, IPv4, UDP; sipp writes addresses and ports over."""
    made = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1)
    for seconds, payload in packets:
        udp = struct.pack("!HHHH", 6000, 6000, 8 + len(payload), 0) + payload
        ip = struct.pack("!BBHHHBBHII", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, 0x7F000001, 0x7F000001) + udp
        frame = bytes(12) + b"\x08\x00" + ip
        made += struct.pack("<IIII", int(seconds), round(seconds % 1 * 1_000_000), len(frame), len(frame)) + frame
    return made
