"""Far sides of the telephone's figures: people who ring by SIP and send a packet of sound every 20 ms, in a process of their own.

They note when packets come back, by the kernel's clock. `late` is by how much more than 20 ms a packet came after the one
before it, `gap` the longest time between two. A packet's sound names its time, so that each one heard also tells how long it
was on its way through a room: `delay`.
"""

import contextlib
import os
import secrets
import socket
import struct
import time
from array import array
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from parlons.simulator.sip import URI, Address, Message, offer

WARM = 3
FRAME = 0.02
PARTS = 4
CODES = 120


@dataclass
class Seen:
    """What far sides saw."""

    late_p99_ms: float
    gap_ms: float
    came: float
    """Part of the packets that were due."""
    delay_p50_ms: float
    delay_p99_ms: float
    own_late_ms: float
    """By how much they themselves were late with a packet, 99th of a hundred: the machine was too busy for this."""


@dataclass
class _Notes:
    last: "np.ndarray[Any, Any]"
    late: "array[float]" = field(default_factory=lambda: array("d"))
    delay: "array[float]" = field(default_factory=lambda: array("d"))
    gap: float = 0.0


class Ringer:
    """Rings by SIP over UDP, one call after the other; whatever it is asked afterwards it answers 200."""

    def __init__(self, port: int, number: str) -> None:
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.bind(("127.0.0.1", 0))
        self._sock.connect(("127.0.0.1", port))
        self._me = self._sock.getsockname()[1]
        self._uri = f"sip:{number}@127.0.0.1:{port}"
        self._talks: list[tuple[str, str, str, str]] = []

    def ring(self, index: int, body: str) -> Message:
        """Calls and waits for the answer, which it returns."""
        call_id, ours = secrets.token_hex(8), f"<sip:+33600{index:06d}@127.0.0.1>;tag={secrets.token_hex(4)}"
        branch = "z9hG4bK" + secrets.token_hex(8)
        self._sock.settimeout(0.5)
        for _ in range(20):
            self._send("INVITE", self._uri, ours, f"<{self._uri}>", call_id, 1, branch, body)
            answer = self._answered(call_id)
            if answer is not None:
                break
        else:
            raise TimeoutError(f"call {index} was not answered in 10 s")
        if answer.status != 200:
            raise ConnectionError(f"call {index} was answered {answer.first}")
        contact = URI.search(answer.get("contact"))
        target = contact.group(1) if contact else self._uri
        self._send("ACK", target, ours, answer.get("to"), call_id, 1, "z9hG4bK" + secrets.token_hex(8))
        self._talks.append((target, ours, answer.get("to"), call_id))
        return answer

    def attend(self) -> None:
        """Answers what came meanwhile, without waiting."""
        self._sock.setblocking(False)
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            while True:
                message = Message(self._sock.recv(65_535))
                if not message.status and message.method != "ACK":
                    self._agree(message)

    def hang_up(self) -> None:
        """Ends every call."""
        for target, ours, theirs, call_id in self._talks:
            self._send("BYE", target, ours, theirs, call_id, 2, "z9hG4bK" + secrets.token_hex(8))
        time.sleep(0.2)
        self.attend()
        self._sock.close()

    def _answered(self, call_id: str) -> Message | None:
        with contextlib.suppress(TimeoutError):
            while True:
                message = Message(self._sock.recv(65_535))
                if not message.status:
                    self._agree(message)
                elif message.get("call-id") == call_id and message.method == "INVITE" and message.status >= 200:
                    return message
        return None

    def _agree(self, request: Message) -> None:
        kept = [
            f"{name}: {value}" for name, value in request.headers if name in {"via", "from", "to", "call-id", "cseq"}
        ]
        self._sock.send("\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0", "", ""]).encode())

    def _send(
        self, method: str, uri: str, ours: str, theirs: str, call_id: str, cseq: int, branch: str, body: str = ""
    ) -> None:
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self._me};branch={branch};rport",
            f"From: {ours}",
            f"To: {theirs}",
            f"Call-ID: {call_id}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:bench@127.0.0.1:{self._me}>",
            "Max-Forwards: 70",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
            "",
            body,
        ]
        self._sock.send("\r\n".join(lines).encode())


