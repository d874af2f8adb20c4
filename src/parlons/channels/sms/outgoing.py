"""A text as the packets that carry it, and what a carrier's answer to one of them means. Pure.

Sources: SMPP 3.4, 4.4, 5.1.3 (statuses) and 5.3.2.22-32; TS 23.040 9.2.3.24.1. A message longer than one part goes out as the
carrier wants it: with the telephone's own header, with SMPP's numbers (`sar`), or whole in `message_payload`.
"""

from typing import Literal

from parlons.channels.sms import parts, senders
from parlons.channels.sms.coding import encode
from parlons.channels.sms.pdu import MOST_SHORT, OK, QUEUE_FULL, SYSTEM_ERROR, THROTTLED, TRY_AGAIN, ShortMessage
from parlons.channels.sms.segments import Segments
from parlons.channels.sms.settings import Settings

Verdict = Literal["taken", "later", "never"]
_LATER = frozenset({0x04, SYSTEM_ERROR, QUEUE_FULL, THROTTLED, TRY_AGAIN})
_WORDS = {
    0x01: "text-too-long", 0x0A: "sender-refused", 0x0B: "unknown-subscriber", 0x0E: "token-refused", 0x0F: "token-refused",
    0x33: "unknown-subscriber", 0x45: "refused-by-provider", 0x48: "sender-refused", 0x50: "unknown-subscriber",
    0x53: "sender-refused", 0x58: "too-fast", 0x14: "provider-busy", 0x08: "provider-busy", 0x64: "provider-busy",
    0x04: "provider-unreachable",
}  # fmt: skip


def packets(made: Segments, source: str, destination: str, reference: int, settings: Settings) -> list[ShortMessage]:
    """The packets of one text, in order. Raises senders.InvalidSender for an address that is none."""
    from_, to = senders.on_the_wire(source), senders.on_the_wire(destination)
    coding = settings.coding()
    if len(made.parts) == 1 or settings.long_messages == "payload":
        data_coding, octets = encode(made.text, made.alphabet, coding)
        if len(octets) <= MOST_SHORT and len(made.parts) == 1:
            return [ShortMessage(from_, to, octets, data_coding, receipt=settings.receipts)]
        options = {parts.PAYLOAD: octets}
        return [ShortMessage(from_, to, b"", data_coding, receipt=settings.receipts, options=options)]
    found = []
    for number, text in enumerate(made.parts, 1):
        data_coding, octets = encode(text, made.alphabet, coding)
        place = parts.Place(reference & 0xFF, len(made.parts), number)
        if settings.long_messages == "header":
            octets, esm_class, options = parts.header(place) + octets, parts.UDHI, {}
        else:
            esm_class, options = 0, parts.options(place)
        found.append(ShortMessage(from_, to, octets, data_coding, esm_class, settings.receipts, options=options))
    return found


def verdict(status: int) -> tuple[Verdict, str]:
    """What the answer to a submit_sm means, and its code in words."""
    if status == OK:
        return "taken", ""
    return "later" if status in _LATER else "never", _WORDS.get(status, "refused-by-provider")
