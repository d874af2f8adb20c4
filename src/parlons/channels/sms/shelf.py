"""What a carrier hands in, made into events: parts wait for one another, and what comes twice is taken once. Pure.

A deliver_sm has no identity of its own, and a centre hands in again what it believes we have not answered. So each message
gets an id of its octets, a count and an epoch, and what was taken in the last minute is remembered with the position that is
committed together with it. After a new bind, the same octets are taken for a repetition once each, for ten minutes; the same
words on one living connection are two messages. Parts that stay alone are shown after a quarter of an hour as they are.
"""

import base64
import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any, Self

from parlons.channels.model import Event, Incoming, Json, Receipt, Sender, Unknown
from parlons.channels.sms import parts, receipts, senders
from parlons.channels.sms.coding import decode
from parlons.channels.sms.pdu import ShortMessage
from parlons.channels.sms.settings import Settings

REMEMBERED = 60_000
REPEATED_WITHIN = 600_000
PARTS_WAIT = 900_000
MOST_TAKEN = 200
"""Milliseconds, and how many of an epoch are counted."""


@dataclass(frozen=True, slots=True)
class Held:
    """Parts of a long message that is not whole yet."""

    since: int
    total: int
    sender: str
    to: str
    pieces: dict[int, tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is remembered between two messages; a value, so that a batch that was not committed leaves no trace."""

    epoch: int = 0
    taken: tuple[tuple[str, int, int], ...] = ()
    """Digest, when, epoch."""
    held: dict[str, Held] = field(default_factory=dict)
    ghosts: tuple[str, ...] = ()
    """Digests that may come again, since this bind."""
    ghosts_until: int = 0

    @classmethod
    def read(cls, position: Json, now: int) -> Self:
        """As it was committed last, at the beginning of a bind."""
        taken = tuple((str(digest), int(at), int(epoch)) for digest, at, epoch in position.get("taken", []))
        newest = max((at for _, at, _ in taken), default=0)
        ghosts = tuple(digest for digest, at, _ in taken if at > newest - REMEMBERED)
        held = {key: _held(value) for key, value in position.get("parts", {}).items()}
        return cls(int(position.get("epoch", 0)), taken, held, ghosts, now + REPEATED_WITHIN)

    def written(self) -> Json:
        """For the position."""
        held = {
            key: {
                "since": one.since,
                "total": one.total,
                "from": one.sender,
                "to": one.to,
                "have": {str(n): [coding, base64.b64encode(raw).decode()] for n, (coding, raw) in one.pieces.items()},
            }
            for key, one in self.held.items()
        }
        return {"epoch": self.epoch, "taken": [list(each) for each in self.taken], "parts": held}

    def full(self, now: int) -> bool:
        """Whether a new epoch is due: nothing of this one can come again, or it has become long."""
        mine = [at for _, at, epoch in self.taken if epoch == self.epoch]
        return len(mine) >= MOST_TAKEN or bool(mine and max(mine) < now - REPEATED_WITHIN and now > self.ghosts_until)

    def renewed(self, now: int) -> "Shelf":
        """A new epoch; to be committed before it is used."""
        young = tuple(each for each in self.taken if each[1] > now - REMEMBERED)[-MOST_TAKEN:]
        return replace(self, epoch=self.epoch + 1, taken=young)


def arrive(shelf: Shelf, message: ShortMessage, settings: Settings, now: int) -> tuple[Shelf, list[Event]]:
    """The shelf after this message, and what it says. A receipt changes nothing on the shelf."""
    octets, place = message.octets or message.options.get(parts.PAYLOAD, b""), None
    if message.esm_class & parts.UDHI:
        place, octets = parts.opened(octets)
    if receipts.is_receipt(message.esm_class):
        return shelf, _receipt(message, octets, settings)
    place = place or parts.by_options(message.options)
    sender = senders.from_the_wire(message.source.digits, message.source.ton, country_code=settings.country_code)
    to = senders.from_the_wire(message.destination.digits, message.destination.ton, country_code=settings.country_code)
    digest = _digest(message, octets, place)
    if digest in shelf.ghosts and now < shelf.ghosts_until:
        ghosts = list(shelf.ghosts)
        ghosts.remove(digest)
        return replace(shelf, ghosts=tuple(ghosts)), []
    count = Counter((each, epoch) for each, _, epoch in shelf.taken)[digest, shelf.epoch]
    shelf = replace(shelf, taken=(*shelf.taken, (digest, now, shelf.epoch)))
    own_id = f"{shelf.epoch}.{digest}.{count}"
    if place is None:
        return shelf, [_incoming(own_id, sender, to, decode(octets, message.data_coding, settings.coding()))]
    key = f"{sender} {to} {place.reference} {place.total}"
    held = shelf.held.get(key) or Held(now, place.total, sender, to, {})
    held = replace(held, pieces={**held.pieces, place.number: (message.data_coding, octets)})
    others = {other: value for other, value in shelf.held.items() if other != key}
    if len(held.pieces) < held.total:
        return replace(shelf, held={**others, key: held}), []
    text = parts.joined(held.total, held.pieces, settings.coding())
    return replace(shelf, held=others), [_incoming(own_id, sender, to, text, parts_=held.total)]


def overdue(shelf: Shelf, settings: Settings, now: int) -> tuple[Shelf, list[Event]]:
    """Long messages whose other parts have not come for too long, as far as they are there."""
    late = {key: held for key, held in shelf.held.items() if held.since <= now - PARTS_WAIT}
    if not late:
        return shelf, []
    events: list[Event] = [
        _incoming(
            f"part.{shelf.epoch}.{hashlib.sha256(f'{key} {held.since}'.encode()).hexdigest()[:20]}",
            held.sender,
            held.to,
            parts.joined(held.total, held.pieces, settings.coding()),
            parts_=held.total,
        )
        for key, held in late.items()
    ]
    return replace(shelf, held={key: held for key, held in shelf.held.items() if key not in late}), events


def sender_of(address: str) -> Sender:
    """Who wrote. A number is vouched for by the network; a name or a short code is known as such."""
    try:
        number = senders.kind_of(address) == "number"
    except senders.InvalidSender:
        number = False
    return Sender(address, "phone", address, True) if number else Sender(address, "external", f"sms:{address}", True)


def _incoming(own_id: str, sender: str, to: str, text: str | None, *, parts_: int = 1) -> Incoming:
    data: dict[str, Any] = {"parts": parts_} if parts_ > 1 else {}
    if text is None:
        return Incoming(own_id, sender_of(sender), kind="binary", to=to, data=data)
    return Incoming(own_id, sender_of(sender), text=text.replace("\x00", ""), to=to, data=data)


def _receipt(message: ShortMessage, octets: bytes, settings: Settings) -> list[Event]:
    text = decode(octets, message.data_coding, settings.coding()) or ""
    found = receipts.read(text, message.options)
    if found is None:
        return [Unknown(hashlib.sha256(octets).hexdigest()[:32], "receipt")]
    if found.state is None:
        return []
    failed = found.state == "failed"
    code, reason = (receipts.failure(found.code), found.code) if failed else ("", "")
    return [Receipt(receipts.known_id(found.message_id, settings.receipt_ids), found.state, code, reason)]


def _digest(message: ShortMessage, octets: bytes, place: parts.Place | None) -> str:
    fields = (message.source, message.destination, message.esm_class, message.data_coding, place)
    return hashlib.sha256(repr(fields).encode() + b"\n" + octets).hexdigest()[:20]


def _held(value: Json) -> Held:
    have = {int(n): (int(coding), base64.b64decode(raw)) for n, (coding, raw) in value["have"].items()}
    return Held(int(value["since"]), int(value["total"]), str(value["from"]), str(value["to"]), have)