def far_sides(pipe: Connection, core: int, seconds: float) -> None:
    """Told `("echo", ports)` or `("sip", port, legs, number)`; says "there" when all talk, is told to begin, gives `Seen`."""
    os.sched_setaffinity(0, {core})
    pipe.send("ready")
    what, *rest = pipe.recv()
    ringer = None
    if what == "echo":
        socks = [_socket(port) for port in rest[0]]
    else:
        ringer = Ringer(rest[0], rest[2])
        socks = [_socket(None) for _ in range(rest[1])]
        for index, sock in enumerate(socks):
            media = ringer.ring(index, offer("127.0.0.1", sock.getsockname()[1])).media()
            assert media is not None, "an answer without sound"
            sock.connect(media)
    pipe.send("there")
    pipe.recv()
    pipe.send(_talk(socks, seconds, ringer))
    if ringer is not None:
        pipe.recv()
        ringer.hang_up()
        pipe.send("gone")


def _talk(socks: list[socket.socket], seconds: float, ringer: Ringer | None) -> Seen:
    sent_at = np.zeros((PARTS, CODES))
    seen, own_late = _Notes(np.zeros(len(socks))), array("d")
    part = -(-len(socks) // PARTS)
    began = due = time.monotonic()
    for tick in range(int(seconds / FRAME)):
        code = tick % CODES
        payload = bytes([code] * 80 + [_check(code)] * 80)
        for at in range(PARTS):
            sent_at[at, code] = time.time()
            for index in range(at * part, min((at + 1) * part, len(socks))):
                head = struct.pack("!BBHII", 0x80, 0, tick & 0xFFFF, tick * 160, index + 1)
                with contextlib.suppress(OSError):
                    socks[index].send(head + payload)
            due += FRAME / PARTS
            own_late.append(max(0.0, time.monotonic() - due))
            time.sleep(max(0.0, due - time.monotonic()))
        measured = time.monotonic() - began > WARM
        for index, sock in enumerate(socks):
            _drain(sock, index, (index ^ 1) // part, sent_at, seen, measured)
        if ringer is not None and tick % 50 == 0:
            ringer.attend()
    late, delay = np.array(seen.late or [9.0]) * 1000, np.array(seen.delay or [9.0]) * 1000
    expected = len(socks) * (seconds - WARM) / FRAME
    return Seen(
        float(np.percentile(late, 99)),
        seen.gap * 1000,
        len(seen.late) / expected,
        float(np.median(delay)),
        float(np.percentile(delay, 99)),
        float(np.percentile(np.array(own_late), 99)) * 1000,
    )


def _check(code: int) -> int:
    """The second half of a packet: what stands in for a lost one is softer, and does not fit."""
    return (code * 37 + 11) % CODES


def _socket(port: int | None) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, 35, 1)  # SO_TIMESTAMPNS: when the kernel had it, not when we looked
    sock.bind(("127.0.0.1", 0))
    if port is not None:
        sock.connect(("127.0.0.1", port))
    return sock


def _drain(sock: socket.socket, index: int, part: int, sent_at: Any, seen: _Notes, measured: bool) -> None:
    while True:
        try:
            data, extra, _, _ = sock.recvmsg(2048, 64)
        except OSError:
            return
        seconds, nanoseconds = struct.unpack("qq", extra[0][2][:16])
        at = seconds + nanoseconds / 1e9
        if measured and seen.last[index]:
            between = at - seen.last[index]
            seen.gap = max(seen.gap, between)
            seen.late.append(max(0.0, between - FRAME))
            if data[1] == 0 and data[12] < CODES and data[171] == _check(data[12]):
                seen.delay.append(at - sent_at[part, data[12]])
        seen.last[index] = at


def media_of(text: str) -> Address:
    """Where an SDP wants its sound."""
    found = Message(b"SIP/2.0 200 OK\r\n\r\n" + text.encode()).media()
    assert found is not None
    return found
