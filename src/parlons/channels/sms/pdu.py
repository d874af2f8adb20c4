"""The packets of SMPP 3.4 that a bound sender and receiver needs, to bytes and back. Pure.

Source: SMPP 3.4 (issue 1.2), 3.2 and 4. Why not a library's session: decision 009. Everything that comes from outside is
checked for its length here; a broken packet raises `BrokenPdu` and says nothing about the connection.
"""

import struct
from dataclasses import dataclass, field

from parlons.channels.sms.senders import Address

RESPONSE = 0x80000000
NACK = 0x80000000
BIND_TRANSCEIVER, SUBMIT, DELIVER, UNBIND, ENQUIRE, DATA = 0x09, 0x04, 0x05, 0x06, 0x15, 0x0103
OK, BAD_COMMAND, SYSTEM_ERROR, QUEUE_FULL, THROTTLED, TRY_AGAIN = 0x00, 0x03, 0x08, 0x14, 0x58, 0x64
HEAD = struct.Struct(">IIII")
LARGEST = 70_000
"""Bytes: a message_payload of 64 KB and its frame. What claims more is no SMPP."""
VERSION = 0x34
MOST_SHORT = 254


class BrokenPdu(Exception):
    """These bytes are no packet of SMPP."""


@dataclass(frozen=True, slots=True)
class Pdu:
    """A packet: its head, and its body as bytes."""

    command: int
    sequence: int
    status: int = OK
    body: bytes = b""

    def packed(self) -> bytes:
        """As it goes over the wire."""
        return HEAD.pack(HEAD.size + len(self.body), self.command, self.status, self.sequence) + self.body

    def answer(self, status: int = OK, body: bytes = b"") -> "Pdu":
        """The answer to this request. Those to messages carry an empty message_id."""
        if self.command in (DELIVER, DATA) and not body:
            body = b"\x00"
        return Pdu(self.command | RESPONSE, self.sequence, status, body)


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """A submit_sm, deliver_sm or data_sm."""

    source: Address
    destination: Address
    octets: bytes
    """Of short_message; longer ones travel in `options`."""
    data_coding: int = 0
    esm_class: int = 0
    receipt: bool = False
    """registered_delivery asks for one."""
    validity: str = ""
    options: dict[int, bytes] = field(default_factory=dict)


def head(octets: bytes) -> tuple[int, Pdu]:
    """Length of the body that follows, and the packet without it; raises BrokenPdu."""
    length, command, status, sequence = HEAD.unpack(octets)
    if not HEAD.size <= length <= LARGEST:
        raise BrokenPdu(f"a packet of {length} bytes")
    return length - HEAD.size, Pdu(command, sequence, status)


def bind(system_id: str, password: str, system_type: str) -> bytes:
    """The body of a bind_transceiver."""
    return _text(system_id, 15) + _text(password, 8) + _text(system_type, 12) + bytes((VERSION, 0, 0, 0))


def submit(message: ShortMessage) -> bytes:
    """The body of a submit_sm (or deliver_sm, whose fields are the same)."""
    if len(message.octets) > MOST_SHORT:
        raise ValueError("longer than short_message; use message_payload")
    return b"".join(
        (
            b"\x00",
            _address(message.source),
            _address(message.destination),
            bytes((message.esm_class, 0, 0)),
            b"\x00",
            _text(message.validity, 16),
            bytes((1 if message.receipt else 0, 0, message.data_coding, 0, len(message.octets))),
            message.octets,
            *(struct.pack(">HH", tag, len(value)) + value for tag, value in message.options.items()),
        )
    )


def message_of(pdu: Pdu) -> ShortMessage:
    """The message of a deliver_sm, submit_sm or data_sm; raises BrokenPdu."""
    reader = _Reader(pdu.body)
    reader.text()
    source, destination = reader.address(), reader.address()
    esm_class = reader.byte()
    if pdu.command & ~RESPONSE == DATA:
        receipt, data_coding = reader.byte(), reader.byte()
        return ShortMessage(source, destination, b"", data_coding, esm_class, bool(receipt & 1), "", reader.options())
    reader.take(2)
    reader.text()
    validity = reader.text()
    receipt = reader.byte()
    reader.byte()
    data_coding = reader.byte()
    reader.byte()
    octets = reader.take(reader.byte())
    options = reader.options()
    return ShortMessage(source, destination, octets, data_coding, esm_class, bool(receipt & 1), validity, options)


def message_id(pdu: Pdu) -> str:
    """The message_id of an answer; empty where there is none."""
    return pdu.body.split(b"\x00")[0].decode("latin-1")


class _Reader:
    """Reads a body from its beginning."""

    def __init__(self, body: bytes) -> None:
        self._body, self._at = body, 0

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        taken = self._body[self._at : self._at + size]
        if len(taken) < size:
            raise BrokenPdu("a body that ends too early")
        self._at += size
        return taken

    def byte(self) -> int:
        """The next byte."""
        return self.take(1)[0]

    def text(self) -> str:
        """Up to the next zero byte."""
        end = self._body.find(b"\x00", self._at)
        if end < 0:
            raise BrokenPdu("a text without an end")
        found, self._at = self._body[self._at : end].decode("latin-1"), end + 1
        return found

    def address(self) -> Address:
        """Type, plan, digits."""
        ton, npi = self.take(2)
        return Address(ton, npi, self.text())

    def options(self) -> dict[int, bytes]:
        """Every optional parameter that is whole; a torn last one is left off, for the message itself is there."""
        found: dict[int, bytes] = {}
        while self._at + 4 <= len(self._body):
            tag, size = struct.unpack(">HH", self.take(4))
            value = self._body[self._at : self._at + size]
            self._at += size
            if len(value) == size:
                found[tag] = value
        return found


def _address(address: Address) -> bytes:
    return bytes((address.ton, address.npi)) + _text(address.digits, 20)


def _text(text: str, most: int) -> bytes:
    return text.encode("latin-1", "replace").replace(b"\x00", b"")[:most] + b"\x00"
