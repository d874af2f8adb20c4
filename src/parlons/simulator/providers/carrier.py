"""A stand-in for a carrier's SMPP 3.4 centre: takes binds and messages, hands in those of its people, reports what arrived.

Source: SMPP 3.4 (issue 1.2), 4 and 5.2; TS 23.040, 9.2.3.24.1 (parts of long texts). People write in UCS-2, as telephones do
with accents. Left out: TLS, throttling, optional parameters.
"""

import asyncio
import contextlib
import itertools
import struct
from collections.abc import AsyncIterator

from parlons.simulator.providers.wire import Heard

HEAD = struct.Struct(">IIII")
RESPONSE = 0x80000000
BIND_TRANSCEIVER, SUBMIT, DELIVER, UNBIND, ENQUIRE = 0x09, 0x04, 0x05, 0x06, 0x15
OK, BAD_COMMAND, BAD_PASSWORD = 0x00, 0x03, 0x0E
UDHI, RECEIPT = 0x40, 0x04
PASSWORD_MAX = 8
WHOLE, PART = 140, 134
"""Octets of one text, and of each part of a longer one."""
AGAIN_SECONDS = 1.0


class Carrier:
    """The centre; one firm binds."""

    def __init__(self, password: str, *, first: int = 1) -> None:
        """`first`: of the ids it gives to messages."""
        self.heard = Heard()
        """People by number, without a plus."""
        self._password = password[:PASSWORD_MAX]
        self._sequence, self._ids, self._references = itertools.count(1), itertools.count(first), itertools.count(1)
        self._bound: asyncio.StreamWriter | None = None
        self._news = asyncio.Event()
        self._asked: dict[int, asyncio.Future[int]] = {}

    @contextlib.asynccontextmanager
    async def served(self, port: int) -> AsyncIterator[None]:
        """Listens on a port of this machine."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        try:
            yield
        finally:
            server.close()

    async def says(self, person: str, to: str, text: str) -> None:
        """A person writes to a number; returns when the firm has taken it, however often it must be handed in."""
        octets, reference = text.encode("utf-16-be"), next(self._references) % 256
        size = PART if len(octets) > WHOLE else WHOLE
        parts = [octets[at : at + size] for at in range(0, len(octets), size)]
        for number, part in enumerate(parts, 1):
            head = bytes((5, 0, 3, reference, len(parts), number)) if len(parts) > 1 else b""
            await self._deliver(person, to.removeprefix("+"), head + part, UDHI if head else 0, 8)

    async def _deliver(self, source: str, to: str, octets: bytes, esm_class: int, coding: int) -> None:
        body = b"\x00" + _address(source) + _address(to) + bytes((esm_class, 0, 0, 0, 0, 0, 0, coding, 0, len(octets)))
        while True:
            await self._news.wait()
            sequence = next(self._sequence)
            answer = self._asked[sequence] = asyncio.get_running_loop().create_future()
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(10):
                    self._write(self._bound, DELIVER, sequence, OK, body + octets)
                    if await answer == OK:
                        return
            self._asked.pop(sequence, None)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                size, command, status, sequence = HEAD.unpack(await reader.readexactly(HEAD.size))
                body = await reader.readexactly(size - HEAD.size)
                if command & RESPONSE:
                    if (waiting := self._asked.pop(sequence, None)) is not None and not waiting.done():
                        waiting.set_result(status)
                elif not await self._request(writer, command, sequence, body):
                    break
        if self._bound is writer:
            self._bound = None
            self._news.clear()
        writer.close()

    async def _request(self, writer: asyncio.StreamWriter, command: int, sequence: int, body: bytes) -> bool:
        """Answers one request; False: the connection is over."""
        match command:
            case _ if command == BIND_TRANSCEIVER:
                right = body.split(b"\x00")[1].decode("latin-1") == self._password
                self._write(writer, command | RESPONSE, sequence, OK if right else BAD_PASSWORD, b"PRACTICE\x00")
                if right:
                    self._bound = writer
                    self._news.set()
                return right
            case _ if command == SUBMIT and self._bound is writer:
                await self._submitted(writer, sequence, body)
            case _ if command in (ENQUIRE, UNBIND):
                self._write(writer, command | RESPONSE, sequence)
            case _:
                self._write(writer, RESPONSE, sequence, BAD_COMMAND)
        return command != UNBIND

    async def _submitted(self, writer: asyncio.StreamWriter, sequence: int, body: bytes) -> None:
        source, person, esm_class, receipt, octets = _message(body)
        message_id = f"{next(self._ids):x}"
        self._write(writer, SUBMIT | RESPONSE, sequence, OK, message_id.encode() + b"\x00")
        if receipt:
            text = f"id:{message_id} sub:001 dlvrd:001 submit date:2601010900 done date:2601010900 stat:DELIVRD err:000"
            made = b"\x00" + _address(person) + _address(source) + bytes((RECEIPT, 0, 0, 0, 0, 0, 0, 0, 0, len(text)))
            self._write(writer, DELIVER, next(self._sequence), OK, made + text.encode())
        last = not esm_class & UDHI or octets[4] == octets[5]
        if last:  # the parts of a long text are one
            self.heard.note(person)

    def _write(
        self, writer: asyncio.StreamWriter | None, command: int, sequence: int, status: int = OK, body: bytes = b""
    ) -> None:
        if writer is None:
            raise ConnectionResetError
        writer.write(HEAD.pack(HEAD.size + len(body), command, status, sequence) + body)


def _address(digits: str) -> bytes:
    return b"\x01\x01" + digits.encode() + b"\x00"


def _message(body: bytes) -> tuple[str, str, int, bool, bytes]:
    """Of a submit_sm: source, destination, esm_class, whether a receipt is wanted, octets."""
    _, _, rest = body.partition(b"\x00")
    source, _, rest = rest[2:].partition(b"\x00")
    destination, _, rest = rest[2:].partition(b"\x00")
    esm_class, rest = rest[0], rest[3:]
    _, _, rest = rest.partition(b"\x00")
    _, _, rest = rest.partition(b"\x00")
    receipt, size = bool(rest[0] & 1), rest[4]
    return source.decode("latin-1"), destination.decode("latin-1"), esm_class, receipt, rest[5 : 5 + size]
